"""The table of what a format keeps says what the format is held to in the tests of round trips."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.cli import main
from app.core.exchange.bundle import Bundle, ReadRecording, bundle_of_study
from app.core.exchange.fidelity import KEPT, LOST, Times
from app.core.exchange.formats import FORMATS, export, parts_kept, read
from app.core.exchange.import_readings import import_into
from app.core.reading import Reading, RecordingIdentity
from app.core.semiology import Answer, Laterality, Presence, SideFrom, Span
from app.core.study.edits import SetAnswer
from app.core.study.store import Study
from app.core.study.viewer import SealedFrom
from tests.core.study_cases import ANA, Clip, tick


@pytest.mark.parametrize("format_id", FORMATS)
def test_the_table_says_what_the_round_trip_holds(format_id: str) -> None:
    said, keeps = dict(parts_kept(format_id)), FORMATS[format_id].fidelity
    assert (said["Times"] == LOST) is (keeps.times is Times.NONE)
    assert said["Explanation"].startswith(KEPT) is keeps.details
    assert (said["Phases of the seizure"] == KEPT) is (keeps.marks or keeps.everything_beside)
    assert (said["Notes, ratings and the history"] == KEPT) is keeps.everything_beside
    assert (said["Recordings that nobody has read"] == KEPT) is keeps.without_readings


CHANGING = Answer(
    "clonic", Presence.YES, 80, (Span(12, 20), Span(26, 30)), Laterality.LEFT, "left, then right",
    sides=(SideFrom(12, Laterality.LEFT), SideFrom(25, Laterality.RIGHT)),
)  # fmt: skip
STAYING = Answer("tonic", Presence.YES, 70, (Span(1, 2),), Laterality.RIGHT, "right")


def came_back(format_id: str, folder: Path) -> Reading:
    """What a file of the format gives back of a reading with a side that changes and one that stays."""
    recording = RecordingIdentity("event.mp4", "ab" * 32, 60.0)
    answers = {one.feature: one for one in (CHANGING, STAYING)}
    bundle = Bundle((ReadRecording(recording, (Reading(recording, ANA, answers),)),))
    export(bundle, folder, FORMATS[format_id])
    source = next(folder.iterdir()) if FORMATS[format_id].single else folder
    (found,) = read(source, FORMATS[format_id]).bundle.readings
    return found


@pytest.mark.parametrize("format_id", FORMATS)
def test_what_the_table_says_of_sides_is_true(format_id: str, tmp_path: Path) -> None:
    said, found = dict(parts_kept(format_id)), came_back(format_id, tmp_path)
    changing, staying = found.answer("clonic"), found.answer("tonic")
    kept = said["Confidence and side"] == KEPT
    assert (staying.laterality, staying.confidence) == ((Laterality.RIGHT, 70) if kept else (None, None))
    assert changing.laterality is (Laterality.LEFT if kept else None)
    assert changing.sides == (CHANGING.sides if said["Sides that change over time"] == KEPT else ())


@pytest.mark.parametrize("format_id", FORMATS)
def test_the_documentation_says_the_same_of_sides(format_id: str) -> None:
    page = (Path(__file__).parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")
    (row,) = (line for line in page.splitlines() if line.startswith(f"| `{format_id}` |"))
    details, changing = (cell.strip() for cell in row.split("|")[5:7])
    said = dict(parts_kept(format_id))
    assert details.startswith(said["Confidence and side"])
    words = {"kept": KEPT, "only the first": LOST, "not kept": LOST, "not kept; shown span by span": LOST}
    assert words[changing] == said["Sides that change over time"]
    assert (changing == "only the first") is (
        said["Confidence and side"] == KEPT and said["Sides that change over time"] == LOST
    )


def test_annotations_show_the_side_of_their_span(tmp_path: Path) -> None:
    came_back("edf", tmp_path)
    (path,) = tmp_path.iterdir()
    written = path.read_bytes()
    assert written.count(b"Clonic: yes, left") == written.count(b"Clonic: yes, right") == 1
    assert CHANGING.side_during(Span(20, 26)) is Laterality.BOTH
    assert CHANGING.side_during(Span(0, 5)) is CHANGING.side_during(Span(20, 25)) is Laterality.LEFT
    assert STAYING.side_during(Span(0, 60)) is Laterality.RIGHT
    assert Answer("tonic").side_during(Span(0, 60)) is None


def test_an_import_that_says_the_first_side_leaves_how_it_changes(tmp_path: Path) -> None:
    for format_id in FORMATS:
        folder = tmp_path / format_id
        folder.mkdir()
        with Study.open(tmp_path / f"{format_id}.semioscope", author="Ana") as study:
            number = study.recording(Clip(tmp_path / "event.mp4"))
            study.apply(SetAnswer(number, ANA, Answer("clonic"), CHANGING))
            export(bundle_of_study(study), folder, FORMATS[format_id])
            source = next(folder.iterdir()) if FORMATS[format_id].single else folder
            import_into(study, read(source, FORMATS[format_id]), SealedFrom(()))
            assert study.reading(number, ANA, viewer=None).answer("clonic").sides == CHANGING.sides, format_id


def test_the_command_shows_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "s.semioscope"
    with Study.open(folder, author="Ana") as study:
        study.recording(Clip(tmp_path / "a.mp4"))
        tick(study, 1, "clonic", Presence.YES)
    out = str(tmp_path / "out.csv")
    asked = ["export", str(folder), "--format", "csv-wide", "--out", out, "--unsealed"]
    assert main(asked) == 0
    assert capsys.readouterr().err == ""
    assert main([*asked, "--replace", "--kept"]) == 0
    assert re.search(r"^Times +not kept$", capsys.readouterr().err, re.MULTILINE)


def test_presence_is_kept_by_every_format() -> None:
    assert {parts_kept(format_id)[0][1] for format_id in FORMATS} == {KEPT}
