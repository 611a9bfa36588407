"""The file format of a reading: what is written comes back, and nothing else gets in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import UserError
from app.core.reading import (
    FORMAT,
    ReaderIdentity,
    ReaderKind,
    Reading,
    RecordingIdentity,
    from_dict,
    from_json,
    to_dict,
    to_json,
)
from app.core.semiology import FEATURES, Answer, Laterality, Presence, Span

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
_SECONDS = st.floats(0, 1e6, allow_nan=False)
_SPAN = st.tuples(_SECONDS, _SECONDS).map(lambda pair: Span(min(pair), max(pair)))


def answers(feature: str) -> st.SearchStrategy[Answer]:
    """Any answer to a feature."""
    return st.builds(
        Answer,
        st.just(feature),
        st.none() | st.sampled_from(Presence),
        st.none() | st.integers(0, 100),
        st.lists(_SPAN, max_size=4).map(tuple),
        st.none() | st.sampled_from(Laterality),
        _TEXT,
    )


READINGS = st.builds(
    Reading,
    st.builds(RecordingIdentity, _TEXT, _TEXT, _SECONDS),
    st.builds(ReaderIdentity, st.sampled_from(ReaderKind), _TEXT, _TEXT, st.dictionaries(_TEXT, _TEXT)),
    st.fixed_dictionaries({feature.id: answers(feature.id) for feature in FEATURES}),
)


def _valid() -> dict[str, Any]:
    return {
        "format": FORMAT,
        "recording": {"name": "a.mp4", "sha256": "00", "duration": 60.0},
        "reader": {"kind": "model", "name": "m", "version": "1"},
        "answers": [
            {
                "feature": "clonic",
                "presence": "yes",
                "confidence": 87,
                "evidence": [{"start": 12.4, "end": 31.0}],
                "laterality": "left",
                "explanation": "3 Hz",
            }
        ],
    }


@given(READINGS)
def test_a_reading_comes_back_from_its_file(reading: Reading) -> None:
    text = to_json(reading)
    assert from_json(text) == reading
    assert json.loads(text.encode("utf-8")) == to_dict(reading)


def test_all_20_features_are_written_also_the_unanswered_ones() -> None:
    reading = from_dict(_valid())
    written = json.loads(to_json(reading))["answers"]
    assert [row["feature"] for row in written] == [feature.id for feature in FEATURES]
    assert reading.answer("tonic") == Answer("tonic")
    assert next(row for row in written if row["feature"] == "tonic")["presence"] is None


def test_a_file_name_that_is_no_text_can_be_written() -> None:
    reading = Reading(
        RecordingIdentity("clip\udcff.mp4", "", 1.0), ReaderIdentity(ReaderKind.PERSON, "Ana", "1"), {}
    )
    assert from_json(to_json(reading).encode("utf-8").decode("utf-8")).recording.name == "clip?.mp4"


def test_what_may_be_left_out_and_what_is_ignored() -> None:
    data = _valid()
    data["answers"] = [{"feature": "tonic"}]
    data["later"] = {"more": 1}
    data["reader"]["details"] = {"model": "x", "seed": 3}
    reading = from_dict(data)
    assert reading.answers == {"tonic": Answer("tonic")}
    assert reading.reader.details == {"model": "x", "seed": "3"}


def _with(*path: str | int, value: object) -> dict[str, Any]:
    data = _valid()
    place: Any = data
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return data


_ANSWER = ("answers", 0)

_BAD: list[tuple[str, object]] = [
    ("not an object", []),
    ("null", None),
    ("another format", _with("format", value="semioscope-reading/2")),
    ("no recording", _with("recording", value=None)),
    ("duration as text", _with("recording", "duration", value="60")),
    ("duration true", _with("recording", "duration", value=True)),
    ("duration negative", _with("recording", "duration", value=-1)),
    ("duration too large", _with("recording", "duration", value=10**400)),
    ("name a number", _with("recording", "name", value=3)),
    ("name half a character", _with("recording", "name", value="\ud800")),
    ("unknown kind", _with("reader", "kind", value="oracle")),
    ("details a list", _with("reader", "details", value=[1])),
    ("details half a character", _with("reader", "details", value={"a": "\udfff"})),
    ("answers an object", _with("answers", value={})),
    ("an answer as text", _with("answers", value=["clonic"])),
    ("unknown feature", _with(*_ANSWER, "feature", value="sneezing")),
    ("feature a list", _with(*_ANSWER, "feature", value=[])),
    ("unknown presence", _with(*_ANSWER, "presence", value="maybe")),
    ("presence a list", _with(*_ANSWER, "presence", value=["yes"])),
    ("presence false", _with(*_ANSWER, "presence", value=False)),
    ("unknown side", _with(*_ANSWER, "laterality", value="up")),
    ("confidence too high", _with(*_ANSWER, "confidence", value=101)),
    ("confidence negative", _with(*_ANSWER, "confidence", value=-1)),
    ("confidence a share", _with(*_ANSWER, "confidence", value=0.87)),
    ("confidence true", _with(*_ANSWER, "confidence", value=True)),
    ("evidence null", _with(*_ANSWER, "evidence", value=None)),
    ("a span of numbers", _with(*_ANSWER, "evidence", value=[[1, 2]])),
    ("a span without end", _with(*_ANSWER, "evidence", value=[{"start": 1}])),
    ("a span backwards", _with(*_ANSWER, "evidence", value=[{"start": 3, "end": 1}])),
    ("a span before the start", _with(*_ANSWER, "evidence", value=[{"start": -1, "end": 1}])),
    ("a span as text", _with(*_ANSWER, "evidence", value=[{"start": "1:30", "end": "1:40"}])),
    ("a span too far", _with(*_ANSWER, "evidence", value=[{"start": 0, "end": 10**999}])),
    ("explanation null", _with(*_ANSWER, "explanation", value=None)),
    ("explanation half a character", _with(*_ANSWER, "explanation", value="\ud83d")),
    ("a feature twice", _with("answers", value=[{"feature": "tonic"}, {"feature": "tonic"}])),
]


@pytest.mark.parametrize("data", [row[1] for row in _BAD], ids=[row[0] for row in _BAD])
def test_what_is_not_a_reading_is_refused_in_one_sentence(data: object) -> None:
    with pytest.raises(UserError) as told:
        from_dict(data)
    sentence = str(told.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "not json",
        "[" * 100_000,
        '{"format": NaN}',
        '{"format": "a", "format": "b"}',
        "\ufeff{}",
        "9" * 5000,
    ],
)
def test_what_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(UserError):
        from_json(text)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("clonic"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.sampled_from(
        [
            ("format",),
            ("recording",),
            ("reader",),
            ("answers",),
            *((*_ANSWER, key) for key in _valid()["answers"][0]),
            (*_ANSWER, "evidence", 0),
            (*_ANSWER, "evidence", 0, "start"),
        ]
    ),
    _JSON,
)
def test_any_value_anywhere_is_read_or_refused(path: tuple[str | int, ...], value: object) -> None:
    try:
        reading = from_dict(_with(*path, value=value))
    except UserError:
        return
    assert to_dict(from_json(to_json(reading))) == to_dict(reading)
