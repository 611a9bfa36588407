"""Readers of a whole study compared, feature by feature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from app.core.agreement.figure import Figure
from app.core.agreement.kappa import PairFigures, pair_figures
from app.core.agreement.many_readers import ManyFigures, many_figures
from app.core.agreement.overlap import OverlapFigures, overlap_figures, side_agreement
from app.core.agreement.reading_pairs import Counts, count_answers, is_read_once, match_readings
from app.core.reader_names import name_readers
from app.core.reading import ReaderIdentity, Reading
from app.core.semiology import FEATURES, Laterality, Presence


@dataclass(frozen=True, slots=True)
class FeatureAgreement:
    """Two readers in one feature."""

    figures: PairFigures
    overlap: OverlapFigures
    side: Figure
    sides: Mapping[tuple[Laterality, Laterality], int]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two readers over the recordings that both have read.

    `overall` pools all features; answers within a recording depend on each other, so its intervals
    are narrower than they should be.
    """

    first: ReaderIdentity
    second: ReaderIdentity
    recordings: int
    features: Mapping[str, FeatureAgreement]
    overall: PairFigures


def compare(first: Sequence[Reading], second: Sequence[Reading]) -> Comparison:
    """Compare two readers, each with one reading per recording (at least one). Raises UserError."""
    pairs = match_readings(first, second)
    features = {}
    pooled = Counts()
    for feature in FEATURES:
        answers = [(one.answer(feature.id), other.answer(feature.id)) for one, other in pairs]
        counts = count_answers((one.presence, other.presence) for one, other in answers)
        pooled += counts
        side, sides = side_agreement(answers)
        features[feature.id] = FeatureAgreement(pair_figures(counts), overlap_figures(answers), side, sides)
    return Comparison(first[0].reader, second[0].reader, len(pairs), features, pair_figures(pooled))


def group_by_reader(readings: Sequence[Reading]) -> dict[str, list[Reading]]:
    """Readings by the name of their reader, those of one name with what tells them apart.

    A model that was asked alike of every recording is one reader, whatever belongs to each of them (see
    `ReaderIdentity.anywhere`), unless one recording was read by it more than once.
    """
    readers = _over_recordings(readings)
    names = name_readers(readers)
    groups: dict[str, list[Reading]] = {}
    for reading, reader in zip(readings, readers, strict=True):
        groups.setdefault(names[reader.exact_key], []).append(reading)
    return groups


def _over_recordings(readings: Sequence[Reading]) -> list[ReaderIdentity]:
    """As whom the reader of each reading counts; two readings of one recording are always told apart."""
    anywhere = [reading.reader.anywhere for reading in readings]
    groups: dict[str, list[Reading]] = {}
    for reading, reader in zip(readings, anywhere, strict=True):
        groups.setdefault(reader.exact_key, []).append(reading)
    once = {key for key, group in groups.items() if is_read_once(group)}
    return [
        reader if reader.exact_key in once else reading.reader
        for reading, reader in zip(readings, anywhere, strict=True)
    ]


def names_by_key(readers: Mapping[str, Sequence[Reading]]) -> dict[str, str]:
    """The names of grouped readers by the exact key of each of their readings."""
    return {one.reader.exact_key: name for name, readings in readers.items() for one in readings}


def compare_pairs(readers: Mapping[str, Sequence[Reading]]) -> dict[tuple[str, str], Comparison]:
    """Every two readers compared that have a recording in common."""
    found = {}
    for one, other in combinations(readers, 2):
        comparison = compare(readers[one], readers[other])
        if comparison.recordings:
            found[one, other] = comparison
    return found


def compare_together(
    recordings: Sequence[Sequence[Reading]], readers: Mapping[str, Sequence[Reading]]
) -> dict[str, ManyFigures]:
    """These readers at once, by feature; `recordings` holds each recording's readings."""
    names = names_by_key(readers)
    table: dict[str, list[list[Presence | None]]] = {feature.id: [] for feature in FEATURES}
    for readings in recordings:
        known = {names.get(reading.reader.exact_key, ""): reading for reading in readings}
        for feature in FEATURES:
            table[feature.id].append(
                [known[name].answer(feature.id).presence if name in known else None for name in readers]
            )
    return {feature: many_figures(found) for feature, found in table.items()}
