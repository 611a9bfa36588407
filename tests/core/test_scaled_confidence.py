"""Confidence scaled on other patients of a study, and answers to black frames and silence."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from app import cli
from app.core.errors import UserError
from app.core.evaluation.blind_answers import blind_in_study, blind_shares
from app.core.evaluation.scale_study import doubt_of_reader, keep_scaled
from app.core.evaluation.scaled_confidence import OfPatient, ScaledReadings, scale_confidence
from app.core.reader_details import MERGING, SCALED_ON, SHOWN
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity
from app.core.semiology import Answer, ConfidenceKind, Presence
from app.core.study.edits import SetAnswer, SetBlindByDefault, SetPatientData
from app.core.study.patient_data import PatientData
from app.core.study.store import Study
from app.core.study.viewer import SealedFrom
from tests.core.study_cases import ANA, Clip

YES, NO = Presence.YES, Presence.NO
MODEL = ReaderIdentity(ReaderKind.MODEL, "tiny-vl", "1", {"prompts": "p", "mode": "grouped"})
CONTROL = replace(MODEL, details={**MODEL.details, SHOWN: "black frames and silence"})
NOBODY = SealedFrom(())


def reading(number: int, reader: ReaderIdentity, *answers: Answer) -> Reading:
    identity = RecordingIdentity(f"{number}.mp4", f"{number:064x}", 60.0)
    return Reading(identity, reader, {answer.feature: answer for answer in answers})


def overconfident(count: int, patients: int) -> list[OfPatient]:
    """A reader that says yes with 95 % and is right in half of its answers."""
    return [
        OfPatient(
            reading(number, MODEL, Answer("clonic", YES, 95), Answer("tonic", NO, 60)),
            f"P{number % patients}",
            reading(
                number,
                ANA,
                Answer("clonic", YES if (number + number // patients) % 2 else NO),
                Answer("tonic", NO),
            ),
        )
        for number in range(count)
    ]


def clonic(found: ScaledReadings, at: int) -> Answer:
    return found.readings[at].answer("clonic")


def test_a_reader_that_is_too_sure_is_brought_down_to_what_it_is_worth() -> None:
    found = scale_confidence(overconfident(40, 20), "Ana")
    answers = [clonic(found, at) for at in range(40)]
    assert {answer.confidence_kind for answer in answers} == {ConfidenceKind.SCALED}
    assert {answer.presence for answer in answers} == {YES}
    assert all(40 <= (answer.confidence or 0) <= 60 for answer in answers)
    assert found.features["clonic"].after < found.features["clonic"].before
    assert found.features["clonic"].alone
    assert not found.features["tonic"].alone, "it has no yes in the reference"
    assert (found.patients, found.recordings) == (20, 40)
    assert "19 other patients" in found.readings[0].reader.details[SCALED_ON]


def test_the_patients_own_recordings_decide_nothing_about_them() -> None:
    items = overconfident(42, 21)
    before = scale_confidence(items, "Ana")
    changed = [
        one
        if one.patient != "P0"
        else replace(one, reference=reading(at, ANA, Answer("clonic", YES), Answer("tonic", NO)))
        for at, one in enumerate(items)
    ]
    after = scale_confidence(changed, "Ana")
    for at, item in enumerate(items):
        if item.patient == "P0":
            assert clonic(before, at).confidence == clonic(after, at).confidence
    assert any(clonic(before, at) != clonic(after, at) for at in range(42))


def test_recordings_without_a_reference_are_scaled_too() -> None:
    new = OfPatient(reading(99, MODEL, Answer("clonic", YES, 95)), "new", None)
    found = scale_confidence([*overconfident(40, 20), new], "Ana")
    assert clonic(found, 40).confidence_kind is ConfidenceKind.SCALED


@pytest.mark.parametrize(
    ("count", "patients", "words"),
    [
        (19, 19, "19 recordings of 19 patients"),
        (40, 9, "40 recordings of 9 patients"),
        (1, 1, "1 recording of 1 patient,"),
        (0, 1, "0 recordings of 0 patients"),
    ],
)
def test_too_few_are_refused_in_words(count: int, patients: int, words: str) -> None:
    with pytest.raises(UserError, match=words):
        scale_confidence(overconfident(count, patients), "Ana")


def test_a_reference_of_one_kind_is_refused() -> None:
    items = [replace(one, reference=reading(at, ANA, Answer("clonic", YES), Answer("tonic", YES)))
             for at, one in enumerate(overconfident(40, 20))]  # fmt: skip
    with pytest.raises(UserError, match="80 yes and 0 no"):
        scale_confidence(items, "Ana")


def test_the_control_is_counted_by_feature() -> None:
    shown = [reading(number, MODEL, Answer("clonic", YES), Answer("tonic", NO)) for number in range(4)]
    blind = [
        reading(number, CONTROL, Answer("clonic", YES if number < 3 else NO), Answer("tonic"))
        for number in range(5)
    ]
    other = reading(7, replace(CONTROL, name="another"), Answer("clonic", YES))
    found = blind_shares([*shown, *blind, other], MODEL)
    assert set(found) == {"clonic"}
    assert (found["clonic"].n, found["clonic"].yes) == (5, 3)
    assert (found["clonic"].both, found["clonic"].same) == (4, 3)
    assert blind_shares(shown, MODEL) == {}


def test_of_a_recording_the_latest_control_counts_and_only_for_what_is_asked_alike() -> None:
    twice = [reading(1, CONTROL, Answer("clonic", say)) for say in (NO, YES)]
    other_box = replace(CONTROL, details={**CONTROL.details, "patient": "a box", "served": "m-2"})
    more = reading(2, other_box, Answer("clonic", YES))
    found = blind_shares([*twice, more], MODEL)["clonic"]
    assert (found.yes, found.n) == (1, 2)
    assert found.sentence == "Shown nothing, it said yes to 1 of 2 black and silent clips."
    strict = replace(MODEL, details={**MODEL.details, MERGING: "2 segments"})
    assert blind_shares([*twice, more], strict) == {}, "another rule makes another yes"
    anywhere = replace(MODEL, details={**MODEL.details, "patient": "another box"})
    assert blind_shares([reading(2, anywhere, Answer("clonic", YES)), more], MODEL)["clonic"].same == 1


def test_the_controls_of_a_study_are_counted_by_model_without_what_is_sealed(tmp_path: Path) -> None:
    me = SealedFrom((ANA,), until_decided=True)
    with Study.open(tmp_path / "blind", author="Ana") as study:
        for number in range(4):
            recording = study.recording(Clip(tmp_path / f"{number}.mp4", f"{number:064}"))
            study.keep_reading(recording, reading(number, MODEL, Answer("clonic", NO)))
            study.keep_reading(recording, reading(number, CONTROL, Answer("clonic", YES if number else NO)))
        assert study.settings().blind_by_default
        assert blind_in_study(study, me) == {}
        study.apply(SetBlindByDefault(study.settings().blind_by_default, False))
        (shares,) = blind_in_study(study, me).values()
        assert shares["clonic"].sentence.endswith("yes to 3 of 4 black and silent clips.")
        assert [*blind_in_study(study, me)] == [MODEL.anywhere.key]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Study.open(tmp_path / "ward", author="Ana") as study:
        for number, item in enumerate(overconfident(24, 12)):
            clip = Clip(tmp_path / str(number) / f"{number}.mp4", f"{number:064}")
            recording = study.recording(clip)
            study.keep_reading(recording, item.reading)
            study.keep_reading(recording, reading(number, CONTROL, Answer("clonic", YES, 90)))
            assert item.reference is not None
            for answer in item.reference.answers.values():
                study.apply(SetAnswer(recording, ANA, Answer(answer.feature), answer))
            data = PatientData(patient=item.patient)
            study.apply(SetPatientData(recording, study.patient_data(recording, viewers=()), data))
    return tmp_path / "ward"


def test_a_study_keeps_the_scaled_readings_beside_the_others(folder: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        found = doubt_of_reader(study, NOBODY)
        assert (found.unknown, found.refusal) == (0, "")
        assert found.blind["clonic"].yes == 24
        assert keep_scaled(study, found) == 24
        assert keep_scaled(study, found) == 0
        again = doubt_of_reader(study, NOBODY)
        assert again.scaled is not None
        assert found.scaled is not None
        assert again.scaled.features == found.scaled.features, "scaled readings are not scaled again"
        kinds = {
            answer.confidence_kind
            for one in study.readings(1, viewer=None)
            for answer in one.answers.values()
            if one.reader.kind is ReaderKind.MODEL
        }
        assert kinds == {ConfidenceKind.STATED, ConfidenceKind.SCALED}
        assert study.verify_history() == ()


def test_the_command_prints_both(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["confidence", str(folder), "--unsealed"]) == 0
    table = capsys.readouterr().out
    assert "24 recordings of 12 patients" in table
    assert "yes in 24 of 24 recordings" in table
    assert cli.main(["confidence", str(folder), "--json", "--keep", "--unsealed"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["features"]["clonic"]["n"] == 24
    assert data["blind"]["clonic"] == {"n": 24, "yes": 24, "both": 24, "same": 24}
