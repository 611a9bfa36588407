"""Trends of a long EEG: powers, rhythms and amplitudes in blocks of any size, gaps, regions, events."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.eeg.derivation import InputChannel, derive
from app.core.eeg.montages import parse_montage
from app.core.eeg.overview import overview, overview_rows
from app.core.eeg.rhythmic_events import event_scores, overall_score, rhythmic_events
from app.core.eeg.trend_groups import group_trends, region_groups
from app.core.eeg.trends import BANDS, COLUMN, LOUDEST, QUIETEST, SPECTRUM, TrendBuilder, Trends
from app.core.errors import Cancelled
from app.core.jobs import CancelToken, Progress
from app.core.phantom.eeg import EegScript, phantom_eeg
from app.core.phantom.eeg_sources import ELECTRODES, EegSeizure
from app.core.semiology import Span

RATE = Fraction(256)


def trends_of(values: npt.NDArray[Any], rate: Fraction = RATE, block: int = 10_000) -> Trends:
    builder = TrendBuilder([f"c{n}" for n in range(len(values))], rate, values.shape[1] / float(rate))
    for start in range(0, values.shape[1], block):
        builder.add(values[:, start : start + block])
    return builder.finish()


def waves(hertz: float, size: float, seconds: float = 60.0, rate: Fraction = RATE) -> npt.NDArray[Any]:
    return np.asarray(size * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / float(rate)))


def power_in(found: Trends, band: str) -> npt.NDArray[np.float32]:
    """(channels, columns) µV² in a band."""
    number = next(number for number, (name, _, _) in enumerate(BANDS) if name == band)
    return np.square(found.rms[:, :, number].astype(np.float32))


@pytest.mark.parametrize(
    ("hertz", "band"), [(2.0, "delta"), (6.0, "theta"), (10.0, "alpha"), (20.0, "beta"), (45.0, "gamma")]
)
@pytest.mark.parametrize("rate", [Fraction(256), Fraction(200), Fraction(999, 2), Fraction(2048)])
def test_a_wave_is_in_its_band(hertz: float, band: str, rate: Fraction) -> None:
    found = trends_of(waves(hertz, 40.0, rate=rate)[None] + 5000.0, rate)
    power = power_in(found, band)[0]
    assert power == pytest.approx(np.full(found.columns, 800.0), rel=0.03), "half the square of the amplitude"
    everywhere = sum(power_in(found, name) for name, _, _ in BANDS)
    assert (power_in(found, band) / everywhere).min() > 0.97
    if band != "gamma":
        assert found.peak[0] == pytest.approx(np.full(found.columns, hertz), abs=0.15)
    assert found.high[0].max() == pytest.approx(80.0, rel=0.06), "peak to peak"


def test_white_noise_is_spread_evenly() -> None:
    chance = np.random.default_rng(1)
    found = trends_of(chance.normal(0, 20.0, (1, 256 * 1200)))
    density = 2 * 400 / 256
    for band, low, high in BANDS:
        assert power_in(found, band).mean() == pytest.approx(density * (high - low), rel=0.05)
    decibels = QUIETEST + found.spectrum.mean() / 255 * (LOUDEST - QUIETEST)
    assert decibels == pytest.approx(10 * np.log10(density), abs=2.5), "a mean of dB lies below dB of a mean"
    assert np.median(found.rhythm) < 0.2 * 255


def test_the_spectrogram_shows_where() -> None:
    found = trends_of(waves(9.0, 30.0)[None])
    assert (found.spectrum[0].argmax(axis=1) == 8).all()
    assert found.spectrum.shape == (1, 30, SPECTRUM)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(0, 3000), max_size=12),
    st.sampled_from([Fraction(256), Fraction(100), Fraction(999, 2), Fraction(1, 2), Fraction(7)]),
    st.integers(1, 9000),
)
def test_blocks_of_any_size_give_the_same(cuts: list[int], rate: Fraction, count: int) -> None:
    values = np.random.default_rng(2).normal(0, 10, (2, count)).astype(np.float32)
    whole = trends_of(values, rate, block=count)
    builder = TrendBuilder(["a", "b"], rate, count / float(rate))
    edges = [0, *sorted({min(cut, count) for cut in cuts}), count]
    for first, stop in pairwise(edges):
        builder.add(values[:, first:stop])
    found = builder.finish()
    assert found.columns == whole.columns == int(count / (COLUMN * rate))
    for name in ("rms", "spectrum", "low", "high", "peak", "rhythm"):
        assert np.array_equal(getattr(found, name), getattr(whole, name), equal_nan=True)


def test_gaps_stay_gaps() -> None:
    values = np.vstack([waves(10.0, 20.0), waves(5.0, 20.0)])
    values[:, 256 * 20 + 5 : 256 * 31] = np.nan
    found = trends_of(values)
    inside = slice(10, 16)
    for one in (found.rms, found.low, found.high, found.peak):
        assert np.isnan(one[:, inside].astype(float)).all()
        assert np.isfinite(np.delete(one.astype(float), np.arange(10, 16), axis=1)).all()
    assert not found.spectrum[:, inside].any()
    assert not found.rhythm[:, inside].any()
    assert not event_scores(found)[:, inside].any()


def test_a_day_of_many_channels_is_small() -> None:
    builder = TrendBuilder([str(number) for number in range(32)], RATE, 86_400.0)
    held = sum(
        array.nbytes
        for name in ("_rms", "_spectrum", "_low", "_high", "_peak", "_rhythm")
        if (array := getattr(builder, name)) is not None
    )
    assert held < 80e6


def test_single_slow_waves_are_no_rhythm() -> None:
    values = np.zeros((1, 256 * 60))
    times = np.arange(256 * 60) / 256
    for moment in np.arange(1.0, 60.0, 2.0):
        values[0] += 150 * np.exp(-(((times - moment) / 0.09) ** 2))
    assert not trends_of(values).rhythm.any()


def test_regions() -> None:
    names = ["Fp1", "F3", "T7", "T8", "Cz", "ECG", "O2"]
    groups = region_groups(names)
    assert groups == {
        "left frontal": (0, 1),
        "left temporal": (2,),
        "right temporal": (3,),
        "midline central": (4,),
        "right occipital": (6,),
    }
    values = np.vstack([waves(10.0, size) for size in (10.0, 30.0, 20.0, 20.0, 20.0, 0.0, 40.0)])
    values[0, 256 * 10 : 256 * 20] = np.nan
    found = group_trends(trends_of(values), groups)
    assert found.names == tuple(groups)
    power = power_in(found, "alpha")
    assert power[0, 0] == pytest.approx((50 + 450) / 2, rel=0.03)
    assert power[0, 7] == pytest.approx(450, rel=0.03), "the channel with a gap is left out"
    assert found.peak[:, 0] == pytest.approx(np.full(5, 10.0), abs=0.05)
    assert group_trends(trends_of(values), {}).rms.shape == (0, 30, len(BANDS))


@pytest.mark.parametrize(
    ("focus", "first", "last"), [("T7", 7.0, 2.5), ("C4", 12.0, 4.0), ("O1", 9.0, 3.0), ("F3", 5.0, 8.0)]
)
def test_the_onset_of_a_seizure_is_found(focus: str, first: float, last: float) -> None:
    seizure = EegSeizure(Span(410.7, 480.7), focus, first, last, 110.0, 25.0)
    eeg = phantom_eeg(EegScript(5, 700.0, seizure, eyes_closed=(Span(50, 120), Span(560, 640))))
    builder = TrendBuilder(tuple(ELECTRODES), eeg.rate, 700.0)
    builder.add(eeg.values[: len(ELECTRODES)])
    events = rhythmic_events(builder.finish())
    strongest = max(events, key=lambda event: event.score)
    assert strongest.evolves
    assert -2.0 <= strongest.start - 410.7 <= 12.0
    assert abs(strongest.end - 480.7) <= 12.0
    assert focus in strongest.channels[:2]
    assert not any(event.evolves for event in events if event is not strongest), "alpha does not evolve"


def test_without_a_seizure_nothing_evolves() -> None:
    eeg = phantom_eeg(EegScript(6, 600.0, eyes_closed=(Span(50, 200),)))
    builder = TrendBuilder(tuple(ELECTRODES), eeg.rate, 600.0)
    builder.add(eeg.values[: len(ELECTRODES)])
    assert not [event for event in rhythmic_events(builder.finish()) if event.evolves]


def test_an_event_lasts_at_least_ten_seconds_and_short_breaks_do_not_end_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trends = trends_of(np.random.default_rng(4).normal(0, 5, (2, 256 * 240)))
    scores = np.zeros((2, trends.columns), np.float32)
    for first, stop in ((10, 14), (30, 35), (50, 53), (56, 59), (70, 73), (77, 80)):
        scores[:, first:stop] = 0.9
    monkeypatch.setattr("app.core.eeg.rhythmic_events.event_scores", lambda _trends: scores)
    found = [(event.start, event.end) for event in rhythmic_events(trends)]
    assert found == [(60.0, 70.0), (100.0, 118.0)]  # a column is two seconds


def test_one_channel_alone_makes_no_event() -> None:
    values = np.random.default_rng(3).normal(0, 5, (4, 256 * 600))
    values[0, 256 * 300 : 256 * 330] += waves(6.0, 100.0, 30.0)
    found = trends_of(values)
    assert event_scores(found)[0, 150:165].min() > 0.8
    assert not rhythmic_events(found)
    assert overall_score(event_scores(found)).max() < 0.25
    assert overall_score(np.zeros((0, 5), np.float32)).shape == (5,)


def test_nothing_gives_nothing() -> None:
    empty = TrendBuilder([], RATE, 0.0)
    empty.add(np.zeros((0, 5000)))
    assert rhythmic_events(empty.finish()) == ()
    short = trends_of(np.zeros((2, 100)))
    assert short.columns == 0
    assert rhythmic_events(short) == ()


def test_the_overview_of_a_file_is_that_of_its_samples() -> None:
    values = np.random.default_rng(8).normal(0, 20, (4, 256 * 200)).astype(np.float32)
    labels = ("C3", "C4", "O1", "ECG")
    rows = overview_rows(
        derive(
            parse_montage("C3 - O1\nC4\neach ECG"), [InputChannel(label, RATE, "uV") for label in labels]
        ).rows
    )
    assert [row.name for row in rows] == ["C3-O1", "C4"], "no heart"

    def read(numbers: Sequence[int], at: Fraction, count: int) -> list[npt.NDArray[Any]]:
        first = int(at * RATE)
        return [values[number, first : first + count] for number in numbers]

    reports: list[Progress] = []
    found = overview(rows, read, Fraction(200), report=reports.append)
    expected = trends_of(np.vstack([values[0] - values[2], values[1]]))
    for name in ("rms", "spectrum", "low", "high", "peak", "rhythm"):
        assert np.allclose(getattr(found, name), getattr(expected, name), rtol=2e-3, atol=1, equal_nan=True)
    assert [round(one.done, 2) for one in reports] == [0.3, 0.6, 0.9, 1.0]
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        overview(rows, read, Fraction(200), cancel=token)
    assert overview((), read, Fraction(200)).columns == 0
    assert overview_rows(()) == ()


def test_the_overview_keeps_to_the_rate_of_most_channels() -> None:
    channels = [InputChannel(label, RATE, "uV") for label in ("C3", "C4")]
    channels += [InputChannel("O1", Fraction(512), "uV"), InputChannel("Pz", RATE, "%")]
    rows = overview_rows(derive(parse_montage("O1\nC3\nC4\nPz"), channels).rows)
    assert [row.name for row in rows] == ["C3", "C4"]
