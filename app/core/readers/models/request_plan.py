"""What a run will ask: the requests, and what they cost, known before anything is sent."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.core.enhance.clips import ClipSpec
from app.core.enhance.enhancement import Enhancement, features_of
from app.core.readers.models.prices import Price, cost_words
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
"""As measured on phantoms; real rooms have more to show."""
MOST_FRAMES = 60
"""Frames in one request, as in the study."""
LOWEST_FPS, HIGHEST_FPS = 0.2, 30.0
"""Hz; what a sampling rate may be."""
HIGHER_RATES = (5.0, 10.0, 15.0)
"""Hz; the features that need more than the sampling rate share these, so that few clips serve all."""
SECONDS_PER_REQUEST = 15.0
"""What a request takes until a run has measured its own."""


class AskingMode(StrEnum):
    """`GROUPED` asks once for each enhancement, `PER_FEATURE` once for each feature as in the study."""

    GROUPED = "grouped"
    PER_FEATURE = "per_feature"


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a model: a segment, what is shown of it at which rate (Hz), and the features asked."""

    segment: Segment
    enhancement: Enhancement
    features: tuple[Feature, ...]
    fps: float = SAMPLING_RATE

    @property
    def spec(self) -> ClipSpec:
        """What has to be made of the recording for it; the same for all requests that show the same."""
        rate = f"-{self.fps:g}hz" if self.segment.window else ""
        name = f"{self.segment.number:04d}-{self.enhancement.value}{rate}"
        return ClipSpec(name, self.segment.span, self.enhancement, self.fps)

    @property
    def key(self) -> str:
        """Its name in the journal, the same in every run of the same plan."""
        return self.spec.name if len(self.features) != 1 else f"{self.spec.name}-{self.features[0].id}"


@dataclass(frozen=True, slots=True)
class PlanEstimate:
    """What a plan will take; `size` (bytes) and `seconds` are guesses, `price` None where none is known."""

    requests: int
    size: int
    tokens_in: int
    tokens_out: int
    seconds: float
    price: Price | None

    @property
    def cost(self) -> float | None:
        """In the price's currency; None where none is known."""
        return None if self.price is None else self.price.of(self.tokens_in, self.tokens_out)

    @property
    def cost_words(self) -> str:
        """The cost as it is shown before anything is sent."""
        return cost_words(self.price, self.cost)


def requests(
    duration: float,
    *,
    mode: AskingMode = AskingMode.GROUPED,
    enhancements: frozenset[Enhancement] = frozenset(Enhancement),
    fps: float = SAMPLING_RATE,
    feature_rates: bool = False,
    stretches: Sequence[Span] = (),
) -> tuple[Request, ...]:
    """All requests for a recording of `duration` seconds, in the order of time.

    With `feature_rates` the features that cannot be seen at `fps` are asked about at a rate at which they
    can, in windows so short that none shows more than `MOST_FRAMES` frames. `stretches` as in `segments`.
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
    # Sorting keeps the order of what begins at the same time.
    return tuple(sorted(made, key=lambda request: request.segment.span.start))


def clip_specs(plan: Iterable[Request]) -> tuple[ClipSpec, ...]:
    """What has to be made for a plan, each piece once."""
    return tuple(dict.fromkeys(request.spec for request in plan))


def _by_rate(enhancement: Enhancement, fps: float, feature_rates: bool) -> dict[float, tuple[Feature, ...]]:
    """The features of an enhancement by the rate (Hz) that each is shown at."""
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
    """What `plan` takes when `limit` requests run at once; frames go as a video or as pictures."""
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
