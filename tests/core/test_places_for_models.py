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

from app.commands.model_options import add_model_options, choice_of, refuse_model_options
from app.commands.model_reading import _kept_of
from app.core.batch import export_question_lines as exporting
from app.core.batch.batch_reader import BatchReader
from app.core.batch.recording_list import recordings_of_study
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
from app.core.readers.models.read_recording import ModelQuestion
from app.core.readers.models.reader import Plan, plan_reading, prepare_plan_clips
from app.core.reading import RecordingIdentity, person
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording
from app.core.settings import account_author
from app.core.study.access import StudyAccess
from app.core.study.edits import SetHiddenPlaces
from app.core.study.hidden_places import NO_PLACES, PREFIX, HiddenPlaces
from app.core.study.store import Study
from app.core.study.viewer import viewer_of_person
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
    question = ModelQuestion(CHOICE, PROMPT_SETS, listed.patient, listed.places)
    assert question.plan(study_folder, recording, CancelToken()).drawn == (BOX,)
    unit = Unit(listed, BatchReader("gemini", CHOICE, PROMPT_SETS["expert"]), "00" * 32, "key")
    assert question_of(unit, CHOICE).places == listed.places
    kept = _kept_of(study_folder, recording, places=True)
    assert kept.places.get(recording.picture_key) == (BOX,)
    assert _kept_of(tmp_path / "no study", recording, places=True).places == NO_PLACES


def test_where_places_cannot_be_read_the_recording_is_refused(
    recording: Recording, study_folder: Path
) -> None:
    with closing(sqlite3.connect(study_folder / STUDY_FILE)) as connection, connection:
        connection.execute(
            "UPDATE settings SET value = '[1]' WHERE name = ?", (PREFIX + recording.fingerprint,)
        )
    with Study.open_for_viewing(study_folder) as study:
        (listed,) = recordings_of_study(study, named=True)
    assert "cannot be read, so nothing was made without them" in listed.refusal
    with pytest.raises(UserError, match="cannot be read"):
        _kept_of(study_folder, recording, places=True)


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
