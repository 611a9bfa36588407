"""A control that shows nothing: a copy of a recording's length in black frames and silence.

What a reader answers to it is what it expects beforehand, and nothing of the recording.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.core.atomic import unfinished_folder
from app.core.folders import cache_folder
from app.core.jobs import CancelToken, Progress, Report
from app.core.reader_details import ARM, SHOWN
from app.core.readers.models.model_choice import ModelChoice, for_any_recording
from app.core.reading import Reading, RecordingIdentity
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording

if TYPE_CHECKING:
    from av import AudioFrame, Packet, VideoFrame

BLIND = "black frames and silence"
"""What a control is shown, as its reading says it."""

_RATE = 5
"""Frames a second; readers are shown fewer."""
SIZE = (320, 240)
"""Width and height in pixels."""
_SOUND_RATE = 16_000
_SAMPLES = 1024
"""The samples of one block of AAC."""
_PIECE = 8
"""Seconds that are encoded, and then repeated."""
_BLOCKS = _PIECE * _SOUND_RATE // _SAMPLES
"""The blocks of sound in such a piece: 125, a whole number."""
_ROOM = 1e-3
"""The highest peak (of 1) of the silence, a quiet room: models are not sent a microphone that is off."""


def place_of_copy(sha256: str, folder: Path) -> Path:
    """Where the copy of a recording with this content is kept in the folder of copies, once it is made."""
    return folder / f"blind-{sha256[:32]}.mp4"


def blind_copy(
    recording: Recording, sha256: str, folder: Path, *, report: Report, cancel: CancelToken
) -> Path:
    """A video as long as the recording, black, and silent where the recording has sound; made once.

    Raises UserError when it cannot be written, Cancelled.
    """
    path = place_of_copy(sha256, folder)
    if not path.is_file():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with unfinished_folder(path) as place:
            made = place / path.name
            duration = max(recording.duration, 1 / _RATE)
            _write(made, duration, recording.audio is not None, report, cancel)
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


def blind_control(
    recording: Recording, of: RecordingIdentity, *, report: Report, cancel: CancelToken
) -> BlindControl:
    """The control of a recording; its copy is made once, in the cache. Raises UserError, Cancelled."""
    copy = blind_copy(recording, of.sha256, cache_folder() / "blind", report=report, cancel=cancel)
    return BlindControl(open_recording(copy, cancel=cancel), of)


def asked_blind(choice: ModelChoice) -> ModelChoice:
    """The choice as it is asked of the copy, which has no marks, no part, and nothing that moves."""
    quick = choice.feature_rates and not choice.two_passes
    return replace(for_any_recording(choice), feature_rates=quick)


def as_control(reading: Reading, recording: RecordingIdentity) -> Reading:
    """What was answered to the copy, as a reading of the recording that says that nothing was shown."""
    details = {**reading.reader.details, SHOWN: BLIND, ARM: BLIND}
    return Reading(recording, replace(reading.reader, details=details), reading.answers)


def _write(path: Path, duration: float, with_sound: bool, report: Report, cancel: CancelToken) -> None:
    """Write the same few seconds again and again: encoding hours of black takes minutes."""
    import av

    frames, blocks = max(round(duration * _RATE), 1), round(duration * _SOUND_RATE / _SAMPLES)
    with av.open(str(path), "w") as output:
        # Every track before the first packet: a container is headed by what it holds.
        picture: Any = output.add_stream("libx264", rate=Fraction(_RATE))
        (picture.width, picture.height), picture.pix_fmt = SIZE, "yuv420p"
        # A piece begins with a key frame and refers to nothing outside it.
        picture.gop_size, picture.max_b_frames = _PIECE * _RATE, 0
        sound: Any = output.add_stream("aac", rate=_SOUND_RATE, layout="mono") if with_sound else None
        black = _encoded(picture, _black_frames(_PIECE * _RATE))
        tracks = [_Track(picture, black, Fraction(1, _RATE), frames)]
        if sound is not None:
            # The first two blocks are the encoder's beginning, which sounds like nothing else.
            silent = _encoded(sound, _silence(_BLOCKS + 2))[2 : _BLOCKS + 2]
            tracks.append(_Track(sound, silent, Fraction(_SAMPLES, _SOUND_RATE), blocks))
        pieces = -(-frames // len(black))
        for piece in range(pieces):
            cancel.check()
            report(Progress("Making a copy that shows nothing", piece / pieces))
            for track in tracks:
                track.write(output, piece)


@dataclass(frozen=True, slots=True)
class _Track:
    """A track of `count` packets of `length` (s) each, in which `packets` are repeated."""

    stream: Any
    packets: Sequence[Packet[Any]]
    length: Fraction
    count: int

    def write(self, output: Any, piece: int) -> None:
        """Write the packets once more, as this piece (from 0) of the track."""
        from av import Packet

        begin = piece * len(self.packets)
        for number, packet in enumerate(self.packets[: max(self.count - begin, 0)], begin):
            again = Packet(bytes(packet))
            again.stream, again.time_base = self.stream, self.length
            again.pts = again.dts = number
            again.duration, again.is_keyframe = 1, packet.is_keyframe
            output.mux(again)


def _encoded(stream: Any, frames: Iterator[AudioFrame] | Iterator[VideoFrame]) -> list[Packet[Any]]:
    """The packets of frames, in order."""
    return [packet for frame in (*frames, None) for packet in stream.encode(frame)]


def _black_frames(count: int) -> Iterator[VideoFrame]:
    import av

    black = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
    for number in range(count):
        frame = av.VideoFrame.from_ndarray(black, format="rgb24")
        frame.pts, frame.time_base = number, Fraction(1, _RATE)
        yield frame


def _silence(blocks: int) -> Iterator[AudioFrame]:
    import av

    chance = np.random.default_rng(0)
    for number in range(blocks):
        room = chance.uniform(-_ROOM, _ROOM, (1, _SAMPLES)).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(room, format="fltp", layout="mono")
        frame.sample_rate, frame.pts = _SOUND_RATE, number * _SAMPLES
        frame.time_base = Fraction(1, _SOUND_RATE)
        yield frame
