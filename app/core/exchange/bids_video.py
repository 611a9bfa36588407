"""A recording's video in a BIDS dataset: the file copied as it is, and its sidecar after BEP047."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from app.core.errors import UserError
from app.core.jobs import CancelToken, Progress, Report

_ENDINGS = (".mp4", ".mkv", ".avi")
_BLOCK = 4 << 20


def video_suffix(path: Path) -> str:
    """The file's ending. Raises UserError for one that the proposal does not allow."""
    ending = path.suffix.lower()
    if ending not in _ENDINGS:
        raise UserError(f"BIDS takes videos as {', '.join(_ENDINGS)}, and this one is not.")
    return ending


def copy_video(
    path: Path, stem: Path, ending: str, report: Report, cancel: CancelToken
) -> tuple[Path, dict[str, Any]]:
    """Copy the video next to `stem`; gives its place and the sidecar's facts. Raises UserError, Cancelled."""
    from app.core.recording.probe import open_recording

    recording = open_recording(path, cancel=cancel)
    video, audio = recording.video, recording.audio
    facts: dict[str, Any] = {"Duration": recording.duration}
    if video is not None:
        facts |= {"FrameRate": round(video.rate, 6), "Width": video.width, "Height": video.height}
    if audio is not None:
        facts |= {"AudioSampleRate": audio.rate, "AudioChannelCount": audio.channels}
    suffix = "video" if audio is None else "audiovideo"
    copy = stem.with_name(f"{stem.name}_{suffix}{ending}")
    _copy(path, copy, report, cancel)
    return copy, facts


def _copy(path: Path, copy: Path, report: Report, cancel: CancelToken) -> None:
    try:
        with path.open("rb") as source, copy.open("xb") as target:
            size = max(os.fstat(source.fileno()).st_size, 1)
            while block := source.read(_BLOCK):
                cancel.check()
                target.write(block)
                report(Progress("Copying the video", min(target.tell() / size, 1.0)))
            target.flush()
            os.fsync(target.fileno())
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise UserError(f"it could not be copied: {why}.") from error
