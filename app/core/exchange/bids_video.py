"""A recording's video in a BIDS dataset: the file copied as it is, its sidecar after BEP047, its row in the
ledger."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.core.errors import UserError
from app.core.jobs import CancelToken, Progress, Report
from app.core.privacy.ledger import THIS_COMPUTER, Ledger, Sending

AS_RECORDED = (
    "The videos are copied as recorded: people can be recognised in them by face, voice and burned-in text, "
    "and names, dates and places in the metadata of the files stay."
)
"""What is to be said before videos are copied."""

KIND = "video in a BIDS dataset"
_ENDINGS = (".mp4", ".mkv", ".avi")
_BLOCK = 4 << 20


def video_suffix(path: Path) -> str:
    """The file's ending. Raises UserError for one that the proposal does not allow."""
    ending = path.suffix.lower()
    if ending not in _ENDINGS:
        raise UserError(f"BIDS takes videos as {', '.join(_ENDINGS)}, and this one is not.")
    return ending


@dataclass(frozen=True, slots=True)
class CopiedVideo:
    """A copy at `path` with the `facts` of its sidecar; its size in bytes and its SHA-256."""

    path: Path
    facts: dict[str, Any]
    size: int
    sha256: str

    def note(self, ledger: Ledger, user: str, recording: int) -> str:
        """Note it in the ledger as that recording of the study, before it has its place; the id of the row.
        Raises UserError."""
        what = f"recording {recording} of the study as {self.path.name}"
        hidden = f"none; {what}, as recorded: people can be recognised, metadata kept"
        return ledger.sending(Sending(user, THIS_COMPUTER, KIND, "export", self.size, self.sha256, hidden))


def copy_video(path: Path, stem: Path, ending: str, report: Report, cancel: CancelToken) -> CopiedVideo:
    """Copy the video next to `stem`. Raises UserError, Cancelled."""
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
    return CopiedVideo(copy, facts, *_copy(path, copy, report, cancel))


def _copy(path: Path, copy: Path, report: Report, cancel: CancelToken) -> tuple[int, str]:
    """How many bytes were copied, and their SHA-256."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as source, copy.open("xb") as target:
            size = max(os.fstat(source.fileno()).st_size, 1)
            while block := source.read(_BLOCK):
                cancel.check()
                target.write(block)
                digest.update(block)
                report(Progress("Copying the video", min(target.tell() / size, 1.0)))
            target.flush()
            os.fsync(target.fileno())
            copied = target.tell()
    except OSError as error:
        copy.unlink(missing_ok=True)
        why = (error.strerror or type(error).__name__).lower()
        raise UserError(f"it could not be copied: {why}.") from error
    return copied, digest.hexdigest()
