"""A control that shows nothing: a copy of a recording's length in black frames and silence.

What a reader answers to it is what it expects beforehand, and nothing of the recording.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.core.atomic import unfinished_folder
from app.core.folders import cache_folder
from app.core.jobs import CancelToken
from app.core.reader_details import ARM, SHOWN
from app.core.readers.models.model_choice import ModelChoice, for_any_recording
from app.core.reading import Reading, RecordingIdentity
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording

if TYPE_CHECKING:
    from av import AudioFrame, VideoFrame

BLIND = "black frames and silence"
"""What a control is shown, as its reading says it."""

_RATE = 5
"""Frames a second; readers are shown fewer."""
SIZE = (320, 240)
"""Width and height in pixels."""
_SOUND_RATE = 16_000
_ROOM = 1e-3
"""The highest peak (of 1) of the silence, a quiet room: models are not sent a microphone that is off."""


def place_of_copy(sha256: str, folder: Path) -> Path:
    """Where the copy of a recording with this content is kept in the folder of copies, once it is made."""
    return folder / f"blind-{sha256[:32]}.mp4"


def blind_copy(recording: Recording, sha256: str, folder: Path) -> Path:
    """A video as long as the recording, black, and silent where the recording has sound; made once.

    Raises UserError when it cannot be written.
    """
    path = place_of_copy(sha256, folder)
    if not path.is_file():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with unfinished_folder(path) as place:
            made = place / path.name
            _write(made, max(recording.duration, 1 / _RATE), with_sound=recording.audio is not None)
            made.replace(path)
    return path


@dataclass(frozen=True, slots=True)
class BlindControl:
    """What is `shown` instead of the recording that the answers are kept with (`of`)."""

    shown: Recording
    of: RecordingIdentity

    def signed(self, reading: Reading) -> Reading:
        """A reading of what is shown, as it is kept."""
        return as_control(reading, self.of)


def blind_control(recording: Recording, of: RecordingIdentity, cancel: CancelToken) -> BlindControl:
    """The control of a recording; its copy is made once, in the cache. Raises UserError, Cancelled."""
    copy = blind_copy(recording, of.sha256, cache_folder() / "blind")
    return BlindControl(open_recording(copy, cancel=cancel), of)


def asked_blind(choice: ModelChoice) -> ModelChoice:
    """The choice as it is asked of the copy, which has no marks, no part, and nothing that moves."""
    quick = choice.feature_rates and not choice.two_passes
    return replace(for_any_recording(choice), feature_rates=quick)


def as_control(reading: Reading, recording: RecordingIdentity) -> Reading:
    """What was answered to the copy, as a reading of the recording that says that nothing was shown."""
    details = {**reading.reader.details, SHOWN: BLIND, ARM: BLIND}
    return Reading(recording, replace(reading.reader, details=details), reading.answers)


def _write(path: Path, duration: float, *, with_sound: bool) -> None:
    import av

    with av.open(str(path), "w") as output:
        # Every track before the first packet: a container is headed by what it holds.
        picture: Any = output.add_stream("libx264", rate=Fraction(_RATE))
        (picture.width, picture.height), picture.pix_fmt = SIZE, "yuv420p"
        sound: Any = output.add_stream("aac", rate=_SOUND_RATE, layout="mono") if with_sound else None
        for frame in _black_frames(round(duration * _RATE)):
            output.mux(picture.encode(frame))
        output.mux(picture.encode(None))
        if sound is not None:
            for silent in _silence(round(duration * _SOUND_RATE)):
                output.mux(sound.encode(silent))
            output.mux(sound.encode(None))


def _black_frames(count: int) -> Iterator[VideoFrame]:
    import av

    black = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
    for number in range(max(count, 1)):
        frame = av.VideoFrame.from_ndarray(black, format="rgb24")
        frame.pts, frame.time_base = number, Fraction(1, _RATE)
        yield frame


def _silence(samples: int) -> Iterator[AudioFrame]:
    import av

    chance = np.random.default_rng(0)
    for begin in range(0, samples, 1024):
        room = chance.uniform(-_ROOM, _ROOM, (1, 1024)).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(room, format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = _SOUND_RATE, begin, Fraction(1, _SOUND_RATE)
        yield frame
