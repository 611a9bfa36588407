"""A phantom's EEG as an EDF+ file, and its truth as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from pathlib import Path

from app.core.atomic import write_atomically
from app.core.eeg.edf_writing import WrittenAnnotation, WrittenChannel, WrittenStretch, write_edf
from app.core.eeg.sync import SAME_CLOCK, Sync
from app.core.errors import UserError
from app.core.phantom.eeg import EegTruth, PhantomEeg, phantom_eeg
from app.core.phantom.eeg_course import eeg_of_script
from app.core.phantom.eeg_sound import eeg_sound
from app.core.phantom.eeg_sources import ClosedEyes
from app.core.phantom.script import PhantomScript
from app.core.phantom.sound import phantom_sound

_SOUND_RATE = 48_000

VIDEO_BEGINS = "Video start"
"""The annotation at the start of the recording, written if the EEG began earlier."""


@dataclass(frozen=True, slots=True)
class EegOptions:
    """What a script leaves open about its EEG: `sync` of the clocks, seconds `after` the recording's end,
    whether it `has_sound`, the local time of its `start`, and spans before or after the recording in which
    the `eyes_closed`, on the recording's clock."""

    sync: Sync = SAME_CLOCK
    after: float = 0.0
    has_sound: bool = False
    start: datetime | None = None
    eyes_closed: tuple[ClosedEyes, ...] = ()


ALONE = EegOptions()
"""An EEG that begins and ends with the recording, without sound."""


def write_phantom_eeg(
    path: Path, eeg: PhantomEeg, start: datetime | None = None, told: Sequence[ClosedEyes] = ()
) -> None:
    """Write the EEG as EDF+; its first sample is at `start` (local time). Annotations tell of closed eyes in
    the `told` spans of the recording's clock. Raises UserError when it cannot be written."""
    channels = [WrittenChannel(label, eeg.rate) for label in eeg.labels]
    values = tuple(eeg.values)
    if eeg.sound is not None:
        channels.append(WrittenChannel(eeg.sound.label, eeg.sound.rate))
        values = (*values, eeg.sound.values)
    video = eeg.truth.sync.to_eeg(0.0)
    seconds = eeg.values.shape[1] / float(eeg.rate)
    annotations = [WrittenAnnotation(round(video, 6), None, VIDEO_BEGINS)] if 0 <= video < seconds else []
    for span in told:
        for moment, text in ((span.start, "Eyes closed"), (span.end, "Eyes open")):
            annotations.append(WrittenAnnotation(round(eeg.truth.sync.to_eeg(moment), 6), None, text))
    write_edf(path, channels, [WrittenStretch(Fraction(0), values)], annotations, start=start)


def render_phantom_eeg(
    script: PhantomScript, path: Path, truth_path: Path | None = None, options: EegOptions = ALONE
) -> None:
    """Write the EEG of a phantom's script to `path` and its truth to `truth_path`.

    Raises UserError when they cannot be written, or when the EEG would begin after the recording's end.
    """
    wanted = eeg_of_script(script, options.sync, after=options.after)
    wanted = replace(wanted, eyes_closed=(*options.eyes_closed, *wanted.eyes_closed))
    if wanted.duration < 1.0:
        raise UserError("The EEG would begin when the recording is over; choose an earlier start.")
    eeg = phantom_eeg(wanted)
    if options.has_sound:
        sound = phantom_sound(script, _SOUND_RATE)
        channel = eeg_sound(sound, _SOUND_RATE, options.sync, wanted.duration, script.seed)
        eeg = replace(eeg, sound=channel)
    write_phantom_eeg(path, eeg, options.start, options.eyes_closed)
    if truth_path is not None:
        write_atomically(truth_path, truth_json(eeg.truth).encode())


def truth_json(truth: EegTruth) -> str:
    """The truth as JSON, in seconds on the EEG's clock; its `sync` converts to the recording's clock."""
    data = {
        "onset": truth.onset,
        "end": truth.end,
        "side": truth.side.value,
        "reached": dict(truth.reached),
        "blinks": list(truth.blinks),
        "sync": {"offset": truth.sync.offset, "drift": truth.sync.drift},
    }
    return json.dumps(data, indent=2, allow_nan=False) + "\n"
