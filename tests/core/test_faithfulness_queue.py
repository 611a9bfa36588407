"""The queue of explanations of a real study: what is in it, that it stays, and what its ratings say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app import cli
from app.core.agreement import study_readings
from app.core.agreement.comparison import compare
from app.core.agreement.faithfulness import AnswerOutcome
from app.core.agreement.rating_queue import RatingQueue, build_rating_queue, find_unrated, summarise_ratings
from app.core.errors import UserError
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity
from app.core.semiology import Answer, Presence
from app.core.study.consensus import CONSENSUS
from app.core.study.edits import Decide, Decision, LockReading, RateExplanation, SetAnswer, SetBlindByDefault
from app.core.study.rating import Rating
from app.core.study.store import Study
from app.core.study.viewer import SealedFrom
from tests.core.study_cases import ANA, Clip

YES, NO = Presence.YES, Presence.NO
MODEL = ReaderIdentity(ReaderKind.MODEL, "gemini", "1", {"mode": "grouped"})
BO = ReaderIdentity(ReaderKind.PERSON, "Bo", "1")


def add(study: Study, number: int, *, name: str = "") -> int:
    """A recording in which the model is right about clonic (yes in the first three) and wrong about tonic."""
    clip = Clip(study.folder.parent / str(number) / (name or f"{number}.mp4"), f"{number:064}")
    recording = study.recording(clip)
    right = YES if number < 3 else NO
    for feature, answer in (("clonic", right), ("tonic", YES)):
        study.apply(SetAnswer(recording, ANA, Answer(feature), Answer(feature, answer)))
    said = {
        "clonic": Answer("clonic", right, 80, (), None, f"arm {number}"),
        "tonic": Answer("tonic", NO, 80, (), None, "nothing stiff"),
    }
    study.keep_reading(recording, Reading(RecordingIdentity(clip.name, "", 60.0), MODEL, said))
    return recording


NOBODY = SealedFrom(())
"""For whom nothing is sealed."""


@pytest.fixture
def study(tmp_path: Path) -> Study:
    study = Study.open(tmp_path / "ward", author="Ana")
    for number in range(9):
        add(study, number)
    return study


def queue_of(study: Study, viewer: SealedFrom = NOBODY) -> RatingQueue:
    found = study_readings.visible_recordings(study, viewer)
    return build_rating_queue(
        found,
        study_readings.possible_references(found)["Ana"],
        study_readings.explaining_readers(found)["gemini"],
    )


def rate(study: Study, found: RatingQueue, place: int, score: int, by: ReaderIdentity = ANA) -> None:
    about = found.items[place].explained
    study.apply(RateExplanation(about.recording_id, about.reader, about.feature, by, None, Rating(score)))


def test_true_positives_and_as_many_true_negatives_each_where_it_is(study: Study) -> None:
    found = queue_of(study)
    assert [item.outcome for item in found.items].count(AnswerOutcome.TRUE_POSITIVE) == 3
    assert [item.outcome for item in found.items].count(AnswerOutcome.TRUE_NEGATIVE) == 3
    for item in found.items:
        assert item.explained.feature == "clonic"
        assert item.recording == f"{item.explained.recording_id - 1}.mp4"
        assert item.explanation == f"arm {item.explained.recording_id - 1}"


def test_the_queue_is_the_same_tomorrow_and_hardly_moves_when_recordings_come(study: Study) -> None:
    before = queue_of(study)
    folder = study.folder
    study.close()
    with Study.open(folder, author="Ana") as again:
        assert queue_of(again) == before
        add(again, 20)
        former = {item.explained.recording_id for item in before.items}
        now = {item.explained.recording_id for item in queue_of(again).items}
        # The new one is a true negative: it takes the place of one that was drawn, or of none.
        assert len(former - now) <= 1


def test_recordings_of_one_name_are_two_recordings(study: Study) -> None:
    add(study, 1000, name="0.mp4")
    found = study_readings.visible_recordings(study, NOBODY)
    readers = study_readings.possible_references(found) | study_readings.explaining_readers(found)
    assert compare(readers["Ana"], readers["gemini"]).recordings == 10
    assert {item.outcome for item in queue_of(study).items} == set(AnswerOutcome)


def test_what_is_rated_is_done_until_the_explanation_is_another_one(study: Study) -> None:
    found = queue_of(study)
    assert find_unrated(study, found, ANA) == frozenset(range(6))
    rate(study, found, 2, 4)
    rate(study, found, 3, 2, by=BO)
    assert find_unrated(study, found, ANA) == frozenset({0, 1, 3, 4, 5})
    about = found.items[2].explained
    changed = {"clonic": Answer("clonic", YES, 80, (), None, "leg")}
    study.keep_reading(about.recording_id, Reading(RecordingIdentity("x", "", 60.0), MODEL, changed))
    assert 2 in find_unrated(study, found, ANA)


def test_only_ratings_of_the_queue_that_still_stand_are_counted(study: Study) -> None:
    found = queue_of(study)
    for place, score in enumerate((1, 2, 3, 4, 5)):
        rate(study, found, place, score)
    outside = found.items[0].explained
    study.apply(RateExplanation(outside.recording_id, MODEL, "tonic", ANA, None, Rating(5)))
    said = summarise_ratings(found, study.ratings(viewer=None))
    assert list(said.features) == ["clonic"]
    assert said.overall.distribution == {1: 1, 2: 1, 3: 1, 4: 1, 5: 1}
    assert said.overall.faithful.value == pytest.approx(0.6)
    assert said.overall.faithful.low is not None
    assert sum(each.faithful.n for each in said.outcomes.values()) == 5
    assert (said.outside, said.outdated) == (1, 0)


def test_nothing_that_is_sealed_is_in_the_queue(study: Study) -> None:
    study.apply(SetBlindByDefault(study.settings().blind_by_default, True))
    found = study_readings.visible_recordings(study, SealedFrom((ANA,)))
    assert study_readings.explaining_readers(found) == {}
    assert all(each.sealed for each in found)
    study.apply(LockReading(1, ANA))
    study.reveal(1, ANA)
    assert {item.explained.recording_id for item in queue_of(study, SealedFrom((ANA,))).items} == {1}


def test_the_reference_is_the_studys_then_the_consensus_then_the_person(study: Study) -> None:
    judges = study_readings.possible_references(study_readings.visible_recordings(study, NOBODY))
    assert study_readings.default_reference(judges, None) == "Ana"
    study.apply(SetAnswer(1, BO, Answer("tonic"), Answer("tonic", NO)))
    judges = study_readings.possible_references(study_readings.visible_recordings(study, NOBODY))
    assert study_readings.default_reference(judges, None) is None
    assert study_readings.default_reference(judges, None, ANA) == "Ana"
    study.apply(Decide(1, Decision(Answer("tonic")), Decision(Answer("tonic", NO))))
    judges = study_readings.possible_references(study_readings.visible_recordings(study, NOBODY))
    assert study_readings.default_reference(judges, None, ANA) == "Ana", "one decision is no reference"
    for recording in range(2, 10):
        study.apply(Decide(recording, Decision(Answer("tonic")), Decision(Answer("tonic", NO))))
    judges = study_readings.possible_references(study_readings.visible_recordings(study, NOBODY))
    assert study_readings.default_reference(judges, None, ANA) == CONSENSUS.name
    assert study_readings.default_reference(judges, BO, ANA) == "Bo"
    with pytest.raises(UserError, match="no reader called “Eva”"):
        study_readings.find_reader(judges, "Eva", "reader")


def test_the_command_line_tells_the_same(study: Study, capsys: pytest.CaptureFixture[str]) -> None:
    found = queue_of(study)
    for place, score in enumerate((1, 4, 5)):
        rate(study, found, place, score)
    folder = study.folder
    study.close()
    assert cli.main(["agreement", str(folder), "--faithfulness", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["format"] == "semioscope-faithfulness/1"
    assert (told["reader"], told["reference"], told["raters"]) == (
        "gemini",
        "Ana",
        ["Ana"],
    )
    assert told["queue"] == 6
    assert told["overall"]["faithful"]["value"] == pytest.approx(2 / 3)
    assert told["features"]["clonic"]["distribution"] == {"1": 1, "2": 0, "3": 0, "4": 1, "5": 1}
    assert cli.main(["agreement", str(folder), "--faithfulness"]) == 0
    assert "67%" in capsys.readouterr().out
    assert cli.main(["agreement", str(folder), "--faithfulness", "--rater", "ana"]) == 0
    assert "rated by Ana" in capsys.readouterr().out
    assert cli.main(["agreement", str(folder), "--faithfulness", "--rater", "Nobody"]) == 1
    assert "no human reader “Nobody”; it has Ana." in capsys.readouterr().err
    assert cli.main(["agreement", str(folder), "--faithfulness", "--reader", "x"]) == 1
    assert "There are: gemini" in capsys.readouterr().err
