"""The clock of an EEG beside a recording's: marks, drift, start times, file names, annotations, sound."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.eeg.name_times import NameTime, time_in_name
from app.core.eeg.sync import (
    IMPLAUSIBLE,
    MARK_ERROR,
    TYPICAL_DRIFT,
    MarkPair,
    Sync,
    sync_from_pairs,
    uncertainty_at,
)
from app.core.eeg.sync_by_sound import SyncSound, loudness, sync_by_sound
from app.core.eeg.sync_proposals import (
    FileExtent,
    from_annotation,
    from_file_name,
    from_start_times,
    is_video_start,
    overlap,
    video_annotations,
)
from app.core.errors import UserError

DAY = 86_400.0
FRAME = 1 / 30

syncs = st.builds(Sync, st.floats(-DAY, DAY), st.floats(-IMPLAUSIBLE, IMPLAUSIBLE))
moments = st.floats(-DAY, DAY)


@given(syncs, moments)
def test_the_inverse_is_the_inverse_to_a_nanosecond(sync: Sync, moment: float) -> None:
    assert sync.to_eeg(sync.to_recording(moment)) == pytest.approx(moment, abs=1e-9)
    exact = Fraction(sync.offset) + (1 + Fraction(sync.drift)) * Fraction(moment)
    assert abs(Fraction(sync.to_recording(moment)) - exact) < Fraction(1, 10**9)
    inverse = (Fraction(moment) - Fraction(sync.offset)) / (1 + Fraction(sync.drift))
    assert abs(Fraction(sync.to_eeg(moment)) - inverse) < Fraction(1, 10**9)


@given(
    st.floats(-DAY, DAY),
    st.floats(0, DAY / 3),
    st.floats(DAY * 2 / 3, DAY),
    st.tuples(*[st.floats(-FRAME / 8, FRAME / 8)] * 2),
    moments.map(abs),
)
def test_two_marks_hold_a_day_to_a_frame(
    offset: float, first: float, second: float, errors: tuple[float, float], moment: float
) -> None:
    """With a drift of 12 µs/s, and marks that are each off by an eighth of a frame."""
    truth = Sync(offset, 12e-6)
    pairs = [
        MarkPair(at, truth.to_recording(at) + error)
        for at, error in zip((first, second), errors, strict=True)
    ]
    fit = sync_from_pairs(pairs)
    assert not fit.warnings
    assert abs(fit.sync.to_recording(moment) - truth.to_recording(moment)) < FRAME


def test_one_mark_gives_an_offset() -> None:
    fit = sync_from_pairs([MarkPair(100.0, 40.0)])
    assert (fit.sync, fit.residuals, fit.warnings) == (Sync(-60.0, 0.0), (0.0,), ())


def test_marks_close_together_give_no_drift() -> None:
    """Errors of a frame over 10 s would make a drift of 6,600 µs/s, and hours later minutes."""
    fit = sync_from_pairs([MarkPair(100.0, 40.0), MarkPair(110.0, 50.06)])
    assert fit.sync == Sync(-59.97, 0.0)
    assert "too little to measure the drift" in fit.warnings[0]
    fit = sync_from_pairs([MarkPair(100.0, 40.0), MarkPair(110.0, 51.0)])
    assert "one of them is wrong" in fit.warnings[0]


def test_an_implausible_drift_is_told() -> None:
    fit = sync_from_pairs([MarkPair(0.0, 0.0), MarkPair(1000.0, 1001.0)])
    assert "1000 µs a second" in fit.warnings[0]
    assert fit.sync.to_recording(500.0) == pytest.approx(500.5), "and used as it was marked"
    assert not sync_from_pairs([MarkPair(0.0, 0.0), MarkPair(1000.0, 1000.19)]).warnings


@given(st.lists(st.floats(0, DAY), min_size=3, max_size=8, unique=True), st.data())
def test_many_marks_are_fitted_by_least_squares(places: list[float], data: st.DataObject) -> None:
    truth = Sync(12.5, -30e-6)
    errors = [data.draw(st.floats(-0.01, 0.01)) for _ in places]
    pairs = [MarkPair(at, truth.to_recording(at) + error) for at, error in zip(places, errors, strict=True)]
    fit = sync_from_pairs(pairs)
    assert max(abs(one) for one in fit.residuals) < 0.05
    if max(places) - min(places) > 200.1:
        coefficients = np.polyfit(
            [pair.eeg for pair in pairs], [pair.recording - pair.eeg for pair in pairs], 1
        )
        assert fit.sync.drift == pytest.approx(coefficients[0], abs=1e-9)
    assert [pytest.approx(one, abs=1e-6) for one in fit.residuals] == [
        pair.recording - fit.sync.to_recording(pair.eeg) for pair in pairs
    ]


@pytest.mark.parametrize("odd", range(5))
def test_the_pair_that_does_not_fit_is_named(odd: int) -> None:
    truth = Sync(-30.0, 12e-6)
    pairs = [MarkPair(at, truth.to_recording(at)) for at in (0.0, 3600.0, 7200.0, 20_000.0, 40_000.0)]
    assert not sync_from_pairs(pairs).warnings
    pairs[odd] = MarkPair(pairs[odd].eeg, pairs[odd].recording + 0.8)
    (warning,) = sync_from_pairs(pairs).warnings
    assert warning.startswith(f"Pair {odd + 1} is 0.8")


def test_pairs_that_cannot_belong_together_are_refused() -> None:
    with pytest.raises(UserError, match="another order"):
        sync_from_pairs([MarkPair(0.0, 100.0), MarkPair(500.0, 50.0)])
    with pytest.raises(UserError, match="at least one"):
        sync_from_pairs([])
    assert sync_from_pairs([MarkPair(5.0, 9.0), MarkPair(5.0, 9.0)]).sync == Sync(4.0)


@given(
    st.lists(st.tuples(st.floats(0, DAY), st.floats(-MARK_ERROR, MARK_ERROR)), min_size=1, max_size=2),
    st.floats(-TYPICAL_DRIFT, TYPICAL_DRIFT),
    st.floats(0, DAY),
)
def test_the_uncertainty_holds_everywhere(
    marks: list[tuple[float, float]], drift: float, moment: float
) -> None:
    truth = Sync(7.0, drift)
    pairs = [MarkPair(at, truth.to_recording(at) + error) for at, error in marks]
    sync = sync_from_pairs(pairs).sync
    error = abs(sync.to_recording(moment) - truth.to_recording(moment))
    assert error <= uncertainty_at(pairs, moment) + 1e-6


def test_the_uncertainty_grows_away_from_the_marks() -> None:
    hour = [MarkPair(0.0, 0.0), MarkPair(3600.0, 3600.0)]
    assert uncertainty_at(hour, 1800.0) == MARK_ERROR
    assert uncertainty_at(hour, DAY) == pytest.approx(MARK_ERROR * 47)
    assert uncertainty_at(hour[:1], 10_000.0) == pytest.approx(MARK_ERROR + 0.5)


# Start times

EEG = FileExtent(datetime(2026, 1, 31, 14, 0, 0), 3600.0)  # noqa: DTZ001 - as in EDF
BERLIN = timezone(timedelta(hours=1))


def test_start_times_are_a_proposal_with_words() -> None:
    proposal = from_start_times(EEG, FileExtent(datetime(2026, 1, 31, 14, 20, 0), 60.0))  # noqa: DTZ001
    assert proposal.sync == Sync(-1200.0)
    assert "2026-01-31 14:00:00" in proposal.reason
    assert "14:20:00" in proposal.reason
    assert proposal.uncertainty >= 60.0, "clocks are set by hand"


def test_world_time_is_brought_to_the_place_of_the_eeg() -> None:
    recording = FileExtent(datetime(2026, 1, 31, 13, 20, 0, tzinfo=UTC), 60.0)
    assert from_start_times(EEG, recording, BERLIN).sync == Sync(-1200.0)
    assert "time zone" in from_start_times(EEG, recording, BERLIN).reason
    without = from_start_times(EEG, FileExtent(datetime(2026, 1, 31, 14, 20, 0, tzinfo=UTC), 60.0))
    assert without.sync is None
    assert "time zone" in without.reason
    phone = FileExtent(datetime(2026, 1, 31, 14, 20, 0, tzinfo=BERLIN), 60.0)
    assert from_start_times(EEG, phone).sync == Sync(-1200.0)


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the time zone cannot be set on this system")
def test_the_zone_of_the_computer_knows_summer_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        for month, hour in ((1, 13), (7, 12)):
            eeg = FileExtent(datetime(2026, month, 31, 14, 0, 0), 3600.0)  # noqa: DTZ001
            recording = FileExtent(datetime(2026, month, 31, hour, 20, 0, tzinfo=UTC), 60.0)
            assert from_start_times(eeg, recording, "computer").sync == Sync(-1200.0)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_what_does_not_overlap_is_said() -> None:
    later = from_start_times(EEG, FileExtent(datetime(2026, 1, 31, 15, 30, 0), 60.0))  # noqa: DTZ001
    assert later.sync is None
    assert later.warnings == (
        "By their clocks they do not overlap: they are 30 minutes apart.",
        "They would overlap if one clock were 1 h off (time zone, daylight saving).",
    )
    other = from_start_times(EEG, FileExtent(datetime(2026, 2, 10, 14, 0, 0), 60.0))  # noqa: DTZ001
    assert other.sync is None
    (warning,) = other.warnings
    assert "10 days apart: this may be another patient" in warning
    unknown = from_start_times(EEG, FileExtent(None, 60.0))
    assert (unknown.sync, unknown.reason) == (None, "The recording does not state when it began.")


@given(syncs, st.floats(0, DAY), st.floats(0, DAY))
def test_the_overlap_is_what_both_have(sync: Sync, eeg: float, recording: float) -> None:
    shared = overlap(sync, eeg, recording)
    assert 0.0 <= shared <= min(recording, eeg * (1 + 2 * IMPLAUSIBLE)) + 1e-6


# File names

TODAY = date(2026, 11, 29)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("VID_20260131_142530.mp4", "2026-01-31 14:25:30"),
        ("2026-01-31_14-25-30.mp4", "2026-01-31 14:25:30"),
        ("Screen Recording 2026-01-31 at 14.25.30.mov", "2026-01-31 14:25:30"),
        ("2026-01-31T14:25:30.mov", "2026-01-31 14:25:30"),
        ("20260131142530.mp4", "2026-01-31 14:25:30"),
        ("31-01-2026_14-25-30.avi", "2026-01-31 14:25:30"),
        ("31.12.2026 08.15.00", "2026-12-31 08:15:00"),
        ("EEG_12.31.2026_8-15-00 AM.avi", "2026-12-31 08:15:00"),
        ("WhatsApp Video 2026-01-31 at 2.25.30 PM.mp4", "2026-01-31 14:25:30"),
        ("12-13-2026 12.05 AM.mp4", "2026-12-13 00:05:00"),
        ("PXL_20260131_142530123.mp4", "2026-01-31 14:25:30.123000"),
        ("signal-2026-01-31-14h25m30s517.mp4", "2026-01-31 14:25:30.517000"),
        ("02-02-2026 14.25.mp4", "2026-02-02 14:25:00"),
        ("ch01_20260131142530_20260131143000.mp4", "2026-01-31 14:25:30"),
        ("260131_142530.mp4", "2026-01-31 14:25:30"),
    ],
)
def test_times_in_file_names(name: str, text: str) -> None:
    found = time_in_name(name, TODAY)
    assert str(found.time) == text
    assert not found.why


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("01-02-2026_14-25-30.mp4", "two ways"),
        ("010226_142530.mp4", "two ways"),
        ("20260131.mp4", "no time of day"),
        ("2026-13-31_14-25-30.mp4", "no date"),
        ("20260131_256199.mp4", "no time of day"),
        ("20260131_142530_20260231_142530_20260203_142530.mp4", "several"),
        ("20260131_142530_20260130_142530.mp4", "several"),
        ("IMG_1234.mov", "no date"),
        ("patient12345.mp4", "no date"),
        ("1700000000.mp4", "no date"),
        ("chb01_03.edf", "no date"),
        ("00000258_s002_t000.edf", "no date"),
        ("", "no date"),
    ],
)
def test_what_is_not_clear_is_refused(name: str, why: str) -> None:
    found = time_in_name(name, TODAY)
    assert found.time is None
    assert why in found.why or "no time of day" in found.why


@given(st.datetimes(datetime(1990, 1, 1), datetime(2026, 11, 1)), st.sampled_from(["_", "-", " ", "T", ""]))  # noqa: DTZ001
def test_any_time_is_found_again(at: datetime, between: str) -> None:
    for form in (f"%Y%m%d{between}%H%M%S", "%Y-%m-%d_%H-%M-%S", "x %Y.%m.%d %H.%M.%S y"):
        assert time_in_name(f"{at:{form}}.mp4", TODAY).time == at.replace(microsecond=0)


@given(st.text(max_size=60))
def test_any_file_name_is_read(name: str) -> None:
    found = time_in_name(name, TODAY)
    assert (found.time is None) == bool(found.why)


def test_a_file_name_is_a_proposal() -> None:
    proposal = from_file_name(EEG, time_in_name("2026-01-31 14.20.mp4", TODAY), 60.0)
    assert proposal.sync == Sync(-1200.0)
    assert proposal.uncertainty == pytest.approx(120.0), "the name has no seconds"
    assert from_file_name(EEG, NameTime(None, why="Why."), 60.0).reason == "Why."


# Annotations


@pytest.mark.parametrize(
    "text",
    ["Video start", "REC START", "Recording started", "Camera on", "Start of video", "VIDEO BEGINS 14:20"],
)
def test_annotations_that_begin_a_video(text: str) -> None:
    assert is_video_start(text)


@pytest.mark.parametrize(
    "text", ["Seizure start", "video end", "patient watches video", "record", "Onset", "started walking"]
)
def test_annotations_that_do_not(text: str) -> None:
    assert not is_video_start(text)


def test_an_annotation_is_a_proposal() -> None:
    found = video_annotations([(10.0, "Onset"), (12.5, "Video start")])
    assert found == ((12.5, "Video start"),)
    proposal = from_annotation(*found[0])
    assert proposal.sync is not None
    assert proposal.sync.to_recording(12.5) == 0.0
    assert "Video start" in proposal.reason
    assert from_annotation(12.5, "clap", 3.0).sync == Sync(-9.5)


# Sound

ROOM_RATE = 4000.0


def room(seed: int, seconds: float) -> npt.NDArray[Any]:
    """(n,) how loud it is in a room, every 50 ms."""
    chance = np.random.default_rng(seed)
    return np.asarray(np.exp(chance.normal(0, 1.5, int(seconds / 0.05) + 2)))


def heard(loud: npt.NDArray[Any], times: npt.NDArray[Any], seed: int) -> npt.NDArray[Any]:
    """Noise as loud as the room at these times."""
    chance = np.random.default_rng(seed)
    return np.asarray(
        np.interp(times, np.arange(len(loud)) * 0.05, loud) * chance.standard_normal(len(times))
    )


@pytest.mark.parametrize("rate", [256.0, 1000.0])
def test_the_sound_of_an_eeg_is_found_in_the_recording(rate: float) -> None:
    truth, loud = Sync(41.37, 60e-6), room(1, 1100)
    sound = heard(loud, np.arange(int(900 * ROOM_RATE)) / ROOM_RATE, 2).astype(np.float32)
    times = truth.to_recording(0.0) + np.arange(int(800 * rate)) / rate * (1 + truth.drift)
    channel = 30 * heard(loud, times, 3) + 500.0
    channel[5000:6000] = np.nan
    proposal = sync_by_sound(SyncSound(channel, rate), SyncSound(sound, ROOM_RATE))
    assert proposal.sync is not None
    for at in (0.0, 400.0, 800.0):
        assert abs(proposal.sync.to_recording(at) - truth.to_recording(at)) < FRAME
    assert proposal.sync.drift == pytest.approx(truth.drift, abs=20e-6)
    assert "confidence" in proposal.reason


def test_a_short_sound_gives_an_offset() -> None:
    loud = room(4, 100)
    sound = heard(loud, np.arange(int(60 * ROOM_RATE)) / ROOM_RATE, 5)
    channel = heard(loud, 20.0 + np.arange(30 * 512) / 512, 6)
    proposal = sync_by_sound(SyncSound(channel, 512.0, start=1000.0), SyncSound(sound, ROOM_RATE, start=7.0))
    assert proposal.sync is not None
    assert proposal.sync.drift == 0.0
    assert proposal.sync.to_recording(1000.0) == pytest.approx(27.0, abs=FRAME)


def test_sounds_that_have_nothing_in_common_propose_nothing() -> None:
    times = np.arange(60 * 512) / 512
    proposal = sync_by_sound(
        SyncSound(heard(room(7, 100), times, 8), 512.0), SyncSound(heard(room(9, 100), times, 1), 512.0)
    )
    assert proposal.sync is None
    assert proposal.reason
    slow = sync_by_sound(SyncSound(np.ones(100), 10.0), SyncSound(np.ones(100), 10.0))
    assert "too low" in slow.reason


def test_loudness_of_nothing() -> None:
    assert loudness(SyncSound(np.zeros(0), 512.0)).shape == (0, 1)
    assert loudness(SyncSound(np.full(5120, np.nan), 512.0)).shape == (0, 1)
    assert np.isfinite(loudness(SyncSound(np.zeros(5120), 512.0))).all()
