"""A transcript is bounded, whatever the speech model goes on to hear."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import numpy as np
import pytest

from app.core.enhance import transcript
from tests.core.test_model_clips import whisper

__all__ = ["whisper"]


@pytest.mark.usefixtures("whisper")
def test_a_transcript_ends_although_the_speech_model_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in transcript.NEEDED:
        (tmp_path / name).write_bytes(b"weights")
    transcribe = transcript.transcriber(str(tmp_path))
    numbers = iter(range(10_000))
    pieces = (types.SimpleNamespace(start=0.0, end=0.1, text="again") for _ in numbers)
    monkeypatch.setattr(
        sys.modules[transcript.MODULE].WhisperModel, "transcribe", lambda *_what, **_how: (pieces, None)
    )
    said = transcribe(np.zeros(16_000, np.float32))
    assert transcript.LONGEST - 40 < len(said) <= transcript.LONGEST
    assert len(list(numbers)) > 9_000, "what is not used is not listened to"
