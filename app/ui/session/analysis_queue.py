"""The queue of analyses in the window: ordered from here, worked off in the background, shown as it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.folders import queue_file
from app.core.jobs import Task
from app.core.settings import load_settings
from app.core.study.study_news import arrived
from app.ui.session.background import Background
from app.ui.session.status import Offer, StatusLine

if TYPE_CHECKING:
    from app.core.batch.queue_orders import AnalysisOrder
    from app.core.batch.work_queue import QueueView, WorkQueue


class AnalysisQueue(QObject):
    """Orders analyses of recordings and shows how far they are; every signal comes in the GUI thread."""

    changed = Signal()
    """`view` may be another."""

    def __init__(
        self,
        status: StatusLine,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._status = status
        self._waits = self._is_closed = False
        self._queue: WorkQueue | None = None
        self._view: QueueView | None = None
        self._arrived: list[str] = []
        self._told: list[Callable[[WorkQueue], None]] = []
        self._has_asked = False
        self._remarked = ""
        self._work = Background("queue of analyses", self)
        self._work.posted.connect(self._on_posted)
        self._work.failed.connect(self._on_failed)
        self._ordering = Background("ordering of analyses", self)
        self._ordering.done.connect(self._on_ordered)
        self._ordering.failed.connect(status.show_message)
        self._ordering.ended.connect(self._order_next)
        self._wanted: list[tuple[Path, frozenset[int], str]] = []

    def close(self) -> None:
        """Returns when all work has ended; what is left is done at another time, and nothing begins anew."""
        self._is_closed = True
        self._ordering.close()
        self._work.close()

    @property
    def view(self) -> QueueView | None:
        """The queue as it was a moment ago; None before it was begun."""
        return self._view

    def order_of(self, folder: Path | None, number: int) -> AnalysisOrder | None:
        """The last order for a recording of the study in `folder`."""
        if self._view is None or folder is None:
            return None
        place = folder.absolute()
        rows = (row for row in self._view.orders.rows if row.number == number and row.study == place)
        return next(iter(sorted(rows, key=lambda row: not row.is_left)), None)

    # ordering

    def begin(self) -> None:
        """Take up the queue of former runs, unless that is done."""
        if not self._work.running and not self._is_closed:
            self._queue = None
            settings = load_settings()
            jobs, asks = settings.queue_jobs, settings.queue_asks
            self._work.start(lambda task: _work_off(task, jobs, asks))

    def begin_if_left(self) -> None:
        """The same if there may be something left to be done."""
        if queue_file().exists():
            self.begin()

    def order(self, folder: Path, numbers: frozenset[int], reader: str = "signal") -> None:
        """Let a local reader analyse these recordings of a study when it is their turn."""
        self._wanted.append((folder, numbers, reader))
        if not self._ordering.running:
            self._order_next()

    def _order_next(self) -> None:
        if self._wanted:
            folder, numbers, reader = self._wanted.pop(0)
            self._ordering.start(lambda _task: _orders(folder, numbers, reader))

    def _on_ordered(self, orders: tuple[AnalysisOrder, ...]) -> None:
        self._tell(lambda queue: queue.add(orders))
        words = "1 analysis" if len(orders) == 1 else f"{len(orders)} analyses"
        paused = self._view is not None and self._view.orders.paused
        self._status.say(f"{words} queued; the queue is paused" if paused else f"{words} queued")

    # changing it

    def pause(self, on: bool) -> None:
        """Begin nothing new, or go on; what runs is finished."""
        self._tell(lambda queue: queue.pause(on))

    def remove(self, ids: frozenset[int]) -> None:
        """Take orders out; those that run are stopped."""
        self._tell(lambda queue: queue.remove(ids))

    def move(self, ids: frozenset[int], by: int) -> None:
        """Move waiting orders by so many places, towards the front when it is negative."""
        self._tell(lambda queue: queue.move(ids, by))

    def try_again(self, ids: frozenset[int]) -> None:
        """Let orders that failed wait again."""
        self._tell(lambda queue: queue.try_again(ids))

    def set_jobs(self, jobs: int) -> None:
        """How many recordings of one study are analysed at once, from the next batch on."""

        def change(queue: WorkQueue) -> None:
            queue.jobs = jobs

        if self._queue is not None:
            change(self._queue)

    def wait_for_screen(self, on: bool) -> None:
        """Whether the recording on the screen is analysed itself: it comes first."""
        if on != self._waits and self._queue is not None:
            self._queue.wait_for_screen(on)
            self._show(self._queue.view())
        self._waits = on

    def _tell(self, what: Callable[[WorkQueue], None]) -> None:
        if self._queue is None:
            self._told.append(what)
            self.begin()
            return
        what(self._queue)
        self._show(self._queue.view())

    # what comes from the thread

    def _on_posted(self, posted: WorkQueue | QueueView) -> None:
        from app.core.batch.work_queue import QueueView

        if isinstance(posted, QueueView):
            # On its way it may have been overtaken by a change that was made here.
            self._show(posted if self._queue is None else self._queue.view())
            return
        self._queue = posted
        posted.wait_for_screen(self._waits)
        told, self._told = self._told, []
        for what in told:
            what(posted)

    def _show(self, view: QueueView) -> None:
        former, self._view = self._view, view
        if view.remark != self._remarked:
            self._remarked = view.remark
            self._status.show_message(view.remark)
        if former is not None:
            self._tell_what_arrived(former, view)
        if view.asks and not self._has_asked:
            self._has_asked = True
            left = len(view.orders.left)
            words = "1 analysis is" if left == 1 else f"{left} analyses are"
            sentence = f"{words} left from the last time."
            self._status.make_offer(Offer(sentence, "Go on", lambda: self.pause(False)))
        self.changed.emit()

    def _tell_what_arrived(self, former: QueueView, view: QueueView) -> None:
        """Say how many answers have come since there was last nothing to do."""
        unsettled = {row.id for row in former.orders.left}
        done = [row.reader for row in view.orders.rows if row.id in unsettled and row.state.value == "done"]
        if not unsettled:
            self._arrived = []
        if done:
            self._arrived += done
            self._status.say(arrived(self._arrived))

    def _on_failed(self, sentence: str) -> None:
        self._queue, told = None, self._told
        self._told = []
        if told:  # else nobody has asked for anything
            self._status.show_message(sentence)


def _work_off(task: Task, jobs: int, asks: bool) -> None:
    from app.core.batch.unit import UnitReading
    from app.core.batch.work_queue import WorkQueue

    queue = WorkQueue(jobs=jobs, asks=asks)
    # Only once it is known that no other window has it.
    begun = False

    def changed() -> None:
        nonlocal begun
        if not begun:
            begun = True
            task.post(queue)
        task.post(queue.view())

    queue.run(UnitReading(), changed, task.cancel)


def _orders(folder: Path, numbers: frozenset[int], reader: str) -> tuple[AnalysisOrder, ...]:
    from app.core.batch.queue_orders import orders_for

    return orders_for(folder, numbers, reader)
