"""The file `course.json` of a course's folder. It comes from elsewhere, so nothing in it is believed."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from app.core.bounded_json import read_json
from app.core.containment import LeadsOutsideError, read_inside, write_inside
from app.core.errors import UserError
from app.core.folders import COURSE_FILE, COURSE_FOLDERS
from app.core.plain_text import plain
from app.core.semiology import FEATURES
from app.core.teaching.course import (
    CourseCase,
    CourseRules,
    FeedbackTime,
    Sealing,
    Sitting,
    TeachingCard,
    TeachingCourse,
)

FORMAT = "semioscope-course/1"
ENDING = ".semioscope-course"
FILE_NAME = COURSE_FILE
CLIPS, KEYS, LEARNERS = COURSE_FOLDERS

MOST_CASES = 2000
LONGEST_TITLE = 200
LONGEST_SESSION = 500
LONGEST_CLIP = 86_400.0
"""Seconds."""
LARGEST_FILE = 4 << 20
"""Bytes of `course.json`."""

CASE_ID = re.compile(r"case-[0-9a-f]{8}")
_COURSE_ID = re.compile(r"[0-9a-f]{32}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_IDS = tuple(feature.id for feature in FEATURES)

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class CourseFolder:
    """A course and the folder that it is in."""

    path: Path
    course: TeachingCourse

    def clip(self, case: CourseCase) -> Path:
        """Where the clip of a case should be."""
        return self.path / CLIPS / case.clip

    def key(self, case: CourseCase) -> Path:
        """Where the sealed key of a case should be."""
        return self.path / KEYS / f"{case.id}.sealed"


def open_course(path: Path) -> CourseFolder:
    """The course in a folder. Raises UserError when there is none, or one of a newer version."""
    try:
        content = read_inside(path / FILE_NAME, path, largest=LARGEST_FILE)
        return CourseFolder(path, course_from_dict(read_json(content)))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UserError(f"“{path.name}” is not the folder of a course: it has no {FILE_NAME}.") from error
    except OSError as error:
        raise UserError(f"The course “{path.name}” cannot be read: {error.strerror}.") from error
    except LeadsOutsideError:
        raise
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"The course “{path.name}” is damaged: {FILE_NAME} cannot be read.") from error


def write_course(folder: CourseFolder) -> None:
    """Write `course.json`, whole or not at all. Raises UserError."""
    text = json.dumps(course_to_dict(folder.course), indent=2, ensure_ascii=False) + "\n"
    write_inside(folder.path / FILE_NAME, folder.path, text.encode())


def course_to_dict(course: TeachingCourse) -> dict[str, object]:
    """The course in its file format."""
    rules = course.rules
    return {
        "format": FORMAT,
        "id": course.id,
        "title": course.title,
        "rules": {
            "features": list(rules.features),
            "feedback": rules.feedback.value,
            "hints": rules.hints,
            "pass_mark": rules.pass_mark,
            "session": rules.session,
        },
        "sealing": {"mode": course.sealing.value, "salt": course.salt.hex()},
        "planned": course.planned,
        "cases": [_case_to_dict(case) for case in course.cases],
        "tests": {
            sitting.value: [[card.case, card.feature] for card in cards]
            for sitting, cards in course.tests.items()
        },
    }


def _case_to_dict(case: CourseCase) -> dict[str, object]:
    return {
        "id": case.id,
        "clip": case.clip,
        "sha256": case.sha256,
        "duration": case.duration,
        "asked": list(case.asked),
        "tested": case.tested,
    }


def course_from_dict(data: object) -> TeachingCourse:
    """The inverse of `course_to_dict`. Raises UserError for another version, else ValueError, KeyError or
    TypeError for what no course has."""
    root = _object(data)
    _check_format(root.get("format"))
    sealing = _object(root["sealing"])
    cases = tuple(_case(row) for row in _rows(root["cases"], MOST_CASES))
    if len({case.id for case in cases}) < len(cases):
        raise ValueError("two cases have one name")
    course = TeachingCourse(
        _matching(_COURSE_ID, root["id"]),
        _title(root["title"]),
        _rules(_object(root["rules"])),
        Sealing(_text(sealing["mode"])),
        bytes.fromhex(_matching(_COURSE_ID, sealing["salt"])),
        cases,
        int(_number(root["planned"], len(cases), MOST_CASES)),
        {},
    )
    return _with_tests(course, _object(root["tests"]))


def _check_format(name: object) -> None:
    if name == FORMAT:
        return
    if isinstance(name, str) and re.fullmatch(r"semioscope-course/[0-9]{1,4}", name):
        raise UserError("This course was made by a newer version of the program; install that to open it.")
    raise ValueError("not a course")


def _with_tests(course: TeachingCourse, row: Mapping[str, object]) -> TeachingCourse:
    """The course with the cards of its tests, of which none has a recording twice."""
    tests = {Sitting(name): _cards(course, cards) for name, cards in row.items()}
    used = [card.case for cards in tests.values() for card in cards]
    if Sitting.PRACTICE in tests or len(set(used)) < len(used):
        raise ValueError("a recording is twice in the tests")
    return replace(course, tests=tests)


def _cards(course: TeachingCourse, rows: object) -> tuple[TeachingCard, ...]:
    asked = {case.id: case.asked for case in course.cases if case.tested}
    cards = []
    for row in _rows(rows, MOST_CASES):
        case, feature = (_text(part) for part in _rows(row, 2))
        if feature not in asked.get(case, ()):
            raise ValueError("a test asks what no case has")
        cards.append(TeachingCard(case, feature))
    return tuple(cards)


def _rules(row: Mapping[str, object]) -> CourseRules:
    return CourseRules(
        _features(row["features"]),
        FeedbackTime(_text(row["feedback"])),
        _is(row["hints"]),
        _number(row["pass_mark"], 0.0, 1.0),
        int(_number(row["session"], 1, LONGEST_SESSION)),
    )


def _case(row: object) -> CourseCase:
    found = _object(row)
    name = _matching(CASE_ID, found["id"])
    clip = _text(found["clip"])
    if clip != f"{name}.mp4":
        raise ValueError("a clip is not called like its case")
    return CourseCase(
        name,
        clip,
        _matching(_SHA256, found["sha256"]),
        _number(found["duration"], 0.0, LONGEST_CLIP),
        _features(found["asked"]),
        _is(found["tested"]),
    )


def _features(value: object) -> tuple[str, ...]:
    """Ids of features in the order of the checklist."""
    named = {_text(one) for one in _rows(value, len(_IDS))}
    if not named <= set(_IDS):
        raise ValueError("not a feature")
    return tuple(feature for feature in _IDS if feature in named)


def _is(value: object) -> bool:
    return _of(bool, value)


def _title(value: object) -> str:
    title = " ".join(plain(_text(value), LONGEST_TITLE).split())
    if not title:
        raise ValueError("no title")
    return title


def _matching(form: re.Pattern[str], value: object) -> str:
    text = _text(value)
    if not form.fullmatch(text):
        raise ValueError("a name of another form")
    return text


def _number(value: object, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("not a number")
    if not math.isfinite(value) or not least <= value <= most:
        raise ValueError("a number out of its range")
    return float(value)


def _text(value: object) -> str:
    return _of(str, value)


def _object(value: object) -> Mapping[str, object]:
    return _of(dict, value)


def _rows(value: object, most: int) -> list[object]:
    rows: list[object] = _of(list, value)
    if len(rows) > most:
        raise ValueError("too many of them")
    return rows


def _of(kind: Callable[..., Value], value: object) -> Value:
    """The value itself, if it is of that type. Raises TypeError."""
    if not isinstance(value, kind):  # type: ignore[arg-type]  # a class
        raise TypeError("another kind of value")
    return value  # type: ignore[return-value]  # as was just checked
