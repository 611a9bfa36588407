"""How many cards learners need until they recognise nearly everything: scheduled, and in random order.

The learners are simulated with a model of memory that is not the scheduler's: the chance to recognise a
feature halves in a half-life (Settles and Meeder, ACL 2016) that grows with each right answer, the more the
closer the feature was to being forgotten, and shrinks with a wrong one. Every learner finds some features
hard: these begin with a short half-life and grow slowly.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.core.jobs import Progress, Report
from app.core.semiology import FEATURES
from app.core.teaching.card_queue import CardQueue, ScoredAnswer
from app.core.teaching.card_score import CardScore
from app.core.teaching.course import CourseCase
from benchmarks.benchmark import Options, Result, Row, at_least, fact, machine

LEARNERS, DAYS, MEASURED_FROM = 200, 56, 28
RETENTION, FEWER = 0.9, 0.3
WEAK = 6
"""How many of the features a learner finds hard."""
RECORDINGS = 20
LENGTHS = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40)
"""Lengths of a day's session that are tried."""

_START = datetime(2026, 1, 5, 8, tzinfo=UTC)
_IDS = tuple(feature.id for feature in FEATURES)
_CASES = tuple(
    CourseCase(f"case-{number:08x}", f"case-{number:08x}.mp4", "", 60.0, _IDS) for number in range(RECORDINGS)
)


@dataclass(slots=True)
class FeatureTrace:
    """What a learner remembers of a feature: `half_life` in days since it was `seen`, its `growth`."""

    half_life: float
    growth: float
    seen: float | None = None

    def chance(self, day: float) -> float:
        """The chance (0–1) to recognise it; 0 before it was ever explained."""
        return 0.0 if self.seen is None else 2.0 ** (-(day - self.seen) / self.half_life)

    def answer(self, day: float, draw: float) -> bool:
        """Whether it was recognised; the key is shown in any case."""
        chance = self.chance(day)
        right = draw < chance
        factor = 1 + self.growth * (1 - chance) if right else 0.5
        self.half_life = min(max(self.half_life * factor, 0.5), 365.0)
        self.seen = day
        return right


@dataclass(frozen=True, slots=True)
class SimulatedCourse:
    """What came of a learner's course: cards answered, and the mean share recognised of all features."""

    cards: int
    retention: float


def run(options: Options) -> Result:
    """For each order the shortest daily session with which the learners keep nine of ten features."""
    learners = options.runs or LEARNERS
    scheduled, random_order = (
        shortest_course(learners, is_scheduled, options.report) for is_scheduled in (True, False)
    )
    rows: list[Row] = [
        at_least(f"features recognised in weeks 5 to 8, scheduled, {learners} learners",
                 scheduled.retention, "", RETENTION, floor=random_order.retention),
        fact("cards a learner in eight weeks, scheduled", scheduled.cards / learners, "cards",
             floor=random_order.cards / learners),
        at_least("fewer cards than in random order", 1 - scheduled.cards / random_order.cards, "", FEWER),
    ]  # fmt: skip
    note = "Simulated learners: it says that the scheduler does its work, not how people learn."
    return Result("teaching", machine(), tuple(rows), (note,))


def shortest_course(learners: int, is_scheduled: bool, report: Report) -> SimulatedCourse:
    """The course with the shortest session that keeps the retention; the longest tried if none does."""
    found = SimulatedCourse(0, 0.0)
    for at, length in enumerate(LENGTHS):
        name = "scheduled" if is_scheduled else "at random"
        report(Progress(f"{length} cards a day, {name}", at / len(LENGTHS)))
        courses = [take_course(seed, length, is_scheduled) for seed in range(learners)]
        found = SimulatedCourse(
            sum(one.cards for one in courses), sum(one.retention for one in courses) / len(courses)
        )
        if found.retention >= RETENTION:
            break
    return found


def take_course(seed: int, length: int, is_scheduled: bool) -> SimulatedCourse:
    """Eight weeks of one learner with up to `length` cards a day."""
    source = random.Random(seed)
    traces = _traces(source)
    queue = CardQueue(_CASES, f"learner {seed}") if is_scheduled else None
    cards, kept = 0, 0.0
    for day in range(DAYS):
        if day >= MEASURED_FROM:
            kept += sum(trace.chance(day) for trace in traces.values()) / len(traces)
        cards += _practise(queue, traces, day, length, source)
    return SimulatedCourse(cards, kept / (DAYS - MEASURED_FROM))


def _traces(source: random.Random) -> dict[str, FeatureTrace]:
    weak = set(source.sample(_IDS, WEAK))
    return {
        name: FeatureTrace(source.uniform(1, 2), source.uniform(1.5, 3))
        if name in weak
        else FeatureTrace(source.uniform(4, 10), source.uniform(3, 6))
        for name in _IDS
    }


def _practise(
    queue: CardQueue | None, traces: dict[str, FeatureTrace], day: int, length: int, source: random.Random
) -> int:
    """A day's session; how many cards it had. Scheduled ones end when nothing is due."""
    for number in range(length):
        now = _START + timedelta(days=day, minutes=2 * number)
        at = day + number * 2 / 1440
        if queue is None:
            traces[source.choice(_IDS)].answer(at, source.random())
            continue
        card = queue.next_card(now)
        if card is None:
            return number
        right = traces[card.feature].answer(at, source.random())
        queue.record(ScoredAnswer(card, now, CardScore(right)))
    return length
