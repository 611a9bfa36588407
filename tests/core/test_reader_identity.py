"""What makes two readers the same one, and what tells their versions apart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.reading import ReaderIdentity, ReaderKind, person

MODEL = ReaderIdentity(
    ReaderKind.MODEL, "gemini", "1", {"model": "flash", "prompts": "a", "served": "flash-001"}
)
SIGNAL = ReaderIdentity(ReaderKind.SIGNAL, "signal", "1", {"rules": "a"})


@pytest.mark.parametrize(
    "other",
    [
        replace(MODEL, version="2"),
        replace(MODEL, details={**MODEL.details, "served": "flash-002"}),
        replace(MODEL, details={**MODEL.details, "program": "1.2"}),
    ],
)
def test_a_model_that_is_asked_the_same_is_the_same_reader(other: ReaderIdentity) -> None:
    assert MODEL.is_same(other)
    assert MODEL.exact_key != other.exact_key


@pytest.mark.parametrize(
    "other",
    [
        replace(MODEL, name="qwen"),
        replace(MODEL, details={**MODEL.details, "prompts": "b"}),
        replace(MODEL, kind=ReaderKind.PHANTOM),
        person("gemini"),
    ],
)
def test_a_model_that_is_asked_something_else_is_another_reader(other: ReaderIdentity) -> None:
    assert not MODEL.is_same(other)
    assert MODEL.exact_key != other.exact_key


def test_a_person_is_known_by_name_alone() -> None:
    later = replace(person("Ana"), version="2", details={"program": "3"})
    assert person("Ana").is_same(later)
    assert person("Ana").exact_key == later.exact_key == '["person","Ana"]'
    assert not person("Ana").is_same(person("ana"))


def test_a_later_version_of_the_signal_reader_is_the_same_one() -> None:
    later = replace(SIGNAL, version="2", details={"rules": "b"})
    assert SIGNAL.is_same(later)
    assert SIGNAL.exact_key == '["signal","signal","1",{"rules":"a"}]'
    assert SIGNAL.exact_key != later.exact_key
