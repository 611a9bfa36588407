"""Readers compared over the study, computed beside the window because the statistics load slowly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from app.core.agreement.figure import Figure, Flag
from app.core.reading import Reading
from app.core.semiology import FEATURES, Presence
from app.ui.background import Task
from app.ui.study_look import StudyLook

if TYPE_CHECKING:
    from app.core.agreement.comparison import FeatureAgreement
    from app.core.agreement.kappa import PairFigures
    from app.core.agreement.many import ManyFigures


class Standing(Enum):
    """How two readers stand to one another on one feature of one recording: sign and word."""

    AGREE = ("=", "same")
    DISAGREE = ("≠", "differ")
    ONE_SIDED = ("◐", "one")
    NOT_ASSESSABLE = ("○", "n/a")
    NOTHING = ("·", "")

    @property
    def words(self) -> str:
        return " ".join(self.value).strip()


EXPLAINED: Mapping[Standing, str] = {
    Standing.AGREE: "both say the same",
    Standing.DISAGREE: "one says yes, the other no",
    Standing.ONE_SIDED: "only one has answered",
    Standing.NOT_ASSESSABLE: "one or both say it cannot be judged",
    Standing.NOTHING: "nobody has answered",
}

PAIR_COLUMNS = ("n", "Same", "κ", "AC1", "PABAK", "Overlap", "Onset s", "End s", "Side")
MANY_COLUMNS = ("Fleiss κ", "α")


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure as it is shown: short, and in a whole sentence with its n and what to beware of."""

    words: str
    sentence: str
    flagged: bool = False


@dataclass(frozen=True, slots=True)
class GridRow:
    """One recording: its number in the study, its name and how the two stand in each feature."""

    number: int
    name: str
    standings: tuple[Standing, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """What the view shows. `rows` are the features' names with their figures, pooled in the last one."""

    readers: tuple[str, ...]
    chosen: tuple[str, str] | None = None
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, tuple[Cell, ...]], ...] = ()
    grid: tuple[GridRow, ...] = ()
    recordings: int = 0


def compare_readers(look: StudyLook, wanted: tuple[str, str] | None, task: Task) -> Compared:
    """The two readers that are wanted (by name), else the first two, over all recordings."""
    from app.core.agreement.comparison import by_reader, compare, reader_key, together

    found = look.readings()
    task.cancel.check()
    # Who has not answered anything has nothing to compare.
    everybody = [
        one
        for _number, _name, readings in found
        for one in readings
        if any(answer.presence is not None for answer in one.answers.values())
    ]
    readers = by_reader(everybody)
    names = tuple(readers)
    chosen = wanted if wanted and all(name in readers for name in wanted) else _first_two(names)
    if chosen is None:
        return Compared(names)
    comparison = compare(readers[chosen[0]], readers[chosen[1]])
    task.cancel.check()
    many: Mapping[str, ManyFigures] = {}
    if len(names) > 2:
        keys = [reader_key(readings[0].reader) for readings in readers.values()]
        many = together([readings for _number, _name, readings in found], keys)
    rows = [
        (feature.name, _cells(comparison.features[feature.id], many.get(feature.id))) for feature in FEATURES
    ]
    rows.append(("All features", _pooled(comparison.overall, bool(many))))
    keys_of = {name: reader_key(readings[0].reader) for name, readings in readers.items()}
    grid = tuple(
        GridRow(number, name, _standings(readings, (keys_of[chosen[0]], keys_of[chosen[1]])))
        for number, name, readings in found
    )
    columns = PAIR_COLUMNS + (MANY_COLUMNS if many else ())
    return Compared(names, chosen, columns, tuple(rows), grid, comparison.recordings)


def _first_two(names: tuple[str, ...]) -> tuple[str, str] | None:
    return (names[0], names[1]) if len(names) > 1 else None


def _standings(readings: Sequence[Reading], keys: tuple[str, str]) -> tuple[Standing, ...]:
    from app.core.agreement.comparison import reader_key

    known = {reader_key(one.reader): one for one in readings}
    return tuple(
        standing(*(known[key].answer(feature.id).presence if key in known else None for key in keys))
        for feature in FEATURES
    )


def standing(one: Presence | None, other: Presence | None) -> Standing:
    """How two answers stand to one another."""
    if one is None and other is None:
        return Standing.NOTHING
    if one is None or other is None:
        return Standing.ONE_SIDED
    if Presence.NOT_ASSESSABLE in (one, other):
        return Standing.NOT_ASSESSABLE
    return Standing.AGREE if one is other else Standing.DISAGREE


def _cells(found: FeatureAgreement, many: ManyFigures | None) -> tuple[Cell, ...]:
    overlap = found.overlap
    cells = (
        *_pair(found.figures),
        _cell(overlap.iou),
        _cell(overlap.onset, "+.1f"),
        _cell(overlap.offset, "+.1f"),
        _cell(found.side),
    )
    return cells if many is None else (*cells, _cell(many.fleiss), _cell(many.alpha))


def _pooled(figures: PairFigures, many: bool) -> tuple[Cell, ...]:
    blank = Cell("", "")
    return (*_pair(figures), *(blank for _ in range(6 if many else 4)))


def _pair(figures: PairFigures) -> tuple[Cell, ...]:
    counts = figures.counts
    told = (
        f"{counts.n} cases that both decided: both yes {counts.yes_yes}, both no {counts.no_no}, only the "
        f"first yes {counts.yes_no}, only the second yes {counts.no_yes}; beside them "
        f"{counts.not_assessable} not assessable and {counts.unanswered} unanswered."
    )
    return (
        Cell(str(counts.n), told),
        _cell(figures.percent, ".0%"),
        _cell(figures.kappa, interval=True),
        _cell(figures.ac1),
        _cell(figures.pabak),
    )


def _cell(figure: Figure, form: str = ".2f", *, interval: bool = False) -> Cell:
    if figure.value is None:
        words = "–"
    else:
        words = f"{figure.value:{form}}"
        if interval and figure.low is not None and figure.high is not None:
            words += f"  {figure.low:.2f}…{figure.high:.2f}"
    low = "" if figure.low is None else f" 95 %: {figure.low:{form}} to {figure.high:{form}}."
    flags = " ".join(flag.value for flag in figure.flags)
    few = Flag.SMALL_N in figure.flags and figure.value is not None
    one_sided = Flag.ONE_SIDED in figure.flags
    mark = ("*" if few else "") + ("!" if one_sided else "")
    return Cell(words + mark, f"{figure.explanation} n = {figure.n}.{low} {flags}".strip(), few or one_sided)
