"""Annotations on the recording's clock: which are listed, by text, kind and time; plain and bounded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.eeg.annotation_search import (
    LONGEST_TEXT,
    AnnotationFilter,
    AnnotationKind,
    kind_of,
    list_annotations,
)
from app.core.eeg.eeg_recording import Annotation
from app.core.eeg.sync import Sync

SECOND = 10**9
LATER = Sync(-100.0, 1e-5)
NOTES = (
    Annotation(100 * SECOND, None, "Video start"),
    Annotation(130 * SECOND, 20 * SECOND, "Seizure\x1b[31m onset\nleft"),
    Annotation(200 * SECOND, 0, "Montage: bipolar", "EEG Fp1"),
    Annotation(300 * SECOND, None, "moves the left arm"),
)


def test_annotations_are_on_the_recordings_clock_and_plain() -> None:
    rows = list_annotations(NOTES, LATER).rows
    assert [row.start for row in rows] == [LATER.to_recording(one.onset) for one in NOTES]
    assert rows[1].end == pytest.approx(LATER.to_recording(150.0))
    assert rows[1].text == "Seizure[31m onset left"
    assert rows[0].end is None
    assert rows[2].channel == "EEG Fp1"
    assert [row.kind for row in rows] == [
        AnnotationKind.VIDEO,
        AnnotationKind.SEIZURE,
        AnnotationKind.TECHNICAL,
        AnnotationKind.OTHER,
    ]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (AnnotationFilter(text=" LEFT "), [1, 3]),
        (AnnotationFilter(text="["), [1]),
        (AnnotationFilter(kinds=frozenset({AnnotationKind.VIDEO, AnnotationKind.OTHER})), [0, 3]),
        (AnnotationFilter(start=45.0, end=150.0), [1, 2]),
        (AnnotationFilter(start=51.0), [2, 3]),
        (AnnotationFilter(text="left", end=60.0), [1]),
        (AnnotationFilter(text="nothing"), []),
    ],
)
def test_a_filter_lets_through_what_it_names(wanted: AnnotationFilter, found: list[int]) -> None:
    rows = list_annotations(NOTES, LATER, wanted).rows
    assert [row.start for row in rows] == [LATER.to_recording(NOTES[number].onset) for number in found]


def test_half_a_million_are_counted_and_the_first_are_listed() -> None:
    notes = [Annotation(number, None, "x" * 1000) for number in range(500_000)]
    found = list_annotations(notes, Sync(0.0), most=10)
    assert (len(found.rows), found.more) == (10, 499_990)
    assert len(found.rows[0].text) == LONGEST_TEXT


@given(st.text(max_size=400))
def test_any_text_is_listed_on_one_plain_line(text: str) -> None:
    (row,) = list_annotations([Annotation(0, None, text)], Sync(0.0)).rows
    assert "\n" not in row.text
    assert row.text.isprintable() or not row.text.isascii()
    assert len(row.text) <= LONGEST_TEXT
    assert kind_of(text) is row.kind
