"""The fitted sensitivity: traces stay within their rows, each kind of channel apart, in clinical steps."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.eeg.channel_kind import ChannelKind
from app.core.eeg.derivation import DerivedRow, InputChannel, derive
from app.core.eeg.montages import parse_montage
from app.core.eeg.page_scale import SENSITIVITIES
from app.core.eeg.sensitivity_fit import MOSTLY, fitted_sensitivities
from app.core.eeg.trace_tiles import TraceColumns

ROWS = derive(
    parse_montage("C3\nC4\nCz\neach ECG"),
    [InputChannel(name, Fraction(256)) for name in ("C3", "C4", "Cz", "ECG")],
).rows


def columns_with(*amplitudes: float) -> TraceColumns:
    """Rows of a hundred columns, each from minus to plus its amplitude."""
    high = np.repeat(np.array(amplitudes, np.float32)[:, None], 100, axis=1)
    return TraceColumns(0, Fraction(1, 10), -high, high, None)


@given(st.floats(1, 4000), st.floats(2, 30))
def test_the_next_larger_step_keeps_the_traces_within_their_rows(amplitude: float, height: float) -> None:
    found = fitted_sensitivities(columns_with(*[amplitude] * 4), ROWS, height)[ChannelKind.EEG]
    needed = amplitude / (height / 2)
    assert found in SENSITIVITIES
    assert found >= needed * 0.999 or found == SENSITIVITIES[-1]
    smaller = [step for step in SENSITIVITIES if step < found]
    assert not smaller or smaller[-1] < needed * 1.001, "no smaller waves than necessary"


def test_kinds_are_fitted_apart() -> None:
    found = fitted_sensitivities(columns_with(50, 40, 30, 900), ROWS, 10.0)
    assert found == {ChannelKind.EEG: 10.0, ChannelKind.ECG: 200.0}


def test_a_loose_electrode_does_not_flatten_the_others() -> None:
    assert fitted_sensitivities(columns_with(50, 5000, 30, 0), ROWS, 10.0) == {ChannelKind.EEG: 10.0}
    without: list[DerivedRow | None] = [ROWS[0], None, None, None]
    assert fitted_sensitivities(columns_with(7, 50, 30, 900), without, 10.0) == {ChannelKind.EEG: 1.5}


def test_a_single_sharp_wave_and_what_is_not_settled_do_not_count() -> None:
    columns = columns_with(50, 50, 50, 0)
    columns.high[:, 40] = 3000
    assert fitted_sensitivities(columns, ROWS, 10.0)[ChannelKind.EEG] == 10.0
    unsettled = np.zeros(columns.high.shape, np.bool_)
    unsettled[:, :40] = True
    columns.high[:, :40] = 3000
    assert fitted_sensitivities(replace(columns, unsettled=unsettled), ROWS, 10.0)[ChannelKind.EEG] == 10.0


def test_most_of_the_page_may_be_fitted() -> None:
    columns = columns_with(50, 50, 50, 0)
    columns.high[:, :8] = 400
    assert fitted_sensitivities(columns, ROWS, 10.0, MOSTLY)[ChannelKind.EEG] == 10.0
    assert fitted_sensitivities(columns, ROWS, 10.0)[ChannelKind.EEG] > 50


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_without_a_wave_there_is_nothing_to_fit(value: float) -> None:
    assert fitted_sensitivities(columns_with(*[value] * 4), ROWS, 10.0) == {}
