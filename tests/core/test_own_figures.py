"""How well the models of a study answer its own recordings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.agreement.own_figures import ENOUGH, own_figures, question_key
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


def fill(study: Study, count: int, *, box: bool = False) -> None:
    """`count` recordings, every other one clonic; the model says yes to the first half, and cannot judge one
    more."""
    for number in range(count + 1):
        recording = study.recording_without_video(f"{number}.mp4")
        right = YES if number % 2 else NO
        said = UNSEEN if number == count else YES if number < count // 2 else NO
        study.apply(SetAnswer(recording, ANA, Answer("clonic"), Answer("clonic", right)))
        reader = model(**({"patient": f"box {number}"} if box else {}))
        reading = Reading(
            RecordingIdentity(f"{number}.mp4", "", 0.0), reader, {"clonic": Answer("clonic", said)}
        )
        study.keep_reading(recording, reading)


def openly(study: Study) -> None:
    study.apply(SetBlindByDefault(study.settings().blind_by_default, False))


@pytest.mark.parametrize("box", [False, True])
def test_figures_come_with_enough_recordings_whosever_box_was_drawn(study: Study, *, box: bool) -> None:
    openly(study)
    fill(study, ENOUGH, box=box)
    figure = own_figures(study, SEEN, ANA)[question_key(model())]["clonic"]
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
    assert own_figures(study, SEEN, ANA)[question_key(model())] == {}


def test_what_is_sealed_does_not_count(study: Study) -> None:
    fill(study, ENOUGH)
    assert study.settings().blind_by_default
    assert own_figures(study, SEEN, ANA) == {}


def test_a_model_that_is_asked_something_else_is_another_one() -> None:
    assert question_key(model()) == question_key(model(view="mirrored", patient="x", served="m-1"))
    assert question_key(model()) != question_key(model(prompts="b"))
    assert question_key(model()) != question_key(model(range="event:10"))


def test_without_a_reference_there_is_nothing(study: Study) -> None:
    openly(study)
    assert own_figures(study, SEEN, ANA) == {}
