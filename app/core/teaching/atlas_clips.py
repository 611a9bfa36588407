"""Short drawn clips of each feature and of something that resembles it, drawn on first use and cached.

Drawn patients show which movement a word stands for; they teach nothing about how subtle real ones are.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from pathlib import Path

from app.core.folders import cache_folder
from app.core.jobs import Task, share_of
from app.core.phantom.script import Event, PhantomScript, Viewpoint
from app.core.semiology import Laterality, Span

LEFT, RIGHT, BOTH = Laterality.LEFT, Laterality.RIGHT, Laterality.BOTH
DURATION = 8.0
"""Seconds of a clip."""
FPS = 25.0
SIZE = (640, 360)
VERSION = 1
"""Raised when the drawing changes, so that clips are made anew."""
_SEED = 11
_WHOLE = Viewpoint()
_ARMS = Viewpoint(zoom=1.5, shift_y=0.18)
_FACE = Viewpoint(zoom=4.4, shift_y=1.42)


@dataclass(frozen=True, slots=True)
class LookalikePair:
    """The events that show a feature, those that only resemble it, what the latter are, and how near the
    camera is."""

    shown: tuple[Event, ...]
    resembling: tuple[Event, ...]
    lookalike: str
    camera: Viewpoint


def _event(
    kind: str,
    start: float = 1.2,
    end: float = 7.2,
    side: Laterality | None = None,
    rate: float = 0.0,
    *,
    end_rate: float = 0.0,
    variant: str = "",
) -> Event:
    return Event(kind, Span(start, end), side, rate, end_rate, 1.0, variant, _SEED)


_QUESTION = _event("question", 1.0, 2.5)
_TALKING = (_event("talking", 1.5, 6.5, rate=4.6),)
_ASLEEP = (_event("asleep", 0.0, DURATION),)

PAIRS: dict[str, LookalikePair] = {
    "occur_during_sleep": LookalikePair(
        (_event("asleep", 0.0, 4.0), _event("tonic", 4.2, 7.8, BOTH, variant="flexion")),
        (_event("tonic", 4.2, 7.8, BOTH, variant="flexion"),),
        "awake before the event: eyes open, glances, blinks",
        _ARMS,
    ),
    "arm_flexion": LookalikePair(
        (_event("arm_flexion", side=LEFT),), (_event("phone", side=LEFT),), "holding a phone", _ARMS
    ),
    "arm_straightening": LookalikePair(
        (_event("arm_straightening", side=LEFT),),
        (_event("reaching", 2.0, 5.2, LEFT),),
        "reaching, out and back",
        _ARMS,
    ),
    "arms_move_simultaneously": LookalikePair(
        (_event("arms_move_simultaneously", 2.0, 6.0, BOTH),),
        (_event("reaching", 1.4, 4.4, LEFT), _event("reaching", 3.6, 6.6, RIGHT)),
        "one arm after the other",
        _ARMS,
    ),
    "figure4": LookalikePair(
        (_event("figure4", side=LEFT),),
        (_event("phone", side=RIGHT), _event("reaching", 2.6, 5.8, LEFT)),
        "reaching while the other hand holds a phone",
        _ARMS,
    ),
    "tonic": LookalikePair(
        (_event("tonic", side=BOTH, variant="extension"),),
        (_event("pushing", side=RIGHT),),
        "pushing with one arm",
        _ARMS,
    ),
    "clonic": LookalikePair(
        (_event("clonic", side=LEFT, rate=3.2, end_rate=1.2),),
        (_event("scratching", 2.0, 5.0, LEFT),),
        "scratching",
        _ARMS,
    ),
    "limb_automatisms": LookalikePair(
        (_event("limb_automatisms", side=RIGHT, rate=1.5, variant="pick"),),
        (_event("drinking", side=RIGHT),),
        "drinking: an object used as it is meant to be",
        _ARMS,
    ),
    "asynchronous_movement": LookalikePair(
        (_event("asynchronous_movement", side=BOTH, rate=2.6),),
        (_event("clonic", side=BOTH, rate=2.8, end_rate=1.4),),
        "jerks in step, slowing down",
        _WHOLE,
    ),
    "pelvic_thrusting": LookalikePair(
        (_event("pelvic_thrusting", rate=1.4),),
        (_event("pushing", side=RIGHT),),
        "pushing oneself to another place",
        _WHOLE,
    ),
    "full_body_shaking": LookalikePair(
        (_event("full_body_shaking", side=BOTH, rate=4.8),),
        (_event("asynchronous_movement", side=BOTH, rate=2.6),),
        "limbs out of step",
        _WHOLE,
    ),
    "blank_stare": LookalikePair(
        (_event("blank_stare", 0.5, 7.8),),
        (_event("turning", 3.0, 5.6, RIGHT), _event("statement", 2.8, 4.2)),
        "awake: glances, blinks, and a look at who speaks",
        _FACE,
    ),
    "close_eyes": LookalikePair(
        (_event("close_eyes", 0.8, 7.8, variant="squeezed"),), _ASLEEP, "asleep, nothing squeezed", _FACE
    ),
    "eye_blinking": LookalikePair(
        (_event("eye_blinking", rate=2.4),), (), "ordinary blinks, seconds apart", _FACE
    ),
    "face_pulling": LookalikePair((_event("face_pulling", side=LEFT),), _TALKING, "talking", _FACE),
    "face_twitching": LookalikePair(
        (_event("face_twitching", side=LEFT, rate=3.0),),
        (_event("eating", 0.2, 7.8, RIGHT),),
        "chewing food",
        _FACE,
    ),
    "head_turning": LookalikePair(
        (_event("head_turning", side=LEFT),),
        (_event("turning", 2.2, 4.8, LEFT), _event("statement", 2.0, 3.4)),
        "turning to a voice, and back",
        _FACE,
    ),
    "oral_automatisms": LookalikePair(
        (_event("oral_automatisms", rate=1.25),), _TALKING, "talking", _FACE
    ),
    "verbal_responsiveness": LookalikePair(
        (_QUESTION, _event("reply", 3.1, 5.6, rate=4.6)),
        (_QUESTION, _event("mumbling", 3.1, 5.0, rate=2.2)),
        "a question, and sound without words",
        _FACE,
    ),
    "ictal_vocalization": LookalikePair(
        (_event("ictal_vocalization", 2.0, 5.0, variant="groan"),), _TALKING, "talking", _FACE
    ),
}  # fmt: skip
"""For each feature what is drawn of it and of its lookalike."""


def feature_script(feature: str) -> PhantomScript:
    """The script of the clip that shows a feature. Raises KeyError for an unknown one."""
    pair = PAIRS[feature]
    return _script(pair.shown, pair.camera)


def lookalike_script(feature: str) -> PhantomScript:
    """The script of the clip that only resembles a feature."""
    pair = PAIRS[feature]
    return _script(pair.resembling, pair.camera)


def _script(events: tuple[Event, ...], camera: Viewpoint) -> PhantomScript:
    script = PhantomScript(_SEED, DURATION, events, FPS, SIZE, camera=camera, title="atlas")
    return replace(script, appearance=replace(script.appearance, noise=0.0))


def clips_folder() -> Path:
    """The folder of this account in which clips of the atlas are kept; it is safe to delete."""
    return cache_folder() / "atlas"


def clip_path(folder: Path, script: PhantomScript) -> Path:
    """Where the clip of a script is kept; another drawing has another name."""
    digest = hashlib.sha256(f"{VERSION} {script!r}".encode()).hexdigest()[:16]
    return folder / f"clip-{digest}.mp4"


def are_drawn(feature: str, folder: Path) -> bool:
    """Whether both clips of a feature are there already."""
    scripts = (feature_script(feature), lookalike_script(feature))
    return all(clip_path(folder, script).is_file() for script in scripts)


def lookalike_clips(feature: str, folder: Path, task: Task) -> tuple[Path, Path]:
    """The clips of a feature and of what resembles it, drawn unless they are in `folder`.

    Raises UserError when they cannot be written, Cancelled.
    """
    first = _drawn(feature_script(feature), folder, replace(task, report=share_of(task.report, 0.0, 0.5)))
    second = _drawn(lookalike_script(feature), folder, replace(task, report=share_of(task.report, 0.5, 1.0)))
    return first, second


def _drawn(script: PhantomScript, folder: Path, task: Task) -> Path:
    from app.core.phantom.render import render_phantom

    path = clip_path(folder, script)
    task.cancel.check()
    if not path.is_file():
        # Another window may draw the same: each draws under a name that no other has.
        own = path.with_name(f"{path.stem}-{secrets.token_hex(4)}.mp4")
        render_phantom(script, own, None, task.report, task.cancel)
        own.replace(path)
    return path
