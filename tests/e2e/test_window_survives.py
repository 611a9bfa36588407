"""The real window with bad input, a crashing analysis and a killer: it stays alive, and nothing is lost."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.errors import UserError
from app.core.reading import ReaderKind
from app.core.recording.analysis_process import CRASH_VARIABLE
from app.core.semiology import FEATURES, Presence
from app.core.study.backup import backups
from app.core.study.history import HistoryEntry
from app.core.study.replacing import restore_from_copy
from app.core.study.store import Study, study_folder_for
from tests.e2e.program import PATIENCE, Program, reading_of, wait_until

KILLS, IN_A_PIECE = 200, 20
KEYS: tuple[tuple[str, ...], ...] = (
    ("y",), ("n",), ("u",), ("2",), ("Down",), ("Up",), ("BackSpace",), ("Delete",), ("ctrl+z",), ("ctrl+y",),
    ("i", "Right", "o"), ("y", "Right", "i", "Right", "o", "Right", "Right", "i", "Right", "o"),
)  # fmt: skip
"""What a person presses in one go."""


@pytest.fixture
def program(brief: Path, tmp_path: Path, display: str) -> Iterator[Program]:
    """The program on a copy of the brief recording, not started yet."""
    home = tmp_path / "home"
    home.mkdir()
    made = Program(Path(shutil.copy(brief, tmp_path)), home, display, tmp_path / "program.log")
    yield made
    made.end()


def test_a_file_that_is_no_recording_leaves_the_window_usable(program: Program) -> None:
    program.recording.write_bytes(b"not a recording")
    program.start()
    program.keys("y", "Down", "ctrl+z", "ctrl+q")  # Space would press a button of the start page
    assert program.process.wait(timeout=PATIENCE) == 0
    assert "Traceback" not in program.said()


def test_a_crash_of_the_analysis_takes_no_tick_with_it(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CRASH_VARIABLE, "1")
    study = study_folder_for(program.recording)
    program.start()
    log = program.home / "logs"
    wait_until(lambda: "analysis process failed" in logged(log), "the crash in the log")
    program.keys("y")
    mine = wait_until(lambda: reading_of(study, ReaderKind.PERSON), "the tick on disk")
    assert mine.answer(FEATURES[0].id).presence is Presence.YES
    program.keys("ctrl+q")
    assert program.process.wait(timeout=PATIENCE) == 0


def test_a_damaged_study_is_left_as_it_is_and_comes_back_from_the_copy_of_closing(program: Program) -> None:
    study = study_folder_for(program.recording)
    program.start()
    wait_until(lambda: reading_of(study, ReaderKind.SIGNAL), "the reader's 20 answers")
    program.keys("y")
    wait_until(lambda: reading_of(study, ReaderKind.PERSON), "the tick on disk")
    close(program)
    (copy, *_) = backups(study)
    path = study / "study.sqlite"
    path.write_bytes(damaged := path.read_bytes()[:5000])
    program.start()
    program.keys("n", "Down", "y", "ctrl+z")
    close(program)
    assert path.read_bytes() == damaged
    assert "Traceback" not in program.said()
    restore_from_copy(study, copy, "test")
    mine = reading_of(study, ReaderKind.PERSON)
    assert mine is not None
    assert mine.answer(FEATURES[0].id).presence is Presence.YES
    program.start()
    wait_until(lambda: says_no(program, study), "the next tick on disk")
    close(program)


def says_no(program: Program, study: Path) -> bool:
    """Press N, which does nothing while the recording is still being opened; whether it is on disk.

    The first feature is answered already, so the window begins at the second one.
    """
    program.keys("n")
    return presence_of(study, FEATURES[1].id) is Presence.NO


def close(program: Program) -> None:
    """As a person does."""
    program.keys("ctrl+q")
    assert program.process.wait(timeout=PATIENCE) == 0


def presence_of(study: Path, feature: str = FEATURES[0].id) -> Presence | None:
    """What the person says of a feature, the first one where none is named."""
    mine = reading_of(study, ReaderKind.PERSON)
    return mine.answer(feature).presence if mine is not None else None


def logged(folder: Path) -> str:
    """All that is in the log folder."""
    return "".join(path.read_text(encoding="utf-8", errors="replace") for path in folder.glob("*.log"))


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("piece", range(KILLS // IN_A_PIECE))
def test_no_kill_loses_what_the_window_called_saved(program: Program, tmp_path: Path, piece: int) -> None:
    """SIGKILL at a random moment while keys tick, mark, move and undo: what was said to be saved is there.

    What was on disk only grows, the history stays whole, and the next window can write at once.
    """
    study, told = study_folder_for(program.recording), tmp_path / "saved"
    program.module = ("tests.e2e.acknowledging", str(told))
    chance = random.Random(piece)
    program.start()
    wait_until(lambda: reading_of(study, ReaderKind.SIGNAL), "the reader's 20 answers")
    kept: tuple[HistoryEntry, ...] = ()
    for number in range(IN_A_PIECE):
        if number:
            program.start()
        presses = [key for keys in chance.choices(KEYS, k=20) for key in keys]
        typing = threading.Thread(target=type_keys, args=(program, presses), name="typing")
        typing.start()
        threading.Event().wait(chance.uniform(0.05, 2.0))
        before = history_of(study)
        program.kill()
        typing.join()
        after = history_of(study)
        assert after[: len(before)] == before, f"kill {number} lost what was on disk"
        assert after[: len(kept)] == kept
        missing = acknowledged(told) - {entry.seq for entry in after}
        assert not missing, f"kill {number} lost what the window had called saved"
        kept = after
        with Study.open(study, author="test", create=False) as opened:
            assert not opened.read_only
            assert opened.verify_history() == ()
    assert len(acknowledged(told)) > IN_A_PIECE, "hardly a key arrived, so nothing was tried"
    spans = sum(entry.subject == "spans" for entry in kept)
    with (Path(os.environ.get("SEMIOSCOPE_KILLS", os.devnull))).open("a", encoding="utf-8") as sums:
        saved = len(acknowledged(told))
        print(f"piece {piece}: {IN_A_PIECE} kills, {saved} saved ({spans} of spans), 0 lost", file=sums)


def acknowledged(told: Path) -> set[int]:
    """The rows of the history of all that the window has called saved."""
    lines = told.read_text(encoding="ascii").splitlines(keepends=True) if told.exists() else []
    return {int(line) for line in lines if line.endswith("\n")}


def type_keys(program: Program, keys: list[str]) -> None:
    """Press keys until the window is gone."""
    try:
        program.keys(*keys)
    except (AssertionError, subprocess.SubprocessError):
        return  # killed meanwhile, as it is meant to be


def history_of(study: Path) -> tuple[HistoryEntry, ...]:
    """Every change on disk, () while there is no study."""
    try:
        with Study.open(study, author="test", create=False, shared=True) as opened:
            return opened.history(viewer=None)
    except UserError:
        return ()
