"""Studies that hold what this program never writes, and everything that is asked of them."""

from __future__ import annotations

import contextlib
import io
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from app.cli import main
from app.core.eeg.sync import MarkPair, Sync
from app.core.errors import UserError
from app.core.exchange.format_names import FORMAT_NAMES
from app.core.picture_box import Box
from app.core.reading import Reading, RecordingIdentity, person
from app.core.semiology import FEATURES, Answer, Laterality, Presence, Span
from app.core.study.cameras import Camera
from app.core.study.consensus import CONSENSUS
from app.core.study.edits import (
    AttachEeg,
    Decide,
    Decision,
    LockReading,
    RateExplanation,
    SetAnswer,
    SetBadChannels,
    SetBlindByDefault,
    SetCameras,
    SetEegSync,
    SetMark,
    SetNote,
    SetPatientBox,
    SetPatientData,
    SetReference,
    SetSavedFilter,
)
from app.core.study.marks import Mark, MarkKind
from app.core.study.patient_data import Diagnosis, PatientData
from app.core.study.rating import Rating
from app.core.study.store import Study
from app.core.study.stored_eeg import AgreedSync, StoredEeg
from app.core.study.worklist import WorkFilter
from tests.core.study_cases import ANA, SIGNAL, Clip

BO = person("Bo")
_SYNC = AgreedSync(Sync(-3600.5), "start times")
_EEG = StoredEeg("d" * 40, "night.edf", "../night.edf", 1000, _SYNC)
_MARKS = AgreedSync(Sync(-3600.25, 1e-5), "marks", (MarkPair(3601.0, 1.0),))

TEXTS = (
    "", " ", "maybe", "yes", "null", "true", "[]", "{}", "0", '"x"', "[1, 2, 3, 4]", '{"a": 1}', "[[1, 2]]",
    '[{"feature": "tonic"}]', "[" * 100_000, '{"a":' * 5_000 + "1" + "}" * 5_000, "1e999", "NaN",
    "9" * 5_000, '"\\ud800"', "a\0b", "\x1b[31mred", "\u202eabc", "x" * 1_000_000, "2026-13-45T99:00",
    "0001-01-01", "=1+1", "../../etc/passwd", "ä" * 300, "\ufffe",
)  # fmt: skip
NUMBERS = (0, 1, -1, 2, 101, 2**31, 2**53, 2**63 - 1, -(2**63), -0.0, 0.5, -5.0, 1e9, 1e308, float("inf"))
VALUES: tuple[object, ...] = (None, b"", b"\xff\x00", b"tonic", *TEXTS, *NUMBERS)
NOT_TEXT = "CAST(x'ff41' AS TEXT)"
"""In SQL, because Python writes only text that is text."""

_PATIENT = PatientData("P1", "2", Diagnosis.EPILEPTIC, "test", (("age", "31"),))

TABLES = (
    "meta", "recordings", "readers", "readings", "answers", "spans", "marks", "ratings", "settings",
    "eeg_files", "history",
)  # fmt: skip


def make(folder: Path) -> Path:
    """A study in which every table has rows and every kind of edit was made."""
    with Study.open(folder, author="Ana") as study:
        study.apply(SetBlindByDefault(True, False))
        first = study.recording(Clip(folder.parent / "clip.mp4"))
        second = study.recording(Clip(folder.parent / "other.mp4", "e" * 64, 30.0))
        for number, feature in enumerate(FEATURES):
            spans = tuple(Span(float(n), n + 0.5) for n in range(number % 3))
            side = Laterality.LEFT if number % 2 else None
            for reader in (ANA, BO):
                said = Presence.YES if number % 3 or reader is ANA else Presence.NO
                answer = Answer(feature.id, said, 50, spans, side, "seen")
                study.apply(SetAnswer(first, reader, Answer(feature.id), answer))
        study.keep_reading(
            second, Reading(RecordingIdentity("", "", 0.0), SIGNAL, {"tonic": Answer("tonic", Presence.NO)})
        )
        study.apply_all(
            (
                SetNote(first, ANA, "tonic", "", "a note"),
                SetMark(first, ANA, None, Mark(MarkKind.ONSET, 1.5)),
                SetMark(first, ANA, None, Mark(MarkKind.PHASE, 2.5, "tonic phase")),
                Decide(first, Decision(Answer("tonic")), Decision(Answer("tonic", Presence.YES), "agreed")),
                RateExplanation(first, BO, "tonic", ANA, None, Rating(4, "well")),
                SetPatientBox(first, None, Box(0.1, 0.2, 0.5, 0.9)),
                SetCameras(first, (), (Camera("c" * 40, "side.mp4", "../side.mp4", 0.5),)),
                AttachEeg(first, None, _EEG),
                SetEegSync(first, _EEG.fingerprint, _SYNC, _MARKS),
                SetBadChannels(first, _EEG.fingerprint, frozenset(), frozenset({"Fp1"})),
                SetPatientData(
                    first,
                    PatientData(),
                    _PATIENT,
                ),
                SetReference(None, ANA),
                SetSavedFilter("mine", None, WorkFilter("clip").to_text()),
                LockReading(first, ANA),
            )
        )
        study.reveal(first, ANA)
        study.undo(first)
        study.redo(first)
    return folder


def columns(folder: Path) -> list[tuple[str, str]]:
    """Every column of every table."""
    with closing(sqlite3.connect(folder / "study.sqlite")) as connection:
        return [
            (table, row[1]) for table in TABLES for row in connection.execute(f"PRAGMA table_info({table})")
        ]


def put(folder: Path, table: str, column: str, value: object, *, where: str = "1") -> bool:
    """Put a value into a column of the rows `where`, whatever its type allows; the definitions stay the same.

    False when the file cannot hold it there (a key twice, a rowid that is not a number).
    """
    path = folder / "study.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        kept = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        for guard in ("history_rows_stay", "history_rows_keep"):
            connection.execute(f"DROP TRIGGER {guard}")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(replace(replace(sql, 'STRICT, ', ''), ') STRICT', ')'), "
            "'NOT NULL', '') WHERE type = 'table'"
        )
        connection.execute("PRAGMA schema_version = 9000")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        said = NOT_TEXT if value == NOT_TEXT else "?"
        done = True
        try:
            connection.execute(
                f"UPDATE {table} SET {column} = {said} WHERE {where}", (value,) if said == "?" else ()
            )
        except (sqlite3.IntegrityError, sqlite3.OperationalError):
            done = False
        connection.execute("PRAGMA writable_schema = ON")
        for name, sql in kept:
            connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (sql, name))
        connection.execute("PRAGMA schema_version = 9001")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        for _name, sql in kept:
            if sql.startswith("CREATE TRIGGER"):
                connection.execute(sql)
    return done


def damage(folder: Path, rng: random.Random) -> str:
    """Spoil some bytes of the file; how."""
    path = folder / "study.sqlite"
    content = bytearray(path.read_bytes())
    how = rng.choice(("bits", "cut", "zeroed page", "random page", "swapped pages", "header"))
    page = rng.randrange(0, len(content) // 4096) * 4096
    if how == "bits":
        for _ in range(rng.choice((1, 5, 50))):
            content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    elif how == "cut":
        del content[rng.randrange(len(content)) :]
    elif how == "zeroed page":
        content[page : page + 4096] = bytes(4096)
    elif how == "random page":
        content[page : page + 4096] = rng.randbytes(4096)
    elif how == "swapped pages":
        other = rng.randrange(0, len(content) // 4096) * 4096
        one = content[page : page + 4096]
        content[page : page + 4096] = content[other : other + 4096]
        content[other : other + 4096] = one
    else:
        content[rng.randrange(100)] = rng.randrange(256)
    path.write_bytes(content)
    return how


def ask_everything(folder: Path) -> list[str]:
    """Ask a study everything and change it; the faults that it told. Only UserError is let pass."""
    try:
        study = Study.open(folder, author="Ana", create=False, shared=True)
    except UserError as error:
        return [str(error)]
    with study:
        told = [str(error) for error in _answers(study)]
        return [*told, *study.faults()]


def _answers(study: Study) -> Iterator[UserError]:
    numbers: list[int] = []
    with contextlib.suppress(UserError):
        numbers = [row.id for row in study.recordings()]
    for question in (*_of_the_study(study), *(one for number in numbers for one in _of(study, number))):
        try:
            question()
        except UserError as error:
            yield error


def _of_the_study(study: Study) -> tuple[Callable[[], object], ...]:
    return (
        study.people,
        study.settings,
        study.blindness_decided,
        lambda: study.worklist(ANA, viewer=BO),
        lambda: study.next_unanswered(ANA),
        lambda: study.next_disagreement(viewer=ANA),
        lambda: study.next_to_decide(viewer=ANA),
        lambda: study.ratings(viewer=None),
        lambda: study.history(viewer=None),
        lambda: study.history(viewer=BO),
        lambda: study.history_page(viewers=()),
        lambda: study.history_page(viewers=(BO,), limit=3),
        study.verify_history,
        lambda: study.recording(Clip(study.folder.parent / "clip.mp4")),
        lambda: study.undo(None),
        lambda: study.redo(None),
    )


def _of(study: Study, number: int) -> tuple[Callable[[], object], ...]:
    return (
        lambda: study.recording_path(number),
        lambda: study.patient_box(number),
        lambda: study.cameras(number),
        lambda: study.patient_data(number, viewers=(BO,)),
        lambda: study.eegs(number),
        lambda: study.full_readings(number, viewer=BO),
        lambda: study.full_reading(number, ANA, viewer=None),
        lambda: study.full_reading(number, CONSENSUS, viewer=None),
        lambda: study.readers(number, viewer=BO),
        lambda: study.sealed_readers(number, (ANA, BO)),
        lambda: study.answers_at_lock(number, ANA, viewer=None),
        lambda: study.disagreements(number, viewer=None),
        lambda: study.history(number, viewer=None),
        lambda: study.undo(number),
        lambda: study.redo(number),
        lambda: study.set_sha256(number, "0" * 64),
        lambda: study.apply(
            SetAnswer(
                number,
                BO,
                study.reading(number, BO, viewer=None).answer("tonic"),
                Answer("tonic", Presence.NO, 7),
            )
        ),
        lambda: study.reveal(number, BO),
    )


COMMANDS = (
    ["history", "--verify"],
    ["history"],
    ["history", "--json"],
    ["agreement"],
    ["agreement", "--faithfulness", "--reader", "Bo"],
    ["report", "--replace", "--out", "{out}/report.html"],
    *(
        ["export", "--unsealed", "--replace", "--format", form, "--out", f"{{out}}/{form}"]
        for form in FORMAT_NAMES
    ),
)


def run(folder: Path, command: list[str], out: Path) -> tuple[int, str]:
    """A command on a study: its exit code and what it said on stderr."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    name, *options = (part.replace("{out}", str(out)) for part in command)
    said = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
        code = main([name, str(folder), *options])
    return code, said.getvalue()
