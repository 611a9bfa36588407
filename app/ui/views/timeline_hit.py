"""The part of the timeline under the pointer, and the interface that editing needs of the panel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QPointF

from app.core.plain_text import plain
from app.core.reading import Reading
from app.core.semiology import Span
from app.core.study.marks import Mark
from app.core.timeline.time_axis import TimeScale
from app.core.timeline.timeline_rows import FloatArray, Row


@dataclass(frozen=True, slots=True)
class Hit:
    """The part of the timeline under the pointer."""

    row: Row
    reading: Reading
    span: Span | None
    mine: bool = False

    @property
    def who(self) -> str:
        """Whose lane it is."""
        if self.mine:
            return "You"
        return "Signal reader" if self.reading.reader.is_rule_based else plain(self.reading.reader.name, 40)


class EditedTimeline(Protocol):
    """The timeline as far as its evidence and marks are taken and dragged."""

    @property
    def scale_of_time(self) -> TimeScale: ...
    def height(self) -> int: ...
    def mark_at(self, position: QPointF) -> Mark | None: ...
    def hit(self, position: QPointF) -> Hit | None: ...
    def my_edges(self, feature: str) -> FloatArray | None: ...
    def my_lane(self, feature: str) -> tuple[float, float]: ...
    def click(self, position: QPointF) -> None: ...
