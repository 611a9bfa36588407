"""What changed since a decision is found without taking back more of the history than matters."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.errors import UserError
from app.core.reading import ReaderIdentity, Reading, RecordingIdentity
from app.core.semiology import Answer, Laterality, Presence, Span
from app.core.study import answer_table, changed_since, history, reader_table, recording_table, rows
from app.core.study.consensus import CONSENSUS
from app.core.study.edits import ChangeSpans, SetBlindByDefault, SetPeopleOnly, SetVerdict
from app.core.study.history import HistoryEntry
from app.core.study.store import Study
from app.core.study.verdict import verdict_of
from app.core.study.voters import voters
from tests.core.study_cases import ANA, SIGNAL, Clip
from tests.core.test_consensus_voters import BO, NO, YES, _study, consensus, keep_agreed, say

__all__ = ["_study"]

FEATURES = ("clonic", "tonic")
NOWHERE = RecordingIdentity("", "", 0.0)


def program_reads(study: Study, *answers: Answer, recording: int = 1) -> None:
    study.keep_reading(recording, Reading(NOWHERE, SIGNAL, {one.feature: one for one in answers}))


@dataclass
class TakenBack:
    """Of how many readers something is taken back, and which rows of the history."""

    readers: int = 0
    rows: list[HistoryEntry] = field(default_factory=list)


@pytest.fixture(name="taken_back")
def _taken_back(monkeypatch: pytest.MonkeyPatch) -> TakenBack:
    found, entries = TakenBack(), history.entries

    def counted(*args: Any, **kwargs: Any) -> Iterator[HistoryEntry]:
        found.readers += 1
        for entry in entries(*args, **kwargs):
            found.rows.append(entry)
            yield entry

    monkeypatch.setattr(history, "entries", counted)
    return found


def test_only_who_has_answered_since_is_taken_back(study: Study, taken_back: TakenBack) -> None:
    keep_agreed(study)
    study.apply(SetPeopleOnly(before=True, after=False))
    program_reads(study, Answer("tonic", NO))
    assert study.worklist(ANA, viewer=None)[0].changed_since == 1
    assert taken_back.readers == 1, "nobody but the program has answered since"
    assert [row.subject for row in taken_back.rows] == [history.READING]


def test_of_whole_readings_only_the_first_after_the_decision_counts(
    study: Study, taken_back: TakenBack, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_agreed(study)
    study.apply(SetPeopleOnly(before=True, after=False))
    for confidence in range(5):
        program_reads(study, Answer("tonic", YES, 80 + confidence), Answer("clonic", NO, confidence))
    parsed: list[str] = []
    answer_of = rows.answer_of

    def counted(value: object) -> Answer:
        answer = answer_of(value)
        parsed.append(answer.feature)
        return answer

    monkeypatch.setattr(rows, "answer_of", counted)
    assert study.worklist(ANA, viewer=None)[0].changed_since == 1, "its span and side are gone"
    assert len(taken_back.rows) == 1
    assert parsed == ["tonic"], "nothing else was decided"


# the same as all rows taken back

_PRESENCES = st.sampled_from([None, *Presence])
_ANSWERS = st.builds(
    lambda feature, presence, side, spans: (
        Answer(feature)
        if presence is None
        else Answer(feature, presence, None, tuple(Span(one, one + 2) for one in sorted(spans)), side)
    ),
    st.sampled_from(FEATURES),
    _PRESENCES,
    st.sampled_from([None, *Laterality]),
    st.sets(st.integers(0, 4), max_size=2),
)
_PEOPLE = st.sampled_from([ANA, BO])
_STEPS = st.one_of(
    st.tuples(st.just("say"), _PEOPLE, _ANSWERS),
    st.tuples(st.just("side"), _PEOPLE, st.sampled_from(FEATURES), st.sampled_from(list(Laterality))),
    st.tuples(st.just("spans"), _PEOPLE, st.sampled_from(FEATURES), st.integers(0, 4)),
    st.tuples(st.just("whole"), st.sampled_from([ANA, SIGNAL]), st.lists(_ANSWERS, max_size=3)),
    st.tuples(st.just("decide"), st.sampled_from(FEATURES), _PRESENCES),
    st.tuples(st.just("undo")),
    st.tuples(st.just("redo")),
)


def do(study: Study, step: tuple[Any, ...]) -> None:
    what, *given_ = step
    if what == "say":
        say(study, *given_)
    elif what == "side":
        who, feature, side = given_
        said = study.reading(1, who, viewer=None).answer(feature)
        if said.presence is not None and said.laterality is not side:
            study.apply(SetVerdict(1, who, feature, verdict_of(said), verdict_of(said.with_side(side))))
    elif what == "spans":
        who, feature, start = given_
        if study.reading(1, who, viewer=None).answer(feature).presence is Presence.YES:
            study.apply(ChangeSpans(1, who, feature, (), (Span(start, start + 1),)))
    elif what == "whole":
        who, answers = given_
        study.keep_reading(1, Reading(NOWHERE, who, {one.feature: one for one in answers}))
    elif what == "decide":
        feature, presence = given_
        edit = consensus(study).decision(feature, presence, "")
        if edit is not None:
            study.apply(edit)
    else:
        with suppress(UserError):  # somebody has written over it
            getattr(study, what)(1)


def all_taken_back(
    connection: sqlite3.Connection, reader: ReaderIdentity, decided: Mapping[str, int]
) -> dict[str, Answer]:
    """What a reader said when it was decided, from all their later rows."""
    now = answer_table.answers(connection, 1, reader)
    said = {one: now.get(one, Answer(one)) for one in decided}
    number = reader_table.reader_id(connection, reader)
    assert number is not None
    conditions = [("reader = ?", (reader_table.key_of(connection, number),)), (changed_since._ANSWERING, ())]
    fingerprint = recording_table.fingerprint_of(connection, 1)
    for entry in reversed([*history.entries(connection, fingerprint, conditions=conditions)]):
        later = {one for one, seq in decided.items() if entry.seq > seq and entry.feature in (None, one)}
        said.update(changed_since._before({one: said[one] for one in later}, entry))
    return said


def expected(connection: sqlite3.Connection) -> tuple[dict[str, dict[str, Answer]], frozenset[str]]:
    """By all rows: what each reader said when it was decided, and what voters have changed."""
    fingerprint = recording_table.fingerprint_of(connection, 1)
    decided = changed_since._decided(connection, fingerprint).get(fingerprint, {})
    if not decided:
        return {}, frozenset()
    readers = reader_table.readers_of(connection, 1)
    then = {one.exact_key: all_taken_back(connection, one, decided) for one in readers}
    agreed = answer_table.answers(connection, 1, CONSENSUS)
    found = {
        feature
        for voter in voters(connection)[1].values()
        for feature in decided.keys() & agreed.keys()
        if agreed[feature].presence is not None
        and changed_since.is_changed(
            then[voter.exact_key][feature],
            answer_table.answers(connection, 1, voter).get(feature, Answer(feature)),
            agreed[feature],
        )
    }
    return then, frozenset(found)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(_STEPS, min_size=4, max_size=16), people_only=st.booleans())
def test_it_is_what_all_rows_taken_back_give(steps: list[tuple[Any, ...]], people_only: bool) -> None:
    with tempfile.TemporaryDirectory() as folder, Study.open(Path(folder) / "ward", author="Ana") as study:
        study.recording(Clip(Path(folder) / "clip.mp4"))
        study.apply(SetBlindByDefault(before=True, after=False))
        if not people_only:
            study.apply(SetPeopleOnly(before=True, after=False))
        say(study, ANA, Answer("clonic", YES))
        program_reads(study, Answer("clonic", NO, 70), Answer("tonic", YES, 60, (Span(1, 3),)))
        for step in steps:
            do(study, step)
        with study._database.reading() as connection:
            then, changed = expected(connection)
            assert changed_since.said_when_decided(connection, 1) == then
            assert changed_since.changed_features(connection).get(1, frozenset()) == changed
