"""A drop-down that is too narrow for its text cuts it with an ellipsis and says it whole in its tip."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from app.ui.session.session import Session
from app.ui.views.combo_box import ComboBox
from app.ui.views.comparison import ComparisonView
from app.ui.views.eeg_toolbar import ChoiceList

LONG = "a-reader-with-a-very-long-name-of-its-model-2026-11-30 · run 3"


def box_with(qtbot: QtBot, text: str) -> ComboBox:
    box = ComboBox()
    qtbot.addWidget(box)
    box.addItem(text)
    box.setFixedWidth(170)
    box.show()
    return box


def test_a_long_text_is_cut_with_an_ellipsis_and_whole_in_the_tip(qtbot: QtBot) -> None:
    box = box_with(qtbot, LONG)
    assert box.cuts
    assert "…" in box.shown
    assert box.shown.startswith("a-reader")
    whole = box.grab().toImage()
    box.setItemText(0, box.shown)
    assert box.grab().toImage() == whole, "what is painted is the text with the ellipsis"
    box.setItemText(0, LONG)
    place = QPoint(20, 10)
    QApplication.sendEvent(box, QHelpEvent(QHelpEvent.Type.ToolTip, place, box.mapToGlobal(place)))
    assert QToolTip.text() == LONG
    QToolTip.hideText()


def test_a_text_with_room_is_whole(qtbot: QtBot) -> None:
    box = box_with(qtbot, "signal")
    assert not box.cuts
    assert box.shown == "signal"


def test_the_lists_of_the_comparison_are_such(qtbot: QtBot) -> None:
    session = Session()
    try:
        view = ComparisonView(session)
        qtbot.addWidget(view)
        boxes = (view.first, view.second, view.over, view.page, view.pictures.figure)
        assert all(isinstance(box, ComboBox) for box in boxes)
    finally:
        session.close()


@pytest.mark.usefixtures("themed")
def test_the_open_list_of_the_eeg_strip_cuts_no_text(qtbot: QtBot) -> None:
    box = ChoiceList("Montage", lambda _value: None)
    qtbot.addWidget(box)
    box.show_value([(LONG, "a"), ("Cz reference", "b")], "b", "")
    box.setFixedWidth(120)
    with qtbot.waitExposed(box):
        box.show()
    box.showPopup()
    qtbot.waitUntil(box.view().isVisible)
    assert box.view().viewport().width() >= box.view().sizeHintForColumn(0)
    box.hidePopup()
