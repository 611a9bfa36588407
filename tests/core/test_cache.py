"""Arrays kept in the cache folder: what cannot be kept is computed again, and stops nothing."""

from __future__ import annotations

import os
import time

import numpy as np
import pytest

from app.core.folders import cache_folder
from app.core.recording.array_cache import load_arrays, save_arrays


def test_what_is_kept_is_given_back() -> None:
    save_arrays("index", "a", {"times": np.arange(3)})
    found = load_arrays("index", "a")
    assert found is not None
    assert np.array_equal(found["times"], np.arange(3))
    assert load_arrays("index", "b") is None


def test_a_folder_that_cannot_be_made_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """As on a full disk, on which no cache of this kind was ever made."""
    (cache_folder() / "index").write_bytes(b"")
    save_arrays("index", "a", {"times": np.arange(3)})
    assert load_arrays("index", "a") is None
    assert "could not be written" in caplog.text


def test_what_a_killed_program_left_of_any_kind_is_removed_by_the_next_write() -> None:
    for kind in ("index", "waveform"):
        (cache_folder() / kind).mkdir()
    old, young = cache_folder() / "waveform" / "old.part", cache_folder() / "index" / "young.part"
    for part in (old, young):
        part.write_bytes(b"half")
    os.utime(old, (time.time() - 2 * 3600,) * 2)
    save_arrays("index", "a", {"times": np.arange(3)})
    assert not old.exists()
    assert young.exists(), "another program may be writing it"
    assert load_arrays("index", "a") is not None
