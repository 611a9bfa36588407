"""Where a file that a person is about to save is proposed to lie, and what it is proposed to be called."""

from __future__ import annotations

import contextlib
import re
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from app.core.folders import cache_folder, courses_folder, log_folder, settings_folder, studies_folder


class SaveKind(StrEnum):
    """Kinds of what is saved, and EEGs, which are looked for; the folder used last is remembered for each."""

    ANSWERS = "answers"
    DATASET = "dataset"
    REPORT = "report"
    PICTURE = "picture"
    HIDDEN_PICTURE = "hidden_picture"
    CLIP = "clip"
    COPY = "copy"
    LINES = "lines"
    COURSE = "course"
    COMPARISON = "comparison"
    RESULTS = "results"
    LEARNER = "learner"
    READER = "reader"
    EEG = "eeg"


OF_NOBODY = frozenset(
    (
        SaveKind.CLIP,
        SaveKind.HIDDEN_PICTURE,
        SaveKind.DATASET,
        SaveKind.LINES,
        SaveKind.COURSE,
        SaveKind.LEARNER,
        SaveKind.READER,
        SaveKind.COMPARISON,
        SaveKind.RESULTS,
    )
)
"""What shows nobody, and is made to be passed on: never named after a recording or a study,
whose name may be that of a patient."""

_LONGEST = 80
_SECONDS = 0.3
"""How long folders may take to answer, all together."""
_PASSED_OVER = 60.0
"""For how many seconds one that did not is not looked for again."""
_late: dict[Path, float] = {}
"""When each folder did not answer."""
_WITHOUT_FILES = tuple(map(Path, ("/proc", "/sys", "/dev")))
"""Folders in which the system shows itself: a dialog that lists one reads without end, and hangs."""
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')


@dataclass(frozen=True, slots=True)
class SavingFrom:
    """What is open: the recording's file, and its study's folder and name ("" for that of the folder); None
    without one."""

    recording: Path | None = None
    study: Path | None = None
    study_name: str = ""


def proposed_place(
    kind: SaveKind, words: str, last: str, source: SavingFrom, *, of_study: bool = False
) -> Path:
    """The path that is proposed first: in the folder that was used `last` ("" for none), else beside the
    study or the recording; called as the recording (or `of_study`), and by `words` what it is, with its
    ending.

    A folder that does not answer within a moment, one of the system's that holds no files, and one of the
    program's is passed over.
    """
    folder = first_there((*((Path(last),) if last else ()), *_beside(source))) or Path.home()
    name = "" if kind in OF_NOBODY else _name(source, of_study=of_study)
    return folder / _NOT_IN_NAMES.sub("-", f"{name} {words}".strip())


def folder_beside(source: SavingFrom) -> Path:
    """The folder that holds the study or the recording, never one of the program's; else the home."""
    return first_there(_beside(source)) or Path.home()


def _beside(source: SavingFrom) -> list[Path]:
    beside = [path.absolute().parent for path in (source.study, source.recording) if path is not None]
    own_folders = (settings_folder, cache_folder, log_folder, studies_folder, courses_folder)
    own = [one().absolute() for one in own_folders]
    return [one for one in beside if not any(one.is_relative_to(folder) for folder in own)]


def _name(source: SavingFrom, *, of_study: bool) -> str:
    recording = "" if source.recording is None else source.recording.stem
    study = source.study_name or ("" if source.study is None else source.study.stem)
    return ((study or recording) if of_study else (recording or study))[:_LONGEST].strip()


def first_there(folders: Sequence[Path]) -> Path | None:
    """The first of the folders that is there, None without one; they are looked for at the same time, for a
    moment. One in which the system shows itself counts as not there.

    A share that does not answer counts as not there, its thread is left behind.
    """
    began = time.monotonic()
    asked = [one for one in folders if began - _late.get(one, -_PASSED_OVER) >= _PASSED_OVER]
    asked = [one for one in asked if not any(map(one.is_relative_to, _WITHOUT_FILES))]
    looks = [(folder, *_look_for(folder)) for folder in asked]
    for folder, looking, found in looks:
        looking.join(max(began + _SECONDS - time.monotonic(), 0.0))
        if found:
            return folder
        if looking.is_alive():
            _late[folder] = time.monotonic()
    return None


def _look_for(folder: Path) -> tuple[threading.Thread, list[Path]]:
    """A thread that looks for the folder, and what it has found."""
    found: list[Path] = []

    def look() -> None:
        with contextlib.suppress(OSError, ValueError):
            found.extend([folder] if folder.is_dir() else [])

    looking = threading.Thread(target=look, name="looking for a folder", daemon=True)
    looking.start()
    return looking, found
