"""The readers of a study compared with each other, over the study or in one recording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.core.agreement import comparison
from app.core.agreement.answer_map import answer_map
from app.core.agreement.comparison import Comparison, compare_pairs, group_by_reader
from app.core.agreement.comparison_cells import (
    BLANK,
    MANY_COLUMNS,
    PAIR_COLUMNS,
    POOLED,
    SPAN_COLUMNS,
    Columns,
    ComparisonCell,
    Rows,
    answer_cell,
    feature_cells,
    figure_cell,
    pair_cells,
    pooled_cells,
    side_cell,
    single_case_cell,
)
from app.core.agreement.comparison_choice import Choice, Compared
from app.core.agreement.kappa import pair_figures
from app.core.agreement.many_readers import ManyFigures, many_figures
from app.core.agreement.onset_order import sign_delays
from app.core.agreement.overlap import overlap_figures, side_agreement
from app.core.agreement.reading_pairs import count_answers
from app.core.agreement.standing import GridRow, compare_presences
from app.core.agreement.study_readings import (
    RecordingReadings,
    answered_readings,
    count_changed,
    count_withheld,
    visible_recordings,
)
from app.core.jobs import CancelToken
from app.core.reading import Reading
from app.core.semiology import FEATURES
from app.core.study.blind_readings import AnswersUsed
from app.core.study.consensus import is_consensus
from app.core.study.store import Study
from app.core.study.viewer import Seal, Viewer, sealed_error, settle_seal

_PURPOSE = "agreement"


@dataclass(frozen=True, slots=True)
class EveryPair:
    """Every two readers that have a recording in common, and all readers together.

    `recordings` says by reader how many each has read; `together` is by feature, empty for two readers.
    `changed` answers were changed after unblinding; `used` says whether they count.
    """

    recordings: Mapping[str, int]
    pairs: Mapping[tuple[str, str], Comparison]
    together: Mapping[str, ManyFigures]
    seal: Seal
    used: AnswersUsed = AnswersUsed.LOCKED
    changed: int = 0


def compare_every_pair(study: Study, viewer: Viewer, used: AnswersUsed = AnswersUsed.LOCKED) -> EveryPair:
    """Every pair of the readers whose answers the viewer may see. Raises UserError when there is none."""
    found = visible_recordings(study, viewer, used=used)
    seal = settle_seal(study, viewer, count_withheld(found), _PURPOSE)
    readers = group_by_reader(answered_readings(found))
    pairs = compare_pairs(readers)
    if not pairs:
        seen = " whose answers are not sealed" if seal.withheld else ""
        raise sealed_error(
            seal, f"No recording of this study was read by two readers{seen}, so there is nothing to compare."
        )
    counts = {name: len(readings) for name, readings in readers.items()}
    together = _all_together(found, readers)
    return EveryPair(counts, pairs, together, seal, used, count_changed(found))


def _all_together(
    found: Sequence[RecordingReadings], readers: Mapping[str, Sequence[Reading]]
) -> Mapping[str, ManyFigures]:
    if len(readers) < 3:
        return {}
    return comparison.compare_together([recording.readings for recording in found], readers)


def compare_readers(study: Study, viewer: Viewer, choice: Choice, *, cancel: CancelToken) -> Compared:
    """The comparison of the two chosen readers, else of the first two. Raises UserError, Cancelled."""
    found = visible_recordings(study, viewer, only=choice.only, used=choice.used)
    cancel.check()
    # A reader who has not answered anything has nothing to compare.
    readers = group_by_reader(answered_readings(found))
    names = tuple(readers)
    named = len({*choice.pair} & {*names}) == 2
    pair = choice.pair if named else _first_two(names, choice.me)
    if pair is None:
        return Compared(names, only_open=choice.only is not None)
    usual = tuple(name for name, each in readers.items() if not is_consensus(each[0].reader))
    together = tuple(name for name in choice.together if name in readers) or usual
    two = None
    if choice.only is not None:
        columns, rows = _in_recording(readers, pair, together)
    else:
        two = comparison.compare(readers[pair[0]], readers[pair[1]])
        columns, rows = _over_study(found, readers, two, together, cancel)
    return Compared(
        names,
        pair,
        together,
        columns,
        rows,
        _grid(found, {name: readers[name] for name in pair}),
        1 if two is None else two.recordings,
        choice.only is not None,
        two,
        answer_map(found, readers),
        sign_delays(readers),
        choice.used,
        count_changed(found),
    )


def _over_study(
    found: Sequence[RecordingReadings],
    readers: Mapping[str, list[Reading]],
    compared: Comparison,
    together: tuple[str, ...],
    cancel: CancelToken,
) -> tuple[Columns, Rows]:
    cancel.check()
    many: Mapping[str, ManyFigures] = {}
    if len(together) > 2:
        chosen = {name: readers[name] for name in together}
        many = comparison.compare_together([each.readings for each in found], chosen)
    rows = [(POOLED, pooled_cells(compared.overall, bool(many)))]
    rows += [
        (feature.name, feature_cells(compared.features[feature.id], many.get(feature.id)))
        for feature in FEATURES
    ]
    columns = (*PAIR_COLUMNS.items(), *(MANY_COLUMNS.items() if many else ()))
    return columns, tuple(rows)


def _in_recording(
    readers: Mapping[str, list[Reading]], chosen: tuple[str, str], together: tuple[str, ...]
) -> tuple[Columns, Rows]:
    """The columns and rows of one recording: both answers by feature, and figures over the features."""
    one, other = (readers[name][0] for name in chosen)
    answers = [(one.answer(feature.id), other.answer(feature.id)) for feature in FEATURES]
    figures = pair_figures(count_answers((first.presence, second.presence) for first, second in answers))
    pooled = dict(zip(PAIR_COLUMNS, pair_cells(figures), strict=False))
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
            *(answer_cell(name, answer) for name, answer in zip(chosen, pair, strict=True)),
            *(
                single_case_cell(figure, form)
                for figure, form in zip(spans, (".2f", "+.1f", "+.1f"), strict=True)
            ),
            side_cell(pair) if side_agreement([pair])[0].n else ComparisonCell("–", "Not both name a side."),
        )
        rows.append((feature.name, cells))
    heads = ((chosen[0], "What the first reader says"), (chosen[1], "What the second reader says"))
    return (*heads, *((name, PAIR_COLUMNS[name]) for name in SPAN_COLUMNS)), tuple(rows)


def _first_two(names: tuple[str, ...], me: str) -> tuple[str, str] | None:
    """The names of the person and of another reader, where there are two."""
    ordered = sorted(names, key=lambda name: name != me)
    return (ordered[0], ordered[1]) if len(ordered) > 1 else None


def _grid(found: Sequence[RecordingReadings], pair: Mapping[str, Sequence[Reading]]) -> tuple[GridRow, ...]:
    names = comparison.names_by_key(pair)
    rows = []
    for each in found:
        known = {names.get(one.reader.exact_key, ""): one for one in each.readings}
        standings = tuple(
            compare_presences(
                *(known[name].answer(feature.id).presence if name in known else None for name in pair),
                sealed=each.sealed,
            )
            for feature in FEATURES
        )
        rows.append(GridRow(each.number, each.name, standings))
    return tuple(rows)
