"""The main job in the real program: answers come by themselves, ticks stay through a SIGKILL."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from app.core.reading import ReaderKind
from app.core.semiology import FEATURES, Presence
from app.core.study.store import study_folder_for
from tests.e2e.program import PATIENCE, Program, reading_of, wait_until

Start = Callable[[], Program]
TICKS = {
    FEATURES[0].id: Presence.YES,
    FEATURES[1].id: Presence.NO,
    FEATURES[2].id: Presence.NOT_ASSESSABLE,
}
KEYS = ("shift+y", "Down", "shift+n", "Down", "shift+u")


@pytest.fixture
def recording(phantom: Path, tmp_path: Path) -> Path:
    """A copy of the phantom in an empty folder, where its study will be."""
    return Path(shutil.copy(phantom, tmp_path))


@pytest.fixture
def start(recording: Path, tmp_path: Path, display: str) -> Iterator[Start]:
    """Starts the program on the recording, as often as wanted; whatever runs at the end is ended."""
    home = tmp_path / "home"
    home.mkdir()
    programs: list[Program] = []

    def begin() -> Program:
        program = Program(recording, home, display, tmp_path / "program.log")
        programs.append(program)
        program.start()
        return program

    yield begin
    for program in programs:
        program.end()


def own_ticks(study: Path) -> dict[str, Presence]:
    """What the person has ticked, as the study has it on disk."""
    reading = reading_of(study, ReaderKind.PERSON)
    answers = reading.answers if reading else {}
    return {feature: answer.presence for feature, answer in answers.items() if answer.presence}


def rows_that_differ(before: npt.NDArray[Any], after: npt.NDArray[Any]) -> int:
    """How many separate bands of lines differ between two pictures."""
    lines = np.concatenate([[False], (before != after).any(axis=(1, 2)), [False]])
    return int(np.count_nonzero(np.diff(lines.astype(int)) == 1))


def test_answers_come_and_ticks_survive_a_kill(start: Start, recording: Path, tmp_path: Path) -> None:
    study = study_folder_for(recording)
    first = start()
    reader = wait_until(lambda: reading_of(study, ReaderKind.SIGNAL), "the reader's 20 answers")
    assert all(reader.answers[feature.id].presence is not None for feature in FEATURES)
    assert all(reader.answers[feature.id].explanation for feature in FEATURES)

    first.keys(*KEYS)
    wait_until(lambda: len(own_ticks(study)) == 3, "the third tick on disk")
    first.kill()
    assert own_ticks(study) == TICKS

    second = start()
    again = wait_until(lambda: reading_of(study, ReaderKind.SIGNAL), "the study again")
    assert own_ticks(study) == TICKS
    # The hash of the recording's content may have come only after the first look.
    assert (again.reader, again.answers) == (reader.reader, reader.answers)
    wait_until(lambda: shows_something(second, tmp_path), "the window with the recording")
    ticked = settled(second, tmp_path)
    second.keys("ctrl+z", "ctrl+z", "ctrl+z")
    wait_until(lambda: own_ticks(study) == {}, "the ticks undone")
    checklist = np.s_[: ticked.shape[0] // 2, ticked.shape[1] * 7 // 10 :]
    # The undo has selected the first feature; the program had begun at the first unanswered one, the fourth.
    second.keys("Down", "Down", "Down")
    wait_until(
        lambda: rows_that_differ(ticked[checklist], second.screenshot(tmp_path)[checklist]) == 4,
        "a checklist without the three ticks, with another count of differences in its head, else as before",
    )

    second.keys("ctrl+q")
    assert second.process.wait(timeout=PATIENCE) == 0
    assert "Traceback" not in second.said()


def shows_something(program: Program, folder: Path) -> bool:
    """Whether the screen is not of one colour nor of a few."""
    return len(np.unique(program.screenshot(folder).reshape(-1, 3), axis=0)) > 500


def settled(program: Program, folder: Path) -> npt.NDArray[Any]:
    """The screen when two pictures of it in a row are the same."""

    def same() -> list[npt.NDArray[Any]] | None:
        one, other = program.screenshot(folder), program.screenshot(folder)
        return [one] if np.array_equal(one, other) else None

    return wait_until(same, "a screen that stays the same")[0]
