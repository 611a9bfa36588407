"""What is said of the queue of analyses and of one order in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.plain_text import plain
from app.core.times import remaining_words

if TYPE_CHECKING:
    from app.core.batch.queue_orders import AnalysisOrder
    from app.core.batch.work_queue import QueueView


def order_words(order: AnalysisOrder, shares: Mapping[int, float], place: int) -> str:
    """The state of an order in a word or a number; `place` counts those that wait, from 1."""
    state = order.state.value
    if state == "running":
        return f"{shares.get(order.id, 0.0):.0%}"
    if state == "waiting":
        return f"{place}."
    return "✓" if state == "done" else "failed"


def places(view: QueueView) -> dict[int, int]:
    """The place of each waiting order by its id, counted from 1."""
    waiting = (row for row in view.orders.rows if row.state.value == "waiting")
    return {row.id: place for place, row in enumerate(waiting, 1)}


def order_tip(order: AnalysisOrder, place: int) -> str:
    """The state of an order in a sentence."""
    state = order.state.value
    if state == "failed":
        return plain(order.reason, 200) or "It failed."
    if state == "waiting":
        return f"Waits to be analysed, number {place} in the queue"
    return "Is being analysed" if state == "running" else "Analysed and kept"


@dataclass(frozen=True, slots=True)
class QueuedState:
    """The state of one order: the share (0–1) that is done, and its place among those that wait, else 0."""

    order: AnalysisOrder
    share: float
    place: int

    @property
    def words(self) -> str:
        """In a word or a number."""
        return order_words(self.order, {self.order.id: self.share}, self.place)

    @property
    def tip(self) -> str:
        """In a sentence."""
        return order_tip(self.order, self.place)


def states_in(view: QueueView | None, folder: Path | None) -> dict[int, QueuedState]:
    """The state of a study's orders by the recording's number."""
    if view is None or folder is None:
        return {}
    place, shares, here = places(view), view.shares, str(folder.absolute())
    return {
        row.number: QueuedState(row, shares.get(row.id, 0.0), place.get(row.id, 0))
        for row in view.orders.rows
        if str(row.study) == here
    }


def queue_count(view: QueueView) -> str:
    """How many analyses are done, in the fewest words; "" when there are none."""
    rows = view.orders.rows
    return f"Analyses: {sum(row.state.value == 'done' for row in rows)} of {len(rows)}" if rows else ""


def queue_words(view: QueueView) -> str:
    """How far the queue is, in a line; "" when it has nothing to say."""
    rows = view.orders.rows
    if not rows:
        return ""
    failed = sum(row.state.value == "failed" for row in rows)
    left = view.orders.left
    parts = [queue_count(view)]
    parts += [f"{failed} failed"] if failed else []
    if left and view.orders.paused:
        parts.append("finishing what runs, then paused" if view.shares else "paused")
    elif left and view.waits and not view.shares:
        parts.append("after the open recording")
    elif left:
        parts += filter(None, [remaining_words(view.remaining)])
    return " · ".join(parts)
