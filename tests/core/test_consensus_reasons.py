"""The reason of a decision: kept with nothing else of it changed, and also of what is open."""

from __future__ import annotations

from dataclasses import replace

from app.core.semiology import Answer, Presence, SideFrom
from app.core.study.change_requests import ApplyEdits
from app.core.study.consensus import CONSENSUS
from app.core.study.content import Asking, load
from app.core.study.edits import LockReading, SetBlindByDefault
from app.core.study.expected_content import must_be_read, with_requests
from app.core.study.store import Study
from tests.core.study_cases import ANA
from tests.core.test_consensus_voters import (
    BO,
    LEFT,
    NO,
    RIGHT,
    SEEN,
    YES,
    _study,
    changed,
    consensus,
    decide,
    say,
)

__all__ = ["_study"]


def reason(study: Study, feature: str, text: str) -> None:
    edit = consensus(study).noted(feature, text)
    assert edit is not None
    study.apply(edit)


def decided(study: Study, feature: str) -> tuple[Answer, str]:
    full = study.full_reading(1, CONSENSUS, viewer=None)
    return full.reading.answer(feature), full.note(feature)


def test_a_chosen_side_and_taken_spans_survive_a_reason(study: Study) -> None:
    decide(study, "clonic", YES, LEFT)
    reason(study, "clonic", "seen by both")
    assert decided(study, "clonic") == (Answer("clonic", YES, None, (), LEFT), "seen by both")
    say(study, BO, Answer("clonic", YES, 60, (SEEN,), RIGHT))
    taken = consensus(study).taken(study.reading(1, BO, viewer=None).answer("clonic"), "seen by both")
    assert taken is not None
    study.apply(taken)
    say(study, ANA, Answer("clonic", NO))
    reason(study, "clonic", "Bo knows the patient")
    assert decided(study, "clonic") == (Answer("clonic", YES, None, (SEEN,), RIGHT), "Bo knows the patient")
    study.undo(1)
    assert decided(study, "clonic")[1] == "seen by both"
    assert study.verify_history() == ()


def test_a_reason_does_not_date_the_decision_anew(study: Study) -> None:
    decide(study, "clonic", YES)
    say(study, BO, Answer("clonic", YES))
    assert changed(study) == ["clonic"]
    reason(study, "clonic", "Bo has seen it again")
    assert changed(study) == ["clonic"], "what Bo says now was not decided on"


def test_a_reason_can_be_given_while_it_is_open_and_is_kept_by_the_decision(study: Study) -> None:
    assert consensus(study).noted("clonic", "") is None
    reason(study, "clonic", "ask Cy")
    assert decided(study, "clonic") == (Answer("clonic"), "ask Cy")
    (dispute,) = consensus(study).disputes()
    assert (dispute.decided, dispute.note) == (None, "ask Cy")
    assert study.next_to_decide(viewer=None) is not None, "it is as open as before"
    assert study.worklist(ANA, viewer=None)[0].changed_since == 0
    edit = consensus(study).decision("clonic", YES, "ask Cy")
    assert edit is not None
    study.apply(edit)
    assert decided(study, "clonic") == (Answer("clonic", YES), "ask Cy")
    assert study.verify_history() == ()


def test_what_is_decided_next_starts_from_a_reason_that_is_not_on_disk_yet(study: Study) -> None:
    content, edit = load(study, 1, Asking(ANA)).content, consensus(study).noted("clonic", "ask Cy")
    assert edit is not None
    request = ApplyEdits((edit,))
    expected = with_requests(content, (request,), 1)
    assert expected.my_reading.consensus_notes == {"clonic": "ask Cy"}
    assert expected.my_reading.notes == content.my_reading.notes, "it is nobody's note on their answer"
    assert must_be_read(content, request), "the notes of all others are read with their readings"
    study.apply(edit)
    again = replace(consensus(study), content=expected).decision("clonic", Presence.NO, "ask Cy")
    assert again is not None
    study.apply(again)


def test_from_whom_it_is_sealed_is_shown_no_reason(study: Study) -> None:
    edit = consensus(study).noted("clonic", "ask Cy")
    assert edit is not None
    study.apply(SetBlindByDefault(before=False, after=True))
    content = load(study, 1, Asking(ANA)).content
    assert content.my_reading.sealed
    assert with_requests(content, (ApplyEdits((edit,)),), 1) is content
    study.apply(edit)
    assert load(study, 1, Asking(ANA)).content.my_reading.consensus_notes == {}
    study.apply(LockReading(1, ANA))
    study.reveal(1, ANA)
    assert load(study, 1, Asking(ANA)).content.my_reading.consensus_notes == {"clonic": "ask Cy"}


def test_a_side_that_changes_is_taken_whole(study: Study) -> None:
    changing = Answer(
        "clonic", YES, 60, (SEEN,), LEFT, "x", sides=(SideFrom(SEEN.start, LEFT), SideFrom(SEEN.end, RIGHT))
    )
    say(study, BO, changing)
    taken = consensus(study).taken(changing, "")
    assert taken is not None
    study.apply(taken)
    assert decided(study, "clonic")[0] == replace(changing, confidence=None, explanation="")
    say(study, ANA, changing)
    edit = consensus(study).decision("clonic", YES, "")
    assert edit is None or edit.after.answer.sides == changing.sides, (
        "all who name a side name the same changes"
    )
    chosen = consensus(study).decision("clonic", YES, "", RIGHT)
    assert chosen is not None
    assert chosen.after.answer.sides == ()
