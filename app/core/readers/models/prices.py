"""Prices of tokens: a price entered by the person, else a dated list price, else unknown."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from importlib import resources

from app.core.plain_text import plain

DEFAULT_CURRENCY = "USD"
LONGEST_CURRENCY = 8
_RELEASE = re.compile(r"-\d{3}$")
"""The release suffix of a model's name, as in `gemini-2.5-flash-001`, which does not change the price."""


@dataclass(frozen=True, slots=True)
class Price:
    """The price of a million tokens in `currency`.

    `read` is the date on which a list price was read at its `source`; both are "" for a price entered by the
    person. `half`: it is half of that, as in a service's batch mode. `kept` is the price of tokens that a
    request takes from what the service keeps, `storage` that of keeping them for an hour; None where they
    are not known.
    """

    tokens_in: float
    tokens_out: float
    currency: str = DEFAULT_CURRENCY
    read: str = ""
    source: str = ""
    half: bool = False
    kept: float | None = None
    storage: float | None = None

    @property
    def halved(self) -> Price:
        """The price of the same tokens in a service's batch mode."""
        half_in, half_out = self.tokens_in / 2, self.tokens_out / 2
        return replace(self, tokens_in=half_in, tokens_out=half_out, half=True, kept=None, storage=None)

    def of(self, tokens_in: int, tokens_out: int) -> float:
        """The cost of these numbers of tokens."""
        return (tokens_in * self.tokens_in + tokens_out * self.tokens_out) / 1_000_000

    def of_kept(self, taken: int, put: int, token_hours: float) -> float:
        """What keeping tokens at the service adds to the cost of requests, a saving when it is negative:
        `taken` of the requests' tokens were taken from there, `put` tokens put there, kept for `token_hours`.
        0 where its price is not known."""
        if self.kept is None or self.storage is None:
            return 0.0
        dearer = put * self.tokens_in + token_hours * self.storage
        return (dearer - taken * (self.tokens_in - self.kept)) / 1_000_000

    @property
    def whose(self) -> str:
        """The origin of the price as text, such as `list price of 2026-10-07`."""
        if self.half:
            return f"half of the list price of {self.read}" if self.read else "half of your own price"
        return f"list price of {self.read}" if self.read else "your own price"


@dataclass(frozen=True, slots=True)
class ListPrice:
    """A published price and its period of validity (inclusive dates)."""

    model: str
    begins: date
    ends: date
    price: Price

    def holds(self, model: str, day: date) -> bool:
        return self.model == _RELEASE.sub("", model) and self.begins <= day <= self.ends


def list_price(model: str, day: date | None = None) -> Price | None:
    """The list price of a model of the Gemini Developer API (paid tier, prompts up to 200,000 tokens) today.

    None without a valid price.
    """
    day = day or datetime.now(UTC).date()
    return next((row.price for row in LIST_PRICES if row.holds(model, day)), None)


def format_cost(price: Price | None, cost: float | None) -> str:
    """The cost of a plan as text for display before anything is sent."""
    if price is None or cost is None:
        return "not known for this model"
    figure = f"{cost:.2f}" if cost == 0 or cost >= 0.01 else "less than 0.01"
    about = "" if cost == 0 or cost < 0.01 else "about "
    return f"{about}{figure} {price.currency}, {price.whose}, without thinking"


def personal_price_from(data: object) -> Price | None:
    """The price entered by the person, from a settings file; None without one. Raises TypeError,
    ValueError."""
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
    """The cleaned name of a currency; the default when nothing is left."""
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
                kept=float(row["kept"]),
                storage=float(row["storage"]),
            ),
        )
        for row in rows
    )


def _built_in() -> tuple[ListPrice, ...]:
    text = resources.files("app.core.readers.models").joinpath("prices.csv").read_text(encoding="utf-8")
    return _read(csv.DictReader(text.splitlines()))


LIST_PRICES: tuple[ListPrice, ...] = _built_in()
"""From the service's public documentation on the date of each row; prices change without notice."""
