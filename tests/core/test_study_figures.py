"""How well the models of a study answer its own recordings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.core.agreement.study_figures import ENOUGH, StudyFigure, study_figures
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity, person
from app.core.semiology import Answer, Presence
from app.core.study.edits import SetAnswer, SetBlindByDefault
from app.core.study.store import Study
from app.core.study.viewer import SealedFrom

ANA = person("Ana")
YES, NO, UNSEEN = Presence.YES, Presence.NO, Presence.NOT_ASSESSABLE
SEEN = SealedFrom((ANA,), until_decided=True)


def model(**details: str) -> ReaderIdentity:
    return ReaderIdentity(ReaderKind.MODEL, "m", "2", {"prompts": "a", **details})


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    with Study.open(tmp_path / "study", author="Ana") as opened:
        yield opened


OF_EACH: dict[str, Callable[[int], dict[str, str]]] = {
    "alike": lambda _number: {},
    "box": lambda number: {"patient": f"box {number}"},
    "span": lambda number: {"range": f"{number + 0.5}-{number + 9}"},
    "view": lambda number: {"view": ("turned 1", "mirrored", "turned 2, mirrored")[number % 3]},
    "camera": lambda number: {"picture": str(number % 2 + 1)},
}
"""What a model may be asked of one recording and not of another."""


def fill(study: Study, count: int, of_each: str = "alike") -> None:
    """`count` recordings, every other one clonic; the model says yes to the first half, and cannot judge one
    more."""
    for number in range(count + 1):
        recording = study.recording_without_video(f"{number}.mp4")
        right = YES if number % 2 else NO
        said = UNSEEN if number == count else YES if number < count // 2 else NO
        study.apply(SetAnswer(recording, ANA, Answer("clonic"), Answer("clonic", right)))
        reader = model(**OF_EACH[of_each](number))
        reading = Reading(
            RecordingIdentity(f"{number}.mp4", "", 0.0), reader, {"clonic": Answer("clonic", said)}
        )
        study.keep_reading(recording, reading)


def openly(study: Study) -> None:
    study.apply(SetBlindByDefault(study.settings().blind_by_default, False))


@pytest.mark.parametrize(("f1", "said"), [(None, "never says yes"), (0.0, "says yes in some")])
def test_where_nothing_is_to_be_found_no_score_is_given(f1: float | None, said: str) -> None:
    sentence = StudyFigure(20, 0, f1, 0.0).sentence
    assert said in sentence
    assert ".00" not in sentence


@pytest.mark.parametrize("of_each", OF_EACH)
def test_figures_come_with_enough_recordings_whatever_belongs_to_each(study: Study, of_each: str) -> None:
    openly(study)
    fill(study, ENOUGH, of_each)
    (figures,) = study_figures(study, SEEN, ANA).values()
    figure = figures["clonic"]
    reader = model(**OF_EACH[of_each](100)).anywhere
    assert study_figures(study, SEEN, ANA)[reader.key] == figures
    assert (figure.recordings, figure.positives) == (20, 10)
    assert figure.f1 == pytest.approx(0.5)
    assert figure.always_yes == pytest.approx(20 / 30)
    assert figure.sentence == (
        "In this study: F1 .50 (20 recordings, 10 with it); always saying yes scores .67 on the same ones. "
        "Always saying yes does as well."
    )


def test_too_few_recordings_give_none(study: Study) -> None:
    openly(study)
    fill(study, ENOUGH - 1)
    assert study_figures(study, SEEN, ANA)[model().anywhere.key] == {}


def test_what_is_sealed_does_not_count(study: Study) -> None:
    fill(study, ENOUGH)
    assert study.settings().blind_by_default
    assert study_figures(study, SEEN, ANA) == {}


def test_without_a_reference_there_is_nothing(study: Study) -> None:
    openly(study)
    assert study_figures(study, SEEN, ANA) == {}
