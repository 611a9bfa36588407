"""A row of parts that shares its room by what matters most: the least important part goes first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.views.elided_label import ElidedLabel

_SPACING = 6


@dataclass(frozen=True, slots=True)
class RowPart:
    """A widget of the row: the less its `rank`, the more it matters.

    With fewer than `least` pixels (None: than it wants) it is not shown at all. One that is `whole_last` is
    made wider only by what the others leave.
    """

    widget: QWidget
    rank: int
    least: int | None = None
    whole_last: bool = False


def shared_width(
    room: int, wants: Sequence[tuple[int, int]], whole_last: frozenset[int] = frozenset()
) -> list[int]:
    """The width of each part, the most important first, of which each has a width that it wants and a least.

    Every part has its least as long as there is room, and 0 otherwise; what is left over makes parts whole,
    those with the numbers `whole_last` after the others.
    """
    widths = []
    for wanted, least in wants:
        width = min(wanted, least)
        widths.append(width if width <= room else 0)
        room -= widths[-1]
    for number in sorted(range(len(wants)), key=lambda number: number in whole_last):
        wanted = wants[number][0]
        more = min(wanted - widths[number], room) if widths[number] else 0
        widths[number] += more
        room -= more
    return widths


class CrowdedRow(QWidget):
    """Places parts from the left and from the right; no two of them ever overlap."""

    def __init__(
        self, left: Sequence[RowPart], right: Sequence[RowPart], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._left, self._right = left, right
        for part in (*left, *right):
            part.widget.setParent(self)
            if isinstance(part.widget, ElidedLabel):
                part.widget.setMinimumWidth(0)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        heights = [part.widget.sizeHint().height() for part in (*self._left, *self._right)]
        return QSize(0, max(heights, default=0))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest:  # a text has changed, or a part is shown or hidden
            self.updateGeometry()
            self._arrange()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        shown = [part for part in (*self._left, *self._right) if not part.widget.isHidden()]
        ranked = sorted(shown, key=lambda part: part.rank)
        wanted = [part.widget.sizeHint().width() + _SPACING for part in ranked]
        least = [
            want if part.least is None else part.least + _SPACING
            for part, want in zip(ranked, wanted, strict=True)
        ]
        last = frozenset(number for number, part in enumerate(ranked) if part.whole_last)
        widths = shared_width(self.width(), list(zip(wanted, least, strict=True)), last)
        width_of = {id(part): width for part, width in zip(ranked, widths, strict=True)}
        start = 0
        for part in self._left:
            width = width_of.get(id(part), 0)
            self._place(part.widget, start, width)
            start += width
        end = self.width()
        for part in reversed(self._right):
            width = width_of.get(id(part), 0)
            end -= width
            self._place(part.widget, end, width)

    def _place(self, widget: QWidget, x: int, width: int) -> None:
        height = min(widget.sizeHint().height(), widget.maximumHeight(), self.height())
        widget.setGeometry(x, (self.height() - height) // 2, max(0, width - _SPACING), height)
