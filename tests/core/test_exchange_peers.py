"""Everything that a study holds, through the libraries of other programs and back.

Each library loads an export, writes it anew by itself, and what it wrote is read back: it must hold exactly
what the table of `fidelity.py` promises for the format.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import edfio
import pympi
import pytest
from hypothesis import given, settings

from app.core.exchange.bids_channels import cell
from app.core.exchange.bundle import Bundle, ExchangedRating, ReadingExtras, ReadRecording
from app.core.exchange.formats import FORMATS, export, read
from app.core.exchange.joined_readings import describe_answer
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity
from app.core.semiology import Answer, Laterality, Presence, Span
from app.core.study.marks import Mark, MarkKind
from app.core.study.rating import Rating
from tests.core.exchange_cases import ANA, SIGNAL, bundles
from tests.core.format_promises import round_trip

CLIP = RecordingIdentity("night 1.mp4", "cd" * 32, 61.25)
OTHER = RecordingIdentity("Anfall März.mp4", "", 30.0)
MODEL = ReaderIdentity(ReaderKind.MODEL, "qwen", "7b", {"arm": "pose"})

ANSWERS = {
    one.feature: one
    for one in (
        Answer("tonic", Presence.YES, 90, (Span(1.5, 2.5), Span(10, 20.25)), Laterality.LEFT, "=stiff\tarm"),
        Answer("clonic", Presence.YES, 0, (Span(30.0, 30.0),), Laterality.BOTH, "a moment"),
        Answer("head_turning", Presence.YES, None, (), Laterality.RIGHT),
        Answer("oral_automatisms", Presence.NO, 100),
        Answer("verbal_responsiveness", Presence.NOT_ASSESSABLE, 10, (Span(3.0, 4.0),), None, "no sound"),
        Answer("blank_stare", None, 55, (Span(5.0, 6.0),), None, "not decided"),
    )
}
MARKS = (
    Mark(MarkKind.ONSET, 1.25), Mark(MarkKind.PHASE, 9.0, "tonic phase"),
    Mark(MarkKind.PHASE, 25.5, "clonic, left → both"), Mark(MarkKind.END, 52.0),
)  # fmt: skip
BO = ReaderIdentity(ReaderKind.PERSON, "Bo", "1")
BESIDE = ReadingExtras(
    {"tonic": "seen twice", "clonic": "ask Bo"},
    MARKS,
    (ExchangedRating("tonic", BO, Rating(4, "well put"), "=stiff"),),
)
FULL = Bundle(
    (
        ReadRecording(
            CLIP,
            (Reading(CLIP, ANA, ANSWERS), Reading(CLIP, MODEL, {"tonic": Answer("tonic", Presence.NO, 33)})),
            "f" * 64,
            (BESIDE, ReadingExtras()),
        ),
        ReadRecording(OTHER, (Reading(OTHER, SIGNAL, {"tonic": ANSWERS["tonic"]}),)),
    ),
    ({"seq": 1, "operation": "edit"},),
)
"""All that a study can hold: every presence, side and certainty, times, notes, marks, ratings, history."""


def by_pympi(folder: Path) -> None:
    for path in folder.glob("*.eaf"):
        pympi.Elan.Eaf(str(path)).to_file(str(path))
        path.with_suffix(".bak").unlink(missing_ok=True)


def by_hedtools(folder: Path) -> None:
    from hed import Sidecar, TabularInput

    for path in folder.glob("*_events.tsv"):
        beside = path.with_suffix(".json")
        TabularInput(str(path), sidecar=Sidecar(str(beside))).to_csv(str(path))


def by_edfio(folder: Path) -> None:
    for path in folder.glob("*.edf"):
        edfio.read_edf(path).write(path)


PEERS: dict[str, Callable[[Path], None]] = {"eaf": by_pympi, "bids": by_hedtools, "edf": by_edfio}


def by_name(bundle: Bundle) -> list[ReadRecording]:
    return sorted(bundle.recordings, key=lambda entry: (entry.recording.name, entry.recording.sha256))


def there_and_back(bundle: Bundle, format_id: str) -> tuple[Bundle, tuple[str, ...]]:
    """The bundle after an export that the library of the other program has read and written anew."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        export(bundle, folder, FORMATS[format_id])
        PEERS[format_id](folder)
        imported = read(folder, FORMATS[format_id])
        return imported.bundle, imported.remarks


@pytest.mark.parametrize("format_id", PEERS)
def test_everything_that_a_format_keeps_comes_back_from_the_other_library(format_id: str) -> None:
    back, remarks = there_and_back(FULL, format_id)
    assert by_name(back) == by_name(round_trip(FULL, FORMATS[format_id].fidelity))
    assert remarks == ()


@pytest.mark.parametrize("format_id", PEERS)
@pytest.mark.parametrize(
    "examples", [8, pytest.param(500, marks=[pytest.mark.slow, pytest.mark.timeout(3600)])]
)
def test_any_study_comes_back_from_the_other_library(format_id: str, examples: int) -> None:
    @settings(max_examples=examples)
    @given(bundles())
    def comes_back(bundle: Bundle) -> None:
        if bundle.readings:
            back, _ = there_and_back(bundle, format_id)
            assert by_name(back) == by_name(round_trip(bundle, FORMATS[format_id].fidelity))

    comes_back()


def test_pympi_sees_every_presence_and_span_and_the_rest_in_the_header(tmp_path: Path) -> None:
    export(FULL, tmp_path, FORMATS["eaf"])
    eaf = pympi.Elan.Eaf(str(tmp_path / "night 1.eaf"))
    seen = {
        tier.partition(" / ")[2]: [found[:3] for found in sorted(eaf.get_annotation_data_for_tier(tier))]
        for tier in eaf.get_tier_names()
        if tier.startswith("Ana / ")
    }
    assert {feature: found for feature, found in seen.items() if found} == {
        "tonic": [(1500, 2500, "yes"), (10000, 20250, "yes")],
        "clonic": [(30000, 30001, "yes")],
        "head_turning": [(0, 61250, "yes_without_span")],
        "oral_automatisms": [(0, 61250, "no_without_span")],
        "verbal_responsiveness": [(3000, 4000, "not_assessable")],
        "blank_stare": [(5000, 6000, "unanswered")],
    }
    notes = json.loads(dict(eaf.properties)["semioscope:notes:Ana"])
    assert notes["tonic"] == {"confidence": 90, "laterality": "left", "explanation": "=stiff\tarm"}
    raw = (tmp_path / "night 1.eaf").read_text("utf-8")
    assert not [lost for lost in ("seen twice", "tonic phase", "well put", "onset") if lost in raw]


def test_hedtools_sees_every_answer_and_tags_only_what_was_seen(tmp_path: Path) -> None:
    from hed import Sidecar, TabularInput, load_schema_version

    export(FULL, tmp_path, FORMATS["bids"])
    (path,) = (one for one in tmp_path.glob("*semiology_events.tsv") if "seen" not in one.name
               and "blank_stare" in one.read_text("utf-8"))  # fmt: skip
    beside = Sidecar(str(path.with_suffix(".json")))
    table = TabularInput(str(path), sidecar=beside)
    rows = table.dataframe.to_dict("records")
    mine = [row for row in rows if row["reader"] == "Ana"]
    assert {(row["feature"], row["presence"], row["confidence"], row["laterality"]) for row in mine} == {
        ("tonic", "yes", "90", "left"), ("clonic", "yes", "0", "both"),
        ("head_turning", "yes", "n/a", "right"),
        ("oral_automatisms", "no", "100", "n/a"), ("verbal_responsiveness", "not_assessable", "10", "n/a"),
        ("blank_stare", "unanswered", "55", "n/a"),
    }  # fmt: skip
    spans = {(float(row["onset"]), row["duration"]) for row in mine if row["feature"] in ("tonic", "clonic")}
    assert spans == {(1.5, "1.0"), (10.0, "10.25"), (30.0, "0.0")}
    tags = [str(each) for each in table.series_a]
    assert [bool(tag) for tag in tags] == [row["presence"] == "yes" for row in rows]
    schema = load_schema_version("score_2.1.0")
    for name in tmp_path.glob("*_events.tsv"):
        sidecar = Sidecar(str(name.with_suffix(".json")))
        issues = TabularInput(str(name), sidecar=sidecar).validate(schema)
        assert [issue for issue in issues if issue["severity"] == 1] == [], name
    (seizure,) = tmp_path.glob("*szMonitoring*_events.tsv")
    (row,) = TabularInput(str(seizure)).dataframe.to_dict("records")
    assert (float(row["onset"]), float(row["duration"]), row["eventType"]) == (1.25, 50.75, "sz")


@pytest.mark.parametrize("text", ['"', 'said "no"', '"a"', "a\0b", "\0", "\\q", "\\0", "\\", "n/a", "=1"])
def test_no_text_spoils_a_table_for_hedtools(text: str) -> None:
    told = Answer("tonic", Presence.YES, None, (Span(1.0, 2.0),), None, text)
    reading = Reading(CLIP, ANA, {"tonic": told, "clonic": Answer("clonic", Presence.NO)})
    back, _ = there_and_back(Bundle((ReadRecording(CLIP, (reading,)),)), "bids")
    assert back.readings == (reading,)
    assert '"' not in cell(text)


def test_edfio_sees_onset_end_phases_and_every_span_with_its_side(tmp_path: Path) -> None:
    export(FULL, tmp_path, FORMATS["edf"])
    (path,) = tmp_path.glob("night 1_*_Ana_*.edf")
    seen = [
        (note.text, round(note.onset, 6), note.duration)
        for note in edfio.read_edf(path).annotations
        if not note.text.startswith("Semioscope")
    ]
    assert {one[:2] for one in seen} >= {
        ("Seizure onset", 1.25), ("Phase: tonic phase", 9.0), ("Phase: clonic, left → both", 25.5),
        ("Seizure end", 52.0), ("Tonic: yes, left", 1.5), ("Tonic: yes, left", 10.0),
        ("Clonic: yes, both", 30.0),
    }  # fmt: skip
    assert {one[2] for one in seen if one[0] == "Tonic: yes, left"} == {1.0, 10.25}
    raw = path.read_bytes().decode("utf-8", "replace")
    lost = ("stiff", "seen twice", "well put", describe_answer(ANSWERS["tonic"]))
    assert not [text for text in lost if text in raw]
