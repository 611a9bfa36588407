"""Answers in full: notes, spans, marks, sequence; persons and settings of a study; decisions and ratings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import UserError
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity, person
from app.core.semiology import Answer, Laterality, Presence, Span
from app.core.study.consensus import CONSENSUS
from app.core.study.disagreement import Differ, disagreements
from app.core.study.edits import (
    Conflict,
    Decide,
    Decision,
    RateExplanation,
    SetAnswer,
    SetBlindByDefault,
    SetMark,
    SetNote,
    SetPerson,
    SetReference,
    SetSavedFilter,
)
from app.core.study.full_reading import FullReading, differences
from app.core.study.history_search import HistoryFilter
from app.core.study.marks import Mark, MarkKind, find_phases, first_moment, sort_marks
from app.core.study.rating import Rating
from app.core.study.ratings import Explained
from app.core.study.spans import correct_reaction, holds_span, replace_spans, snap_span
from app.core.study.store import Study
from tests.core.study_cases import ANA, SIGNAL, Clip, presence, tick

YES, NO = Presence.YES, Presence.NO
BO = person("Bo")
SPANS = st.tuples(st.floats(0, 1e5), st.floats(0, 1e5)).map(lambda ends: Span(min(ends), max(ends)))


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    with Study.open(tmp_path / "clip.semioscope", author="Ana") as opened:
        yield opened


@pytest.fixture
def recording(study: Study, tmp_path: Path) -> int:
    return study.recording(Clip(tmp_path / "clip.mp4"))


def _reading(reader: ReaderIdentity, *given_answers: Answer) -> Reading:
    return Reading(
        RecordingIdentity("clip.mp4", "", 60.0), reader, {answer.feature: answer for answer in given_answers}
    )


# spans


@given(SPANS, st.floats(0, 10))
def test_a_corrected_span_is_earlier_and_never_before_the_recording(span: Span, seconds: float) -> None:
    earlier = correct_reaction(span, seconds)
    assert 0 <= earlier.start <= span.start
    assert earlier.end <= span.end
    if span.start >= seconds:
        assert earlier.duration == pytest.approx(span.duration, abs=1e-6)


def test_reaction_time_is_taken_off_both_ends() -> None:
    assert correct_reaction(Span(2, 5), 0.5) == Span(1.5, 4.5)
    assert correct_reaction(Span(0.2, 0.3), 0.5) == Span(0, 0)


@given(SPANS, st.lists(st.floats(0, 1e5), max_size=20).map(sorted))
def test_a_snapped_span_lies_on_the_nearest_frames(span: Span, times: list[float]) -> None:
    found = snap_span(span, times)
    for ends in ((span.start, found.start), (span.end, found.end)):
        best = min((abs(time - ends[0]) for time in times), default=0.0)
        assert abs(ends[0] - ends[1]) == best


@given(st.lists(SPANS, max_size=6, unique=True), SPANS)
def test_a_span_that_was_added_can_be_removed(spans: list[Span], span: Span) -> None:
    answer = Answer("tonic", YES, evidence=tuple(one for one in spans if one != span))
    added = replace_spans(answer, (), (span,))
    assert span in added.evidence
    assert holds_span(added, span)
    assert replace_spans(added, (span,), ()) == answer


def test_a_span_says_yes_of_what_was_unanswered_and_leaves_a_no_alone() -> None:
    assert replace_spans(Answer("tonic"), (), (Span(1, 2),)) == Answer("tonic", YES, evidence=(Span(1, 2),))
    assert replace_spans(Answer("tonic", NO), (), (Span(1, 2),)).presence is NO
    two = Answer("tonic", YES, evidence=(Span(1, 2), Span(5, 6)))
    moved = replace_spans(two, (Span(5, 6),), (Span(0, 1),))
    assert moved.evidence == (Span(0, 1), Span(1, 2))
    with pytest.raises(ValueError, match="no such span"):
        replace_spans(Answer("tonic"), (Span(1, 2),), ())


# notes and marks


def test_a_note_stands_beside_the_answer_and_is_undone_by_itself(study: Study, recording: int) -> None:
    tick(study, recording, "tonic", YES)
    study.apply(SetNote(recording, ANA, "tonic", "", "left arm first – ansehen!"))
    study.apply(SetNote(recording, ANA, "clonic", "", "hidden by the blanket"))
    tick(study, recording, "tonic", NO)
    full = study.full_reading(recording, ANA, viewer=None)
    assert full.notes == {"tonic": "left arm first – ansehen!", "clonic": "hidden by the blanket"}
    assert full.note("head_turning") == ""
    assert set(full.reading.answers) == {"tonic"}
    study.undo(recording)
    study.undo(recording)
    assert study.full_reading(recording, ANA, viewer=None).notes == {"tonic": "left arm first – ansehen!"}
    with pytest.raises(Conflict):
        study.apply(SetNote(recording, ANA, "tonic", "", "other"))
    assert study.verify_history() == ()


def test_marks_are_set_moved_and_removed(study: Study, recording: int) -> None:
    onset, later = Mark(MarkKind.ONSET, 3), Mark(MarkKind.ONSET, 4.5)
    tonic, clonic = Mark(MarkKind.PHASE, 5, "tonic"), Mark(MarkKind.PHASE, 12, "clonic")
    for mark in (clonic, onset, tonic):
        study.apply(SetMark(recording, ANA, None, mark))
    study.apply(SetMark(recording, ANA, onset, later))
    assert study.full_reading(recording, ANA, viewer=None).marks == (later, tonic, clonic)
    with pytest.raises(Conflict):
        study.apply(SetMark(recording, ANA, None, Mark(MarkKind.ONSET, 9)))
    with pytest.raises(Conflict):
        study.apply(SetMark(recording, ANA, onset, None))
    with pytest.raises(Conflict):
        study.apply(SetMark(recording, ANA, tonic, clonic))
    study.apply(SetMark(recording, ANA, tonic, None))
    assert study.verify_history() == ()
    for expected in ((later, tonic, clonic), (onset, tonic, clonic), (onset, clonic), (clonic,), ()):
        study.undo(recording)
        assert study.full_reading(recording, ANA, viewer=None).marks == expected
    assert study.verify_history() == ()


def test_what_is_no_mark_and_no_edit_of_one() -> None:
    for seconds in (-1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="not a moment"):
            Mark(MarkKind.END, seconds)
    with pytest.raises(ValueError, match="one mark"):
        SetMark(1, ANA, None, None)
    with pytest.raises(ValueError, match="one mark"):
        SetMark(1, ANA, Mark(MarkKind.ONSET, 1), Mark(MarkKind.END, 1))


def test_phases_last_until_the_next_one_or_the_end() -> None:
    marks = (
        Mark(MarkKind.PHASE, 40, "postictal"),
        Mark(MarkKind.END, 30),
        Mark(MarkKind.PHASE, 12, "clonic"),
        Mark(MarkKind.ONSET, 5),
        Mark(MarkKind.PHASE, 5, "tonic"),
    )
    assert [mark.label for mark in sort_marks(marks)] == ["", "tonic", "clonic", "", "postictal"]
    assert [(one.label, one.span) for one in find_phases(marks, 60)] == [
        ("tonic", Span(5, 12)),
        ("clonic", Span(12, 30)),
        ("postictal", Span(40, 60)),
    ]
    assert first_moment(marks, MarkKind.END) == 30
    assert first_moment((), MarkKind.END) is None


def test_differences_name_what_changed() -> None:
    mark, other = Mark(MarkKind.ONSET, 1), Mark(MarkKind.ONSET, 2)
    before = FullReading(_reading(ANA, Answer("tonic", YES)), {"clonic": "a"}, (mark,))
    after = FullReading(_reading(ANA, Answer("tonic", NO)), {"clonic": "b"}, (other,))
    assert [one.feature for one in differences(before, after)] == ["tonic", "clonic"]
    assert differences(before, after)[0].after == Answer("tonic", NO)
    assert differences(after, after) == ()


# persons and settings


def test_a_renamed_person_keeps_readings_history_and_undo(study: Study, recording: int) -> None:
    tick(study, recording, "tonic", YES)
    study.apply(SetPerson("Ana", "Ana Prado"), why="married")
    assert study.people() == (ReaderIdentity(ReaderKind.PERSON, "Ana Prado", "1"),)
    assert study.reading(recording, person("Ana Prado"), viewer=None).answer("tonic").presence is YES
    assert study.reading(recording, ANA, viewer=None).answers == {}
    assert study.history_page(HistoryFilter(recording_id=recording), viewers=()).rows[0].reader == "Ana Prado"
    assert study.history(viewer=None)[-1].why == "married"
    assert study.author == "Ana Prado"
    assert study.undo(recording) is not None, "what she did under her former name"
    assert study.reading(recording, person("Ana Prado"), viewer=None).answers == {}
    study.redo(recording)
    # Somebody else comes who is called as she was.
    study.change_author("Ana")
    tick(study, recording, "clonic", NO)
    assert [one.name for one in study.people()] == ["Ana", "Ana Prado"]
    assert study.undo(recording) is not None
    assert study.undo(recording) is None, "the first Ana's edits are not hers"
    assert study.reading(recording, person("Ana Prado"), viewer=None).answer("tonic").presence is YES
    assert study.verify_history() == ()


def test_persons_are_added_and_removed_until_they_have_answered(study: Study, recording: int) -> None:
    study.apply(SetPerson(None, "Bo"))
    assert [one.name for one in study.people()] == ["Bo"]
    with pytest.raises(UserError, match="already"):
        study.apply(SetPerson(None, "Bo"))
    study.undo(None)
    assert study.people() == ()
    study.redo(None)
    study.apply(SetAnswer(recording, BO, Answer("tonic"), Answer("tonic", YES)))
    with pytest.raises(UserError, match="has answered"):
        study.apply(SetPerson("Bo", None))
    assert study.undo(None) is None
    study.apply(SetPerson(None, "Cy"))
    with pytest.raises(UserError, match="already"):
        study.apply(SetPerson("Cy", "Bo"))
    assert study.verify_history() == ()


def test_nobody_can_be_the_consensus_and_a_name_is_a_line() -> None:
    for name in ("Consensus", "", " Bo", "Bo\n", "Bo\u202e"):
        with pytest.raises(UserError):
            SetPerson(None, name)


def test_settings_of_a_study_are_edits(study: Study, recording: int) -> None:
    assert study.settings().blind_by_default
    assert study.settings().reference is None
    study.apply(SetBlindByDefault(before=True, after=False), why="teaching")
    tick(study, recording, "tonic", YES)
    study.apply(SetReference(None, ANA))
    study.apply(SetSavedFilter("left to do", None, "{}"))
    study.apply(SetPerson("Ana", "Ana Prado"))
    assert not study.settings().blind_by_default
    assert study.settings().reference == person("Ana Prado")
    assert study.settings().filters == {"left to do": "{}"}
    with pytest.raises(Conflict):
        study.apply(SetReference(None, person("Ana Prado")))
    with pytest.raises(UserError, match="no such reader"):
        study.apply(SetReference(person("Ana Prado"), BO))
    assert study.verify_history() == ()
    while study.undo(None):
        pass
    assert study.settings().blind_by_default
    assert study.settings().reference is None
    assert study.settings().filters == {}
    assert presence(study, recording, "tonic") is YES, "an edit of the recording, not of the study"
    assert study.verify_history() == ()


def test_all_edits_or_none(study: Study, recording: int) -> None:
    good = SetAnswer(recording, ANA, Answer("tonic"), Answer("tonic", YES))
    with pytest.raises(Conflict):
        study.apply_all([good, good])
    assert study.history(viewer=None) == ()
    study.apply_all([good, SetNote(recording, ANA, "tonic", "", "seen")], why="imported")
    assert [row.why for row in study.history(viewer=None)] == ["imported", "imported"]


# consensus


def test_disagreements_say_who_said_what_and_where_to_look() -> None:
    ana = _reading(
        ANA, Answer("tonic", YES, evidence=(Span(7, 9),)), Answer("clonic", YES), Answer("eye_blinking", NO)
    )
    bo = _reading(BO, Answer("tonic", NO, evidence=(Span(1, 2),)), Answer("clonic", YES))
    model = _reading(SIGNAL, Answer("tonic", YES, evidence=(Span(3, 4),)))
    (found,) = disagreements([ana, bo, model])
    assert (found.feature, found.differ) == ("tonic", Differ.PRESENCE)
    assert [(reader.name, answer.presence) for reader, answer in found.said] == [
        ("Ana", YES),
        ("Bo", NO),
        ("signal", YES),
    ]
    assert found.evidence == (Span(1, 2), Span(3, 4), Span(7, 9))
    assert found.jump == Span(3, 4)
    assert disagreements([ana]) == ()


def test_sides_can_differ_and_silence_is_no_contradiction() -> None:
    left, right = (Answer("clonic", YES, laterality=side) for side in (Laterality.LEFT, Laterality.RIGHT))
    (found,) = disagreements([_reading(ANA, left), _reading(BO, right)])
    assert found.differ is Differ.SIDE
    assert found.jump is None
    assert disagreements([_reading(ANA, left), _reading(BO, Answer("clonic", YES))]) == ()
    assert disagreements([_reading(ANA, left), _reading(BO)]) == ()


def test_a_decision_is_an_answer_of_the_consensus_with_its_reason(study: Study, recording: int) -> None:
    tick(study, recording, "tonic", YES)
    study.apply(SetAnswer(recording, BO, Answer("tonic"), Answer("tonic", NO)))
    assert len(study.disagreements(recording, viewer=None)) == 1
    before, after = Decision(Answer("tonic")), Decision(Answer("tonic", YES), "seen again together")
    study.apply(Decide(recording, before, after), why="meeting of 3 May")
    assert study.reading(recording, CONSENSUS, viewer=None).answer("tonic").presence is YES
    assert study.full_reading(recording, CONSENSUS, viewer=None).notes == {"tonic": "seen again together"}
    assert len(study.disagreements(recording, viewer=None)) == 1, "the consensus takes no part in it"
    assert [one.name for one in study.people()] == ["Ana", "Bo"]
    study.apply(SetReference(None, CONSENSUS))
    with pytest.raises(Conflict):
        study.apply(Decide(recording, before, after))
    assert study.verify_history() == ()
    study.undo(recording)
    assert study.full_reading(recording, CONSENSUS, viewer=None).notes == {}
    assert study.reading(recording, CONSENSUS, viewer=None).answers == {}
    assert study.verify_history() == ()


# ratings


def test_ratings_are_kept_with_the_explanation_that_was_rated(study: Study, recording: int) -> None:
    study.keep_reading(recording, _reading(SIGNAL, Answer("tonic", YES, explanation="first")))
    study.apply(RateExplanation(recording, SIGNAL, "tonic", ANA, None, Rating(4, "true")))
    study.apply(RateExplanation(recording, SIGNAL, "tonic", BO, None, Rating(2)))
    assert [(one.rater.name, one.rating.score) for one in study.ratings(viewer=None)] == [
        ("Ana", 4),
        ("Bo", 2),
    ]
    (mine,) = study.ratings(recording_id=recording, reader=SIGNAL, rater=ANA, viewer=None)
    assert (mine.explanation, mine.current, mine.rating.note) == ("first", True, "true")
    queue = [Explained(recording, SIGNAL, "tonic"), Explained(recording, SIGNAL, "clonic")]
    assert study.unrated(queue, ANA) == (queue[1],)
    study.keep_reading(recording, _reading(SIGNAL, Answer("tonic", YES, explanation="second")))
    assert not study.ratings(rater=ANA, viewer=None)[0].current
    assert study.unrated(queue, ANA) == tuple(queue), "another explanation is rated anew"
    with pytest.raises(Conflict):
        study.apply(RateExplanation(recording, SIGNAL, "tonic", ANA, None, Rating(5)))
    assert study.verify_history() == ()
    study.undo(recording)
    study.undo(recording)
    assert study.ratings(viewer=None) == ()
    study.redo(recording)
    assert study.ratings(viewer=None)[0].rating == Rating(4, "true")
    assert study.verify_history() == ()


def test_only_a_person_rates_what_there_is_from_1_to_5(study: Study, recording: int) -> None:
    for score in (0, 6):
        with pytest.raises(ValueError, match="1 to 5"):
            Rating(score)
    with pytest.raises(ValueError, match="only a person"):
        RateExplanation(recording, SIGNAL, "tonic", SIGNAL, None, Rating(3))
    with pytest.raises(UserError, match="no reading"):
        study.apply(RateExplanation(recording, SIGNAL, "tonic", ANA, None, Rating(3)))
