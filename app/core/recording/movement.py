"""How much moves in the picture over a whole recording, from few frames however long it is.

A recording of an hour is decoded once; of a whole night only pairs of frames are, each at a key frame, where
decoding can begin. Computed in a separate process and cached like every analysis.
"""

from __future__ import annotations

import io
import logging
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.core.errors import UserError
from app.core.jobs import CancelToken, Progress, Report, TimeEstimate, no_report
from app.core.recording.analysis_process import recording_job, run_process
from app.core.recording.array_cache import Arrays, load_arrays, save_arrays
from app.core.recording.frames import FrameReader
from app.core.recording.key_frames import key_frames
from app.core.recording.recording import Recording

VERSION = 1
"""Part of the cache's key, to be raised whenever the same recording would give other numbers."""
_KIND = "movement"
_PROCESS = "app.core.recording.movement_process"
APART = 0.2
"""Seconds between the two frames that are compared: more than a frame, less than half a jerk."""
MOST_DECODED = 60_000
"""Frames of a recording up to which all are decoded: half an hour at 30 Hz."""
MOST_PAIRS = 3600
"""Pairs of frames of a longer one; in ten hours one every ten seconds."""
_BOX = 96
_CUT = 60.0
"""Luma by which the mean of the picture changes at once when a light is switched or the camera is."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class PictureMovement:
    """`energy` (n,) float32 is the mean change of luma (0–255) within `APART` seconds around `times` (n,) in
    seconds on the recording's clock, rising; the change of the whole picture at once, as of light, is left
    out."""

    times: npt.NDArray[np.float64]
    energy: npt.NDArray[np.float32]

    def arrays(self) -> Arrays:
        """For storage; the inverse is `movement_from`."""
        return {"times": self.times, "energy": self.energy}


def movement_from(arrays: Arrays) -> PictureMovement:
    """The inverse of `PictureMovement.arrays`. Raises KeyError or ValueError when it is damaged."""
    times, energy = arrays["times"].astype(np.float64), arrays["energy"].astype(np.float32)
    if times.ndim != 1 or times.shape != energy.shape or not np.isfinite(times).all():
        raise ValueError("movement of another form")
    return PictureMovement(times, energy)


def picture_movement(
    recording: Recording, *, report: Report = no_report, cancel: CancelToken | None = None
) -> PictureMovement:
    """The movement in a recording, from the cache where it is there.

    Raises UserError when it has no picture, is gone or cannot be read; Cancelled within a second of `cancel`.
    """
    if recording.video is None:
        raise UserError(f"“{recording.name}” has no picture, so there is no movement to find.")
    key = f"{recording.picture_key}-{VERSION}"
    kept = load_arrays(_KIND, key)
    try:
        if kept is not None:
            return movement_from(kept)
    except (KeyError, ValueError):
        logger.warning("A cached movement was damaged and is computed again")
    failed = f"The movement in “{recording.name}” could not be computed."
    content = run_process(
        _PROCESS, recording_job(recording), failed=failed, report=report, cancel=cancel or CancelToken()
    )
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as found:
            movement = movement_from({name: found[name] for name in found.files})
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        logger.exception("The result of the movement process cannot be read")
        raise UserError(failed) from error
    save_arrays(_KIND, key, movement.arrays())
    return movement


def measure_movement(recording: Recording, report: Report) -> PictureMovement:
    """The movement, decoded here. Raises UserError when the recording cannot be read."""
    assert recording.video is not None
    times, energy = [], []
    estimate, duration = TimeEstimate(), max(recording.duration, 1e-9)
    for at, changed in _changes(recording):
        times.append(at)
        energy.append(changed)
        done = min(at / duration, 1.0)
        report(Progress("Finding movement", done, estimate.remaining(done)))
    return PictureMovement(np.array(times, np.float64), np.array(energy, np.float32))


def _changes(recording: Recording) -> Iterator[tuple[float, float]]:
    video = recording.video
    assert video is not None
    scale = _BOX / max(video.width, video.height, 1)
    size = max(round(video.width * scale), 1), max(round(video.height * scale), 1)
    with FrameReader(recording, size=size, deinterlace=False) as reader:
        pairs = _all_pairs(reader) if video.n <= MOST_DECODED else _key_pairs(reader, recording)
        for at, before, after in pairs:
            yield at, _change(before, after)


_Luma = npt.NDArray[np.float32]


def _all_pairs(reader: FrameReader) -> Iterator[tuple[float, _Luma, _Luma]]:
    """Frames `APART` seconds from each other, one after the other."""
    before: tuple[float, _Luma] | None = None
    for frame in reader.frames():
        if before is not None and frame.time < before[0] + APART - 1e-3:
            continue
        luma = _luma(frame.image)
        # Over a long time without pictures nothing is known of movement.
        if before is not None and frame.time - before[0] < 10 * APART:
            yield frame.time, before[1], luma
        before = frame.time, luma


def _key_pairs(reader: FrameReader, recording: Recording) -> Iterator[tuple[float, _Luma, _Luma]]:
    """A key frame and the frame `APART` seconds later, spread over the recording."""
    video = recording.video
    assert video is not None
    numbers, times = key_frames(recording)
    wanted = np.linspace(0.0, recording.duration, MOST_PAIRS)
    chosen = np.unique(np.clip(np.searchsorted(times, wanted), 0, len(numbers) - 1))
    for number in numbers[chosen].tolist():
        later = video.number_at(float(video.times[number]) + APART)
        if later > number:
            # From the key frame to the later one: what lies between is decoded on the way.
            first = reader.frame(number)
            yield first.time, _luma(first.image), _luma(reader.frame(later).image)


def _luma(image: npt.NDArray[np.uint8]) -> _Luma:
    """The luma (h, w) of a BGR image (ITU-R BT.601)."""
    return np.asarray(image[:, :, :3] @ np.array([0.114, 0.587, 0.299], np.float32), np.float32)


def _change(before: _Luma, after: _Luma) -> float:
    """The mean change of luma, without that of the whole picture."""
    difference = after - before
    whole = float(np.median(difference))
    if abs(whole) > _CUT:
        return 0.0
    return float(np.abs(difference - whole).mean())
