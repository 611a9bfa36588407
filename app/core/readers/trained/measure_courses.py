"""The courses over time that a trained reader is given: the signal reader's own measures, named.

Where a part exists on both sides, a course is that of the side that shows more, or less, at each moment, so
that what is learned of one side holds for the other.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.core.readers.signal.measures.eyes import Eyes
from app.core.readers.signal.measures.head import HeadMeasures
from app.core.readers.signal.measures.limbs import LimbMeasures
from app.core.readers.signal.measures.measures import Measures
from app.core.readers.signal.measures.mouth import Mouth
from app.core.readers.signal.measures.rhythm import Rhythm
from app.core.readers.signal.measures.series import Floats
from app.core.readers.signal.measures.voice import VoiceMeasures
from app.core.semiology import Group


@dataclass(frozen=True, slots=True, eq=False)
class MeasureCourse:
    """One measure over time: `values` (n,) at `rate` Hz, NaN where it was not seen or heard; empty where it
    is not there at all."""

    values: Floats
    rate: float


Courses = dict[str, MeasureCourse]

_SOUND_RATE = 20.0
_SOUND_STEP = 5
"""Sound is measured every 10 ms; a course takes the mean of this many."""


def courses_of(measures: Measures, group: Group) -> Courses:
    """The courses of one group of features by name, always the same names in the same order."""
    return dict(_COURSES[group](measures))


def _body(measures: Measures) -> Iterator[tuple[str, MeasureCourse]]:
    rate = measures.grid.rate if measures.grid is not None else 1.0
    for kind, limbs in (("arm", measures.arms), ("leg", measures.legs)):
        yield from _limbs(kind, limbs, rate)
        yield from _rhythms(kind, [_rhythm_of(measures, limb) for limb in limbs], rate)
    trunk = measures.trunk
    yield from _rhythms("trunk", [] if trunk is None else [trunk.whole], rate)
    yield from _rhythms("hips", [] if trunk is None else [trunk.hips], rate)
    yield from _head(measures.head, rate)


def _limbs(kind: str, limbs: Sequence[LimbMeasures], rate: float) -> Iterator[tuple[str, MeasureCourse]]:
    for name, values in (
        ("angle", [limb.angle for limb in limbs]),
        ("speed", [limb.speed for limb in limbs]),
        ("height", [-limb.end[:, 1] for limb in limbs]),
    ):
        yield f"{kind} {name}, higher side", MeasureCourse(_over_sides(values, np.fmax), rate)
        yield f"{kind} {name}, lower side", MeasureCourse(_over_sides(values, np.fmin), rate)


def _rhythm_of(measures: Measures, limb: LimbMeasures) -> Rhythm:
    return measures.rhythms[limb.name.end_name]


def _rhythms(part: str, rhythms: Sequence[Rhythm], rate: float) -> Iterator[tuple[str, MeasureCourse]]:
    hop = rate / rhythms[0].hop if rhythms else 1.0
    for name in ("amplitude", "regularity", "concentration", "rate", "abruptness"):
        values = [getattr(rhythm, name) for rhythm in rhythms]
        yield f"{part} rhythm {name}, higher side", MeasureCourse(_over_sides(values, np.fmax), hop)
        if part in ("arm", "leg"):
            yield f"{part} rhythm {name}, lower side", MeasureCourse(_over_sides(values, np.fmin), hop)


def _head(head: HeadMeasures | None, rate: float) -> Iterator[tuple[str, MeasureCourse]]:
    nothing = np.zeros(0)
    turned = nothing if head is None else np.abs(head.yaw - head.usual)
    yield "head turned", MeasureCourse(turned, rate)
    yield "head turning speed", MeasureCourse(nothing if head is None else np.abs(head.speed), rate)
    yield "head lowered", MeasureCourse(nothing if head is None else head.pitch, rate)


def _face(measures: Measures) -> Iterator[tuple[str, MeasureCourse]]:
    rate = measures.grid.rate if measures.grid is not None else 1.0
    yield from _head(measures.head, rate)
    yield from _eyes(measures.eyes, rate)
    yield from _mouth(measures.mouth, rate)


def _eyes(eyes: Eyes | None, rate: float) -> Iterator[tuple[str, MeasureCourse]]:
    nothing = np.zeros(0)
    yield (
        "eyes open",
        MeasureCourse(nothing if eyes is None else eyes.aperture / max(eyes.open_level, 1e-6), rate),
    )
    yield "eyes shut", MeasureCourse(nothing if eyes is None else _flag(eyes.shut, eyes.seen), rate)
    yield (
        "eyes closed longer",
        MeasureCourse(nothing if eyes is None else _flag(eyes.closed, eyes.seen), rate),
    )
    moved = nothing if eyes is None else np.hypot(*np.gradient(eyes.gaze, axis=0).T) * rate
    yield "gaze speed", MeasureCourse(moved, rate)


def _mouth(mouth: Mouth | None, rate: float) -> Iterator[tuple[str, MeasureCourse]]:
    nothing = np.zeros(0)
    yield "mouth open", MeasureCourse(nothing if mouth is None else mouth.opening, rate)
    yield "chin", MeasureCourse(nothing if mouth is None else mouth.jaw, rate)
    yield "mouth activity", MeasureCourse(nothing if mouth is None else mouth.activity, rate)
    yield "articulation", MeasureCourse(nothing if mouth is None else mouth.articulation, rate)
    yield "face pulled to a side", MeasureCourse(nothing if mouth is None else np.abs(mouth.pull), rate)
    yield from _rhythms("chewing", [] if mouth is None else [mouth.chewing], rate)
    yield from _rhythms("face jerk", [] if mouth is None else [mouth.jerks], rate)


def _sound(measures: Measures) -> Iterator[tuple[str, MeasureCourse]]:
    yield from _voice(measures.voice)
    rate = measures.grid.rate if measures.grid is not None else 1.0
    yield from _mouth(measures.mouth, rate)


def _voice(voice: VoiceMeasures | None) -> Iterator[tuple[str, MeasureCourse]]:
    nothing = np.zeros(0)
    level = nothing if voice is None else np.maximum(voice.level, -90.0) - max(voice.room, -90.0)
    yield "loudness above the room", MeasureCourse(_coarser(level), _SOUND_RATE)
    voiced = nothing if voice is None else voice.voiced.astype(float)
    yield "voiced", MeasureCourse(_coarser(voiced), _SOUND_RATE)
    music = nothing if voice is None else voice.music.astype(float)
    yield "music", MeasureCourse(_coarser(music), _SOUND_RATE)
    for name in ("pitch", "pitch_spread", "syllable_rate", "variety", "longest", "rise"):
        heard = [] if voice is None else [getattr(one, name) for one in voice.utterances]
        yield f"utterances' {name.replace('_', ' ')}", MeasureCourse(np.array(heard, dtype=float), 1.0)


_COURSES: dict[Group, Callable[[Measures], Iterator[tuple[str, MeasureCourse]]]] = {
    Group.BODY: _body,
    Group.FACE: _face,
    Group.SOUND: _sound,
}


def _flag(values: npt.NDArray[np.bool_], seen: npt.NDArray[np.bool_]) -> Floats:
    return np.where(seen, values.astype(float), np.nan)


def _coarser(values: Floats) -> Floats:
    whole = len(values) // _SOUND_STEP * _SOUND_STEP
    return np.asarray(values[:whole].reshape(-1, _SOUND_STEP).mean(axis=1))


def _over_sides(values: Sequence[Floats], choose: np.ufunc) -> Floats:
    """At each moment the value of the side that `choose` takes; that of the only side that was seen."""
    if not values:
        return np.zeros(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.asarray(choose.reduce(np.stack(values), axis=0), dtype=np.float64)
