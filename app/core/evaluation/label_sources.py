"""Labels from where they are kept: tables, readings as JSON, folders of them, exported and whole studies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.core.agreement.comparison import group_by_reader
from app.core.agreement.study_readings import (
    RecordingReadings,
    answered_readings,
    count_withheld,
    default_reference,
    possible_references,
    visible_ratings,
    visible_recordings,
)
from app.core.errors import UserError
from app.core.evaluation.case_grid import may_be_same
from app.core.evaluation.label_tables import (
    cases_of_readings,
    labels_of_readings,
    read_label_table,
)
from app.core.evaluation.labels import LabelledCase, ReaderLabels
from app.core.evaluation.recording_names import NameMap
from app.core.exchange.codec import load
from app.core.exchange.phrases import shorten
from app.core.exchange.reading_files import read_readings
from app.core.exchange.study_json import FORMAT, StudyJson
from app.core.exchange.table_files import is_table
from app.core.reading import Reading
from app.core.study.blind_readings import AnswersUsed, describe_changed_in_file
from app.core.study.consensus import is_consensus
from app.core.study.database import FILE_NAME
from app.core.study.program_spans import count_beyond_people
from app.core.study.ratings import StoredRating
from app.core.study.store import Study
from app.core.study.viewer import Seal, Viewer, sealed_error, sealed_from, settle_seal

_PURPOSE = "evaluation"

OpenStudy = Callable[[Path], AbstractContextManager[tuple[Study, Viewer]]]
"""Opens the study in a folder, and says for whom it is read."""


@dataclass(frozen=True, slots=True)
class NamedSource:
    """Where labels are: `path`, and the reader that is meant there or what the only one is to be called."""

    path: Path
    name: str | None = None


@dataclass(frozen=True, slots=True)
class SourceLabels:
    """The labels of each reader of a source; `usual` is the usual reference, if any."""

    labels: tuple[ReaderLabels, ...]
    usual: str | None = None


@dataclass(slots=True)
class LabelShelf:
    """Reads each source once; collects remarks on them and what was sealed.

    `used` says which answers of a study count of those who read blind.
    """

    names: NameMap
    open_study: OpenStudy
    used: AnswersUsed = AnswersUsed.NOW
    remarks: list[str] = field(default_factory=list)
    seals: list[Seal] = field(default_factory=list)
    _read: dict[Path, SourceLabels] = field(default_factory=dict)

    def of(self, path: Path) -> SourceLabels:
        """The labels at `path`. Raises UserError."""
        if path not in self._read:
            self._read[path] = self._found(path)
        return self._read[path]

    def joined(self, paths: Sequence[Path]) -> NamedSource:
        """The readings of several files as one source."""
        readings = [reading for path in paths for reading in self._readings_at(path)]
        self._read[paths[0]] = SourceLabels(labels_of_readings(readings, self.names))
        return NamedSource(paths[0])

    def _found(self, path: Path) -> SourceLabels:
        if is_study(path):
            return self._of_study(path)
        if is_table(path) and not path.is_dir():
            table = read_label_table(load(path), self.names)
            self._say_of(path, *table.remarks, *table.asides, *describe_changed_in_file(table.changed))
            return SourceLabels(table.labels)
        return SourceLabels(labels_of_readings(self._readings_at(path), self.names))

    def _readings_at(self, path: Path) -> Sequence[Reading]:
        """The readings of a JSON file, of an exported study, or of a folder of readings. Raises UserError."""
        source = None if path.is_dir() else load(path)
        if source is None or FORMAT.encode() not in source.content[:4096]:
            return read_readings([path])
        imported = StudyJson().read(source)
        self._say_of(path, *describe_changed_in_file(imported.changed))
        return imported.bundle.readings

    def _say_of(self, path: Path, *remarks: str) -> None:
        """Add remarks on a file, once, however often it is read."""
        said = dict.fromkeys((*self.remarks, *(f"{path.name}: {remark}" for remark in remarks)))
        self.remarks = [*said]

    def _of_study(self, folder: Path) -> SourceLabels:
        with self.open_study(folder) as (study, viewer):
            return self._visible(study, viewer)

    def _visible(self, study: Study, viewer: Viewer) -> SourceLabels:
        found = visible_recordings(study, viewer, used=self.used)
        seal = settle_seal(study, viewer, count_withheld(found), _PURPOSE)
        self.seals.append(seal)
        answered = answered_readings(found)
        if not answered:
            raise sealed_error(seal, "Nobody whose answers may be seen has answered anything in this study.")
        ratings = _ratings_of(visible_ratings(study, viewer), study)
        contents = {row.fingerprint: row.sha256 or "" for row in study.recordings()}
        readers = sealed_from(study, viewer)
        columns = {
            row.fingerprint: study.patient_data(row.id, viewers=readers).texts for row in study.recordings()
        }
        changed = {
            (one.recording.sha256, one.reader.exact_key): each.changed.get(one.reader.exact_key, 0)
            for each in found
            for one in each.readings
        }
        labels = tuple(
            ReaderLabels(
                name,
                tuple(
                    _known(_rated(case, ratings.get(one.reader.exact_key, {})), contents, columns)
                    for one, case in zip(readings, cases_of_readings(readings, self.names), strict=True)
                ),
                readings[0].reader.kind,
                sum(changed.get((one.recording.sha256, one.reader.exact_key), 0) for one in readings),
                _beyond_people(study, found) if is_consensus(readings[0].reader) else 0,
            )
            for name, readings in group_by_reader(answered).items()
        )
        usual = default_reference(possible_references(found), study.settings().reference)
        return SourceLabels(labels, usual)


def _beyond_people(study: Study, found: Iterable[RecordingReadings]) -> int:
    """How many visible answers of the consensus have spans that only a program marked."""
    decided = (one for one in found if any(is_consensus(reading.reader) for reading in one.readings))
    return sum(count_beyond_people(study, one.number) for one in decided)


_Ratings = dict[str, dict[tuple[str, str], dict[str, int]]]
"""Scores by the rated reader, by fingerprint and feature, by rater."""


def _ratings_of(stored: Iterable[StoredRating], study: Study) -> _Ratings:
    """The ratings of explanations that are still the same."""
    fingerprints = {row.id: row.fingerprint for row in study.recordings()}
    found: _Ratings = {}
    for one in stored:
        if one.current:
            place = fingerprints[one.explained.recording_id], one.explained.feature
            rated = found.setdefault(one.explained.reader.exact_key, {})
            rated.setdefault(place, {})[one.rater.name] = one.rating.score
    return found


def _rated(case: LabelledCase, ratings: dict[tuple[str, str], dict[str, int]]) -> LabelledCase:
    """A case of a study with the scores of its explanations."""
    labels = {
        feature: replace(label, ratings=ratings.get((case.sha256, feature), {}))
        for feature, label in case.labels.items()
    }
    return replace(case, labels=labels)


def _known(
    case: LabelledCase, contents: Mapping[str, str], columns: Mapping[str, Mapping[str, str]]
) -> LabelledCase:
    """A case of a study, whose readings name a recording's content by its fingerprint, with what the study
    says of patient and event as columns."""
    key = case.sha256
    return replace(case, sha256=contents.get(key, ""), fingerprint=key, columns=columns.get(key, {}))


def is_study(path: Path) -> bool:
    """Whether a study is in this folder."""
    return path.is_dir() and (path / FILE_NAME).exists()


def reference_labels(shelf: LabelShelf, sources: Iterable[NamedSource]) -> ReaderLabels:
    """The labels that others are scored against, from all of these sources together. Raises UserError."""
    chosen = chosen_readers(shelf, sources)
    _check_one_reference(chosen)
    name = ", ".join(dict.fromkeys(labels.reader for labels in chosen))
    kinds = {labels.kind for labels in chosen}
    cases = tuple(case for labels in chosen for case in labels.cases)
    return ReaderLabels(
        name,
        cases,
        kinds.pop() if len(kinds) == 1 else None,
        sum(labels.changed for labels in chosen),
        sum(labels.beyond_people for labels in chosen),
    )


def _check_one_reference(chosen: Sequence[ReaderLabels]) -> None:
    """Raise UserError when two readers have answered the same recording."""
    seen: dict[str, tuple[str, LabelledCase]] = {}
    for labels in chosen:
        for case in labels.cases:
            name, other = seen.setdefault(case.key, (labels.reader, case))
            if name != labels.reader and may_be_same(case, other):
                raise UserError(
                    f"“{shorten(case.name)}” has two references, by {shorten(name)} and by "
                    f"{shorten(labels.reader)}; say who is right: --reference NAME=PATH."
                )


def chosen_readers(shelf: LabelShelf, sources: Iterable[NamedSource]) -> list[ReaderLabels]:
    """The labels of each reader that these sources name as right, each with a name. Raises UserError."""
    return [
        replace(labels, reader=labels.reader or source.path.stem)
        for source in sources
        for labels in _of_reference(shelf, source)
    ]


def _of_reference(shelf: LabelShelf, source: NamedSource) -> Sequence[ReaderLabels]:
    found = shelf.of(source.path)
    wanted = source.name or found.usual
    if wanted is None and is_study(source.path):
        known = ", ".join(labels.reader for labels in found.labels)
        raise UserError(f"Say who is right: --reference NAME={source.path.name}. There are: {known}.")
    return found.labels if wanted is None else [_named(found, wanted, source.path)]


def reader_labels(
    shelf: LabelShelf, sources: Sequence[NamedSource], reference: Sequence[NamedSource]
) -> dict[str, ReaderLabels]:
    """The labels of each reader that is scored, by a name that no two have. Raises UserError.

    Of a source that also holds the reference, the reference itself is left out. Readings as JSON of one
    reader are joined from all files that are not given a name.
    """
    known: dict[str, list[tuple[Path, ReaderLabels]]] = {}
    for source in _pooled(shelf, sources):
        taken = _reference_readers(shelf, source, reference)
        for labels in _of_reading(shelf, source):
            if source.name is not None or labels.reader not in taken:
                known.setdefault(labels.reader or source.path.stem, []).append((source.path, labels))
    if not known:
        raise UserError("There is no reading to score besides the reference.")
    return dict(_distinct(known))


def _pooled(shelf: LabelShelf, sources: Sequence[NamedSource]) -> Iterator[NamedSource]:
    """The sources; files of readings without a name are read together, in the place of the first."""
    loose = [one.path for one in sources if one.name is None and _holds_readings(one.path)]
    for source in sources:
        if len(loose) < 2 or source.path not in loose:
            yield source
        elif source.path == loose[0]:
            yield shelf.joined(loose)


def _holds_readings(path: Path) -> bool:
    return not is_study(path) and (path.is_dir() or not is_table(path))


def _of_reading(shelf: LabelShelf, source: NamedSource) -> Sequence[ReaderLabels]:
    found = shelf.of(source.path)
    return found.labels if source.name is None else [_named(found, source.name, source.path)]


def _reference_readers(
    shelf: LabelShelf, source: NamedSource, reference: Sequence[NamedSource]
) -> frozenset[str]:
    """The readers of this source that are the reference."""
    return frozenset(
        labels.reader for one in reference if one.path == source.path for labels in _of_reference(shelf, one)
    )


def _named(found: SourceLabels, name: str, path: Path) -> ReaderLabels:
    for labels in found.labels:
        if labels.reader == name:
            return labels
    if len(found.labels) == 1 and not is_study(path):
        return replace(found.labels[0], reader=name)
    known = ", ".join(labels.reader for labels in found.labels)
    raise UserError(f"“{path.name}” has no reader called “{shorten(name)}”. There are: {known}.")


def _distinct(known: dict[str, list[tuple[Path, ReaderLabels]]]) -> Iterator[tuple[str, ReaderLabels]]:
    used: set[str] = set()
    for name, found in known.items():
        for path, labels in found:
            called = name if len(found) == 1 else f"{name} ({path.stem})"
            if called in used:
                raise UserError(f"Two readings are called “{shorten(called)}”; give them names: NAME=PATH.")
            used.add(called)
            yield called, labels
