"""The classes of a recording: streams, tracks, warnings and the recording itself."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.core.recording.display_matrix import UPRIGHT, DisplayOrientation
from app.core.recording.index import PacketIndex
from app.core.recording.unreadable import UnreadableStretch
from app.core.semiology import Span


@dataclass(frozen=True, slots=True)
class Warning:  # noqa: A001 - a warning about the recording, not a Python warning
    """A warning about a recording that was opened in spite of it.

    `code` is a stable identifier for programs (`truncated`, `no_sound`, `sound_unreadable`, `time_jump`,
    `damaged`, `no_picture`, `other_pictures`, `turned_askew`, `unfilled`, `unreadable`); `text` is one
    sentence for a clinician.
    """

    code: str
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class VideoStream:
    """The picture.

    `width` and `height` are those of the displayed picture in pixels, after rotation and pixel aspect;
    `times` (n,) float64 are the presentation times of all frames in seconds on the recording's clock, never
    decreasing; `rate` is the median frame rate in Hz; `orientation` is the transformation for display,
    already applied to decoded images; `interlaced` is whether the stream states that frames are interlaced.
    """

    codec: str
    width: int
    height: int
    times: npt.NDArray[np.float64] = field(repr=False)
    rate: float
    orientation: DisplayOrientation = UPRIGHT
    interlaced: bool = False

    @property
    def rotation(self) -> int:
        """The clockwise rotation for display (0, 90, 180 or 270 degrees)."""
        return self.orientation.rotation

    @property
    def n(self) -> int:
        """The number of frames."""
        return len(self.times)

    def number_at(self, seconds: float) -> int:
        """The number of the frame displayed at `seconds`; the first one before its start."""
        return max(int(np.searchsorted(self.times, seconds + 1e-6, side="right")) - 1, 0)


@dataclass(frozen=True, slots=True)
class PictureTrack:
    """One picture track of a file: stored `width` and `height` in pixels, number of `packets`, and the
    `title` in the file, often ""."""

    codec: str
    width: int
    height: int
    packets: int
    title: str = ""


@dataclass(frozen=True, slots=True)
class AudioStream:
    """One sound track: `rate` in Hz, `start` and `duration` in seconds on the recording's clock; `title` and
    `language` (ISO 639-2) in the file, often ""."""

    codec: str
    rate: int
    channels: int
    start: float
    duration: float
    title: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """An opened recording.

    The clock runs from 0 at the first displayable packet to `duration` seconds, the end of the last.
    `fingerprint` identifies the content (size, first and last MiB) and is the key of every cache. `jumps` are
    times on the clock at which the file's time stamps jump, `gaps` the long times without frames, in which
    the nearest frame stays on screen, `unreadable` the stretches of the file in which nothing can be read.
    `video` is the track of `pictures` with the number `picture`;
    `default_picture` is the default number. `audio` is the track of `tracks` with the number `track`.
    `started_at` is the start time stated by the camera, with a time zone when the file states one; else None.
    """

    path: Path
    name: str
    fingerprint: str
    duration: float
    video: VideoStream | None
    audio: AudioStream | None
    warnings: tuple[Warning, ...]
    index: PacketIndex = field(repr=False)
    tracks: tuple[AudioStream, ...] = ()
    started_at: datetime | None = None
    gaps: tuple[Span, ...] = ()
    unreadable: tuple[UnreadableStretch, ...] = ()
    pictures: tuple[PictureTrack, ...] = ()
    picture: int = 0
    default_picture: int = 0

    @property
    def picture_key(self) -> str:
        """An identifier of the chosen picture as displayed, the key of caches of its analysis."""
        chosen = "" if self.picture == self.default_picture else f"-picture{self.picture}"
        mirrored = "-mirrored" if self.video is not None and self.video.orientation.mirrored else ""
        return self.fingerprint + chosen + mirrored

    @property
    def track(self) -> int:
        return self.index.track

    def with_track(self, number: int) -> Recording:
        """The same recording with another sound track. Raises IndexError."""
        return replace(self, audio=self.tracks[number], index=replace(self.index, track=number))

    @property
    def jumps(self) -> tuple[float, ...]:
        return tuple(self.index.jumps.tolist())
