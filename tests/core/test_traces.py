"""Traces: what the rules measured, their thresholds, and their columns on a screen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import UserError
from app.core.jobs import CancelToken, no_report
from app.core.mirroring import mirrored_traces
from app.core.readers.signal.measures.measures import Measures, measure
from app.core.readers.signal.reader import MeasuredReading, reading_of_measures
from app.core.readers.signal.thresholds import limit
from app.core.readers.signal.traces.behind_answers import traces_behind, traces_of
from app.core.reading import Reading, RecordingIdentity, person
from app.core.recording.sparse_time import ShortClock, Stretches
from app.core.semiology import FEATURES, Answer, Laterality, Presence, Span
from app.core.timeline.traces import MeasuredTrace, RecordingTraces, TraceCurve, curve_columns, curves_columns
from tests.core.patients_of_numbers import CLONIC, track

IDENTITY = RecordingIdentity("x.mp4", "b" * 64, CLONIC.seconds)


@pytest.fixture(scope="module")
def measures() -> Measures:
    seconds = np.arange(round(16000 * CLONIC.seconds)) / 16000
    return measure(track(CLONIC), np.sin(2 * np.pi * 180 * seconds).astype(np.float32) * 0.1)


@pytest.fixture(scope="module")
def measured(measures: Measures) -> MeasuredReading:
    return MeasuredReading(reading_of_measures(IDENTITY, track(CLONIC), measures), measures)


@pytest.fixture(scope="module")
def traces(measured: MeasuredReading) -> RecordingTraces:
    return traces_of(measured, measured.reading)


def row(traces: RecordingTraces, feature: str, name: str) -> MeasuredTrace:
    return next(one for one in traces.features[feature] if one.name == name)


def test_every_feature_has_its_rows_and_its_spans(traces: RecordingTraces, measured: MeasuredReading) -> None:
    assert set(traces.features) == {feature.id for feature in FEATURES}
    assert not traces.outdated
    assert traces.evidence["clonic"] == measured.reading.answer("clonic").evidence != ()
    for feature, rows in traces.features.items():
        assert len(rows) <= 12, feature
        for one in rows:
            assert all(len(curve.times) == len(curve.values) for curve in one.curves)
            assert all((np.diff(curve.times) >= 0).all() for curve in one.curves)


def test_a_trace_is_the_very_measure_that_the_rule_reads(traces: RecordingTraces, measures: Measures) -> None:
    rates = row(traces, "clonic", "Wrist rate").curves
    for curve, arm in zip(rates, measures.arms, strict=True):
        rhythm = measures.rhythms[arm.name.end_name]
        np.testing.assert_allclose(curve.values, rhythm.rate, rtol=1e-6)
        assert curve.side is arm.name.side
    speeds = row(traces, "arms_move_simultaneously", "Wrist speed")
    for curve, arm in zip(speeds.curves, measures.arms, strict=True):
        np.testing.assert_allclose(curve.values, arm.speed, rtol=1e-6)
    assert {one.value for one in speeds.limits} >= {arm.moving_limit for arm in measures.arms}


def test_thresholds_are_those_of_the_rules(traces: RecordingTraces) -> None:
    limits = [one.value for one in row(traces, "clonic", "Wrist rate").limits]
    assert limits == [limit("clonic_lowest"), limit("clonic_highest")]
    (held,) = row(traces, "arm_flexion", "Elbow angle").limits
    assert held.value == limit("elbow_flexed")


def test_in_the_span_that_was_found_the_rate_is_within_its_thresholds(traces: RecordingTraces) -> None:
    span = traces.evidence["clonic"][0]
    middle = (span.start + span.end) / 2
    rates = [curve.value_at(middle) for curve in row(traces, "clonic", "Wrist rate").curves]
    assert any(
        rate is not None and limit("clonic_lowest") <= rate <= limit("clonic_highest") for rate in rates
    )


def test_an_answer_given_from_other_measures_is_said_to_be_one(measured: MeasuredReading) -> None:
    answers = {**measured.reading.answers, "clonic": Answer("clonic", Presence.NO, 60)}
    older = replace(measured.reading, answers=answers)
    assert traces_of(measured, older).outdated == {"clonic"}
    moved = replace(measured.reading.answer("clonic"), evidence=(Span(0.0, 0.5),))
    other = replace(measured.reading, answers={**measured.reading.answers, "clonic": moved})
    assert traces_of(measured, other).outdated == {"clonic"}


def test_a_failed_measure_costs_the_traces_that_rest_on_it(measured: MeasuredReading) -> None:
    failed = replace(measured.measures, faults=frozenset({"rhythms"}))
    found = traces_of(replace(measured, measures=failed), measured.reading)
    assert found.features["clonic"] == ()
    assert found.features["arm_flexion"]


def test_only_the_rules_have_traces() -> None:
    reading = Reading(IDENTITY, person("Eva"), {})
    with pytest.raises(UserError, match="signal reader"):
        traces_behind(reading, None, None, report=no_report, cancel=CancelToken())  # type: ignore[arg-type]


def test_times_are_on_the_recordings_clock(measured: MeasuredReading) -> None:
    clock = ShortClock.of(Stretches(np.array([0.0, 1000.0]), np.array([4.0, 1100.0])))
    found = traces_of(replace(measured, clock=clock), measured.reading)
    curve = row(found, "arm_flexion", "Elbow angle").curves[0]
    assert curve.times[-1] == pytest.approx(clock.lengthened(float(measured.measures.grid.times[-1])))  # type: ignore[union-attr]
    assert curve.times[-1] > 900


def test_beside_a_mirrored_picture_the_sides_are_swapped(traces: RecordingTraces) -> None:
    before = row(traces, "clonic", "Wrist rate").curves
    after = row(mirrored_traces(traces), "clonic", "Wrist rate").curves
    assert [one.name for one in before] == ["left wrist", "right wrist"]
    assert [one.name for one in after] == ["right wrist", "left wrist"]
    assert [one.side for one in after] == [Laterality.RIGHT, Laterality.LEFT]
    assert after[0].values is before[0].values


# --- on a screen -------------------------------------------------------------------------------


def curve_of(times: list[float], values: list[float]) -> TraceCurve:
    return TraceCurve("x", None, np.array(times), np.array(values, np.float32))


values = st.one_of(st.floats(-1e3, 1e3, width=32), st.just(float("nan")))


@given(
    st.lists(values, min_size=1, max_size=400), st.integers(1, 60), st.floats(0.0, 0.9), st.floats(0.05, 1.0)
)
def test_columns_hold_every_value_that_is_visible_and_no_other(
    drawn: list[float], columns: int, start: float, length: float
) -> None:
    times = np.arange(len(drawn)) / 25
    whole = max(times[-1], 0.04)
    visible = Span(start * whole, start * whole + length * whole)
    low, high = curve_columns(curve_of(times.tolist(), drawn), visible, columns)
    assert len(low) == len(high) == columns
    known = np.array(drawn, np.float32)
    if np.isfinite(low).any():
        assert np.nanmin(low) >= np.nanmin(known) - 1e-2
        assert np.nanmax(high) <= np.nanmax(known) + 1e-2
    inside = (times >= visible.start) & (times < visible.end) & np.isfinite(known)
    if inside.sum() > 2 * columns:  # reduced, not a line through single samples
        assert np.nanmax(high) >= known[inside].max()
        assert np.nanmin(low) <= known[inside].min()


def test_a_gap_stays_a_gap() -> None:
    times = np.arange(1000) / 100
    shown = np.where((times > 4) & (times < 6), np.nan, 1.0)
    low, _ = curve_columns(curve_of(times.tolist(), shown.tolist()), Span(0.0, 10.0), 50)
    assert np.isfinite(low[:19]).all()
    assert np.isnan(low[21:29]).all()
    assert np.isfinite(low[31:]).all()


def test_values_are_told_where_they_were_measured_and_not_beyond() -> None:
    curve = curve_of([0.0, 0.1, 0.2, 0.3], [1.0, 2.0, float("nan"), 4.0])
    assert curve.value_at(0.11) == 2.0
    assert curve.value_at(0.2) is None
    assert curve.value_at(0.5) is None
    assert curve_of([], []).value_at(0.0) is None


def test_thresholds_are_in_sight_and_a_single_outlier_does_not_flatten_the_rest() -> None:
    shown = np.ones(2000, np.float32)
    shown[5] = 1e6
    curve = TraceCurve("x", None, np.arange(2000.0), shown)
    low, high = MeasuredTrace("X", "", (curve,)).bounds()
    assert high < 10
    assert low < 1 < high


@given(st.integers(0, 2**16), st.integers(1, 80), st.floats(0.0, 0.9), st.floats(0.01, 1.0))
def test_curves_together_have_the_columns_of_each_alone(
    seed: int, columns: int, start: float, length: float
) -> None:
    chance = np.random.default_rng(seed)
    times, others = np.arange(chance.integers(1, 500)) / 30, np.sort(chance.uniform(0, 10, 90))

    def curve(at: npt.NDArray[np.float64]) -> TraceCurve:
        drawn = chance.normal(size=len(at)).astype(np.float32)
        drawn[chance.uniform(size=len(at)) < 0.1] = np.nan
        return TraceCurve("x", None, at, drawn)

    curves = [curve(times), curve(others), curve(times), curve(times)]
    whole = max(float(times[-1]), 0.04)
    visible = Span(start * whole, (start + length) * whole)
    low, high = curves_columns(curves, visible, columns)
    for number, one in enumerate(curves):
        alone = curve_columns(one, visible, columns)
        assert np.array_equal(low[number], alone[0], equal_nan=True)
        assert np.array_equal(high[number], alone[1], equal_nan=True)
