"""How exact the figures of agreement are, and how long a study of thousands of recordings takes."""

from __future__ import annotations

import random
import time
from fractions import Fraction

from app.core.agreement.comparison import compare
from app.core.agreement.kappa import pair_figures
from app.core.agreement.reading_pairs import Counts
from app.core.jobs import Progress
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity
from app.core.semiology import FEATURES, Answer, Presence, Span
from benchmarks.benchmark import Options, Result, Row, at_most, fact, machine

TABLES, RECORDINGS, EXACT = 1000, 2000, 1e-9


def run(options: Options) -> Result:
    """Random tables against formulas in fractions, then a made-up study; `runs` is the number of tables."""
    tables = _tables(options.runs or TABLES)
    options.report(Progress(f"{len(tables)} random tables", 0.0))
    rows = _differences(tables)
    options.report(Progress(f"{RECORDINGS} recordings", 0.5))
    rows += _times()
    return Result(
        "agreement",
        machine(),
        tuple(rows),
        (
            f"{len(tables)} random tables of two readers, many with empty rows or columns, against the "
            "definitions in exact fractions; a figure that is not defined must be so on both sides.",
        ),
    )


def _tables(number: int) -> list[Counts]:
    chance = random.Random(5)
    return [
        Counts(*(chance.choice((0, chance.randint(0, 9), chance.randint(0, 5000))) for _ in range(4)))
        for _ in range(number)
    ]


def _differences(tables: list[Counts]) -> list[Row]:
    largest = {"Cohen's kappa": 0.0, "Gwet's AC1": 0.0, "PABAK": 0.0}
    for table in tables:
        found = pair_figures(table)
        for name, value, expected in (
            ("Cohen's kappa", found.kappa.value, _kappa(table)),
            ("Gwet's AC1", found.ac1.value, _ac1(table)),
            ("PABAK", found.pabak.value, _pabak(table)),
        ):
            largest[name] = max(largest[name], _difference(value, expected))
    return [at_most(f"{name}, largest difference", value, "", EXACT) for name, value in largest.items()]


def _difference(value: float | None, expected: Fraction | None) -> float:
    if value is None or expected is None:
        return 0.0 if value is None and expected is None else float("inf")
    return float(abs(Fraction(value) - expected))


def _kappa(t: Counts) -> Fraction | None:
    if t.n == 0:
        return None
    first, second = t.yes_yes + t.yes_no, t.yes_yes + t.no_yes
    chance = Fraction(first * second + (t.n - first) * (t.n - second), t.n**2)
    return None if chance == 1 else (Fraction(t.yes_yes + t.no_no, t.n) - chance) / (1 - chance)


def _ac1(t: Counts) -> Fraction | None:
    if t.n == 0:
        return None
    yes = Fraction(t.yes, 2 * t.n)
    chance = 2 * yes * (1 - yes)
    return (Fraction(t.yes_yes + t.no_no, t.n) - chance) / (1 - chance)


def _pabak(t: Counts) -> Fraction | None:
    return Fraction(2 * (t.yes_yes + t.no_no), t.n) - 1 if t.n else None


def _times() -> list[Row]:
    first, second = (_readings(name, seed) for seed, name in enumerate(("Ana", "Bo")))
    begun = time.perf_counter()
    compare(first, second)
    compared = time.perf_counter()
    return [fact(f"two readers of {RECORDINGS} recordings compared", compared - begun, "s")]


def _readings(name: str, seed: int) -> list[Reading]:
    chance = random.Random(seed)
    reader = ReaderIdentity(ReaderKind.PERSON, name, "1")
    return [
        Reading(RecordingIdentity(f"{number}.mp4", "", 60.0), reader, _answers(chance))
        for number in range(RECORDINGS)
    ]


def _answers(chance: random.Random) -> dict[str, Answer]:
    answers = {}
    for feature in FEATURES:
        presence = chance.choice((Presence.YES, Presence.NO))
        start = chance.uniform(0, 50)
        spans = (Span(start, start + 5),) if presence is Presence.YES else ()
        answers[feature.id] = Answer(feature.id, presence, 50, spans)
    return answers
