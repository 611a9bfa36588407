"""Several answers at once: only what is unanswered is answered, and nothing contradicts itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.reading import Reading, RecordingIdentity, person
from app.core.semiology import FEATURES, Answer, Laterality, Presence, Span
from app.core.study.next_recording import beside, last_seizure, next_to_read
from app.core.study.patient_data import PatientData
from app.core.study.quick_answers import (
    SIDED,
    accepted,
    contradiction,
    lacking,
    rest_as,
    rest_no,
    unanswered,
    without_evidence,
)
from app.core.study.worklist import WorkItem, WorkStatus

SPAN = Span(1.0, 2.0)
NAMES = [feature.id for feature in FEATURES]


@st.composite
def readings(draw: st.DrawFn) -> Reading:
    def answer(name: str) -> Answer:
        return Answer(
            name,
            draw(st.none() | st.sampled_from(Presence)),
            draw(st.none() | st.integers(0, 100)),
            draw(st.sampled_from([(), (SPAN,)])),
            draw(st.none() | st.sampled_from(Laterality)),
        )

    given_ = draw(st.sets(st.sampled_from(NAMES)))
    return Reading(RecordingIdentity("a", "", 9.0), person("Ana"), {name: answer(name) for name in given_})


@given(readings(), readings())
def test_what_is_answered_stays(mine: Reading, other: Reading) -> None:
    for answers in (rest_no(mine), rest_as(mine, other)):
        assert {one.feature for one in answers} <= {*unanswered(mine)}
    for one in rest_as(mine, other):
        said = other.answer(one.feature)
        assert (one.presence, one.evidence, one.laterality) == (said.presence, said.evidence, said.laterality)
        assert one.confidence == mine.answer(one.feature).confidence, "sure is only the person themselves"


@given(readings())
def test_the_rest_that_is_no_contradicts_nothing(mine: Reading) -> None:
    answers = rest_no(mine)
    assert all(one.presence is Presence.NO and contradiction(one) is None for one in answers)
    left = {*unanswered(mine)} - {one.feature for one in answers}
    assert all(mine.answer(name).evidence or mine.answer(name).laterality for name in left)


def test_a_no_with_side_or_spans_is_one_of_two_things() -> None:
    found = contradiction(Answer("tonic", Presence.NO, 50, (SPAN,), Laterality.LEFT))
    assert found is not None
    assert found.words == "side left and a span"
    assert found.as_no == Answer("tonic", Presence.NO, 50)
    assert found.as_yes == Answer("tonic", Presence.YES, 50, (SPAN,), Laterality.LEFT)
    assert contradiction(Answer("tonic", Presence.NO, 50)) is None
    assert contradiction(Answer("tonic", Presence.YES, None, (SPAN,))) is None
    assert contradiction(Answer("tonic", Presence.NOT_ASSESSABLE, None, (SPAN,))) is None


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        (Answer("tonic", Presence.YES), ("side", "span")),
        (Answer("tonic", Presence.YES, None, (SPAN,)), ("side",)),
        (Answer("tonic", Presence.YES, None, (SPAN,), Laterality.BOTH), ()),
        (Answer("blank_stare", Presence.YES), ("span",)),
        (Answer("occur_during_sleep", Presence.YES), ()),
        (Answer("tonic", Presence.NO), ()),
        (Answer("tonic"), ()),
    ],
)
def test_a_yes_wants_a_span_and_where_it_says_something_a_side(answer: Answer, left: tuple[str, ...]) -> None:
    assert lacking(answer) == left


def test_the_features_with_a_side_are_features() -> None:
    assert {*NAMES} > SIDED


def test_a_suggestion_brings_evidence_and_side_and_no_certainty() -> None:
    suggestion = Answer("clonic", Presence.YES, 87, (SPAN,), Laterality.RIGHT, "it moved")
    mine = accepted(Answer("clonic", Presence.NO, 40), suggestion)
    assert mine == Answer("clonic", Presence.YES, 40, (SPAN,), Laterality.RIGHT)
    assert without_evidence([suggestion]) == {
        "clonic": Answer("clonic", Presence.YES, laterality=Laterality.RIGHT)
    }


def work(number: int, status: WorkStatus = WorkStatus.DONE, patient: str = "", event: str = "") -> WorkItem:
    answered = 0 if status is WorkStatus.UNANSWERED else 20
    return WorkItem(
        number, f"{number}", 9.0, status, answered, (), None, None, True, PatientData(patient, event)
    )


def test_the_next_recording_is_the_one_below_and_there_is_an_end() -> None:
    items = [work(3), work(1), work(2)]
    assert beside(items, 3, 1) == items[1]
    assert beside(items, 1, -1) == items[0]
    assert beside(items, 2, 1) is None
    assert beside(items, 3, -1) is None


def test_the_next_to_read_is_not_locked_and_comes_round() -> None:
    items = [work(1, WorkStatus.STARTED), work(2), work(3, WorkStatus.LOCKED), work(4, WorkStatus.LOCKED)]
    assert next_to_read(items, 2) == items[0]
    assert next_to_read(items, 1) == items[1]
    locked = [work(number, WorkStatus.LOCKED) for number in (1, 2)]
    assert next_to_read(locked, 1) is None
    assert next_to_read([work(1, WorkStatus.STARTED)], 1) is None, "the open one is not the next"


def test_the_last_seizure_is_the_same_patients_and_earlier() -> None:
    items = [
        work(1, patient="P1", event="10"),
        work(2, patient="P1", event="9"),
        work(3, patient="P2", event="1"),
        work(4, patient="P1", event="11"),
        work(5, WorkStatus.UNANSWERED, patient="P1", event="10b"),
    ]
    assert last_seizure(items, 4) == items[0], "10 comes after 9, and 10b was not answered"
    assert last_seizure(items, 1) == items[1]
    assert last_seizure(items, 2) is None
    assert last_seizure(items, 3) is None
    assert last_seizure([work(1), work(2)], 2) is None, "nobody knows whose they are"
    assert last_seizure([work(1, patient="P"), work(2, patient="P")], 2) == work(1, patient="P")
