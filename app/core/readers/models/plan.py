"""What a run will ask: the requests, and what they cost, known before anything is sent."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from app.core.enhance.enhancement import Enhancement, features_of
from app.core.readers.models.segments import Segment, segments
from app.core.semiology import Feature

TOKENS_PER_FRAME = 70
"""At low or medium media resolution (Gemini 3); a rough figure for other models."""
TOKENS_PER_SECOND_OF_SOUND = 32
TOKENS_PER_QUESTION = 60
TOKENS_PER_ANSWER = 110
SECONDS_PER_REQUEST = 15.0
"""What a request takes until a run has measured its own."""


class Mode(StrEnum):
    """`GROUPED` asks once for each enhancement, `PER_FEATURE` once for each feature as in the study."""

    GROUPED = "grouped"
    PER_FEATURE = "per_feature"


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a model: a segment, what is shown of it, and the features asked about."""

    segment: Segment
    enhancement: Enhancement
    features: tuple[Feature, ...]

    @property
    def key(self) -> str:
        """Its name in the journal, the same in every run of the same plan."""
        name = f"{self.segment.number:04d}-{self.enhancement.value}"
        return name if len(self.features) != 1 else f"{name}-{self.features[0].id}"


@dataclass(frozen=True, slots=True)
class Price:
    """What a service takes for a million tokens, in `currency`."""

    tokens_in: float
    tokens_out: float
    currency: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a plan will take. `price` is None where none is known; `seconds` is a first guess."""

    requests: int
    tokens_in: int
    tokens_out: int
    seconds: float
    price: float | None


def requests(
    duration: float,
    *,
    mode: Mode = Mode.GROUPED,
    enhancements: frozenset[Enhancement] = frozenset(Enhancement),
) -> tuple[Request, ...]:
    """All requests for a recording of `duration` seconds, segment by segment."""
    return tuple(
        Request(segment, enhancement, asked)
        for segment in segments(duration)
        for enhancement in Enhancement
        if enhancement in enhancements
        for asked in _asked(enhancement, mode)
    )


def _asked(enhancement: Enhancement, mode: Mode) -> tuple[tuple[Feature, ...], ...]:
    features = features_of(enhancement)
    return (features,) if mode is Mode.GROUPED else tuple((feature,) for feature in features)


def estimate(plan: tuple[Request, ...], *, fps: float, limit: int, price: Price | None = None) -> Estimate:
    """What `plan` takes when `limit` requests run at once and frames are sampled at `fps` (Hz)."""
    tokens_in = sum(_tokens(request, fps) for request in plan)
    tokens_out = sum(len(request.features) * TOKENS_PER_ANSWER for request in plan)
    cost = None
    if price is not None:
        cost = (tokens_in * price.tokens_in + tokens_out * price.tokens_out) / 1_000_000
    seconds = math.ceil(len(plan) / limit) * SECONDS_PER_REQUEST
    return Estimate(len(plan), tokens_in, tokens_out, seconds, cost)


def _tokens(request: Request, fps: float) -> int:
    seconds = request.segment.span.duration
    sound = request.enhancement is Enhancement.SOUND
    media = seconds * (TOKENS_PER_SECOND_OF_SOUND if sound else fps * TOKENS_PER_FRAME)
    return round(media) + 300 + len(request.features) * TOKENS_PER_QUESTION
