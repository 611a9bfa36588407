"""Pictures that leave the program by a command: `frame`, and those of a report."""

from __future__ import annotations

import base64
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from app import cli
from app.commands.report import write_page
from app.core.errors import UserError
from app.core.hiding import hidden_frames, text_of_recording
from app.core.jobs import CancelToken, no_report
from app.core.readers.analyse_recording import Analysed
from app.core.reading import Reading, RecordingIdentity
from app.core.recording.frames import FrameReader
from app.core.recording.probe import open_recording
from app.core.report.document import Choices, OpenRecording
from app.core.report.report_of_study import gather_study, write_recording_report
from app.core.semiology import Answer, Presence, Span
from app.core.study.edits import SetHiddenPlaces
from app.core.study.hidden_places import PREFIX
from app.core.study.store import Study
from app.core.study.viewer import every_reader
from tests.core.planted_recordings import DRAWN, Image, drawn_of, is_covered, name_of, planted_recording
from tests.core.study_cases import SIGNAL

pytestmark = pytest.mark.timeout(600)  # a process loads its network
_JPEG = 15
"""Grey levels by which JPEG changes what has one colour; coarse cells of these places differ by more."""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a recording, and a study of it that keeps a place to cover and an answer."""
    recording = open_recording(planted_recording(tmp_path / "a.mp4"))
    with Study.open(tmp_path / "ward", author="Bo") as study:
        number = study.recording(recording)
        study.apply(SetHiddenPlaces(number, {}, {recording.picture_key: (DRAWN,)}))
        answers = {"tonic": Answer("tonic", Presence.YES, 80, (Span(0.2, 0.5),))}
        identity = RecordingIdentity(recording.name, "", recording.duration)
        study.keep_reading(number, Reading(identity, SIGNAL, answers))
    return tmp_path


def frame(place: Path, *options: str) -> int:
    arguments = ["frame", str(place / "a.mp4"), "--at", "0.35", "--out", str(place / "f.png")]
    return cli.main([*arguments, *options])


def picture(data: bytes) -> Image:
    import cv2

    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return np.asarray(image, np.uint8)


def test_a_frame_is_hidden_unless_it_is_asked_for_as_recorded(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert frame(place, "--study", str(place / "ward")) == 0
    said = capsys.readouterr()
    assert said.out.startswith("frame 3 at 0.3")
    assert "Places that the study keeps are covered: 1." in said.err
    assert (
        "All of the picture is coarse, because it is not certain where the patient or another face is."
        in said.err
    )
    assert "The patient's pose is not known" in said.err
    image = picture((place / "f.png").read_bytes())
    assert is_covered(name_of(image))
    assert is_covered(drawn_of(image))
    assert not is_covered(image)

    assert frame(place, "--as-recorded", "--replace") == 0
    assert "people in it can be recognised" in capsys.readouterr().err
    with FrameReader(open_recording(place / "a.mp4")) as reader:
        assert (picture((place / "f.png").read_bytes()) == reader.frame_at(0.35).image).all()


def test_a_place_that_is_given_is_covered(place: Path) -> None:
    assert frame(place, "--cover", "0.5,0.6,0.8,0.9") == 0
    assert is_covered(drawn_of(picture((place / "f.png").read_bytes())))


@pytest.mark.parametrize(
    "option", [("--cover", "0,0,1,1"), ("--patient", "0,0,1,1"), ("--study", "ward")], ids=lambda o: o[0]
)
def test_nothing_that_is_to_be_covered_is_written_as_recorded(
    place: Path, option: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert frame(place, "--as-recorded", *option) == 1
    assert "nothing is covered" in capsys.readouterr().err
    assert not (place / "f.png").exists()


@pytest.mark.parametrize("missing", ["faces", "text"])
def test_without_a_detector_no_frame_is_written(
    place: Path, missing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> bytes:
        raise UserError("The detector is missing from this installation.")

    monkeypatch.setattr(text_of_recording, "run_process", fail)
    text_of_recording._kept.clear()
    if missing == "faces":
        monkeypatch.setattr(hidden_frames, "CenterFace", fail)
    assert frame(place) == 1
    assert "The detector is missing" in capsys.readouterr().err
    assert not (place / "f.png").exists()


def make_unreadable(study: Path) -> None:
    with closing(sqlite3.connect(study / "study.sqlite")) as connection, connection:
        connection.execute("UPDATE settings SET value = '[7]' WHERE name LIKE ?", (f"{PREFIX}%",))


def report_of(place: Path, choices: Choices) -> str:
    """The page of the recording in the study."""
    recording = open_recording(place / "a.mp4")
    with Study.open_for_viewing(place / "ward") as study:
        gathered = gather_study(study, every_reader(study), {}, cancel=CancelToken())
    page = place / "page.html"
    (reviewed,) = gathered.recordings
    write_recording_report(
        page,
        reviewed,
        OpenRecording(recording, None),
        choices,
        _no_pdf,
        report=no_report,
        cancel=CancelToken(),
    )
    return page.read_text(encoding="utf-8")


def _no_pdf(*_: object, **__: object) -> None:
    raise AssertionError


def pictures_in(page: str) -> list[Image]:
    return [picture(base64.b64decode(data)) for data in re.findall(r"data:image/jpeg;base64,([^\"]+)", page)]


def test_names_and_drawn_places_are_covered_in_a_report(place: Path) -> None:
    page = report_of(place, Choices())
    (hidden,) = pictures_in(page)
    assert is_covered(name_of(hidden), _JPEG)
    assert is_covered(drawn_of(hidden), _JPEG)
    assert "burned-in text that was found and places that a person drew are covered" in page
    (bare,) = pictures_in(report_of(place, Choices(hide_faces=False)))
    assert not is_covered(name_of(bare), 60)
    assert not is_covered(drawn_of(bare), _JPEG)


def test_without_the_places_that_the_study_keeps_a_report_has_no_pictures(place: Path) -> None:
    make_unreadable(place / "ward")
    page = report_of(place, Choices())
    assert not pictures_in(page)
    assert "There are no pictures: The places to cover that the study keeps" in page
    assert len(pictures_in(report_of(place, Choices(hide_faces=False)))) == 1


def test_a_report_of_a_file_covers_what_its_own_study_keeps(place: Path) -> None:
    (place / "ward").rename(place / "ward.semioscope")
    answers = {"tonic": Answer("tonic", Presence.YES, 80, (Span(0.2, 0.5),))}
    recording = open_recording(place / "a.mp4")
    reading = Reading(RecordingIdentity(recording.name, "", recording.duration), SIGNAL, answers)
    page = place / "alone.html"

    def written(choices: Choices) -> str:
        write_page(page, Analysed(recording, reading, None), choices, report=no_report, cancel=CancelToken())
        return page.read_text(encoding="utf-8")

    (hidden,) = pictures_in(written(Choices()))
    assert is_covered(drawn_of(hidden), _JPEG)
    make_unreadable(place / "ward.semioscope")
    said = written(Choices())
    assert not pictures_in(said)
    assert "There are no pictures: The study of this recording" in said
    assert len(pictures_in(written(Choices(hide_faces=False)))) == 1
