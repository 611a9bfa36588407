"""Trends in the columns of a picture, and the cache of overviews."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.core.eeg.derivation import InputChannel
from app.core.eeg.file_overview import (
    chosen_trends,
    described,
    names_of_rows,
    rows_of_overview,
    trends_from_arrays,
    trends_to_arrays,
)
from app.core.eeg.trend_columns import picture_columns, spectrum_picture
from app.core.eeg.trends import TrendBuilder, Trends
from app.core.recording.array_cache import remove_oldest

RATE = Fraction(128)


def made_trends(columns: int, names: tuple[str, ...] = ("C3", "O1")) -> Trends:
    """Noise in two channels."""
    builder = TrendBuilder(names, RATE, 2.0 * columns)
    noise = np.random.default_rng(1).standard_normal((len(names), round(2 * columns * RATE)))
    builder.add(20.0 * noise)
    return builder.finish()


@given(
    st.integers(1, 60),
    st.floats(-30.0, 130.0),
    st.floats(0.5, 200.0),
    st.integers(1, 90),
)
def test_no_column_is_skipped(count: int, start: float, seconds: float, pixels: int) -> None:
    trends = made_trends(count)
    columns = picture_columns(trends, start, start + seconds, pixels)
    seen = {
        place
        for a, b in zip(columns.first.tolist(), columns.stop.tolist(), strict=True)
        for place in range(a, b)
    }
    wanted = {place for place in range(count) if 2 * place < start + seconds and 2 * place + 2 > start}
    assert wanted <= seen
    values = np.arange(count, dtype=np.float32)
    highest, lowest = columns.highest(values), -columns.highest(-values)
    for number, (first, stop) in enumerate(zip(columns.first, columns.stop, strict=True)):
        if first == count:
            assert np.isnan(highest[number])
        else:
            assert (lowest[number], highest[number]) == (first, stop - 1)


def test_gaps_stay_empty_and_one_high_column_is_seen() -> None:
    trends = made_trends(100)
    values = np.zeros(100, np.float32)
    values[37], values[60:80] = 1.0, np.nan
    columns = picture_columns(trends, 0.0, 200.0, 10)
    highest = columns.highest(values)
    assert highest[3] == 1.0
    assert np.isnan(highest[6:8]).all()
    assert np.isnan(columns.mean(values)[6:8]).all()
    assert columns.place_of_highest(values)[3] == 37
    assert columns.place_of_highest(values)[6] == -1


def test_the_picture_of_a_spectrogram_has_the_lowest_frequency_last() -> None:
    trends = made_trends(20)
    spectrum = np.zeros_like(trends.spectrum[0])
    spectrum[:10, 0] = 200
    picture = spectrum_picture(spectrum, picture_columns(trends, 0.0, 40.0, 4))
    assert picture.shape == (32, 4)
    assert picture[-1].tolist() == [200, 200, 0, 0]
    assert not picture[:-1].any()


def test_stored_trends_come_back_and_damaged_ones_do_not() -> None:
    trends = made_trends(8)
    arrays = trends_to_arrays(trends)
    again = trends_from_arrays(arrays)
    assert again is not None
    assert again.names == trends.names
    np.testing.assert_array_equal(again.rms, trends.rms)
    assert trends_from_arrays({**arrays, "low": arrays["low"][:1]}) is None
    assert trends_from_arrays({name: arrays[name] for name in arrays if name != "peak"}) is None


def test_channels_and_regions_can_be_chosen() -> None:
    found = described(made_trends(8))
    assert found.groups.names == ("all channels", "left central", "left occipital")
    for source, name in (("O1", "O1"), ("left central", "left central"), ("", "all channels")):
        chosen = chosen_trends(found, source)
        assert chosen is not None
        assert chosen[0].names[chosen[1]] == name
    assert chosen_trends(described(made_trends(8, ())), "") is None


def test_the_rows_are_referential_or_as_recorded() -> None:
    channels = [InputChannel(f"EEG {name}-REF", RATE) for name in ("C3", "C4", "O1", "O2")]
    channels.append(InputChannel("ECG", RATE))
    rows = rows_of_overview(channels, frozenset({1}))
    assert names_of_rows(rows, channels) == ("C3", "O1", "O2")
    assert all(len(row.inputs) == 3 for row in rows)
    bipolar = [InputChannel(name, RATE) for name in ("Fp1-F7", "F7-T3", "T3-T5")]
    assert names_of_rows(rows_of_overview(bipolar), bipolar) == ("Fp1-F7", "F7-T7", "T7-P7")


def test_the_cache_keeps_what_was_used_last(tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.npz" for number in range(4)]
    for number, path in enumerate(files):
        path.write_bytes(bytes(10))
        os.utime(path, (number + 1, number + 1))
    remove_oldest(tmp_path, "*.npz", kept=files[0], limit=30)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.npz", "2.npz", "3.npz"]
