"""The stretches that a study names for clips, and what is sealed from the viewer; the command over them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app import cli
from app.commands import hiding_options
from app.core.deidentify import prepared_clips
from app.core.deidentify.clip_choice import choice_from_dict
from app.core.deidentify.stretches_of_study import MARGIN, feature_stretches, seizure_stretch
from app.core.errors import UserError
from app.core.folders import settings_folder
from app.core.picture_box import Box
from app.core.privacy.ledger import WRITTEN, Ledger
from app.core.reading import ReaderIdentity, Reading, RecordingIdentity, person
from app.core.recording.probe import open_recording
from app.core.semiology import Answer, Presence, Span
from app.core.study.edits import SetAnswer, SetBlindByDefault, SetHiddenPlaces, SetMark
from app.core.study.hidden_places import PREFIX
from app.core.study.marks import Mark, MarkKind
from app.core.study.store import Study
from app.core.study.viewer import SealedFrom, every_reader
from tests.core.deidentified_cases import make_clips, named_recording
from tests.core.study_cases import ANA, SIGNAL, Clip
from tests.ui.made_poses import a_pose_track

BO = person("Bo")
LENGTH = 60.0
YES = Presence.YES


@pytest.fixture
def study(tmp_path: Path) -> Any:
    """Bo has marked a seizure; he and the signal reader have answered."""
    with Study.open(tmp_path / "ward", author="Bo") as study:
        study.apply(SetBlindByDefault(True, False))
        number = study.recording(Clip(tmp_path / "a.mp4"))
        study.apply(SetMark(number, BO, None, Mark(MarkKind.ONSET, 12.0)))
        study.apply(SetMark(number, BO, None, Mark(MarkKind.END, 40.0)))
        answer(study, BO, "clonic", Span(20.0, 21.0), Span(25.0, 31.0))
        said = {"tonic": Answer("tonic", YES, evidence=(Span(0.5, 59.0),))}
        study.keep_reading(number, Reading(RecordingIdentity("", "", 0), SIGNAL, said))
        yield study


def answer(study: Study, reader: ReaderIdentity, feature: str, *spans: Span) -> None:
    study.apply(SetAnswer(1, reader, Answer(feature), Answer(feature, YES, evidence=spans)))


def spans(found: Any) -> list[tuple[str, float, float]]:
    return [(one.name, one.span.start, one.span.end) for one in found.stretches]


def test_the_seizure_is_from_its_onset_to_its_end(study: Study) -> None:
    found = seizure_stretch(study, 1, every_reader(study), LENGTH)
    assert spans(found) == [("", 12.0, 40.0)]
    assert found.reader == BO


def test_a_seizure_without_an_end_lasts_as_the_recording(study: Study) -> None:
    study.apply(SetMark(1, BO, Mark(MarkKind.END, 40.0), None))
    assert spans(seizure_stretch(study, 1, every_reader(study), LENGTH)) == [("", 12.0, LENGTH)]


def test_each_feature_has_its_longest_evidence_with_a_margin(study: Study) -> None:
    found = feature_stretches(study, 1, every_reader(study), LENGTH)
    assert spans(found) == [("clonic", 25.0 - MARGIN, 31.0 + MARGIN)]
    other = feature_stretches(study, 1, every_reader(study), LENGTH, reader="signal")
    assert spans(other) == [("tonic", 0.0, LENGTH)]


def test_mine_goes_before_others(study: Study) -> None:
    answer(study, ANA, "tonic", Span(3.0, 4.0))
    assert feature_stretches(study, 1, every_reader(study), LENGTH, me=ANA).reader == ANA
    assert feature_stretches(study, 1, every_reader(study), LENGTH, me=BO).reader == BO
    from_a_file = replace(BO, version="2")
    assert feature_stretches(study, 1, every_reader(study), LENGTH, me=from_a_file).reader == BO


@pytest.mark.parametrize("find", [seizure_stretch, feature_stretches])
def test_what_is_sealed_names_no_stretch(study: Study, find: Any) -> None:
    study.apply(SetBlindByDefault(False, True))
    with pytest.raises(UserError, match="sealed"):
        find(study, 1, SealedFrom((ANA,)), LENGTH)


def test_a_reader_without_a_reading_is_a_sentence(study: Study) -> None:
    with pytest.raises(UserError, match="no reading of “Cy”"):
        seizure_stretch(study, 1, every_reader(study), LENGTH, reader="Cy")


# the command


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a recording; the pose and the process stand in, and there is no terminal."""
    monkeypatch.setattr(prepared_clips, "pose_track", lambda *_a, **_k: a_pose_track(1.0))
    monkeypatch.setattr(prepared_clips, "run_process", make_clips)
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    named_recording(tmp_path / "a.mp4")
    return tmp_path


def run(place: Path, *options: str) -> int:
    return cli.main(["deidentify", str(place / "a.mp4"), "--out", str(place / "clip.mp4"), *options])


def test_without_a_terminal_a_clip_waits_for_its_confirmation(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(place) == 1
    assert not (place / "clip.mp4").exists()
    assert "--confirm" in capsys.readouterr().err
    assert run(place, "--confirm") == 0
    assert (place / "clip.mp4").exists()
    assert {path.name for path in place.iterdir()} == {"a.mp4", "clip.mp4"}


def test_what_confirming_refuses_can_be_made_anew_as_it_says(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(place) == 1
    sheet = place / "clip.unconfirmed.png"
    sheet.write_bytes(b"saved anew")
    assert run(place, "--confirm") == 1
    assert "move it away and make the clip anew" in capsys.readouterr().err
    sheet.rename(place / "mine.png")
    assert run(place, "--confirm") == 1
    said = capsys.readouterr().err
    assert "make the clip anew" in said
    assert "move it away" not in said
    assert run(place) == 1
    assert run(place, "--confirm") == 0


@pytest.mark.parametrize(
    ("suspected", "says"),
    [(0, "found no face in it that still shows"), (3, "In 3 frames of it a face may still show")],
)
def test_what_was_suspected_is_told_before_a_waiting_clip_is_named(
    place: Path, monkeypatch: pytest.MonkeyPatch, suspected: int, says: str
) -> None:
    monkeypatch.setattr(prepared_clips, "run_process", partial(make_clips, suspected=suspected))
    assert run(place) == 1
    sheet = place / "clip.unconfirmed.png"
    told: list[tuple[str, bool]] = []

    def note(sentence: str) -> None:
        told.append((sentence, (place / "clip.mp4").exists()))

    monkeypatch.setattr(hiding_options, "say", note)
    assert run(place, "--confirm") == 0
    [(sentence, named)] = told
    assert says in sentence
    assert str(sheet) in sentence
    assert not named, "it is said before"


@pytest.mark.parametrize(("said", "code"), [("y", 0), ("", 1), ("n", 1), ("no", 1)])
def test_on_a_terminal_only_yes_keeps(
    place: Path, monkeypatch: pytest.MonkeyPatch, said: str, code: int
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _question: said)
    assert run(place) == code
    assert (place / "clip.mp4").exists() is (code == 0)
    assert not (place / "clip.unconfirmed.mp4").exists()


def test_options_that_need_a_study_say_so(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(place, "--seizure") == 1
    assert "need --study" in capsys.readouterr().err
    assert run(place, "--from", "1.5", "--to", "1") == 1
    assert "no picture in this stretch" in capsys.readouterr().err


def test_the_recording_itself_is_refused_before_it_is_opened(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def opened(*_: object, **__: object) -> None:
        raise AssertionError("that takes long")

    monkeypatch.setattr("app.core.recording.probe.open_recording", opened)
    film = place / "film.mkv"
    film.hardlink_to(place / "a.mp4")
    assert cli.main(["deidentify", str(film), "--out", str(film)]) == 1
    said = capsys.readouterr().err
    assert "never written over the recording itself" in said
    assert "becomes" not in said


def test_an_ending_that_is_added_is_told(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["deidentify", str(place / "a.mp4"), "--out", str(place / "clip.mkv")]) == 1
    said = capsys.readouterr().err
    assert "A clip is an MP4, so “clip.mkv” becomes “clip.mkv.mp4”." in said
    assert "Look at every picture." in said
    assert "A yellow ring marks" in said
    assert (place / "clip.mkv.unconfirmed.mp4").exists()


def test_a_clip_of_a_study_is_confirmed_in_its_ledger_without_naming_the_study(place: Path) -> None:
    with Study.open(place / "ward", author="Bo") as study:
        study.recording(open_recording(place / "a.mp4"))
    assert run(place, "--study", str(place / "ward")) == 1
    assert run(place, "--confirm") == 0
    assert [entry.outcome for entry in Ledger(place / "ward").entries()] == [WRITTEN]
    assert Ledger(settings_folder()).entries() == ()


KEPT, OTHER = Box(0, 0, 0.5, 0.5), Box(0.2, 0.2, 0.4, 0.4)


def keep_places(place: Path, folder: str) -> Path:
    """A study of the recording with a place on its picture and one on the mirrored one."""
    recording = open_recording(place / "a.mp4")
    with Study.open(place / folder, author="Bo") as study:
        places = {recording.picture_key: (KEPT,), f"{recording.picture_key}-mirrored": (OTHER,)}
        study.apply(SetHiddenPlaces(study.recording(recording), {}, places))
    return place / folder


def spoil_places(place: Path, folder: str) -> Path:
    """A study of the recording whose places cannot be read."""
    recording = open_recording(place / "a.mp4")
    with Study.open(place / folder, author="Bo") as study:
        study.recording(recording)
    with closing(sqlite3.connect(place / folder / "study.sqlite")) as connection:
        name = f"{PREFIX}{recording.fingerprint}"
        connection.execute("INSERT INTO settings VALUES (?, ?)", (name, '{"a": [[0, 0, 2, 1]]}'))
        connection.commit()
    return place / folder


@pytest.mark.parametrize("beside", [False, True])
def test_places_that_the_study_keeps_are_covered(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], beside: bool
) -> None:
    """Also when it is not named and lies where the program puts it."""
    study = keep_places(place, "a.semioscope" if beside else "ward")
    given = Box(0.5, 0.5, 1, 1)
    jobs: list[Any] = []

    def note(module: str, job: Any, **rest: Any) -> bytes:
        jobs.append(job)
        return make_clips(module, job, **rest)

    monkeypatch.setattr(prepared_clips, "run_process", note)
    assert run(place, *(() if beside else ("--study", str(study))), "--cover", "0.5,0.5,1,1") == 1
    said = capsys.readouterr().err
    assert "Places that the study keeps are covered: 1." in said
    assert "another picture of this recording are not covered: 1" in said
    assert choice_from_dict(jobs[0]["choice"]).covers == (KEPT, given)


@pytest.mark.parametrize("beside", [False, True])
def test_no_clip_is_made_without_places_that_cannot_be_read(
    place: Path, capsys: pytest.CaptureFixture[str], beside: bool
) -> None:
    study = spoil_places(place, "a.semioscope" if beside else "ward")
    assert run(place, *(() if beside else ("--study", str(study)))) == 1
    said = capsys.readouterr().err
    assert "cannot be read, so nothing was made" in said
    assert "give the places to cover with --cover and without --study" in said
    assert not list(place.glob("clip*"))
    assert run(place, "--cover", "0,0,0.5,0.5") == 1
    said = capsys.readouterr().err
    assert ("Only the places of --cover are covered." in said) is beside
    assert "is not confirmed" in said
