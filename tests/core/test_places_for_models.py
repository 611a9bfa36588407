"""The places that a person drew to be covered, and whether text is covered, on the way to what models are
shown."""

from __future__ import annotations

import argparse
import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app import cli
from app.commands.model_options import add_model_options, choice_of, refuse_model_options
from app.commands.model_reading import _kept_of
from app.core.batch import export_question_lines as exporting
from app.core.batch import recording_list
from app.core.batch.batch_reader import BatchReader
from app.core.batch.begin_study import chosen_recordings
from app.core.batch.each_recording import question_about
from app.core.batch.plan_batch import plan_batch
from app.core.batch.recording_list import ListedRecording, listed_recordings, recordings_of_study
from app.core.batch.run_batch import BatchChoice, run_batch
from app.core.batch.unit import Unit, question_of
from app.core.clips.clip import Clip, ClipOptions
from app.core.errors import UserError
from app.core.folders import MODEL_CHOICE, STUDY_FILE
from app.core.jobs import CancelToken, Task, no_report
from app.core.picture_box import Box
from app.core.privacy.gate import allow
from app.core.reader_details import DRAWN
from app.core.readers.models import reader
from app.core.readers.models.model_choice import (
    ModelChoice,
    choice_from_text,
    choice_text,
    clip_options_of,
    load_choice,
    save_choice,
)
from app.core.readers.models.model_work import read_by_model
from app.core.readers.models.prompts import PROMPT_SETS
from app.core.readers.models.reader import Plan, plan_reading, prepare_plan_clips
from app.core.reading import RecordingIdentity, person
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording
from app.core.settings import account_author
from app.core.study.access import StudyAccess
from app.core.study.edits import SetHiddenPlaces
from app.core.study.hidden_places import NO_PLACES, PREFIX, HiddenPlaces
from app.core.study.named_places import remember_opened
from app.core.study.store import Study
from app.core.study.viewer import viewer_of_person
from tests.core.batch_cases import CountingReading
from tests.media import write_recording

BOX, OTHER = Box(0.1, 0.1, 0.4, 0.2), Box(0.5, 0.5, 0.6, 0.6)
ELSEWHERE = "Places drawn on the mirrored or on another picture of this recording are not covered"
CHOICE = ModelChoice("openai", "tiny-vl", "http://127.0.0.1:1/v1")


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    return open_recording(write_recording(tmp_path / "a.mp4", frames=25))


@pytest.fixture
def study_folder(recording: Recording, tmp_path: Path) -> Path:
    """A study in which one place is drawn over the recording's picture, and one over its mirrored picture."""
    folder = tmp_path / "one.semioscope"
    places = {recording.picture_key: (BOX,), f"{recording.picture_key}-mirrored": (OTHER,)}
    with Study.open(folder, author="Eva") as study:
        number = study.recording(recording)
        study.apply(SetHiddenPlaces(number, NO_PLACES, places))
    return folder


def planned(
    recording: Recording, folder: Path, choice: ModelChoice = CHOICE, places: HiddenPlaces = NO_PLACES
) -> Plan:
    identity = RecordingIdentity(recording.name, "00" * 32, recording.duration)
    return plan_reading(choice, identity, folder, places=places, content=recording)


def test_a_plan_covers_the_places_of_this_picture(recording: Recording, tmp_path: Path) -> None:
    places: Mapping[str, tuple[Box, ...]] = {recording.picture_key: (BOX,), "another": (OTHER,)}
    plan = planned(recording, tmp_path, places=places)
    assert plan.drawn == (BOX,)
    without = planned(recording, tmp_path)
    assert without.drawn == ()
    assert (plan.uncovered, without.uncovered) == (f"{ELSEWHERE}: 1.", "")
    assert plan.folder != without.folder, "they are other pictures"
    assert DRAWN not in without.what
    assert DRAWN not in reader.identity(plan).details, "where they are belongs to one recording"
    off = planned(recording, tmp_path, replace(CHOICE, cover_text=False), places)
    assert (off.drawn, off.uncovered) == ((), "")
    assert "cover_text" not in off.what["clips"], "as readings say that were made before"
    assert '"cover_text":true' in plan.what["clips"]


def test_a_plan_gives_its_places_to_its_clips(
    recording: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[tuple[Box, ...], bool]] = []

    def prepare(*_args: Any, drawn: tuple[Box, ...], options: ClipOptions, **_rest: Any) -> tuple[Clip, ...]:
        given.append((drawn, options.cover_text))
        return ()

    monkeypatch.setattr(reader, "prepare_clips", prepare)
    prepare_plan_clips(planned(recording, tmp_path, places={recording.picture_key: (BOX,)}), recording)
    assert given == [((BOX,), True)]


def test_a_study_gives_its_places_to_every_way_of_asking(
    recording: Recording, study_folder: Path, tmp_path: Path
) -> None:
    with Study.open_for_viewing(study_folder) as study:
        (listed,) = recordings_of_study(study, named=True)
    assert listed.refusal == ""
    assert asked_places(listed, recording) == listed.places
    question = question_about(listed, recording, CHOICE, PROMPT_SETS)
    assert question.plan(study_folder, recording, CancelToken()).drawn == (BOX,)
    kept = _kept_of(study_folder, recording, places=True)
    assert kept.places.get(recording.picture_key) == (BOX,)
    assert _kept_of(tmp_path / "no study", recording, places=True).places == NO_PLACES


def asked_places(
    listed: ListedRecording, recording: Recording, choice: ModelChoice = CHOICE, *, blind: bool = False
) -> HiddenPlaces:
    """The places that a batch covers, the same as overnight jobs and files of requests do."""
    model = BatchReader("gemini", choice, PROMPT_SETS["expert"], blind=blind)
    unit = Unit(listed, model, "00" * 32, "key")
    found = question_of(unit, choice, None if blind else recording).places
    assert blind or question_about(listed, recording, choice, PROMPT_SETS).places == found
    return found


def make_unreadable(study_folder: Path) -> None:
    with closing(sqlite3.connect(study_folder / STUDY_FILE)) as connection, connection:
        connection.execute("UPDATE settings SET value = '[1]' WHERE name LIKE ?", (f"{PREFIX}%",))


def test_places_that_cannot_be_read_stop_only_what_covers_them(
    recording: Recording, study_folder: Path, tmp_path: Path
) -> None:
    make_unreadable(study_folder)
    with Study.open_for_viewing(study_folder) as study:
        (listed,) = recordings_of_study(study, named=True)
    assert listed.refusal == ""
    with pytest.raises(UserError, match="cannot be read, so nothing was made without them"):
        asked_places(listed, recording)
    with pytest.raises(UserError, match="cannot be read"):
        _kept_of(study_folder, recording, places=True)
    assert asked_places(listed, recording, replace(CHOICE, cover_text=False)) == NO_PLACES
    assert asked_places(listed, recording, blind=True) == NO_PLACES

    batch = BatchChoice((listed,), (BatchReader("signal"),), tmp_path / "results")
    assert run_batch(batch, CountingReading(), report=no_report, cancel=CancelToken()).read == 1
    remember_opened(recording.path)
    assert chosen_recordings([study_folder], cancel=CancelToken()) == (recording.path,)


def test_a_batch_that_covers_text_says_why_it_leaves_a_recording_out(
    study_folder: Path, tmp_path: Path
) -> None:
    make_unreadable(study_folder)
    listed = listed_recordings(study_folder, named=True)
    model = BatchReader("openai", CHOICE, PROMPT_SETS["expert"])
    batch = BatchChoice(listed, (model,), tmp_path / "results")
    (plan,) = plan_batch(batch, report=no_report, cancel=CancelToken()).values()
    ((name, reason),) = plan.unreadable
    assert name == "a.mp4"
    assert "The places to cover that the study keeps for this recording cannot be read" in reason


# recordings of a folder or a table


def test_a_file_has_the_places_of_its_own_study(recording: Recording, study_folder: Path) -> None:
    table = recording.path.parent / "list.csv"
    table.write_text("recording\na.mp4\n", encoding="utf-8")
    for source in (recording.path.parent, table):
        (listed,) = listed_recordings(source)
        assert asked_places(listed, recording)[recording.picture_key] == (BOX,)
        assert asked_places(listed, recording, replace(CHOICE, cover_text=False)) == NO_PLACES
    make_unreadable(study_folder)
    with pytest.raises(UserError, match=r"one\.semioscope: .*cannot be read"):
        asked_places(listed, recording)


def test_a_file_without_a_study_is_asked_about_without_places(recording: Recording, tmp_path: Path) -> None:
    (listed,) = listed_recordings(recording.path.parent, study=tmp_path / "new.semioscope")
    assert asked_places(listed, recording) == NO_PLACES


def test_a_named_study_goes_before_the_own_one_where_it_has_places(
    recording: Recording, study_folder: Path, tmp_path: Path
) -> None:
    named = tmp_path / "elsewhere" / "all.semioscope"
    with Study.open(named, author="Eva") as study:
        number = study.recording(recording)
    (listed,) = listed_recordings(recording.path.parent, study=named)
    assert asked_places(listed, recording)[recording.picture_key] == (BOX,)
    with Study.open(named, author="Eva") as study:
        study.apply(SetHiddenPlaces(number, NO_PLACES, {recording.picture_key: (OTHER,)}))
    assert asked_places(listed, recording) == {recording.picture_key: (OTHER,)}


@pytest.mark.parametrize("command", ["batch", "overnight", "offline", "experiment"])
def test_commands_over_many_recordings_look_into_the_named_study(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Path | None] = []

    def listed(_source: Path, *, study: Path | None = None, **_rest: object) -> tuple[ListedRecording, ...]:
        given.append(study)
        raise UserError("enough")

    monkeypatch.setattr(recording_list, "listed_recordings", listed)
    (tmp_path / "e.toml").write_text('[[readers]]\nreader = "signal"\n', encoding="utf-8")
    source, named = str(tmp_path), tmp_path / "all.semioscope"
    told = {
        "batch": [source],
        "overnight": ["send", source, "--plan", "--model", "gemini-2.5-flash"],
        "offline": ["write", source, str(tmp_path / "r.jsonl"), "--model", "tiny-vl", "--i-have-authority"],
        "experiment": [str(tmp_path / "e.toml"), source],
    }
    assert cli.main([command, *told[command], "--study", str(named)]) == 1
    assert given == [named]


@pytest.mark.parametrize("now", [(), (BOX, OTHER)], ids=["taken away", "one more"])
def test_nothing_is_sent_where_other_places_are_kept_now(
    recording: Recording, study_folder: Path, monkeypatch: pytest.MonkeyPatch, now: tuple[Box, ...]
) -> None:
    monkeypatch.setattr(reader, "prepare_clips", lambda *_args, **_rest: ())
    with Study.open(study_folder, author="Eva") as study:
        number = study.recording(recording)
        places = study.places_to_cover(number)
        plan = planned(recording, study_folder, places=places)
        allow(study_folder, plan.destination, account_author())
        study.apply(SetHiddenPlaces(number, places, {recording.picture_key: now} if now else {}))
    access = StudyAccess(study_folder, person("Eva"), viewer_of_person(person("Eva"), openly=True), number)
    said: list[object] = []
    task = Task(no_report, CancelToken(), said.append)
    with pytest.raises(UserError, match="Nothing was sent: the places to cover are others"):
        read_by_model(plan, recording, access, lambda _place: None, task)
    assert not said, "no run has begun"


# settings and options


def test_settings_and_requests_without_the_field_cover_text(tmp_path: Path) -> None:
    for choice in (CHOICE, replace(CHOICE, cover_text=False)):
        save_choice(choice, tmp_path)
        assert load_choice(tmp_path).cover_text is choice.cover_text
        assert choice_from_text(choice_text(choice)) == choice
    former = json.loads(choice_text(CHOICE))
    del former["cover_text"]
    (tmp_path / MODEL_CHOICE).write_text(json.dumps(former))
    assert load_choice(tmp_path).cover_text, "what is asked from now on"
    assert not choice_from_text(json.dumps(former)).cover_text, "what was asked then was not covered"
    assert ClipOptions().cover_text
    assert clip_options_of(CHOICE).cover_text
    assert not clip_options_of(replace(CHOICE, cover_text=False)).cover_text


def parsed(*given: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--reader")
    add_model_options(parser)
    return parser.parse_args(["--reader", "openai", *given])


def test_the_command_line_switches_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEMIOSCOPE_HOME", str(tmp_path / "home"))
    assert choice_of(parsed()).cover_text
    assert choice_of(parsed("--cover", "none")).cover_text, "that is about heads"
    assert not choice_of(parsed("--no-cover-text")).cover_text
    with pytest.raises(UserError, match="--cover-text is for models"):
        refuse_model_options(parsed("--no-cover-text"))


def test_lines_for_fine_tuning_cover_the_places_too(
    study_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[Box, ...]] = []

    def prepare(*args: Any, drawn: tuple[Box, ...], **rest: Any) -> tuple[Clip, ...]:
        given.append(drawn)
        raise UserError("enough")

    monkeypatch.setattr(exporting, "prepare_clips", prepare)
    with Study.open(study_folder, author="Eva", create=False) as study:
        (listed,) = recordings_of_study(study, named=True)
        lines = exporting.RecordingLines(study, listed, None, exporting.LinesChoice(), tmp_path)  # type: ignore[arg-type]
        with pytest.raises(UserError, match="enough"):
            lines.make(report=no_report, cancel=CancelToken())
    assert given == [(BOX,)]
