"""A price ceiling: what may be spent on requests, which stops them before it is passed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeVar

from app.core.errors import UserError
from app.core.readers.models.prices import Price
from app.core.readers.models.provider import NOTHING_KEPT, OfKept
from app.core.readers.models.request_plan import Request
from app.core.readers.models.retrying import BusyError, RequestError

Result = TypeVar("Result")

Counted = tuple[int | None, int | None, OfKept]
"""The tokens in and out of a request that the server counted, None where it states none, and what was taken
from what it keeps or put there."""
UNCOUNTED: Counted = (None, None, NOTHING_KEPT)

FIRST_MARGIN = 2.0
"""The factor on the planned tokens of the first request, of which no reply has told yet how well they are
planned; the requests after it wait for it."""


_POLL = 0.1
"""Seconds between two questions for leave."""


class Leave(Enum):
    """Whether a request may be sent: it may, it has to wait for others, or it would pass the ceiling."""

    GIVEN = auto()
    LATER = auto()
    REFUSED = auto()


@dataclass(frozen=True, slots=True)
class Paid:
    """What a request has cost, and the ratio of its counted tokens to the planned ones."""

    cost: float
    ratio: float


class SpendingLimit:
    """At most `most` (in the price's currency) for all requests that ask it for leave, in any thread.

    A request sets aside what it can cost at most: its planned tokens times the worst ratio of counted to
    planned ones so far, and the longest answer that it allows. Its reply settles that.
    """

    def __init__(self, most: float) -> None:
        self.most = most
        self.spent = 0.0
        self.currency = ""
        self._held: dict[object, float] = {}
        self._worst = 0.0
        self._lock = threading.Lock()

    def ask(
        self, request: object, price: Price, planned: int, longest_answer: int, putting: float = 0.0
    ) -> Leave:
        """Leave for a request of so many planned tokens, for which a clip may be put at the service at the
        cost of `putting`; it holds what it can cost until it is settled.

        Raises UserError when requests are paid in different currencies.
        """
        with self._lock:
            if self.currency not in {"", price.currency}:
                raise UserError("A ceiling holds for one currency; these models are paid in several.")
            self.currency = price.currency
            if self._held and not self._worst:
                return Leave.LATER
            factor = max(1.0, self._worst) if self._worst else FIRST_MARGIN
            cost = price.of(round(planned * factor), longest_answer) + putting * factor
            if self.spent + cost > self.most:
                return Leave.REFUSED
            if self.spent + sum(self._held.values()) + cost > self.most:
                return Leave.LATER
            self._held[request] = cost
            return Leave.GIVEN

    def settle(self, request: object, paid: Paid | None) -> None:
        """The request is over, and was paid for so, or None where nobody knows: then it counts as what it
        held."""
        with self._lock:
            held = self._held.pop(request, 0.0)
            if paid is None:
                self.spent += held
                return
            self.spent += paid.cost
            self._worst = max(self._worst, paid.ratio, 1e-9)

    def release(self, request: object) -> None:
        """The request was refused or not sent, so it costs nothing."""
        with self._lock:
            self._held.pop(request, None)

    @property
    def reason(self) -> str:
        """Why a request is not sent."""
        return (
            f"Not asked: with it more than {self.most:.2f} {self.currency} could be spent "
            f"({self.spent:.2f} so far)."
        )


@dataclass(frozen=True, slots=True)
class RequestSpending:
    """A ceiling and how requests ask for leave under it: the `price`, and the tokens of a request as
    `planned` (with its text, "" for the usual one) and of the `longest` answer that it allows."""

    limit: SpendingLimit
    price: Price
    planned: Callable[[Request, str], int]
    longest: Callable[[Request], int]
    putting: Callable[[Request], float] = lambda _request: 0.0
    """What it costs to have the service keep the clip of a request, 0 where it is not to be kept."""

    async def leave(self, request: Request, text: str = "") -> str:
        """Wait until a request with this text may be sent; the reason why it may not be, else ""."""
        planned, longest, putting = self.planned(request, text), self.longest(request), self.putting(request)
        while True:
            leave = self.limit.ask((self, request.key), self.price, planned, longest, putting)
            if leave is Leave.GIVEN:
                return ""
            if leave is Leave.REFUSED:
                return self.limit.reason
            await asyncio.sleep(_POLL)

    def attempts(
        self, request: Request, ask: Callable[[], Awaitable[Result]], text: str = ""
    ) -> Callable[[], Awaitable[Result]]:
        """What asks a request that has been given leave, and asks for leave anew before each further attempt.
        An attempt that the server may have begun counts as what it held. Raises as `ask`, RequestError
        without leave."""
        before: list[BusyError] = []

        async def attempt() -> Result:
            refused = await self.leave(request, text) if before else ""
            if refused:
                raise RequestError(f"{before[-1]} {refused}")
            try:
                return await ask()
            except BusyError as busy:
                before.append(busy)
                if busy.begun:
                    self.settle(request, UNCOUNTED, text)
                else:
                    self.release(request)
                raise

        return attempt

    def settle(self, request: Request, counted: Counted, text: str = "") -> None:
        """A request with this text is over. What was taken of kept clips and put there changes what was paid,
        and says nothing of how well its tokens were planned."""
        tokens_in, tokens_out, of_kept = counted
        paid = None
        if tokens_in is not None:
            cost = self.price.of(tokens_in, tokens_out or self.longest(request))
            ratio = tokens_in / max(self.planned(request, text), 1)
            paid = Paid(max(0.0, cost + self.price.of_kept(*of_kept)), ratio)
        self.limit.settle((self, request.key), paid)

    def release(self, request: Request) -> None:
        """A request was refused, which no service takes money for."""
        self.limit.release((self, request.key))
