"""A course: recordings with keys, the rules by which they are practised, and the tests before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Sealing(StrEnum):
    """Who can open the keys: the program, card by card after the answer, or the teacher's passphrase."""

    PRACTICE = "practice"
    TEST = "test"


class FeedbackTime(StrEnum):
    """When a key is shown: after each answer, or after the last one of a session."""

    AT_ONCE = "at_once"
    AT_END = "at_end"


class Sitting(StrEnum):
    """What a card is answered in: practice, or the test before or after it."""

    PRACTICE = "practice"
    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True, order=True)
class TeachingCard:
    """One question: a feature in the recording of a case."""

    case: str
    feature: str


@dataclass(frozen=True, slots=True)
class CourseRules:
    """How a course is worked through: its `features`, when keys are shown, whether definitions may be looked
    up before the answer, the share of right answers that passes (0–1), and the cards of a session."""

    features: tuple[str, ...]
    feedback: FeedbackTime = FeedbackTime.AT_ONCE
    hints: bool = False
    pass_mark: float = 0.8
    session: int = 20


@dataclass(frozen=True, slots=True)
class CourseCase:
    """One recording of a course.

    `clip` is the file's name in the folder of clips, `sha256` that of its bytes (hex), `duration` in seconds;
    `asked` are the features that the key answers, in the order of the checklist; `tested`: it is kept for the
    tests, and never practised.
    """

    id: str
    clip: str
    sha256: str
    duration: float
    asked: tuple[str, ...]
    tested: bool = False


@dataclass(frozen=True, slots=True)
class TeachingCourse:
    """A course as its file describes it, without any key.

    `id` (32 hex digits) names it, `salt` is what its keys are derived from beside a passphrase; `planned` is
    the number of cases when it is complete; `tests` has the cards of the test before and after.
    """

    id: str
    title: str
    rules: CourseRules
    sealing: Sealing
    salt: bytes
    cases: tuple[CourseCase, ...]
    planned: int
    tests: Mapping[Sitting, tuple[TeachingCard, ...]]

    def case(self, case_id: str) -> CourseCase:
        """The case of that name. Raises LookupError."""
        for case in self.cases:
            if case.id == case_id:
                return case
        raise LookupError(f"the course has no case {case_id}")

    def asks(self, card: TeachingCard) -> bool:
        """Whether the card is one of this course."""
        return any(case.id == card.case and card.feature in case.asked for case in self.cases)


def practice_cases(course: TeachingCourse) -> tuple[CourseCase, ...]:
    """The cases that are practised. The recordings of a test are new in it."""
    return tuple(case for case in course.cases if not case.tested)


def cards_of(cases: tuple[CourseCase, ...]) -> tuple[TeachingCard, ...]:
    """All cards of these cases."""
    return tuple(TeachingCard(case.id, feature) for case in cases for feature in case.asked)
