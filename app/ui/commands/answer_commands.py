"""The commands that answer: one feature, several at once, and a suggestion that is taken over."""

from __future__ import annotations

from collections.abc import Callable

from app.core.semiology import Presence
from app.ui.commands.command import Command, Menu, rows_of
from app.ui.session.answering import Advance
from app.ui.session.session import Session


def answer_commands(session: Session, advance: Advance) -> tuple[Command, ...]:
    """Answers, evidence, moving through the list, and undo."""
    return (
        *_one(session, advance),
        *_several(session, advance),
        *_evidence(session),
        *_moving(session),
        *_undoing(session),
    )


def _one(session: Session, advance: Advance) -> tuple[Command, ...]:
    row, answering = rows_of(Menu.CHECKLIST), session.answering

    def answer(presence: Presence, *, go_on: bool = False) -> Callable[[], None]:
        return lambda: answering.answer(presence, advance if go_on else None)

    yes, no, unable = Presence.YES, Presence.NO, Presence.NOT_ASSESSABLE
    going = "N and U go on to the next feature. Yes stays for side, span and note; Y again goes on."
    return (
        row("yes", "Yes", ("Y",), "The selected feature is present.", answer(yes, go_on=True), once=True),
        row("no", "No", ("N",), "The selected feature is not present.", answer(no, go_on=True), once=True),
        row(
            "unable",
            "Not assessable",
            ("U",),
            "It cannot be judged here.",
            answer(unable, go_on=True),
            once=True,
        ),
        row(
            "clear",
            "Clear the answer or span",
            ("Backspace", "Del"),
            "Remove the selected span, or else the answer.",
            session.labels.delete,
            once=True,
        ),
        row(
            "yes_stay",
            "Yes, and stay",
            ("Shift+Y",),
            "Yes, without going on.",
            answer(yes),
            parted=True,
            once=True,
        ),
        row("no_stay", "No, and stay", ("Shift+N",), "No, without going on.", answer(no), once=True),
        row(
            "unable_stay",
            "Not assessable, and stay",
            ("Shift+U",),
            "Not assessable, without going on.",
            answer(unable),
            once=True,
        ),
        Command(
            "advance",
            Menu.CHECKLIST,
            "Advance after answering",
            (),
            going,
            advance.toggle,
            lambda: advance.on,
        ),
    )


def _several(session: Session, advance: Advance) -> tuple[Command, ...]:
    row, answering = rows_of(Menu.CHECKLIST), session.answering
    return (
        row(
            "accept",
            "Accept this suggestion",
            ("Shift+A",),
            "Answer the selected feature as the shown reader does, with evidence and side.",
            lambda: answering.accept(advance),
            parted=True,
            once=True,
        ),
        row(
            "rest_no",
            "The rest is no",
            ("Ctrl+Shift+N",),
            "Answer every unanswered feature with no; one undo takes all of them back.",
            answering.rest_no,
            once=True,
        ),
        row(
            "rest_as_signal",
            "The rest as the signal reader says",
            ("Ctrl+Shift+Y",),
            "Answer every unanswered feature as the signal reader does; not while its answers are sealed.",
            answering.rest_as_signal_reader,
            once=True,
        ),
        row(
            "last_seizure",
            "Suggest this patient's last seizure",
            (),
            "Show your answers of this patient's seizure before, without times; accept them one by one.",
            answering.suggest_last_seizure,
        ),
    )


def _evidence(session: Session) -> tuple[Command, ...]:
    row, labels = rows_of(Menu.CHECKLIST), session.labels
    return (
        row(
            "mark_start",
            "Evidence begins",
            ("I",),
            "The evidence begins at the cursor.",
            labels.begin_evidence,
            parted=True,
            once=True,
        ),
        row(
            "mark_end",
            "Evidence ends",
            ("O",),
            "The evidence ends at the cursor and is saved.",
            labels.end_evidence,
            once=True,
        ),
    )


def _moving(session: Session) -> tuple[Command, ...]:
    def row(id_: str, name: str, key: str, what: str, steps: int) -> Command:
        slot = lambda: session.order.step(steps)  # noqa: E731 - a row is data
        return Command(id_, Menu.CHECKLIST, name, (key,), what, slot, parted=steps < 0)

    return (
        row("up", "Previous feature", "Up", "Select the previous feature in the list.", -1),
        row("down", "Next feature", "Down", "Select the next feature in the list.", 1),
    )


def _undoing(session: Session) -> tuple[Command, ...]:
    row = rows_of(Menu.EDIT)
    return (
        row("undo", "Undo", ("Ctrl+Z",), "Undo the last change.", session.undoing.undo),
        row("redo", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "Redo what was undone.", session.undoing.redo),
    )
