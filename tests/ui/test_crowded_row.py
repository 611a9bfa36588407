"""The status bar with much to say: what matters most is whole, the rest is cut or gone, nothing overlaps."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolButton, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from app.core.jobs import Progress
from app.ui.session.session import Session
from app.ui.views.crowded_row import CrowdedRow, shared_width
from app.ui.views.elided_label import ElidedLabel
from app.ui.views.status_bar import DISCLAIMER, SHORT_DISCLAIMER, StatusBar
from tests.ui.session_cases import opened

LONG = "Waves made smaller for their rows: EEG 50 µV/mm, EOG 70 µV/mm, EMG 100 µV/mm, ECG 200 µV/mm"
SILENT = "This computer has no sound output, so the recording plays silently."


def told(qtbot: QtBot, session: Session, width: int) -> StatusBar:
    """A status bar of this width that has everything to say at once."""
    bar = StatusBar(session)
    qtbot.addWidget(bar)
    session.status.say(LONG)
    session.sound._on_silent(SILENT)
    session.analysis.show_work(Progress("Finding pose and face", 0.42, 33.0))
    bar.resize(width, 30)
    bar.show()
    QApplication.processEvents()
    return bar


def named(bar: StatusBar, name: str) -> ElidedLabel:
    return next(label for label in bar.findChildren(ElidedLabel) if label.accessibleName() == name)


@pytest.mark.parametrize("width", [1440, 1280, 900, 640])
def test_nothing_overlaps_and_what_matters_most_stays(qtbot: QtBot, width: int) -> None:
    with opened(qtbot) as session:
        bar = told(qtbot, session, width)
        row = bar.findChild(CrowdedRow)
        assert isinstance(row, CrowdedRow)
        parts = [one for one in row.children() if isinstance(one, QWidget) and one.isVisible()]
        places = sorted((one.geometry() for one in parts if one.width()), key=lambda place: place.left())
        assert all(one.right() < other.left() for one, other in pairwise(places))
        assert places[-1].right() < row.width()
        cancel = next(one for one in parts if isinstance(one, QToolButton) and one.text() == "Cancel")
        assert cancel.width() >= cancel.sizeHint().width()
        assert named(bar, "Where data is sent").shown == "Local only"
        cut = [one.shown for one in bar.findChildren(ElidedLabel) if one.width() and one.shown != one.text()]
        assert cut, "not everything fits"
        assert all(words == SHORT_DISCLAIMER or "…" in words[1:-1] for words in cut)
        if width >= 1280:
            assert named(bar, "Background work").shown == "Finding pose and face"
            assert named(bar, "Time remaining").shown == "about 30 s left"
        purpose = named(bar, "Purpose")
        assert purpose.shown == SHORT_DISCLAIMER, "there is always room to say so"
        assert purpose.width() >= purpose.width_of(SHORT_DISCLAIMER)
        if width == 640:
            assert not named(bar, "Time remaining").width(), "the least important goes first"


def test_a_bar_with_room_says_everything_whole(qtbot: QtBot) -> None:
    with opened(qtbot) as session:
        bar = told(qtbot, session, 2600)
        for label in bar.findChildren(ElidedLabel):
            assert label.shown == label.text()
        assert named(bar, "Purpose").shown == DISCLAIMER


def test_a_line_that_is_cut_is_whole_in_its_tip(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _at, text, _widget: said.append(text))
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.setText(SILENT)
    for width in (80, 2000):
        label.resize(width, 20)
        QApplication.sendEvent(label, QHelpEvent(QEvent.Type.ToolTip, QPoint(3, 3), QPoint(3, 3)))
    assert said == [SILENT], "only where it is cut"


@given(st.integers(0, 2000), st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), max_size=8))
def test_the_room_is_never_exceeded_and_goes_to_the_most_important(
    room: int, wants: list[tuple[int, int]]
) -> None:
    widths = shared_width(room, wants)
    assert sum(widths) <= room
    for width, (wanted, least) in zip(widths, wants, strict=True):
        assert width == 0 or min(wanted, least) <= width <= wanted
    if wants and min(wants[0]) <= room:
        assert widths[0] >= min(wants[0])
