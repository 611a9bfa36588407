"""All measures of one recording together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.core.enhance.pose_track import Joint, PoseTrack
from app.core.readers.signal.measures.body import BodyMeasures, body
from app.core.readers.signal.measures.eyes import Eyes, eyes, hand_before_eyes
from app.core.readers.signal.measures.face import FaceFrame, face_frame
from app.core.readers.signal.measures.grid import Codes, Grid, uniform
from app.core.readers.signal.measures.head import HeadMeasures, head
from app.core.readers.signal.measures.limbs import ARMS, LEGS, LimbMeasures, limb
from app.core.readers.signal.measures.mouth import Mouth, mouth
from app.core.readers.signal.measures.rhythm import Rhythm, rhythm
from app.core.readers.signal.measures.series import Floats, Mask
from app.core.readers.signal.measures.voice import VoiceMeasures, voice


@dataclass(frozen=True, slots=True)
class Trunk:
    """Rhythms of the trunk in shoulder widths: `whole` relative to the room, `hips` relative to the
    shoulders; `hiding`, `hips_hiding` (n,) why shoulders and hips were not seen (0: they were)."""

    whole: Rhythm
    hips: Rhythm
    hiding: Codes
    hips_hiding: Codes


@dataclass(frozen=True, slots=True)
class Measures:
    """All measures; None for those that are not available (no track, no body, no face, no sound). `frames` is
    the number of pictures that were analysed."""

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

    @property
    def limbs(self) -> tuple[LimbMeasures, ...]:
        return (*self.arms, *self.legs)


def measure(track: PoseTrack | None, sound: npt.NDArray[np.float32] | None) -> Measures:
    """The measures of a pose track (or None) and mono sound of 16 kHz (or None)."""
    grid = uniform(track) if track is not None else None
    heard = voice(sound) if sound is not None else None
    has_sound = sound is not None and len(sound) > 0
    if grid is None:
        frames = 0 if track is None else len(track.times)
        return Measures(frames, None, None, (), (), {}, None, None, None, None, None, heard, has_sound)
    figure = body(grid)
    arms: tuple[LimbMeasures, ...] = ()
    legs: tuple[LimbMeasures, ...] = ()
    trunk = None
    rhythms: dict[str, Rhythm] = {}
    if figure is not None:
        arms = tuple(limb(grid, figure, name) for name in ARMS)
        legs = tuple(limb(grid, figure, name) for name in LEGS)
        rhythms = {part.name.end_name: rhythm(_moved(part), grid.rate) for part in (*arms, *legs)}
        trunk = _trunk(grid, figure)
    facing = face_frame(grid)
    turning = head(grid, figure)
    yaw = turning.yaw if turning is not None else np.zeros(len(grid.times))
    return Measures(
        frames=len(track.times) if track is not None else 0,
        grid=grid,
        body=figure,
        arms=arms,
        legs=legs,
        rhythms=rhythms,
        trunk=trunk,
        head=turning,
        face=facing,
        eyes=eyes(grid, facing, yaw, _hand_before_eyes(grid, figure)) if facing is not None else None,
        mouth=mouth(grid, facing) if facing is not None else None,
        voice=heard,
        has_sound=has_sound,
    )


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
        hips_hiding=grid.hiding[:, [Joint.LEFT_HIP, Joint.RIGHT_HIP]].max(axis=1),
    )
