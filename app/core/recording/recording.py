"""What a recording is: its streams, its clock, and what a clinician must know about it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.core.recording.display_matrix import UPRIGHT, Placing
from app.core.recording.index import PacketIndex
from app.core.semiology import Span


@dataclass(frozen=True, slots=True)
class Warning:  # noqa: A001 - the word of the interface: what is wrong with the recording, not a Python warning
    """Something about the recording that does not stop it from being opened.

    `code` is stable and for programs (`truncated`, `no_sound`, `sound_unreadable`, `time_jump`, `damaged`,
    `no_picture`, `other_pictures`, `turned_askew`, `unfilled`); `text` is one sentence for a clinician.
    """

    code: str
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class VideoStream:
    """The picture.

    `width` and `height` are those of the displayed picture in pixels, after rotation and pixel aspect;
    `times` (n,) float64 are the presentation times of all frames in seconds on the recording's clock, never
    falling; `rate` is the median frame rate in Hz; `placing` is how the stored picture is mirrored and turned
    for display, which every decoded image already is; `interlaced` whether the stream says that each frame
    is woven of two fields.
    """

    codec: str
    width: int
    height: int
    times: npt.NDArray[np.float64] = field(repr=False)
    rate: float
    placing: Placing = UPRIGHT
    interlaced: bool = False

    @property
    def rotation(self) -> int:
        """How far the stored picture is turned clockwise for display (0, 90, 180 or 270 degrees)."""
        return self.placing.rotation

    @property
    def n(self) -> int:
        """How many frames there are."""
        return len(self.times)

    def number_at(self, seconds: float) -> int:
        """The number of the frame on screen at `seconds`; the first one before it begins."""
        return max(int(np.searchsorted(self.times, seconds + 1e-6, side="right")) - 1, 0)


@dataclass(frozen=True, slots=True)
class PictureTrack:
    """One picture track of a file: `width` and `height` in pixels as stored, how many `packets` it has, and
    its `title` as the file says it, often empty."""

    codec: str
    width: int
    height: int
    packets: int
    title: str = ""


@dataclass(frozen=True, slots=True)
class AudioStream:
    """One track of sound: `rate` in Hz, `start` and `duration` in seconds on the recording's clock; `title`
    and `language` (ISO 639-2) as the file says them, often empty."""

    codec: str
    rate: int
    channels: int
    start: float
    duration: float
    title: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """One opened recording.

    The clock runs from 0 at the earliest packet that can be shown to `duration` seconds, the end of the last.
    `fingerprint` names the content (size, first and last MiB) and is the key of every cache. `jumps` are
    the places on the clock where the time stamps of the file break off and go on elsewhere, `gaps` where no
    picture comes for long: before the first, after the last, or left out between; the nearest one stays on
    screen. `video` is the one of `pictures` with the number `picture`; `default_picture` is the one that is
    shown when nobody chooses. `audio` is the one of `tracks` that is heard, with the number `track`.
    `started_at` is the time of day at which the camera says the recording began, where it does: with a time
    zone when the file states one.
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
    pictures: tuple[PictureTrack, ...] = ()
    picture: int = 0
    default_picture: int = 0

    @property
    def picture_key(self) -> str:
        """Names the chosen picture as it is displayed: the key of caches of what was seen in it."""
        chosen = "" if self.picture == self.default_picture else f"-picture{self.picture}"
        mirrored = "-mirrored" if self.video is not None and self.video.placing.mirrored else ""
        return self.fingerprint + chosen + mirrored

    @property
    def track(self) -> int:
        return self.index.track

    def with_track(self, number: int) -> Recording:
        """The same recording heard through another of its `tracks`. Raises IndexError."""
        return replace(self, audio=self.tracks[number], index=replace(self.index, track=number))

    @property
    def jumps(self) -> tuple[float, ...]:
        return tuple(self.index.jumps.tolist())
