"""The agreement of a study's readers as blocks: each figure with its interval, n and cautions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from app.core.agreement.anchors import ANCHORS
from app.core.agreement.comparison import Comparison, compare, compare_together
from app.core.agreement.faithfulness import (
    FAITHFUL,
    FeatureScore,
    RatingSummary,
    summarise_by_feature,
    summarise_scores,
)
from app.core.agreement.figure import Figure, Flag
from app.core.jobs import CancelToken
from app.core.reading import Reading
from app.core.report.blocks import Block, Heading, Paragraph, ReportCell, ReportRow, Table, TextTone
from app.core.report.reviewed_recording import ReaderNames
from app.core.semiology import FEATURE, FEATURES, Answer, Feature
from app.core.study.consensus import is_consensus
from app.core.study.ratings import StoredRating

if TYPE_CHECKING:
    from app.core.agreement.kappa import PairFigures

MOST_PAIRS = 6
"""Pairs that have a separate table by feature; further pairs are in the table of all pairs alone."""

_LEAST_CASES = 2
"""A feature with fewer recordings is named, and has no row: one case says nothing of how readers agree."""

_EXPLAINED = (
    "n: cases that both decided, yes or no. Same: share of them in which both say the same. κ: Cohen's, "
    "agreement beyond chance with each reader's own rate of yes. AC1: Gwet's, steadier where nearly all "
    "answers are the same. PABAK: κ if yes and no were equally frequent. In brackets the 95 % interval. "
    "* fewer than 20 cases, so the figure says little. ! nearly all answers are the same, which makes κ low "
    "even where the readers agree. –: not defined. All features pools the 20 features; answers within a "
    "recording depend on each other, so its intervals are narrower than they should be."
)
_TOGETHER = (
    "Fleiss' κ over the recordings that all decided, Krippendorff's α (nominal) over those that at least two "
    "decided; n before each. In brackets the 95 % interval by bootstrap over recordings."
)
_PAIR_HEAD = ("n", "Same", "κ", "AC1", "PABAK")


def agreement_blocks(
    recordings: Sequence[Sequence[Reading]], reader_names: ReaderNames, cancel: CancelToken
) -> Iterator[Block]:
    """Figures of every two readers and of all together; `recordings` holds each recording's readings.

    A sentence instead where no recording was read by two. Raises Cancelled.
    """
    groups: dict[str, list[Reading]] = {}
    for reading in (reading for readings in recordings for reading in readings):
        if any(answer.presence is not None for answer in reading.answers.values()):
            groups.setdefault(reading.reader.exact_key, []).append(reading)
    readers = {key: groups[key] for key in reader_names.names if key in groups}
    pairs = dict(_pairs(readers, cancel))
    yield Heading("Agreement")
    if not pairs:
        yield Paragraph(
            "No recording was read by two readers whose answers may be shown here.", TextTone.SOFT
        )
        return
    yield _all_pairs(pairs, reader_names)
    yield Paragraph(_EXPLAINED, TextTone.SOFT)
    for (one, other), comparison in list(pairs.items())[:MOST_PAIRS]:
        cancel.check()
        yield Heading(f"{reader_names.names[one]} and {reader_names.names[other]}", 3)
        yield from _features(comparison)
    if len(pairs) > MOST_PAIRS:
        yield Paragraph(
            f"The tables by feature are those of the first {MOST_PAIRS} of {len(pairs)} pairs.", TextTone.SOFT
        )
    # What was decided together follows from the readers, and would raise every figure of all of them.
    together = [key for key, found in readers.items() if not is_consensus(found[0].reader)]
    if len(together) > 2:
        without = " without the consensus" if len(together) < len(readers) else ""
        yield Heading(f"All {len(together)} readers together{without}", 3)
        yield from _together(recordings, {key: readers[key] for key in together})


def faithfulness_blocks(ratings: Sequence[StoredRating], reader_names: ReaderNames) -> Iterator[Block]:
    """The ratings of each reader's explanations, all and by feature; nothing without a rating."""
    found: dict[str, list[StoredRating]] = {}
    for kept in ratings:
        found.setdefault(kept.explained.reader.exact_key, []).append(kept)
    for key, name in reader_names.names.items():
        if key not in found:
            continue
        raters = {kept.rater.name for kept in found[key]}
        yield Heading(f"Explanations of {name}, rated by {', '.join(sorted(raters))}", 3)
        scores = [FeatureScore(kept.explained.feature, kept.rating.score) for kept in found[key]]
        rows = [_rated(FEATURE[feature].name, each) for feature, each in summarise_by_feature(scores).items()]
        pooled = _rated("All features", summarise_scores([one.score for one in scores]))
        head = (
            ReportCell("Feature"),
            ReportCell("n"),
            *(ReportCell(str(anchor.score)) for anchor in ANCHORS),
        )
        head = (*head, ReportCell("Mean"), ReportCell(f"Rated {FAITHFUL} or more"))
        yield Table(head, (*rows, pooled), (0.3, 0.08, 0.06, 0.06, 0.06, 0.06, 0.06, 0.15, 0.17), whole=True)
    if found:
        anchors = " ".join(f"{anchor.score}: {anchor.meaning}" for anchor in ANCHORS)
        yield Paragraph(f"{anchors} In brackets the 95 % interval; * fewer than 20 ratings.", TextTone.SOFT)


def _rated(name: str, found: RatingSummary) -> ReportRow:
    counts = (ReportCell(str(found.distribution[anchor.score])) for anchor in ANCHORS)
    faithful = _figure(found.faithful, ".0%")
    return ReportRow(
        (ReportCell(name), ReportCell(str(found.mean.n)), *counts, _figure(found.mean, ".1f"), faithful)
    )


def _pairs(
    readers: Mapping[str, Sequence[Reading]], cancel: CancelToken
) -> Iterator[tuple[tuple[str, str], Comparison]]:
    for one, other in combinations(readers, 2):
        cancel.check()
        comparison = compare(readers[one], readers[other])
        if comparison.recordings:
            yield (one, other), comparison


def _all_pairs(pairs: Mapping[tuple[str, str], Comparison], reader_names: ReaderNames) -> Table:
    head = (
        ReportCell("Readers, all features"),
        ReportCell("Recordings"),
        *(ReportCell(word) for word in _PAIR_HEAD),
    )
    rows = tuple(
        ReportRow(
            (
                ReportCell(f"{reader_names.names[one]} and {reader_names.names[other]}"),
                ReportCell(str(found.recordings)),
                *_figures(found.overall),
            )
        )
        for (one, other), found in pairs.items()
    )
    return Table(head, rows, (0.26, 0.11, 0.07, 0.14, 0.14, 0.14, 0.14))


def _features(comparison: Comparison) -> Iterator[Block]:
    told = [one for one in FEATURES if comparison.features[one.id].figures.counts.n >= _LEAST_CASES]
    rows = [
        ReportRow(
            (
                ReportCell(feature.name),
                *_figures(comparison.features[feature.id].figures),
                _figure(comparison.features[feature.id].overlap.iou),
            )
        )
        for feature in told
    ]
    pooled = ReportRow(
        (ReportCell("All features", tone=TextTone.STRONG), *_figures(comparison.overall), ReportCell(""))
    )
    head = (ReportCell("Feature"), *(ReportCell(word) for word in _PAIR_HEAD), ReportCell("Overlap in time"))
    yield Table(head, (*rows, pooled), (0.25, 0.06, 0.138, 0.138, 0.138, 0.138, 0.138), whole=True)
    yield from _left_out(told)


def _left_out(told: Sequence[Feature]) -> Iterator[Block]:
    """The sentence that names the features without a row of figures, if there are any."""
    left = [feature.name for feature in FEATURES if feature not in told]
    if left:
        yield Paragraph(f"Decided in one recording or none: {', '.join(left)}.", TextTone.SOFT)


def _figures(found: PairFigures) -> tuple[ReportCell, ...]:
    shares = (found.kappa, found.ac1, found.pabak)
    return (
        ReportCell(str(found.counts.n)),
        _figure(found.percent, ".0%"),
        *(_figure(figure) for figure in shares),
    )


def _together(
    recordings: Sequence[Sequence[Reading]], readers: Mapping[str, Sequence[Reading]]
) -> Iterator[Block]:
    said = [
        [reading for reading in readings if any(a != Answer(f) for f, a in reading.answers.items())]
        for readings in recordings
    ]
    found = compare_together(said, readers)
    told = [feature for feature in FEATURES if found[feature.id].alpha.n >= _LEAST_CASES]
    rows = tuple(
        ReportRow(
            (
                ReportCell(feature.name),
                ReportCell(str(found[feature.id].fleiss.n)),
                _figure(found[feature.id].fleiss),
                ReportCell(str(found[feature.id].alpha.n)),
                _figure(found[feature.id].alpha),
            )
        )
        for feature in told
    )
    head = (
        ReportCell("Feature"),
        ReportCell("n"),
        ReportCell("Fleiss' κ"),
        ReportCell("n"),
        ReportCell("Krippendorff's α"),
    )
    if told:
        yield Table(head, rows, (0.3, 0.1, 0.25, 0.1, 0.25), whole=True)
        yield Paragraph(_TOGETHER, TextTone.SOFT)
    yield from _left_out(told)


def _figure(figure: Figure, form: str = ".2f") -> ReportCell:
    if figure.value is None:
        return ReportCell("–", tone=TextTone.SOFT)
    few, one_sided = Flag.SMALL_N in figure.flags, Flag.ONE_SIDED in figure.flags
    marks = ("*" if few else "") + ("!" if one_sided else "")
    interval = "" if figure.low is None else f"[{figure.low:{form}}, {figure.high:{form}}]"
    value = f"{figure.value:{form}}{marks}"
    return ReportCell(value.replace("-", "−"), interval.replace("-", "−"), stacked=True)
