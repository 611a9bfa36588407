"""The traces of an EEG in tiles, read in a background thread: what is needed first, the latest wish wins."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.core.errors import Cancelled
from app.core.jobs import Task
from app.ui.session.background import Background

if TYPE_CHECKING:
    from fractions import Fraction

    from app.core.eeg.trace_tiles import TilePlan, TraceTile
    from app.core.eeg.traces import Read

MOST_BYTES = 96 << 20
"""Memory for tiles that are not on the screen."""


_EVERY = 0.2
"""Seconds between two states of a long page that are shown while it is read."""

_AGAIN = 5.0
"""Seconds after which what could not be read is tried again, when the page is moved."""


class EegPages(QObject):
    """Tiles of the present plan; those of the former plan are shown until the new ones are there."""

    tile_read = Signal()
    """Another tile, or more of one, can be shown."""
    first_read = Signal()
    """The first tile of all is there, and with it what filters need."""
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._plan: TilePlan | None = None
        self._read: Read | None = None
        self._tiles: OrderedDict[int, TraceTile] = OrderedDict()
        self._former: tuple[TilePlan, dict[int, TraceTile]] | None = None
        self._columns = 0
        self._missed_at = 0.0
        self._lock = Lock()
        self._wanted: list[int] = []
        self._in_work = -1
        self.loaded = False
        """Whether a tile has been read, so that nothing large is still to be imported."""
        self._visible: range = range(0)
        self._beside = 1
        self._runner = Background("reading of the EEG", self)
        self._runner.posted.connect(self._keep)
        self._runner.failed.connect(self._on_failed)
        self._runner.ended.connect(self._go_on)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._go_on)

    @property
    def plan(self) -> TilePlan | None:
        """What the tiles are made of now; None without an EEG."""
        return self._plan

    def use(self, plan: TilePlan | None, read: Read | None, *, same_rows: bool = False) -> None:
        """Read tiles of another plan; with `same_rows` the former tiles are shown meanwhile."""
        keep = same_rows and self._plan is not None and any(one in self._tiles for one in self._visible)
        self._former = (self._plan, dict(self._tiles)) if keep and self._plan is not None else None
        self._runner.drop()
        self._plan, self._read = plan, read
        self._tiles.clear()
        self._visible = range(0)
        self._beside = 0 if plan is not None and _is_costly(plan) else 1
        with self._lock:
            self._wanted, self._in_work = [], -1

    def want(self, start: Fraction, end: Fraction, direction: int = 1) -> None:
        """Have the tiles of a page ready, and of those beside it the one in `direction` first."""
        plan = self._plan
        if plan is None or not plan.rows:
            return
        from app.core.eeg.trace_tiles import tiles_between

        self._visible = tiles_between(plan.seconds, start, end)
        beside = [self._visible[-1] + 1, self._visible[0] - 1][: 2 * self._beside]
        ahead = beside[:: 1 if direction >= 0 else -1]
        with self._lock:
            there = (self._in_work,) if self._runner.running else ()
            numbers = [number for number in (*self._visible, *ahead) if number not in there]
            self._wanted = [number for number in numbers if not self._is_ready(number)]
        if self._former is None and not all(self._has(number) for number in self._visible):
            self._go_on()
        elif not self._soon.isActive():
            self._soon.start(0)  # after what there is has been painted: a thread that works slows that down

    def paint_on(self, columns: int) -> None:
        """Prepare tiles for pages of so many pixel columns."""
        if columns != self._columns:
            self._columns = columns
            if self._plan is not None and self._visible:
                seconds = self._plan.seconds
                self.want(self._visible[0] * seconds, (self._visible[-1] + 1) * seconds)

    def shown(self) -> tuple[TilePlan | None, tuple[TraceTile, ...]]:
        """The tiles of the page, and the plan that they were made by: the former one until the new are
        there."""
        tiles = tuple(self._tiles[number] for number in self._visible if number in self._tiles)
        if self._former is not None and not self._shows_new():
            return self._former[0], tuple(self._former[1].values())
        return self._plan, tiles

    @property
    def done(self) -> float:
        """The share of the page that has been read, 0–1."""
        if not self._visible:
            return 1.0
        parts = [self._tiles[number].done if number in self._tiles else 0.0 for number in self._visible]
        return sum(parts) / len(parts)

    def read_on(self, read: Read, known: float) -> None:
        """Read from now on with what is known of the file now; tiles that reach beyond `known` seconds, up
        to where the times were final, are read anew."""
        plan, self._read = self._plan, read
        if plan is None:
            return
        doubtful = [one for one in (*self._tiles, *self._visible) if (one + 1) * plan.seconds > known]
        if not doubtful:
            return
        self._runner.drop()
        for number in doubtful:
            self._tiles.pop(number, None)
        if self._visible:
            self.want(self._visible[0] * plan.seconds, (self._visible[-1] + 1) * plan.seconds)

    def close(self) -> None:
        """Returns when the reading has ended."""
        self.use(None, None)
        self._runner.close()

    def unread(self) -> tuple[tuple[tuple[Fraction, Fraction], ...], str]:
        """The stretches of the page's tiles that could not be read, and a sentence that says why."""
        tiles = [self._tiles[number] for number in self._visible if number in self._tiles]
        reasons = [tile.reason for tile in tiles if tile.reason]
        return tuple(span for tile in tiles for span in tile.unread), reasons[0] if reasons else ""

    def unread_words(self, start: Fraction, seconds: Fraction) -> str:
        """How much of a page could not be read, and why; "" when all of it was."""
        from app.core.eeg.read_around import unread_share, unread_words

        unread, reason = self.unread()
        return unread_words(unread_share(unread, start, start + seconds), reason) if unread else ""

    def envelope_words(self) -> str:
        """What a long page shows of its samples; "" when it shows all of them."""
        from app.core.eeg.envelope_tiles import envelope_words

        return envelope_words(self._plan) if self._plan is not None else ""

    @property
    def in_pieces(self) -> bool:
        """Whether the page is so long that only pieces of it are read."""
        from app.core.eeg.envelope_tiles import is_in_pieces

        return self._plan is not None and is_in_pieces(self._plan)

    def _has(self, number: int) -> bool:
        tile = self._tiles.get(number)
        return tile is not None and tile.done >= 1.0

    def _is_ready(self, number: int) -> bool:
        """Whether nothing more is to be done for a tile: it is read, and reduced to the present columns."""
        tile, plan = self._tiles.get(number), self._plan
        if tile is None or plan is None or tile.done < 1.0:
            return False
        if tile.unread and monotonic() - self._missed_at > _AGAIN:
            return False
        return not self._columns or (
            tile.columns is not None and tile.columns.width == plan.seconds / self._columns
        )

    def _go_on(self) -> None:
        plan, read, former = self._plan, self._read, self._former
        if plan is None or read is None or self._runner.running:
            return
        with self._lock:
            if not self._wanted:
                return
        self._runner.start(lambda task: self._work(plan, read, former, task))

    def _work(
        self, plan: TilePlan, read: Read, former: tuple[TilePlan, dict[int, TraceTile]] | None, task: Task
    ) -> None:
        """Read what is wanted, one tile after the other; in the background thread."""
        from app.core.eeg.tile_columns import prepared

        posted_at = 0.0
        while (number := self._next(task)) is not None:
            try:
                for tile in self._states(plan, read, former, number, self._checked(number, task)):
                    if tile.done >= 1.0 or monotonic() - posted_at > _EVERY:
                        posted_at = monotonic()
                        rows, columns = len(plan.rows), self._columns
                        ready = prepared(tile, plan.seconds, columns, rows) if columns and rows else tile
                        task.post((plan, ready))
            except Cancelled:
                task.cancel.check()  # else only this tile is no longer wanted

    def _states(
        self,
        plan: TilePlan,
        read: Read,
        former: tuple[TilePlan, dict[int, TraceTile]] | None,
        number: int,
        check: Callable[[], None],
    ) -> Iterator[TraceTile]:
        """A tile as it fills; without reading it where its samples are known."""
        from app.core.eeg.tile_reading import read_tile, recut_tile

        known = self._tiles.get(number)
        if known is None or known.done < 1.0 or known.unread:
            known = recut_tile(plan, number, *former) if former is not None else None
        if known is not None:
            yield known
        else:
            yield from read_tile(plan, read, number, check)

    def _next(self, task: Task) -> int | None:
        with self._lock:
            # A thread that has been stopped takes nothing away from the one after it.
            if task.cancel.cancelled:
                return None
            self._in_work = self._wanted[0] if self._wanted else -1
            return self._wanted.pop(0) if self._wanted else None

    def _checked(self, number: int, task: Task) -> Callable[[], None]:
        def check() -> None:
            task.cancel.check()
            if not self._near(number):
                raise Cancelled

        return check

    def _near(self, number: int) -> bool:
        """Whether a tile is on the page, or beside it where that is read ahead."""
        visible = self._visible
        beside = self._beside
        return not visible or visible[0] - beside <= number <= visible[-1] + beside

    def _keep(self, posted: object) -> None:
        plan, tile = posted if isinstance(posted, tuple) else (None, None)
        if plan is not self._plan or tile is None:
            return
        self._tiles[tile.number] = tile
        self._tiles.move_to_end(tile.number)
        if tile.unread:
            self._missed_at = monotonic()
        if not self.loaded:
            self.loaded = True
            self.first_read.emit()
        self._bound()
        if all(self._has(number) for number in self._visible):
            self._former = None
        if tile.number in self._visible and (tile.done < 1.0 or self._shows_new()):
            self.tile_read.emit()

    def _shows_new(self) -> bool:
        """Whether tiles of the present plan are shown and not yet those of the former one."""
        return self._former is None or all(number in self._tiles for number in self._visible)

    def _bound(self) -> None:
        """Forget the tiles that were read longest ago, but none of the page or beside it."""
        far = [number for number in self._tiles if not self._near(number)]
        size = sum(tile.size for tile in self._tiles.values())
        while far and size > MOST_BYTES:
            size -= self._tiles.pop(far.pop(0)).size

    def _on_failed(self, words: str) -> None:
        with self._lock:
            self._wanted = []
        self.failed.emit(words)


def _is_costly(plan: TilePlan) -> bool:
    from app.core.eeg.envelope_tiles import is_costly

    return is_costly(plan)
