"""The texts of the EEG's axis: none is left out because the first one was moved over the next."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from app.ui.theme import DARK, small_font
from app.ui.views.eeg_paint import PageCanvas, paint_axis


class NotedTexts:
    """Paints, and knows which texts stand where."""

    def __init__(self, painter: QPainter) -> None:
        self.painter = painter
        self.lefts: dict[str, float] = {}

    def font(self) -> object:
        return self.painter.font()

    def drawText(self, place: QPointF, text: str) -> None:
        self.lefts[text] = place.x()


@pytest.fixture
def noted(qtbot: QtBot) -> Iterator[NotedTexts]:
    image = QImage(1000, 40, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.setFont(small_font())
    yield NotedTexts(painter)
    painter.end()


def test_the_first_text_leaves_room_for_the_second(noted: NotedTexts) -> None:
    labels = [(float(second), f"22:22:{second:02d}") for second in range(10)]
    step = 1.5 * noted.painter.fontMetrics().horizontalAdvance("22:22:04")
    canvas = PageCanvas(QRectF(88, 32, 10 * step, 100), 0.0, 10.0, DARK)
    paint_axis(noted, canvas, 0, labels, room=10.0)  # type: ignore[arg-type]  # as much of a painter as it needs
    assert list(noted.lefts) == [text for _, text in labels]
    assert noted.lefts["22:22:00"] >= 88 - 10
    tight = NotedTexts(noted.painter)
    paint_axis(tight, canvas, 0, labels)  # type: ignore[arg-type]
    assert tight.lefts["22:22:00"] == 90
    assert "22:22:01" not in tight.lefts, "what the first one covered"
