"""All measures of one recording together."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt

from app.core.enhance.pose_track import Joint, PoseTrack
from app.core.program_log import OwnText
from app.core.readers.signal.measures.body import BodyMeasures, body
from app.core.readers.signal.measures.eyes import Eyes, eyes, hand_before_eyes
from app.core.readers.signal.measures.face import FaceFrame, face_frame
from app.core.readers.signal.measures.grid import Codes, Grid, uniform
from app.core.readers.signal.measures.head import HeadMeasures, head
from app.core.readers.signal.measures.hiding import Hiding
from app.core.readers.signal.measures.limbs import ARMS, LEGS, LimbMeasures, limb
from app.core.readers.signal.measures.mouth import Mouth, mouth
from app.core.readers.signal.measures.rhythm import Rhythm, rhythm
from app.core.readers.signal.measures.series import Floats, Mask
from app.core.readers.signal.measures.voice import VoiceMeasures, voice
from app.core.readers.signal.thresholds import limit

T = TypeVar("T")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Trunk:
    """Rhythms of the trunk in shoulder widths: `whole` relative to the room, `hips` relative to the
    shoulders; `hiding`, `hips_hiding` (n,) why shoulders and hips were not seen (0: they were)."""

    whole: Rhythm
    hips: Rhythm
    hiding: Codes
    hips_hiding: Codes


class MeasureFailedError(Exception):
    """A measure that is asked for had failed; the fault itself is in the log."""


@dataclass(frozen=True, slots=True)
class Measures:
    """All measures; None for those that are not available (no track, no body, no face, no sound).

    `frames` is the number of pictures that were analysed, `somebody` whether a person was in any of them,
    `faults` the names of measures that failed.
    """

    frames: int
    grid: Grid | None
    body: BodyMeasures | None
    arms: tuple[LimbMeasures, ...]
    legs: tuple[LimbMeasures, ...]
    rhythms: dict[str, Rhythm]
    trunk: Trunk | None
    head: HeadMeasures | None
    face: FaceFrame | None
    eyes: Eyes | None
    mouth: Mouth | None
    voice: VoiceMeasures | None
    has_sound: bool
    somebody: bool = True
    faults: frozenset[str] = frozenset()

    if not TYPE_CHECKING:

        def __getattribute__(self, name: str) -> object:
            """The measure. Raises MeasureFailedError when it failed: what rests on it has no answer."""
            if name in object.__getattribute__(self, "faults"):
                raise MeasureFailedError(name)
            return object.__getattribute__(self, name)

    @property
    def limbs(self) -> tuple[LimbMeasures, ...]:
        return (*self.arms, *self.legs)


def measure(track: PoseTrack | None, sound: npt.NDArray[np.float32] | None) -> Measures:
    """The measures of a pose track (or None) and mono sound of 16 kHz (or None).

    A fault in one measure is logged and costs what rests on it: see `Measures.faults`.
    """
    attempt = _MeasureAttempt()
    grid = attempt(["grid"], lambda: uniform(track) if track is not None else None, None)
    heard = attempt(["voice"], lambda: voice(sound) if sound is not None else None, None)
    found = _PictureMeasures()
    if grid is not None:
        _measure_body(grid, attempt, found)
        _measure_face(grid, attempt, found)
    return Measures(
        frames=0 if track is None else len(track.times),
        grid=grid,
        body=found.body,
        arms=found.arms,
        legs=found.legs,
        rhythms=found.rhythms,
        trunk=found.trunk,
        head=found.head,
        face=found.face,
        eyes=found.eyes,
        mouth=found.mouth,
        voice=heard,
        has_sound=sound is not None and len(sound) > 0,
        somebody=track is not None and bool((track.confirmed & (track.found | track.face_found)).any()),
        faults=frozenset(attempt.faults),
    )


@dataclass(slots=True)
class _PictureMeasures:
    """What was measured in the picture so far."""

    body: BodyMeasures | None = None
    arms: tuple[LimbMeasures, ...] = ()
    legs: tuple[LimbMeasures, ...] = ()
    rhythms: dict[str, Rhythm] = field(default_factory=dict)
    trunk: Trunk | None = None
    head: HeadMeasures | None = None
    face: FaceFrame | None = None
    eyes: Eyes | None = None
    mouth: Mouth | None = None


@dataclass(slots=True)
class _MeasureAttempt:
    """Calls a measure; when it fails, notes the names of what rests on it."""

    faults: set[str] = field(default_factory=set)

    def __call__(self, names: Sequence[str], compute: Callable[[], T], otherwise: T) -> T:
        try:
            return compute()
        except Exception:  # noqa: BLE001 - whatever it is, it must not cost the other measures
            _log.exception("the measure of %s failed", OwnText(names[0]))
            self.faults.update(names)
            return otherwise


_BODY = ("body", "arms", "legs", "rhythms", "trunk", "head", "eyes")
"""What rests on the body: without it nothing is known of hands before the eyes."""
_FACE = ("face", "eyes", "mouth")


def _measure_body(grid: Grid, attempt: _MeasureAttempt, found: _PictureMeasures) -> None:
    figure = found.body = attempt(_BODY, lambda: body(grid), None)
    if figure is not None:
        found.arms = attempt(["arms"], lambda: tuple(limb(grid, figure, name) for name in ARMS), ())
        found.legs = attempt(["legs"], lambda: tuple(limb(grid, figure, name) for name in LEGS), ())
        limbs = (*found.arms, *found.legs)
        found.rhythms = attempt(["rhythms"], lambda: _rhythms(limbs, grid), {})
        found.trunk = attempt(["trunk"], lambda: _trunk(grid, figure), None)
    found.head = attempt(["head", "eyes"], lambda: head(grid, figure), None)


def _measure_face(grid: Grid, attempt: _MeasureAttempt, found: _PictureMeasures) -> None:
    facing = found.face = attempt(_FACE, lambda: face_frame(grid), None)
    if facing is None:
        return
    yaw = found.head.yaw if found.head is not None else np.zeros(len(grid.times))
    found.eyes = attempt(["eyes"], lambda: eyes(grid, facing, yaw, _hand_before_eyes(grid, found.body)), None)
    found.mouth = attempt(["mouth"], lambda: mouth(grid, facing), None)


def _rhythms(limbs: Sequence[LimbMeasures], grid: Grid) -> dict[str, Rhythm]:
    return {part.name.end_name: rhythm(_moved(part), grid.rate) for part in limbs}


def _hand_before_eyes(grid: Grid, figure: BodyMeasures | None) -> Mask:
    if figure is None:
        return np.zeros(len(grid.times), dtype=bool)
    return hand_before_eyes(grid, figure.unit)


def _moved(part: LimbMeasures) -> Floats:
    """The movement of a limb for rhythms: hand, or foot and knee, because a foot on a bed stays in place."""
    if part.name.kind == "arm":
        return part.end
    both = np.concatenate([part.end, part.middle], axis=1)
    return (
        both
        if np.isfinite(both).all(axis=1).mean() > 0.7 * np.isfinite(part.middle[:, 0]).mean()
        else part.middle
    )


def _trunk(grid: Grid, figure: BodyMeasures) -> Trunk:
    middle = (figure.shoulders + figure.hips) / 2 / figure.unit
    hips = (figure.hips - figure.shoulders) / figure.unit
    return Trunk(
        rhythm(middle, grid.rate),
        rhythm(hips, grid.rate),
        hiding=grid.hiding[:, [Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER]].max(axis=1),
        hips_hiding=_hips_hiding(grid, figure.unit),
    )


def _hips_hiding(grid: Grid, unit: float) -> Codes:
    """Why the hips were not seen (n,), by the knees as well: below a table, a lectern or the picture's edge
    the pose model places hips that nobody sees, and calls them visible, but no knees."""
    hiding = grid.hiding[:, [Joint.LEFT_HIP, Joint.RIGHT_HIP]].max(axis=1)
    knees = [Joint.LEFT_KNEE, Joint.RIGHT_KNEE]
    x, y = np.moveaxis(np.nan_to_num(grid.joints[:, knees], nan=-1.0), 2, 0)
    inward = np.minimum(np.minimum(x, grid.width - x), np.minimum(y, grid.height - y))
    seen = (grid.hiding[:, knees] == Hiding.SEEN) & (inward >= limit("knee_within") * unit)
    hiding[(hiding == Hiding.SEEN) & ~seen.any(axis=1)] = Hiding.NO_KNEE
    return np.asarray(hiding)
