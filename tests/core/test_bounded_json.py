"""JSON of somebody else's: whatever it holds, it is read in linear time or refused with a ValueError."""

from __future__ import annotations

import json
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.bounded_json import read_json

_TEXT = st.text(st.characters(exclude_categories=["Cs"]))
_NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
_VALUES = st.recursive(
    st.none() | st.booleans() | _NUMBERS | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=20,
)


@given(_VALUES, st.booleans())
def test_what_json_writes_is_read(value: object, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    assert read_json(text) == value
    assert read_json(text.encode()) == value


@given(st.text() | st.binary() | st.text('[]{}",:\\u0d8c 1e+-.'))
def test_anything_is_a_value_or_a_value_error(text: str | bytes) -> None:
    try:
        value = read_json(text)
    except ValueError:
        return
    json.dumps(value, allow_nan=False, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "[" * 100_000 + "]" * 100_000,
        '{"a":' * 5_000 + "1" + "}" * 5_000,
        "NaN",
        "[Infinity]",
        "-Infinity",
        "1e999",
        "9" * 5_000,
        "9223372036854775808",
        '"\\ud800"',
        '"\\udc00"',
        '"\\ud800\\n"',
        '"\\ud800x\\udc00"',
        '"\\ud800\\ud800\\udc00"',
        '"\ud800"',
        '{"a": 1, "a": 2}',
        "",
        "[1,]",
        b"\xff",
        b"\xef\xbb\xbf1",
        "1 2",
    ],
)
def test_what_no_program_of_ours_writes_is_refused(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        read_json(text)


def test_a_bracket_in_a_string_is_no_depth() -> None:
    assert read_json(json.dumps("[" * 1000)) == "[" * 1000
    assert read_json(json.dumps('\\"' + "[" * 1000)) == '\\"' + "[" * 1000


def test_the_bounds_are_the_callers() -> None:
    assert read_json("[[1]]", deepest=2, largest=5) == [[1]]
    with pytest.raises(ValueError, match="deeper"):
        read_json("[[1]]", deepest=1)
    with pytest.raises(ValueError, match="longer"):
        read_json("[[1]]", largest=4)
    assert read_json('{"a": 1, "a": 2}', duplicates=True) == {"a": 2}
    assert read_json('"\\ud83d\\ude00 \\\\ud800"') == "😀 \\ud800"


@pytest.mark.parametrize("unit", ['\\"', '"\\', "[],", '"",', '{"":', "\\ud83d\\ude00", "1", "-", '"\\\\'])
def test_time_is_linear(unit: str) -> None:
    """A quadratic reader would take minutes here."""
    begun = time.process_time()
    for text in (unit * (1 << 18), '"' + unit * (1 << 18), "[" + unit * (1 << 18)):
        with suppress(ValueError):
            read_json(text)
    assert time.process_time() - begun < 30


def test_parts_are_counted_outside_of_texts_and_not_to_the_end() -> None:
    assert read_json('["' + "," * 1000 + '", "\\",,,"]', most_parts=1) == ["," * 1000, '",,,']
    for many in ("[" + "1," * 1000 + "1]", "[" + '"a",' * 1000 + "1]", '{"a,": [1,2,3]}'):
        with pytest.raises(ValueError, match="more than 1 parts"):
            read_json(many, most_parts=1)
    assert read_json("[1,2]", most_parts=1) == [1, 2]
