"""The start page: what was open, with progress; new and known studies; further files; where one left off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from app.core.batch.begin_study import begin_study
from app.core.jobs import CancelToken, no_report
from app.core.reading import person
from app.core.semiology import Answer, Presence
from app.core.settings import Settings, load_settings, save_settings, with_recent, with_study
from app.core.study.edits import SetAnswer
from app.core.study.store import Study
from app.ui.dialogs.new_study import NewStudyDialog
from app.ui.session.session import Session
from app.ui.window import Window
from tests.media import tone, write_recording
from tests.ui.session_cases import QuickReader, at_rest, is_open, opened, quick
from tests.ui.start_pages import shown

__all__ = ["quick"]


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    names = ("P1_1.mp4", "P1_2.mp4", "P2_1.mp4")
    return [write_recording(tmp_path / name, frames=40 + place) for place, name in enumerate(names)]


@pytest.fixture
def folder(tmp_path: Path, files: list[Path]) -> Path:
    """A study of all, of which the account's person has begun the first."""
    folder = tmp_path / "Friday.semioscope"
    begin_study(folder, files, "{patient}_{event}", "Ana", report=no_report, cancel=CancelToken())
    with Study.open(folder, author="Ana") as study:
        study.apply(SetAnswer(1, person("Ana"), Answer("tonic"), Answer("tonic", Presence.NO)))
    return folder


@pytest.fixture
def session(qtbot: QtBot, quick: type[QuickReader]) -> Iterator[Session]:
    save_settings(Settings(author="Ana"))
    with opened(qtbot) as session:
        yield session


def dropped(window: Window, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    window.dropEvent(
        QDropEvent(
            QPointF(50, 50),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )


def asked(window: Window) -> QMessageBox | None:
    return next((box for box in window.findChildren(QMessageBox) if box.isVisible()), None)


def question(qtbot: QtBot, window: Window) -> QMessageBox:
    qtbot.waitUntil(lambda: asked(window) is not None)
    box = asked(window)
    assert box is not None
    return box


def press(box: QMessageBox, words: str) -> None:
    next(one for one in box.buttons() if words in one.text().replace("&", "")).click()


def test_it_lists_what_was_open_with_progress_and_goes_away(
    qtbot: QtBot, session: Session, folder: Path, files: list[Path], tmp_path: Path
) -> None:
    settings = with_study(load_settings(), tmp_path / "gone.semioscope", tmp_path / "x.mp4")
    settings = with_recent(with_study(settings, folder, files[1]), files[0])
    save_settings(settings)
    _window, page = shown(qtbot, session)
    assert page.studies.paths == (folder, tmp_path / "gone.semioscope")

    def said(row: int) -> str:
        return str(page.studies.model().index(row, 2).data())

    qtbot.waitUntil(lambda: said(0) == "1 of 3 begun")
    qtbot.waitUntil(lambda: said(1) == "It is not where it was.")
    assert page.studies.hasFocus()
    QTest.keyClick(page.studies, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: is_open(session, files[1]))
    assert not page.isVisible(), "it was left at the second recording"
    assert session.study.folder == folder


def test_only_the_list_that_has_the_keys_shows_a_chosen_row(
    qtbot: QtBot, session: Session, folder: Path, files: list[Path]
) -> None:
    save_settings(with_recent(with_study(load_settings(), folder, files[1]), files[0]))
    _window, page = shown(qtbot, session)

    def chosen() -> list[bool]:
        return [bool(one.selectedItems()) for one in (page.studies, page.recordings)]

    qtbot.waitUntil(lambda: chosen() == [True, False])
    page.recordings.setFocus()
    assert chosen() == [False, True]
    page.new_study.setFocus()
    assert chosen() == [False, False]


def test_a_row_is_taken_out_of_the_list(
    qtbot: QtBot, session: Session, folder: Path, files: list[Path]
) -> None:
    save_settings(with_study(load_settings(), folder, files[0]))
    window, page = shown(qtbot, session)
    QTest.keyClick(page.studies, Qt.Key.Key_Delete)
    assert page.studies.paths == ()
    assert not page.studies.isVisible()
    window.close_unasked()
    assert not load_settings().studies
    assert folder.is_dir(), "only the list forgets it"


def test_tab_stays_on_the_page(qtbot: QtBot, session: Session) -> None:
    window, page = shown(qtbot, session)
    window.activateWindow()
    page.new_study.setFocus()
    for _stop in range(9):
        here = QApplication.focusWidget() or window.focusWidget()
        assert here is not None
        assert page.isAncestorOf(here)
        QTest.keyClick(here, Qt.Key.Key_Tab)


def test_a_new_study_is_made_and_opened(
    qtbot: QtBot, session: Session, files: list[Path], tmp_path: Path
) -> None:
    window, page = shown(qtbot, session)
    page.new_study.click()
    (dialog,) = window.findChildren(NewStudyDialog)
    assert not dialog.begin.isEnabled()
    dialog.add((tmp_path,))
    dialog.name.setText("Friday round")
    dialog.pattern.setText("{patient}_{event}")
    qtbot.waitUntil(lambda: dialog.found.text() == "3 recordings of 2 patients")
    assert dialog.place.text() == str(tmp_path), "beside its recordings"
    dialog.begin.click()
    qtbot.waitUntil(lambda: is_open(session, files[0]))
    assert session.study.folder == tmp_path / "Friday round.semioscope"
    access = session.study.access()
    assert access is not None
    assert [item.patient_data.patient for item in access.worklist()] == ["P1", "P1", "P2"]


def test_a_new_study_says_which_files_could_not_be_read(
    qtbot: QtBot, session: Session, files: list[Path], tmp_path: Path
) -> None:
    for number in range(1, 5):
        (tmp_path / f"damaged{number}.mp4").write_bytes(b"no video")
    for path in files[1:]:
        path.unlink()
    window, page = shown(qtbot, session)
    page.new_study.click()
    (dialog,) = window.findChildren(NewStudyDialog)
    dialog.add((tmp_path,))
    dialog.name.setText("Friday round")
    qtbot.waitUntil(lambda: dialog.found.text() == "5 recordings")
    dialog.begin.click()
    qtbot.waitUntil(lambda: is_open(session, files[0]))
    at_rest(qtbot, session)
    assert "4 of 5 could not be read: “damaged1.mp4” is not a video" in session.status.message
    assert "Nor could damaged4.mp4." in session.status.message


def test_a_further_file_is_asked_about_once(
    qtbot: QtBot, session: Session, folder: Path, files: list[Path], tmp_path: Path
) -> None:
    window, _page = shown(qtbot, session)
    session.worklist.enter(folder)
    qtbot.waitUntil(lambda: is_open(session, files[0]))
    at_rest(qtbot, session)
    qtbot.waitUntil(window._studies._study_is_open)
    dropped(window, files[2])
    qtbot.waitUntil(lambda: is_open(session, files[2]))
    assert asked(window) is None, "the study has it already"
    assert session.study.folder == folder
    further = write_recording(tmp_path / "further.mp4", frames=30, sound=tone(1.0))
    at_rest(qtbot, session)
    dropped(window, further)
    box = question(qtbot, window)
    assert "Friday" in box.text()
    press(box, "Into this study")
    qtbot.waitUntil(lambda: is_open(session, further))
    assert session.study.folder == folder
    at_rest(qtbot, session)
    alone = write_recording(tmp_path / "alone.mp4", frames=31, sound=tone(1.2))
    dropped(window, alone)
    box = question(qtbot, window)
    press(box, "Open alone")
    qtbot.waitUntil(lambda: is_open(session, alone))
    assert session.study.folder == tmp_path / "alone.semioscope"


def test_a_dropped_study_is_opened_and_several_files_make_a_new_one(
    qtbot: QtBot, session: Session, folder: Path, files: list[Path]
) -> None:
    window, _page = shown(qtbot, session)
    dropped(window, files[0], files[1])
    qtbot.waitUntil(lambda: bool(window.findChildren(NewStudyDialog)))
    (dialog,) = window.findChildren(NewStudyDialog)
    assert dialog.sources == (files[0], files[1])
    dialog.close()
    dropped(window, folder)
    qtbot.waitUntil(lambda: is_open(session, files[0]))
    assert session.study.folder == folder


@pytest.mark.parametrize("name", ["2026.11.30", "LIST.CSV", "list.tab"])
def test_a_folder_with_a_dot_and_a_list_in_capitals_are_no_recordings(
    qtbot: QtBot, session: Session, files: list[Path], tmp_path: Path, name: str
) -> None:
    place = tmp_path / name
    if place.suffix == ".30":
        place.mkdir()
        files[0].rename(place / files[0].name)
    else:
        place.write_text(f"recording\n{files[0].name}\n")
    window, _page = shown(qtbot, session)
    dropped(window, place)
    qtbot.waitUntil(lambda: bool(window.findChildren(NewStudyDialog)))
    (dialog,) = window.findChildren(NewStudyDialog)
    assert dialog.sources == (place,)
    qtbot.waitUntil(lambda: dialog.found.text() == "1 recording")
    assert dialog.place.text() == str(place if place.is_dir() else tmp_path), "told by the disk, not the name"


def test_the_file_of_a_study_opens_the_study(
    qtbot: QtBot, session: Session, folder: Path, files: list[Path]
) -> None:
    window, _page = shown(qtbot, session)
    dropped(window, folder / "study.sqlite")
    qtbot.waitUntil(lambda: is_open(session, files[0]))
    assert session.study.folder == folder


@pytest.mark.parametrize("name", ["LIST.CSV", "list.tab"])
def test_a_list_dropped_into_an_open_study_adds_what_it_names(
    qtbot: QtBot, session: Session, folder: Path, files: list[Path], name: str
) -> None:
    place = folder.parent
    window, _page = shown(qtbot, session)
    session.worklist.enter(folder)
    qtbot.waitUntil(lambda: is_open(session, files[0]))
    at_rest(qtbot, session)
    qtbot.waitUntil(window._studies._study_is_open)
    further = write_recording(place / "further.mp4", frames=30, sound=tone(1.0))
    table = place / name
    table.write_text(f"recording\n{further.name}\n")
    dropped(window, table)
    box = question(qtbot, window)
    assert any("New study of these" in one.text().replace("&", "") for one in box.buttons())
    press(box, "Into this study")
    access = session.study.access()
    assert access is not None
    qtbot.waitUntil(lambda: len(access.worklist()) == 4)
    assert further.name in [item.name for item in access.worklist()]


def test_a_copy_of_a_recording_in_another_study_opens_at_its_beginning(
    qtbot: QtBot, session: Session, folder: Path, files: list[Path], tmp_path: Path
) -> None:
    window, _page = shown(qtbot, session)
    session.worklist.enter(folder)
    qtbot.waitUntil(lambda: is_open(session, files[0]))
    at_rest(qtbot, session)
    session.playback.seek(0.4)
    session.selection.select("clonic")
    window.close_unasked()
    copy = tmp_path / "elsewhere" / "copy.mp4"
    copy.parent.mkdir()
    copy.write_bytes(files[0].read_bytes())
    with opened(qtbot) as again:
        _window, _page = shown(qtbot, again)
        again.opening.open(copy)
        qtbot.waitUntil(lambda: is_open(again, copy))
        at_rest(qtbot, again)
        assert again.study.folder not in (None, folder)
        qtbot.wait(50)
        assert again.playback.cursor == 0.0
        assert again.selection.feature != "clonic"


def test_a_recording_opens_where_it_was_left(
    qtbot: QtBot, session: Session, folder: Path, files: list[Path]
) -> None:
    window, _page = shown(qtbot, session)
    session.worklist.enter(folder)
    qtbot.waitUntil(lambda: is_open(session, files[0]))
    at_rest(qtbot, session)
    session.playback.seek(0.4)
    session.selection.select("clonic")
    session.visible.set(type(session.visible.span)(0.2, 1.0))
    window.close_unasked()
    assert load_settings().studies == {str(folder): str(files[0])}
    with opened(qtbot) as again:
        _window, page = shown(qtbot, again)
        page.study_chosen.emit(folder)
        qtbot.waitUntil(lambda: is_open(again, files[0]))
        qtbot.waitUntil(lambda: again.selection.feature == "clonic")
        assert again.playback.cursor == pytest.approx(0.4)
        assert (again.visible.span.start, again.visible.span.end) == pytest.approx((0.2, 1.0))
