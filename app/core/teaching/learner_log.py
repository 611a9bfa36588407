"""What learners answered: a file of JSON lines for each alias in the course's folder, only appended to.

A line is on disk before its card counts as answered. One program at a time writes an alias's file; two
aliases are two files. Lines count in the order they were written; a clock that was set back makes no answer
earlier than the one before it.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.core.bounded_json import canonical
from app.core.closing import Closing
from app.core.containment import folders_inside, make_folder_inside
from app.core.errors import StorageError, UserError
from app.core.plain_text import plain
from app.core.privacy.json_lines import append_line, read_lines
from app.core.reading import answer_from_dict, answer_to_dict
from app.core.semiology import FEATURE, Answer
from app.core.study.durable import sync_folder
from app.core.study.writer_lock import WriterLock
from app.core.teaching.course import Sitting, TeachingCard
from app.core.teaching.course_file import CASE_ID, LEARNERS, CourseFolder

FORMAT = "semioscope-answers/1"
FILE_NAME = "answers.jsonl"
LONGEST_ALIAS = 60
LONGEST_REASON = 2000
"""Characters of the learner's reason."""
MOST_SPANS = 100
"""The most spans of an answer."""
MOST_LEARNERS = 1000


@dataclass(frozen=True, slots=True)
class LearnerAnswer:
    """One answer of a learner. `answer.explanation` is why they thought so; `after_foil`: given after the
    learner saw what a model said, beside their own answer, which stays; `hinted`: given after they looked up
    the definition."""

    card: TeachingCard
    answer: Answer
    at: datetime
    sitting: Sitting = Sitting.PRACTICE
    after_foil: bool = False
    hinted: bool = False


@dataclass(frozen=True, slots=True)
class LearnerNote:
    """Why a learner thought so, written after the answer to a card, for their teacher."""

    card: TeachingCard
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Learner:
    """An alias with all its answers in their order; `unread` lines were damaged and are left out. `notes`
    were written after an answer, the last one on a card counts."""

    alias: str
    answers: tuple[LearnerAnswer, ...] = ()
    unread: int = 0
    notes: tuple[LearnerNote, ...] = ()

    def own_answers(self, *sittings: Sitting) -> tuple[LearnerAnswer, ...]:
        """The answers before any foil, in these sittings."""
        return tuple(one for one in self.answers if not one.after_foil and one.sitting in sittings)


@dataclass(slots=True)
class LearnerLog(Closing):
    """An alias's file, held by this program until it is closed."""

    folder: Path
    learner: Learner
    _lock: WriterLock
    _path: Path

    @classmethod
    def open(cls, course: CourseFolder, alias: str) -> LearnerLog:
        """The file of this alias, made when there is none. Raises UserError when it cannot be written or
        another program has it."""
        name = checked_alias(alias)
        place = course.path / LEARNERS / _folder_name(name)
        lock = _acquire(place, course.path, name)
        try:
            learner = _read(place, course)
            if learner is None:
                head = {"format": FORMAT, "course": course.course.id, "alias": name}
                _append(place / FILE_NAME, course.path, head)
                sync_folder(place)
                learner = Learner(name)
        except BaseException:
            lock.release()
            raise
        return cls(course.path, learner, lock, place / FILE_NAME)

    def append(self, answer: LearnerAnswer) -> LearnerAnswer:
        """Keep the answer; it is on disk on return. Raises UserError, and then nothing was kept."""
        kept = replace(_bounded(answer), at=_not_before(self.learner.answers, answer.at))
        _append(self._path, self.folder, _to_dict(kept))
        self.learner = replace(self.learner, answers=(*self.learner.answers, kept))
        return kept

    def append_note(self, note: LearnerNote) -> None:
        """Keep a note; it is on disk on return. Raises UserError, and then it was not kept."""
        kept = replace(note, text=plain(note.text, LONGEST_REASON))
        _append(self._path, self.folder, _note_to_dict(kept))
        self.learner = replace(self.learner, notes=(*self.learner.notes, kept))

    def close(self) -> None:
        self._lock.release()


def checked_alias(alias: str) -> str:
    """The alias as it is stored. Raises UserError for one that is empty or too long."""
    name = " ".join(unicodedata.normalize("NFKC", plain(alias)).split())
    if not name or len(name) > LONGEST_ALIAS:
        raise UserError(f"Give an alias of 1 to {LONGEST_ALIAS} characters; it need not be a real name.")
    return name


def learners_of(course: CourseFolder) -> tuple[Learner, ...]:
    """All learners of a course, by alias. Files of another course are left out."""
    folders = folders_inside(course.path / LEARNERS, course.path)[:MOST_LEARNERS]
    found = (_read(folder, course, strict=False) for folder in folders)
    return tuple(sorted((one for one in found if one is not None), key=lambda one: one.alias))


def _acquire(place: Path, within: Path, alias: str) -> WriterLock:
    try:
        make_folder_inside(place, within)
        lock = WriterLock.acquire(place, within)
    except OSError as error:
        raise StorageError(
            f"Answers cannot be kept in the folder “{within.name}”: {(error.strerror or '').lower()}. "
            "Copy the course to a folder of yours."
        ) from error
    if lock is None:
        raise UserError(f"“{alias}” is practising this course in another window; choose another alias.")
    return lock


def _folder_name(alias: str) -> str:
    """A name that any disk can have; different for different aliases, whatever their capitals."""
    readable = re.sub(r"[^a-z0-9]+", "-", alias.casefold()).strip("-")[:24] or "learner"
    return f"{readable}-{hashlib.sha256(alias.casefold().encode()).hexdigest()[:8]}"


def _read(place: Path, course: CourseFolder, *, strict: bool = True) -> Learner | None:
    """The learner in a folder; None when nothing was written yet. Raises UserError; if not `strict`, files
    of another course are None too."""
    try:
        lines = read_lines(place / FILE_NAME, course.path)
    except OSError as error:
        raise StorageError(f"The answers in “{place.name}” cannot be read: {error.strerror}.") from error
    if not lines.rows:
        return None
    head, *rows = lines.rows
    if head.get("format") != FORMAT or head.get("course") != course.course.id:
        if not strict:
            return None
        raise UserError(f"The answers in “{place.name}” are of another course or a newer version.")
    alias = " ".join(plain(str(head.get("alias", "")), LONGEST_ALIAS).split()) or place.name
    return _with_rows(Learner(alias, unread=lines.unread), rows)


def _with_rows(learner: Learner, rows: Iterable[dict[str, Any]]) -> Learner:
    """The learner with the answers and notes in these lines; the others are counted as unread."""
    answers: list[LearnerAnswer] = []
    notes: list[LearnerNote] = []
    damaged = 0
    for row in rows:
        try:
            found = _note_from_dict(row) if "note" in row else _from_dict(row)
        except (ValueError, KeyError, TypeError, UserError):
            damaged += 1
            continue
        if isinstance(found, LearnerNote):
            notes.append(found)
        else:
            answers.append(replace(found, at=_not_before(answers, found.at)))
    return replace(learner, answers=tuple(answers), unread=learner.unread + damaged, notes=tuple(notes))


def _not_before(answers: Sequence[LearnerAnswer], at: datetime) -> datetime:
    """The time, or that of the last answer where the clock was set back."""
    return max(answers[-1].at, at) if answers else at


def _bounded(answer: LearnerAnswer) -> LearnerAnswer:
    given = answer.answer
    if len(given.evidence) > MOST_SPANS:
        raise UserError(f"An answer has at most {MOST_SPANS} spans.")
    return replace(answer, answer=replace(given, explanation=plain(given.explanation, LONGEST_REASON)))


def _to_dict(answer: LearnerAnswer) -> dict[str, Any]:
    return {
        "case": answer.card.case,
        "at": answer.at.astimezone(UTC).isoformat(timespec="seconds"),
        "sitting": answer.sitting.value,
        "after_foil": answer.after_foil,
        "hinted": answer.hinted,
        **answer_to_dict(answer.answer),
    }


def _from_dict(row: dict[str, Any]) -> LearnerAnswer:
    """Raises ValueError, KeyError, TypeError, UserError."""
    answer = answer_from_dict(row)
    if len(answer.evidence) > MOST_SPANS:
        raise ValueError("not an answer")
    return LearnerAnswer(
        TeachingCard(_case(row), answer.feature),
        answer,
        _time(row),
        Sitting(row["sitting"]),
        row["after_foil"] is True,
        row.get("hinted") is True,
    )


def _note_to_dict(note: LearnerNote) -> dict[str, Any]:
    return {
        "case": note.card.case,
        "feature": note.card.feature,
        "at": note.at.astimezone(UTC).isoformat(timespec="seconds"),
        "note": note.text,
    }


def _note_from_dict(row: dict[str, Any]) -> LearnerNote:
    """Raises ValueError, KeyError, TypeError."""
    text = row["note"]
    if not isinstance(text, str):
        raise TypeError("not text")
    card = TeachingCard(_case(row), FEATURE[row["feature"]].id)
    return LearnerNote(card, plain(text, LONGEST_REASON), _time(row))


def _case(row: dict[str, Any]) -> str:
    case: str = row["case"]
    if not CASE_ID.fullmatch(case):
        raise ValueError("not a case")
    return case


def _time(row: dict[str, Any]) -> datetime:
    at = datetime.fromisoformat(row["at"])
    if at.tzinfo is None:
        raise ValueError("a time without its zone")
    return at.astimezone(UTC)


def _append(path: Path, within: Path, row: dict[str, Any]) -> None:
    try:
        append_line(path, within, canonical(row))
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise StorageError(f"The answer could not be kept: {why.lower()}; it does not count.") from error
