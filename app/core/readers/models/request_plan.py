"""The requests of a run and an estimate of their cost, before anything is sent."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from app.core.clips.clip import ClipSpec
from app.core.enhance.enhancement import Enhancement
from app.core.readers.models.answer_schema import AnswerForm
from app.core.readers.models.asking import OF_THE_WHOLE_EVENT, SLEEP, AskingWays
from app.core.readers.models.families import FAMILIES, UNKNOWN, ClipForm, Family
from app.core.readers.models.prices import Price, format_cost
from app.core.readers.models.reading_range import EventTimes
from app.core.readers.models.segments import (
    OVERLAP_SECONDS,
    SAMPLING_RATE,
    SEGMENT_SECONDS,
    Segment,
    segments,
    windows,
)
from app.core.readers.models.token_counts import NO_CORRECTION, Correction
from app.core.readers.models.where_to_look import WindowChoice
from app.core.semiology import Feature, Span

CHARACTERS_PER_TOKEN = 4.0
"""Of prompts (English and JSON); 4.06 to 4.17 by Qwen's words. Changed with `token_counts.PLANNED_BY`."""
TOKENS_PER_TIME = 8
"""Of the time that is written before a single picture."""
TOKENS_PER_ANSWER = 110
MEASURED_SIDE = 768
"""The longer side (px) of the pictures whose bytes were measured."""
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
WINDOW_RATE = HIGHER_RATES[-1]
"""The rate (Hz) of windows that are chosen by what moves."""
LONG_SOUND_SECONDS = 600.0
"""Seconds of sound in one request where it is not cut into segments; models that hear take ten minutes."""
SECONDS_PER_REQUEST = 15.0
"""The assumed duration of a request in seconds."""


class AskingMode(StrEnum):
    """`GROUPED` asks once per enhancement, `PER_FEATURE` once per feature (as in arXiv 2605.03352)."""

    GROUPED = "grouped"
    PER_FEATURE = "per_feature"


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a model: segment, enhancement, sampling rate (Hz), the features asked about, and how
    often the same has been asked, from 1.

    `with_picture`: the picture of the segment goes along with its sound; `form` is that of the answer.
    """

    segment: Segment
    enhancement: Enhancement
    features: tuple[Feature, ...]
    fps: float = SAMPLING_RATE
    repeat: int = 1
    with_picture: bool = False
    form: AnswerForm = AnswerForm.FULL

    @property
    def spec(self) -> ClipSpec:
        """The specification of its clip; equal for all requests that show the same clip."""
        return self._spec(self.enhancement)

    @property
    def picture(self) -> ClipSpec | None:
        """The specification of the clip whose picture goes along with the sound; None without one."""
        return self._spec(Enhancement.POSE) if self.with_picture else None

    def _spec(self, enhancement: Enhancement) -> ClipSpec:
        rate = f"-{self.fps:g}hz" if self.segment.window else ""
        place = "whole" if self.segment.whole else f"{self.segment.number:04d}"
        return ClipSpec(f"{place}-{enhancement.value}{rate}", self.segment.span, enhancement, self.fps)

    @property
    def key(self) -> str:
        """Its name in the journal, the same for every run of the same plan."""
        name = self.spec.name if len(self.features) != 1 else f"{self.spec.name}-{self.features[0].id}"
        return name if self.repeat == 1 else f"{name}-repeat{self.repeat}"


@dataclass(frozen=True, slots=True)
class PlanEstimate:
    """The estimated cost of a plan: `size` in bytes, duration in `seconds`; `price` is None where unknown."""

    requests: int
    size: int
    tokens_in: int
    tokens_out: int
    seconds: float
    price: Price | None
    largest: int = 0
    """The tokens of the largest request."""
    correction: Correction = NO_CORRECTION
    """By how much what servers counted has changed the tokens in."""
    kept: int = 0
    """How many clips the service keeps while they are asked about …"""
    saved: float = 0.0
    """… and what that saves, in the price's currency."""

    @property
    def cost(self) -> float | None:
        """The cost in the price's currency; None without a known price."""
        return None if self.price is None else self.price.of(self.tokens_in, self.tokens_out) - self.saved

    @property
    def cost_text(self) -> str:
        """The cost as text for display before anything is sent."""
        return format_cost(self.price, self.cost)


@dataclass(frozen=True, slots=True)
class Part:
    """What is asked of which part of a recording, and how.

    `duration` of the recording, `within` the part of it (None: all), `event` when the seizure begins and ends
    where a person said that models may know, `stretches` as in `segments`.
    """

    duration: float
    within: Span | None = None
    event: EventTimes = field(default_factory=EventTimes)
    stretches: Sequence[Span] = ()
    asking: AskingWays = field(default_factory=AskingWays)
    form: AnswerForm = AnswerForm.FULL

    @property
    def span(self) -> Span:
        """The part itself."""
        return self.within or Span(0.0, max(self.duration, 0.0))

    @property
    def whole_event(self) -> Span:
        """The event where onset and end are known, else the part; both cut to the part."""
        onset, end, part = self.event.onset, self.event.end, self.span
        if onset is None or end is None or onset >= part.end or end <= part.start or end - onset < 1.0:
            return part
        return Span(max(onset, part.start), min(end, part.end))

    def segments(self, enhancement: Enhancement, rate: float, fps: float) -> tuple[Segment, ...]:
        """The segments for clips of a kind; at another `rate` than `fps` windows of at most `MOST_FRAMES`."""
        if rate != fps:
            return rate_windows(self.duration, rate, self.stretches, self.within)
        long = self.asking.long_sound and enhancement is Enhancement.SOUND
        length = LONG_SOUND_SECONDS if long else SEGMENT_SECONDS
        return segments(self.duration, length, OVERLAP_SECONDS, stretches=self.stretches, within=self.within)


def requests(
    duration: float,
    *,
    mode: AskingMode = AskingMode.GROUPED,
    enhancements: frozenset[Enhancement] = frozenset(Enhancement),
    fps: float = SAMPLING_RATE,
    feature_rates: bool = False,
    stretches: Sequence[Span] = (),
    times_asked: int = 1,
    chosen: WindowChoice | None = None,
    part: Part | None = None,
) -> tuple[Request, ...]:
    """All requests for a recording of `duration` seconds, in order of time; `part` says more than `duration`
    and `stretches`.

    With `feature_rates` features that need more than `fps` are asked about at a higher rate, in windows with
    at most `MOST_FRAMES` frames; where windows are `chosen`, all features are asked about at `fps`, and those
    in these windows besides. `stretches` as in `segments`. Each is asked `times_asked` times.
    """
    part = part or Part(duration, stretches=stretches)
    two_passes = chosen is not None
    made: list[Request] = []
    for enhancement, features in part.asking.features_by_clip(enhancements).items():
        for rate, rated in _by_rate(features, fps, feature_rates, two_passes).items():
            with_picture = part.asking.with_picture and enhancement is Enhancement.SOUND
            for segment, asked in _questions(part, enhancement, rated, rate, fps):
                if chosen is not None and rate != fps and segment.number not in chosen.get(enhancement, ()):
                    continue
                shown = min(rate, MOST_FRAMES / segment.span.duration) if segment.whole else rate
                # One after the other: a server may keep what it made of the clip.
                made += [
                    Request(segment, enhancement, one, shown, repeat, with_picture, part.form)
                    for one in _asked(asked, mode)
                    for repeat in range(1, times_asked + 1)
                ]
    # Sorting is stable for requests with the same start.
    return tuple(sorted(made, key=lambda request: request.segment.span.start))


def rate_windows(
    duration: float, rate: float, stretches: Sequence[Span] = (), within: Span | None = None
) -> tuple[Segment, ...]:
    """The windows with `MOST_FRAMES` frames at a rate (Hz)."""
    return windows(duration, MOST_FRAMES / rate, stretches, within)


def most_windows(
    duration: float, fps: float, stretches: Sequence[Span] = (), within: Span | None = None
) -> int:
    """How many of these windows have twice the pictures of the plain pass at `fps`; at least one."""
    plain = segments(duration, stretches=stretches, within=within)
    return max(1, int(2 * sum(segment.span.duration * fps for segment in plain) / MOST_FRAMES))


def _questions(
    part: Part, enhancement: Enhancement, features: tuple[Feature, ...], rate: float, fps: float
) -> Iterator[tuple[Segment, tuple[Feature, ...]]]:
    """Each segment with the features that are asked of it."""
    found = part.segments(enhancement, rate, fps)
    whole = Segment(0, part.whole_event, whole=True)
    # Of a recording with long gaps, a sparse clip of all of it would show the gaps.
    together = part.asking.whole_event and not part.stretches
    apart = together and [one.span for one in found] != [whole.span]
    of_all = tuple(one for one in features if apart and one.id in OF_THE_WHOLE_EVENT)
    if of_all and found:
        yield whole, of_all
    start = _where_it_begins(found, part.event.onset)
    for segment in found:
        sleep = segment == start or not part.asking.sleep_once
        asked = tuple(one for one in features if one not in of_all and (sleep or one.id != SLEEP))
        if asked:
            yield segment, asked


def _where_it_begins(found: Sequence[Segment], onset: float | None) -> Segment | None:
    """The segment in which the event begins, with most of what was before it; None where it begins in none.
    The first where that is not known."""
    if onset is None:
        return found[0] if found else None
    return next((one for one in found if one.span.contains(onset)), None)


def chain_of(request: Request) -> tuple[str, str, int]:
    """What the requests have in common that are asked one after the other where a prompt tells what earlier
    segments found: the same questions and repeat. The whole event is in no chain."""
    # The first segment is asked one question more, so groups are known by their last one.
    return request.enhancement.value, request.features[-1].id, request.repeat


def clip_specs(plan: Iterable[Request]) -> tuple[ClipSpec, ...]:
    """The clips for a plan, each once."""
    specs = (spec for request in plan for spec in (request.spec, request.picture) if spec is not None)
    return tuple(dict.fromkeys(specs))


def _by_rate(
    features: tuple[Feature, ...], fps: float, feature_rates: bool, two_passes: bool
) -> dict[float, tuple[Feature, ...]]:
    """The features by sampling rate (Hz); with two passes all of them at `fps`, and what needs more once more
    at the highest."""
    if feature_rates and two_passes:
        quick = tuple(
            one for one in features if (one.min_fps or 0.0) > fps and one.id not in OF_THE_WHOLE_EVENT
        )
        return {fps: features, **({WINDOW_RATE: quick} if quick and fps < WINDOW_RATE else {})}
    result: dict[float, tuple[Feature, ...]] = {}
    for feature in features:
        needed = feature.min_fps or 0.0
        rate = fps
        if feature_rates and needed > fps and feature.id not in OF_THE_WHOLE_EVENT:
            rate = next((step for step in HIGHER_RATES if step >= needed), needed)
        result[rate] = (*result.get(rate, ()), feature)
    return result


def _asked(features: tuple[Feature, ...], mode: AskingMode) -> tuple[tuple[Feature, ...], ...]:
    return (features,) if mode is AskingMode.GROUPED else tuple((feature,) for feature in features)


@dataclass(frozen=True, slots=True)
class Serving:
    """How requests are given to a model: its `family`, the `form` of clips (None for none), the size in
    pixels of the pictures by enhancement, and the text of a request."""

    family: Family = FAMILIES[UNKNOWN]
    form: ClipForm | None = ClipForm.PICTURES
    sizes: Mapping[Enhancement, tuple[int, int]] = field(default_factory=lambda: _USUAL_SIZES)
    text: Callable[[Request], str] = lambda _request: ""


def together(estimates: Sequence[PlanEstimate]) -> PlanEstimate:
    """The estimate of several plans with one price, one after the other."""
    return PlanEstimate(
        sum(one.requests for one in estimates),
        sum(one.size for one in estimates),
        sum(one.tokens_in for one in estimates),
        sum(one.tokens_out for one in estimates),
        sum(one.seconds for one in estimates),
        estimates[0].price if estimates else None,
        max((one.largest for one in estimates), default=0),
        kept=sum(one.kept for one in estimates),
        saved=sum(one.saved for one in estimates),
    )


_USUAL_SIZES: Mapping[Enhancement, tuple[int, int]] = {
    Enhancement.POSE: (768, 432),
    Enhancement.FACE: (448, 448),
}


_NONE_COUNTED: Mapping[Enhancement, Correction] = {}


def estimate(
    plan: tuple[Request, ...],
    *,
    limit: int,
    price: Price | None = None,
    serving: Serving | None = None,
    corrections: Mapping[Enhancement, Correction] = _NONE_COUNTED,
    in_order: bool = False,
) -> PlanEstimate:
    """The estimate for `plan` with `limit` parallel requests, each after the earlier ones of its `chain_of`
    where they are asked `in_order`; tokens by the family's published formula
    times the `corrections` that a server's counts have made of it."""
    served = serving or Serving()
    corrected = [corrections.get(request.enhancement, NO_CORRECTION) for request in plan]
    by_formula = [request_tokens(request, served) for request in plan]
    pairs = zip(by_formula, corrected, strict=True)
    tokens = [math.ceil(number * correction.factor) for number, correction in pairs]
    tokens_out = round(
        sum(
            len(request.features) * (correction.per_answer or TOKENS_PER_ANSWER)
            for request, correction in zip(plan, corrected, strict=True)
        )
    )
    chains = Counter(chain_of(request) for request in plan if in_order and not request.segment.whole)
    rounds = max(math.ceil(len(plan) / limit), *chains.values(), 0)
    seconds = rounds * SECONDS_PER_REQUEST
    size = sum(media_bytes(request, served) for request in plan)
    replies = sum({row: corrections[row].replies for row in corrections}.values()) if plan else 0
    correction = Correction(sum(tokens) / max(sum(by_formula), 1), replies) if replies else NO_CORRECTION
    largest = max(tokens, default=0)
    return PlanEstimate(len(plan), size, sum(tokens), tokens_out, seconds, price, largest, correction)


def request_tokens(request: Request, serving: Serving, text: str = "") -> int:
    """The tokens of a request: its media by the family's formula, and its `text`, by default as planned."""
    return media_tokens(request, serving) + math.ceil(
        len(text or serving.text(request)) / CHARACTERS_PER_TOKEN
    )


def media_tokens(
    request: Request, serving: Serving, *, frames: int | None = None, seconds: float | None = None
) -> int:
    """The tokens of a request's media, with so many frames and seconds of sound (all of them by default)."""
    heard = 0
    if request.enhancement is Enhancement.SOUND:
        heard = round((request.segment.span.duration if seconds is None else seconds) * serving.family.sound)
    if serving.form is None or not is_seen(request):
        return heard
    frames = frames_of(request) if frames is None else frames
    singly = serving.form is ClipForm.PICTURES
    width, height = size_of(request, serving)
    media = serving.family.formula.of(frames, width, height, as_video=not singly)
    return heard + media + (TOKENS_PER_TIME * frames if singly else 0)


def is_seen(request: Request) -> bool:
    """Whether pictures are a part of a request."""
    return request.with_picture or request.enhancement is not Enhancement.SOUND


def size_of(request: Request, serving: Serving) -> tuple[int, int]:
    """The width and height (px) of the pictures of a request; those along with sound are whole."""
    return serving.sizes[Enhancement.POSE if request.with_picture else request.enhancement]


def frames_of(request: Request) -> int:
    """The number of frames of a request's clip."""
    return max(1, math.ceil(request.segment.span.duration * request.fps - 1e-6))


def media_bytes(request: Request, serving: Serving) -> int:
    """The bytes of a request's media as they are sent."""
    heard = request.segment.span.duration if request.enhancement is Enhancement.SOUND else 0.0
    media = heard * BYTES_PER_SECOND_OF_SOUND
    if serving.form is not None and is_seen(request):
        as_file = serving.form is ClipForm.VIDEO
        share = (max(size_of(request, serving)) / MEASURED_SIDE) ** 2
        media += frames_of(request) * share * (BYTES_PER_VIDEO_FRAME if as_file else BYTES_PER_PICTURE)
    return round(media * 4 / 3)  # base64
