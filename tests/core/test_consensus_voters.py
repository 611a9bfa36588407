"""Who takes part in the consensus, what of it is theirs, and what they changed after it was decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.core.reader_details import SHOWN
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity, person
from app.core.semiology import Answer, Laterality, Presence, Span
from app.core.study import history
from app.core.study.consensus import CONSENSUS
from app.core.study.content import Asking, load
from app.core.study.decisions import Consensus
from app.core.study.edits import (
    ChangeSpans,
    LockReading,
    SetAnswer,
    SetBlindByDefault,
    SetMark,
    SetPeopleOnly,
    SetVerdict,
)
from app.core.study.history import HistoryEntry
from app.core.study.marks import Mark, MarkKind
from app.core.study.store import Study
from app.core.study.verdict import verdict_of
from app.core.study.worklist import FeaturePlace
from tests.core.study_cases import ANA, SIGNAL, Clip

YES, NO = Presence.YES, Presence.NO
LEFT, RIGHT = Laterality.LEFT, Laterality.RIGHT
BO, CY = person("Bo"), person("Cy")
SEEN, MEASURED = Span(3, 5), Span(4, 9)


@pytest.fixture(name="study")
def _study(tmp_path: Path) -> Iterator[Study]:
    with Study.open(tmp_path / "ward", author="Ana") as opened:
        for number in (1, 2):
            opened.recording(Clip(tmp_path / f"clip {number}.mp4", f"{number:064x}"))
        opened.apply(SetBlindByDefault(before=True, after=False))
        say(opened, ANA, Answer("clonic", YES))
        say(opened, BO, Answer("clonic", NO))
        for person_ in (ANA, BO):
            say(opened, person_, Answer("tonic", NO))
        measured = [
            Answer("clonic", YES, 90, (MEASURED,), LEFT, "3 Hz"),
            Answer("tonic", YES, 80, (MEASURED,), RIGHT),
        ]
        answers = {one.feature: one for one in measured}
        opened.keep_reading(1, Reading(RecordingIdentity("", "", 0.0), SIGNAL, answers))
        yield opened


def say(study: Study, who: ReaderIdentity, after: Answer, recording: int = 1) -> None:
    """A person answers, from whatever the study says now."""
    before = study.reading(recording, who, viewer=None).answer(after.feature)
    study.apply(SetAnswer(recording, who, before, after))


def consensus(study: Study, number: int = 1) -> Consensus:
    return Consensus(number, load(study, number, Asking(ANA)).content)


def decide(study: Study, feature: str, presence: Presence | None, side: Laterality | None = None) -> Answer:
    edit = consensus(study).decision(feature, presence, "", side)
    assert edit is not None
    study.apply(edit)
    return study.reading(1, CONSENSUS, viewer=None).answer(feature)


def keep_agreed(study: Study) -> None:
    decisions = consensus(study)
    study.apply_all(decisions.decisions(decisions.undisputed()))


def changed(study: Study) -> list[str]:
    """The features that are marked as changed; the worklist counts the same ones."""
    found = [one.feature for one in consensus(study).disputes() if one.changed]
    (item, _other) = study.worklist(ANA, viewer=None)
    assert item.changed_since == len(found)
    return found


def test_nothing_of_a_program_enters_what_people_decide(study: Study) -> None:
    decided = decide(study, "clonic", YES)
    assert decided == Answer("clonic", YES), "Ana gave neither side nor span, so there is none"
    (dispute,) = consensus(study).disputes()
    assert [one.name for one in dispute.statements] == ["Ana", "Bo"]
    assert dispute.spans == ()
    decide(study, "clonic", None)
    say(study, ANA, Answer("clonic", YES, 70, (SEEN,), RIGHT))
    assert consensus(study).disputes()[0].spans == (SEEN,)
    assert decide(study, "clonic", YES) == Answer("clonic", YES, None, (SEEN,), RIGHT)
    assert decide(study, "clonic", YES, LEFT).laterality is LEFT, "a person has said so"
    assert decide(study, "clonic", NO) == Answer("clonic", NO)


def test_the_study_remembers_that_programs_take_part(study: Study) -> None:
    assert study.settings().people_only
    study.apply(SetPeopleOnly(before=True, after=False))
    assert not study.settings().people_only
    assert study.settings().filters == {}
    assert [one.feature for one in consensus(study).disputes()] == ["tonic", "clonic"]
    assert decide(study, "clonic", YES) == Answer("clonic", YES, None, (MEASURED,), LEFT)
    assert study.verify_history() == ()
    assert load(study, 1, Asking(ANA)).content.people_only is False


def test_what_differs_is_agreed_and_is_open_are_counted_among_the_same(study: Study) -> None:
    def counts() -> tuple[list[str], list[str]]:
        found = consensus(study)
        return [one.feature for one in found.disputes()], [one.feature for one in found.undisputed()]

    assert counts() == (["clonic"], ["tonic"])
    assert study.next_to_decide(viewer=None) == FeaturePlace(1, "clonic")
    study.apply(SetPeopleOnly(before=True, after=False))
    assert counts() == (["tonic", "clonic"], [])
    assert study.next_to_decide(viewer=None) == FeaturePlace(1, "tonic")


def test_who_is_not_shown_votes_all_the_same(study: Study) -> None:
    say(study, CY, Answer("tonic", YES))
    study.apply(SetMark(1, BO, None, Mark(MarkKind.ONSET, 1.0)))
    study.apply(SetMark(1, CY, None, Mark(MarkKind.ONSET, 9.0)))
    every = consensus(study)
    without = replace(every, without=frozenset({CY.key}))
    assert [one.feature for one in every.disputes()] == ["tonic", "clonic"]
    assert [one.feature for one in without.disputes()] == ["clonic"]
    assert (every.onset() is None, without.onset() is None) == (False, True)
    assert without.undisputed() == every.undisputed() == (), "Cy says otherwise, seen or not"
    say(study, CY, Answer("clonic", YES, None, (SEEN,), LEFT))
    without = replace(consensus(study), without=frozenset({CY.key}))
    edit = without.decision("clonic", YES, "")
    assert edit is not None
    assert edit.after.answer == Answer("clonic", YES, None, (SEEN,), LEFT)
    study.apply(edit)
    say(study, CY, Answer("clonic", NO))
    without = replace(consensus(study), without=frozenset({CY.key}))
    assert without.hides_voters
    assert without.taken(edit.after.answer, "") is not None, "an answer was changed since, seen or not"


def test_a_former_version_of_a_program_has_no_vote_beside_the_present_one(study: Study) -> None:
    study.apply(SetPeopleOnly(before=True, after=False))
    later = replace(SIGNAL, version="2")
    study.keep_reading(1, Reading(RecordingIdentity("", "", 0.0), later, {"tonic": Answer("tonic", NO)}))
    assert [one.feature for one in consensus(study).undisputed()] == ["tonic"]
    assert [one.reader.version for one in consensus(study).voters] == ["1", "2", "1"]


def test_programs_alone_agree_on_nothing(study: Study) -> None:
    study.apply(SetPeopleOnly(before=True, after=False))
    for name in ("one", "two"):
        said = {one: Answer(one, YES) for one in ("clonic", "tonic")}
        reader = ReaderIdentity(ReaderKind.MODEL, name, "1")
        study.keep_reading(2, Reading(RecordingIdentity("", "", 0.0), reader, said))
    assert consensus(study, 2).undisputed() == (), "no person has answered anything"
    say(study, ANA, Answer("tonic", YES, None, (SEEN,)), recording=2)
    assert consensus(study, 2).undisputed() == (Answer("tonic", YES, None, (SEEN,)),)


def test_what_is_next_to_decide_is_what_the_voters_differ_on(study: Study) -> None:
    study.apply(SetPeopleOnly(before=True, after=False))
    for feature in ("clonic", "tonic"):
        decide(study, feature, NO)
    say(study, ANA, Answer("tonic", NO), recording=2)
    control = ReaderIdentity(ReaderKind.MODEL, "Model", "1", {SHOWN: "noise"})
    for reader, presence in ((SIGNAL, YES), (control, YES), (replace(SIGNAL, version="2"), NO)):
        said = {"tonic": Answer("tonic", presence)}
        study.keep_reading(2, Reading(RecordingIdentity("", "", 0.0), reader, said))
    assert consensus(study, 2).disputes() == ()
    assert study.next_to_decide(viewer=None) is None, "a former version and a control do not vote"
    again = {"tonic": Answer("tonic", YES, 80)}
    study.keep_reading(2, Reading(RecordingIdentity("", "", 0.0), SIGNAL, again))
    assert [one.feature for one in consensus(study, 2).disputes()] == ["tonic"]
    assert study.next_to_decide(viewer=None) == FeaturePlace(2, "tonic")


def test_nothing_is_to_be_decided_where_nobody_has_read_anything(tmp_path: Path) -> None:
    with Study.open(tmp_path / "new", author="Ana") as study:
        study.recording(Clip(tmp_path / "clip.mp4"))
        assert study.next_to_decide(viewer=None) is None


def test_an_answer_changed_after_the_decision_is_marked_until_it_is_decided_again(study: Study) -> None:
    keep_agreed(study)
    decide(study, "clonic", YES)
    assert changed(study) == []
    assert study.next_to_decide(viewer=None) is None
    assert consensus(study).decision("tonic", NO, "") is None, "it is so already"
    say(study, BO, Answer("tonic", YES, None, (SEEN,), RIGHT))
    assert changed(study) == ["tonic"]
    assert study.next_to_decide(FeaturePlace(2, "clonic"), viewer=None) == FeaturePlace(1, "tonic")
    (dispute, _clonic) = consensus(study).disputes()
    assert dispute.decided is NO, "the decision does not change by itself"
    assert [one.then for one in dispute.statements] == [None, Answer("tonic", NO)]
    assert decide(study, "tonic", NO) == Answer("tonic", NO), "the same is decided again"
    assert changed(study) == []
    study.undo(1)
    assert changed(study) == ["tonic"]
    study.redo(1)
    assert changed(study) == []
    assert study.verify_history() == ()


def test_what_everybody_changed_alike_or_withdrew_is_marked_too(study: Study) -> None:
    keep_agreed(study)
    for who in (ANA, BO):
        say(study, who, Answer("tonic", YES))
    (_clonic, dispute) = sorted(consensus(study).disputes(), key=lambda one: one.feature)
    assert (dispute.feature, dispute.differs, dispute.changed) == ("tonic", False, True)
    for who in (ANA, BO):
        say(study, who, Answer("tonic"))
    assert changed(study) == ["tonic"]
    for who in (ANA, BO):
        say(study, who, Answer("tonic", NO))
    assert changed(study) == [], "both say again what they said when it was decided"


def test_every_way_of_changing_an_answer_counts_and_confidence_does_not(study: Study) -> None:
    said = Answer("clonic", YES, 70, (SEEN,), RIGHT)
    say(study, ANA, said)
    decide(study, "clonic", YES)
    sure, left = verdict_of(replace(said, confidence=99)), verdict_of(said.with_side(LEFT))
    study.apply(SetVerdict(1, ANA, "clonic", verdict_of(said), sure))
    assert changed(study) == []
    study.apply(SetVerdict(1, ANA, "clonic", sure, left))
    assert changed(study) == ["clonic"]
    study.undo(1)
    assert changed(study) == []
    study.apply(ChangeSpans(1, ANA, "clonic", (SEEN,), (SEEN, Span(7, 8))))
    assert changed(study) == ["clonic"]
    study.apply(ChangeSpans(1, ANA, "clonic", (Span(7, 8),), ()))
    assert changed(study) == []
    whole = Reading(RecordingIdentity("", "", 0.0), ANA, {"clonic": Answer("clonic", NO)})
    study.keep_reading(1, whole)
    assert changed(study) == ["clonic"]


def test_a_further_reader_is_marked_only_where_they_contradict(study: Study) -> None:
    keep_agreed(study)
    decide(study, "clonic", YES, LEFT)
    say(study, CY, Answer("tonic", NO))
    say(study, CY, Answer("clonic", YES))
    assert changed(study) == []
    say(study, CY, Answer("clonic", YES, laterality=RIGHT))
    assert changed(study) == ["clonic"]


def test_a_program_that_reads_again_is_no_news_where_people_decide(study: Study) -> None:
    keep_agreed(study)
    again = {"tonic": Answer("tonic", NO)}
    study.keep_reading(1, Reading(RecordingIdentity("", "", 0.0), SIGNAL, again))
    assert changed(study) == []
    study.apply(SetPeopleOnly(before=True, after=False))
    assert changed(study) == ["tonic"]


def test_nothing_is_taken_back_for_a_reader_without_a_vote(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_agreed(study)
    again = {"tonic": Answer("tonic", NO)}
    study.keep_reading(1, Reading(RecordingIdentity("", "", 0.0), SIGNAL, again))
    looked_at, entries = [], history.entries

    def counted(*args: Any, **kwargs: Any) -> Iterator[HistoryEntry]:
        looked_at.append(args)
        return entries(*args, **kwargs)

    monkeypatch.setattr(history, "entries", counted)
    assert study.worklist(ANA, viewer=None)[0].changed_since == 0
    assert looked_at == [], "it would take long in a study of a thousand recordings that a program read"
    say(study, BO, Answer("tonic", YES))
    assert study.worklist(ANA, viewer=None)[0].changed_since == 1
    assert looked_at


def test_from_whom_it_is_sealed_is_given_nothing_of_it(study: Study) -> None:
    keep_agreed(study)
    say(study, BO, Answer("tonic", YES))
    study.apply(SetBlindByDefault(before=False, after=True))
    assert load(study, 1, Asking(ANA)).content.said_then == {}
    assert [item.changed_since for item in study.worklist(ANA, viewer=ANA)] == [0, 0]
    assert study.next_to_decide(viewer=ANA) is None
    study.apply(LockReading(1, ANA))
    study.reveal(1, ANA)
    assert study.worklist(ANA, viewer=ANA)[0].changed_since == 1
    assert study.next_to_decide(viewer=ANA) == FeaturePlace(1, "tonic")
