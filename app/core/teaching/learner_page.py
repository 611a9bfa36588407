"""A learner's tests before and after as a page: scores with intervals, and what they say and do not say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from app.core.agreement.figure import Figure, proportion
from app.core.errors import UserError
from app.core.evaluation.scoring import Estimate
from app.core.plural import plural
from app.core.report.blocks import (
    Block,
    Chapter,
    Document,
    Facts,
    Heading,
    Paragraph,
    ReportCell,
    ReportRow,
    Table,
    TextTone,
)
from app.core.report.write_report import WritePdf, write_report
from app.core.semiology import FEATURE
from app.core.teaching.course import Sealing, Sitting, TeachingCourse
from app.core.teaching.learner_progress import LearnerProgress
from app.core.teaching.learner_results import SittingScores
from app.core.teaching.phantom_course import TITLE, WHAT_IT_TEACHES

SAYS = (
    "It says in how many recordings of this course a person under this alias gave the answer of the key "
    "before they had seen it, how far that could be chance (the 95 % interval), and how far they and the key "
    "agree beyond chance (κ)."
)
SAYS_NOT = (
    "It does not say that the key is right, who was behind the alias or what help they had, how they read "
    "other recordings, or that they are fit to practise. It is not a certificate of competence."
)
_NAMES = {Sitting.BEFORE: "Test before", Sitting.AFTER: "Test after", Sitting.PRACTICE: "First answers"}


def write_learner_page(
    path: Path,
    course: TeachingCourse,
    learner: LearnerProgress,
    made: datetime,
    write_pdf: WritePdf,
    *,
    replace: bool = True,
) -> Path:
    """Write the page, HTML or PDF by its ending, as `write_report` does. Raises UserError, also when no test
    was answered."""
    write_report(path, learner_page(course, learner, made), write_pdf, replace=replace)
    return path


def learner_page(course: TeachingCourse, learner: LearnerProgress, made: datetime) -> Document:
    """The page of a learner. Raises UserError when they have answered no test."""
    tests = tests_of(course, learner)
    if not tests:
        raise UserError(f"“{learner.result.alias}” has answered no test of this course.")
    title = f"Test results of {learner.result.alias}"
    blocks = tuple(_blocks(title, course, learner, tests, made))
    return Document(title, made, 1, iter((Chapter(title, blocks),)))


def tests_of(course: TeachingCourse, learner: LearnerProgress) -> dict[Sitting, SittingScores]:
    """The tests that the learner has answered; a course that is sealed as a test is one as a whole."""
    wanted = [Sitting.BEFORE, Sitting.AFTER]
    if course.sealing is Sealing.TEST:
        wanted.append(Sitting.PRACTICE)
    return {one: learner.result.sittings[one] for one in wanted if one in learner.result.sittings}


def _blocks(
    title: str,
    course: TeachingCourse,
    learner: LearnerProgress,
    tests: dict[Sitting, SittingScores],
    made: datetime,
) -> Iterator[Block]:
    yield Heading(title, 1)
    yield Facts(
        (
            ("Course", course.title),
            ("Alias", learner.result.alias),
            ("Pass mark", f"{course.rules.pass_mark:.0%} right"),
            ("Date", f"{made:%Y-%m-%d}"),
        )
    )
    yield Heading("Results")
    yield _results(course, learner, tests)
    if change := change_between(tests):
        yield Paragraph(change)
    for paragraph in (SAYS, SAYS_NOT):
        yield Paragraph(paragraph, TextTone.STRONG if paragraph is SAYS_NOT else TextTone.PLAIN)
    for sitting, scores in tests.items():
        yield Heading(f"{_NAMES[sitting]}, by feature", 3)
        yield _features(scores)
    yield Paragraph(
        "In brackets the 95 % interval; the interval of a single feature is wide, because few cards ask it. "
        "An onset error is the median, in seconds; a positive one is late. * fewer than 20 cards.",
        TextTone.SOFT,
    )
    if course.title == TITLE:
        yield Paragraph(WHAT_IT_TEACHES, TextTone.SOFT)
    if course.sealing is Sealing.PRACTICE:
        yield Paragraph(
            "The keys of this course can be opened by somebody who takes the program apart "
            "(docs/teaching.md).",
            TextTone.SOFT,
        )


def _results(course: TeachingCourse, learner: LearnerProgress, tests: dict[Sitting, SittingScores]) -> Table:
    head = ("", "Cards", "Right", "Pass mark", "κ with the key", "Side right", "Onset error, s")
    rows = tuple(
        _row(
            ReportCell(_NAMES[sitting], tone=TextTone.STRONG),
            ReportCell(str(scores.n)),
            _share(_right_of(sitting, scores), scores.n),
            ReportCell({True: "reached", False: "not reached", None: "–"}[scores.passed]),
            _number(scores.kappa),
            _share(learner.spans[sitting].sides, learner.spans[sitting].sides.n),
            _number(learner.spans[sitting].onset, "+.1f"),
        )
        for sitting, scores in tests.items()
    )
    return Table(tuple(map(ReportCell, head)), rows, (0.18, 0.08, 0.16, 0.12, 0.16, 0.15, 0.15))


def _right_of(sitting: Sitting, scores: SittingScores) -> Figure | Estimate:
    """The share right; each card of a test is of another recording, so Wilson's interval holds there."""
    if sitting is Sitting.PRACTICE:
        return scores.right
    right, n = _right(scores)
    return proportion(right, n, f"The key says the same in {right} of {plural(n, 'recording')}.")


def change_between(tests: dict[Sitting, SittingScores]) -> str:
    """A sentence on the difference of the two tests, with Newcombe's interval for independent shares (each
    card is of another recording); "" without both."""
    if not {Sitting.BEFORE, Sitting.AFTER} <= set(tests):
        return ""
    before, after = (_right(tests[one]) for one in (Sitting.BEFORE, Sitting.AFTER))
    low, high = difference_interval(*after, *before)
    change = after[0] / after[1] - before[0] / before[1]
    return (
        f"From the test before to the test after, the share right changed by {_points(change)} points (95 % "
        f"interval {_points(low)} to {_points(high)}); the two tests have different recordings of the same "
        "features."
    )


def difference_interval(right: int, n: int, other_right: int, other_n: int) -> tuple[float, float]:
    """The 95 % interval of the difference of two independent shares (Newcombe 1998, from statsmodels)."""
    from statsmodels.stats.proportion import confint_proportions_2indep

    low, high = confint_proportions_2indep(right, n, other_right, other_n, method="newcomb")
    return float(low), float(high)


def _right(scores: SittingScores) -> tuple[int, int]:
    return round((scores.right.value or 0.0) * scores.n), scores.n


def _points(share: float) -> str:
    return f"{100 * share:+.0f}".replace("-", "−")


def _features(scores: SittingScores) -> Table:
    head = ("Feature", "Cards", "Right", "Side right", "Onset error, s")
    rows = tuple(
        _row(
            ReportCell(FEATURE[one.feature].name),
            ReportCell(str(one.right.n)),
            _share(one.right, one.right.n),
            _share(one.sides, one.sides.n),
            _number(one.spans.onset, "+.1f"),
        )
        for one in scores.features
    )
    return Table(tuple(map(ReportCell, head)), rows, (0.32, 0.1, 0.22, 0.18, 0.18))


def _row(*cells: ReportCell) -> ReportRow:
    return ReportRow(cells)


def _share(figure: Figure | Estimate, n: int) -> ReportCell:
    return _cell(figure, ".0%", n)


def _number(figure: Figure, form: str = ".2f") -> ReportCell:
    return _cell(figure, form, figure.n)


def _cell(figure: Figure | Estimate, form: str, n: int) -> ReportCell:
    if figure.value is None:
        return ReportCell("–", tone=TextTone.SOFT)
    known = figure.low is not None and figure.high is not None
    interval = f"[{figure.low:{form}}, {figure.high:{form}}]" if known else ""
    few = "*" if n < 20 else ""
    value = f"{figure.value:{form}}{few}"
    return ReportCell(value.replace("-", "−"), interval.replace("-", "−"), stacked=True)
