"""What is changed shows at once and is called saved when it is on disk; no disk holds up the window."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from app.core.folders import settings_folder
from app.core.picture_box import Box
from app.core.reading import ReaderKind
from app.core.semiology import Answer, Presence, Span
from app.core.study.edits import SetAnswer
from app.core.study.store import Study
from app.core.study.study_news import CHANGED_ELSEWHERE
from app.ui.session import opened_study, saving_status
from app.ui.session.recording_analysis import AGAIN, DONE_AGAIN
from app.ui.session.saving_status import SAVING, TRY_AGAIN
from app.ui.session.session import Session
from app.ui.window import Window
from tests.core.study_writing import Disk
from tests.ui.found_widgets import now
from tests.ui.session_cases import QuickReader, opened, quick, recording_path, saved, stored

__all__ = ["quick", "recording_path"]

YES, NO = Presence.YES, Presence.NO


@pytest.fixture
def session(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> Iterator[Session]:
    with opened(qtbot, recording_path) as session:
        session.readers.read_blind(False)
        session.answers.answer("blank_stare", NO)
        saved(qtbot, session)
        yield session


@pytest.fixture
def disk(session: Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    """The disk of the open study, which a test can let hang or fail."""
    made = Disk(monkeypatch)
    yield made
    made.away = False
    made.answer()


def on_disk(session: Session, feature: str) -> Presence | None:
    with stored(session) as study:
        return study.reading(1, session.study.me, viewer=None).answer(feature).presence


def test_a_disk_that_hangs_holds_up_no_call_and_nothing_is_called_saved(
    qtbot: QtBot, session: Session, disk: Disk
) -> None:
    disk.hang()
    session.answers.answer("tonic", YES)
    session.labels.add_span("clonic", Span(0.4, 0.8))
    session.labels.set_note("tonic", "left arm")
    session.labels.marks.set("onset", 0.2)
    session.patient.set(Box(0.25, 0.0, 0.75, 1.0))
    session.consensus.decide("blank_stare", NO, "")
    session.consensus.set_reference("")
    session.selection.select("clonic")
    session.ratings.rate(4)
    session.undoing.undo()
    session.undoing.redo()
    session.safekeeping.ask()
    assert disk.reached.wait(60), "the writer is held"
    # All of these have returned, and show.
    assert session.answers.mine.answer("tonic").presence is YES
    assert session.answers.mine.answer("clonic").evidence == (Span(0.4, 0.8),)
    assert session.answers.my_reading.note("tonic") == "left arm"
    assert session.answers.my_reading.moment("onset") == pytest.approx(0.2, abs=0.05)
    assert session.patient.box == Box(0.25, 0.0, 0.75, 1.0)
    assert session.ratings.score == 4
    assert session.status.line == SAVING
    assert on_disk(session, "tonic") is None
    disk.answer()
    saved(qtbot, session)
    assert session.status.line.startswith(("saved", "redone"))
    assert on_disk(session, "tonic") is YES
    assert session.patient.box == Box(0.25, 0.0, 0.75, 1.0)
    assert session.ratings.score == 4


def test_changes_reach_the_disk_in_the_order_in_which_they_were_made(
    qtbot: QtBot, session: Session, disk: Disk
) -> None:
    features = ["tonic", "clonic", "figure4", "tonic", "head_turning"]
    told: list[int] = []
    session.study.saved.connect(lambda saved: told.extend(change.seq for change in saved.changes))
    disk.hang()
    for number, feature in enumerate(features):
        session.answers.answer(feature, NO if number == 3 else YES)
    disk.answer()
    saved(qtbot, session)
    with stored(session) as study:
        rows = [row for row in study.history(1, viewer=None) if row.seq in told]
    assert [row.feature for row in rows] == features
    assert told == sorted(told)


def test_the_last_of_several_changes_is_what_the_line_speaks_of(
    qtbot: QtBot, session: Session, disk: Disk
) -> None:
    """All are on disk before the window hears of the first."""
    disk.hang()
    session.answers.answer("tonic", YES)
    session.undoing.undo()
    disk.answer()
    assert session.study.of_recording.writers.settle(60.0).requests == ()
    saved(qtbot, session)
    assert session.status.line == "undone: answer"


def test_a_disk_that_fails_is_said_everything_waits_and_can_be_tried_again(
    qtbot: QtBot, session: Session, disk: Disk
) -> None:
    disk.away = True
    session.answers.answer("tonic", YES)
    session.answers.answer("clonic", NO)
    qtbot.waitUntil(lambda: session.study.unsaved.why != "")
    qtbot.waitUntil(lambda: session.status.offer is not None)
    offer = session.status.offer
    assert offer is not None
    assert offer.label == TRY_AGAIN
    assert session.status.line.startswith("not saved: ")
    assert "the disk or share that holds the study failed" in offer.sentence
    assert session.answers.mine.answer("tonic").presence is YES, "it waits, and is shown"
    disk.away = False
    offer.accept()
    saved(qtbot, session)
    assert session.status.line.startswith("saved")
    assert session.status.offer is None
    assert (on_disk(session, "tonic"), on_disk(session, "clonic")) == (YES, NO)


def test_what_is_refused_is_taken_back_with_the_reason(qtbot: QtBot, session: Session, disk: Disk) -> None:
    refused: list[None] = []
    session.study.not_kept.connect(lambda: refused.append(None))
    me, folder = session.study.me, session.study.folder
    assert folder is not None
    with Study.open(folder, author="program", shared=True) as beside:
        beside.apply(SetAnswer(1, me, Answer("tonic"), Answer("tonic", NO)))
    session.answers.answer("tonic", YES)
    assert session.answers.mine.answer("tonic").presence is YES
    saved(qtbot, session)
    assert "changed meanwhile" in session.status.message
    # What another program wrote may have been noticed already.
    assert session.status.line in ("not saved", CHANGED_ELSEWHERE)
    assert session.answers.mine.answer("tonic").presence is NO, "what is shown is what is on disk"
    assert refused == [None]


def test_what_a_program_answers_keeps_nobody_waiting_either(
    qtbot: QtBot, session: Session, disk: Disk
) -> None:
    disk.hang()
    session.analysis.start_again()
    qtbot.waitUntil(lambda: bool(session.study.unsaved.requests))
    assert session.status.line in (AGAIN, DONE_AGAIN), "the line speaks of what the person has done"
    session.answers.answer("tonic", YES)
    assert session.answers.mine.answer("tonic").presence is YES
    disk.answer()
    saved(qtbot, session)
    assert [one.reader.kind for one in session.answers.others] == [ReaderKind.SIGNAL]
    assert session.status.line.startswith("saved")


def test_what_one_person_left_waiting_is_not_shown_to_the_next(
    qtbot: QtBot, session: Session, disk: Disk
) -> None:
    disk.away = True
    session.selection.select("clonic")
    session.ratings.rate(4)
    session.answers.answer("tonic", YES)
    session.labels.set_note("tonic", "mine alone")
    assert session.ratings.score == 4
    session.readers.become("Ana")
    saved(qtbot, session)
    assert now(session.ratings.score) is None
    assert session.answers.mine.answers == {}
    assert session.answers.my_reading.notes == {}
    assert len(session.study.unsaved.requests) == 3, "they wait all the same"


def test_the_seal_stays_until_the_lock_is_on_disk(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(qtbot, recording_path) as session:
        session.readers.read_blind(True)
        session.answers.answer("tonic", YES)
        saved(qtbot, session)
        assert session.answers.my_reading.sealed
        disk = Disk(monkeypatch)
        disk.hang()
        assert session.readers.lock_and_reveal()
        assert disk.reached.wait(60)
        assert session.answers.my_reading.sealed
        assert session.answers.others == ()
        disk.answer()
        saved(qtbot, session)
        assert session.answers.my_reading.revealed
        assert len(session.answers.others) == 1


# closing, and what is kept until the next opening


def no_writer_is_left() -> bool:
    """Whether no thread still tries to write a study that was closed."""
    return not any(thread.name == "study writer" for thread in threading.enumerate())


def unsaved_files() -> list[Path]:
    return list((settings_folder() / "unsaved").glob("*.json"))


def test_closing_asks_when_something_is_not_saved_and_the_next_opening_offers_it(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(qtbot, recording_path) as session:
        window = Window(session)
        qtbot.addWidget(window)
        window.show()
        session.readers.read_blind(False)
        saved(qtbot, session)
        with monkeypatch.context() as patch:
            disk = Disk(patch)
            disk.away = True
            session.answers.answer("tonic", YES)
            session.answers.answer("clonic", NO)
            assert not window.close(), "the person is asked"
            (box,) = window.findChildren(QMessageBox)
            assert "2 changes are not saved yet" in box.text()
            box.reject()
            assert window.isVisible()
            assert not window.close()
            window.findChildren(QMessageBox)[-1].accept()
            qtbot.waitUntil(lambda: not window.isVisible())
            assert len(unsaved_files()) == 1
            qtbot.waitUntil(no_writer_is_left)
    with opened(qtbot, recording_path) as session:
        assert session.answers.mine.answer("tonic").presence is None
        offer = session.status.offer
        assert offer is not None
        assert offer.sentence.startswith("2 changes of ")
        session.status.make_offer(None)
        offer.accept()
        saved(qtbot, session)
        assert session.status.line == "2 changes that were kept on this computer are saved"
        assert session.answers.mine.answer("tonic").presence is YES
        assert on_disk(session, "clonic") is NO
        assert unsaved_files() == []
    with opened(qtbot, recording_path) as session:
        assert session.status.offer is None, "nothing is offered twice"


def test_how_much_another_person_left_unsaved_is_not_given_away(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(qtbot, recording_path) as session:
        session.readers.become("Ana")
        saved(qtbot, session)
        with monkeypatch.context() as patch:
            Disk(patch).away = True
            session.answers.answer("tonic", YES)
            session.close()
            qtbot.waitUntil(no_writer_is_left)
    with opened(qtbot, recording_path) as session:
        assert session.readers.me != "Ana"
        offer = session.status.offer
        assert offer is not None
        assert offer.sentence.startswith("Changes of ")
        assert "Ana" not in offer.sentence


def test_closing_waits_no_longer_than_its_deadline_for_a_disk_that_hangs(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened_study, "CLOSING_SECONDS", 0.05)
    disk = Disk(monkeypatch)
    try:
        with opened(qtbot, recording_path) as session:
            disk.hang()
            session.answers.answer("tonic", YES)
        assert len(unsaved_files()) == 1, "it was closed while the writer was held"
    finally:
        disk.answer()


def test_what_waits_long_is_kept_on_this_computer_until_it_is_saved(
    qtbot: QtBot, session: Session, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving_status, "KEPT_AFTER", 0.0)
    disk.hang()
    session.answers.answer("tonic", YES)
    qtbot.waitUntil(lambda: len(unsaved_files()) == 1)
    qtbot.waitUntil(lambda: not session.unsaved._keeping.running)
    disk.answer()
    saved(qtbot, session)
    assert unsaved_files() == []
