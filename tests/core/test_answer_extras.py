"""How a confidence came about and how a side changes: kept, said, and malformed ones refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.core import semiology
from app.core.answer_words import (
    CONFIDENCE_LETTERS,
    CONFIDENCE_MEANINGS,
    CONFIDENCE_NAMES,
    confidence_words,
    side_words,
)
from app.core.errors import UserError
from app.core.reading import Reading, RecordingIdentity, answer_from_dict, answer_to_dict, person
from app.core.semiology import MOST_SIDES, Answer, ConfidenceKind, Laterality, Presence, SideFrom, Span
from app.core.study import rows
from app.core.study.edits import RateExplanation, SetAnswer, SetVerdict
from app.core.study.quick_answers import accepted
from app.core.study.rating import Particular, Rating, make_sheet
from app.core.study.store import Study
from app.core.study.verdict import verdict_of
from tests.core.study_cases import ANA, SIGNAL, Clip

BO = person("Bo")
LEFT, RIGHT = Laterality.LEFT, Laterality.RIGHT
CHANGING = Answer(
    "clonic",
    Presence.YES,
    80,
    (Span(12, 30),),
    LEFT,
    "left, then right",
    ConfidenceKind.REPEATS,
    (SideFrom(12, LEFT), SideFrom(25, RIGHT)),
)


def test_an_answer_is_the_same_after_json() -> None:
    assert answer_from_dict(json.loads(json.dumps(answer_to_dict(CHANGING)))) == CHANGING


def test_what_is_stated_is_written_as_ever() -> None:
    stated = CHANGING.with_confidence(80).with_side(LEFT)
    assert set(answer_to_dict(stated)) == {
        "feature", "presence", "confidence", "evidence", "laterality", "explanation",
    }  # fmt: skip
    assert answer_from_dict(answer_to_dict(stated)).confidence_kind is ConfidenceKind.STATED


@pytest.mark.parametrize(
    "extras",
    [
        {"confidence_kind": "guessed"},
        {"confidence_kind": 1},
        {"sides": "left"},
        {"sides": [{"start": 1, "laterality": "left"}]},
        {"sides": [{"start": 1, "laterality": "left"}, {"start": 2, "laterality": "left"}]},
        {"sides": [{"start": 2, "laterality": "left"}, {"start": 1, "laterality": "right"}]},
        {"sides": [{"start": 1, "laterality": "right"}, {"start": 2, "laterality": "left"}]},
        {"sides": [{"start": -1, "laterality": "left"}, {"start": 2, "laterality": "right"}]},
        {"sides": [{"start": 1}, {"start": 2, "laterality": "right"}]},
        {"sides": [1, 2]},
    ],
)
def test_malformed_extras_are_refused(extras: dict[str, Any]) -> None:
    bare = answer_to_dict(replace(CHANGING, sides=(), confidence_kind=ConfidenceKind.STATED))
    with pytest.raises(UserError):
        answer_from_dict({**bare, **extras})


def test_without_a_confidence_there_is_no_kind() -> None:
    assert Answer("clonic", confidence_kind=ConfidenceKind.TOKENS) == Answer("clonic")


def test_every_kind_is_said_in_words() -> None:
    assert set(CONFIDENCE_NAMES) == set(CONFIDENCE_MEANINGS) == set(CONFIDENCE_LETTERS) == set(ConfidenceKind)
    assert len(set(CONFIDENCE_NAMES.values())) == len(set(CONFIDENCE_LETTERS.values())) == len(ConfidenceKind)
    assert confidence_words(CHANGING) == "80 % of repeats"
    assert confidence_words(Answer("clonic")) == ""
    assert side_words(CHANGING) == "left, from 0:25 right"
    assert side_words(CHANGING.with_side(None)) == ""


def test_a_study_keeps_them_and_takes_them_back(tmp_path: Path) -> None:
    with Study.open(tmp_path / "clip.semioscope", author="Ana") as study:
        number = study.recording(Clip(tmp_path / "clip.mp4"))
        study.apply(SetAnswer(number, ANA, Answer("clonic"), CHANGING))
        assert study.reading(number, ANA, viewer=None).answer("clonic") == CHANGING
        stated = CHANGING.with_confidence(60)
        study.apply(SetAnswer(number, ANA, CHANGING, stated))
        assert study.reading(number, ANA, viewer=None).answer("clonic") == stated
        study.undo(number)
        assert study.reading(number, ANA, viewer=None).answer("clonic") == CHANGING
        assert study.verify_history() == ()


def test_of_too_many_sides_the_first_are_read_from_a_study(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They were written before there was a bound."""
    sides = tuple(SideFrom(float(n), (LEFT, RIGHT)[n % 2]) for n in range(MOST_SIDES + 200))
    first = replace(CHANGING, sides=sides[:MOST_SIDES])
    with Study.open(tmp_path / "clip.semioscope", author="Ana") as study:
        number = study.recording(Clip(tmp_path / "clip.mp4"))
        with monkeypatch.context() as earlier:
            earlier.setattr(semiology, "MOST_SIDES", 2 * MOST_SIDES)
            many = replace(CHANGING, sides=sides)
            study.keep_reading(number, Reading(RecordingIdentity("clip.mp4", "", 60.0), BO, {"clonic": many}))
            study.apply(SetAnswer(number, ANA, Answer("clonic"), many))
        assert study.reading(number, BO, viewer=None).answer("clonic") == first
        assert study.reading(number, ANA, viewer=None).answer("clonic") == first
        assert [one for one in study.faults() if "only its beginning is used" in one] == [
            f"The answer to “clonic” of “{name}” in recording 1 in this study is longer than can be shown: "
            "only its beginning is used."
            for name in ("Bo", "Ana")
        ]
        assert study.verify_history() == ()
        changed = SetVerdict(number, ANA, "clonic", verdict_of(first), verdict_of(Answer("clonic")))
        study.apply(changed)
        study.undo(number)
        assert study.reading(number, ANA, viewer=None).answer("clonic") == first
        study.undo(number)
        assert study.reading(number, ANA, viewer=None).answer("clonic") == Answer("clonic")
        study.redo(number)
        assert study.reading(number, ANA, viewer=None).answer("clonic") == first
        assert study.verify_history() == ()


def test_a_verdict_with_too_many_sides_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sides = tuple(SideFrom(float(n), (LEFT, RIGHT)[n % 2]) for n in range(MOST_SIDES + 1))
    with Study.open(tmp_path / "clip.semioscope", author="Ana") as study:
        number = study.recording(Clip(tmp_path / "clip.mp4"))
        with monkeypatch.context() as earlier:
            earlier.setattr(semiology, "MOST_SIDES", 2 * MOST_SIDES)
            many = verdict_of(replace(CHANGING, sides=sides))
            study.apply(SetVerdict(number, ANA, "clonic", verdict_of(Answer("clonic")), many))
        assert study.verify_history() == ()
        study.undo(number)
        assert study.reading(number, ANA, viewer=None).answer("clonic") == Answer("clonic")


def test_of_too_many_spans_the_first_are_read_from_a_study(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spans = tuple(Span(float(n), n + 0.5) for n in range(5))
    with Study.open(tmp_path / "clip.semioscope", author="Ana") as study:
        number = study.recording(Clip(tmp_path / "clip.mp4"))
        study.apply(SetAnswer(number, ANA, Answer("clonic"), Answer("clonic", Presence.YES, evidence=spans)))
        for module in (semiology, rows):
            monkeypatch.setattr(module, "MOST_SPANS", 3)
        assert study.reading(number, ANA, viewer=None).answer("clonic").evidence == spans[:3]
        assert any("only its beginning is used" in one for one in study.faults())


def test_the_history_says_how_a_confidence_came_about(tmp_path: Path) -> None:
    text = SetAnswer.describe(answer_to_dict(CHANGING))
    assert "80 % of repeats" in text
    assert "left, then right" in text


def test_an_accepted_suggestion_brings_how_its_side_changes() -> None:
    mine = accepted(Answer("clonic", confidence=90), CHANGING)
    assert (mine.laterality, mine.sides) == (LEFT, CHANGING.sides)
    assert (mine.confidence, mine.confidence_kind) == (90, ConfidenceKind.STATED)
    assert mine.with_side(RIGHT).sides == ()


def test_a_rating_is_kept_with_its_sheet(tmp_path: Path) -> None:
    sheet = make_sheet({Particular.RHYTHM: False, Particular.PART: True})
    assert [particular for particular, _holds in sheet] == [Particular.PART, Particular.RHYTHM]
    with pytest.raises(ValueError, match="order"):
        Rating(3, "", tuple(reversed(sheet)))
    with Study.open(tmp_path / "clip.semioscope", author="Ana") as study:
        number = study.recording(Clip(tmp_path / "clip.mp4"))
        study.apply(SetAnswer(number, SIGNAL, Answer("clonic"), CHANGING))
        rate = RateExplanation(number, SIGNAL, "clonic", ANA, None, Rating(4, "", sheet))
        study.apply(rate)
        study.apply(RateExplanation(number, SIGNAL, "clonic", ANA, Rating(4, "", sheet), Rating(4)))
        study.undo(number)
        (kept,) = study.ratings(viewer=None)
        assert kept.rating == Rating(4, "", sheet)
        assert study.verify_history() == ()
    assert RateExplanation.describe({"score": 4, "note": "", "sheet": {"side": False}}) == "4 of 5 (side no)"
