"""Readers compared over the study or in one recording, beside the window: the statistics load slowly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from app.core.agreement.figure import Figure, Flag
from app.core.reading import Reading
from app.core.semiology import FEATURES, Answer, Presence
from app.ui.session.background import Task
from app.ui.session.study_look import StudyLook
from app.ui.theme import GLYPHS, WORDS

if TYPE_CHECKING:
    from app.core.agreement.comparison import FeatureAgreement
    from app.core.agreement.kappa import PairFigures
    from app.core.agreement.many import ManyFigures
    from app.core.agreement.of_study import RecordingRead


class Standing(Enum):
    """How two readers stand to one another on one feature of one recording: sign and word."""

    AGREE = ("=", "same")
    DISAGREE = ("≠", "differ")
    ONE_SIDED = ("◐", "one")
    NOT_ASSESSABLE = ("○", "n/a")
    SEALED = ("▪", "sealed")
    NOTHING = ("·", "")

    @property
    def words(self) -> str:
        return " ".join(self.value).strip()


EXPLAINED: Mapping[Standing, str] = {
    Standing.AGREE: "both say the same",
    Standing.DISAGREE: "one says yes, the other no",
    Standing.ONE_SIDED: "only one has answered",
    Standing.NOT_ASSESSABLE: "one or both say it cannot be judged",
    Standing.SEALED: "sealed from you until you lock your reading",
    Standing.NOTHING: "nobody has answered",
}

PAIR_COLUMNS: Mapping[str, str] = {
    "n": "Cases that both decided, yes or no",
    "Counts": "Both yes · only the first yes · only the second yes · both no",
    "Same": "Share of the cases in which both say the same",
    "κ": "Cohen's kappa with its 95 % interval",
    "AC1": "Gwet's AC1",
    "PABAK": "Prevalence- and bias-adjusted kappa",
    "Overlap": "Intersection over union of the spans, and how many cases",
    "Onset s": "How much later the second reader's onset is, and in how many cases",
    "End s": "How much later the second reader's end is, and in how many cases",
    "Side": "Share of the cases in which both name the same side, and how many",
}
MANY_COLUMNS: Mapping[str, str] = {
    "Fleiss κ": "Fleiss' kappa of all chosen readers",
    "α": "Krippendorff's alpha of all chosen readers",
}
SPAN_COLUMNS = ("Overlap", "Onset s", "End s", "Side")
POOLED = "All features"


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure as it is shown: short, and in a whole sentence with its n and what to beware of."""

    words: str
    sentence: str
    flagged: bool = False


BLANK = Cell("", "")

Columns = tuple[tuple[str, str], ...]
"""The heads of the columns beside the feature's, each with what it means."""


@dataclass(frozen=True, slots=True)
class GridRow:
    """One recording: its number in the study, its name and how the two stand in each feature."""

    number: int
    name: str
    standings: tuple[Standing, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be compared: two readers and any number together, by name; the study or one recording.

    Names that are not there are passed over; without any of `together` it is all but the consensus.
    """

    pair: tuple[str, str] = ("", "")
    together: tuple[str, ...] = ()
    only_open: bool = False


@dataclass(frozen=True, slots=True)
class Compared:
    """What the view shows. `rows` are the features' names with their figures, pooled in the first one."""

    readers: tuple[str, ...]
    chosen: tuple[str, str] | None = None
    together: tuple[str, ...] = ()
    columns: Columns = ()
    rows: tuple[tuple[str, tuple[Cell, ...]], ...] = ()
    grid: tuple[GridRow, ...] = ()
    recordings: int = 0
    only_open: bool = False


def compare_readers(look: StudyLook, choice: Choice, task: Task) -> Compared:
    """The two readers that are wanted, else the first two, over all recordings or in the open one."""
    from app.core.agreement.comparison import by_reader
    from app.core.agreement.of_study import with_answers
    from app.core.study.consensus import is_consensus

    found = look.recordings_read(only_open=choice.only_open)
    task.cancel.check()
    # Who has not answered anything has nothing to compare.
    readers = by_reader(with_answers(found))
    names = tuple(readers)
    named = len({*choice.pair} & {*names}) == 2
    chosen = choice.pair if named else _first_two(names, look.me.name)
    if chosen is None:
        return Compared(names, only_open=choice.only_open)
    usual = tuple(name for name, each in readers.items() if not is_consensus(each[0].reader))
    together = tuple(name for name in choice.together if name in readers) or usual
    if choice.only_open:
        columns, rows, number = *_in_recording(readers, chosen, together), 1
    else:
        columns, rows, number = _over_study(found, readers, chosen, together, task)
    return Compared(
        names,
        chosen,
        together,
        columns,
        rows,
        _grid(found, [readers[name][0] for name in chosen]),
        number,
        choice.only_open,
    )


_Rows = tuple[tuple[str, tuple[Cell, ...]], ...]


def _over_study(
    found: Sequence[RecordingRead],
    readers: Mapping[str, list[Reading]],
    chosen: tuple[str, str],
    together: tuple[str, ...],
    task: Task,
) -> tuple[Columns, _Rows, int]:
    from app.core.agreement import comparison

    compared = comparison.compare(readers[chosen[0]], readers[chosen[1]])
    task.cancel.check()
    many: Mapping[str, ManyFigures] = {}
    if len(together) > 2:
        keys = [readers[name][0].reader.exact_key for name in together]
        many = comparison.together([each.readings for each in found], keys)
    rows = [(POOLED, _pooled(compared.overall, bool(many)))]
    rows += [
        (feature.name, _cells(compared.features[feature.id], many.get(feature.id))) for feature in FEATURES
    ]
    columns = (*PAIR_COLUMNS.items(), *(MANY_COLUMNS.items() if many else ()))
    return columns, tuple(rows), compared.recordings


def _in_recording(
    readers: Mapping[str, list[Reading]], chosen: tuple[str, str], together: tuple[str, ...]
) -> tuple[Columns, _Rows]:
    """One recording: what both say of each feature, and the features as the cases of the figures."""
    from app.core.agreement.kappa import pair_figures
    from app.core.agreement.many import many_figures
    from app.core.agreement.overlap import overlap_figures, side_agreement
    from app.core.agreement.pairs import counted

    one, other = (readers[name][0] for name in chosen)
    answers = [(one.answer(feature.id), other.answer(feature.id)) for feature in FEATURES]
    figures = pair_figures(counted((first.presence, second.presence) for first, second in answers))
    pooled = dict(zip(PAIR_COLUMNS, _pair(figures), strict=False))
    if len(together) > 2:
        table = [[readers[name][0].answer(feature.id).presence for name in together] for feature in FEATURES]
        many = many_figures(table, cases="features")
        pooled |= {"Fleiss κ": figure_cell(many.fleiss), "α": figure_cell(many.alpha)}
    width = len(SPAN_COLUMNS)
    rows = [
        (f"All 20: {name}", (cell, BLANK, *(BLANK for _ in range(width)))) for name, cell in pooled.items()
    ]
    for feature, pair in zip(FEATURES, answers, strict=True):
        overlap = overlap_figures([pair])
        spans = (overlap.iou, overlap.onset, overlap.offset)
        cells = (
            *(_answer(name, answer) for name, answer in zip(chosen, pair, strict=True)),
            *(_alone(figure, form) for figure, form in zip(spans, (".2f", "+.1f", "+.1f"), strict=True)),
            _same_side(pair) if side_agreement([pair])[0].n else Cell("–", "Not both name a side."),
        )
        rows.append((feature.name, cells))
    heads = ((chosen[0], "What the first reader says"), (chosen[1], "What the second reader says"))
    return (*heads, *((name, PAIR_COLUMNS[name]) for name in SPAN_COLUMNS)), tuple(rows)


def _answer(name: str, answer: Answer) -> Cell:
    words = f"{GLYPHS[answer.presence]} {WORDS[answer.presence]}"
    sure = "" if answer.confidence is None else f", {answer.confidence} % sure"
    side = "" if answer.laterality is None else f", {answer.laterality.value}"
    return Cell(words, f"{name} says {WORDS[answer.presence]}{side}{sure}.")


def _alone(figure: Figure, form: str) -> Cell:
    """The figure of a single case, which needs no interval and no warning."""
    if figure.value is None:
        return Cell("–", "Not both say yes and when.")
    return Cell(f"{figure.value:{form}}", f"{figure.explanation} n = {figure.n}.")


def _same_side(pair: tuple[Answer, Answer]) -> Cell:
    first, second = (answer.laterality.value if answer.laterality else "–" for answer in pair)
    return Cell(
        "same" if first == second else "other", f"The first says {first}, the second {second}. n = 1."
    )


def _first_two(names: tuple[str, ...], me: str) -> tuple[str, str] | None:
    """The person and somebody else, where there are two."""
    ordered = sorted(names, key=lambda name: name != me)
    return (ordered[0], ordered[1]) if len(ordered) > 1 else None


def _grid(found: Sequence[RecordingRead], pair: Sequence[Reading]) -> tuple[GridRow, ...]:
    keys = [one.reader.exact_key for one in pair]
    rows = []
    for each in found:
        known = {one.reader.exact_key: one for one in each.readings}
        standings = tuple(
            standing(
                *(known[key].answer(feature.id).presence if key in known else None for key in keys),
                sealed=each.sealed,
            )
            for feature in FEATURES
        )
        rows.append(GridRow(each.number, each.name, standings))
    return tuple(rows)


def standing(one: Presence | None, other: Presence | None, *, sealed: bool = False) -> Standing:
    """How two answers stand to one another; `sealed` says that a missing one may only be withheld."""
    if sealed and (one is None or other is None):
        return Standing.SEALED
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
        figure_cell(overlap.iou, with_n=True),
        figure_cell(overlap.onset, "+.1f", with_n=True),
        figure_cell(overlap.offset, "+.1f", with_n=True),
        figure_cell(found.side, ".0%", with_n=True),
    )
    return cells if many is None else (*cells, figure_cell(many.fleiss), figure_cell(many.alpha))


def _pooled(figures: PairFigures, many: bool) -> tuple[Cell, ...]:
    return (*_pair(figures), *(BLANK for _ in range(6 if many else 4)))


def _pair(figures: PairFigures) -> tuple[Cell, ...]:
    counts = figures.counts
    told = (
        f"{counts.n} cases that both decided: both yes {counts.yes_yes}, both no {counts.no_no}, only the "
        f"first yes {counts.yes_no}, only the second yes {counts.no_yes}; beside them "
        f"{counts.not_assessable} not assessable and {counts.unanswered} unanswered."
    )
    four = f"{counts.yes_yes} · {counts.yes_no} · {counts.no_yes} · {counts.no_no}"
    return (
        Cell(str(counts.n), told),
        Cell(four if counts.n else "–", told),
        figure_cell(figures.percent, ".0%"),
        figure_cell(figures.kappa, interval=True),
        figure_cell(figures.ac1),
        figure_cell(figures.pabak),
    )


def figure_cell(figure: Figure, form: str = ".2f", *, interval: bool = False, with_n: bool = False) -> Cell:
    """A figure as it is shown; `*` few cases, `!` nearly all answers the same.

    `interval` writes the interval beside it, `with_n` how many cases it rests on.
    """
    known = figure.low is not None and figure.high is not None
    if figure.value is None:
        words = "–"
    else:
        words = f"{figure.value:{form}}"
        if interval and known:
            words += f"  {figure.low:{form}}…{figure.high:{form}}"
    few = Flag.SMALL_N in figure.flags and figure.value is not None
    one_sided = Flag.ONE_SIDED in figure.flags
    words += ("*" if few else "") + ("!" if one_sided else "")
    if with_n and figure.value is not None:
        words += f" ({figure.n})"
    low = f" 95 %: {figure.low:{form}} to {figure.high:{form}}." if known else ""
    flags = " ".join(flag.value for flag in figure.flags)
    return Cell(words, f"{figure.explanation} n = {figure.n}.{low} {flags}".strip(), few or one_sided)
