"""Sentences of an explanation are tied to the times that they name, and to nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.readers.models.explained_times import explained_sentences
from app.core.readers.models.time_notation import TimeNotation
from app.core.semiology import Span

CLIP = Span(25.0, 55.0)


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("The left arm jerks at 12.5 seconds.", [(37.5, 37.5)]),
        ("The left arm jerks at <12.5 seconds>.", [(37.5, 37.5)]),
        ("It jerks at 00:12.5, then stops.", [(37.5, 37.5)]),
        ("It jerks at 12,500 ms and at 13000 ms.", [(37.5, 37.5), (38.0, 38.0)]),
        ("From 3 to 5 seconds the mouth chews.", [(28.0, 30.0)]),
        ("Between 3.0 and 5.0 s it chews.", [(28.0, 30.0)]),
        ("Chewing 00:03–00:05.", [(28.0, 30.0)]),
        ("<3.0 seconds>-<5.0 seconds> chewing.", [(28.0, 30.0)]),
        ("At 3 s and 5 s it jerks.", [(28.0, 28.0), (30.0, 30.0)]),
        ("It lasts for about 4 seconds.", []),
        ("It jerks for 4 seconds from 6 s on.", [(31.0, 31.0)]),
        ("It jerks at 3 Hz, every 0.3 seconds.", []),
        ("Two jerks and 3 blinks.", []),
        ("It jerks at 40 seconds.", []),
        ("The clip ends at 30.05 s.", [(55.0, 55.0)]),
        ("At 5 s until 2 s it is odd.", [(30.0, 30.0)]),
        ("At 12:75 nothing.", []),
    ],
)
def test_only_what_is_written_as_a_time_is_one(text: str, spans: list[tuple[float, float]]) -> None:
    (sentence,) = explained_sentences(text, CLIP)
    assert sentence.text == text
    found = [(round(span.start, 3), round(span.end, 3)) for span in sentence.spans]
    assert found == spans


def test_each_sentence_has_the_times_that_it_names() -> None:
    found = explained_sentences("The arm jerks at 2.5 s. The face is still.\nAt 4 s it stops.", CLIP)
    assert [one.text for one in found] == [
        "The arm jerks at 2.5 s.",
        "The face is still.",
        "At 4 s it stops.",
    ]
    assert [len(one.spans) for one in found] == [1, 0, 1]


@given(st.sampled_from(TimeNotation), st.integers(0, 300))
def test_every_family_is_understood_as_it_writes_times(notation: TimeNotation, tenths: int) -> None:
    text = f"It jerks at {notation.written(100 * tenths)} once."
    (sentence,) = explained_sentences(text, CLIP)
    assert [span.start for span in sentence.spans] == [pytest.approx(25 + tenths / 10)]


@given(st.text(st.sampled_from("0123456789:., –-<>sm to and\n.A"), max_size=200))
def test_whatever_is_written_times_lie_in_the_clip(text: str) -> None:
    for sentence in explained_sentences(text, CLIP):
        for span in sentence.spans:
            assert CLIP.start <= span.start <= span.end <= CLIP.end
