"""The queue of analyses: orders over several studies, worked off one study at a time as batches.

What makes an order done once is the batch's folder of results (`results.py`): a program that is killed
between any two steps finds there what it had finished. The queue's file only says what is wanted.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.core.batch.batch_reader import BatchReader
from app.core.batch.queue_names import QueuedNames, RecordingKey
from app.core.batch.queue_orders import (
    AnalysisOrder,
    AnalysisOrders,
    OrderState,
    check_order,
    keep_orders,
    queue_folder,
    taken_up_orders,
)
from app.core.batch.recording_list import ListedRecording, default_results, recordings_of_study
from app.core.batch.run_batch import BatchChoice, run_batch
from app.core.batch.summary import SummaryRow, UnitState
from app.core.batch.unit import ReadUnit, Unit
from app.core.errors import Cancelled, UserError
from app.core.jobs import CancelToken, EitherToken, Progress, Report
from app.core.readers.local_readers import with_absolute_path
from app.core.reading import Reading
from app.core.study.store import Study
from app.core.study.writer_lock import WriterLock

_POLL = 0.2
_AGAIN = 2.0
"""Seconds after which writing the orders is tried again."""
_ELSEWHERE = "Another window of this program works off the queue; use the queue there, or close that window."
_FAULT = "This failed because of a fault in the program; the log says more."

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class QueueView:
    """The queue at one moment: its orders, the share (0–1) that is done of each running one by its id, and
    the seconds until all is done, None without an estimate; `asks`: a person must say whether what a former
    run has left is to be done; `waits`: the recording on the screen is analysed first; `remark`: what became
    of the orders of former runs, a sentence, "" for nothing."""

    orders: AnalysisOrders = field(default_factory=AnalysisOrders)
    shares: Mapping[int, float] = field(default_factory=dict)
    remaining: float | None = None
    asks: bool = False
    waits: bool = False
    remark: str = ""


class WorkQueue:
    """The orders, for any thread: changed by those who ask, worked off by the one thread that is in `run`."""

    def __init__(self, *, jobs: int = 1, asks: bool = False) -> None:
        """`jobs` is how many recordings of one study are read at once; with `asks` what a former run has left
        waits until `pause(False)`."""
        self.jobs = jobs
        self._may_ask, self._asks = asks, False
        self._lock = threading.RLock()
        self._orders = AnalysisOrders()
        self._kept: AnalysisOrders | None = None
        """What the file holds; None while that is not known."""
        self._shown: AnalysisOrders | None = None
        self._not_kept: tuple[AnalysisOrders, float] | None = None
        """What could not be written, and when that was tried."""
        self._remark = ""
        self._shares: dict[int, float] = {}
        self._tokens: dict[int, CancelToken] = {}
        self._pace = _ReadingPace()
        self._waits = False

    # what is asked of it

    def view(self) -> QueueView:
        """The queue as it is now."""
        with self._lock:
            remaining = self._pace.remaining(self._orders, self._shares)
            shares = dict(self._shares)
            return QueueView(self._orders, shares, remaining, self._asks, self._waits, self._remark)

    def add(self, orders: Iterable[AnalysisOrder]) -> None:
        """Put orders at the end; what is asked for already is not asked for twice."""
        with self._lock:
            self._orders = self._orders.added(orders)

    def remove(self, ids: frozenset[int]) -> None:
        """Take orders out; those that run are stopped."""
        with self._lock:
            self._orders = self._orders.without(ids)
            for id_ in ids & self._tokens.keys():
                self._tokens[id_].cancel()

    def move(self, ids: frozenset[int], by: int) -> None:
        """Move waiting orders by so many places."""
        with self._lock:
            self._orders = self._orders.moved(ids, by)

    def try_again(self, ids: frozenset[int]) -> None:
        """Let failed orders wait again."""
        with self._lock:
            self._orders = self._orders.tried_again(ids)

    def pause(self, on: bool) -> None:
        """Begin nothing new until it is switched off again; what runs is finished."""
        with self._lock:
            self._orders = AnalysisOrders(self._orders.rows, on)
            self._asks = False

    def wait_for_screen(self, on: bool) -> None:
        """Begin nothing new while the recording on the screen is analysed itself."""
        self._waits = on

    # working it off

    def run(self, read: ReadUnit, changed: Callable[[], None], cancel: CancelToken) -> None:
        """Work off the orders of this and former runs until it is cancelled; one program at a time does.

        `changed` is called when something may have changed, a few times a second while anything runs.
        Raises UserError when another program works off the queue, and Cancelled.
        """
        with _alone():
            self._take_up()
            names = QueuedNames(self._name_all)
            changed()
            try:
                while True:
                    cancel.check()
                    self._keep(changed)
                    if not self._asks:  # else no study is opened before a person says so
                        names.look(self._orders)
                    order = None if self._waits else self._orders.next_waiting()
                    if order is None:
                        cancel.wait(_POLL)
                    else:
                        self._run_study(order, read, changed, cancel)
            finally:
                names.end()
                self._not_kept = None
                self._keep(_nobody_looks)  # also what was taken out a moment before

    def _take_up(self) -> None:
        former, remark = taken_up_orders()
        with self._lock:
            self._remark = remark
            ordered = self._orders
            # A queue that was paused when its window closed would be forgotten if nobody asked.
            self._asks = bool(former.left) and (self._may_ask or former.paused)
            self._orders = AnalysisOrders(former.rows, self._asks or ordered.paused).added(ordered.rows)

    def _name_all(self, study: Path, names: Mapping[RecordingKey, str]) -> None:
        """Take up what a study calls its recordings; for any thread."""
        with self._lock:
            rows = [row for row in self._orders.rows if row.study == study and not row.name]
            known = {row.id: names.get((row.number, row.fingerprint), "") for row in rows}
            self._orders = self._orders.named(known)

    def _keep(self, changed: Callable[[], None]) -> None:
        """Write the orders if they have changed, again after a while where that failed."""
        orders = self._orders
        if orders != self._kept and not self._failed_just_now(orders):
            try:
                keep_orders(orders)
                self._kept, self._not_kept = orders, None
            except (UserError, OSError) as error:
                _log.warning("the queue of analyses was not kept: %s", error)
                self._not_kept = orders, time.monotonic()
        if orders != self._shown:
            self._shown = orders
            changed()

    def _failed_just_now(self, orders: AnalysisOrders) -> bool:
        if self._not_kept is None or self._not_kept[0] != orders:
            return False
        return time.monotonic() - self._not_kept[1] < _AGAIN

    def _run_study(
        self, first: AnalysisOrder, read: ReadUnit, changed: Callable[[], None], cancel: CancelToken
    ) -> None:
        """Read what waits of one study and by one reader, as one batch."""
        reader = BatchReader(with_absolute_path(first.reader))

        def tick(_progress: Progress) -> None:
            self._keep(changed)
            changed()

        def settled(unit: Unit, row: SummaryRow) -> None:
            self._settle(first, unit.recording.number, row)
            self._keep(changed)

        try:
            feed = _Feed(self, first)
            choice = BatchChoice(feed, (reader,), default_results(first.study), first.study, self.jobs)
            run_batch(choice, self._reading(first, read), report=tick, cancel=cancel, settled=settled)
        except Cancelled:
            raise
        except UserError as error:
            self._fail(first, str(error))
        except Exception:  # noqa: BLE001 - a fault in one study must not cost the others; it is logged
            _log.exception("a batch of the queue failed")
            self._fail(first, _FAULT)
        finally:
            self._put_back()

    def _reading(self, first: AnalysisOrder, read: ReadUnit) -> ReadUnit:
        def reading(unit: Unit, report: Report, cancel: CancelToken) -> Reading:
            order = self.running(first, unit.recording.number)
            if order is None:
                raise Cancelled
            with self._lock:
                token = self._tokens[order.id]

            def told(progress: Progress) -> None:
                with self._lock:
                    self._shares[order.id] = progress.done
                report(progress)

            return read(unit, told, EitherToken(token, cancel))

        return reading

    def begin(self, first: AnalysisOrder) -> AnalysisOrder | None:
        """The next order of the same study and reader, which runs from now on."""
        with self._lock:
            order = None if self._waits else self._orders.next_waiting()
            if order is None or (order.study, order.reader) != (first.study, first.reader):
                return None
            self._orders = self._orders.settled(order.id, OrderState.RUNNING)
            self._tokens[order.id], self._shares[order.id] = CancelToken(), 0.0
            self._pace.begin(order)
            return order

    def running(self, first: AnalysisOrder, number: int | None) -> AnalysisOrder | None:
        """The running order of this recording; None when it was taken out meanwhile."""
        rows = (row for row in self._orders.rows if row.state is OrderState.RUNNING and row.number == number)
        return next((row for row in rows if (row.study, row.reader) == (first.study, first.reader)), None)

    def name(self, order: AnalysisOrder, listed: ListedRecording) -> None:
        """Take up the name of an order's recording, so that it is taken out of a reason that is kept."""
        with self._lock:
            self._orders = self._orders.named({order.id: listed.name})

    def _settle(self, first: AnalysisOrder, number: int | None, row: SummaryRow) -> None:
        with self._lock:
            order = self.running(first, number)
            if order is None or row.state is UnitState.LEFT:  # it was taken out
                return
            state = OrderState.DONE if row.state in (UnitState.READ, UnitState.EARLIER) else OrderState.FAILED
            self._end(order, state, row.reason)
            if row.state is UnitState.READ:
                self._pace.end(order)

    def _end(self, order: AnalysisOrder, state: OrderState, reason: str = "") -> None:
        self._orders = self._orders.settled(order.id, state, reason)
        self._tokens.pop(order.id, None)
        self._shares.pop(order.id, None)

    def refuse(self, order: AnalysisOrder, reason: str) -> None:
        """An order cannot be begun."""
        with self._lock:
            self._end(order, OrderState.FAILED, reason)

    def _fail(self, first: AnalysisOrder, reason: str) -> None:
        """Nothing of this study can be read by this reader."""
        with self._lock:
            for row in self._orders.left:
                if (row.study, row.reader) == (first.study, first.reader):
                    self._end(row, OrderState.FAILED, reason)

    def _put_back(self) -> None:
        """What was running when its batch ended waits again."""
        with self._lock:
            for row in self._orders.left:
                if row.state is OrderState.RUNNING:
                    self._end(row, OrderState.WAITING)
            self._tokens.clear()
            self._shares.clear()


def _nobody_looks() -> None:
    """As `changed` once the queue has ended."""


class _Feed:
    """The recordings of one study and reader in the order of the queue, as it is when each is begun."""

    def __init__(self, queue: WorkQueue, first: AnalysisOrder) -> None:
        self._queue, self._first = queue, first
        self._begun = 0

    def __iter__(self) -> Iterator[ListedRecording]:
        while (order := self._queue.begin(self._first)) is not None:
            self._begun += 1
            try:
                listed = self._listed(order)
                self._queue.name(order, listed)
                yield listed
            except UserError as error:
                self._queue.refuse(order, str(error))

    def __len__(self) -> int:
        return max(self._begun, 1)

    def _listed(self, order: AnalysisOrder) -> ListedRecording:
        with Study.open_for_viewing(order.study) as study:
            check_order(study, order)
            (listed,) = recordings_of_study(study, only=frozenset({order.number}))
            return listed


class _ReadingPace:
    """How long a second of a recording takes, by what was read since the queue began."""

    def __init__(self) -> None:
        self._begun: dict[int, float] = {}
        self._worked = self._read = 0.0

    def begin(self, order: AnalysisOrder) -> None:
        self._begun[order.id] = time.monotonic()

    def end(self, order: AnalysisOrder) -> None:
        began = self._begun.pop(order.id, None)
        if began is not None and order.duration > 0:
            self._worked += time.monotonic() - began
            self._read += order.duration

    def remaining(self, orders: AnalysisOrders, shares: Mapping[int, float]) -> float | None:
        """Seconds for what is left, as if one were read after the other; None before anything was read."""
        worked, read, left = self._worked, self._read, 0.0
        for order in orders.left:
            share = shares.get(order.id, 0.0)
            left += order.duration * (1.0 - share)
            if share > 0.05 and order.id in self._begun:
                worked += time.monotonic() - self._begun[order.id]
                read += order.duration * share
        return left * worked / read if read > 0 else None


@contextmanager
def _alone() -> Iterator[None]:
    """Raises UserError when another program works off the queue."""
    try:
        lock = WriterLock.acquire(queue_folder())
    except OSError as error:
        raise UserError("The folder of the queue cannot be written, so nothing can be queued.") from error
    if lock is None:
        raise UserError(_ELSEWHERE)
    try:
        yield
    finally:
        lock.release()
