"""The first course of an account: where it is, and drawing it in a process beside the program.

It can be practised after its first case while the rest is drawn. One program at a time draws; another one
practises with what is there.
"""

from __future__ import annotations

from pathlib import Path

from app.core.errors import UserError
from app.core.folders import courses_folder
from app.core.jobs import Progress, Task
from app.core.recording.analysis_process import run_process
from app.core.study.writer_lock import WriterLock
from app.core.teaching.course_file import CLIPS, ENDING, FILE_NAME, CourseFolder, open_course
from app.core.teaching.phantom_course import CASES, DURATION

PROCESS = "app.core.teaching.first_course_process"
_FAILED = "The first course could not be drawn; open it again to go on with it."


def first_course_path() -> Path:
    """The folder of the first course, which may not be there yet."""
    return courses_folder() / f"first{ENDING}"


def is_complete(folder: CourseFolder) -> bool:
    """Whether every planned case of the course is there."""
    return len(folder.course.cases) >= folder.course.planned


def draw_first_course(
    path: Path, task: Task, *, cases: int = CASES, duration: float = DURATION
) -> CourseFolder | None:
    """Draw what is missing of the first course, and hand over its `CourseFolder` after every case.

    Gives it complete; None when another program is drawing it, with what is there handed over. Raises
    UserError, Cancelled with the cases that are complete left as a course.
    """
    lock = _lock(path)
    if lock is None:
        _hand_over(path, task)
        return None
    try:
        _remove_unfinished(path)
        grown = _Growth(path, task)
        grown.look()
        if (path / FILE_NAME).is_file() and is_complete(complete := open_course(path)):
            return complete
        job = {"path": str(path), "cases": cases, "duration": duration}
        run_process(PROCESS, job, failed=_FAILED, report=grown.report, cancel=task.cancel)
        grown.look()
        return open_course(path)
    finally:
        lock.release()


def _lock(path: Path) -> WriterLock | None:
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return WriterLock.acquire(path)
    except OSError as error:
        why = (error.strerror or "").lower()
        raise UserError(f"The first course cannot be written to this account's folder: {why}.") from error


def _remove_unfinished(path: Path) -> None:
    """Remove clips that belong to no case, as a drawing leaves one when its process is ended."""
    known = {case.clip for case in open_course(path).course.cases} if (path / FILE_NAME).is_file() else set()
    for clip in (path / CLIPS).glob("*case-*.mp4*"):
        if clip.name not in known:
            clip.unlink(missing_ok=True)


class _Growth:
    """Hands the course over each time its file has changed."""

    def __init__(self, path: Path, task: Task) -> None:
        self._path, self._task = path, task
        self._seen = 0

    def report(self, progress: Progress) -> None:
        """Pass a report on, and look whether there is another case."""
        self.look()
        self._task.report(progress)

    def look(self) -> None:
        """Hand the course over if its file has changed."""
        file = self._path / FILE_NAME
        changed = file.stat().st_mtime_ns if file.is_file() else 0
        if changed != self._seen:
            self._seen = changed
            _hand_over(self._path, self._task)


def _hand_over(path: Path, task: Task) -> None:
    if (path / FILE_NAME).is_file():
        task.post(open_course(path))
