"""A request's JSON: as `json` writes it, media and all."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.core.readers.models.media_json import base64_text, data_url, json_bytes

plain_values = some.recursive(
    some.none()
    | some.booleans()
    | some.integers()
    | some.text()
    | some.floats(allow_nan=False, allow_infinity=False),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(), inner, max_size=4),
    max_leaves=12,
)
values = some.recursive(
    plain_values
    | some.binary(max_size=200).map(base64_text)
    | some.binary().map(lambda b: data_url("a/b", b)),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(), inner, max_size=4),
    max_leaves=12,
)


@given(some.dictionaries(some.text(), values, max_size=4))
def test_it_reads_as_the_body_that_was_written(body: dict[str, object]) -> None:
    assert json.loads(json_bytes(body)) == json.loads(json.dumps(body))


@pytest.mark.parametrize("size", [0, 1, 98_303, 98_304, 98_305, 300_000])
def test_media_of_any_size_are_whole(size: int) -> None:
    content = bytes(number % 251 for number in range(size))
    head, _, text = data_url("video/mp4", content).partition(",")
    assert head == "data:video/mp4;base64"
    assert base64.b64decode(text, validate=True) == content


def test_several_media_are_separated_by_commas() -> None:
    assert data_url("video/jpeg", b"one", b"two") == "data:video/jpeg;base64,b25l,dHdv"


def test_what_json_cannot_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        json_bytes({"temperature": float("nan"), "clip": base64_text(b"x")})
