"""Sentences that explain to a clinician why a file cannot be opened."""

from __future__ import annotations

import os
from pathlib import Path

from app.core.errors import UserError
from app.core.folders import is_of_study
from app.core.recording.filled import filled_bytes
from app.core.recording.mp4_limits import MP4_BOXES, has_table_of_contents

_PLAYLISTS = (b"#EXTM3U", b"ffconcat", b"[playlist]", b"<?xml", b"<MPD", b"<ASX", b"<asx", b"v=0")
"""First bytes of texts that only name other files: playlists, concatenations, stream descriptions."""


def check_file(path: Path) -> None:
    """Check that `path` is a readable, non-empty file. Raises UserError."""
    name = path.name or str(path)
    if is_of_study(path):
        raise UserError(f"“{name}” is the file of a study; open one of its recordings.")
    try:
        if path.is_dir():
            raise UserError(f"“{name}” is a folder; open the recording inside it.")
        if not path.exists():
            raise UserError(f"“{name}” was not found; it may have been moved or its drive disconnected.")
        if not path.is_file():
            raise UserError(f"“{name}” is not a file.")
        if path.stat().st_size == 0:
            raise UserError(f"“{name}” is empty (0 bytes).")
    except (OSError, ValueError) as error:
        raise UserError(f"“{name}” cannot be read.") from error
    if not os.access(path, os.R_OK):
        raise UserError(f"“{name}” cannot be read: your account has no permission to read it.")


def explain_refusal(path: Path) -> str:
    """The reason, by the first bytes of a file, why it is not a recording."""
    try:
        if filled_bytes(path) == 0:
            return f"“{path.name}” holds nothing: its space was set aside and never filled."
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError:
        return f"“{path.name}” cannot be read."
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(_PLAYLISTS):
        return f"“{path.name}” is a list of other files; open the recording itself."
    if head[4:8] in MP4_BOXES:
        if has_table_of_contents(path):
            return f"“{path.name}” is damaged: its table of contents cannot be read."
        return (
            f"“{path.name}” is incomplete: its table of contents is missing, "
            "so it was probably cut off while being recorded or copied."
        )
    return f"“{path.name}” is not a video recording, or it is too damaged to be read."
