"""Work in background threads: its progress, its result, its end, and one deadline for ending all of it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal

from app.core.errors import Cancelled, UserError
from app.core.freed_memory import give_back_freed_memory
from app.core.jobs import CancelToken, Task
from app.core.program_log import OwnText, facts_of

log = logging.getLogger(__name__)

JOIN_SECONDS = 10.0
"""How long closing waits for threads that do not end; a network share can hold one that long."""

_LONG = 0.5
"""Seconds after which a work may have used much memory."""

Work = Callable[[Task], object]
"""Gives its result; raises UserError with a sentence for the window, or Cancelled."""

_Order = tuple[Work, str, int, CancelToken]
"""A work, its name, its generation, and what cancels it."""


class Background(QObject):
    """Runs one work after the other; a new one cancels the one before it, whose results are dropped.

    With `one_at_a_time` it begins only when the thread of the one before has ended, and of those that are
    started meanwhile only the last one runs: on a share that hangs there is never more than one thread.

    All signals are emitted in the thread that this object lives in, in the order of what happened.
    """

    progressed = Signal(object)
    """A Progress."""
    posted = Signal(object)
    """What the work handed over on its way."""
    done = Signal(object)
    """The result."""
    failed = Signal(str)
    ended = Signal()
    """After `done`, after `failed`, or alone when the work was cancelled."""
    _sent = Signal(int, str, object)

    def __init__(
        self,
        name: str,
        parent: QObject | None = None,
        *,
        patience: float = JOIN_SECONDS,
        one_at_a_time: bool = False,
    ) -> None:
        """`patience` is how many seconds closing waits for it at most."""
        super().__init__(parent)
        self._name = name
        self._patience = patience
        self._generation = 0
        self._token = CancelToken()
        self._threads: list[threading.Thread] = []
        self._running = False
        self._one_at_a_time = one_at_a_time
        # Shared with the threads: whether one runs, and what it runs next.
        self._lock = threading.Lock()
        self._busy = False
        self._next: _Order | None = None
        self._sent.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def running(self) -> bool:
        return self._running

    def start(self, work: Work, name: str = "") -> None:
        """Begin; connect the signals before. `name` is what messages call it, else that of the runner."""
        self._token.cancel()
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        self._generation += 1
        self._token = CancelToken()
        self._running = True
        order = (work, name or self._name, self._generation, self._token)
        with self._lock:
            if self._one_at_a_time and self._busy:
                self._next = order
                return
            self._busy = True
        # A daemon, so that a share that never answers cannot keep a closed program alive.
        thread = threading.Thread(
            target=self._run_all,
            args=(order,),
            name=f"{name or self._name} {self._generation}",
            daemon=True,
        )
        self._threads.append(thread)
        thread.start()

    def cancel(self) -> None:
        """Stop at the next step; `ended` follows."""
        self._token.cancel()

    def close(self, patience: float | None = None) -> None:
        """Stop and wait `patience` seconds for the threads to end; nothing is delivered afterwards."""
        self.drop()
        self.join(time.monotonic() + (self._patience if patience is None else patience))

    def leave_to(self, owner: QObject) -> None:
        """Stop at the next step without waiting for it; what still runs is waited for when `owner` closes."""
        self.drop()
        if any(thread.is_alive() for thread in self._threads):
            self.setParent(owner)

    def drop(self) -> None:
        """Stop at the next step; nothing is delivered afterwards."""
        self._generation += 1
        self._running = False
        self._token.cancel()
        with self._lock:
            self._next = None

    def join(self, deadline: float) -> None:
        """Wait for the threads to end, until `deadline` by the monotonic clock or as its patience lasts."""
        deadline = min(deadline, time.monotonic() + self._patience)
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                log.warning("the thread %s has not ended yet", OwnText(thread.name))
        self._threads.clear()

    def _run_all(self, order: _Order | None) -> None:
        """Run a work, and then what was started meanwhile."""
        while order is not None:
            begun = time.monotonic()
            self._run(*order)
            if time.monotonic() - begun > _LONG:
                give_back_freed_memory()
            with self._lock:
                order, self._next = self._next, None
                self._busy = order is not None

    def _run(self, work: Work, name: str, generation: int, token: CancelToken) -> None:
        def send(kind: str, what: object) -> None:
            if generation == self._generation:  # else dropped, and this object may be deleted by now
                self._sent.emit(generation, kind, what)

        try:
            task = Task(
                lambda progress: send("progressed", progress), token, lambda what: send("posted", what)
            )
            send("done", work(task))
        except Cancelled:
            log.info("%s was cancelled", OwnText(name))
        except UserError as error:
            send("failed", str(error))
        except Exception as error:  # noqa: BLE001 - logged, reported, and the window goes on
            log.error("%s failed: %s", OwnText(name), facts_of(error))
            send("failed", f"Something unexpected stopped the {name}; the log holds the details.")
        finally:
            send("ended", None)

    def _deliver(self, generation: int, kind: str, what: object) -> None:
        if generation != self._generation:
            return
        if kind == "ended":
            self._running = False
            self.ended.emit()
        elif kind == "failed":
            self.failed.emit(str(what))
        else:
            getattr(self, kind).emit(what)


def close_all(*owners: QObject, seconds: float = JOIN_SECONDS) -> None:
    """Stop all background work that belongs to these objects, and wait for all of it until one deadline."""
    deadline = time.monotonic() + seconds
    runners = [runner for owner in owners for runner in owner.findChildren(Background)]
    for runner in runners:
        runner.drop()
    for runner in runners:
        runner.join(deadline)


def outlive_window(work: Callable[[], object], name: str) -> threading.Thread:
    """Run work that must be completed: the program ends only afterwards, even if its window is gone."""
    thread = threading.Thread(target=work, name=name)
    thread.start()
    return thread
