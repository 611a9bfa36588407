"""Arms of an experiment are distinguished by words."""

from __future__ import annotations

import itertools

from app.core.reader_details import ARM, PROMPT_SET
from app.core.reader_names import name_readers
from app.core.reading import ReaderIdentity, ReaderKind


def _model(**details: str) -> ReaderIdentity:
    return ReaderIdentity(ReaderKind.MODEL, "m", "1", {"prompts": "a" * 63, "clips": "{}", **details})


def test_a_grid_of_arms_and_prompts_has_names_in_words() -> None:
    grid = itertools.product(("raw", "face crop"), ("expert", "plain"))
    readers = [
        _model(**{ARM: arm, PROMPT_SET: asked}, clips=f'{{"{arm}"}}', prompts="a" * 60 + asked)
        for arm, asked in grid
    ]
    assert [*name_readers(readers).values()] == [
        "m 1 (arm raw, prompt set expert)",
        "m 1 (arm raw, prompt set plain)",
        "m 1 (arm face crop, prompt set expert)",
        "m 1 (arm face crop, prompt set plain)",
    ]


def test_what_differs_only_in_long_settings_is_told_apart_without_numbers() -> None:
    readers = [_model(prompts="x" * 30), _model(prompts="x" * 31)]
    assert [*name_readers(readers).values()] == [f"m 1 (prompts {'x' * 30})", f"m 1 (prompts {'x' * 31})"]


def test_repeats_of_one_question_are_named_as_evaluation_knows_them() -> None:
    readers = [_model(**{ARM: arm}, **more) for arm in ("raw", "pose") for more in ({}, {"repeat": "2"})]
    names = ["m 1 (arm raw)#1", "m 1 (arm raw)#2", "m 1 (arm pose)#1", "m 1 (arm pose)#2"]
    assert [*name_readers(readers).values()] == names


def test_old_and_new_readings_of_one_reader_stay_one_reader() -> None:
    """The words say nothing that other details do not say: with and without them it is the same reader."""
    assert _model().is_same(_model(**{ARM: "raw", PROMPT_SET: "expert"}))
    assert not _model().is_same(_model(repeat="2"))
