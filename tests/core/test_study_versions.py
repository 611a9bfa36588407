"""One stored study of every version of the schema: each opens, is whole, and can be worked on."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.core.eeg.sync import MarkPair, Sync
from app.core.errors import UserError
from app.core.picture_box import Box
from app.core.reading import ReaderIdentity, ReaderKind, person
from app.core.semiology import Answer, ConfidenceKind, Laterality, Presence, SideFrom, Span
from app.core.study import schema
from app.core.study.cameras import Camera
from app.core.study.consensus import CONSENSUS
from app.core.study.edits import AttachEeg, SetBlindByDefault
from app.core.study.marks import Mark, MarkKind
from app.core.study.patient_data import Diagnosis, PatientData
from app.core.study.rating import Particular, Rating
from app.core.study.store import Study
from app.core.study.stored_eeg import AgreedSync, StoredEeg
from app.core.study.study_settings import StudySettings
from tests.core.study_cases import ANA, SIGNAL, Clip

STUDIES = Path(__file__).parent / "studies"
VERSIONS = range(1, schema.version_of(schema.STEPS) + 1)


def _stored(version: int, place: Path) -> Path:
    """The stored study of that version, as a folder in `place`."""
    folder = place / "clip.semioscope"
    folder.mkdir()
    with closing(sqlite3.connect(folder / "study.sqlite")) as connection:
        connection.executescript((STUDIES / f"version_{version}.sql").read_text(encoding="utf-8"))
    return folder


def test_every_version_is_stored() -> None:
    assert sorted(path.name for path in STUDIES.iterdir()) == [f"version_{one}.sql" for one in VERSIONS]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_study_of_every_version_opens_with_all_its_answers(tmp_path: Path, version: int) -> None:
    folder = _stored(version, tmp_path)
    with Study.open(folder, author="Ana") as study:
        assert study.verify_history() == ()
        first, second = (row.id for row in study.recordings())
        assert study.recording(Clip(tmp_path / "clip.mp4")) == first
        assert study.recording_path(second) == tmp_path / "sub" / "zweite Aufnahme ä.mp4"
        full = Answer(
            "clonic", Presence.YES, 87, (Span(12.4, 31.0), Span(40, 40)), Laterality.LEFT, "3.1 Hz – “links”"
        )
        assert study.reading(first, ANA, viewer=None).answer("clonic") == full
        assert study.patient_box(first) == Box(0.1, 0.2, 0.5, 0.9)
        bo = ReaderIdentity(ReaderKind.PERSON, "Bo", "1")
        assert study.reading(second, bo, viewer=None).answer("tonic").presence is Presence.NOT_ASSESSABLE
        assert study.reading(first, SIGNAL, viewer=None).answer("clonic").evidence == (Span(13, 30),)
        assert {"Ana", "Bo"} <= {one.name for one in study.people()}
        while study.undo(first):
            pass
        assert study.reading(first, ANA, viewer=None).answers == {}
        while study.redo(first):
            pass
        assert study.reading(first, ANA, viewer=None).answer("clonic") == full
        assert study.verify_history() == ()
    made = [path.name[:8] for path in (folder / "backups").glob("*")] if version < VERSIONS[-1] else []
    assert made == [f"study-v{version}"] * (version < VERSIONS[-1])


def test_what_version_2_brought_is_kept(tmp_path: Path) -> None:
    with Study.open(_stored(2, tmp_path), author="Bo") as study:
        full = study.full_reading(1, person("Bo"), viewer=None)
        assert full.notes == {"tonic": "left arm first"}
        assert full.marks == (Mark(MarkKind.ONSET, 3.5), Mark(MarkKind.PHASE, 5, "tonic"))
        locked = study.answers_at_lock(1, person("Bo"), viewer=None)
        assert locked is not None
        assert locked.reading.answer("tonic") == Answer("tonic", Presence.YES, 60, (Span(1, 2),))
        assert full.reading.answer("tonic") == Answer("tonic", Presence.NO)
        (state,) = (one for one in study.readers(1, viewer=None) if one.reader.name == "Bo")
        assert state.revealed is not None
        assert state.blind is False, "it began when everybody saw everything"
        assert study.full_reading(1, CONSENSUS, viewer=None).notes == {"tonic": "no posture held"}
        (rating,) = study.ratings(viewer=None)
        assert (rating.rater.name, rating.rating) == ("Chloë R.", Rating(4, "right arm too"))
        assert study.settings() == StudySettings(blind_by_default=False, reference=CONSENSUS, filters={})


def test_what_version_3_brought_is_kept(tmp_path: Path) -> None:
    folder = _stored(3, tmp_path)
    with Study.open(folder, author="Bo") as study:
        (camera,) = study.cameras(1)
        assert camera == Camera("c" * 64, "ceiling.mp4", "../ceiling.mp4", 3.25)
        assert camera.place(folder) == tmp_path / "ceiling.mp4"
        assert study.cameras(2) == ()


def test_what_version_4_brought_is_kept(tmp_path: Path) -> None:
    with Study.open(_stored(4, tmp_path), author="Ana") as study:
        moved, back = (row for row in study.history(1, viewer=None) if row.subject == "spans")
        assert (moved.old, moved.new, moved.why) == ("[[40.0,40.0]]", "[[41.2,43.0]]", "too early")
        assert (back.old, back.new) == (moved.new, moved.old)
        unsure, sure = (row for row in study.history(1, viewer=None) if row.subject == "verdict")
        assert (unsure.old, unsure.new) == (sure.new, sure.old)
        assert json.loads(unsure.new)["confidence"] == 50
        study.undo(1)
        assert study.reading(1, ANA, viewer=None).answer("clonic").evidence == (
            Span(12.4, 31.0),
            Span(41.2, 43.0),
        )
        assert study.verify_history() == ()


def test_what_version_5_brought_is_kept(tmp_path: Path) -> None:
    with Study.open(_stored(5, tmp_path), author="Bo") as study:
        undone = study.undo(2)
        assert undone is not None
        assert undone.phrase == "3 answers, 1 note in 2 recordings (imported from labels.csv)"
        assert set(undone.recordings) == {1, 2}
        assert study.verify_history() == ()


def test_what_version_6_brought_is_kept(tmp_path: Path) -> None:
    folder = _stored(6, tmp_path)
    pairs = (MarkPair(3610.0, 11.8), MarkPair(7200.0, 3601.8))
    marks = AgreedSync(Sync(-3598.25, 1.2e-5), "two pairs of marks", pairs)
    bad = frozenset({"EEG T3-REF", "EMG ä"})
    night = StoredEeg("d" * 40, "night ä.edf", "../night ä.edf", 123456789, marks, bad)
    with Study.open(folder, author="Ana") as study:
        first, second = study.eegs(1)
        assert first == night
        assert first.place(folder) == tmp_path / "night ä.edf"
        assert second.name == "piece.bdf"
        assert second.bad_channels == {"Fp1"}
        assert study.eegs(2) == ()
        study.undo(2)
        assert study.eegs(2) == (second,)
        for _edit in range(4):
            study.undo(1)
        assert study.eegs(1) == ()
        assert study.verify_history() == ()


def test_a_study_of_an_earlier_version_takes_an_eeg(tmp_path: Path) -> None:
    with Study.open(_stored(1, tmp_path), author="Ana") as study:
        eeg = StoredEeg("d" * 40, "night.edf", "../night.edf", 1, AgreedSync(Sync(0.0)))
        study.apply(AttachEeg(1, None, eeg))
        assert study.eegs(1) == (eeg,)
        assert study.verify_history() == ()


@pytest.mark.parametrize("version", VERSIONS[:4])
def test_the_history_of_an_earlier_version_stays_as_it_is_byte_by_byte(tmp_path: Path, version: int) -> None:
    folder = _stored(version, tmp_path)
    with closing(sqlite3.connect(folder / "study.sqlite")) as connection:
        before = connection.execute("SELECT * FROM history ORDER BY seq").fetchall()
    with Study.open(folder, author="Ana") as study:
        study.undo(1)
        assert study.verify_history() == ()
    with closing(sqlite3.connect(folder / "study.sqlite")) as connection:
        after = connection.execute("SELECT * FROM history ORDER BY seq").fetchall()
    assert after[: len(before)] == before
    assert len(after) > len(before)


@pytest.mark.parametrize("version", VERSIONS)
def test_looking_changes_no_byte_of_a_study_of_any_version(tmp_path: Path, version: int) -> None:
    folder = _stored(version, tmp_path)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with Study.open_for_viewing(folder) as study:
        assert study.read_only
        assert study.verify_history() == ()
        assert study.readings(1, viewer=None)
        with pytest.raises(UserError, match="not to be changed"):
            study.apply(SetBlindByDefault(before=True, after=False))
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_new_study_has_the_tables_of_a_migrated_one(tmp_path: Path) -> None:
    migrated = _stored(1, tmp_path)
    Study.open(migrated, author="Ana").close()
    Study.open(tmp_path / "new", author="Ana").close()
    said = []
    for folder in (migrated, tmp_path / "new"):
        with closing(sqlite3.connect(folder / "study.sqlite")) as connection:
            rows = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
            said.append(
                sorted((kind, name, table, " ".join((sql or "").split())) for kind, name, table, sql in rows)
            )
    assert [row[:3] for row in said[0]] == [row[:3] for row in said[1]]
    assert [_columns(row[3]) for row in said[0]] == [_columns(row[3]) for row in said[1]]


def _columns(sql: str) -> str:
    # A dump writes the name of an altered table in quotes.
    return sql.replace('"', "")


def test_what_version_7_brought_is_kept(tmp_path: Path) -> None:
    with Study.open(_stored(7, tmp_path), author="Ana") as study:
        columns = (("age", "31"), ("ward", "=B"))
        assert study.patient_data(1, viewers=()) == PatientData(
            "P 7 ä", "2", Diagnosis.FUNCTIONAL, "test", columns
        )
        assert study.patient_data(2, viewers=()) == PatientData("P 7 ä")
        undone = study.undo(2)
        assert undone is not None
        assert undone.phrase == "2 rows of patient data in 2 recordings (patients.csv)"
        assert study.patient_data(1, viewers=()) == study.patient_data(2, viewers=()) == PatientData()
        assert study.verify_history() == ()


def test_the_history_of_an_older_study_stays_as_it_was(tmp_path: Path) -> None:
    folder = _stored(6, tmp_path)
    rows = "SELECT * FROM history ORDER BY seq"
    with closing(sqlite3.connect(folder / "study.sqlite")) as connection:
        before = connection.execute(rows).fetchall()
    with Study.open(folder, author="Ana") as study:
        assert {study.patient_data(row.id, viewers=()) for row in study.recordings()} == {PatientData()}
    with closing(sqlite3.connect(folder / "study.sqlite")) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (VERSIONS[-1],)
        assert connection.execute(rows).fetchall() == before


def test_what_version_8_brought_is_kept(tmp_path: Path) -> None:
    left, both = Laterality.LEFT, Laterality.BOTH
    with Study.open(_stored(8, tmp_path), author="Bo") as study:
        model = next(
            one.reader for one in study.readers(2, viewer=None) if one.reader.kind is ReaderKind.MODEL
        )
        clonic, tonic = (
            study.reading(2, model, viewer=None).answer(feature) for feature in ("clonic", "tonic")
        )
        assert clonic.confidence_kind is ConfidenceKind.REPEATS
        assert tonic.confidence_kind is ConfidenceKind.TOKENS
        assert clonic.sides == (SideFrom(1.0, left), SideFrom(1.5, both))
        assert study.reading(1, ANA, viewer=None).answer("clonic").confidence_kind is ConfidenceKind.STATED
        (rated,) = (one.rating for one in study.ratings(viewer=None) if one.explained.reader == model)
        assert rated == Rating(3, "", ((Particular.SIDE, True), (Particular.RHYTHM, False)))
        study.undo(2)
        assert [one.explained.reader for one in study.ratings(viewer=None)] == [SIGNAL]
        study.redo(2)
        assert study.verify_history() == ()
