"""The spectrogram: a pitch is where it sounds and nowhere else, at every zoom; kept, cancelled, silent."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.core.errors import Cancelled
from app.core.jobs import CancelToken
from app.core.recording.probe import open_recording
from app.core.recording.spectrogram import (
    BANDS,
    HIGHEST,
    LOWEST,
    Spectrogram,
    band_edges,
    build_spectrogram,
)
from tests.media import tone, write_recording


def test_the_bands_span_what_is_heard() -> None:
    edges = band_edges()
    assert edges[0] == pytest.approx(LOWEST)
    assert edges[-1] == pytest.approx(HIGHEST)
    assert (np.diff(edges) > 0).all()


def test_a_tone_is_where_it_sounds(tmp_path: Path) -> None:
    recording = open_recording(write_recording(tmp_path / "tone.mp4", frames=50, sound=tone(2.0)))
    spectrogram = build_spectrogram(recording)
    assert spectrogram is not None
    picture = spectrogram.picture(0.2, 1.8, 100)
    assert picture.shape == (BANDS, 100)
    rows = picture.astype(int).mean(axis=1)
    loudest = int(rows.argmax())
    assert rows[loudest] > 150
    quiet = np.abs(np.arange(BANDS) - loudest) > 10
    assert rows[quiet].max() < rows[loudest] - 60
    assert not spectrogram.picture(50.0, 60.0, 10).any(), "nothing outside the sound"
    again = build_spectrogram(recording)
    assert again is not None
    assert (again.levels[0] == spectrogram.levels[0]).all(), "the cache holds the same"


def test_every_zoom_shows_the_same_moment() -> None:
    cells = np.zeros((8000, BANDS), np.uint8)
    cells[4000, 10] = 200
    from app.core.recording.spectrogram import _pyramid

    spectrogram = Spectrogram(_pyramid(cells))
    assert len(spectrogram.levels) > 1
    at = 4000.5 * spectrogram.column_seconds
    for length in (0.5, 5.0, 50.0):
        picture = spectrogram.picture(at - length / 2, at + length / 2, 101)
        row, columns = BANDS - 1 - 10, np.flatnonzero(picture[BANDS - 1 - 10])
        assert len(columns)
        assert abs(columns.mean() - 50) <= 3
        assert not np.delete(picture, row, axis=0).any()


def test_a_recording_without_sound_has_none(tmp_path: Path) -> None:
    recording = open_recording(write_recording(tmp_path / "mute.mp4", frames=10))
    assert build_spectrogram(recording) is None


def test_it_can_be_cancelled(tmp_path: Path) -> None:
    recording = open_recording(write_recording(tmp_path / "long.mp4", frames=20, sound=tone(25.0)))
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        build_spectrogram(recording, cancel=token)
