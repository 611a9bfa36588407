"""The dialog that attaches an EEG, and EEG files that are dropped on the window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from app.core.eeg.eeg_beside import NearbyEeg
from app.core.eeg.sync import Sync
from app.core.study.stored_eeg import AgreedSync
from app.ui.dialogs.attach_eeg import AttachEegDialog
from app.ui.dialogs.videos_of_eeg import VideosOfEegDialog
from app.ui.session.session import Session
from app.ui.window import Window
from tests.core.eeg_files import SECRETS
from tests.ui.eeg_cases import TEN, attach, clip, session, wait_read, write_eeg
from tests.ui.session_cases import at_rest, is_open, quick, saved, stored
from tests.ui.stand_in_player import StandInPlayer

pytestmark = pytest.mark.usefixtures("quick")

__all__ = ["clip", "quick", "session"]


def _dialog(qtbot: QtBot, session: Session, path: Path | None = None) -> AttachEegDialog:
    dialog = AttachEegDialog(session, "", path)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.examined is not None and dialog.examined.complete)
    return dialog


def _texts(dialog: AttachEegDialog) -> str:
    return " ".join(label.text() for label in dialog.findChildren(QLabel))


def test_the_file_beside_is_proposed_and_attached_only_when_accepted(
    qtbot: QtBot, session: Session, clip: Path
) -> None:
    path = write_eeg(clip.parent / "eeg" / "night.edf", started=TEN, notes=((10.25, "Video start"),))
    dialog = _dialog(qtbot, session)
    assert dialog.files.count() == 1
    assert dialog.sync == Sync(-10.25), "the annotation is the least uncertain"
    assert "“Video start”" in _texts(dialog)
    assert "2026-03-02 10:00:00" in _texts(dialog)
    assert not session.attached_eeg.files
    qtbot.mouseClick(dialog.attach_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(session.attached_eeg.files))
    (eeg,) = session.attached_eeg.files
    assert (eeg.path, eeg.sync) == (path, Sync(-10.25))
    assert eeg.origin == "an annotation of the EEG that marks the start of the video"
    wait_read(qtbot, session, eeg)
    saved(qtbot, session)


def test_what_is_attached_already_is_marked_and_cannot_be_attached_again(
    qtbot: QtBot, session: Session, clip: Path
) -> None:
    first = write_eeg(clip.parent / "a.edf", started=TEN, seconds=9)
    attach(qtbot, session, first)
    second = write_eeg(clip.parent / "b.edf", started=TEN, seconds=30, seed=1)
    dialog = _dialog(qtbot, session)
    rows = [dialog.files.item(row) for row in range(dialog.files.count())]
    assert [row.text() for row in rows if "attached" in row.text()] == ["a.edf · attached already"]
    assert dialog.examined is not None
    assert dialog.examined.path == second, "the first that can be attached is proposed"
    assert "30.0 s" in dialog.file_text.text()
    assert dialog.attach_button.isEnabled()
    again = clip.parent.parent / "copy of a.edf"
    again.write_bytes(first.read_bytes())
    dialog.examine(again)
    qtbot.waitUntil(lambda: dialog.examined is not None and dialog.examined.path == again)
    assert dialog.problem.text() == "“copy of a.edf” is attached already."
    assert not dialog.attach_button.isEnabled()
    assert "9.0 s" in dialog.file_text.text()
    saved(qtbot, session)


def test_a_file_that_was_replaced_since_it_was_attached_can_be_chosen(
    qtbot: QtBot, session: Session, clip: Path
) -> None:
    path = write_eeg(clip.parent / "a.edf", started=TEN, seconds=9)
    attach(qtbot, session, path)
    write_eeg(clip.parent / "b.edf", started=TEN, seconds=30, seed=1)
    write_eeg(path, started=TEN, seconds=40, seed=2)
    dialog = _dialog(qtbot, session)
    rows = [dialog.files.item(row) for row in range(dialog.files.count())]
    (row,) = (one for one in rows if "attached already" in one.text())
    qtbot.mouseClick(
        dialog.files.viewport(), Qt.MouseButton.LeftButton, pos=dialog.files.visualItemRect(row).center()
    )
    qtbot.waitUntil(lambda: dialog.examined is not None and dialog.examined.path == path)
    assert "40.0 s" in dialog.file_text.text()
    qtbot.waitUntil(dialog.attach_button.isEnabled)
    saved(qtbot, session)


def test_another_way_can_be_chosen_and_cancel_changes_nothing(
    qtbot: QtBot, session: Session, clip: Path
) -> None:
    write_eeg(clip.parent / "night.edf", started=TEN, notes=((10.25, "Video start"),))
    dialog = _dialog(qtbot, session)
    by_name = next(radio for radio in dialog._options if "file name" in radio.text())
    qtbot.mouseClick(by_name, Qt.MouseButton.LeftButton, pos=by_name.rect().center() / 4)
    by_name.click()
    assert dialog.sync == Sync(-10.0)
    assert dialog.agreed is not None
    assert "2026" not in dialog.agreed.origin
    dialog.reject()
    assert not session.attached_eeg.files


def test_by_hand_is_taken_as_it_was_typed(qtbot: QtBot, session: Session, clip: Path) -> None:
    path = write_eeg(clip.parent.parent / "far" / "night.edf", started=TEN, notes=())
    dialog = _dialog(qtbot, session, path)
    dialog.seconds.setValue(-3.125)
    assert dialog.by_hand.isChecked()
    dialog.accept()
    qtbot.waitUntil(lambda: bool(session.attached_eeg.files))
    (eeg,) = session.attached_eeg.files
    assert (eeg.sync, eeg.origin) == (Sync(-3.125), "entered by hand")
    wait_read(qtbot, session, eeg)
    saved(qtbot, session)


def test_for_a_file_that_is_no_eeg_no_other_is_taken(qtbot: QtBot, session: Session, clip: Path) -> None:
    write_eeg(clip.parent / "night.edf", started=TEN)
    letter = clip.parent / "letter.edf"
    letter.write_bytes(b"Dear colleague,\n" * 100)
    dialog = AttachEegDialog(session, "", letter)
    qtbot.addWidget(dialog)
    found: list[tuple[NearbyEeg, ...]] = []
    dialog._proposals.found.connect(found.append)
    dialog.show()
    qtbot.waitUntil(lambda: bool(dialog.problem.text()) and bool(found))
    dialog._on_found(found[-1])  # whichever came first
    assert dialog.files.count() == 1
    assert dialog.files.currentRow() == -1
    assert "letter.edf" in dialog.problem.text()
    assert not dialog.attach_button.isEnabled()


def test_another_day_asks_before_it_is_attached(qtbot: QtBot, session: Session, clip: Path) -> None:
    other_day = TEN.replace(month=6)
    dialog = _dialog(qtbot, session, write_eeg(clip.parent / "x.edf", started=other_day, notes=()))
    assert dialog.sync is None, "nothing is chosen by itself"
    assert not dialog.attach_button.isEnabled()
    dialog.seconds.setValue(-5.0)
    assert "another patient" in dialog.problem.text()
    assert not dialog.attach_button.isEnabled()
    dialog.accept()
    assert not session.attached_eeg.files
    dialog.checked.setChecked(True)
    assert dialog.attach_button.isEnabled()


def test_no_overlap_is_said(qtbot: QtBot, session: Session, clip: Path) -> None:
    dialog = _dialog(qtbot, session, write_eeg(clip.parent / "x.edf", started=TEN, notes=()))
    dialog.seconds.setValue(500.0)
    assert "do not overlap" in dialog.problem.text()
    dialog.seconds.setValue(-59.0)
    assert "1.0 s of the recording's 2.0 s" in dialog.problem.text()
    dialog.seconds.setValue(-20.0)
    assert dialog.problem.isHidden()
    assert dialog.attach_button.isEnabled()


def test_what_is_no_eeg_is_said_and_another_can_be_chosen(
    qtbot: QtBot, session: Session, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = AttachEegDialog(session, str(clip.parent), clip)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: "is a video, not an EEG" in dialog.problem.text())
    assert not dialog.attach_button.isEnabled()
    path = write_eeg(clip.parent.parent / "far" / "night.edf", started=TEN)
    asked: list[str] = []

    def choose(_parent: object, _title: str, folder: str, _patterns: str) -> tuple[list[str], str]:
        asked.append(folder)
        return [str(path)], ""

    monkeypatch.setattr(QFileDialog, "getOpenFileNames", choose)
    folders: list[str] = []
    dialog.folder_chosen.connect(folders.append)
    dialog.choose()
    dialog.choose()
    assert asked == [str(clip.parent), str(path.parent)]
    assert folders == [str(path.parent)] * 2
    qtbot.waitUntil(lambda: dialog.examined is not None and dialog.examined.complete)
    assert dialog.problem.text() == ""


def test_the_dialog_names_nobody(qtbot: QtBot, session: Session, clip: Path) -> None:
    write_eeg(clip.parent / "night.edf", started=TEN)
    dialog = _dialog(qtbot, session)
    shown = _texts(dialog) + " ".join(radio.text() for radio in dialog._options)
    shown += " ".join(dialog.files.item(row).text() for row in range(dialog.files.count()))
    assert "night.edf" in shown
    assert not any(secret in shown for secret in SECRETS)


# dropping


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    one = Window(Session(make_player=StandInPlayer))  # type: ignore[arg-type]
    qtbot.addWidget(one)
    one.show()
    yield one
    one.close()


def _drop(window: Window, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    window.dropEvent(
        QDropEvent(
            QPointF(10, 10),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )


def _shown(qtbot: QtBot, window: Window) -> AttachEegDialog:
    qtbot.waitUntil(lambda: bool(window.findChildren(AttachEegDialog)))
    (dialog,) = window.findChildren(AttachEegDialog)
    qtbot.waitUntil(lambda: dialog.examined is not None and dialog.examined.complete)
    return dialog


def test_an_eeg_that_is_dropped_is_asked_about(qtbot: QtBot, window: Window, clip: Path) -> None:
    path = write_eeg(clip.parent / "night.EDF", started=TEN)
    _drop(window, path)
    offer = window.session.status.offer
    assert offer is not None
    assert offer.sentence.startswith("“night.EDF” is an EEG.")
    offer.accept()
    (videos,) = window.findChildren(VideosOfEegDialog)
    qtbot.waitUntil(lambda: videos.table.rowCount() > 0)
    videos.reject()
    _drop(window, clip)
    qtbot.waitUntil(lambda: is_open(window.session, clip))
    at_rest(qtbot, window.session)
    assert not window.findChildren(AttachEegDialog)
    _drop(window, path)
    dialog = _shown(qtbot, window)
    assert dialog.examined is not None
    assert dialog.examined.path == path
    dialog.reject()


@pytest.mark.parametrize("name", ["night.edf", "night.vhdr"])
def test_an_eeg_that_is_opened_as_a_recording_is_asked_about(
    qtbot: QtBot, window: Window, clip: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = write_eeg(clip.parent / name, started=TEN)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_any: (str(path), ""))
    window.actions_["open"].trigger()
    offer = window.session.status.offer
    assert offer is not None
    assert offer.sentence.startswith(f"“{name}” is an EEG.")
    window.take((clip,))
    qtbot.waitUntil(lambda: is_open(window.session, clip))
    at_rest(qtbot, window.session)
    window.actions_["open"].trigger()
    qtbot.waitUntil(lambda: bool(window.findChildren(AttachEegDialog)))
    for dialog in window.findChildren(AttachEegDialog):
        dialog.reject()


def test_a_recording_and_its_eeg_that_are_dropped_together(qtbot: QtBot, window: Window, clip: Path) -> None:
    path = write_eeg(clip.parent / "night.bdf", started=TEN)
    _drop(window, path, clip)
    dialog = _shown(qtbot, window)
    assert is_open(window.session, clip)
    at_rest(qtbot, window.session)
    dialog.accept()
    qtbot.waitUntil(lambda: bool(window.session.attached_eeg.files))
    wait_read(qtbot, window.session, window.session.attached_eeg.files[0])
    saved(qtbot, window.session)
    with stored(window.session) as study:
        assert [one.name for one in study.eegs(1)] == ["night.bdf"]


def test_pieces_that_are_dropped_together_are_asked_about_in_turn(
    qtbot: QtBot, window: Window, clip: Path
) -> None:
    paths = [write_eeg(clip.parent / f"{name}.edf", started=TEN, seed=ord(name)) for name in "abc"]
    _drop(window, *paths, clip)
    first = _shown(qtbot, window)
    at_rest(qtbot, window.session)
    assert "2 more" in first.windowTitle()
    first.accept()
    qtbot.waitUntil(lambda: len(_titles(window)) == 1 and "1 more" in _titles(window)[0])
    second = _shown(qtbot, window)
    assert second.examined is not None
    assert second.examined.path == paths[1]
    second.reject()
    qtbot.waitUntil(lambda: bool(window.session.attached_eeg.files))
    qtbot.waitUntil(lambda: not window.findChildren(AttachEegDialog))
    wait_read(qtbot, window.session, window.session.attached_eeg.files[0])
    saved(qtbot, window.session)
    assert [one.name for one in window.session.attached_eeg.files] == ["a.edf"], "Cancel leaves the others"


def _titles(window: Window) -> list[str]:
    return [one.windowTitle() for one in window.findChildren(AttachEegDialog)]


def test_an_eeg_is_not_asked_about_for_another_recording(qtbot: QtBot, window: Window, clip: Path) -> None:
    broken = clip.with_name("broken.mp4")
    broken.write_bytes(b"no video")
    _drop(window, broken, write_eeg(clip.parent / "night.edf", started=TEN))
    qtbot.waitUntil(lambda: "broken.mp4" in window.session.status.message)
    window.session.opening.open(clip)
    qtbot.waitUntil(lambda: is_open(window.session, clip))
    at_rest(qtbot, window.session)
    assert not window.findChildren(AttachEegDialog)


def test_the_menu_attaches_opens_again_and_detaches(qtbot: QtBot, window: Window, clip: Path) -> None:
    assert not window.actions_["attach_eeg"].isEnabled()
    path = write_eeg(clip.parent / "night.edf", started=TEN)
    window.session.opening.open(clip)
    qtbot.waitUntil(lambda: is_open(window.session, clip))
    at_rest(qtbot, window.session)
    window.actions_["attach_eeg"].trigger()
    _shown(qtbot, window).accept()
    qtbot.waitUntil(lambda: bool(window.session.attached_eeg.files))
    attached = window.session.attached_eeg
    eeg = wait_read(qtbot, window.session, attached.files[0])
    content = path.read_bytes()
    path.write_bytes(content + content[-5000:])
    window.actions_["reopen_eeg"].trigger()
    qtbot.waitUntil(lambda: "has grown since it was attached" in attached.problem_of(eeg))
    wait_read(qtbot, window.session, eeg)
    window.actions_["detach_eeg"].trigger()
    assert not window.session.attached_eeg.files
    assert not window.actions_["detach_eeg"].isEnabled(), "nothing is attached"
    saved(qtbot, window.session)


def test_the_menu_goes_from_one_attached_eeg_to_the_next(qtbot: QtBot, window: Window, clip: Path) -> None:
    window.session.opening.open(clip)
    qtbot.waitUntil(lambda: is_open(window.session, clip))
    at_rest(qtbot, window.session)
    attached = window.session.attached_eeg
    early, late = (
        attach(qtbot, window.session, write_eeg(clip.parent / f"{name}.edf", seed=seed), AgreedSync(Sync(at)))
        for seed, (name, at) in enumerate((("a", -30.0), ("b", 40.0)), 1)
    )
    shown = []
    for _ in range(2):
        window.actions_["next_eeg"].trigger()
        assert attached.current is not None
        shown.append((attached.current.name, window.session.status.message))
    assert sorted(shown) == [("a.edf", "EEG 1 of 2: a.edf"), ("b.edf", "EEG 2 of 2: b.edf")]
    window.session.status.say("Waves made smaller for their rows: EEG 100 µV/mm", of_eeg=True)
    window.actions_["next_eeg"].trigger()
    assert window.session.status.line == "", "it was said of the other EEG"
    window.session.status.say("saved 10:00:00")
    window.actions_["next_eeg"].trigger()
    assert window.session.status.line == "saved 10:00:00"
    attached.choose(next(one for one in attached.files if one != attached.current))
    assert window.session.status.message == ""
    attached.detach(early)
    window.actions_["next_eeg"].trigger()
    assert attached.current == late
    assert "no other EEG is attached" in window.session.status.line
    saved(qtbot, window.session)
