"""EDF+ that is written, read back here byte by byte by the specification."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.eeg.edf_writing import (
    WrittenAnnotation,
    WrittenChannel,
    WrittenStretch,
    edf_bytes,
    write_edf,
)
from app.core.errors import UserError

CHANNELS = (WrittenChannel("EEG Fp1-REF", Fraction(256)), WrittenChannel("SpO2", Fraction(1), "%"))
START = datetime(2026, 1, 31, 14, 25, 30, 250_000)  # noqa: DTZ001 - local time, as in EDF


@dataclass
class Read:
    """What stands in a file: the fixed fields, each column of the signals' fields, the values of every
    channel in its records, the stamps and annotations (seconds from the header's start)."""

    fields: list[str]
    columns: list[list[str]]
    values: list[npt.NDArray[Any]]
    stamps: list[Fraction]
    annotations: list[tuple[Fraction, Fraction | None, str]]


def read(raw: bytes) -> Read:
    widths = (8, 80, 80, 8, 8, 8, 44, 8, 8, 4)
    fields, at = [], 0
    for width in widths:
        fields.append(raw[at : at + width].decode("ascii").rstrip(" "))
        at += width
    count = int(fields[9])
    columns = []
    for width in (16, 80, 8, 8, 8, 8, 8, 80, 8, 32):
        columns.append(
            [raw[at + n * width : at + (n + 1) * width].decode("ascii").rstrip() for n in range(count)]
        )
        at += count * width
    assert at == int(fields[5])
    sizes = [int(one) for one in columns[8]]
    records = np.frombuffer(raw[at:], "<i2").reshape(int(fields[7]), sum(sizes))
    values, stamps, annotations, first = [], [], [], 0
    for number, size in enumerate(sizes):
        part = records[:, first : first + size]
        first += size
        if columns[0][number] == "EDF Annotations":
            for record in part:
                lists = [one for one in record.tobytes().split(b"\0") if one]
                assert lists[0].endswith(b"\x14\x14"), "the first list is the stamp"
                stamps.append(Fraction(lists[0][:-2].decode()))
                annotations += [_annotation(one) for one in lists[1:]]
        else:
            low, high = float(columns[3][number]), float(columns[4][number])
            values.append((part + 32768.0) * (high - low) / 65535 + low)
    return Read(fields, columns, values, stamps, annotations)


def _annotation(written: bytes) -> tuple[Fraction, Fraction | None, str]:
    found = re.fullmatch(rb"([+-][0-9.]+)(?:\x15([0-9.]+))?\x14(.*)\x14", written)
    assert found is not None
    duration = Fraction(found[2].decode()) if found[2] else None
    return Fraction(found[1].decode()), duration, found[3].decode("utf-8")


def stretch(start: Fraction, seconds: int, seed: int = 1) -> WrittenStretch:
    chance = np.random.default_rng(seed)
    return WrittenStretch(start, (chance.normal(4000, 50, 256 * seconds), chance.uniform(90, 100, seconds)))


def test_one_stretch_is_a_continuous_file() -> None:
    one = stretch(Fraction(0), 7)
    found = read(edf_bytes(CHANNELS, [one], [WrittenAnnotation(2.5, 3.0, "Anfall é")], start=START))
    assert found.fields == [
        "0",
        "X X X X",
        "Startdate 31-JAN-2026 X X X",
        "31.01.26",
        "14.25.30",
        "1024",
        "EDF+C",
        "7",
        "1",
        "3",
    ]
    assert found.columns[0] == ["EEG Fp1-REF", "SpO2", "EDF Annotations"]
    assert found.columns[2] == ["uV", "%", ""]
    for values, written in zip(found.values, one.values, strict=True):
        assert np.abs(values.ravel() - written).max() <= np.ptp(written) / 65535 * 0.6 + 1e-4
    assert found.stamps == [Fraction(1, 4) + number for number in range(7)]
    assert found.annotations == [(Fraction(11, 4), Fraction(3), "Anfall é")]


def test_several_stretches_are_a_file_with_gaps() -> None:
    gap = Fraction(12_345, 1000)
    found = read(edf_bytes(CHANNELS, [stretch(Fraction(0), 3), stretch(gap, 2)], start=START))
    assert found.fields[6] == "EDF+D"
    assert found.stamps == [Fraction(1, 4) + at for at in (0, 1, 2, gap, gap + 1)]


def test_a_stretch_is_filled_up_with_its_last_value() -> None:
    one = WrittenStretch(Fraction(0), (np.arange(300.0), np.array([95.0, 96.0])))
    found = read(edf_bytes(CHANNELS, [one], start=START))
    assert found.values[0].shape == (2, 256)
    assert found.values[0].ravel()[300:] == pytest.approx(np.full(212, 299.0), abs=0.01)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.floats(-5, 400).map(lambda value: round(value, 3)),
            st.one_of(st.none(), st.floats(0, 100).map(lambda value: round(value, 3))),
            st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=30),
        ),
        max_size=60,
    ),
    st.integers(1, 5),
)
def test_every_annotation_is_kept(texts: list[tuple[float, float | None, str]], seconds: int) -> None:
    annotations = [WrittenAnnotation(*one) for one in texts]
    expected = sorted((Fraction(str(onset)), text) for onset, _, text in texts)
    for channels, stretches in ((CHANNELS, [stretch(Fraction(0), seconds)]), ((), [])):
        found = read(edf_bytes(channels, stretches, annotations, start=START))
        kept = sorted((onset - Fraction(1, 4), text) for onset, _, text in found.annotations)
        assert kept == expected
        assert len(found.stamps) == (seconds if channels else 1)


def test_an_annotation_stands_in_the_record_where_it_begins() -> None:
    raw = edf_bytes(CHANNELS, [stretch(Fraction(0), 10)], [WrittenAnnotation(6.5, None, "here")], start=START)
    record_bytes = (len(raw) - 1024) // 10
    assert (raw.index(b"here") - 1024) // record_bytes == 6


def test_controls_in_a_text_cannot_break_the_list() -> None:
    raw = edf_bytes((), [], [WrittenAnnotation(1.0, None, "a\x14b\0c\x15d\ne")])
    assert read(raw).annotations == [(Fraction(1), None, "abcd e")]


def test_annotations_alone_have_records_without_duration() -> None:
    found = read(edf_bytes((), [], [WrittenAnnotation(n, None, f"note {n}") for n in range(3000)]))
    assert found.fields[8] == "0"
    assert found.fields[3:5] == ["01.01.85", "00.00.00"]
    assert found.fields[2] == "Startdate X X X X"
    assert len(found.annotations) == 3000


@pytest.mark.parametrize(
    ("year", "short"), [(1985, "01.02.85"), (2084, "01.02.84"), (2085, "01.02.yy"), (1984, "01.02.yy")]
)
def test_years(year: int, short: str) -> None:
    fields = read(edf_bytes((), [], start=datetime(year, 2, 1))).fields  # noqa: DTZ001
    assert fields[3] == short
    assert f"01-FEB-{year}" in fields[2]


def test_several_rates_share_a_record() -> None:
    rates = (Fraction(256), Fraction(25, 2), Fraction(1, 10))
    channels = [WrittenChannel(f"c{number}", rate) for number, rate in enumerate(rates)]
    values = tuple(np.arange(float(rate * 20)) for rate in rates)
    found = read(edf_bytes(channels, [WrittenStretch(Fraction(0), values)]))
    assert found.fields[7:9] == ["2", "10"]
    assert found.columns[8][:3] == ["2560", "125", "1"]
    for read_back, written in zip(found.values, values, strict=True):
        assert read_back.ravel() == pytest.approx(written, abs=0.1)
    with pytest.raises(UserError, match="do not fit"):
        edf_bytes([WrittenChannel("a", Fraction(1000, 97))], [])


@given(st.lists(st.floats(-9e6, 9e6), min_size=1, max_size=20))
def test_ranges_hold_every_value(values: list[float]) -> None:
    one = WrittenStretch(Fraction(0), (np.array(values),))
    found = read(edf_bytes([WrittenChannel("a", Fraction(len(values)))], [one]))
    low, high = float(found.columns[3][0]), float(found.columns[4][0])
    assert low <= min(values) <= max(values) <= high
    assert low < high
    assert np.abs(found.values[0].ravel() - values).max() <= (high - low) / 65535


def test_what_cannot_be_written_is_refused() -> None:
    with pytest.raises(UserError, match="too large"):
        edf_bytes(CHANNELS[:1], [WrittenStretch(Fraction(0), (np.array([1e9]),))])
    with pytest.raises(ValueError, match="not finite"):
        edf_bytes(CHANNELS[:1], [WrittenStretch(Fraction(0), (np.array([np.nan]),))])


def test_labels_are_ascii(tmp_path: Path) -> None:
    channel = WrittenChannel("Größe in µ und viel zu lang", Fraction(10), "µV", "HP:0.1Hz")
    write_edf(tmp_path / "a.edf", [channel], [WrittenStretch(Fraction(0), (np.zeros(10),))])
    found = read((tmp_path / "a.edf").read_bytes())
    assert found.columns[0][0] == "Gr??e in ? und v"
    assert found.columns[2][0] == "uV"
    assert found.columns[7][0] == "HP:0.1Hz"


def test_start_of_a_late_fraction() -> None:
    found = read(
        edf_bytes((), [], [WrittenAnnotation(1.0, None, "a")], start=START + timedelta(microseconds=1))
    )
    assert found.stamps == [Fraction(250_001, 1_000_000)]
    assert found.annotations[0][0] == Fraction(1_250_001, 1_000_000)
