"""The EEG that belongs to a phantom's script: the same seizure, on the side that the signs show."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.eeg.sync import SAME_CLOCK, Sync
from app.core.phantom.eeg import EegScript
from app.core.phantom.eeg_sources import EegSeizure
from app.core.phantom.motion import blink_times
from app.core.phantom.script import Event, PhantomScript
from app.core.semiology import Laterality, Span

LEAD = 1.0
"""Seconds from the onset in the EEG to the first sign in the picture."""

_CLOSED = 0.11
"""Seconds from the start of a blink to the moment when the eye is closed."""

_TEMPORAL = ("blank_stare", "oral_automatisms", "limb_automatisms", "ictal_vocalization")
_CENTRAL = (
    "face_pulling",
    "face_twitching",
    "head_turning",
    "figure4",
    "arm_flexion",
    "arm_straightening",
    "arms_move_simultaneously",
    "asynchronous_movement",
    "pelvic_thrusting",
    "full_body_shaking",
    "tonic",
    "clonic",
)
_SAME_SIDE = ("limb_automatisms",)
"""Signs on the side of the seizure; all others are on the other side."""

_SPREAD_OUT = 3.0
"""The shortest time (s) in which a seizure reaches the farthest electrode."""


@dataclass(frozen=True, slots=True)
class _Focus:
    """Where a seizure begins: `electrode`, and its rates in Hz at onset and end."""

    electrode: str
    first_hertz: float
    last_hertz: float


def eeg_of_script(script: PhantomScript, sync: Sync = SAME_CLOCK, *, after: float = 0.0) -> EegScript:
    """The EEG of a phantom: from 0 on its own clock (see `sync`) to `after` seconds after the recording.

    The seizure begins `LEAD` before the first ictal sign, or with the recording, and ends with the last one.
    It begins over the temporal lobe if the first sign is a stare or an automatism, else over the centre, on
    the side that the first sign of one side shows. It reaches the other side when signs of both sides begin;
    without any it stays where it is. Blinks and closed eyes are those of the picture.
    """
    return EegScript(
        script.seed,
        max(sync.to_eeg(script.frames / script.fps + after), 0.0),
        _seizure(script),
        sync=sync,
        eyes_closed=tuple(event.span for event in script.of_kind("close_eyes")),
        filmed=Span(0.0, script.frames / script.fps),
        seen_blinks=_seen_blinks(script),
    )


def _seizure(script: PhantomScript) -> EegSeizure | None:
    signs = script.of_kind(*_TEMPORAL, *_CENTRAL)
    if not signs:
        return None
    onset = max(signs[0].span.start - LEAD, 0.0)
    end = max(event.span.end for event in signs)
    focus = _focus(signs)
    return EegSeizure(
        Span(onset, end),
        focus.electrode,
        focus.first_hertz,
        focus.last_hertz,
        160.0,
        _spread(signs, onset, end),
    )


def _focus(signs: tuple[Event, ...]) -> _Focus:
    is_right = _side(signs) is Laterality.RIGHT
    if signs[0].kind in _TEMPORAL:
        return _Focus("T8" if is_right else "T7", 7.0, 1.6)
    return _Focus("C4" if is_right else "C3", 10.0, 2.2)


def _side(signs: tuple[Event, ...]) -> Laterality:
    """The side of the seizure by the first sign of one side; left without any."""
    for event in signs:
        if event.side in (Laterality.LEFT, Laterality.RIGHT):
            is_same = event.kind in _SAME_SIDE
            return Laterality.RIGHT if (event.side is Laterality.RIGHT) == is_same else Laterality.LEFT
    return Laterality.LEFT


def _spread(signs: tuple[Event, ...], onset: float, end: float) -> float:
    """Seconds from the onset until the farthest electrode is reached; without signs of both sides so late
    that the other half of the head stays free."""
    both = [event.span.start for event in signs if event.side is Laterality.BOTH]
    return max(both[0] - onset, _SPREAD_OUT) if both else 2.5 * (end - onset)


def _seen_blinks(script: PhantomScript) -> tuple[float, ...]:
    """The moments (s) at which the eyes of the picture are closed in a blink."""
    found = [start + _CLOSED for start in blink_times(script)]
    for event in script.of_kind("eye_blinking"):
        count = int(event.span.duration * event.rate)
        found += [event.span.start + (number + 0.5) / event.rate for number in range(count)]
    return tuple(sorted(found))
