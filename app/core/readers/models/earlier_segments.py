"""What earlier segments found, told to the later ones, and the order in which they are answered for it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence

from app.core.readers.models.merging import SegmentAnswer
from app.core.readers.models.request_plan import Request, chain_of
from app.core.semiology import Presence

MOST_EARLIER = 40
"""The most segments before one of which a prompt tells: 16 minutes."""

Heard = Callable[[Request], Iterable[SegmentAnswer]]
"""What a request has brought so far."""


class EarlierSegments:
    """The requests of a plan, each after those of the same questions about earlier segments. With `told` off
    none waits for another. `begin`, `turn_of` and `done` belong to one event loop."""

    def __init__(self, plan: Sequence[Request], *, told: bool) -> None:
        self._before = _before_each(plan) if told else {}
        self._waiting: dict[str, asyncio.Event] = {}

    def begin(self, open_requests: Iterable[Request]) -> None:
        """These are asked now; the others have been dealt with."""
        self._waiting = {request.key: asyncio.Event() for request in open_requests} if self._before else {}

    async def turn_of(self, request: Request) -> None:
        """Return when the segment before this one has been answered, or has failed."""
        for one in self._before.get(request.key, ())[-1:]:
            if one.key in self._waiting:
                await self._waiting[one.key].wait()

    def done(self, request: Request) -> None:
        """The next segment may be asked about."""
        if request.key in self._waiting:
            self._waiting[request.key].set()

    def found(self, request: Request, heard: Heard) -> list[SegmentAnswer] | None:
        """What earlier segments could judge of the questions of a request: each *yes* and *no*, and where
        there is no *yes* all or none, because what nobody could see was not looked for in vain. None to tell
        of none."""
        if request.key not in self._before:
            return None
        asked = {feature.id for feature in request.features}
        rows = [
            row
            for one in self._before[request.key]
            for row in heard(one)
            if row.feature in asked and _presence(row) in {Presence.YES, Presence.NO}
        ]
        found = any(_presence(row) is Presence.YES for row in rows)
        return rows if found or {row.feature for row in rows} == asked else []


def _presence(row: SegmentAnswer) -> Presence | None:
    return None if row.answer is None else row.answer.presence


def _before_each(plan: Sequence[Request]) -> dict[str, tuple[Request, ...]]:
    """For each request those before it, in order of time, by its key. The whole event is not one of them, and
    repeats do not know of each other."""
    recent: dict[tuple[str, str, int], deque[Request]] = {}
    found = {}
    for request in sorted(plan, key=lambda one: one.segment.span.start):
        if request.segment.whole:
            continue
        before = recent.setdefault(chain_of(request), deque(maxlen=MOST_EARLIER))
        found[request.key] = tuple(before)
        before.append(request)
    return found
