"""A wrong value in a study costs one row and is named in one sentence."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import pytest

from app.core.errors import UserError
from app.core.semiology import Answer, Presence, Span
from app.core.study import values
from app.core.study.edits import SetAnswer
from app.core.study.store import Study
from tests.core import hostile_studies as hostile
from tests.core.study_cases import ANA, Clip, tick
from tests.core.study_folders import execute_sql, folder

__all__ = ["folder"]


@pytest.fixture(scope="module")
def full_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile.make(tmp_path_factory.mktemp("full") / "clip.semioscope")


@pytest.mark.parametrize(
    ("place", "value", "sentence"),
    [
        (("answers", "presence"), "maybe", "the answer to “arm_flexion” of “Ana”"),
        (("answers", "confidence"), 2**62, "the answer to “arm_flexion” of “Ana”"),
        (("spans", "begins"), float("inf"), "a span of the evidence for “arm_flexion” of “Ana”"),
        (("spans", "ends"), b"\xff", "a span of the evidence for “arm_flexion” of “Ana”"),
        (("marks", "kind"), "middle", "a mark of “Ana”"),
        (("recordings", "patient_box"), "[" * 100_000, "the patient's box of the recording “clip.mp4”"),
        (("recordings", "cameras"), '{"a": 1}', "what the cameras of recording 1 are"),
        (("recordings", "patient_data"), '{"patient": 1}', "the patient data of recording 1"),
        (("recordings", "patient_data"), "[" * 100_000, "the patient data of recording 1"),
        (("eeg_files", "sync"), '{"offset": 1e999}', "the EEG “night.edf” of a recording"),
        (("eeg_files", "bad_channels"), "[" * 100_000, "the EEG “night.edf” of a recording"),
        (("eeg_files", "size"), -1, "the EEG “night.edf” of a recording"),
        (("recordings", "duration"), -5.0, "the recording “clip.mp4”"),
        (("readers", "kind"), "robot", "the reader “Ana”"),
        (("readings", "locked"), "yesterday", "how far the reader “Ana” is"),
        (("settings", "value"), "[" * 100_000, "the setting “blind_by_default”"),
        (("history", "new"), "{", "row 1 of the history"),
    ],
)
def test_a_wrong_value_costs_one_row_and_is_named_in_one_sentence(
    full_study: Path, tmp_path: Path, place: tuple[str, str], value: object, sentence: str
) -> None:
    table, column = place
    folder = Path(shutil.copytree(full_study, tmp_path / "clip.semioscope"))
    _put_first(folder, table, column, value)
    told = [fault for fault in hostile.ask_everything(folder) if "left out" in fault]
    assert any(sentence.casefold() in fault.casefold() for fault in told), told
    with Study.open(folder, author="Ana", shared=True) as study:
        assert presence_of_others(study) >= 17


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE meta SET value = '9223372036854775807' WHERE key = 'history_seq'",
        "UPDATE meta SET value = 'x' WHERE key = 'history_seq'",
        "INSERT INTO meta VALUES ('last_recording', '9223372036854775807')",
        "UPDATE recordings SET id = 9223372036854775807",
    ],
)
def test_a_number_that_nothing_can_follow_is_told(folder: Path, tmp_path: Path, statement: str) -> None:
    execute_sql(folder, statement)
    with Study.open(folder, author="Ana") as study, pytest.raises(UserError, match="damaged"):
        tick(study, study.recording(Clip(tmp_path / "new.mp4", "e" * 64)), "clonic", Presence.YES)


def presence_of_others(study: Study) -> int:
    """How many of Bo's answers, none of which was touched, can be read."""
    return len(study.reading(1, hostile.BO, viewer=None).answers) if study.recordings()[0].id == 1 else 20


def _put_first(folder: Path, table: str, column: str, value: object) -> None:
    """The value in the first row alone, in the order in which the study is made."""
    firsts = {
        "answers": "feature = 'arm_flexion' AND reader_id = 1",
        "readings": "reader_id = 1",
        "eeg_files": "1",
    }
    where = firsts.get(table, f"rowid = (SELECT min(rowid) FROM {table})")
    if table in {"marks", "settings"}:
        where = "kind = 'onset'" if table == "marks" else "name = 'blind_by_default'"
    assert hostile.put(folder, table, column, value, where=where)


def _spoil(study: Path, place: Path, rng: random.Random, case: int) -> tuple[Path, str]:
    folder = place / "clip.semioscope"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(study, folder)
    if case % 3 == 0:
        return folder, hostile.damage(folder, rng)
    table, column = rng.choice(hostile.columns(study))
    value = rng.choice((*hostile.VALUES, hostile.NOT_TEXT))
    hostile.put(folder, table, column, value, where=rng.choice(("1", "random() % 3 = 0")))
    return folder, f"{table}.{column} = {value!r:.60}"


def _check(study: Path, place: Path, rng: random.Random, cases: int, commands: int) -> None:
    for case in range(cases):
        folder, what = _spoil(study, place, rng, case)
        hostile.ask_everything(folder)
        for command in (hostile.COMMANDS[0], *rng.sample(hostile.COMMANDS[1:], commands)):
            code, said = hostile.run(folder, command, place / "out")
            assert code in {0, 1}, (what, command, said)
            assert code == 0 or said, (what, command)


@pytest.mark.parametrize("value", [hostile.NOT_TEXT, "soon", None])
def test_evidence_that_is_not_a_number_does_not_hinder_new_answers(
    full_study: Path, tmp_path: Path, value: object
) -> None:
    folder = tmp_path / "clip.semioscope"
    shutil.copytree(full_study, folder)
    assert hostile.put(folder, "spans", "begins", value)
    hostile.ask_everything(folder)


@pytest.mark.parametrize("column", ["seq", "target"])
def test_a_number_of_a_change_that_no_text_can_be_is_no_unexpected_error(
    full_study: Path, tmp_path: Path, column: str
) -> None:
    folder = tmp_path / "clip.semioscope"
    shutil.copytree(full_study, folder)
    hostile.put(folder, "history", column, hostile.NOT_TEXT)
    hostile.ask_everything(folder)


def test_no_spoiled_study_is_an_unexpected_error(full_study: Path, tmp_path: Path) -> None:
    _check(full_study, tmp_path, random.Random(20), cases=60, commands=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(24))
def test_no_spoiled_study_of_thousands_is_an_unexpected_error(
    full_study: Path, tmp_path: Path, seed: int
) -> None:
    _check(full_study, tmp_path, random.Random(seed), cases=90, commands=3)


@pytest.mark.slow
@pytest.mark.parametrize("table", hostile.TABLES)
def test_no_value_in_any_column_is_an_unexpected_error(full_study: Path, tmp_path: Path, table: str) -> None:
    for name, column in hostile.columns(full_study):
        for value in (*hostile.VALUES, hostile.NOT_TEXT) if name == table else ():
            folder = tmp_path / "clip.semioscope"
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(full_study, folder)
            hostile.put(folder, table, column, value)
            hostile.ask_everything(folder)
            code, said = hostile.run(folder, hostile.COMMANDS[0], tmp_path / "out")
            assert code in {0, 1}, (table, column, value, said)


def test_a_row_with_more_parts_than_this_program_writes_is_left_out_unparsed(
    full_study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "clip.semioscope"
    shutil.copytree(full_study, folder)
    many = "[" + "1," * (values.MOST_PARTS + 1) + "1]"
    assert hostile.put(folder, "history", "new", many, where="subject NOT IN ('lock', 'reading')")
    parsed: list[int] = []
    loads = json.loads

    def counted(text: str, **how: object) -> object:
        parsed.append(len(text))
        return loads(text, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(json, "loads", counted)
    with Study.open(folder, author="Ana", shared=True) as study:
        assert len(study.history(viewer=None)) < 10
        assert sum("of the history in this study cannot be read" in fault for fault in study.faults()) > 40
    assert max(parsed, default=0) < len(many)


def test_an_answer_of_ten_thousand_spans_stays_readable(folder: Path) -> None:
    spans = tuple(Span(float(n), n + 0.5) for n in range(10_000))
    with Study.open(folder, author="Ana") as study:
        before = study.reading(1, ANA, viewer=None).answer("clonic")
        after = Answer("clonic", Presence.YES, 50, spans, None, "a, b, " * 50_000)
        study.apply(SetAnswer(1, ANA, before, after))
        assert study.reading(1, ANA, viewer=None).answer("clonic") == after
        assert study.verify_history() == ()
        study.undo(1)
        study.redo(1)
        assert study.reading(1, ANA, viewer=None).answer("clonic") == after
        assert study.faults() == ()
