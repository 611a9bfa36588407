"""The requests of a run and an estimate of their cost, before anything is sent."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.core.clips.clip import ClipSpec
from app.core.enhance.enhancement import Enhancement, features_of
from app.core.readers.models.prices import Price, format_cost
from app.core.readers.models.segments import SAMPLING_RATE, Segment, segments, windows
from app.core.semiology import Feature, Span

TOKENS_PER_FRAME = 70
"""At low or medium media resolution (Gemini 3); a rough figure for other models."""
TOKENS_PER_SECOND_OF_SOUND = 32
TOKENS_PER_QUESTION = 60
TOKENS_PER_ANSWER = 110
BYTES_PER_PICTURE = 25_000
BYTES_PER_VIDEO_FRAME = 6_000
BYTES_PER_SECOND_OF_SOUND = 32_000
"""Measured on phantoms; real rooms have more detail."""
MOST_FRAMES = 60
"""The most frames in one request (arXiv 2605.03352)."""
LOWEST_FPS, HIGHEST_FPS = 0.2, 30.0
"""The range of sampling rates in Hz."""
HIGHER_RATES = (5.0, 10.0, 15.0)
"""Rates (Hz) for features that need more than the sampling rate; few, so that features share clips."""
SECONDS_PER_REQUEST = 15.0
"""The assumed duration of a request in seconds."""


class AskingMode(StrEnum):
    """`GROUPED` asks once per enhancement, `PER_FEATURE` once per feature (as in arXiv 2605.03352)."""

    GROUPED = "grouped"
    PER_FEATURE = "per_feature"


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a model: segment, enhancement, sampling rate (Hz), and the features asked about."""

    segment: Segment
    enhancement: Enhancement
    features: tuple[Feature, ...]
    fps: float = SAMPLING_RATE

    @property
    def spec(self) -> ClipSpec:
        """The specification of its clip; equal for all requests that show the same clip."""
        rate = f"-{self.fps:g}hz" if self.segment.window else ""
        name = f"{self.segment.number:04d}-{self.enhancement.value}{rate}"
        return ClipSpec(name, self.segment.span, self.enhancement, self.fps)

    @property
    def key(self) -> str:
        """Its name in the journal, the same for every run of the same plan."""
        return self.spec.name if len(self.features) != 1 else f"{self.spec.name}-{self.features[0].id}"


@dataclass(frozen=True, slots=True)
class PlanEstimate:
    """The estimated cost of a plan: `size` in bytes, duration in `seconds`; `price` is None where unknown."""

    requests: int
    size: int
    tokens_in: int
    tokens_out: int
    seconds: float
    price: Price | None

    @property
    def cost(self) -> float | None:
        """The cost in the price's currency; None without a known price."""
        return None if self.price is None else self.price.of(self.tokens_in, self.tokens_out)

    @property
    def cost_text(self) -> str:
        """The cost as text for display before anything is sent."""
        return format_cost(self.price, self.cost)


def requests(
    duration: float,
    *,
    mode: AskingMode = AskingMode.GROUPED,
    enhancements: frozenset[Enhancement] = frozenset(Enhancement),
    fps: float = SAMPLING_RATE,
    feature_rates: bool = False,
    stretches: Sequence[Span] = (),
) -> tuple[Request, ...]:
    """All requests for a recording of `duration` seconds, in order of time.

    With `feature_rates` features that need more than `fps` are asked about at a higher rate, in windows with
    at most `MOST_FRAMES` frames. `stretches` as in `segments`.
    """
    made = [
        Request(segment, enhancement, asked, rate)
        for enhancement in Enhancement
        if enhancement in enhancements
        for rate, features in _by_rate(enhancement, fps, feature_rates).items()
        for segment in (
            segments(duration, stretches=stretches)
            if rate == fps
            else windows(duration, MOST_FRAMES / rate, stretches)
        )
        for asked in _asked(features, mode)
    ]
    # Sorting is stable for requests with the same start.
    return tuple(sorted(made, key=lambda request: request.segment.span.start))


def clip_specs(plan: Iterable[Request]) -> tuple[ClipSpec, ...]:
    """The clips for a plan, each once."""
    return tuple(dict.fromkeys(request.spec for request in plan))


def _by_rate(enhancement: Enhancement, fps: float, feature_rates: bool) -> dict[float, tuple[Feature, ...]]:
    """The features of an enhancement by sampling rate (Hz)."""
    result: dict[float, tuple[Feature, ...]] = {}
    for feature in features_of(enhancement):
        needed = feature.min_fps or 0.0
        rate = fps
        if feature_rates and needed > fps:
            rate = next((step for step in HIGHER_RATES if step >= needed), needed)
        result[rate] = (*result.get(rate, ()), feature)
    return result


def _asked(features: tuple[Feature, ...], mode: AskingMode) -> tuple[tuple[Feature, ...], ...]:
    return (features,) if mode is AskingMode.GROUPED else tuple((feature,) for feature in features)


def estimate(
    plan: tuple[Request, ...], *, limit: int, price: Price | None = None, as_video: bool = False
) -> PlanEstimate:
    """The estimate for `plan` with `limit` parallel requests and frames sent as a video or as pictures."""
    tokens_in = sum(_tokens(request) for request in plan)
    tokens_out = sum(len(request.features) * TOKENS_PER_ANSWER for request in plan)
    seconds = math.ceil(len(plan) / limit) * SECONDS_PER_REQUEST
    size = sum(_bytes(request, as_video) for request in plan)
    return PlanEstimate(len(plan), size, tokens_in, tokens_out, seconds, price)


def _tokens(request: Request) -> int:
    seconds = request.segment.span.duration
    sound = request.enhancement is Enhancement.SOUND
    media = seconds * (TOKENS_PER_SECOND_OF_SOUND if sound else request.fps * TOKENS_PER_FRAME)
    return round(media) + 300 + len(request.features) * TOKENS_PER_QUESTION


def _bytes(request: Request, as_video: bool) -> int:
    seconds = request.segment.span.duration
    if request.enhancement is Enhancement.SOUND:
        media = seconds * BYTES_PER_SECOND_OF_SOUND
    else:
        media = seconds * request.fps * (BYTES_PER_VIDEO_FRAME if as_video else BYTES_PER_PICTURE)
    return round(media * 4 / 3)  # base64
