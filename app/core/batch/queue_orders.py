"""What waits to be analysed: orders in their sequence, what becomes of each, and the file that keeps them.

The file is the account's own. A study names nothing that would be run: only a person's order is. It is
outside of the studies, so names of recordings, in which those of patients often are, are not in it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from app.core.account_file import DAMAGES, free_name_aside, read_patiently
from app.core.atomic import write_atomically
from app.core.batch.recording_list import recordings_of_study
from app.core.bounded_json import read_json
from app.core.errors import UserError
from app.core.folders import queue_file
from app.core.program_log import OwnText
from app.core.study.store import Study
from app.core.study.work_order import as_counted

_FORMAT = "semioscope-queue/1"
_LARGEST = 16 << 20
_MOST = 20_000
_A_RECORDING = "the recording"
_UNREAD = "The list of queued analyses cannot be read."
_STAYS = f"{_UNREAD} It stays as it is, and nothing can be queued."

_log = logging.getLogger(__name__)


class OrderState(StrEnum):
    """What has become of an order."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class AnalysisOrder:
    """A local `reader` (as `--reader` names it) shall read the recording of this `number` in a `study`.

    `fingerprint` and `duration` (s) are those of the recording when it was ordered; `id` tells orders apart;
    `reason` is the sentence on why it failed; `name` is what the study calls the recording, "" where that is
    not known.
    """

    study: Path
    number: int
    name: str
    fingerprint: str
    duration: float
    reader: str = "signal"
    state: OrderState = OrderState.WAITING
    reason: str = ""
    id: int = 0

    @property
    def is_left(self) -> bool:
        """Whether there is something left to do."""
        return self.state in (OrderState.WAITING, OrderState.RUNNING)

    def is_same(self, other: AnalysisOrder) -> bool:
        """Whether it asks for the same as another."""
        return (self.study, self.number, self.reader) == (other.study, other.number, other.reader)


@dataclass(frozen=True, slots=True)
class AnalysisOrders:
    """All orders, the next one first, and whether the queue rests."""

    rows: tuple[AnalysisOrder, ...] = ()
    paused: bool = False

    @property
    def left(self) -> tuple[AnalysisOrder, ...]:
        """The orders that are not settled."""
        return tuple(row for row in self.rows if row.is_left)

    def added(self, orders: Iterable[AnalysisOrder]) -> AnalysisOrders:
        """With these at the end; what is waiting or running already is not asked for twice, and what was
        settled before is forgotten."""
        rows, free = [*self.rows], 1 + max((row.id for row in self.rows), default=0)
        for order in orders:
            if any(row.is_left and row.is_same(order) for row in rows):
                continue
            rows = [row for row in rows if not row.is_same(order)]
            rows.append(replace(order, state=OrderState.WAITING, reason="", id=free))
            free += 1
        return replace(self, rows=tuple(rows))

    def without(self, ids: Iterable[int]) -> AnalysisOrders:
        """Without these orders."""
        gone = {*ids}
        return replace(self, rows=tuple(row for row in self.rows if row.id not in gone))

    def settled(self, id_: int, state: OrderState, reason: str = "") -> AnalysisOrders:
        """With this state of an order, the recording's name taken out of the `reason`, which is kept outside
        of the study; one that was taken out meanwhile stays out."""
        rows = (
            replace(row, state=state, reason=_nameless(reason, row.name)) if row.id == id_ else row
            for row in self.rows
        )
        return replace(self, rows=tuple(rows))

    def named(self, names: Mapping[int, str]) -> AnalysisOrders:
        """With these names of recordings by the ids of their orders."""
        rows = (replace(row, name=names[row.id]) if row.id in names else row for row in self.rows)
        return replace(self, rows=tuple(rows))

    def tried_again(self, ids: Iterable[int]) -> AnalysisOrders:
        """With those of these orders that failed waiting at the end again."""
        wanted = {*ids}
        again = [row for row in self.rows if row.id in wanted and row.state is OrderState.FAILED]
        kept = self.without(row.id for row in again)
        waiting = (replace(row, state=OrderState.WAITING, reason="") for row in again)
        return replace(kept, rows=(*kept.rows, *waiting))

    def moved(self, ids: Iterable[int], by: int) -> AnalysisOrders:
        """With these waiting orders `by` places earlier (negative) or later among those that wait."""
        wanted = {*ids}
        waiting = [row for row in self.rows if row.state is OrderState.WAITING]
        chosen = [place for place, row in enumerate(waiting) if row.id in wanted]
        first, last = 0, len(waiting) - 1
        for place in chosen if by < 0 else reversed(chosen):
            to = min(max(place + by, first), last)
            waiting.insert(to, waiting.pop(place))
            first, last = (to + 1, last) if by < 0 else (first, to - 1)
        in_order = iter(waiting)
        rows = (next(in_order) if row.state is OrderState.WAITING else row for row in self.rows)
        return replace(self, rows=tuple(rows))

    def next_waiting(self) -> AnalysisOrder | None:
        """The order that is begun next; None without one, and while the queue rests."""
        if self.paused:
            return None
        return next((row for row in self.rows if row.state is OrderState.WAITING), None)


def orders_for(study: Path, numbers: frozenset[int], reader: str = "signal") -> tuple[AnalysisOrder, ...]:
    """Orders for the recordings of these numbers, those with labels alone left out. Raises UserError."""
    with Study.open_for_viewing(study) as opened:
        wanted = (row for row in opened.recordings() if row.id in numbers and row.has_video)
        rows = sorted(wanted, key=lambda row: as_counted(row.name))
    folder = study.absolute()
    return tuple(
        AnalysisOrder(folder, row.id, row.name, row.fingerprint, row.duration, reader) for row in rows
    )


def check_order(study: Study, order: AnalysisOrder) -> None:
    """Raises UserError when the study has another recording under this number now, or none."""
    (row,) = recordings_of_study(study, only=frozenset({order.number})) or (None,)
    if row is None or row.fingerprint != order.fingerprint:
        raise UserError("The study no longer has this recording; choose it again.")


# the file


def queue_folder() -> Path:
    """The folder of the queue in the account's settings, made when it is missing."""
    folder = queue_file().parent
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def keep_orders(orders: AnalysisOrders) -> None:
    """Write the orders that are left or have failed, without names of recordings; on disk when this returns.
    Without any there is no file. Raises UserError.

    Those of a study whose folder's name is no text are known to this run alone.
    """
    rows = [_to_json(row) for row in orders.rows if row.state is not OrderState.DONE and _is_text(row.study)]
    if not rows and not orders.paused:
        _remove_file()
        return
    data = {"format": _FORMAT, "paused": orders.paused, "orders": rows}
    text = json.dumps(data, ensure_ascii=True, indent=0)
    write_atomically(queue_folder() / queue_file().name, text.encode(), private=True)


def kept_orders() -> AnalysisOrders:
    """The orders of former runs without names; what was running when the program ended waits again.

    Without a file there are none. Raises any of `DAMAGES` for one that is not a queue; OSError for one that
    cannot be read now.
    """
    return read_patiently(queue_file(), _parsed) or AnalysisOrders()


def _parsed(content: bytes) -> AnalysisOrders:
    data = read_json(content, largest=_LARGEST)
    if not isinstance(data, dict) or data.get("format") != _FORMAT:
        raise ValueError("not a queue")
    rows = data.get("orders")
    if not isinstance(rows, list):
        raise TypeError("not a list")
    return AnalysisOrders(_numbered(rows[:_MOST]), data.get("paused") is True)


def taken_up_orders() -> tuple[AnalysisOrders, str]:
    """The orders of former runs, as `kept_orders`, and a sentence on what became of them, "" for nothing: a
    file that is not a queue is laid aside under another name, as a later version may have written it.

    Raises UserError when that fails, or the file cannot be read now: then it stays, and nothing may be
    written over it.
    """
    try:
        return kept_orders(), ""
    except DAMAGES as error:
        _log.warning("the queue of analyses cannot be understood: %s", type(error).__name__)
        aside = free_name_aside(queue_file())
        try:
            queue_file().rename(aside)
        except OSError as failed:
            raise UserError(_STAYS) from failed
        _log.warning("the queue of analyses was laid aside as %s", OwnText(aside.name))
        return AnalysisOrders(), f"{_UNREAD} It was laid aside as “{aside.name}”; the queue begins empty."
    except OSError as error:
        _log.warning("the queue of analyses cannot be read: %s", OwnText(type(error).__name__))
        raise UserError(_STAYS) from error


def _remove_file() -> None:
    try:
        queue_file().unlink(missing_ok=True)
    except OSError as error:
        raise UserError("The list of queued analyses cannot be removed.") from error


def _is_text(path: Path) -> bool:
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _to_json(order: AnalysisOrder) -> dict[str, Any]:
    # Earlier versions take a row without a name for none of theirs.
    return asdict(order) | {"study": str(order.study), "state": order.state.value, "name": ""}


def _nameless(reason: str, name: str) -> str:
    """A reason without the name of the recording."""
    return reason.replace(name, _A_RECORDING) if name else reason


def _numbered(rows: Sequence[object]) -> tuple[AnalysisOrder, ...]:
    found = (_from_json(row) for row in rows)
    return tuple(replace(row, id=place) for place, row in enumerate(filter(None, found), 1))


def _from_json(row: object) -> AnalysisOrder | None:
    """None for a row that is not an order."""
    if not isinstance(row, dict):
        return None
    texts = [row.get(name) for name in ("study", "fingerprint", "reader", "reason")]
    number, duration = row.get("number"), row.get("duration")
    if not all(isinstance(text, str) for text in texts) or not isinstance(number, int):
        return None
    if not isinstance(duration, int | float) or isinstance(duration, bool):
        return None
    study, fingerprint, reader, reason = (str(text) for text in texts)
    failed = row.get("state") == OrderState.FAILED.value
    state = OrderState.FAILED if failed else OrderState.WAITING
    reason = _nameless(reason, str(row.get("name") or ""))  # earlier versions kept both
    return AnalysisOrder(
        Path(study), number, "", fingerprint, float(duration), reader, state, reason if failed else ""
    )
