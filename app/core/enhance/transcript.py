"""Transcripts of speech with faster-whisper, an optional extra.

The speech model is a local folder; nothing is ever downloaded. For the clip process only: the import is
heavy.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from app.core.errors import UserError
from app.core.plain_text import plain

MODULE = "faster_whisper"
NEEDED = ("model.bin", "config.json", "tokenizer.json")
"""The required files of a speech model; its vocabulary has one of two names."""
RATE = 16_000
"""The sampling rate (Hz) of the speech model."""
LONGEST = 2000
"""The most characters of a transcript; 30 s of speech have some 500."""


class Piece(Protocol):
    """What faster-whisper hears between two times (s)."""

    start: float
    end: float
    text: str


Transcriber = Callable[[npt.NDArray[np.float32]], str]
"""Returns the text of mono sound (16 kHz), "" without speech."""


def check_transcript(folder: str) -> None:
    """Check the speech model in `folder`. Raises UserError when no transcript can be made with it."""
    if find_spec(MODULE) is None:
        raise UserError(
            "Transcripts need an extra that is not installed (pip install semioscope[transcript]); "
            "install it or go on without transcripts."
        )
    if not folder:
        raise UserError("Transcripts need a speech model; name its folder in the settings of the model.")
    # Without the tokenizer file faster-whisper would download one.
    if not all((Path(folder) / name).is_file() for name in NEEDED):
        raise UserError(f"The folder “{Path(folder).name}” holds no speech model for faster-whisper.")


def transcriber(folder: str) -> Transcriber:
    """A transcriber with the speech model in `folder`. Raises UserError when it cannot be loaded."""
    check_transcript(folder)
    os.environ["HF_HUB_OFFLINE"] = "1"  # read when its client is imported; affects this process only
    from faster_whisper import WhisperModel

    try:
        model = WhisperModel(folder, device="cpu", compute_type="int8", local_files_only=True)
    except Exception as error:  # the tokenizers library raises nothing narrower
        raise UserError(f"The speech model in “{Path(folder).name}” could not be loaded.") from error

    def transcribe(sound: npt.NDArray[np.float32]) -> str:
        # Without the voice filter whisper invents sentences for silence and noise.
        pieces, _ = model.transcribe(sound, vad_filter=True, condition_on_previous_text=False)
        # Text that begins after the sound's end was invented.
        heard = (piece for piece in pieces if piece.start < len(sound) / RATE)
        return plain("\n".join(_until_long(heard)), LONGEST)

    return transcribe


def _until_long(pieces: Iterable[Piece]) -> Iterator[str]:
    """A line for each piece, until there is more than is used. They are made one by one: a model that finds
    ever shorter pieces in a sound would not end."""
    length = 0
    for piece in pieces:
        line = f"[{piece.start:.1f}–{piece.end:.1f} s] {piece.text.strip()}"
        yield line
        length += len(line) + 1
        if length > LONGEST:
            return
