"""Figures of agreement against formulas written out here, on 1,000 random tables and every degenerate one."""

from __future__ import annotations

import math
import random
import subprocess
import sys
from fractions import Fraction
from functools import cache

import pytest

from app.core.agreement.comparison_cells import pair_cells
from app.core.agreement.figure import SMALL_N, Figure, Flag, proportion, wilson
from app.core.agreement.kappa import PairFigures
from app.core.agreement.kappa import pair_figures as pair_figures_of
from app.core.agreement.many_readers import many_figures
from app.core.agreement.reading_pairs import Counts, count_answers
from app.core.semiology import Presence

YES, NO, NA = Presence.YES, Presence.NO, Presence.NOT_ASSESSABLE
EXACT = 1e-9


def random_tables(number: int = 1000) -> list[Counts]:
    """Tables of every size, many with empty cells, and every table of 0s and 1s."""
    chance = random.Random(5)
    small = [Counts(a, b, c, d) for a in (0, 1) for b in (0, 1) for c in (0, 1) for d in (0, 1)]
    most = [chance.choice((3, 30, 3000)) for _ in range(number - len(small))]
    return small + [
        Counts(*(chance.choice((0, chance.randint(0, top), chance.randint(0, top))) for _ in range(4)))
        for top in most
    ]


TABLES = random_tables()


@cache
def pair_figures(table: Counts) -> PairFigures:
    return pair_figures_of(table)


def test_one_case_is_counted_as_one() -> None:
    tips = [cell.sentence for cell in pair_cells(pair_figures(Counts(1, 0, 0, 0)))]
    assert any(tip.startswith("1 case that both decided:") for tip in tips)


def close(found: float | None, expected: Fraction | float | None) -> bool:
    if found is None or expected is None:
        return found is None and expected is None
    return math.isclose(found, float(expected), rel_tol=EXACT, abs_tol=EXACT)


def ratio(part: int | Fraction, whole: int | Fraction) -> Fraction | None:
    return Fraction(part) / Fraction(whole) if whole else None


def sound(figure: Figure) -> bool:
    """Value and interval belong together, and the flags say what is missing."""
    bounds = (figure.low, figure.high)
    if figure.value is None:
        return bounds == (None, None) and Flag.UNDEFINED in figure.flags
    if None in bounds:
        return bounds == (None, None) and Flag.NO_SPREAD in figure.flags
    assert figure.low is not None
    assert figure.high is not None
    return (
        figure.low - EXACT <= figure.value <= figure.high + EXACT
        and (Flag.SMALL_N in figure.flags) == (figure.n < SMALL_N)
        and figure.explanation.endswith(".")
    )


@pytest.fixture
def few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of values: thousands of intervals that nobody looks at take long."""
    monkeypatch.setattr("app.core.agreement.figure.RESAMPLES", 20)


# two readers


def kappa(t: Counts) -> Fraction | None:
    if t.n == 0:
        return None
    agreed = Fraction(t.yes_yes + t.no_no, t.n)
    chance = Fraction(
        (t.yes_yes + t.yes_no) * (t.yes_yes + t.no_yes) + (t.no_no + t.no_yes) * (t.no_no + t.yes_no), t.n**2
    )
    return None if chance == 1 else (agreed - chance) / (1 - chance)


def kappa_variance(t: Counts) -> float:
    """Fleiss, Cohen and Everitt 1969, written out cell by cell."""
    value = kappa(t)
    assert value is not None
    p = [
        [Fraction(t.yes_yes, t.n), Fraction(t.yes_no, t.n)],
        [Fraction(t.no_yes, t.n), Fraction(t.no_no, t.n)],
    ]
    row = [sum(p[i]) for i in (0, 1)]
    column = [p[0][j] + p[1][j] for j in (0, 1)]
    chance = row[0] * column[0] + row[1] * column[1]
    on = sum(p[i][i] * (1 - (row[i] + column[i]) * (1 - value)) ** 2 for i in (0, 1))
    off = (1 - value) ** 2 * sum(p[i][1 - i] * (column[i] + row[1 - i]) ** 2 for i in (0, 1))
    return float((on + off - (value - chance * (1 - value)) ** 2) / (t.n * (1 - chance) ** 2))


def test_kappa_is_cohens() -> None:
    for table in TABLES:
        found = pair_figures(table).kappa
        assert close(found.value, kappa(table)), table
        assert sound(found), table


def test_kappa_has_the_interval_of_its_large_sample_variance() -> None:
    compared = 0
    for table in TABLES:
        found = pair_figures(table).kappa
        if found.value is None or found.low is None:
            continue
        half = 1.959963984540054 * math.sqrt(kappa_variance(table))
        assert close(found.low, max(-1.0, found.value - half)), table
        assert close(found.high, min(1.0, found.value + half)), table
        compared += 1
    assert compared > 500


def test_ac1_is_gwets() -> None:
    for table in TABLES:
        found = pair_figures(table).ac1
        if table.n == 0:
            assert found.value is None
            continue
        yes = Fraction(2 * table.yes_yes + table.yes_no + table.no_yes, 2 * table.n)
        agreed = Fraction(table.yes_yes + table.no_no, table.n)
        chance = 2 * yes * (1 - yes)
        assert close(found.value, (agreed - chance) / (1 - chance)), table


@pytest.mark.parametrize(
    ("table", "value", "low", "high"),
    [
        # As irrCAC 0.4.1 gives them (irrCAC.table.CAC, gwet), eight digits of the bounds.
        (Counts(40, 9, 6, 45), 0.7007481297, 0.55917067, 0.84232559),
        (Counts(90, 3, 5, 2), 0.9098286745, 0.84436037, 0.97529698),
        (Counts(1, 2, 3, 4), 0.0825688073, -0.7089372, 0.87407481),
    ],
)
def test_ac1_has_the_interval_that_irrcac_gives(table: Counts, value: float, low: float, high: float) -> None:
    found = pair_figures(table).ac1
    assert found.value == pytest.approx(value, abs=1e-9)
    assert found.low == pytest.approx(low, abs=1e-8)
    assert found.high == pytest.approx(high, abs=1e-8)


def test_percent_and_pabak() -> None:
    for table in TABLES:
        found = pair_figures(table)
        agreed = ratio(table.yes_yes + table.no_no, table.n)
        assert close(found.percent.value, agreed)
        assert close(found.pabak.value, None if agreed is None else 2 * agreed - 1)
        assert sound(found.percent)
        assert sound(found.pabak)
        assert sound(found.ac1)


def test_the_interval_of_a_share_is_wilsons() -> None:
    z = 1.959963984540054
    for n in (1, 2, 7, 20, 500):
        for part in {0, 1, n // 3, n - 1, n}:
            p = part / n
            middle = (p + z * z / (2 * n)) / (1 + z * z / n)
            half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
            low, high = wilson(part, n)
            assert close(low, max(0.0, middle - half))
            assert close(high, min(1.0, middle + half))
    assert wilson(0, 0) == (None, None)


def test_readers_who_say_only_one_thing_have_no_kappa_and_it_says_so() -> None:
    found = pair_figures(Counts(yes_yes=30))
    assert found.kappa.value is None
    assert Flag.UNDEFINED in found.kappa.flags
    assert (found.percent.value, found.ac1.value, found.pabak.value) == (1.0, 1.0, 1.0)
    assert Flag.ONE_SIDED in found.kappa.flags


def test_one_sided_prevalence_and_small_n_are_flagged_and_not_hidden() -> None:
    rare = pair_figures(Counts(1, 1, 1, 97))
    assert Flag.ONE_SIDED in rare.kappa.flags
    assert rare.kappa.value is not None
    assert rare.ac1.value is not None
    assert rare.kappa.value < 0.5 < rare.ac1.value
    assert Flag.SMALL_N not in rare.kappa.flags
    assert Flag.SMALL_N in pair_figures(Counts(5, 2, 2, 5)).kappa.flags
    assert Flag.ONE_SIDED not in pair_figures(Counts(5, 2, 2, 5)).kappa.flags


def test_what_is_not_decided_is_counted_apart_and_never_a_no() -> None:
    counts = count_answers([(YES, NA), (NA, NA), (NA, NO), (None, YES), (None, None), (NA, None), (YES, NO)])
    assert counts == Counts(yes_no=1, not_assessable=3, unanswered=3)
    assert counts.n == 1


# more than two readers


def fleiss(rows: list[list[Presence]]) -> Fraction | None:
    readers, n = len(rows[0]), len(rows)
    shares = [Fraction(sum(row.count(word) for row in rows), n * readers) for word in (YES, NO)]
    chance = sum(share**2 for share in shares)
    each = [sum(row.count(word) * (row.count(word) - 1) for word in (YES, NO)) for row in rows]
    agreed = Fraction(sum(each), n * readers * (readers - 1))
    return None if chance == 1 else (agreed - chance) / (1 - chance)


def alpha(rows: list[list[Presence | None]]) -> Fraction | None:
    """Krippendorff's nominal α from the coincidence matrix."""
    coincidence = {(a, b): Fraction(0) for a in (YES, NO) for b in (YES, NO)}
    for row in rows:
        said = [word for word in row if word in (YES, NO)]
        if len(said) < 2:
            continue
        for i, one in enumerate(said):
            for j, other in enumerate(said):
                if i != j:
                    coincidence[one, other] += Fraction(1, len(said) - 1)
    total = sum(coincidence.values())
    yes = coincidence[YES, YES] + coincidence[YES, NO]
    no = total - yes
    if yes == 0 or no == 0:
        return None
    return 1 - (total - 1) * 2 * coincidence[YES, NO] / (2 * yes * no)


def random_rows(chance: random.Random, words: list[Presence | None]) -> list[list[Presence | None]]:
    readers = chance.randint(2, 6)
    usual = chance.random()
    weights = [usual, 1 - usual, *([0.2] * (len(words) - 2))]
    return [chance.choices(words, weights, k=readers) for _ in range(chance.choice((1, 2, 5, 40)))]


ONE_WORD: list[Presence | None] = [YES] * 30
DEGENERATE: list[list[list[Presence | None]]] = [
    [[YES] * 3] * 5,
    [[NO, NO]] * 5,
    [[YES, NO]],
    [[YES, NO]] * 40,
    [[YES, YES], [NO, NO]],
    [[YES, YES, NO]],
    [[None, None]] * 3,
    [[NA, NA, NA]],
    [[YES, None, None], [None, NO, NA]],  # nobody beside another
    [[YES, None, NO], [None, YES, YES]],  # never all
    [[YES, None, YES]] * 4,
    [[YES], [NO]],  # one reader alone
    [*[ONE_WORD] * 200, [*ONE_WORD[1:], NO]],  # one word in thousands
]
"""Tables of readings in which something is missing, the same, or alone."""


@pytest.mark.usefixtures("few_resamples")
def test_fleiss_kappa_and_krippendorffs_alpha_are_theirs() -> None:
    chance = random.Random(7)
    tables = DEGENERATE + [
        random_rows(chance, [YES, NO, None, NA] if number % 2 else [YES, NO]) for number in range(1000)
    ]
    for rows in tables:
        found = many_figures(rows)
        assert close(found.alpha.value, alpha(rows)), rows
        complete = [row for row in rows if len(row) > 1 and all(word in (YES, NO) for word in row)]
        assert close(found.fleiss.value, fleiss(complete) if complete else None), rows  # type: ignore[arg-type]
        assert found.fleiss.n == len(complete)
        assert sound(found.fleiss), rows
        assert sound(found.alpha), rows


def test_without_a_recording_nothing_is_defined() -> None:
    found = many_figures([])
    assert (found.fleiss.value, found.alpha.value) == (None, None)
    assert proportion(0, 0, "x.").value is None


def test_the_libraries_are_imported_only_when_they_are_needed() -> None:
    code = (
        "import sys; import app.core.agreement.comparison, app.core.evaluation.evaluation_page, "
        "app.core.agreement.faithfulness, app.core.exchange.formats; "
        "print(*{'sklearn', 'statsmodels', 'krippendorff', 'pandas', 'openpyxl', 'scipy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
