"""Every command for the person's labels besides the plain answers."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QGuiApplication

from app.core.semiology import Laterality
from app.core.study.sequence import sequence_text
from app.ui.commands.command import Command, Menu, rows_of
from app.ui.commands.hold_key import HoldKey
from app.ui.commands.key_watch import KeyWatch
from app.ui.session.feature_order import Order
from app.ui.session.session import Session


def label_commands(session: Session, keys: KeyWatch) -> tuple[Command, ...]:
    """Spans, sides, marks, order, and where to go next."""
    return (*_spans(session, keys), *_sides(session), *_marks(session), *_sequence(session), *_going(session))


def _spans(session: Session, keys: KeyWatch) -> tuple[Command, ...]:
    row = rows_of(Menu.CHECKLIST)
    labels = session.labels
    hold = HoldKey(labels, keys, session)
    return (
        row(
            "hold",
            "Mark evidence while the key is held",
            ("H",),
            "Hold the key while the selected feature is visible.",
            hold.begin,
            parted=True,
        ),
        row(
            "draw_spans",
            "Draw evidence in the timeline",
            ("D",),
            "Dragging in the timeline draws evidence; Ctrl+drag always does.",
            lambda: labels.set_drawing(not labels.drawing),
            checked=lambda: labels.drawing,
        ),
    )


def _sides(session: Session) -> tuple[Command, ...]:
    row = rows_of(Menu.CHECKLIST)

    def side(which: Laterality) -> Callable[[], None]:
        return lambda: session.labels.toggle_side(which)

    return (
        row(
            "side_left",
            "Patient's left",
            ("2", "Q"),
            "On the patient's left.",
            side(Laterality.LEFT),
            parted=True,
        ),
        row("side_right", "Patient's right", ("3",), "On the patient's right.", side(Laterality.RIGHT)),
        row("side_both", "Both sides", ("4",), "On both sides.", side(Laterality.BOTH)),
        row(
            "how_sure",
            "Confidence",
            ("Shift+C",),
            "Type your confidence in the selected answer, 0–100; Return saves it.",
            lambda: session.requests.field.emit("confidence"),
        ),
        row(
            "note",
            "Note",
            ("Ctrl+N",),
            "Write a note on the selected feature; Return and Escape save it, Undo takes it back.",
            lambda: session.requests.field.emit("note"),
        ),
        row(
            "further_readers",
            "Further readers…",
            (),
            "Choose which reader is brought into the checklist's narrow columns.",
            session.requests.further_readers.emit,
        ),
    )


def _marks(session: Session) -> tuple[Command, ...]:
    row = rows_of(Menu.SEIZURE)
    marks = session.labels.marks

    def mark(kind: str) -> Callable[[], None]:
        # The same place again takes the mark away.
        return lambda: marks.set(kind, None if marks.at_cursor(kind) is not None else session.playback.cursor)

    return (
        row(
            "onset",
            "Seizure begins here",
            ("Shift+I",),
            "Mark the onset; again at the same place removes it.",
            mark("onset"),
        ),
        row("seizure_end", "Seizure ends here", ("Shift+O",), "Mark the end.", mark("end")),
        row(
            "to_onset",
            "Go to the seizure's onset",
            ("Shift+Home",),
            "Go to the marked onset.",
            lambda: _go(session, "onset"),
            parted=True,
        ),
        row(
            "mark_before",
            "Previous mark",
            ("Shift+PgUp",),
            "To the previous mark: onset, end or phase.",
            lambda: marks.step(-1),
        ),
        row("mark_next", "Next mark", ("Shift+PgDown",), "To the next mark.", lambda: marks.step(1)),
        row(
            "move_mark",
            "Move the mark here",
            ("Alt+M",),
            "Move the selected mark to the cursor.",
            marks.move_here,
        ),
        row(
            "remove_mark",
            "Remove the mark",
            ("Shift+Del",),
            "Remove the selected mark, or else the one at the cursor.",
            marks.remove_here,
        ),
    )


def _go(session: Session, kind: str) -> None:
    moment = session.answers.my_reading.moment(kind)
    if moment is None:
        session.status.say("the seizure's onset is not marked; Shift+I marks it")
    else:
        session.playback.seek(moment)


def _going(session: Session) -> tuple[Command, ...]:
    row = rows_of(Menu.CHECKLIST)
    order = session.order
    return (
        row(
            "unanswered",
            "Next unanswered",
            ("Ctrl+U",),
            "Select the next feature without an answer.",
            order.next_unanswered,
            parted=True,
        ),
        row(
            "disagreement",
            "Next disagreement",
            ("Ctrl+D",),
            "Select the next feature on which you and a reader differ.",
            order.next_disagreement,
        ),
        row(
            "unanswered_in_study",
            "Next unanswered in the study",
            ("Ctrl+Alt+U",),
            "The next feature without your answer, in this recording or another.",
            session.worklist.to_unanswered,
        ),
        row(
            "disagreement_in_study",
            "Next disagreement in the study",
            ("Ctrl+Alt+D",),
            "The next feature on which readers differ and that is not decided.",
            session.worklist.to_disagreement,
        ),
    )


def _sequence(session: Session) -> tuple[Command, ...]:
    row = rows_of(Menu.SEIZURE)
    order = session.order
    return (
        row(
            "by_onset",
            "In order of onset",
            ("Ctrl+Shift+O",),
            "List the features in the order in which they begin.",
            lambda: order.set_order(Order.CHECKLIST if order.by_onset else Order.ONSET),
            checked=lambda: order.by_onset,
            parted=True,
        ),
        row(
            "copy_sequence",
            "Copy the sequence",
            (),
            "The features in order of onset, with their times and sides, as text.",
            lambda: _copy_sequence(session),
        ),
    )


def _copy_sequence(session: Session) -> None:
    answers = session.answers
    text = sequence_text(answers.in_view, answers.my_reading.moment("onset"))
    if text:
        QGuiApplication.clipboard().setText(text)
        session.status.say(f"copied {len(text.splitlines())} features in order of onset")
    else:
        session.status.say("no feature has an onset yet")
