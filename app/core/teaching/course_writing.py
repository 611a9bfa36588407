"""Writing a course: a folder that is a course from its first case on, and grows case by case."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from app.core.containment import make_folder_inside, read_inside, write_inside
from app.core.errors import UserError
from app.core.folders import is_course
from app.core.plain_text import plain
from app.core.recording.identity import content_sha256
from app.core.teaching.case_key import CaseKey, key_from_bytes, key_to_bytes
from app.core.teaching.course import CourseCase, CourseRules, Sealing, TeachingCourse
from app.core.teaching.course_file import (
    CLIPS,
    ENDING,
    FILE_NAME,
    KEYS,
    LEARNERS,
    LONGEST_TITLE,
    MOST_CASES,
    CourseFolder,
    open_course,
    write_course,
)
from app.core.teaching.key_sealing import (
    SEALED_SIZE,
    CourseSecret,
    passphrase_secret,
    practice_secret,
    seal_key,
    unseal_key,
)
from app.core.teaching.matched_tests import matched_tests


@dataclass(frozen=True, slots=True)
class UnfinishedCourse:
    """A course that is being written, with the secret that seals its keys."""

    folder: CourseFolder
    secret: CourseSecret


def course_path(out: Path) -> Path:
    """The folder of the course that is to be called so: one that is a course or waits to be one as it is, and
    so an empty one unless the course was begun beside it; else one with the ending of courses."""
    if out.name.endswith(ENDING) or is_course(out):
        return out
    beside = out.with_name(f"{out.name}{ENDING}")
    return out if _is_empty_folder(out) and not is_course(beside) else beside


def _is_empty_folder(path: Path) -> bool:
    try:
        return path.is_dir() and not any(path.iterdir())
    except OSError:
        return False


def begin_course(
    path: Path, title: str, rules: CourseRules, planned: int, passphrase: str | None = None
) -> UnfinishedCourse:
    """A new course without a case; with a passphrase it is a test. Raises UserError when it cannot be
    written, or something else is in the folder."""
    name = " ".join(plain(title, LONGEST_TITLE).split())
    if not name:
        raise UserError("Give the course a title.")
    if not 1 <= planned <= MOST_CASES:
        raise UserError(f"A course has 1 to {MOST_CASES} cases.")
    salt = secrets.token_bytes(16)
    sealing = Sealing.PRACTICE if passphrase is None else Sealing.TEST
    secret = practice_secret(salt) if passphrase is None else passphrase_secret(passphrase, salt)
    course = TeachingCourse(secrets.token_hex(16), name, rules, sealing, salt, (), planned, {})
    folder = CourseFolder(path, course)
    if (path / FILE_NAME).exists():
        raise UserError(f"“{path.name}” is a course already; choose another folder.")
    make_course_folders(path)
    write_course(folder)
    return UnfinishedCourse(folder, secret)


def continue_course(path: Path) -> UnfinishedCourse | None:
    """The course for practice that was begun in this folder; None where there is none. Raises UserError."""
    if not (path / FILE_NAME).is_file():
        return None
    folder = open_course(path)
    if folder.course.sealing is not Sealing.PRACTICE:
        raise UserError(f"The course “{path.name}” is a test already; choose another folder.")
    make_course_folders(path)  # which refuses links out of a course that came from elsewhere
    return UnfinishedCourse(folder, practice_secret(folder.course.salt))


def take_back_course(path: Path, *, keep_folder: bool) -> None:
    """Remove a course without a case, and its folder unless that was there before. Raises nothing: what
    cannot be removed stays, and so does what others put there."""
    with contextlib.suppress(OSError):
        (path / FILE_NAME).unlink()
        for name in (CLIPS, KEYS, LEARNERS):
            (path / name).rmdir()
        if not keep_folder:
            path.rmdir()


def make_course_folders(path: Path) -> None:
    """Make the folder of a course and those in it. Raises UserError."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in (CLIPS, KEYS, LEARNERS):
            make_folder_inside(path / name, path)
    except OSError as error:
        why = (error.strerror or "").lower()
        raise UserError(f"The folder “{path.name}” of the course cannot be written: {why}.") from error


def add_case(
    unfinished: UnfinishedCourse, case_id: str, duration: float, key: CaseKey, *, tested: bool
) -> UnfinishedCourse:
    """The course with one more case, whose clip is in place; on disk on return. Raises UserError."""
    folder = unfinished.folder
    clip = f"{case_id}.mp4"
    digest = content_sha256(folder.path / CLIPS / clip)
    case = CourseCase(case_id, clip, digest, duration, _asked(key, folder), tested)
    asked = replace(key, answers={name: key.answers[name] for name in case.asked})
    sealed = seal_key(key_to_bytes(asked), unfinished.secret, folder.course.id, case)
    write_inside(folder.key(case), folder.path, sealed)
    course = replace(folder.course, cases=(*folder.course.cases, case))
    return _written(unfinished, course)


def add_tests(
    unfinished: UnfinishedCourse, size: int, patients: Mapping[str, str] = MappingProxyType({})
) -> UnfinishedCourse:
    """The course with tests of `size` cards from the cases kept for them; on disk on return. `patients` has
    the patient of a case where one is known: none is in both tests."""
    course = unfinished.folder.course
    keys = {case.id: _sealed_key(unfinished, case) for case in course.cases if case.tested}
    tests = matched_tests(keys, course.rules.features, size, secrets.randbits(32), patients)
    return _written(unfinished, replace(course, tests=tests))


def _written(unfinished: UnfinishedCourse, course: TeachingCourse) -> UnfinishedCourse:
    folder = CourseFolder(unfinished.folder.path, course)
    write_course(folder)
    return replace(unfinished, folder=folder)


def _sealed_key(unfinished: UnfinishedCourse, case: CourseCase) -> CaseKey:
    folder = unfinished.folder
    sealed = read_inside(folder.key(case), folder.path, largest=SEALED_SIZE)
    return key_from_bytes(unseal_key(sealed, unfinished.secret, folder.course.id, case))


def _asked(key: CaseKey, folder: CourseFolder) -> tuple[str, ...]:
    """The features of the course that the key answers."""
    answered: Sequence[str] = key.asked
    return tuple(feature for feature in folder.course.rules.features if feature in answered)
