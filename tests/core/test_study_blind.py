"""Blind reading: nothing that is sealed reaches its viewer, and what was locked stays known."""

from __future__ import annotations

import dataclasses
import inspect
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.errors import UserError
from app.core.reading import ReaderIdentity, Reading, RecordingIdentity, person
from app.core.semiology import FEATURES, Answer, Presence
from app.core.study.edits import (
    Decide,
    Decision,
    Edit,
    LockReading,
    RateExplanation,
    SetAnswer,
    SetBlindByDefault,
    SetMark,
    SetNote,
)
from app.core.study.full_reading import differences
from app.core.study.history_search import HistoryFilter
from app.core.study.marks import Mark, MarkKind
from app.core.study.queries import StudyQueries
from app.core.study.rating import Rating
from app.core.study.sealing import Sealed
from app.core.study.store import Study
from tests.core.study_cases import ANA, SIGNAL, Clip, tick

YES, NO = Presence.YES, Presence.NO
BO = person("Bo")
SECRET = "sealed-words"
"""Stands in everything that another reader says."""


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    with Study.open(tmp_path / "clip.semioscope", author="Ana") as opened:
        _fill(opened, tmp_path)
        yield opened


def test_every_query_of_answers_asks_for_whom() -> None:
    asking = {
        name: parameters[each]
        for name, query in inspect.getmembers(StudyQueries, inspect.isfunction)
        for parameters in (inspect.signature(query).parameters,)
        for each in ("viewer", "viewers")
        if each in parameters
    }
    assert len(asking) > 12
    assert [name for name, one in asking.items() if one.default is not inspect.Parameter.empty] == []


def test_who_has_said_nothing_in_the_study_may_see_that(study: Study) -> None:
    """It is their reading, although the study does not know them yet."""
    cy = person("Cy")
    assert study.reading(1, cy, viewer=cy).answers == {}
    with pytest.raises(Sealed):
        study.reading(1, BO, viewer=cy)


def _fill(study: Study, place: Path) -> int:
    """A recording that a model and another person have answered, with their secret in every text."""
    recording = study.recording(Clip(place / "clip.mp4"))
    secret = Answer("tonic", YES, 77, explanation=SECRET)
    identity = RecordingIdentity("clip.mp4", "", 60.0)
    study.keep_reading(recording, Reading(identity, SIGNAL, {"tonic": secret}), why=SECRET)
    edits: tuple[Edit, ...] = (
        SetAnswer(recording, BO, Answer("tonic"), secret),
        SetNote(recording, BO, "clonic", "", SECRET),
        SetMark(recording, BO, None, Mark(MarkKind.PHASE, 3, SECRET)),
        Decide(recording, Decision(Answer("tonic")), Decision(secret, SECRET)),
        RateExplanation(recording, SIGNAL, "tonic", BO, None, Rating(2, SECRET)),
        LockReading(recording, BO),
    )
    study.apply_all(edits, why=SECRET)
    return recording


def _everything(study: Study, recording: int, viewer: ReaderIdentity) -> list[object]:
    """What every question of the store gives to the viewer."""
    others = [one.reader for one in study.readers(recording, viewer=viewer)]
    asked: list[Callable[[], object]] = [
        lambda: study.readings(recording, viewer=viewer),
        lambda: study.full_readings(recording, viewer=viewer),
        lambda: study.readers(recording, viewer=viewer),
        lambda: study.disagreements(recording, viewer=viewer),
        lambda: study.worklist(viewer, viewer=viewer),
        lambda: study.next_unanswered(viewer),
        lambda: study.next_disagreement(viewer=viewer),
        lambda: study.ratings(viewer=viewer),
        lambda: study.ratings(recording_id=recording, reader=SIGNAL, rater=BO, viewer=viewer),
        lambda: study.history(viewer=viewer),
        lambda: study.history(recording, viewer=viewer),
        lambda: study.history_page(viewers=(viewer,)).rows,
        lambda: study.history_page(HistoryFilter(reader=BO, text=SECRET), viewers=(viewer,)).rows,
        study.settings,
        study.people,
        study.recordings,
        study.verify_history,
        lambda: study.patient_box(recording),
    ]
    asked.extend(
        partial(ask, recording, reader, viewer=viewer)
        for reader in others
        for ask in (study.reading, study.full_reading, study.answers_at_lock)
    )
    given_back: list[object] = []
    for question in asked:
        try:
            given_back.append(question())
        except Sealed as refusal:
            given_back.append(str(refusal))
    return given_back


def _told(study: Study, recording: int, viewer: ReaderIdentity) -> bool:
    return SECRET in repr([_plain(one) for one in _everything(study, recording, viewer)])


def _plain(value: object) -> object:
    """As plain data, so that nothing hides in an object without a text."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [_plain(getattr(value, field.name)) for field in dataclasses.fields(value)]
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return dict(value) if isinstance(value, dict) else value


def test_before_the_reveal_the_others_are_only_names(study: Study) -> None:
    assert not _told(study, 1, ANA)
    assert study.is_sealed(1, ANA)
    assert study.readings(1, viewer=ANA) == ()
    seen = {one.reader.name: (one.withheld, one.answered) for one in study.readers(1, viewer=ANA)}
    assert seen == {"Bo": (True, None), "Consensus": (True, None), "signal": (True, None)}
    with pytest.raises(Sealed, match="sealed"):
        study.reading(1, SIGNAL, viewer=ANA)
    (item,) = study.worklist(ANA, viewer=ANA)
    assert (item.readers, item.agreement) == (("Bo", "Consensus", "signal"), None)
    assert study.worklist(ANA, viewer=None)[0].agreement == 1.0


def test_locking_alone_shows_nothing_and_the_reveal_shows_all(study: Study) -> None:
    tick(study, 1, "tonic", NO)
    with pytest.raises(UserError, match="Lock your own"):
        study.reveal(1, ANA)
    study.apply(LockReading(1, ANA))
    assert not _told(study, 1, ANA)
    revealed = study.reveal(1, ANA)
    assert revealed is not None
    assert study.reveal(1, ANA) is None
    assert _told(study, 1, ANA)
    assert [one.reader.name for one in study.readings(1, viewer=ANA)] == ["Ana", "Bo", "Consensus", "signal"]
    state = next(one for one in study.readers(1, viewer=None) if one.reader.name == "Ana")
    assert (state.blind, state.revealed, state.answered) == (True, revealed.at, 1)
    row = study.history(1, viewer=None)[-1]
    assert (row.operation, len(json.loads(row.new))) == ("revealed", 3)
    assert study.verify_history() == ()


def test_a_locked_reading_takes_no_changes_until_the_reveal(study: Study) -> None:
    tick(study, 1, "tonic", NO)
    study.apply(LockReading(1, ANA))
    for change in (
        lambda: tick(study, 1, "tonic", YES),
        lambda: study.apply(SetNote(1, ANA, "tonic", "", "x")),
        lambda: study.apply(SetMark(1, ANA, None, Mark(MarkKind.ONSET, 1))),
        lambda: study.keep_reading(1, Reading(RecordingIdentity("", "", 0), ANA, {})),
    ):
        with pytest.raises(UserError, match="locked"):
            change()
    study.undo(1)
    tick(study, 1, "tonic", YES)
    study.apply(LockReading(1, ANA))
    study.apply(LockReading(1, ANA, before=True, after=False))
    assert study.answers_at_lock(1, ANA, viewer=None) is None
    assert study.verify_history() == ()


def test_what_is_changed_after_the_reveal_is_known_against_what_was_locked(study: Study) -> None:
    tick(study, 1, "tonic", NO)
    study.apply(SetNote(1, ANA, "tonic", "", "sure"))
    study.apply(SetMark(1, ANA, None, Mark(MarkKind.ONSET, 1)))
    study.apply(LockReading(1, ANA))
    study.reveal(1, ANA)
    tick(study, 1, "tonic", YES)
    tick(study, 1, "clonic", NO)
    locked = study.answers_at_lock(1, ANA, viewer=None)
    assert locked is not None
    assert locked.reading.answers == {"tonic": Answer("tonic", NO)}
    assert (locked.notes, locked.marks) == ({"tonic": "sure"}, (Mark(MarkKind.ONSET, 1),))
    changed = differences(locked, study.full_reading(1, ANA, viewer=None))
    assert [(one.feature, one.before.presence, one.after.presence) for one in changed] == [
        ("tonic", NO, YES),
        ("clonic", None, NO),
    ]
    with pytest.raises(UserError, match="stays locked"):
        study.apply(LockReading(1, ANA, before=True, after=False))
    for _ in range(2):
        study.undo(1)
    assert differences(locked, study.full_reading(1, ANA, viewer=None)) == ()
    study.undo(1)
    assert study.full_reading(1, ANA, viewer=None).marks == (), "undo passes the lock over, it stays"
    assert study.answers_at_lock(1, ANA, viewer=None) == locked
    assert study.verify_history() == ()


def test_one_recording_says_nothing_of_another(study: Study, tmp_path: Path) -> None:
    other = study.recording(Clip(tmp_path / "other.mp4", "e" * 64))
    study.apply(LockReading(other, ANA))
    study.reveal(other, ANA)
    assert not _told(study, 1, ANA)
    study.apply(SetAnswer(other, BO, Answer("clonic"), Answer("clonic", YES)))
    assert study.reading(other, BO, viewer=ANA).answer("clonic").presence is YES
    assert {row.entry.recording for row in study.history_page(viewers=(ANA,)).rows} == {"e" * 64}


def test_an_open_study_shows_everything_and_no_reading_in_it_was_blind(study: Study) -> None:
    study.apply(SetBlindByDefault(before=True, after=False))
    assert not study.is_sealed(1, ANA)
    assert _told(study, 1, ANA)
    tick(study, 1, "tonic", NO)
    study.apply(SetBlindByDefault(before=False, after=True))
    assert not _told(study, 1, ANA)
    study.apply(LockReading(1, ANA))
    assert next(one for one in study.readers(1, viewer=None) if one.reader.name == "Ana").blind is False


def test_without_a_viewer_nothing_is_withheld(study: Study) -> None:
    assert len(study.readings(1, viewer=None)) == 3
    assert study.reading(1, SIGNAL, viewer=None).answer("tonic").explanation == SECRET
    assert not any(one.withheld for one in study.readers(1, viewer=None))


_ACTIONS = st.lists(
    st.one_of(
        st.sampled_from(["lock", "reveal", "undo", "redo", "open again", "other"]),
        st.tuples(st.sampled_from([one.id for one in FEATURES[:3]]), st.none() | st.sampled_from(Presence)),
    ),
    max_size=14,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_ACTIONS)
def test_whatever_is_done_nothing_sealed_is_told(
    tmp_path_factory: pytest.TempPathFactory, actions: list[str | tuple[str, Presence | None]]
) -> None:
    folder = tmp_path_factory.mktemp("study")
    study = Study.open(folder, author="Ana")
    recording = _fill(study, folder)
    study.change_author("Ana B.")
    me, revealed, refusals = person("Ana B."), False, []
    for action in actions:
        try:
            if action == "lock":
                study.apply(LockReading(recording, me))
            elif action == "reveal":
                revealed = study.reveal(recording, me) is not None or revealed
            elif action == "undo":
                study.undo(recording)
            elif action == "redo":
                study.redo(recording)
            elif action == "other":
                study.apply(SetNote(recording, BO, "tonic", "", SECRET))
            elif isinstance(action, tuple):
                before = study.reading(recording, me, viewer=me).answer(action[0])
                study.apply(SetAnswer(recording, me, before, Answer(*action)))
            else:
                study.close()
                study = Study.open(folder, author="Ana B.")
        except UserError as refusal:
            refusals.append(str(refusal))
        assert _told(study, recording, me) == revealed
    assert SECRET not in "".join(refusals)
    assert study.verify_history() == ()
    study.close()
