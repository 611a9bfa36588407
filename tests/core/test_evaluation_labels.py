"""Tables of labels read as they are: states kept apart, names, maps, segments, times, sources."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from app.core.errors import UserError
from app.core.evaluation.case_grid import lay_out
from app.core.evaluation.label_sources import NamedSource, reader_labels, reference_labels
from app.core.evaluation.label_tables import table_rows
from app.core.evaluation.label_words import state_of
from app.core.evaluation.labels import LabelState, ReaderLabels
from app.core.evaluation.patients import group_patients
from app.core.evaluation.recording_names import name_map, segment_of
from app.core.exchange.codec import load
from app.core.exchange.phrases import time_of
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity, person, to_json
from app.core.same_names import recording_key
from app.core.semiology import FEATURES, Answer, Laterality, Presence, Span
from app.core.study.edits import SetAnswer
from app.core.study.store import Study
from tests.core.label_layouts import make_layouts, shelf, table
from tests.core.study_cases import ANA, SIGNAL, Clip

NO, YES, NA, FAILED, OPEN = LabelState


@pytest.mark.parametrize(
    ("words", "state"),
    [
        (("yes", "YES.", " Yes ", "1", "1.0", "true"), YES),
        (("no", "No.", "0", "false"), NO),
        (("na", "N/A", "n.a.", "N.A", "not assessable"), NA),
        (("fail", "Fail.", "failed", "error"), FAILED),
        (("", "  ", "unanswered"), OPEN),
    ],
)
def test_words_of_a_state(words: tuple[str, ...], state: LabelState) -> None:
    assert {state_of(word, "") for word in words} == {state}


def test_any_other_word_is_refused_with_its_place() -> None:
    with pytest.raises(UserError, match=r"“labels\.csv”: Row 3, column tonic, says “maybe”"):
        table(("file_name", "tonic"), ("a.mp4", "yes"), ("b.mp4", "maybe"))


@pytest.mark.parametrize(
    ("word", "seconds"),
    [("28", 28), ("28.5", 28.5), ("0:28", 28), ("1:02.5", 62.5), ("00:00:41", 41), ("1:02:03", 3723),
     ("75:00", 4500), ("", None), ("-1", None), ("1:60", None), ("soon", None), ("1:2:3:4", None)],
)  # fmt: skip
def test_times(word: str, seconds: float | None) -> None:
    assert time_of(word) == seconds


@given(st.integers(0, 359_999))
def test_a_time_is_read_back(seconds: int) -> None:
    minutes, rest = divmod(seconds, 60)
    assert time_of(f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}") == seconds
    assert minutes > 9999 or time_of(f"{minutes}:{rest:02d}") == seconds


@pytest.mark.parametrize(
    "name",
    [
        "P01@Event_v1.MP4",
        "p01@event_v1.m2t",
        r"C:\videos\P01@EVENT_V1.wav",
        "/x/P01@event_v1",
        " p01@event_v1.mp4.json ",
    ],
)
def test_names_are_the_same_without_folder_extension_and_case(name: str) -> None:
    assert recording_key(name) == "p01@event_v1"


def test_an_ending_that_is_no_extension_is_part_of_the_name() -> None:
    assert recording_key("patient.1") != recording_key("patient.2")
    assert recording_key(".mp4") == ".mp4"
    assert segment_of("A_segment_12.m2t") == ("a", 12)
    assert segment_of("A_segment_.m2t") == ("a_segment_", None)


def test_a_map_of_names_goes_both_ways_and_refuses_two_recordings_of_one_name() -> None:
    names = name_map(
        [["file_name", "ward", "90_file_name"], ["A_1.mp4", "x", "A.mp4"], ["B_1.mp4", "x", "B.mp4"]]
    )
    (first,) = table(("file_name", "tonic"), ("a.wav", "yes"), names=names).labels
    (second,) = table(("file_name", "tonic"), ("A_1.m2t", "no"), names=names).labels
    assert first.cases[0].key == second.cases[0].key
    with pytest.raises(UserError, match=r"has “A\.mp4” in two rows"):
        name_map([["one", "other"], ["A_1.mp4", "A.mp4"], ["B_1.mp4", "A.mp4"]])
    with pytest.raises(UserError, match="two columns"):
        name_map([["one"], ["A.mp4"]])


def test_parts_of_an_answer_and_free_columns() -> None:
    found = table(
        ("Video Name", "Patient", "tonic", "justification_for_tonic", "start_time_for_tonic",
         "end_time_for_tonic", "left_right_head_turning", "confidence_for_tonic"),
        ("a.mp4", "P1", "yes", "stiff", "0:28", "00:01:05", "left", "80"),
        ("b.mp4", "P2", "no", "", "later", "0:10", "none", "sure"),
    )  # fmt: skip
    first, second = found.labels[0].cases
    assert first.answer("tonic") == Answer("tonic", Presence.YES, 80, (Span(28, 65),), None, "stiff")
    assert first.answer("head_turning").laterality is Laterality.LEFT
    assert first.columns == {"Patient": "P1"}
    assert second.answer("tonic") == Answer("tonic", Presence.NO)
    assert found.remarks == (
        "Times that could not be read and were left out: 1.",
        "Confidences that are not 0 to 100 and were left out: 1.",
    )


def test_a_column_of_readers_and_a_row_that_is_there_twice() -> None:
    found = table(("file", "reader", "tonic"), ("a.mp4", "Ana", "yes"), ("a.mp4", "Bo", "no"))
    assert [(one.reader, one.cases[0].state("tonic")) for one in found.labels] == [("Ana", YES), ("Bo", NO)]
    with pytest.raises(UserError, match=r"Row 3 is a second row of “A\.wav”"):
        table(("file", "tonic"), ("a.mp4", "yes"), ("A.wav", "no"))
    with pytest.raises(UserError, match="names no column"):
        table(("who", "tonic"), ("a.mp4", "yes"))
    with pytest.raises(UserError, match="two columns “Tonic”"):
        table(("file", "tonic", "Tonic"), ("a.mp4", "yes", "no"))


SEGMENTS = {
    ("yes", "no"): YES, ("no", "fail", "yes"): YES, ("no", "na"): NO, ("na", "na"): NA,
    ("no", "fail"): FAILED, ("no", ""): OPEN, ("", "fail"): FAILED,
}  # fmt: skip


@pytest.mark.parametrize("said", SEGMENTS)
@pytest.mark.parametrize("first", [0, 1])
def test_segments_are_merged_by_the_rule_of_readings(said: tuple[str, ...], first: int) -> None:
    rows = [(f"a_segment_{n}.m2t", word) for n, word in reversed(list(enumerate(said, first)))]
    (labels,) = table(("file_name", "tonic"), *rows).labels
    assert [case.state("tonic") for case in labels.cases] == [SEGMENTS[said]]
    (asleep,) = table(("file_name", "occur_during_sleep"), *rows).labels
    assert asleep.cases[0].state("occur_during_sleep") is state_of(said[0], "")


def test_segments_twice_or_beside_the_whole_are_refused() -> None:
    with pytest.raises(UserError, match="a segment of “a_SEGMENT_1” twice"):
        table(("file_name", "tonic"), ("a_SEGMENT_1", "no"), ("a_segment_1.m2t", "no"))
    with pytest.raises(UserError, match="both as a whole and in segments"):
        table(("file_name", "tonic"), ("a.mp4", "no"), ("a_segment_1.m2t", "no"))


def test_the_layouts_are_read_as_they_are(tmp_path: Path) -> None:
    folder = make_layouts(tmp_path)
    names = name_map(table_rows(load(folder / "name_map.csv")))
    kept = shelf(names)
    reference = reference_labels(kept, [NamedSource(folder / "labels.csv")])
    files = ("sound_predictions", "visual_segments", "labels_with_times", "sides", "sequence", "diagnosis")
    readers = reader_labels(kept, [NamedSource(folder / f"{name}.csv") for name in files], [])
    grid = lay_out(reference, readers)
    assert kept.remarks == []
    for name in files:
        assert not grid.readers[name].missing.any()
        assert grid.readers[name].unmatched == ()
    timed = grid.readers["labels_with_times"]
    visual = [place for place, feature in enumerate(FEATURES) if feature.group != "sound"]
    assert (timed.states[:, visual] == grid.truth[:, visual]).all()
    evidence = [case.answer("tonic").evidence for case in timed.cases if case and case.state("tonic") is YES]
    assert all(len(spans) == 1 and 0 <= spans[0].start <= 29 < spans[0].end < 60 for spans in evidence)
    assert reference.cases[0].columns["start_time"] == "0:28"
    failed = (grid.readers["sound_predictions"].states == FAILED).sum()
    text = (folder / "sound_predictions.csv").read_text("utf-8-sig")
    assert failed == text.count(",fail,") + text.count(",fail.,") > 0
    patients = group_patients(reference.cases, (), r"^(P\d+)@")
    assert patients.count == len({case.name[:3] for case in reference.cases}) == 12


def test_a_workbook_and_tabs_say_the_same(tmp_path: Path) -> None:
    rows = [("file_name", "tonic", "start_time_for_tonic"), ("a.mp4", 1, "0:28"), ("b.mp4", "fail", None)]
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(tmp_path / "x.xlsx")
    text = "\n".join("\t".join("" if cell is None else str(cell) for cell in row) for row in rows)
    (tmp_path / "x.tsv").write_text(text, encoding="utf-8-sig")
    found = [shelf().of(tmp_path / name).labels[0].cases for name in ("x.xlsx", "x.tsv")]
    assert found[0] == found[1]
    assert [case.state("tonic") for case in found[0]] == [YES, FAILED]


# sources


def reading(name: str, reader: ReaderIdentity, presence: Presence | None, why: str = "") -> Reading:
    return Reading(
        RecordingIdentity(name, "", 60.0), reader, {"tonic": Answer("tonic", presence, explanation=why)}
    )


def test_a_models_request_that_failed_is_failed_and_a_person_left_it_open(tmp_path: Path) -> None:
    model = ReaderIdentity(ReaderKind.MODEL, "m", "1")
    for number, (who, why) in enumerate(
        ((model, "no answer"), (model, "Not asked."), (person("Ana"), "unsure"))
    ):
        (tmp_path / f"{number}.json").write_text(to_json(reading(f"{number}.mp4", who, None, why)), "utf-8")
    states = [case.state("tonic") for labels in shelf().of(tmp_path).labels for case in labels.cases]
    assert states == [FAILED, OPEN, OPEN]


def test_readings_of_one_reader_are_joined_from_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.json").write_text(to_json(reading(f"{name}.mp4", SIGNAL, Presence.YES)), "utf-8")
    found = reader_labels(shelf(), [NamedSource(tmp_path / "a.json"), NamedSource(tmp_path / "b.json")], [])
    assert {name: len(labels.cases) for name, labels in found.items()} == {"signal": 2}


def test_readers_of_a_study_are_named_and_the_reference_is_not_scored(tmp_path: Path) -> None:
    folder = tmp_path / "ward"
    with Study.open(folder, author="Ana") as study:
        number = study.recording(Clip(tmp_path / "a.mp4"))
        study.keep_reading(number, reading("a.mp4", SIGNAL, Presence.NO))
        for who in (ANA, person("Bo")):
            study.apply(SetAnswer(number, who, Answer("tonic"), Answer("tonic", Presence.YES)))
    with pytest.raises(UserError, match="Say who is right"):
        reference_labels(shelf(), [NamedSource(folder)])
    chosen = [NamedSource(folder, "Ana")]
    reference = reference_labels(shelf(), chosen)
    assert reference.reader == "Ana"
    assert sorted(reader_labels(shelf(), [NamedSource(folder)], chosen)) == ["Bo", "signal"]
    assert list(reader_labels(shelf(), [NamedSource(folder, "Bo")], chosen)) == ["Bo"]
    with pytest.raises(UserError, match=r"no reader called “Cy”\. There are: Bo, Ana, signal"):
        reader_labels(shelf(), [NamedSource(folder, "Cy")], chosen)
    grid = lay_out(reference, {"table": table(("file", "tonic"), ("A.wav", "no")).labels[0]})
    assert not grid.readers["table"].missing.any()


def test_an_exported_study_and_its_table_are_sources_too(tmp_path: Path) -> None:
    from app.core.exchange.formats import FORMATS, export
    from tests.core.exchange_cases import SMALL

    for format_id in ("json", "csv-wide", "csv-long"):
        (path,) = export(SMALL, tmp_path / f"{format_id}{FORMATS[format_id].suffix}", FORMATS[format_id])
        found = {labels.reader: len(labels.cases) for labels in shelf().of(path).labels}
        assert found, format_id
    assert json.loads((tmp_path / "json.json").read_text("utf-8"))["format"] == "semioscope-study/1"


# laying out


def labels(*names: str, reader: str = "m") -> ReaderLabels:
    (found,) = table(("file", "tonic"), *((name, "yes") for name in names)).labels
    return ReaderLabels(reader, found.cases)


def test_what_only_one_side_has_is_said() -> None:
    grid = lay_out(labels("a.mp4", "b.mp4"), {"m": labels("B.wav", "c.wav")})
    found = grid.readers["m"]
    assert (list(found.missing), found.unmatched) == ([True, False], ("c.wav",))
    assert (found.states[0] == OPEN).all()
    with pytest.raises(UserError, match="None of the readings is of a recording"):
        lay_out(labels("a.mp4"), {"m": labels("b.mp4")})


def test_a_recording_twice_on_one_side_is_refused() -> None:
    double = ReaderLabels("r", labels("a.mp4").cases * 2)
    with pytest.raises(UserError, match=r"The reference has “a\.mp4” twice"):
        lay_out(double, {"m": labels("a.mp4")})
    with pytest.raises(UserError, match=r"two readings of “a\.mp4” by “m”"):
        lay_out(labels("a.mp4"), {"m": double})


def test_patients_by_column_pattern_or_none() -> None:
    (found,) = table(
        ("file", "Patient ID", "tonic"), ("p1_a", "x", 1), ("p2_b", "X", 1), ("p3_c", "", 1)
    ).labels
    assert list(group_patients(found.cases, (), None).numbers) == [0, 0, 1]
    assert list(group_patients(found.cases, (), "patient").numbers) == [0, 0, 1]
    assert group_patients(found.cases, (), r"p\d").count == 3
    bare = labels("a", "b").cases
    assert (group_patients(bare, (), None).count, group_patients(bare, (), None).by) == (2, "recordings")
    for by, message in (
        ("patient", "No table has a column"),
        (r"p\d", "has no patient by"),
        ("(", "regular"),
    ):
        with pytest.raises(UserError, match=message):
            group_patients(bare, (), by)
