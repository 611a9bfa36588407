"""How a side changes is kept when several sources of one answer are joined, or contradicts the others."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest

from app.core.exchange.join_labels import join_labels
from app.core.exchange.label_joins import propose_joins
from app.core.exchange.said_answers import SaidAnswer, join_answers
from app.core.semiology import Answer, Laterality, Presence, SideFrom, Span
from app.core.study.edits import SetAnswer
from app.core.study.store import Study
from app.core.study.viewer import SealedFrom
from tests.core.study_cases import ANA, Clip

LEFT, RIGHT = Laterality.LEFT, Laterality.RIGHT
CHANGING = Answer(
    "clonic", Presence.YES, 80, (Span(12, 30),), LEFT, sides=(SideFrom(12, LEFT), SideFrom(25, RIGHT))
)
OTHERWISE = replace(CHANGING, sides=(SideFrom(12, LEFT), SideFrom(20, RIGHT)))


@pytest.mark.parametrize(
    "said",
    [
        (CHANGING, CHANGING),
        (CHANGING, CHANGING.with_side(LEFT)),
        (CHANGING, CHANGING.with_side(None)),
        (CHANGING, Answer("clonic", Presence.YES, laterality=LEFT), Answer("clonic", explanation="")),
    ],
)
def test_sources_that_agree_keep_how_the_side_changes(said: tuple[Answer, ...]) -> None:
    for order in permutations(said):
        (one,) = join_answers([SaidAnswer(answer, str(place)) for place, answer in enumerate(order)])
        assert (one.answer.laterality, one.answer.sides) == (LEFT, CHANGING.sides)


@pytest.mark.parametrize("other", [OTHERWISE, Answer("clonic", Presence.YES, 80, (Span(40, 50),), RIGHT)])
def test_a_side_that_changes_in_another_way_contradicts(other: Answer) -> None:
    for order in permutations((CHANGING, other)):
        joined = join_answers([SaidAnswer(answer, str(place)) for place, answer in enumerate(order)])
        assert [one.answer for one in joined] == list(order)


def test_labels_that_are_joined_with_their_video_keep_how_the_side_changes(tmp_path: Path) -> None:
    with Study.open(tmp_path / "s.semioscope", author="Ward") as study:
        numbers = study.recording_without_video("a"), study.recording(Clip(tmp_path / "a.mp4"))
        for number in numbers:
            study.apply(SetAnswer(number, ANA, Answer("clonic"), CHANGING))
        (join,) = propose_joins(study).joins
        join_labels(study, SealedFrom(()), join)
        assert study.reading(numbers[1], ANA, viewer=None).answer("clonic") == CHANGING
