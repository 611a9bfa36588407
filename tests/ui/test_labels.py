"""My labels on a real study: spans, sides, notes, marks, holding a key; all can be undone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.core.semiology import Laterality, Presence, Span
from app.core.study.sequence import order_by_onset, sequence_text
from app.ui.session.feature_order import Order
from app.ui.session.session import Session
from app.ui.views.checklist import ChecklistView
from app.ui.views.checklist_model import IN_ORDER, WITHOUT_ONSET
from app.ui.views.timeline import TimelineView
from tests.ui.session_cases import QuickReader, opened, player_of, quick, recording_path

__all__ = ["quick", "recording_path"]


@pytest.fixture
def session(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> Any:
    with opened(qtbot, recording_path) as session:
        session.selection.select("tonic")
        yield session


def evidence(session: Session) -> tuple[Span, ...]:
    return session.answers.mine.answer("tonic").evidence


def test_a_span_is_snapped_to_frames_moved_and_removed_and_undone(session: Session) -> None:
    assert session.opened.recording is not None
    assert session.opened.recording.video is not None
    times = session.opened.recording.video.times.tolist()
    session.labels.add_span("tonic", Span(0.213, 0.607))
    (span,) = evidence(session)
    assert span.start in times
    assert span.end in times
    assert session.answers.mine.answer("tonic").presence is Presence.YES
    assert session.labels.chosen == span
    session.labels.move_span("tonic", span, Span(1.0, 1.4))
    (moved,) = evidence(session)
    assert moved.start == pytest.approx(1.0, abs=0.03)
    session.labels.delete()
    assert evidence(session) == ()
    assert session.answers.mine.answer("tonic").presence is Presence.YES
    for expected in ((moved,), (span,), ()):
        session.undoing.undo()
        assert evidence(session) == expected
    session.undoing.redo()
    assert evidence(session) == (span,)


def test_delete_clears_the_answer_when_no_span_is_chosen(session: Session) -> None:
    session.answers.answer("tonic", Presence.NO)
    session.labels.delete()
    assert session.answers.mine.answer("tonic").presence is None


def test_clearing_an_answer_leaves_no_side_or_confidence(session: Session) -> None:
    session.labels.set_side(Laterality.LEFT)
    session.labels.set_confidence(70)
    assert session.answers.mine.answer("tonic").presence is Presence.YES
    session.answers.answer("tonic", None)
    assert session.answers.mine.answer("tonic").laterality is None
    assert session.answers.mine.answer("tonic").confidence is None
    session.undoing.undo()
    assert session.answers.mine.answer("tonic").laterality is Laterality.LEFT


def test_the_same_side_again_takes_it_back(session: Session) -> None:
    session.labels.toggle_side(Laterality.RIGHT)
    assert session.answers.mine.answer("tonic").laterality is Laterality.RIGHT
    session.labels.toggle_side(Laterality.RIGHT)
    assert session.answers.mine.answer("tonic").laterality is None


def test_a_note_is_kept_beside_the_answer(session: Session) -> None:
    session.labels.set_note("tonic", "left arm, then both")
    assert session.answers.my_reading.note("tonic") == "left arm, then both"
    session.undoing.undo()
    assert session.answers.my_reading.note("tonic") == ""


def test_onset_and_end_are_marked_moved_and_removed(session: Session) -> None:
    session.labels.marks.set("onset", 0.41)
    session.labels.marks.set("end", 1.6)
    assert session.answers.my_reading.moment("onset") == pytest.approx(0.41, abs=0.03)
    session.labels.marks.set("onset", 0.8)
    assert session.answers.my_reading.moment("onset") == pytest.approx(0.8, abs=0.03)
    session.labels.marks.set("onset", None)
    assert session.answers.my_reading.moment("onset") is None
    session.undoing.undo()
    assert session.answers.my_reading.moment("onset") == pytest.approx(0.8, abs=0.03)
    assert session.answers.my_reading.moment("end") == pytest.approx(1.6, abs=0.03)


def test_phases_are_named_moved_stepped_through_and_removed(session: Session) -> None:
    marks = session.labels.marks
    marks.set("onset", 0.2)
    marks.add_phase(0.4, "tonic")
    marks.add_phase(1.2, "clonic")
    assert [(one.label, round(one.seconds, 1)) for one in session.answers.my_reading.marks[1:]] == [
        ("tonic", 0.4),
        ("clonic", 1.2),
    ]
    session.playback.seek(0.0)
    marks.step(1)
    assert marks.chosen is not None
    assert marks.chosen.kind == "onset"
    marks.step(1)
    assert session.playback.cursor == pytest.approx(0.4)
    phase = marks.at_cursor("phase")
    assert phase is not None
    marks.name(phase, "stiff")
    session.playback.seek(0.8)
    marks.move_here()
    assert [(one.label, round(one.seconds, 1)) for one in session.answers.my_reading.marks[1:]] == [
        ("stiff", 0.8),
        ("clonic", 1.2),
    ]
    session.labels.delete()
    assert [one.label for one in session.answers.my_reading.marks] == ["", "clonic"]
    session.undoing.undo()
    session.undoing.undo()
    assert [(one.label, round(one.seconds, 1)) for one in session.answers.my_reading.marks[1:]] == [
        ("stiff", 0.4),
        ("clonic", 1.2),
    ]
    session.playback.seek(1.2)
    marks.remove_here()
    assert [one.label for one in session.answers.my_reading.marks] == ["", "stiff"]
    marks.step(1)
    assert "no mark after" in session.status.line


def test_a_chosen_mark_is_let_go_with_the_next_feature(session: Session) -> None:
    session.labels.marks.add_phase(0.4, "tonic")
    session.selection.select("clonic")
    session.answers.answer("clonic", Presence.YES)
    session.labels.delete()
    assert session.answers.mine.answer("clonic").presence is None
    assert len(session.answers.my_reading.marks) == 1


def test_holding_marks_while_it_happens_less_the_reaction(session: Session) -> None:
    session.labels.set_reaction(0.4)
    session.playback.seek(0.8)
    session.labels.hold()
    session.playback.seek(1.2)
    session.labels.hold()
    player_of(session).position_changed.emit(1.6)
    session.labels.let_go()
    (span,) = evidence(session)
    assert span.start == pytest.approx(0.4, abs=0.03)
    assert span.end == pytest.approx(1.2, abs=0.03)


def test_a_key_that_is_only_touched_marks_nothing(session: Session) -> None:
    session.playback.seek(1.0)
    session.labels.hold()
    session.labels.let_go()
    assert evidence(session) == ()
    assert session.labels.holding is None


def test_the_order_of_onset_leads_the_list(session: Session) -> None:
    session.labels.add_span("tonic", Span(0.9, 1.2))
    session.labels.add_span("head_turning", Span(0.1, 0.3))
    session.order.set_order(Order.ONSET)
    # The reader's clonic begins at 0.2 s.
    assert session.order.listed[:3] == ("head_turning", "clonic", "tonic")
    assert len(session.order.listed) == 20
    session.selection.select("head_turning")
    session.order.step(1)
    assert session.selection.feature == "clonic"


def test_the_sequence_tells_when_after_the_onset_and_on_which_side(session: Session) -> None:
    session.labels.add_span("tonic", Span(0.92, 1.2))
    session.labels.set_side(Laterality.LEFT)
    assert _sequence(session) == "00:00.2\tClonic\n00:00.9\tTonic\tleft"
    session.labels.marks.set("onset", 0.52)
    assert _sequence(session) == "−0.3 s\tClonic\n+0.4 s\tTonic\tleft"


def _sequence(session: Session) -> str:
    return sequence_text(session.answers.in_view, session.answers.my_reading.moment("onset"))


def test_the_timeline_can_list_only_what_was_seen_in_the_same_order(qtbot: QtBot, session: Session) -> None:
    view = TimelineView(session)
    qtbot.addWidget(view)
    view.resize(700, 300)
    view.show()
    session.order.set_only_evidence(True)
    assert [row.feature for row in view._rows] == ["clonic", "tonic"]
    session.selection.select("clonic")
    assert [row.feature for row in view._rows] == ["clonic"]
    session.labels.add_span("head_turning", Span(0.1, 0.3))
    session.order.set_order(Order.ONSET)
    assert [row.feature for row in view._rows] == ["head_turning", "clonic"]
    session.undoing.undo()
    session.selection.select("clonic")
    session.order.set_only_evidence(False)
    assert len(view._rows) == 20
    assert view._rows[0].feature == "clonic"


def test_next_unanswered_goes_round_and_says_when_all_is_done(session: Session) -> None:
    for feature in session.order.listed:
        if feature != "tonic":
            session.answers.answer(feature, Presence.NO)
    session.selection.select("clonic")
    session.order.next_unanswered()
    assert session.selection.feature == "tonic"
    session.answers.answer("tonic", Presence.NO)
    session.order.next_unanswered()
    assert "answered" in session.status.line


def test_next_disagreement_goes_to_the_evidence(session: Session) -> None:
    session.answers.answer("clonic", Presence.NO)
    session.order.next_disagreement()
    assert session.selection.feature == "clonic"
    assert session.playback.cursor == pytest.approx(0.2)
    assert "clonic" in session.consensus.compared.differing
    assert order_by_onset(session.answers.others) == (("clonic", 0.2),)


def test_the_checklist_lists_in_order_of_onset(qtbot: QtBot, session: Session) -> None:
    view = ChecklistView(session)
    qtbot.addWidget(view)
    view.resize(520, 700)
    view.show()
    session.labels.add_span("tonic", Span(0.05, 0.15))
    session.order.set_order(Order.ONSET)
    model = view.model()
    words = [model.index(row, 0).data() for row in range(4)]
    assert words == [IN_ORDER, "Tonic", "Clonic", WITHOUT_ONSET]
    assert model.rowCount() == 22
    assert view.currentIndex().row() == 1
    assert all(view.rowHeight(row) > 0 for row in range(22))
    session.order.set_order(Order.CHECKLIST)
    assert model.rowCount() == 23
