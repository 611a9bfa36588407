"""The real window with bad input, a crashing analysis and a killer: it stays alive, and nothing is lost."""

from __future__ import annotations

import random
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.enhance.analysis_process import CRASH_VARIABLE
from app.core.errors import UserError
from app.core.reading import ReaderKind
from app.core.semiology import FEATURES, Presence
from app.core.study.history import Entry
from app.core.study.store import Study, study_folder_for
from tests.e2e.program import Program, reading_of, wait_until

KILLS = 200


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
    program.keys("y", "Down", "space", "ctrl+z", "ctrl+q")
    assert program.process.wait(timeout=30) == 0
    assert "Traceback" not in program.said()


def test_a_crash_of_the_analysis_takes_no_tick_with_it(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CRASH_VARIABLE, "1")
    study = study_folder_for(program.recording)
    program.start()
    log = program.home / "logs"
    wait_until(lambda: "analysis process failed" in logged(log), "the crash in the log", 60)
    program.keys("y")
    mine = wait_until(lambda: reading_of(study, ReaderKind.PERSON), "the tick on disk", 20)
    assert mine.answer(FEATURES[0].id).presence is Presence.YES
    program.keys("ctrl+q")
    assert program.process.wait(timeout=30) == 0


def logged(folder: Path) -> str:
    """All that is in the log folder."""
    return "".join(path.read_text(encoding="utf-8", errors="replace") for path in folder.glob("*.log"))


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_no_kill_loses_what_was_on_disk(program: Program) -> None:
    """SIGKILL at a random moment while keys tick and undo: the history only ever grows, and stays whole."""
    study = study_folder_for(program.recording)
    chance = random.Random(2)
    program.start()
    wait_until(lambda: reading_of(study, ReaderKind.SIGNAL), "the reader's 20 answers")
    kept: tuple[Entry, ...] = ()
    for number in range(KILLS):
        if number:
            program.start()
            wait_until(lambda: history_of(study), "the study")
        presses = chance.choices(("y", "n", "u", "Down", "Up", "BackSpace", "ctrl+z", "ctrl+y"), k=30)
        typing = threading.Thread(target=type_keys, args=(program, presses), name="typing")
        typing.start()
        threading.Event().wait(chance.uniform(0.05, 1.5))
        before = history_of(study)
        program.kill()
        typing.join()
        after = history_of(study)
        assert after[: len(before)] == before, f"kill {number} lost what was on disk"
        assert after[: len(kept)] == kept
        kept = after
        with Study.open(study, author="test", create=False) as opened:
            assert not opened.read_only
            assert opened.verify_history() == ()
    assert len(kept) > KILLS, "hardly a key arrived, so nothing was tried"


def type_keys(program: Program, keys: list[str]) -> None:
    """Press keys until the window is gone."""
    try:
        program.keys(*keys)
    except (AssertionError, subprocess.SubprocessError):
        return  # killed meanwhile, as it is meant to be


def history_of(study: Path) -> tuple[Entry, ...]:
    """Every change on disk, () while there is no study."""
    try:
        with Study.open(study, author="test", create=False, shared=True) as opened:
            return opened.history()
    except UserError:
        return ()
