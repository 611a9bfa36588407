"""Changes that could not be saved are kept, whole and private, until they are in their study."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.eeg.sync import MarkPair, Sync
from app.core.errors import StorageError, UserError
from app.core.folders import settings_folder
from app.core.picture_box import Box
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity
from app.core.semiology import Answer, Laterality, Presence, Span
from app.core.study import unsaved_changes
from app.core.study.cameras import Camera
from app.core.study.change_requests import ApplyEdits, KeepReading, Request, Reveal, StepHistory
from app.core.study.edit_text import edit_from_dict, edit_to_dict
from app.core.study.edits import (
    EDITS,
    AttachEeg,
    ChangeSpans,
    Decide,
    Decision,
    Edit,
    JoinLabels,
    LockReading,
    RateExplanation,
    SetAnswer,
    SetBadChannels,
    SetBlindByDefault,
    SetCameras,
    SetEegSync,
    SetHiddenPlaces,
    SetMark,
    SetNote,
    SetPatientBox,
    SetPatientData,
    SetPeopleOnly,
    SetPerson,
    SetReference,
    SetSavedFilter,
    SetStudyName,
    SetVerdict,
)
from app.core.study.history import Operation
from app.core.study.marks import Mark, MarkKind
from app.core.study.patient_data import Diagnosis, PatientData
from app.core.study.rating import Rating
from app.core.study.saving import LeftWork
from app.core.study.store import Study
from app.core.study.stored_eeg import AgreedSync, StoredEeg
from app.core.study.unsaved_changes import KeptChanges, keep, kept, new_place, remove, take_up
from app.core.study.verdict import Verdict
from tests.core.study_cases import ANA, SIGNAL, Clip, tick
from tests.core.study_writing import Disk, Window
from tests.core.study_writing import tick as ticked

YES, NO = Presence.YES, Presence.NO
MARK = "f" * 64
FULL = Answer("tonic", YES, 80, (Span(1.5, 2.0), Span(3.0, 4.25)), Laterality.LEFT, "why – “so”")
MODEL = ReaderIdentity(ReaderKind.MODEL, "m", "2", {"prompt": "a"})

EEG = StoredEeg("d" * 40, "night ä.edf", "../night ä.edf", 1000, AgreedSync(Sync(-3600.5), "start times"))

_PATIENT = PatientData("P 7 ä", "2", Diagnosis.FUNCTIONAL, "test", (("age", "31"), ("ward", "=B")))

ONE_OF_EACH: tuple[Edit, ...] = (
    SetAnswer(1, ANA, Answer("tonic"), FULL),
    SetVerdict(1, MODEL, "tonic", Verdict(), Verdict(NO, 3, None, "x")),
    ChangeSpans(1, ANA, "tonic", (), (Span(0.0, 1.0),)),
    SetNote(1, ANA, "tonic", "", "a note"),
    SetMark(1, ANA, None, Mark(MarkKind.PHASE, 3.25, "aura")),
    LockReading(1, ANA),
    Decide(1, Decision(Answer("tonic")), Decision(FULL, "agreed")),
    RateExplanation(1, MODEL, "tonic", ANA, None, Rating(4, "good")),
    SetPatientBox(1, None, Box(0.1, 0.2, 0.3, 0.4)),
    AttachEeg(1, None, EEG),
    SetEegSync(1, EEG.fingerprint, EEG.agreed, AgreedSync(Sync(-1.5, 1e-5), "marks", (MarkPair(2, 0.5),))),
    SetBadChannels(1, EEG.fingerprint, frozenset(), frozenset({"Fp1 ä"})),
    SetCameras(1, (), (Camera("e" * 64, "b.mp4", "b.mp4", -1.25),)),
    SetPatientData(
        1,
        PatientData(),
        _PATIENT,
    ),
    JoinLabels(1, "P 7 ä", None),
    SetHiddenPlaces(
        1, {}, {MARK: (Box(0.1, 0.2, 0.3, 0.4),), f"{MARK}-picture1": (Box(0.0, 0.0, 1.0, 1.0),)}
    ),
    SetPerson(None, "Bo"),
    SetBlindByDefault(True, False),
    SetReference(None, ANA),
    SetStudyName(None, "Ward 3 ä"),
    SetPeopleOnly(before=True, after=False),
    SetSavedFilter("mine", None, "{}"),
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEMIOSCOPE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    with Study.open(tmp_path / "clip.semioscope", author="Bo") as opened:
        opened.recording(Clip(tmp_path / "clip.mp4"))
        yield opened


def keep_in(*unsaved: tuple[str, Request], last_row: int = 0) -> KeptChanges:
    keep(new_place("s"), LeftWork("s", last_row, unsaved), {1: MARK})
    return kept("s")[-1]


def test_every_kind_of_edit_can_be_kept() -> None:
    assert {type(edit) for edit in ONE_OF_EACH} == set(EDITS)


@pytest.mark.parametrize(
    "edit", [*ONE_OF_EACH, *(edit.inverse() for edit in ONE_OF_EACH)], ids=lambda one: type(one).__name__
)
def test_an_edit_comes_back_as_it_was_with_the_recording_known_by_its_content(edit: Edit) -> None:
    told = json.loads(json.dumps(edit_to_dict(edit, {1: MARK})))
    assert edit_from_dict(told, {MARK: 1}) == edit
    if hasattr(edit, "recording_id"):
        assert getattr(edit_from_dict(told, {MARK: 7}), "recording_id", 0) == 7
        with pytest.raises(LookupError):
            edit_from_dict(told, {})


@pytest.mark.parametrize(
    "spoiled", [{"kind": "Edit"}, {"kind": 3}, {"before": "{"}, {"after": None}, {"feature": "9"}]
)
def test_what_is_no_edit_is_refused(spoiled: dict[str, object]) -> None:
    told = edit_to_dict(SetNote(1, ANA, "tonic", "", "a"), {1: MARK}) | spoiled
    with pytest.raises((ValueError, UserError)):
        edit_from_dict(told, {MARK: 1})


def test_kept_changes_are_private_and_found_again_by_their_study_alone(home: Path) -> None:
    one = keep_in(("Ana", ticked(1, "tonic", None, YES)), ("Bo", ApplyEdits(ONE_OF_EACH[:2])))
    assert (one.count, one.authors) == (3, ("Ana", "Bo"))
    assert kept("another") == ()
    assert home in one.path.parents
    if os.name == "posix":
        assert stat.S_IMODE(one.path.stat().st_mode) == 0o600
        assert stat.S_IMODE(one.path.parent.stat().st_mode) == 0o700
    remove(one)
    assert kept("s") == ()
    assert list((settings_folder() / "unsaved").iterdir()) == []


def test_kept_changes_are_made_as_their_authors_and_forgotten(study: Study) -> None:
    reading = Reading(RecordingIdentity("clip.mp4", "", 60.0), SIGNAL, {"tonic": Answer("tonic", NO, 60)})
    one = keep_in(
        ("Ana", ticked(1, "tonic", None, YES)),
        ("Ana", StepHistory(Operation.UNDO, 1, (SetAnswer(1, ANA, Answer("tonic", YES), Answer("tonic")),))),
        ("Ana", ApplyEdits((ChangeSpans(1, ANA, "tonic", (), (Span(1.0, 2.0),)),), "by hand")),
        ("Cy", KeepReading(1, reading)),
        ("Ana", Reveal(1, ANA)),
        ("Ana", StepHistory(Operation.UNDO, 1)),
    )
    assert one.count == 4, "a reveal, and an undo of nobody knows what, can be asked for again"
    result = take_up(study, one)
    assert (result.saved, result.refused) == (4, ())
    assert study.reading(1, ANA, viewer=None).answer("tonic").evidence == (Span(1.0, 2.0),)
    assert study.reading(1, SIGNAL, viewer=None).answer("tonic").presence is NO
    assert [(row.who, row.why) for row in study.history(viewer=None)] == [
        ("Ana", ""), ("Ana", "undo"), ("Ana", "by hand"), ("Cy", ""),
    ]  # fmt: skip
    assert study.author == "Bo"
    assert kept("s") == ()


SPANS = (
    ApplyEdits((ChangeSpans(1, ANA, "tonic", (), (Span(1.0, 2.0),)),)),
    ApplyEdits((ChangeSpans(1, ANA, "tonic", (Span(1.0, 2.0),), (Span(1.0, 3.0),)),)),
    ApplyEdits((ChangeSpans(1, ANA, "tonic", (Span(1.0, 3.0),), ()),)),
    ApplyEdits((ChangeSpans(1, ANA, "tonic", (), (Span(1.0, 2.0),)),)),
)
"""A span that is drawn, moved, removed and drawn again."""


@pytest.mark.parametrize("reached", range(5))
def test_what_the_disk_took_after_all_is_not_made_twice(study: Study, reached: int) -> None:
    """Any number of changes may still arrive after they were kept, and a taking up may be ended midway."""
    study.change_author("Ana")
    tick(study, 1, "clonic", YES)
    one = keep_in(*(("Ana", request) for request in SPANS), last_row=1)
    for request in SPANS[:reached]:
        study.apply_all(request.edits)
    result = take_up(study, one)
    assert (result.saved, result.refused) == (4, ())
    assert len(study.history(viewer=None)) == 5
    assert study.reading(1, ANA, viewer=None).answer("tonic").evidence == (Span(1.0, 2.0),)


def test_what_another_person_has_done_since_does_not_stand_for_ones_own(study: Study) -> None:
    """Both draw the same box: the second one hears that it was done meanwhile."""
    one = keep_in(("Ana", ApplyEdits((SetPatientBox(1, None, Box(0.1, 0.2, 0.3, 0.4)),))))
    study.apply(SetPatientBox(1, None, Box(0.1, 0.2, 0.3, 0.4)))
    result = take_up(study, one)
    assert (result.saved, len(result.refused)) == (0, 1)


@pytest.mark.parametrize("failing", range(4))
def test_a_disk_that_fails_again_leaves_the_file_and_the_next_try_goes_on(
    study: Study, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    one = keep_in(*(("Ana", request) for request in SPANS))
    disk = Disk(monkeypatch)
    disk.failures = [*[0] * failing, 1]
    with pytest.raises(StorageError):
        take_up(study, one)
    assert kept("s") == (one,)
    assert study.author == "Bo"
    assert take_up(study, one).saved == 4
    assert len(study.history(viewer=None)) == 4
    assert kept("s") == ()


def test_what_no_longer_fits_is_refused_with_what_builds_on_it_and_the_rest_is_made(study: Study) -> None:
    one = keep_in(
        ("Ana", ticked(1, "tonic", None, YES)),
        ("Ana", ApplyEdits((SetNote(1, ANA, "clonic", "", "a note"),))),
        ("Ana", ApplyEdits((LockReading(1, ANA),))),
        ("Ana", ApplyEdits((SetNote(1, ANA, "clonic", "a note", "another"),))),
    )
    study.change_author("Cy")
    tick(study, 1, "tonic", NO)
    result = take_up(study, one)
    assert result.saved == 1
    assert len(result.refused) == 3
    assert result.refused[0].startswith("This was changed meanwhile")
    full = study.full_reading(1, ANA, viewer=None)
    assert (full.reading.answer("tonic").presence, full.note("clonic")) == (NO, "a note")
    assert kept("s") == (), "the person was told, and nothing is offered twice"


def test_a_newer_reading_of_a_model_is_not_replaced_by_the_kept_one(study: Study) -> None:
    identity = RecordingIdentity("clip.mp4", "", 60.0)
    older, newer = (Reading(identity, MODEL, {"tonic": Answer("tonic", YES, sure)}) for sure in (50, 60))
    one = keep_in(("Ana", KeepReading(1, older)))
    study.keep_reading(1, newer)
    assert take_up(study, one).refused == ("The study holds another reading of this reader already.",)
    assert study.reading(1, MODEL, viewer=None).answers == newer.answers
    assert take_up(study, keep_in(("Ana", KeepReading(1, newer)))).saved == 1


def test_a_recording_that_is_not_there_any_more_is_told(study: Study) -> None:
    keep(new_place("s"), LeftWork("s", 0, (("Ana", ticked(1, "tonic", None, YES)),)), {1: "e" * 64})
    assert take_up(study, kept("s")[0]).refused == ("The study no longer holds the recording.",)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": "semioscope-unsaved/2"}', "[" * 100_000])
def test_a_file_that_cannot_be_read_stays_and_hides_no_other(
    content: str, caplog: pytest.LogCaptureFixture
) -> None:
    one = keep_in(("Ana", ticked(1, "tonic", None, YES)))
    spoiled = new_place("s")
    spoiled.write_text(content, encoding="utf-8")
    assert kept("s") == (one,)
    assert spoiled.exists()
    assert spoiled.name in caplog.text


def test_a_spoiled_change_is_told_and_the_others_are_made(study: Study) -> None:
    one = keep_in(*(("Ana", ticked(1, feature, None, YES)) for feature in ("tonic", "clonic")))
    told = json.loads(one.path.read_text(encoding="ascii"))
    told["changes"][0]["edits"][0]["after"] = "{}"
    one.path.write_text(json.dumps(told), encoding="ascii")
    result = take_up(study, kept("s")[0])
    assert (result.saved, len(result.refused)) == (1, 1)
    assert study.reading(1, ANA, viewer=None).answers.keys() == {"clonic"}


def test_more_than_can_be_kept_is_told_and_what_was_kept_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    one = keep_in(("Ana", ticked(1, "tonic", None, YES)))
    monkeypatch.setattr(unsaved_changes, "LARGEST", 10)
    with pytest.raises(UserError, match="too many"):
        keep(one.path, LeftWork("s", 0, (("Ana", ticked(1, "tonic", YES, NO)),)), {1: MARK})


def test_what_a_hanging_share_did_not_take_is_in_the_study_after_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch)
    window = Window(tmp_path / "clip.semioscope")
    window.submit(ticked(window.recording, "clonic", None, YES))
    window.settle()
    disk.hang()
    for before, after in ((None, YES), (YES, NO)):
        window.submit(ticked(window.recording, "tonic", before, after))
    assert window.writer.close(0.0).count == 2
    left = window.writer.left()
    assert keep(new_place(left.study_id), left, {window.recording: MARK}) == 2
    disk.answer()  # at the very last moment it takes what it was given
    assert window.writer.has_ended(60)
    again = Window(tmp_path / "clip.semioscope")
    again.ask(lambda study: study.recordings())
    (one,) = kept(again.writer.study_id)
    result = again.ask(lambda study: take_up(study, one))
    assert (result.saved, result.refused) == (2, ())
    assert again.reading().answer("tonic").presence is NO
    assert len(again.ask(lambda study: study.history(viewer=None))) == 3
    again.close()
