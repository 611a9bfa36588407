"""The study looked after in the background: copied, read again when others change it, restored."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.core.errors import UserError
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity
from app.core.recording.probe import open_recording
from app.core.semiology import FEATURES, Answer, Presence, Span
from app.core.study.backup import backups
from app.core.study.edits import ChangeSpans, SetAnswer
from app.core.study.store import Study
from app.core.study.study_news import CHANGED_ELSEWHERE
from app.ui.session import safekeeping, study_errors
from app.ui.session.session import Session
from tests.media import write_recording
from tests.ui.copies_cases import dialog_of, folder_of, quick, recording_path, session, taken_up
from tests.ui.found_widgets import now
from tests.ui.session_cases import QuickReader, opened, saved

__all__ = ["quick", "recording_path", "session"]


# the daily copy


def test_the_daily_copy_is_made_beside_the_window_once(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = []
    former = Study.back_up_if_due

    def watched(study: Study) -> Path | None:
        threads.append(threading.current_thread())
        return former(study)

    monkeypatch.setattr(Study, "back_up_if_due", watched)
    for _ in range(2):
        session.safekeeping.copy()
        qtbot.waitUntil(lambda: not session.safekeeping._copying.running)
    assert len(threads) >= 2  # on a busy computer that of opening comes as well
    assert threading.main_thread() not in threads
    assert [one.what for one in backups(folder_of(session))] == ["day"]
    assert session.status.message == ""


def test_opening_makes_it_by_itself(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(safekeeping, "FIRST_COPY_AFTER", 10)
    with opened(qtbot, recording_path) as session:
        qtbot.waitUntil(lambda: len(backups(folder_of(session))) == 1)


def test_a_copy_that_cannot_be_made_is_told(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        session.safekeeping.copy()
        qtbot.waitUntil(lambda: session.status.message != "")
    assert (
        session.status.message
        == "Today's copy of the study was not made because of this: no space left on device."
    )
    session.answers.answer("tonic", Presence.YES)
    assert session.answers.mine.answer("tonic").presence is Presence.YES


# changed elsewhere


def test_a_second_window_shows_what_the_first_one_writes(
    qtbot: QtBot, session: Session, recording_path: Path
) -> None:
    with opened(qtbot, recording_path) as second:
        assert second.study.read_only
        session.answers.answer("tonic", Presence.YES)
        session.labels.add_span("tonic", Span(0.4, 0.8))
        qtbot.waitUntil(lambda: second.answers.mine.answer("tonic").evidence != ())
        assert second.answers.mine.answer("tonic") == session.answers.mine.answer("tonic")
        assert second.status.line == CHANGED_ELSEWHERE


def test_answers_of_a_program_are_said_to_have_arrived(qtbot: QtBot, session: Session) -> None:
    session.readers.read_blind(False)
    saved(qtbot, session)
    session.status.say("")
    signal = ReaderIdentity(ReaderKind.SIGNAL, "semioscope rules", "7")
    answers = {one.id: Answer(one.id, Presence.NO) for one in FEATURES}
    of_this = Reading(RecordingIdentity("seizure.mp4", "", 1.0), signal, answers)
    with Study.open(folder_of(session), author="program", shared=True) as beside:
        beside.keep_reading(1, of_this)
    session.safekeeping.ask()
    qtbot.waitUntil(lambda: any(one.reader == signal for one in session.study.content.others))
    assert session.status.line == "the answers of the signal reader arrived"


def test_what_is_written_about_another_recording_alarms_nobody(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    saved(qtbot, session)
    session.status.say("")
    read: list[object] = []
    session.study.reread.connect(lambda: read.append(None))
    other = open_recording(write_recording(tmp_path / "second.mp4", frames=20))
    with Study.open(folder_of(session), author="program", shared=True) as beside:
        beside.recording(other)
    session.safekeeping.ask()
    qtbot.waitUntil(lambda: bool(read))
    assert session.status.line == ""


def test_nothing_is_read_again_for_what_was_changed_here(qtbot: QtBot, session: Session) -> None:
    session.answers.answer("tonic", Presence.YES)
    session.labels.add_span("tonic", Span(0.4, 0.8))
    saved(qtbot, session)
    read: list[object] = []
    session.study.reread.connect(lambda: read.append(None))
    session.study.content_changed.connect(lambda *contents: read.append(contents))
    session.safekeeping.ask()
    saved(qtbot, session)
    assert read == []


def test_labels_go_on_over_what_another_program_has_changed(qtbot: QtBot, session: Session) -> None:
    session.labels.add_span("tonic", Span(0.4, 0.6))
    saved(qtbot, session)
    me = session.answers.mine.reader
    (span,) = session.answers.mine.answer("tonic").evidence
    with Study.open(folder_of(session), author="program", shared=True) as beside:
        beside.apply(ChangeSpans(1, me, "tonic", (), (Span(1.2, 1.4),)))
    session.labels.move_span("tonic", span, Span(0.44, 0.64))
    session.safekeeping.ask()
    saved(qtbot, session)
    assert len(session.answers.mine.answer("tonic").evidence) == 2, "both are shown"
    with Study.open(folder_of(session), author="program", shared=True) as beside:
        assert beside.reading(1, me, viewer=None).answer("tonic") == session.answers.mine.answer("tonic")
        beside.apply(ChangeSpans(1, me, "tonic", session.answers.mine.answer("tonic").evidence, ()))
    session.labels.move_span("tonic", session.answers.mine.answer("tonic").evidence[0], Span(1.0, 1.1))
    saved(qtbot, session)
    assert "changed meanwhile" in session.status.message
    assert session.answers.mine.answer("tonic").evidence == (), "what is shown is what is on disk"


def test_a_study_that_cannot_be_read_is_told_once(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []

    def lost(_study: Study, **_how: bool) -> int:
        raise UserError("The study cannot be read because the disk or share that holds the study failed.")

    session.status.message_changed.connect(lambda: told.append(session.status.message))
    monkeypatch.setattr(Study, "others_changes", lost)
    for _ in range(3):
        session.safekeeping.ask()
        saved(qtbot, session)
    assert len(told) == 1


def test_a_study_that_does_not_answer_keeps_nobody_waiting(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A share whose server is gone answers no question, and raises no error either."""
    answering, asked = threading.Event(), threading.Event()
    former = Study.others_changes

    def silent(study: Study, *, wait: bool = True) -> int | None:
        asked.set()
        assert answering.wait(60)
        return former(study, wait=wait)

    with Study.open(folder_of(session), author="program", shared=True) as beside:
        beside.apply(SetAnswer(1, session.answers.mine.reader, Answer("tonic"), Answer("tonic", Presence.NO)))
    monkeypatch.setattr(Study, "others_changes", silent)
    session.safekeeping.ask()
    qtbot.waitUntil(asked.is_set)
    session.safekeeping.ask()
    session.selection.select("clonic")
    session.playback.seek(0.5)
    assert session.answers.mine.answer("tonic").presence is None
    answering.set()
    qtbot.waitUntil(lambda: session.answers.mine.answer("tonic").presence is Presence.NO)


# back to a copy


# damaged


def damaged_folder(qtbot: QtBot, recording: Path) -> Path:
    """The study of the recording: answered, copied, and then cut in two."""
    with opened(qtbot, recording) as session:
        session.readers.read_blind(False)
        session.answers.answer("tonic", Presence.YES)
        folder = folder_of(session)
    assert [one.what for one in backups(folder)] == ["close"]
    path = folder / "study.sqlite"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return folder


def accept_offer(session: Session) -> None:
    """Press the button over the picture, which takes the offer away first."""
    offer = session.status.offer
    assert offer is not None
    session.status.make_offer(None)
    offer.accept()


def test_a_damaged_study_is_said_and_restored_from_what_the_window_offers(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    folder = damaged_folder(qtbot, recording_path)
    before = (folder / "study.sqlite").read_bytes()
    with opened(qtbot, recording_path) as session:
        assert "its study.sqlite is damaged; a copy of the study can be restored" in session.status.message
        offer = now(session.status.offer)
        assert offer is not None
        assert offer.label == study_errors.RESTORE
        session.answers.answer("tonic", Presence.NO)
        assert (folder / "study.sqlite").read_bytes() == before
        with qtbot.waitSignal(session.requests.copies):
            accept_offer(session)
        assert now(session.status.offer) is not None, "it stays until the study can be read"
        dialog = dialog_of(qtbot, session)
        assert dialog.chosen is not None, "the copy with the most changes"
        assert dialog.begin.isEnabled()
        assert not dialog.copying.isEnabled()
        dialog.restore(dialog.chosen)
        qtbot.waitUntil(lambda: not dialog.work.running and not dialog._checking.running)
        taken_up(qtbot, session)
        assert "damaged files are kept in the folder backups/damaged-" in dialog.outcome.text()
        assert session.status.message == ""
        assert session.status.offer is None
        assert session.answers.mine.answer("tonic").presence is Presence.YES
        session.answers.answer("clonic", Presence.YES)
        saved(qtbot, session)
        assert session.status.message == ""
        dialog.close()
    with Study.open(folder, author="x") as study:
        assert study.verify_history() == ()


def test_a_copy_that_cannot_be_put_back_leaves_the_offer(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = damaged_folder(qtbot, recording_path)
    with opened(qtbot, recording_path) as session:
        dialog = dialog_of(qtbot, session)
        assert dialog.chosen is not None
        backups(folder)[0].path.write_bytes(b"meanwhile")
        dialog.restore(dialog.chosen)
        qtbot.waitUntil(lambda: not dialog.work.running)
        taken_up(qtbot, session)
        assert "nothing was changed" in dialog.outcome.text()
        assert session.status.offer is not None
        assert session.study.read_only
        dialog.close()


def test_a_broken_history_is_found_in_the_background_and_said(qtbot: QtBot, session: Session) -> None:
    session.answers.answer("tonic", Presence.YES)
    saved(qtbot, session)
    session.safekeeping.copy()
    qtbot.waitUntil(lambda: not session.safekeeping._copying.running)
    with closing(sqlite3.connect(folder_of(session) / "study.sqlite")) as connection:
        connection.execute("UPDATE answers SET presence = 'no'")
        connection.commit()
    session.status.show_message("")
    session.safekeeping.check()
    qtbot.waitUntil(lambda: session.status.offer is not None)
    qtbot.waitUntil(lambda: not session.safekeeping._checking.running)
    assert session.status.message.startswith("The history of this study is broken in")
    session.status.make_offer(None)
    session.safekeeping.check()
    assert not session.safekeeping._checking.running, "once"


def test_a_whole_study_is_checked_and_nothing_is_said(qtbot: QtBot, session: Session) -> None:
    session.safekeeping.check()
    qtbot.waitUntil(lambda: not session.safekeeping._checking.running)
    assert session.status.message == ""
    assert session.status.offer is None


# copies after changes


def test_what_is_changed_is_copied_every_hour_and_on_closing(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    def copied() -> list[str]:
        qtbot.waitUntil(lambda: not session.safekeeping._copying.running)
        return [one.what for one in backups(folder)]

    with opened(qtbot, recording_path) as session:
        session.readers.read_blind(False)
        saved(qtbot, session)
        folder = folder_of(session)
        session.safekeeping.copy(hourly=True)
        assert copied() == ["day"]
        session.safekeeping.copy(hourly=True)
        assert copied() == ["day"], "nothing was changed"
        session.answers.answer("tonic", Presence.YES)
        saved(qtbot, session)
        session.safekeeping.copy(hourly=True)
        assert "hour" in copied()
        session.answers.answer("clonic", Presence.YES)
    # Closing waits two seconds for it; on a busy computer it is finished after that.
    qtbot.waitUntil(lambda: "close" in [one.what for one in backups(folder)])
    kept = backups(folder)
    with opened(qtbot, recording_path):
        pass
    assert backups(folder) == kept, "nothing was changed"


def test_closing_does_not_wait_long_for_its_copy(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(safekeeping, "CLOSING_WAITS", 0.05)
    going = threading.Event()
    former = Study.back_up_if_changed

    def slow(study: Study, what: str) -> Path | None:
        assert going.wait(60)
        return former(study, what)

    monkeypatch.setattr(Study, "back_up_if_changed", slow)
    with opened(qtbot, recording_path) as session:
        session.answers.answer("tonic", Presence.YES)
        folder = folder_of(session)
    (thread,) = (one for one in threading.enumerate() if one.name == "copy on closing")
    assert not thread.daemon, "the program waits for it"
    assert backups(folder) == ()
    going.set()
    thread.join(60)
    assert [one.what for one in backups(folder)] == ["close"]
