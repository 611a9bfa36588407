"""The dialog with the sheet of a clip: as large as the screen has room for, and safe from stray keys."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from app.core.deidentify.prepared_clips import PreparedClip
from app.core.semiology import Span
from app.ui.dialogs import check_clip
from app.ui.dialogs.check_clip import SCROLL, UNREADABLE, ClipCheckDialog, SheetDialog
from app.ui.dialogs.course_sheets import CourseSheetsDialog


def sheet_in(folder: Path, width: int, height: int) -> Path:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(0x606060)
    assert image.save(str(folder / "sheet.png"))
    return folder / "sheet.png"


def check_of(qtbot: QtBot, sheet: Path, count: int = 1) -> ClipCheckDialog:
    clip = PreparedClip(Span(0.0, 1.0), sheet, sheet, sheet.with_name("clip.mp4"), 15, 0, 0.0, 15, 0)
    clips: Any = SimpleNamespace(clips=(clip,) * count)
    check = ClipCheckDialog(clips)
    check.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(check)
    check.open()
    qtbot.waitExposed(check)
    return check


def course_of(qtbot: QtBot, sheet: Path) -> CourseSheetsDialog:
    waiting: Any = SimpleNamespace(case=SimpleNamespace(id="a", name="A"), sheet=sheet, found="")
    course = CourseSheetsDialog((waiting, waiting))
    course.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(course)
    course.open()
    qtbot.waitExposed(course)
    return course


OPENED = pytest.mark.parametrize("opened", [check_of, course_of])


def all_is_seen(dialog: SheetDialog) -> bool:
    return dialog.area.verticalScrollBar().maximum() <= 4


@OPENED
def test_all_rows_are_seen_where_they_fit_and_can_be_kept_at_once(
    qtbot: QtBot, tmp_path: Path, opened: Any
) -> None:
    """Offscreen the screen has 800 × 800 pixels."""
    dialog = opened(qtbot, sheet_in(tmp_path, 1200, 760))
    qtbot.waitUntil(dialog.keep.isEnabled)
    assert all_is_seen(dialog)
    assert dialog.sheet.pixmap().width() > 600
    assert dialog.why.text() == ""


@OPENED
def test_nothing_is_kept_before_the_last_row_was_in_view(qtbot: QtBot, tmp_path: Path, opened: Any) -> None:
    dialog = opened(qtbot, sheet_in(tmp_path, 700, 2400))
    bar = dialog.area.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 1000)
    qtbot.wait(50)
    assert not dialog.keep.isEnabled()
    assert dialog.why.text() == SCROLL
    assert dialog.height() > 700, "as high as the screen lets it be"
    bar.setValue(bar.maximum() // 2)
    assert not dialog.keep.isEnabled()
    qtbot.keyClick(dialog.area, Qt.Key.Key_PageDown)
    bar.setValue(bar.maximum())
    qtbot.waitUntil(dialog.keep.isEnabled)
    assert dialog.why.text() == ""


def test_each_sheet_of_a_course_begins_at_its_first_row(qtbot: QtBot, tmp_path: Path) -> None:
    course = course_of(qtbot, sheet_in(tmp_path, 700, 2400))
    bar = course.area.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 1000)

    def at_its_end() -> bool:
        bar.setValue(bar.maximum())
        return bool(course.keep.isEnabled())

    qtbot.waitUntil(at_its_end)
    course.keep.click()
    qtbot.wait(50)
    assert bar.value() == 0
    assert not course.keep.isEnabled()


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_Escape])
def test_no_key_that_was_meant_for_another_window_throws_a_clip_away(
    qtbot: QtBot, tmp_path: Path, key: Qt.Key
) -> None:
    check = check_of(qtbot, sheet_in(tmp_path, 1200, 760))
    ended: list[int] = []
    check.finished.connect(ended.append)
    qtbot.waitUntil(check.keep.isEnabled)
    for _again in range(3):
        target: QWidget = check.area
        if check.asked.box is not None and check.asked.box.isVisible():
            target = check.asked.box
        qtbot.keyClick(target, key)
    assert check.isVisible()
    assert ended == []


@pytest.mark.parametrize("close", [True, False])
def test_closing_asks_and_discards_only_when_that_is_said(qtbot: QtBot, tmp_path: Path, close: bool) -> None:
    check = check_of(qtbot, sheet_in(tmp_path, 1200, 760))
    if close:
        check.close()
    else:
        qtbot.keyClick(check, Qt.Key.Key_Escape)
    assert check.isVisible()
    assert check.asked.box is not None
    assert check.asked.box.text() == "Discard the clip?"
    box: QMessageBox = check.asked.box
    (discard,) = [one for one in box.buttons() if one.text() == "Discard"]
    assert box.defaultButton() is not discard
    with qtbot.waitSignal(check.rejected):
        discard.click()
    assert not check.isVisible()


def test_the_keyboard_is_not_taken_from_another_window(qtbot: QtBot, tmp_path: Path) -> None:
    behind = QWidget()
    qtbot.addWidget(behind)
    assert SheetDialog(behind).testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)


def test_the_second_press_of_a_double_click_decides_nothing_about_the_next_clip(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = course_of(qtbot, sheet_in(tmp_path, 1200, 760))
    qtbot.waitUntil(course.keep.isEnabled)
    monkeypatch.setattr(check_clip, "PAUSE", 600_000)
    qtbot.mouseClick(course.keep, Qt.MouseButton.LeftButton)
    assert not course.leave_out.isEnabled(), "before the next sheet was painted"
    qtbot.waitUntil(course.pause.isActive)
    qtbot.wait(50)
    for one in (course.keep, course.leave_out):
        assert not one.isEnabled()
        qtbot.mouseDClick(one, Qt.MouseButton.LeftButton)
    assert course.isVisible()
    assert "(2 of 2)" in course.which.text()
    course.pause.start(0)
    qtbot.waitUntil(lambda: course.keep.isEnabled() and course.leave_out.isEnabled())


def test_a_double_click_is_no_click(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the person's double clicks are slower than the pause."""
    monkeypatch.setattr(check_clip, "PAUSE", 0)
    check = check_of(qtbot, sheet_in(tmp_path, 1200, 760), count=3)
    qtbot.waitUntil(check.next.isEnabled)
    qtbot.mouseClick(check.next, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(check.next.isEnabled)
    qtbot.mouseDClick(check.next, Qt.MouseButton.LeftButton)
    assert "(2 of 3)" in check.which.text()


@OPENED
@pytest.mark.parametrize("damaged", [True, False])
def test_a_clip_whose_sheet_cannot_be_shown_cannot_be_kept(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: Any, damaged: bool
) -> None:
    monkeypatch.setattr(check_clip, "PAUSE", 0)
    sheet = tmp_path / "sheet.png"
    if damaged:
        sheet.write_bytes(b"\x89PNG\r\n\x1a\n and no picture")
    dialog = opened(qtbot, sheet)
    qtbot.waitUntil(lambda: dialog.sheet.shown)
    qtbot.wait(50)
    assert not dialog.keep.isEnabled()
    assert dialog.why.text() == UNREADABLE
    away = dialog.discard if isinstance(dialog, ClipCheckDialog) else dialog.leave_out
    qtbot.waitUntil(away.isEnabled)
