"""An open study that is written in a separate thread, in order, so that no disk holds up the caller.

Only this thread uses the study's connection, for changes and for questions: on a share that hangs a question
waits as long as a change does, so no other thread may ask one. What a caller shows meanwhile is what the last
question gave, and on top of that the edits in `StudyWriter.pending`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

from app.core.errors import StorageError, UserError
from app.core.study.change_requests import Reach, Request, reach
from app.core.study.retrying import PAUSES, Retrying, is_busy
from app.core.study.saving import (
    BUILDS_ON_REFUSED,
    NO_ANSWER,
    LeftWork,
    Outcome,
    Refused,
    Unsaved,
    Waiting,
    with_followers,
)
from app.core.study.store import Study
from app.core.study.study_in_use import StudyInUse

log = logging.getLogger(__name__)

T = TypeVar("T")
OutcomeHandler = Callable[[Outcome], None]

_CHECK_EVERY = 0.1
"""Seconds after which a thread that waits for an answer asks whether it should."""

_CLOSED = "The study was closed."
_GONE = "The study no longer contains this recording; open it again."
_UNEXPECTED = "Something unexpected kept this from being saved or read; the log holds the details."


@dataclass(eq=False, slots=True)
class _QueuedRequest:
    """A change on its way, by its `number`; `known_refusals` counts those that were delivered before."""

    number: int
    request: Request
    author: str
    on_outcome: OutcomeHandler
    known_refusals: int
    since: float = field(default_factory=time.monotonic)
    tried: bool = False


@dataclass(eq=False, slots=True)
class _Question:
    """What is asked; `at_once`: its answer is delivered in the thread, as soon as it is there."""

    ask: Callable[[Study], Any]
    answered: Callable[[Any], None]
    failed: Callable[[UserError], None]
    at_once: bool = False


class StudyWriter:
    """Makes the changes of one study in the order in which they are asked for.

    `open_study` runs in the thread. All methods are for one other thread, which `wake` (called in the
    thread) makes call `deliver_outcomes`: only there outcomes are delivered. Only those that are given
    `seconds` wait, and no longer than that. When the disk fails, all changes wait in order and are tried
    again after each of the `pauses` (seconds), when the next one is asked for, and by `retry`; questions
    are answered meanwhile.
    """

    def __init__(
        self,
        open_study: Callable[[], Study],
        wake: Callable[[], None],
        *,
        author: str,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self.author = author
        """Who makes the changes that are asked for from now on."""
        self._wake = wake
        self._pending: list[_QueuedRequest] = []
        self._asked_for = self._refusals_delivered = 0
        self._study = StudyInUse(open_study)
        # What follows is shared with the thread; the lock is never held while a disk works.
        self._changed = threading.Condition()
        self._queue: deque[_QueuedRequest | _Question] = deque()
        self._events: deque[Callable[[], None]] = deque()
        self._refusals: list[tuple[int, Reach]] = []
        self._held: StorageError | None = None
        self._retrying = Retrying(pauses)
        self._reopening = self._closing = False
        self._thread = threading.Thread(target=self._run, name="study writer", daemon=True)
        self._thread.start()

    # what is asked for

    def submit(self, request: Request, on_outcome: OutcomeHandler) -> None:
        """Make this change after those that were asked for before; `on_outcome` is given each outcome."""
        self._asked_for += 1
        order = _QueuedRequest(self._asked_for, request, self.author, on_outcome, self._refusals_delivered)
        self._pending.append(order)
        with self._changed:
            self._held = None
            self._retrying.why = ""
            self._add(order)

    def ask(
        self,
        question: Callable[[Study], T],
        answered: Callable[[T], None],
        failed: Callable[[UserError], None],
    ) -> None:
        """Ask the study after the changes that were asked for before, except those that wait for the disk."""
        with self._changed:
            self._add(_Question(question, answered, failed))

    def wait_for_answer(self, question: Callable[[Study], T], check: Callable[[], None]) -> T:
        """The answer to a question, for any thread that may wait for the disk.

        Raises UserError, and what `check` raises, which is called meanwhile.
        """
        done = threading.Event()
        answers: list[T] = []
        failures: list[UserError] = []

        def failed(error: UserError) -> None:
            failures.append(error)
            done.set()

        def answered(answer: T) -> None:
            answers.append(answer)
            done.set()

        with self._changed:
            self._add(_Question(question, answered, failed, at_once=True))
        while not done.wait(_CHECK_EVERY):
            check()
            if self.has_ended() and not done.is_set():
                raise UserError(_CLOSED)
        if failures:
            raise failures[0]
        return answers[0]

    def _add(self, one: _QueuedRequest | _Question) -> None:
        self._queue.append(one)
        self._changed.notify_all()

    def retry(self) -> None:
        """Open the study's file anew and try again what waits."""
        with self._changed:
            self._held, self._reopening = None, True
            self._retrying.reset()
            self._changed.notify_all()

    # what is known

    def pending(self) -> tuple[Request, ...]:
        """The changes whose outcome was not delivered yet, in order: shown on top of what the study holds."""
        return tuple(order.request for order in self._pending)

    def unsaved(self) -> Unsaved:
        """The changes that are not known to be on disk at this moment."""
        with self._changed:
            orders, why = self._orders(), self._retrying.why
            again = self._retrying.is_pausing and not self._closing
        if not orders:
            return Unsaved()
        requests = tuple(one.request for one in orders)
        return Unsaved(requests, why, time.monotonic() - orders[0].since, tried_again=again)

    def left(self) -> LeftWork:
        """The same changes as they can be kept elsewhere."""
        with self._changed:
            changes = tuple((one.author, one.request) for one in self._orders())
            return LeftWork(self._study.id, self._study.last_row, changes)

    def _orders(self) -> list[_QueuedRequest]:
        return [one for one in self._queue if isinstance(one, _QueuedRequest)]

    @property
    def study_id(self) -> str:
        """The study's id, "" until it is open."""
        return self._study.id

    def deliver_outcomes(self) -> None:
        """Deliver what has happened since; called when woken."""
        while (event := self._next_event()) is not None:
            event()

    def _next_event(self) -> Callable[[], None] | None:
        with self._changed:
            return self._events.popleft() if self._events else None

    # the end

    def settle(self, seconds: float) -> Unsaved:
        """What is not on disk after waiting at most so many `seconds` for it; the disk may have failed."""
        with self._changed:
            self._changed.wait_for(lambda: self._held is not None or not self._orders(), seconds)
        return self._left_unsaved()

    def close(self, seconds: float) -> Unsaved:
        """Finish what was asked for and close the study; wait at most so many `seconds` for that.

        Gives what is not on disk then; the thread may still write it as long as the program runs.
        """
        with self._changed:
            if not self._closing:
                self._closing, self._held = True, None
                self._retrying.reset()
            self._changed.notify_all()
        self._thread.join(seconds)
        return self._left_unsaved()

    def _left_unsaved(self) -> Unsaved:
        left = self.unsaved()
        return replace(left, why=left.why or NO_ANSWER) if left.requests else left

    def has_ended(self, seconds: float = 0.0) -> bool:
        """Whether the study is closed, after waiting at most so many `seconds`. For any thread."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    # in the thread

    def _run(self) -> None:
        while (one := self._next()) is not None:
            if isinstance(one, _Question):
                self._answer(one)
            else:
                self._write(one)
        self._study.close()

    def _next(self) -> _QueuedRequest | _Question | None:
        """What is to be done next, None at the end. A change stays in the queue until its end is known."""
        with self._changed:
            while not self._closing and self._first() is None:
                self._changed.wait(self._retrying.seconds)
                self._end_pause()
            one = self._first()
            if isinstance(one, _Question):
                self._queue.remove(one)
            return one

    def _end_pause(self) -> None:
        """Let the changes that wait for the disk be tried again once it is time; the lock is held."""
        if self._held is not None and self._retrying.seconds == 0.0:
            self._reopening = self._reopening or not is_busy(self._held)
            self._held = None

    def _first(self) -> _QueuedRequest | _Question | None:
        return next((one for one in self._queue if self._held is None or isinstance(one, _Question)), None)

    def _answer(self, question: _Question) -> None:
        answer: Any = None
        failure: UserError | None = None
        try:
            answer = question.ask(self._opened())
        except Exception as error:  # noqa: BLE001 - reported, and logged unless it is the input's fault
            failure = _for_people(error)
        deliver = partial(question.answered, answer) if failure is None else partial(question.failed, failure)
        if question.at_once:
            deliver()
        else:
            self._deliver(deliver)

    def _opened(self) -> Study:
        with self._changed:
            anew, self._reopening = self._reopening, False
        if anew:
            self._study.close()
        return self._study.study()

    def _write(self, order: _QueuedRequest) -> None:
        if self._builds_on_refusal(order):
            with self._changed:
                self._drop([order], UserError(BUILDS_ON_REFUSED), with_another=True)
            self._deliver()
            return
        again, order.tried = order.tried, True
        try:
            self._opened()
            saved = self._study.save(order.request, order.author, again=again)
        except StorageError as error:
            self._hold(order, error)
        except Exception as error:  # noqa: BLE001 - reported, and logged unless it is the input's fault
            self._refuse(order, _for_people(error))
        else:
            with self._changed:
                self._retrying.reset()
                self._study.acknowledge(saved)
                self._take_out(order)
            self._deliver(lambda: self._end(order, saved))

    def _hold(self, order: _QueuedRequest, error: StorageError) -> None:
        with self._changed:
            self._held = error
            self._retrying.fail(error)
            self._changed.notify_all()
        self._deliver(lambda: order.on_outcome(Waiting(error)))

    def _refuse(self, order: _QueuedRequest, error: UserError) -> None:
        """Refuse a change together with those behind it that build on it."""
        with self._changed:
            followers = _followers(order, self._orders())
            self._drop([order], with_followers(error, len(followers)))
            self._drop(followers, UserError(BUILDS_ON_REFUSED), with_another=True)
        self._deliver()

    def _drop(
        self, orders: Sequence[_QueuedRequest], error: UserError, *, with_another: bool = False
    ) -> None:
        """Take changes out of the queue as refused; the lock is held."""
        for order in orders:
            self._take_out(order)
            self._refusals.append((order.number, reach(order.request)))
            self._events.append(self._refusal(order, Refused(error, with_another)))

    def _take_out(self, order: _QueuedRequest) -> None:
        self._queue.remove(order)
        self._changed.notify_all()

    def _refusal(self, order: _QueuedRequest, refused: Refused) -> Callable[[], None]:
        def deliver() -> None:
            self._refusals_delivered += 1
            self._end(order, refused)

        return deliver

    def _builds_on_refusal(self, order: _QueuedRequest) -> bool:
        """Whether its caller did not know yet that something before it, on which it builds, was refused."""
        mine = reach(order.request)
        with self._changed:
            return any(
                number < order.number and mine.meets(refused)
                for number, refused in self._refusals[order.known_refusals :]
            )

    def _end(self, order: _QueuedRequest, outcome: Outcome) -> None:
        self._pending.remove(order)
        order.on_outcome(outcome)

    def _deliver(self, event: Callable[[], None] | None = None) -> None:
        if event is not None:
            with self._changed:
                self._events.append(event)
        try:
            self._wake()
        except Exception:
            # The window may be gone; the changes are written all the same.
            log.exception("The outcome of a change could not be delivered")


def _followers(order: _QueuedRequest, queued: Sequence[_QueuedRequest]) -> list[_QueuedRequest]:
    """The changes behind one that build on it, or on one of these."""
    refused, found = [reach(order.request)], []
    for later in queued:
        mine = reach(later.request)
        if later is not order and any(mine.meets(one) for one in refused):
            refused.append(mine)
            found.append(later)
    return found


def _for_people(error: Exception) -> UserError:
    """The error as a caller is given it; a bug is logged."""
    if isinstance(error, UserError):
        return error
    if type(error) is LookupError:
        return UserError(_GONE)
    log.error("The study's thread met an error of this program", exc_info=error)
    return UserError(_UNEXPECTED)
