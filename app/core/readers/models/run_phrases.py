"""A plan's numbers as a person says them."""

from __future__ import annotations

from collections import Counter

from app.core.plain_text import plain
from app.core.plural import plural
from app.core.readers.models.families import Family
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.prices import Price
from app.core.readers.models.provider import TokensUsed
from app.core.readers.models.reading_state import NAMES, Planned
from app.core.readers.models.request_plan import PlanEstimate
from app.core.readers.models.token_counts import Correction

KEPT_THERE = "clips are kept there while they are asked about, at most an hour, and then deleted"
HEADINGS = ("Requests", "Size", "Tokens", "Price", "Time")


def what_words(planned: Planned) -> str:
    """`15 requests, about 12 MB: 5 of pose, 5 of face, 5 of sound with the picture`."""
    count = Counter((request.enhancement, request.with_picture) for request in planned.left)
    parts = ", ".join(
        f"{number} of {NAMES[enhancement].lower()}" + (" with the picture" if seen else "")
        for (enhancement, seen), number in sorted(count.items())
    )
    size = megabytes(planned.estimate.size)
    words = f"{plural(len(planned.left), 'request')}, {size}" + (f": {parts}" if parts else "")
    return words + (f"; {KEPT_THERE}" if planned.estimate.kept else "")


def plan_rows(planned: Planned) -> tuple[str, ...]:
    """What a plan takes, in the order of `HEADINGS`."""
    estimate = planned.estimate
    answered = len(planned.plan.requests) - len(planned.left)
    requests = plural(len(planned.left), "request")
    if answered:
        requests += (
            f" ({answered} of {len(planned.plan.requests)} answered already or not taken by this model)"
        )
    tokens = f"about {thousands(estimate.tokens_in)} in, {thousands(estimate.tokens_out)} out"
    tokens += corrected_words(estimate.correction)
    tokens += over_context(estimate, planned.plan.choice.model_family)
    return (
        requests,
        megabytes(estimate.size),
        tokens,
        plain(estimate.cost_text + kept_words(estimate) + ceiling_words(planned.plan.choice), 240),
        f"about {duration_words(estimate.seconds)}, {planned.plan.choice.limit} requests at once",
    )


MANY_REQUESTS = 100
"""More are read only when a person has seen what that costs: some 15 minutes, asked in groups."""


def takes_many(planned: Planned) -> bool:
    """Whether what is left to ask should be accepted first."""
    return len(planned.left) > MANY_REQUESTS


def cost_words(planned: Planned) -> str:
    """`216 requests, about 40 MB, about 1 200 000 tokens in and 40 000 out, price …, about 14 min`."""
    return estimate_words(planned.estimate)


def estimate_words(estimate: PlanEstimate) -> str:
    """The same of an estimate of one plan or of several together."""
    return (
        f"{plural(estimate.requests, 'request')}, {megabytes(estimate.size)}, about "
        f"{thousands(estimate.tokens_in)} tokens in and {thousands(estimate.tokens_out)} out, price "
        f"{plain(estimate.cost_text, 120)}{kept_words(estimate)}, about {duration_words(estimate.seconds)}"
    )


def kept_words(estimate: PlanEstimate) -> str:
    """`, 12 clips kept at the service while they are asked about (saves about 0.34)`; "" where none is."""
    if not estimate.kept:
        return ""
    saves = f"{estimate.saved:.2f}" if estimate.saved >= 0.005 else "less than 0.01"
    clips = plural(estimate.kept, "clip")
    return f", {clips} kept at the service while asked about, which saves about {saves}"


def corrected_words(correction: Correction) -> str:
    """`, × 1.12 of the formula by 24 replies`; "" where no server counted."""
    if not correction.replies:
        return ""
    return f", × {correction.factor:.2f} of the formula by {plural_replies(correction.replies)}"


def ceiling_words(choice: ModelChoice) -> str:
    """`; stops before 0.50`; "" without a ceiling."""
    return "" if choice.most_cost is None else f"; stops before it passes {choice.most_cost:.2f}"


def plural_replies(number: int) -> str:
    """`1 reply`, `24 replies`."""
    return f"{number} replies" if number != 1 else "1 reply"


def used_words(used: TokensUsed, price: Price | None = None) -> str:
    """`The server counted 24 310 tokens in and 1 204 out (9 replies): 0.42 USD, your own price.`; "" where it
    counted none."""
    if not used.replies:
        return ""
    taken = used.of_kept[0]
    kept = f" ({thousands(taken)} of them kept by the service)" if taken else ""
    counted = f"{thousands(used.tokens_in)} tokens in{kept} and {thousands(used.tokens_out)} out"
    words = f"The server counted {counted} ({plural_replies(used.replies)})"
    if price is None:
        return f"{words}."
    cost = price.of(used.tokens_in, used.tokens_out) + price.of_kept(*used.of_kept)
    return plain(f"{words}: {cost:.2f} {price.currency}, {price.whose}.", 200)


def over_context(estimate: PlanEstimate, family: Family) -> str:
    """What to change on a server whose usual context is too small; "" where it suffices."""
    if not family.context or estimate.largest <= family.context:
        return ""
    return (
        f"; up to {thousands(estimate.largest)} in one request, more than the {thousands(family.context)} "
        f"that {family.name} usually takes: raise {family.context_option} on the server"
    )


def megabytes(size: int) -> str:
    """`about 12 MB`; below one megabyte a decimal."""
    millions = size / 1e6
    return f"about {millions:.1f} MB" if millions < 10 else f"about {millions:.0f} MB"


def duration_words(seconds: float) -> str:
    """`40 s`, `3 min`."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def thousands(number: int) -> str:
    """`24 310`, with narrow spaces that do not break."""
    return f"{number:,}".replace(",", "\u202f")
