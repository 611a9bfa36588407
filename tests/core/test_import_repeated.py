"""A reading that a file holds several times is imported once; a contradiction changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.core.exchange.bundle import Imported, bundle_of_study
from app.core.exchange.formats import FORMATS, export, read
from app.core.exchange.import_readings import import_into
from app.core.exchange.joined_readings import ContradictionError, Prefer, Settlement
from app.core.reading import person
from app.core.semiology import Presence
from app.core.study.store import Study
from app.core.study.viewer import SealedFrom
from tests.core.study_cases import Clip, tick

BO = person("Bo")
OPEN = SealedFrom(())
"""For whom nothing is sealed."""
TWICE = "The file holds the reading of “a.mp4” by Bo twice; it was imported once."


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Two recordings; Ana has read the first."""
    folder = tmp_path / "s.semioscope"
    with Study.open(folder, author="Ana") as opened:
        for name in ("a", "b"):
            opened.recording(Clip(tmp_path / f"{name}.mp4", name * 64))
        tick(opened, 1, "clonic", Presence.NO)
    return folder


def _files(folder: Path, *tables: str) -> Imported:
    folder.mkdir()
    for number, table in enumerate(tables):
        (folder / f"{number}.csv").write_text(table, "utf-8")
    return read(folder, FORMATS["csv-wide"])


def _json_with(study: Path, folder: Path, *readings: dict[str, object]) -> Imported:
    """The export of the study with other readings of its first recording."""
    with Study.open(study, author="Ana") as opened:
        (path,) = export(bundle_of_study(opened), folder / "copy", FORMATS["json"])
    exported = json.loads(path.read_text("utf-8"))
    one = exported["recordings"][0]["readings"][0]
    reader = {"kind": "person", "name": "Bo", "version": "1"}
    exported["recordings"][0]["readings"] = [{**one, "reader": reader, **each} for each in readings]
    path.write_text(json.dumps(exported), "utf-8")
    return read(path, FORMATS["json"])


def test_a_reading_that_two_files_hold_is_imported_once(study: Path, tmp_path: Path) -> None:
    table = "recording,reader,clonic,tonic\na.mp4,Bo,0,1\n"
    with Study.open(study, author="Bo") as opened:
        outcome = import_into(opened, _files(tmp_path / "two", table, table), OPEN)
    assert (outcome.changed, outcome.same, outcome.remarks) == (2, 0, (TWICE,))


def test_marks_of_a_reading_that_a_file_holds_twice_are_imported_once(study: Path, tmp_path: Path) -> None:
    beside: dict[str, object] = {
        "notes": {"clonic": "left first"},
        "marks": [
            {"kind": "onset", "seconds": 3.5, "label": ""},
            {"kind": "phase", "seconds": 4, "label": "t"},
        ],
    }
    with Study.open(study, author="Bo") as opened:
        outcome = import_into(opened, _json_with(study, tmp_path, beside, beside), OPEN)
        full = opened.full_reading(opened.recordings()[0].id, BO, viewer=None)
    assert outcome.remarks == (TWICE,)
    assert (len(full.marks), dict(full.notes)) == (2, {"clonic": "left first"})


def test_readings_that_complete_each_other_are_joined(study: Path, tmp_path: Path) -> None:
    tables = ("recording,reader,clonic\na.mp4,Bo,0\n", "recording,reader,tonic\na,Bo,1\n")
    with Study.open(study, author="Bo") as opened:
        outcome = import_into(opened, _files(tmp_path / "two", *tables), OPEN)
    assert (outcome.changed, outcome.remarks) == (2, ())


def test_readings_that_contradict_each_other_change_nothing_until_one_is_chosen(
    study: Path, tmp_path: Path
) -> None:
    header = "recording,reader,clonic,tonic\n"
    tables = (f"{header}a.mp4,Bo,0,1\nb.mp4,Bo,1,\n", f"{header}a.mp4,Bo,1,1\n")
    imported = _files(tmp_path / "two", *tables)
    with Study.open(study, author="Bo") as opened:
        with pytest.raises(ContradictionError) as told:
            import_into(opened, imported, OPEN)
        assert str(told.value) == (
            "Nothing was imported, because the file contradicts itself: “a.mp4” by Bo, Clonic: no (row 2 of "
            "“0.csv”), yes (row 2 of “1.csv”)."
        )
        first, second = (row.id for row in opened.recordings())
        assert (
            opened.reading(first, BO, viewer=None).answers
            == opened.reading(second, BO, viewer=None).answers
            == {}
        )
        outcome = import_into(opened, imported, OPEN, settlement=Settlement(otherwise=Prefer.NEITHER))
        assert opened.reading(first, BO, viewer=None).answer("clonic").presence is None
        assert opened.reading(second, BO, viewer=None).answer("clonic").presence is Presence.YES
        assert (outcome.changed, outcome.remarks[0].endswith("neither was taken.")) == (2, True)
        (contradiction,) = told.value.contradictions
        import_into(opened, imported, OPEN, settlement=Settlement({contradiction.key: 1}))
        assert opened.reading(first, BO, viewer=None).answer("clonic").presence is Presence.YES
        import_into(opened, imported, OPEN, settlement=Settlement(otherwise=Prefer.EARLIER))
        assert opened.reading(first, BO, viewer=None).answer("clonic").presence is Presence.NO
