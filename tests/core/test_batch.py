"""Batches: each recording read once, whatever stops or fails; results whole; studies given everything."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.cli import main
from app.core.batch.batch_reader import BatchReader
from app.core.batch.recording_list import default_results, listed_recordings
from app.core.batch.results import open_results
from app.core.batch.run_batch import BatchChoice, run_batch
from app.core.batch.summary import BatchOutcome, describe_batch
from app.core.batch.unit import ReadUnit, Unit, UnitReading
from app.core.errors import Cancelled, UserError
from app.core.jobs import CancelToken, Progress, Report, no_report
from app.core.picture_box import Box
from app.core.reader_details import ARM
from app.core.readers.models import blind_control
from app.core.readers.models.blind_control import BLIND, blind_copy
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.prompts import PROMPT_SETS
from app.core.reading import from_json
from app.core.recording.analysis_process import Job
from app.core.recording.frames import FrameReader
from app.core.recording.identity import content_sha256
from app.core.recording.probe import open_recording
from app.core.recording.samples import read_samples
from app.core.study.store import Study
from tests.core.batch_cases import SIGNAL, CountingReading, choice_of, files
from tests.media import tone, write_recording


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEMIOSCOPE_HOME", str(tmp_path / "home"))


def run(choice: BatchChoice, reading: ReadUnit, cancel: CancelToken | None = None) -> BatchOutcome:
    return run_batch(choice, reading, report=no_report, cancel=cancel or CancelToken())


def test_one_bad_recording_never_stops_the_rest(tmp_path: Path) -> None:
    choice = choice_of(tmp_path / "r", "a", "unreadable", "b", "fault", "c")
    gone = replace(next(iter(choice.recordings)), path=tmp_path / "gone", name="gone")
    reading = CountingReading()
    outcome = run(replace(choice, recordings=(*choice.recordings, gone)), reading)
    assert (outcome.read, outcome.reused, len(outcome.failures)) == (3, 0, 3)
    head, *reasons = describe_batch(outcome)
    assert head == "3 read, 0 from before, 3 failed."
    assert any(reason.startswith("unreadable · signal: This recording cannot") for reason in reasons)
    assert any("fault in the program" in reason for reason in reasons)
    assert reading.most_at_once <= 2


def test_what_is_finished_is_never_done_again_and_what_failed_is_tried_again(tmp_path: Path) -> None:
    choice = choice_of(tmp_path / "r", "a", "b", "unreadable")
    first, second = CountingReading(), CountingReading()
    run(choice, first)
    before = {path: path.stat().st_mtime_ns for path in (choice.results / "results").iterdir()}
    outcome = run(choice, second)
    assert (outcome.read, outcome.reused) == (0, 2)
    assert second.asked == {"unreadable": 1}
    assert {path: path.stat().st_mtime_ns for path in (choice.results / "results").iterdir()} == before


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 8), max_size=5), st.integers(1, 4))
def test_a_batch_that_is_cancelled_again_and_again_ends_with_each_read_once(
    tmp_path_factory: pytest.TempPathFactory, stops: list[int], jobs: int
) -> None:
    choice = choice_of(tmp_path_factory.mktemp("r") / "r", *"abcdefgh", jobs=jobs)
    finished: dict[str, int] = {}
    for stop in stops:
        token = CancelToken()
        reading = CountingReading(cancel_after=stop, token=token)
        with contextlib.suppress(Cancelled):
            run(choice, reading, token)
        again = {path.name: path.stat().st_mtime_ns for path in (choice.results / "results").iterdir()}
        assert finished.items() <= again.items(), "no finished result was written again"
        finished = again
    outcome = run(choice, CountingReading())
    assert outcome.read + outcome.reused == 8
    assert outcome.reused == len(finished)
    assert not outcome.failures


def test_the_same_content_is_read_once(tmp_path: Path) -> None:
    choice = choice_of(tmp_path / "r", "a", "unreadable")
    copies = files(tmp_path / "copy", "x", "y")
    copies[0].path.write_bytes((tmp_path / "r" / "a").read_bytes())
    copies[1].path.write_bytes((tmp_path / "r" / "unreadable").read_bytes())
    reading = CountingReading()
    outcome = run(replace(choice, recordings=(*choice.recordings, *copies)), reading)
    assert reading.asked == {"a": 1, "unreadable": 1}
    assert {one.recording for one in outcome.failures} == {"unreadable", "y"}


def test_a_result_belongs_to_content_box_and_question(tmp_path: Path) -> None:
    model = ModelChoice(provider="openai", model="m", base_url="http://127.0.0.1:1/v1")
    readers = [
        SIGNAL,
        replace(SIGNAL, blind=True),
        BatchReader("openai", model, PROMPT_SETS["expert"]),
        BatchReader("openai", model, PROMPT_SETS["plain"]),
        BatchReader("openai", replace(model, overlay=True), PROMPT_SETS["expert"]),
        BatchReader("openai", model, PROMPT_SETS["expert"], repeat=2),
    ]
    keys = {reader.key_for(sha, box) for reader in readers for sha in "ab" for box in (None, Box(0, 0, 1, 1))}
    assert len(keys) == 24
    names = [reader.name for reader in readers]
    assert len(set(names)) == 6
    assert names[2] == "m · face crop · prompts expert · grouped"
    study = BatchReader("openai", model, PROMPT_SETS["study"])
    assert study.name.endswith("prompts study · per-feature"), "as it is asked, whatever was chosen"


def test_two_programs_do_not_write_into_one_folder(tmp_path: Path) -> None:
    with open_results(tmp_path / "r"), pytest.raises(UserError, match="Another program"):
        run(replace(choice_of(tmp_path, "a"), results=tmp_path / "r"), CountingReading())


@pytest.mark.parametrize("torn", ['["half', '["half"\n', "\x00\x00", "[1, 2]\n"])
def test_lines_that_a_killed_program_cut_short_are_left_out(tmp_path: Path, torn: str) -> None:
    choice = choice_of(tmp_path / "r", "a", "b")
    run(choice, CountingReading())
    with (choice.results / "contents.jsonl").open("a") as file:
        file.write(torn)
    more = replace(choice, recordings=(*choice.recordings, *files(tmp_path / "r", "c")))
    assert run(more, CountingReading()).reused == 2
    assert run(more, CountingReading()).reused == 3


def test_recordings_of_a_folder_a_list_and_a_study(tmp_path: Path) -> None:
    folder = tmp_path / "emu"
    (folder / "sub").mkdir(parents=True)
    for name in ("b.MP4", "sub/a.m2t", "notes.txt", ".hidden.mp4"):
        (folder / name).touch()
    default_results(folder).mkdir()
    (default_results(folder) / "blind.mp4").touch()
    assert [one.name for one in listed_recordings(folder)] == ["b.MP4", "a.m2t"]
    table = tmp_path / "list.csv"
    table.write_text("patient,path\nP1,emu/b.MP4\nP1,\nP2,emu\\sub\\a.m2t\n")
    assert [one.path for one in listed_recordings(table)] == [folder / "b.MP4", folder / "sub" / "a.m2t"]
    table.write_text("emu/b.MP4\n")
    assert len(listed_recordings(table)) == 1
    table.write_text("who\nP1\n")
    with pytest.raises(UserError, match="no column"):
        listed_recordings(table)
    with Study.open(tmp_path / "all.semioscope", author="Ana") as study:
        study.recording_without_video("labels only")
    (one,) = listed_recordings(tmp_path / "all.semioscope")
    assert "labels alone" in one.refusal


def test_readings_are_kept_in_the_study_also_after_a_kill_between_result_and_study(tmp_path: Path) -> None:
    write_recording(tmp_path / "emu.mp4", frames=6, sound=tone(0.3))
    source, folder = tmp_path / "list.csv", tmp_path / "all.semioscope"
    source.write_text("path\nemu.mp4\n")
    choice = replace(choice_of(tmp_path / "r"), recordings=listed_recordings(source))
    run(choice, CountingReading())  # killed before the study was written
    with_study = replace(choice, study=folder)
    for _again in range(2):
        assert run(with_study, CountingReading()).reused == 1
        with Study.open_for_viewing(folder) as study:
            (reading,) = study.readings(1, viewer=None)
            assert reading.answer("tonic").explanation == "emu.mp4"
            assert len(study.history(viewer=None)) == 1
    (tmp_path / "emu.mp4").write_bytes(b"another content")
    (failure,) = run(replace(with_study, recordings=listed_recordings(folder)), CountingReading()).failures
    assert failure.reason == "The file is another one than the study's recording of this name."


def test_readings_of_one_study_are_kept_under_the_right_recordings_of_another(tmp_path: Path) -> None:
    """The numbers of recordings are those of the study that lists them."""
    for name, folders in (("x", ("b", "a")), ("y", ("a", "b"))):
        path = write_recording(tmp_path / f"{name}.mp4", frames=6 if name == "x" else 8)
        for folder in folders[: 1 if name == "x" else 2]:
            with Study.open(tmp_path / f"{folder}.semioscope", author="Ana") as study:
                study.recording(open_recording(path))
    source, other = tmp_path / "a.semioscope", tmp_path / "b.semioscope"
    choice = BatchChoice(listed_recordings(source), (SIGNAL,), tmp_path / "out", other)
    assert run(choice, CountingReading()).read == 1
    with Study.open_for_viewing(other) as study:
        assert [row.name for row in study.recordings()] == ["x.mp4", "y.mp4"]
        assert [len(study.readings(number, viewer=None)) for number in (1, 2)] == [0, 1]


def test_a_blind_control_is_as_long_black_and_silent_and_says_so(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "emu.mp4", frames=50, sound=tone(2.0))
    recording, sha256 = open_recording(path), content_sha256(path)
    copy = blind_copy(recording, sha256, tmp_path / "blind", report=no_report, cancel=CancelToken())
    shown = open_recording(copy)
    assert shown.duration == pytest.approx(recording.duration, abs=0.3)
    assert shown.audio is not None
    assert 0 < np.abs(read_samples(shown, rate=16_000)).max() < 5e-3
    assert FrameReader(shown).frame(3).image.max() < 20
    again = blind_copy(recording, sha256, tmp_path / "blind", report=no_report, cancel=CancelToken())
    assert again == copy
    unit = Unit(files(tmp_path / "u", "a")[0], replace(SIGNAL, blind=True), sha256, "k")
    reading = CountingReading()(unit, no_report, CancelToken())
    assert reading.reader.details[ARM] == BLIND


def test_a_long_blind_control_repeats_what_was_encoded_once_and_can_be_cancelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = open_recording(write_recording(tmp_path / "emu.mp4", frames=50, sound=tone(2.0)))
    long, encoded = replace(short, duration=100.1), Counter[str]()

    def counted(stream: Any, frames: Iterator[Any]) -> list[Any]:
        made = list(frames)
        encoded[stream.type] += len(made)
        return encode(stream, iter(made))

    encode = blind_control._encoded
    monkeypatch.setattr(blind_control, "_encoded", counted)
    said: list[Progress] = []
    copy = blind_copy(long, "ab" * 32, tmp_path / "blind", report=said.append, cancel=CancelToken())
    assert encoded["video"] < 60
    assert encoded["audio"] < 200
    shown = open_recording(copy)
    assert shown.duration == pytest.approx(100.1, abs=0.3)
    assert 0 < np.abs(read_samples(shown, rate=16_000)[16_000 * 90 :]).max() < 5e-3
    frames = FrameReader(shown)
    assert max(frames.frame(number).image.max() for number in (0, 39, 40, 81, 499)) < 20
    assert [one.done for one in said] == sorted(one.done for one in said)
    assert len(said) > 10

    cancel = CancelToken()
    with pytest.raises(Cancelled):
        blind_copy(long, "cd" * 32, tmp_path / "blind", report=lambda _one: cancel.cancel(), cancel=cancel)
    assert [path.name for path in (tmp_path / "blind").iterdir()] == [copy.name]


def test_a_reading_by_another_version_is_refused(tmp_path: Path) -> None:
    def other(job: Job, report: Report, cancel: CancelToken) -> bytes:
        text = json.dumps(
            {
                "format": "semioscope-reading/1",
                "recording": {"name": "a", "sha256": job["sha256"], "duration": 1.0},
                "reader": {"kind": "signal", "name": "signal", "version": "0"},
                "answers": [],
            }
        )
        return text.encode()

    choice = choice_of(tmp_path / "r", "a")
    outcome = run(choice, UnitReading(other))
    assert "another version" in outcome.failures[0].reason


def test_models_without_a_study_are_refused_before_any_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files(tmp_path / "emu", "a.mp4")
    base = ["batch", str(tmp_path / "emu"), "--reader", "openai", "--base-url", "http://127.0.0.1:9/v1"]
    assert main([*base, "--model", "m", "--i-have-authority"]) == 1
    assert "give --study" in capsys.readouterr().err
    assert main([*base, "--model", "m", "--study", str(tmp_path / "s.semioscope")]) == 1
    assert "--i-have-authority" in capsys.readouterr().err
    assert not default_results(tmp_path / "emu").exists()


def test_progress_says_how_far_it_is(tmp_path: Path) -> None:
    seen: list[Progress] = []
    run_batch(choice_of(tmp_path / "r", *"abcd"), CountingReading(), report=seen.append, cancel=CancelToken())
    assert seen[-1].what == "Reading, 4 of 4"
    assert seen[-1].done == 1.0
    assert [one.done for one in seen] == sorted(one.done for one in seen)


def test_results_are_readings(tmp_path: Path) -> None:
    choice = choice_of(tmp_path / "r", "a")
    run(choice, CountingReading())
    (path,) = (choice.results / "results").iterdir()
    assert from_json(path.read_text()).recording.name == "a"
    assert path.stat().st_mode & 0o077 == 0
