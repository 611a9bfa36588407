"""The interface of the timeline that editing needs."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QPointF

from app.core.study.marks import Mark
from app.core.study.timeline_tips import Hit
from app.core.timeline.time_axis import TimeScale
from app.core.timeline.timeline_rows import FloatArray


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
