"""The session: opening, ticking, undoing, late results, what goes wrong."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.core.jobs import Progress
from app.core.picture_box import Box
from app.core.reading import ReaderIdentity, ReaderKind
from app.core.semiology import Presence, Span
from app.ui.session.analysis import CombinedProgress, Stage
from app.ui.session.background import Background
from app.ui.session.recording_analysis import AGAIN
from app.ui.session.session import Session
from app.ui.views.waveform import WaveformView
from tests.media import write_recording
from tests.ui.found_widgets import now
from tests.ui.session_cases import (
    QuickReader,
    at_rest,
    opened,
    opened_name,
    player_of,
    quick,
    recording_path,
    saved,
)

__all__ = ["quick", "recording_path"]


def test_opening_brings_waveform_pose_and_twenty_answers(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    with opened(qtbot, recording_path) as session:
        assert session.opened.recording is not None
        assert session.opened.recording.name == "seizure.mp4"
        assert session.sound_detail.waveform is not None
        assert session.analysis.pose is not None
        assert len(session.answers.others) == 1
        assert len(session.answers.others[0].answers) == 20
        assert session.visible.span == Span(0.0, session.opened.duration)
        assert player_of(session).said("open") == [("seizure.mp4",)]
        assert session.status.message == ""


def test_a_tick_is_there_in_the_next_session(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    with opened(qtbot, recording_path) as session:
        session.answers.answer("clonic", Presence.YES)
        session.answers.answer("tonic", Presence.NOT_ASSESSABLE)
        saved(qtbot, session)
        assert session.status.line.startswith("saved ")
    with opened(qtbot, recording_path) as session:
        assert session.answers.mine.answer("clonic").presence is Presence.YES
        assert session.answers.mine.answer("tonic").presence is Presence.NOT_ASSESSABLE
        assert session.answers.mine.answer("figure4").presence is None


def test_kept_answers_are_shown_without_reading_again(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    with opened(qtbot, recording_path):
        pass
    assert quick.read_count == 1
    with opened(qtbot) as session:
        shown: list[int] = []
        session.opened.recording_changed.connect(lambda: shown.append(len(session.answers.others)))
        session.opening.open(recording_path)
        qtbot.waitUntil(lambda: session.opened.recording is not None)
        assert shown == [1], "the kept answers come with the recording"
        at_rest(qtbot, session)
    assert quick.read_count == 1


def test_analyse_again_reads_again(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> None:
    with opened(qtbot, recording_path) as session:
        session.analysis.start_again()
        at_rest(qtbot, session)
        assert quick.read_count == 2
        assert len(session.answers.others) == 1


def test_undo_and_redo_follow_the_feature(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    with opened(qtbot, recording_path) as session:
        session.answers.answer("clonic", Presence.YES)
        session.answers.answer("clonic", Presence.NO)
        session.selection.select("figure4")
        session.undoing.undo()
        assert session.answers.mine.answer("clonic").presence is Presence.YES
        assert session.selection.feature == "clonic"
        session.undoing.undo()
        assert session.answers.mine.answer("clonic").presence is None
        session.undoing.undo()
        saved(qtbot, session)
        assert session.status.line == "nothing to undo"
        session.undoing.redo()
        assert session.answers.mine.answer("clonic").presence is Presence.YES


def test_the_patients_box_is_kept_and_read_again(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    box = Box(0.25, 0.0, 0.75, 1.0)
    with opened(qtbot, recording_path) as session:
        session.patient.draw(True)
        session.patient.set(box)
        assert not session.patient.drawing
        at_rest(qtbot, session)
        assert quick.patients == [None, box]
    with opened(qtbot, recording_path) as session:
        assert session.patient.box == box


def test_late_results_of_an_earlier_recording_are_dropped(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path, tmp_path: Path
) -> None:
    other = write_recording(tmp_path / "other.mp4", frames=25)
    quick.wait = threading.Event()
    with opened(qtbot) as session:
        session.opening.open(recording_path)
        qtbot.waitUntil(lambda: quick.read_count == 1)
        session.opening.open(other)
        quick.wait.set()
        qtbot.waitUntil(lambda: opened_name(session) == "other.mp4")
        at_rest(qtbot, session)
        assert [reading.recording.name for reading in session.answers.others] == ["other.mp4"]


def test_results_posted_after_the_next_request_are_not_delivered(qtbot: QtBot) -> None:
    session = Session()
    heard: list[Any] = []
    session.analysis.runner.progressed.connect(heard.append)
    session.analysis.runner._background._generation = 2
    session.analysis.runner._background._sent.emit(1, "posted", ("progressed", Progress("late", 0.5)))
    session.analysis.runner._background._sent.emit(2, "posted", ("progressed", Progress("now", 0.5)))
    qtbot.waitUntil(lambda: bool(heard))
    assert [progress.what for progress in heard] == ["now"]
    session.close()


def test_cancel_ends_the_work_and_keeps_what_was_found(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    quick.wait = threading.Event()
    with opened(qtbot) as session:
        session.opening.open(recording_path)
        qtbot.waitUntil(lambda: quick.read_count == 1)
        qtbot.waitUntil(lambda: session.analysis.pose is not None)
        assert session.analysis.work is not None
        session.analysis.cancel()
        at_rest(qtbot, session)
        assert session.answers.others == ()
        assert session.analysis.pose is not None
        assert session.status.message == ""
        assert session.status.line == "stopped"
        quick.wait.set()
        session.analysis.start_again()
        assert session.status.line == AGAIN
        at_rest(qtbot, session)
        assert len(session.answers.others) == 1


def test_closing_joins_the_threads(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> None:
    quick.wait = threading.Event()
    with opened(qtbot) as session:
        session.opening.open(recording_path)
        qtbot.waitUntil(lambda: quick.read_count == 1)
        player = player_of(session)
    assert player.closed
    assert [thread for thread in threading.enumerate() if thread.name.startswith("analysis")] == []


def test_closing_also_ends_what_begins_meanwhile(qtbot: QtBot) -> None:
    with opened(qtbot) as session:
        late = Background("late work", session.worklist)
        session.closing.connect(lambda: late.start(lambda task: task.cancel.wait(60)))
    assert not late.running
    assert [thread for thread in threading.enumerate() if thread.name.startswith("late work")] == []


def test_a_second_window_looks_but_does_not_change(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    with opened(qtbot, recording_path) as first, opened(qtbot, recording_path) as second:
        first.answers.answer("clonic", Presence.YES)
        assert "another window" in second.status.message
        second.answers.answer("clonic", Presence.NO)
        assert second.answers.mine.answer("clonic").presence is not Presence.NO
        assert first.answers.mine.answer("clonic").presence is Presence.YES


def test_time_stays_inside_the_recording(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    with opened(qtbot, recording_path) as session:
        session.playback.seek(99.0)
        assert session.playback.cursor == session.opened.duration
        session.playback.seek(-5.0)
        assert session.playback.cursor == 0.0
        session.visible.set(Span(1.5, 2.5))
        assert session.visible.span.end == session.opened.duration
        assert session.visible.span.duration == pytest.approx(1.0)
        session.playback.set_speed(9)
        assert session.playback.speed == 8.0
        session.playback.set_speed(1.0)
        session.playback.change_speed(-1)
        assert session.playback.speed == 0.75


def test_a_span_is_shown_and_repeated(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> None:
    with opened(qtbot, recording_path) as session:
        span = Span(0.2, 0.6)
        session.loop.show_span(span, repeat=True)
        assert now(session.loop.span) == span
        assert now(session.playback.playing)
        session.loop.show_span(Span(1.0, 1.4))
        assert session.loop.span is None
        assert session.playback.cursor == 1.0
        assert player_of(session).said("set_loop") == [(span,), (None,)]


def test_the_time_panels_turn_the_page_and_leave_alone_who_looks_elsewhere(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    with opened(qtbot, recording_path) as session:
        panel = WaveformView(session)
        qtbot.addWidget(panel)
        session.visible.set(Span(0.0, 0.5))
        session.playback.play()
        player_of(session).position_changed.emit(0.4)
        player_of(session).position_changed.emit(0.6)
        assert session.visible.span.contains(0.6), "the page is turned"
        session.visible.set(Span(1.4, 1.9))
        player_of(session).position_changed.emit(0.7)
        player_of(session).position_changed.emit(0.8)
        assert session.visible.span == Span(1.4, 1.9), "who has panned away is not pulled back"


def test_progress_of_all_stages_only_grows() -> None:
    heard: list[Progress] = []
    stages = (Stage("one", 1.0), Stage("two", 3.0))
    progress = CombinedProgress(stages, heard.append)
    for stage in stages:
        report = progress.of(stage)
        for done in (0.0, 0.5, 1.0, 2.0):
            report(Progress("", done))
    shares = [step.done for step in heard]
    assert shares == sorted(shares)
    assert shares[0] == 0.0
    assert shares[-1] == 1.0
    assert {step.what for step in heard} == {"one", "two"}


def test_my_own_evidence_is_marked_at_the_cursor(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    with opened(qtbot, recording_path) as session:
        session.selection.select("tonic")
        session.labels.end_evidence()
        assert session.answers.mine.answers == {}, "an end without a beginning is nothing"
        session.playback.seek(1.2)
        session.labels.begin_evidence()
        assert now(session.selection.evidence_start) == 1.2
        session.playback.seek(0.4)
        session.labels.end_evidence()
        answer = session.answers.mine.answer("tonic")
        assert answer.evidence == (Span(0.4, 1.2),)
        assert answer.presence is Presence.YES
        session.labels.begin_evidence()
        session.selection.select("clonic")
        assert session.selection.evidence_start is None
        session.answers.answer("tonic", None)
        assert session.answers.mine.answer("tonic").evidence == ()
        session.undoing.undo()
        assert session.answers.mine.answer("tonic").evidence == (Span(0.4, 1.2),)


def test_saved_speaks_of_what_the_person_did(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    with opened(qtbot, recording_path) as session:
        assert session.status.line == ""
        session.answers.answer("clonic", Presence.YES)
        assert session.status.line == "saving…"
        saved(qtbot, session)
        assert session.status.line.startswith("saved ")


def test_an_earlier_version_of_a_reader_is_not_shown_beside_the_present_one(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(qtbot, recording_path):
        pass
    newer = ReaderIdentity(ReaderKind.SIGNAL, "signal", "2")
    monkeypatch.setattr(QuickReader, "identity", newer)
    with opened(qtbot, recording_path) as session:
        assert quick.read_count == 2
        assert [reading.reader.version for reading in session.answers.others] == ["2"]


def test_the_demonstration_is_rendered_and_opened(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rendered(*, report: Any, cancel: Any) -> Path:
        report(Progress("Drawing the phantom", 0.5, 3.0))
        return recording_path

    monkeypatch.setattr("app.core.phantom.demonstration_file.demonstration_recording", rendered)
    with opened(qtbot) as session:
        session.opening.open_demonstration()
        session.status.show_message("The program ended unexpectedly last time.")
        qtbot.waitUntil(lambda: session.opened.recording is not None)
        at_rest(qtbot, session)
        assert session.opened.recording is not None
        assert session.opened.recording.path == recording_path
