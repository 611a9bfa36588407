"""A plan's numbers as a person says them."""

from __future__ import annotations

from collections import Counter

from app.core.plain_text import plain
from app.core.readers.models.reading_state import NAMES, Planned

HEADINGS = ("Requests", "Size", "Tokens", "Price", "Time")


def what_words(planned: Planned) -> str:
    """`15 requests, about 12 MB: 5 of pose, 5 of face, 5 of sound`."""
    count = Counter(request.enhancement for request in planned.left)
    parts = ", ".join(
        f"{number} of {NAMES[enhancement].lower()}" for enhancement, number in sorted(count.items())
    )
    size = megabytes(planned.estimate.size)
    return f"{plural(len(planned.left), 'request')}, {size}" + (f": {parts}" if parts else "")


def plan_rows(planned: Planned) -> tuple[str, ...]:
    """What a plan takes, in the order of `HEADINGS`."""
    estimate = planned.estimate
    answered = len(planned.plan.requests) - len(planned.left)
    requests = plural(len(planned.left), "request")
    if answered:
        requests += (
            f" ({answered} of {len(planned.plan.requests)} answered already or not taken by this model)"
        )
    tokens = f"about {_thousands(estimate.tokens_in)} in, {_thousands(estimate.tokens_out)} out"
    return (
        requests,
        megabytes(estimate.size),
        tokens,
        plain(estimate.cost_text, 120),
        f"about {duration_words(estimate.seconds)}, {planned.plan.choice.limit} requests at once",
    )


def megabytes(size: int) -> str:
    """`about 12 MB`; below one megabyte a decimal."""
    millions = size / 1e6
    return f"about {millions:.1f} MB" if millions < 10 else f"about {millions:.0f} MB"


def duration_words(seconds: float) -> str:
    """`40 s`, `3 min`."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def plural(number: int, word: str) -> str:
    """`1 request`, `2 requests`."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f")
