"""Renaming a study in the window, the way to the start page and back, and closing a study."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from app.core.batch.begin_study import begin_study
from app.core.jobs import CancelToken, no_report
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording
from app.core.semiology import Presence
from app.core.settings import Settings, load_settings, save_settings, with_recent, with_study
from app.core.study.change_requests import SetSha256
from app.core.study.saving import Unsaved
from app.core.study.store import Study
from app.ui.dialogs.rename_study import RenameStudyDialog
from app.ui.session.session import Session
from app.ui.window import Window
from tests.media import tone, write_recording
from tests.ui.session_cases import QuickReader, at_rest, is_open, opened, quick, saved
from tests.ui.start_pages import shown

__all__ = ["quick"]

ODD = "Ward <b>3</b> & [*] %1"


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    return [
        write_recording(tmp_path / f"P{place}.mp4", frames=40 + place, sound=tone(1.5)) for place in (1, 2)
    ]


@pytest.fixture
def folder(tmp_path: Path, files: list[Path]) -> Path:
    folder = tmp_path / "Friday.semioscope"
    begin_study(folder, files, "", "Ana", report=no_report, cancel=CancelToken())
    return folder


@pytest.fixture
def session(qtbot: QtBot, quick: type[QuickReader], folder: Path, files: list[Path]) -> Iterator[Session]:
    save_settings(with_recent(with_study(Settings(author="Ana"), folder, files[0]), files[0]))
    with opened(qtbot) as session:
        yield session


def enter(qtbot: QtBot, session: Session, folder: Path, path: Path) -> None:
    session.worklist.enter(folder)
    qtbot.waitUntil(lambda: is_open(session, path))
    at_rest(qtbot, session)


def run(window: Window, command: str) -> None:
    window.actions_[command].trigger()


def press(box: QMessageBox, words: str) -> None:
    next(one for one in box.buttons() if words in one.text()).click()


def rename_in(window: Window, name: str) -> None:
    (dialog,) = window.findChildren(RenameStudyDialog)
    dialog.name.setText(name)
    QTest.keyClick(dialog.name, Qt.Key.Key_Return)


def test_the_open_study_is_renamed_everywhere_at_once_and_undo_takes_it_back(
    qtbot: QtBot, session: Session, folder: Path, files: list[Path]
) -> None:
    window, _page = shown(qtbot, session)
    enter(qtbot, session, folder, files[0])
    assert window.windowTitle() == "P1.mp4 – Friday – Semioscope"
    dock = window._panels.docks["worklist"]
    qtbot.waitUntil(lambda: dock.widget() is not None)
    worklist = dock.widget()
    run(window, "rename_study")
    rename_in(window, ODD)
    assert window.windowTitle() == "P1.mp4 – Ward <b>3</b> & [ * ] %1 – Semioscope"
    assert session.worklist.naming.name == ODD
    saved(qtbot, session)
    qtbot.waitUntil(lambda: worklist is not None and worklist.asks.text() == ODD)  # type: ignore[attr-defined]
    with Study.open_for_viewing(folder) as study:
        assert study.settings().name == ODD
    session.undoing.undo()
    saved(qtbot, session)
    assert session.worklist.naming.name == "Friday"
    assert window.windowTitle() == "P1.mp4 – Friday – Semioscope"
    session.undoing.redo()
    saved(qtbot, session)
    assert session.worklist.naming.name == ODD


def test_the_name_stays_while_another_recording_is_opened_and_on_the_start_page(
    qtbot: QtBot, session: Session, folder: Path, files: list[Path]
) -> None:
    window, page = shown(qtbot, session)
    enter(qtbot, session, folder, files[0])
    session.worklist.naming.rename(folder, ODD)
    run(window, "start_page")
    qtbot.waitUntil(page.isVisible)
    assert session.worklist.naming.name == ODD
    assert page.studies.model().index(0, 0).data() == ODD
    window.close_unasked()
    assert load_settings().study_names == {str(folder): ODD}


def test_a_study_on_the_start_page_is_renamed_and_its_former_name_offered(
    qtbot: QtBot, session: Session, folder: Path
) -> None:
    window, page = shown(qtbot, session)

    def listed() -> str:
        return str(page.studies.model().index(0, 0).data())

    assert listed() == "Friday"
    QTest.keyClick(page.studies, Qt.Key.Key_F2)
    rename_in(window, ODD)
    qtbot.waitUntil(lambda: listed() == ODD)
    offer = session.status.offer
    assert offer is not None
    assert "“Friday” is called" in offer.sentence
    offer.accept()
    qtbot.waitUntil(lambda: listed() == "Friday")
    with Study.open_for_viewing(folder) as study:
        assert study.settings().name is None
        assert [row.who for row in study.history(viewer=None)][-2:] == ["Ana", "Ana"]


def test_what_can_be_no_name_cannot_be_accepted(qtbot: QtBot, session: Session) -> None:
    window, page = shown(qtbot, session)
    QTest.keyClick(page.studies, Qt.Key.Key_F2)
    (dialog,) = window.findChildren(RenameStudyDialog)
    dialog.name.setText("   ")
    assert "Give the study a name." in dialog.problem.text()
    QTest.keyClick(dialog.name, Qt.Key.Key_Return)
    assert dialog.isVisible()
    dialog.name.setText("x" * 300)
    assert len(dialog.name.text()) == 100


def test_a_read_only_study_says_why_it_is_not_renamed(
    qtbot: QtBot, session: Session, folder: Path, files: list[Path]
) -> None:
    window, page = shown(qtbot, session)
    with Study.open(folder, author="Ben") as theirs:  # not shared: another window's
        assert not theirs.read_only
        enter(qtbot, session, folder, files[0])
        assert session.study.read_only
        run(window, "rename_study")
        assert not window.findChildren(RenameStudyDialog)
        assert session.status.message == session.study.of_recording.note != ""
    assert not page.isVisible()


def test_the_way_to_the_start_page_keeps_everything_and_comes_back_to_the_same_place(
    qtbot: QtBot, session: Session, folder: Path, files: list[Path]
) -> None:
    window, page = shown(qtbot, session)
    enter(qtbot, session, folder, files[0])
    session.answers.answer("tonic", Presence.YES)
    session.playback.seek(0.4)
    session.selection.select("clonic")
    run(window, "start_page")
    qtbot.waitUntil(page.isVisible)
    assert session.opened.recording is None
    assert not session.answers.answer("tonic", Presence.NO), "no key writes into what is not seen"
    session.status.show_message("")
    with_answer: list[Presence | None] = []
    session.study.ask(
        lambda study: study.reading(1, session.study.me, viewer=None).answer("tonic").presence,
        with_answer.append,
    )
    qtbot.waitUntil(lambda: with_answer == [Presence.YES])
    assert page.back.isVisible()
    assert page.back.text() == "Back to P1.mp4"
    assert page.back.hasFocus()
    QTest.keyClick(page.back, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: is_open(session, files[0]))
    assert not page.isVisible()
    assert session.study.folder == folder
    qtbot.waitUntil(lambda: session.playback.cursor == pytest.approx(0.4, abs=0.05))
    assert session.selection.feature == "clonic"
    assert session.answers.mine.answer("tonic").presence is Presence.YES


def test_a_closed_study_is_written_and_let_go(
    qtbot: QtBot, session: Session, folder: Path, files: list[Path]
) -> None:
    window, page = shown(qtbot, session)
    enter(qtbot, session, folder, files[0])
    session.answers.answer("tonic", Presence.YES)
    run(window, "close_study")
    qtbot.waitUntil(page.isVisible)
    assert session.study.folder is None
    assert not page.back.isVisible()
    qtbot.waitUntil(lambda: session.study.of_recording.writers.has_ended(0.0))
    with Study.open(folder, author="Ana") as study:
        assert not study.read_only, "nobody holds it"
        assert study.reading(1, session.study.me, viewer=None).answer("tonic").presence is Presence.YES
    run(window, "close_study")
    assert session.status.line == "no study is open"


def test_close_study_also_forgets_what_the_start_page_came_from(
    qtbot: QtBot, session: Session, folder: Path, files: list[Path]
) -> None:
    window, page = shown(qtbot, session)
    enter(qtbot, session, folder, files[0])
    run(window, "start_page")
    qtbot.waitUntil(page.back.isVisible)
    run(window, "close_study")
    assert not page.back.isVisible()
    assert session.study.folder is None


def test_a_study_with_unsaved_changes_is_closed_only_when_the_person_says_so(
    qtbot: QtBot, session: Session, folder: Path, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    window, _page = shown(qtbot, session)
    enter(qtbot, session, folder, files[0])

    unsaved = Unsaved((SetSha256(1, "0" * 64),), "The disk is full.")

    def asked() -> QMessageBox:
        with monkeypatch.context() as patched:
            patched.setattr(session.study, "settle", lambda: unsaved)
            run(window, "close_study")
        (box,) = window.findChildren(QMessageBox)
        assert box.text() == unsaved.sentence() != ""
        return box

    press(asked(), "Keep open")
    qtbot.waitUntil(lambda: not window.findChildren(QMessageBox))
    assert session.study.folder == folder
    press(asked(), "Close anyway")
    assert session.study.folder is None


def test_a_study_that_is_closed_while_its_recording_is_opened_stays_closed(
    qtbot: QtBot, session: Session, folder: Path, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    window, page = shown(qtbot, session)
    enter(qtbot, session, folder, files[0])
    reads, may_read = threading.Event(), threading.Event()

    def slow(*args: Any, **kwargs: Any) -> Recording:
        reads.set()
        may_read.wait(60)
        return open_recording(*args, **kwargs)

    monkeypatch.setattr("app.core.recording.probe.open_recording", slow)
    run(window, "start_page")
    session.opening.go_back_to_left()
    qtbot.waitUntil(reads.is_set)
    run(window, "close_study")
    may_read.set()
    qtbot.waitUntil(page.isVisible)
    qtbot.waitUntil(lambda: not any("opening" in one.name.lower() for one in threading.enumerate()))
    QApplication.processEvents()
    assert session.opened.recording is None
    assert session.study.folder is None
    assert not session.opening._under_way
    session.worklist.enter(folder)
    qtbot.waitUntil(lambda: is_open(session, files[0]))
    assert session.answers.answer("tonic", Presence.YES)


@pytest.fixture
def ordered(session: Session, monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """What is ordered from the queue of analyses."""
    orders: list[tuple[object, ...]] = []
    monkeypatch.setattr(session.analysis.queue, "order", lambda *what: orders.append(what))
    return orders


def test_the_analysis_of_a_closed_study_is_not_queued(
    qtbot: QtBot,
    session: Session,
    folder: Path,
    quick: type[QuickReader],
    ordered: list[tuple[object, ...]],
) -> None:
    window, _page = shown(qtbot, session)
    quick.wait = threading.Event()
    session.worklist.enter(folder)
    qtbot.waitUntil(lambda: session.opened.recording is not None)
    qtbot.waitUntil(lambda: session.analysis.runner.running and session.analysis.work is not None)
    run(window, "close_study")
    quick.wait.set()
    assert not ordered
    assert session.study.folder is None


def test_a_study_named_by_its_file_opens_where_it_was_left(
    qtbot: QtBot, session: Session, folder: Path, files: list[Path]
) -> None:
    window, _page = shown(qtbot, session)
    window._memory.replace(with_study(window._memory.settings, folder, files[1]))
    window.take((folder / "study.sqlite",))
    qtbot.waitUntil(lambda: is_open(session, files[1]))
