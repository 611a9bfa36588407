"""Codecs are called as people know them, not as the decoder of the library is."""

from __future__ import annotations

import pytest

from app.core.recording.codec_names import codec_name


@pytest.mark.parametrize(
    ("decoder", "name"),
    [("mp3float", "MP3"), ("h264", "H.264"), ("aac", "AAC"), ("pcm_s16le", "PCM"), ("ffv1", "ffv1")],
)
def test_the_name_of_a_codec(decoder: str, name: str) -> None:
    assert codec_name(decoder) == name
