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
    assert not MODEL.is_same_version(other)


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
    assert not MODEL.is_same_version(other)


def test_a_person_is_known_by_name_alone() -> None:
    later = replace(person("Ana"), version="2", details={"program": "3"})
    assert person("Ana").is_same(later)
    assert person("Ana").exact_key == later.exact_key == '["person","Ana"]'
    assert person("Ana").is_same_version(later)
    assert not person("Ana").is_same(person("ana"))


def test_a_later_version_of_the_signal_reader_is_the_same_one() -> None:
    later = replace(SIGNAL, version="2", details={"rules": "b"})
    assert SIGNAL.is_same(later)
    assert SIGNAL.exact_key == '["signal","signal","1",{"rules":"a"}]'
    assert not SIGNAL.is_same_version(later)
    assert SIGNAL.is_same_version(replace(SIGNAL, details={"rules": "a"}))


OF_ONE = {"patient": "[1]", "picture": "2", "view": "turned 1, mirrored", "stretches": "[[0,1]]"}


@pytest.mark.parametrize("part", [None, "event:10", "event:5", "60-120"])
def test_what_belongs_to_a_recording_makes_no_other_reader(part: str | None) -> None:
    asked = {} if part is None else {"range": part}
    one = replace(MODEL, details={**MODEL.details, **asked})
    other = replace(MODEL, details={**one.details, **OF_ONE})
    assert one.anywhere == other.anywhere
    assert one.anywhere.exact_key == other.anywhere.exact_key
    assert other.exact_key != one.exact_key, "studies keep both, and what is stored is found by its own key"
    assert not one.is_same(other), "of one recording they are two readings"


def test_a_chosen_span_is_one_question_and_the_whole_and_the_event_are_others() -> None:
    ranges = ("0.5-1.5", "60-120", "event:10", "event:5", None)
    readers = [replace(MODEL, details={**MODEL.details, **({"range": one} if one else {})}) for one in ranges]
    first, second, *others = (one.anywhere.key for one in readers)
    assert first == second
    assert len({first, *others}) == 4


def test_only_models_are_asked_about_recordings() -> None:
    for one in (SIGNAL, person("Ana")):
        assert one.anywhere is one
