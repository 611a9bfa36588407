"""Decisions from when programs took part: their spans are marked, and that is said of results."""

from __future__ import annotations

import pytest

from app import cli
from app.core.reading import Reading, RecordingIdentity
from app.core.semiology import Answer, Span
from app.core.study.consensus import CONSENSUS
from app.core.study.consensus_words import again_words, dispute_cells, full_answers
from app.core.study.edits import SetAnswer, SetPeopleOnly
from app.core.study.store import Study
from tests.core.study_cases import ANA, SIGNAL
from tests.core.test_consensus_voters import (
    BO,
    LEFT,
    MEASURED,
    NO,
    SEEN,
    YES,
    _study,
    consensus,
    decide,
    keep_agreed,
    say,
)

__all__ = ["_study"]


def with_programs(study: Study, on: bool) -> None:
    study.apply(SetPeopleOnly(before=on, after=not on))


def beyond(study: Study) -> list[str]:
    return [one.feature for one in consensus(study).disputes() if one.beyond_people]


@pytest.fixture(name="older")
def _older(study: Study) -> Study:
    """Clonic was decided with what the signal reader measured; since then people alone decide."""
    with_programs(study, True)
    assert decide(study, "clonic", YES) == Answer("clonic", YES, None, (MEASURED,), LEFT)
    with_programs(study, False)
    return study


def test_a_decision_with_spans_of_a_program_is_marked_until_it_is_decided_again(older: Study) -> None:
    assert beyond(older) == ["clonic"]
    (dispute,) = consensus(older).disputes()
    assert dispute_cells(dispute)[2] == "✓ yes, program's spans"
    assert full_answers(dispute).endswith("the decision has spans that no person marked")
    assert "no person marked: 1;" in again_words([dispute])
    with_programs(older, True)
    assert beyond(older) == [], "there programs decide too"
    with_programs(older, False)
    decide(older, "clonic", YES)
    assert beyond(older) == []
    assert again_words(consensus(older).disputes()) == ""
    older.undo(1)
    assert beyond(older) == ["clonic"]


def test_it_is_marked_where_nothing_else_is_to_be_decided(older: Study) -> None:
    say(older, consensus(older).voters[1].reader, Answer("clonic", YES))
    decide(older, "clonic", None)
    with_programs(older, True)
    decide(older, "clonic", YES)
    with_programs(older, False)
    (dispute,) = consensus(older).disputes()
    assert (dispute.differs, dispute.changed, dispute.beyond_people) == (False, False, True)


def test_spans_that_a_person_marked_by_then_are_theirs(study: Study) -> None:
    with_programs(study, True)
    say(study, ANA, Answer("clonic", YES, None, (Span(2, 10),)))
    decide(study, "clonic", YES)
    with_programs(study, False)
    assert beyond(study) == []
    say(study, ANA, Answer("clonic", YES, None, (SEEN,)))
    assert beyond(study) == [], "Ana had marked all of it when it was decided"
    decide(study, "clonic", None)
    with_programs(study, True)
    decide(study, "clonic", YES)
    with_programs(study, False)
    assert beyond(study) == ["clonic"], "only a part of it is Ana's"
    say(study, ANA, Answer("clonic", YES, None, (Span(2, 10),)))
    assert beyond(study) == ["clonic"], "what was marked after the decision is not what it was made from"


def test_what_a_program_said_when_it_was_decided_counts(older: Study) -> None:
    again = {"clonic": Answer("clonic", NO, 60)}
    older.keep_reading(1, Reading(RecordingIdentity("", "", 0.0), SIGNAL, again))
    assert beyond(older) == ["clonic"]


def test_what_was_decided_elsewhere_is_not_marked(study: Study) -> None:
    imported = Answer("clonic", YES, None, (Span(30, 40),))
    study.apply(SetAnswer(1, CONSENSUS, Answer("clonic"), imported))
    assert beyond(study) == [], "no program marked it"
    decide(study, "clonic", NO)
    assert beyond(study) == []


def test_an_imported_consensus_is_not_marked_before_or_after_its_readers_come(study: Study) -> None:
    for reader in (ANA, BO):
        say(study, reader, Answer("clonic"))
    measured = Answer("clonic", YES, None, (MEASURED,), LEFT)
    study.apply(SetAnswer(1, CONSENSUS, Answer("clonic"), measured))
    assert beyond(study) == [], "nobody has answered it here"
    say(study, ANA, measured)
    assert beyond(study) == [], "Ana has marked all of it"
    say(study, ANA, Answer("clonic", YES, None, (SEEN,)))
    assert beyond(study) == ["clonic"]


def test_deciding_the_same_again_takes_the_mark_away(study: Study) -> None:
    with_programs(study, True)
    for reader in (ANA, BO):
        say(study, reader, Answer("clonic", YES))
    decide(study, "clonic", YES)
    with_programs(study, False)
    assert beyond(study) == ["clonic"]
    measured = Answer("clonic", YES, None, (MEASURED,), LEFT)
    say(study, ANA, measured)
    edit = consensus(study).taken(measured, "")
    assert edit is not None, "it is decided again although it stays the same"
    study.apply(edit)
    assert beyond(study) == []


def test_results_against_such_a_consensus_say_so(older: Study, capsys: pytest.CaptureFixture[str]) -> None:
    keep_agreed(older)
    folder = older.folder
    remark = "1 answer of the consensus has spans that only a program marked"

    def evaluated(reference: str) -> str:
        arguments = ["evaluate", "--reference", f"{reference}={folder}", f"signal={folder}"]
        assert cli.main([str(one) for one in arguments]) == 0
        return capsys.readouterr().err

    older.close()
    assert remark in evaluated("Consensus")
    assert remark not in evaluated("Ana")
