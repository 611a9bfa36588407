"""Channels in BIDS: where contacts are, and what a header says of filters, in its fields."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.eeg.edf_writing import WrittenChannel, WrittenStretch, write_edf
from app.core.eeg.eeg_file import opened_eeg
from app.core.exchange.bids_channels import channel_types
from app.core.exchange.bids_eeg import datatype_of
from app.core.exchange.bids_filters import (
    RecorderFilters,
    hardware_filters,
    mains_frequency,
    recorder_filters,
)


def described(tmp_path: Path, labels: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    path = tmp_path / "a.edf"
    values = tuple(np.zeros(100) for _ in labels)
    channels = [WrittenChannel(label, Fraction(100)) for label in labels]
    write_edf(path, channels, [WrittenStretch(Fraction(0), values)])
    with opened_eeg(path) as eeg:
        types = channel_types(eeg.header)
        return datatype_of(eeg.header), types[: len(labels)]


@pytest.mark.parametrize(
    ("labels", "datatype", "types"),
    [
        (("EEG Fp1-REF", "EEG F7-REF", "ECG"), "eeg", ("EEG", "EEG", "ECG")),
        (("SEEG A1", "SEEG A2", "EEG Cz"), "ieeg", ("SEEG", "SEEG", "EEG")),
        (("ECOG G1", "ECoG G12"), "ieeg", ("ECOG", "ECOG")),
        (("LA1", "LA2", "LA3", "RH7", "RH8"), "ieeg", ("SEEG",) * 5),
        (("E1 ", "E17", "E18", "E128"), "eeg", None),
        (("A1", "A2", "A32", "B1", "B2", "B32"), "eeg", ("MISC",) * 6),
    ],
)
def test_contacts_are_ieeg_where_they_are_named_so(
    tmp_path: Path, labels: tuple[str, ...], datatype: str, types: tuple[str, ...] | None
) -> None:
    found = described(tmp_path, labels)
    assert found[0] == datatype
    assert types is None or found[1] == types


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("HP:0.1Hz LP:75Hz N:50Hz", RecorderFilters(0.1, 75.0, 50.0)),
        ("HP: DC; LP: 113 Hz", RecorderFilters(0.0, 113.0, None)),
        ("hp=0,53 lp=0.5kHz", RecorderFilters(0.53, 500.0, None)),
        ("HP:0.3s LP:70Hz", RecorderFilters(0.5305, 70.0, None)),
        ("none", RecorderFilters()),
        ("", RecorderFilters()),
    ],
)
def test_filters_of_a_header(text: str, found: RecorderFilters) -> None:
    assert recorder_filters(text) == found


@given(st.text(max_size=80))
def test_any_text_of_a_header_is_read_without_an_error(text: str) -> None:
    found = recorder_filters(text)
    assert all(one is None or one >= 0 for one in (found.low_cut, found.high_cut, found.notch))


def test_filters_that_differ_stand_with_the_channels_only() -> None:
    one, other = RecorderFilters(0.1, 70.0, 50.0), RecorderFilters(1.0, 70.0, 50.0)
    assert hardware_filters([one, one]) == {
        "HighpassFilter": {"CutoffFrequency": 0.1},
        "LowpassFilter": {"CutoffFrequency": 70.0},
        "NotchFilter": {"CutoffFrequency": 50.0},
    }
    assert hardware_filters([one, other]) == "n/a"
    assert hardware_filters([RecorderFilters()] * 2) == hardware_filters([]) == "n/a"
    assert mains_frequency([one, other]) == 50.0
    assert mains_frequency([RecorderFilters(notch=16.7)]) == "n/a"
