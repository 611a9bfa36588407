"""What the programs that a format is made for, and their own readers, see in an export."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pympi
import pytest

from app.core.errors import UserError
from app.core.exchange.bundle import Bundle, Imported, ReadingExtras
from app.core.exchange.codec import Source
from app.core.exchange.formats import FORMATS, export, read
from app.core.exchange.hed import HED
from app.core.exchange.import_readings import import_into
from app.core.reading import Reading
from app.core.semiology import FEATURES, Answer, Laterality, Presence, Span
from app.core.study.marks import Mark, MarkKind
from app.core.study.store import Study
from app.core.study.viewer import SealedFrom
from tests.core.exchange_cases import ANA, RECORDING, SMALL
from tests.core.study_cases import Clip

EAF, BORIS, BIDS = (FORMATS[name].codec for name in ("eaf", "boris", "bids"))


# ELAN


def test_pympi_sees_a_tier_per_reader_and_feature(tmp_path: Path) -> None:
    (path,) = export(SMALL, tmp_path, FORMATS["eaf"])
    eaf = pympi.Elan.Eaf(str(path))
    assert len(eaf.get_tier_names()) == 2 * 20
    assert [found[:3] for found in sorted(eaf.get_annotation_data_for_tier("Ana / clonic"))] == [
        (1500, 2500, "yes"),
        (10000, 20250, "yes"),
    ]
    assert [found[:3] for found in eaf.get_annotation_data_for_tier("Ana / tonic")] == [
        (0, 61250, "no_without_span")
    ]
    entries, descriptions = eaf.get_cv_entries("presence"), eaf.get_cv_descriptions("presence")
    assert "not_assessable" in entries
    assert descriptions
    assert eaf.get_parameters_for_tier("Ana / clonic")["ANNOTATOR"] == "Ana"
    assert eaf.get_linguistic_type_names() == ("semiology",) or "semiology" in eaf.get_linguistic_type_names()


def test_what_pympi_wrote_again_is_still_read(tmp_path: Path) -> None:
    (path,) = export(SMALL, tmp_path, FORMATS["eaf"])
    before = read(path, FORMATS["eaf"]).bundle
    eaf = pympi.Elan.Eaf(str(path))
    eaf.add_annotation("signal / tonic", 3000, 4000, "yes")
    eaf.to_file(str(path))
    _ana, signal = read(path, FORMATS["eaf"]).bundle.readings
    assert signal.answer("tonic") == Answer("tonic", Presence.YES, evidence=(Span(3.0, 4.0),))
    assert signal.answer("clonic") == before.readings[1].answer("clonic")


def test_a_file_made_in_elan_is_read(tmp_path: Path) -> None:
    eaf = pympi.Elan.Eaf()
    eaf.add_linked_file("file:///C:/videos/event.mp4", "./event.mp4", "video/mp4")
    eaf.add_tier("Bo / Clonic", part="Bo")
    eaf.add_tier("transcript")
    eaf.add_annotation("Bo / Clonic", 100, 300, "Yes")
    eaf.to_file(str(tmp_path / "own.eaf"))
    imported = read(tmp_path / "own.eaf", FORMATS["eaf"])
    (reading,) = imported.bundle.readings
    assert (reading.recording.name, reading.reader.name) == ("event.mp4", "Bo")
    assert reading.answer("clonic") == Answer("clonic", Presence.YES, evidence=(Span(0.1, 0.3),))
    assert "The tier “transcript” is for none of the 20 features and was left out." in imported.remarks


@pytest.mark.parametrize(
    "attack",
    [
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><ANNOTATION_DOCUMENT>&x;</ANNOTATION_DOCUMENT>',
        '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><ANNOTATION_DOCUMENT>&b;</ANNOTATION_DOCUMENT>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/x.dtd"><ANNOTATION_DOCUMENT/>',
    ],
)
def test_entities_and_document_types_are_refused(attack: str) -> None:
    with pytest.raises(UserError, match="not an ELAN file that can be read"):
        EAF.read(Source("evil.eaf", attack.encode()))


# BORIS


def test_the_ethogram_has_every_feature_as_a_state_with_a_side(tmp_path: Path) -> None:
    (path,) = export(SMALL, tmp_path / "study.boris", FORMATS["boris"])
    project = json.loads(path.read_text("utf-8"))
    assert project["project_format_version"] == "7.0"
    behaviours = list(project["behaviors_conf"].values())
    assert [each["code"] for each in behaviours] == [feature.id for feature in FEATURES]
    assert {each["type"] for each in behaviours} == {"State event"}
    assert len({each["key"] for each in behaviours}) == 20
    observation = project["observations"]["event.mp4 / Ana"]
    assert [event[:4] for event in observation["events"]] == [
        [time, "patient", "clonic", "left"] for time in (1.5, 2.5, 10.0, 20.25)
    ]
    assert observation["independent_variables"]["tonic"] == "no"
    # BORIS calls a variable's value that is not in its set a fault of the project.
    allowed = {row["label"]: row["possible values"] for row in project["independent_variables"].values()}
    for label, value in observation["independent_variables"].items():
        assert not allowed[label] or value in allowed[label].split(",")


def boris_project(events: list[object]) -> Source:
    observation = {"file": {"1": ["/videos/event.mp4"], "2": []}, "type": "MEDIA", "events": events}
    return Source("own.boris", json.dumps({"observations": {"obs": observation}}).encode())


def test_a_project_made_in_boris_is_read() -> None:
    source = boris_project(
        [[1.0, "p", "Clonic", "left", ""], [2.0, "p", "walks", "", ""], [2.0, "p", "Clonic", "left", ""],
         [3.0, "p", "walks", "", ""], [4.0, "p", "Clonic", "right", ""], [5.5, "p", "Clonic", "right", ""]]
    )  # fmt: skip
    imported = BORIS.read(source)
    (reading,) = imported.bundle.readings
    spans = (Span(1.0, 2.0), Span(4.0, 5.5))
    assert reading.answers == {"clonic": Answer("clonic", Presence.YES, None, spans, Laterality.BOTH)}
    assert reading.recording.name == "event.mp4"
    assert imported.remarks == ("The behaviour “walks” is none of the 20 features; it was left out.",)
    assert "explanation" not in imported.bundle.recordings[0].fields


def test_a_state_that_never_stops_is_refused() -> None:
    with pytest.raises(UserError, match="starts “clonic” and never stops it"):
        BORIS.read(boris_project([[1.0, "p", "clonic", "", ""]]))


# BIDS and HED


def test_the_tags_are_valid_hed_score(tmp_path: Path) -> None:
    from hed import HedString, Sidecar, TabularInput, load_schema_version

    paths = export(SMALL, tmp_path, FORMATS["bids"])
    names = sorted(path.name for path in paths)
    assert names == [
        "dataset_description.json",
        "participants.tsv",
        "sub-001_task-semiology_events.json",
        "sub-001_task-semiology_events.tsv",
    ]
    version = json.loads((tmp_path / names[0]).read_text("utf-8"))["HEDVersion"]
    schema = load_schema_version(version)
    beside = Sidecar(str(tmp_path / names[2]))
    assert [issue for issue in beside.validate(schema) if issue["severity"] == 1] == []
    table = TabularInput(str(tmp_path / names[3]), sidecar=beside)
    assert [issue for issue in table.validate(schema) if issue["severity"] == 1] == []
    assert HedString("Episode", schema).validate() == []
    tagged = [str(each) for each in table.series_a if str(each)]
    assert sorted(tagged) == ["Semiology-clonic"] * 3 + ["Semiology-versive"]


def test_a_marked_seizure_is_an_event_of_szcore(tmp_path: Path) -> None:
    (entry,) = SMALL.recordings
    marks = (Mark(MarkKind.ONSET, 3.5), Mark(MarkKind.END, 40.25))
    beside = (ReadingExtras(marks=marks), ReadingExtras(marks=marks[:1]))
    export(Bundle((replace(entry, beside=beside),)), tmp_path, FORMATS["bids"])
    (table,) = tmp_path.glob("*szMonitoring*.tsv")
    header, row = (line.split("\t") for line in table.read_text("utf-8").splitlines())
    assert dict(zip(header, row, strict=True)) == {
        "onset": "3.5", "duration": "36.75", "eventType": "sz", "confidence": "n/a", "channels": "n/a",
        "dateTime": "n/a", "recordingDuration": "61.25",
    }  # fmt: skip
    beside_it = json.loads(table.with_suffix(".json").read_text("utf-8"))
    assert beside_it["Semioscope"]["reader"]["name"] == "Ana"
    assert beside_it["eventType"]["HED"] == {"sz": "Episode"}
    imported = read(tmp_path, FORMATS["bids"])
    assert imported.bundle.readings == SMALL.readings
    assert [each.marks for each in imported.bundle.recordings[0].beside] == [marks, ()]
    alone = read(table, FORMATS["bids"])
    assert alone.bundle.readings == (Reading(RECORDING, ANA, {}),)
    assert alone.bundle.recordings[0].beside[0].marks == marks


def seizure_table(rows: str, name: str = "event_events.tsv") -> Imported:
    header = "onset\tduration\teventType\tconfidence\tchannels\tdateTime\trecordingDuration\n"
    return BIDS.read(Source(name, (header + rows).encode()))


def test_a_seizure_of_another_program_is_read(tmp_path: Path) -> None:
    rest = "n/a\tn/a\t2016-11-06 13:43:04\t3600.00\n"
    (entry,) = seizure_table(f"296.00\t40.50\tsz_foc_ia\t{rest}0.00\t1.00\tbckg\t{rest}").bundle.recordings
    assert (entry.recording.name, entry.readings[0].reader.name) == ("event", "")
    assert entry.beside[0].marks == (Mark(MarkKind.ONSET, 296.0), Mark(MarkKind.END, 336.5))
    with Study.open(tmp_path / "s.semioscope", author="Ana") as study:
        number = study.recording(Clip(tmp_path / "event.mp4", duration=3600.0))
        table = seizure_table(f"296.00\t40.50\tsz\t{rest}")
        with pytest.raises(UserError, match="does not say who answered"):
            import_into(study, table, SealedFrom(()))
        assert import_into(study, table, SealedFrom(()), reader="Ana").changed == 2
        assert study.full_reading(number, ANA, viewer=None).marks == entry.beside[0].marks
        assert import_into(study, table, SealedFrom(()), reader="Ana").changed == 0
        assert study.undo(number) is not None


def test_several_seizures_are_told_and_none_is_chosen() -> None:
    rest = "n/a\tn/a\tn/a\t3600.00\n"
    found = seizure_table(f"1.0\t2.0\tsz\t{rest}9.0\t1.0\tsz\t{rest}")
    assert found.bundle.recordings[0].beside == ()
    assert found.remarks == ("It has 2 seizures, and a recording is of one; they were left out.",)
    assert seizure_table(f"0.0\t3600.0\tbckg\t{rest}").remarks == ()


@pytest.mark.parametrize(
    "row",
    ["n/a\t2\tsz\tn/a\tn/a\tn/a\t9\n", "1\t-2\tsz\tn/a\tn/a\tn/a\t9\n", "1\t2\tspike\tn/a\tn/a\tn/a\t9\n",
     "1\t2\tsz\n"],
)  # fmt: skip
def test_a_malformed_seizure_is_refused(row: str) -> None:
    with pytest.raises(UserError, match="Row 2"):
        seizure_table(row)


def test_every_feature_has_a_tag() -> None:
    assert list(HED) == [feature.id for feature in FEATURES]


def test_an_answer_that_is_not_yes_is_never_an_event_of_the_feature(tmp_path: Path) -> None:
    export(SMALL, tmp_path, FORMATS["bids"])
    lines = (tmp_path / "sub-001_task-semiology_events.tsv").read_text("utf-8").splitlines()
    header = lines[0].split("\t")
    rows = [dict(zip(header, line.split("\t"), strict=True)) for line in lines[1:]]
    assert {row["presence"] for row in rows if row["trial_type"] == row["feature"]} == {"yes"}
    assert {row["trial_type"] for row in rows if row["presence"] != "yes"} == {"no", "not_assessable"}
    assert [float(row["onset"]) for row in rows] == sorted(float(row["onset"]) for row in rows)


def test_events_without_their_json_are_refused(tmp_path: Path) -> None:
    export(SMALL, tmp_path, FORMATS["bids"])
    (tmp_path / "sub-001_task-semiology_events.json").unlink()
    with pytest.raises(UserError, match="is not beside"):
        read(tmp_path, FORMATS["bids"])
