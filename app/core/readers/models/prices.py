"""What a model takes for its tokens: a person's own price, else a dated list price, else not known."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import resources

from app.core.plain_text import plain

DEFAULT_CURRENCY = "USD"
LONGEST_CURRENCY = 8
_RELEASE = re.compile(r"-\d{3}$")
"""Of a model's name, as in `gemini-2.5-flash-001`: the same model at the same price."""


@dataclass(frozen=True, slots=True)
class Price:
    """What a service takes for a million tokens, in `currency`.

    `read` is the day on which a list price was read at its `source`; both are empty for a person's own price.
    """

    tokens_in: float
    tokens_out: float
    currency: str = DEFAULT_CURRENCY
    read: str = ""
    source: str = ""

    def of(self, tokens_in: int, tokens_out: int) -> float:
        """What so many tokens cost."""
        return (tokens_in * self.tokens_in + tokens_out * self.tokens_out) / 1_000_000

    @property
    def whose(self) -> str:
        """`list price of 2026-10-07`, or that it is one's own."""
        return f"list price of {self.read}" if self.read else "your own price"


@dataclass(frozen=True, slots=True)
class ListPrice:
    """A published price and the days (inclusive) on which it holds."""

    model: str
    begins: date
    ends: date
    price: Price

    def holds(self, model: str, day: date) -> bool:
        return self.model == _RELEASE.sub("", model) and self.begins <= day <= self.ends


def list_price(model: str, day: date | None = None) -> Price | None:
    """The list price of a model of the Gemini Developer API (paid tier, prompts up to 200,000 tokens) today.

    None where none is known; a price whose time is over is not known.
    """
    day = day or datetime.now(UTC).date()
    return next((row.price for row in LIST_PRICES if row.holds(model, day)), None)


def cost_words(price: Price | None, cost: float | None) -> str:
    """A plan's price as it is shown before anything is sent."""
    if price is None or cost is None:
        return "not known for this model"
    figure = f"{cost:.2f}" if cost == 0 or cost >= 0.01 else "less than 0.01"
    about = "" if cost == 0 or cost < 0.01 else "about "
    return f"{about}{figure} {price.currency}, {price.whose}, without thinking"


def own_price(data: object) -> Price | None:
    """A person's own price out of a settings file; None when there is none. Raises TypeError, ValueError."""
    if data is None:
        return None
    if not isinstance(data, Mapping):
        raise TypeError("not a price")
    tokens_in, tokens_out = (data.get(name) for name in ("tokens_in", "tokens_out"))
    if not isinstance(tokens_in, int | float) or not isinstance(tokens_out, int | float):
        raise TypeError("not a price")
    if not all(math.isfinite(value) and value >= 0 for value in (tokens_in, tokens_out)):
        raise ValueError("not a price")
    return Price(float(tokens_in), float(tokens_out), currency(str(data.get("currency", ""))))


def currency(text: str) -> str:
    """The name of a currency as it is shown; the default's where nothing is left of it."""
    return plain(text, LONGEST_CURRENCY).strip() or DEFAULT_CURRENCY


def _read(rows: Iterable[Mapping[str, str]]) -> tuple[ListPrice, ...]:
    return tuple(
        ListPrice(
            row["model"],
            date.fromisoformat(row["from"]) if row["from"] else date.min,
            date.fromisoformat(row["until"]) if row["until"] else date.max,
            Price(
                float(row["tokens_in"]),
                float(row["tokens_out"]),
                row["currency"],
                row["read"],
                row["source"],
            ),
        )
        for row in rows
    )


def _built_in() -> tuple[ListPrice, ...]:
    text = resources.files("app.core.readers.models").joinpath("prices.csv").read_text(encoding="utf-8")
    return _read(csv.DictReader(text.splitlines()))


LIST_PRICES: tuple[ListPrice, ...] = _built_in()
"""Read in the service's public documentation on the day that each row names; they change without notice."""
