"""How an EEG is displayed: what is stored comes back, whatever is in the file; rows, grid and clocks."""

from __future__ import annotations

import json
from datetime import datetime
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.eeg.channel_kind import ChannelKind
from app.core.eeg.derivation import DerivedRow
from app.core.eeg.display_choices import (
    DisplayChoices,
    FileChoices,
    arranged,
    display_choices_from_dict,
    display_choices_to_dict,
    file_choices_from_dict,
    file_choices_to_dict,
    moved,
    row_keys,
)
from app.core.eeg.displayed_file import annotations_between, gaps_between
from app.core.eeg.eeg_recording import Annotation
from app.core.eeg.electrodes import Side
from app.core.eeg.filter_words import filter_description, filter_text
from app.core.eeg.filters import Filters
from app.core.eeg.row_layout import day_text, grid_steps, multiples, row_layout, signed_clock
from app.core.eeg.timeline import EegTimeline

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


def a_row(name: str, kind: ChannelKind = ChannelKind.EEG) -> DerivedRow:
    return DerivedRow(name, kind, Side.LEFT, Fraction(256), "µV", (0,), (1.0,))


def test_choices_come_back_from_json() -> None:
    choices = DisplayChoices(page_seconds=30.0, zero_phase=True, negative_up=False, dots_per_inch=120.0)
    choices = choices.with_filters(ChannelKind.ECG, Filters(None, 35.0, 60.0))
    choices = choices.with_sensitivity(ChannelKind.EEG, 15.0)
    assert display_choices_from_dict(json.loads(json.dumps(display_choices_to_dict(choices)))) == choices
    of_file = FileChoices("laplacian", frozenset({"ECG"}), ("C3", "C4"), {"C3": 20.0})
    assert file_choices_from_dict(json.loads(json.dumps(file_choices_to_dict(of_file)))) == of_file
    assert not file_choices_to_dict(FileChoices())


NAMES = ("page_seconds", "filters", "sensitivity", "zero_phase", "smooth", "dots_per_inch")
FILE_NAMES = ("montage", "hidden", "order", "row_sensitivity")


@given(st.dictionaries(st.sampled_from(NAMES), JSON), st.dictionaries(st.sampled_from(FILE_NAMES), JSON))
def test_whatever_is_stored_gives_choices(data: dict[str, Any], of_file: dict[str, Any]) -> None:
    choices = display_choices_from_dict(data)
    assert 1.0 <= choices.page_seconds <= 86_400.0
    assert set(choices.filters) == set(choices.sensitivity) == set(ChannelKind)
    assert all(0.5 <= value <= 5000.0 for value in choices.sensitivity.values())
    found = file_choices_from_dict(of_file)
    assert file_choices_from_dict(json.loads(json.dumps(file_choices_to_dict(found)))) == found


def test_rows_of_one_name_have_keys_of_their_own() -> None:
    assert row_keys([a_row("C3"), a_row("C4"), a_row("C3")]) == ("C3", "C4", "C3#2")


def test_rows_are_hidden_and_moved() -> None:
    keys = ("a", "b", "c", "d")
    assert arranged(keys, FileChoices(hidden=frozenset("b"))) == (0, 2, 3)
    order = moved(keys, "d", -2)
    assert order == ("a", "d", "b", "c")
    assert arranged(keys, FileChoices(order=order)) == (0, 3, 1, 2)
    assert moved(keys, "a", -1) == keys
    assert arranged(("x", "a"), FileChoices(order=order)) == (1, 0)


def test_rows_fill_the_page_or_are_scrolled() -> None:
    layout = row_layout([False, False, True, False], 450.0, 7.0)
    assert layout.height == pytest.approx(450.0)
    assert layout.pitch == pytest.approx(100.0)
    assert layout.middles == pytest.approx((50.0, 150.0, 300.0, 400.0))
    assert layout.nearest(255.0) == 2
    assert row_layout([False] * 100, 300.0, 7.0).height == pytest.approx(700.0)
    assert row_layout([], 300.0, 7.0).nearest(3.0) is None


def test_the_grid_is_that_of_paper_and_coarser_on_long_pages() -> None:
    at_paper_speed = grid_steps(30 * 3.78, 74.0, 3.78)
    assert (at_paper_speed.strong, at_paper_speed.faint) == (1.0, 0.2)
    minute = grid_steps(1400 / 60, 74.0, 3.78)
    assert (minute.strong, minute.faint) == (1.0, 0.0)
    day = grid_steps(1400 / 86_400, 74.0, 3.78)
    assert day.strong * 1400 / 86_400 >= 37
    assert day.labels * 1400 / 86_400 >= 74


@given(st.sampled_from([0.2, 1.0, 5.0]), st.floats(-1000, 1e5), st.floats(0.5, 100))
def test_grid_lines_are_multiples_on_the_page(step: float, start: float, length: float) -> None:
    found = multiples(step, start, start + length)
    assert all(start - 1e-6 <= one <= start + length + 1e-6 for one in found)
    assert abs(len(found) - length / step) <= 1.0001


def test_clocks_are_written_on_both_sides_of_zero() -> None:
    assert signed_clock(-5.0) == "−00:05"
    assert signed_clock(3661.5, decimals=1) == "1:01:01.5"
    assert signed_clock(-0.0001) == "00:00"
    began = datetime(2026, 3, 2, 23, 59, 58, 500_000)  # noqa: DTZ001 - EDF has local times
    assert day_text(began, 2.0) == "00:00:00"
    assert day_text(began, -0.25, decimals=2) == "23:59:58.25"
    assert day_text(began, 1e12) == ""


def test_filters_are_told_in_plain_words() -> None:
    assert filter_text(Filters(0.5, 70.0, 50.0)) == "0.5–70 Hz, notch 50 Hz"
    assert filter_text(Filters(None, None)) == "not filtered"
    assert filter_text(Filters(1.0, None)) == "above 1 Hz"
    words = filter_description(Filters(0.5, 70.0), 256.0)
    assert words == "0.5–70 Hz · causal (an onset may appear late) · filters begin 2.4 s before the page"
    assert filter_description(Filters(0.5, 70.0), 256.0, loaded=False) == (
        "0.5–70 Hz · causal (an onset may appear late)"
    )
    assert filter_description(Filters(None, None), 256.0) == "not filtered"
    assert "high cut 70 Hz not possible at 128 Hz" in filter_description(Filters(0.5, 70.0), 128.0)


@given(
    st.lists(st.tuples(st.floats(0, 100), st.none() | st.floats(0, 30)), max_size=40),
    st.floats(-5, 100),
    st.floats(0.1, 30),
)
def test_the_annotations_of_a_page_are_those_that_meet_it(
    notes: list[tuple[float, float | None]], start: float, length: float
) -> None:
    made = [
        Annotation(round(onset * 1e9), None if lasts is None else round(lasts * 1e9), f"{number}")
        for number, (onset, lasts) in enumerate(notes)
    ]
    made.sort(key=lambda one: one.onset_ns)
    end = start + length
    right = [
        one
        for one in made
        if start <= one.onset_ns / 1e9 < end or (one.onset < start < one.onset + (one.duration or 0.0))
    ]
    assert list(annotations_between(made, start, end)) == right


def test_gaps_of_a_page_have_their_full_length() -> None:
    timeline = EegTimeline(
        np.array([0, 10, 50], np.int64) * 10**9, np.array([0, 5, 10], np.int64), 15, 10**9, 0, 15
    )
    assert gaps_between(timeline, 0.0, 60.0) == ((5.0, 10.0), (15.0, 50.0))
    assert gaps_between(timeline, 20.0, 30.0) == ((15.0, 50.0),)
    assert gaps_between(timeline, 51.0, 90.0) == ()
    assert gaps_between(timeline, 0.0, 4.0) == ()
