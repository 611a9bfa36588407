"""Courses for tests: clips of a few bytes, keys that are given or generated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import strategies as st

from app.core.semiology import FEATURES, Answer, Laterality, Presence, Span
from app.core.teaching.case_key import CaseKey, ChosenLookalike, KeyAnswer
from app.core.teaching.course import CourseRules
from app.core.teaching.course_file import CLIPS, CourseFolder
from app.core.teaching.course_writing import add_case, begin_course
from app.core.teaching.learner_progress import progress_of_course
from app.core.teaching.learner_results import LearnerResult

YES, NO, UNSURE = Presence.YES, Presence.NO, Presence.NOT_ASSESSABLE
IDS = tuple(feature.id for feature in FEATURES)
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
PASSPHRASE = "a long enough passphrase"


def case_name(number: int) -> str:
    return f"case-{number:08x}"


def a_key(
    *answers: Answer,
    note: str = "",
    foil: Sequence[Answer] = (),
    lookalikes: Mapping[str, ChosenLookalike] | None = None,
) -> CaseKey:
    """A key of these answers, with onsets of two experts a second around each."""
    return CaseKey(
        "Dr. Stern",
        {one.feature: KeyAnswer(one, _onsets(one)) for one in answers},
        note,
        "signal" if foil else "",
        {one.feature: one for one in foil} or None,
        lookalikes or None,
    )


def _onsets(answer: Answer) -> tuple[float, ...]:
    if not answer.evidence:
        return ()
    first = answer.evidence[0].start
    return (max(first - 1, 0.0), first + 1)


def make_course(
    path: Path,
    keys: Sequence[CaseKey],
    rules: CourseRules | None = None,
    *,
    passphrase: str | None = None,
    tested: int = 0,
) -> CourseFolder:
    """A course of these keys; the last `tested` cases are kept for tests."""
    course = begin_course(path, "Course", rules or CourseRules(IDS), len(keys), passphrase)
    for number, key in enumerate(keys):
        (path / CLIPS / f"{case_name(number)}.mp4").write_bytes(b"clip %d" % number)
        course = add_case(course, case_name(number), 60.0, key, tested=number >= len(keys) - tested)
    return course.folder


def results_of(folder: CourseFolder, passphrase: str | None = None) -> tuple[LearnerResult, ...]:
    """The results of all learners of a course; of a test by the teacher's passphrase."""
    return tuple(one.result for one in progress_of_course(folder, passphrase))


def plain_keys(number: int, features: Sequence[str] = IDS) -> list[CaseKey]:
    """Keys of which every second one says yes, differently for each feature."""
    return [
        a_key(*(Answer(name, YES if (case + at) % 2 else NO) for at, name in enumerate(features)))
        for case in range(number)
    ]


class SteppingClock:
    """A clock that tests set."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def step(self, **times: float) -> None:
        self.now += timedelta(**times)


words = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cf", "Co", "Cn")), max_size=40)


@st.composite
def expert_answers(draw: st.DrawFn, feature: str) -> Answer:
    """An answer of an expert, with words that stand nowhere else."""
    presence = draw(st.sampled_from(Presence))
    start = draw(st.floats(0, 50, allow_nan=False).map(lambda seconds: round(seconds, 3)))
    spans = (Span(start, start + draw(st.sampled_from((0.0, 3.217)))),) if presence is YES else ()
    side = draw(st.none() | st.sampled_from(Laterality))
    return Answer(feature, presence, None, spans, side, f"sealed words {draw(words)}")


@st.composite
def generated_keys(draw: st.DrawFn) -> CaseKey:
    """The key of a case, for one feature or more, with a note and sometimes a foil."""
    asked = draw(st.lists(st.sampled_from(IDS), min_size=1, max_size=5, unique=True))
    answers = [draw(expert_answers(feature)) for feature in asked]
    foil = [draw(expert_answers(feature)) for feature in asked] if draw(st.booleans()) else []
    alike = draw(st.dictionaries(st.sampled_from(asked), chosen_lookalikes()))
    return a_key(*answers, note=f"sealed note {draw(words)}", foil=foil, lookalikes=alike)


@st.composite
def chosen_lookalikes(draw: st.DrawFn) -> ChosenLookalike:
    """One of the first cases of a course, or a span of it that stands nowhere else."""
    start = draw(st.floats(0, 50, allow_nan=False).map(lambda seconds: round(seconds, 3)))
    span = draw(st.sampled_from((None, Span(start, start + 4.129))))
    return ChosenLookalike(case_name(draw(st.integers(0, 2))), span)
