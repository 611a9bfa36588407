"""Tables of labels as research groups keep them: a row for each recording or segment, a column a feature.

CSV with commas, semicolons or tabs, or the first sheet of a workbook. Docs: docs/evaluation.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.core.agreement.anchors import ANCHORS
from app.core.agreement.comparison import group_by_reader
from app.core.errors import UserError
from app.core.evaluation.label_columns import RATING, STATE, LabelColumns, is_exported, label_columns
from app.core.evaluation.label_words import side_of, state_of
from app.core.evaluation.labels import PRESENCES, FeatureLabel, LabelledCase, ReaderLabels, labels_of_reading
from app.core.evaluation.merge_segments import SegmentRow, merge_segments
from app.core.evaluation.recording_names import NameMap, name_map, segment_of
from app.core.exchange import long_table, wide_table
from app.core.exchange.codec import Source, load
from app.core.exchange.csv_file import read_csv
from app.core.exchange.meaning import NOTHING_MAPPED, Meaning
from app.core.exchange.phrases import confidence_of, normalise_name, shorten, time_of
from app.core.exchange.table import FoundTable
from app.core.exchange.workbook import read_workbook
from app.core.reading import Reading
from app.core.same_names import recording_key
from app.core.semiology import Answer, Span

_Places = Mapping[int, Mapping[str, str]]
"""Where the answers of a reading stand, by feature, for each reading by its `id`."""

NO_PLACES: _Places = {}

_SCORES = frozenset(str(anchor.score) for anchor in ANCHORS)


@dataclass(frozen=True, slots=True)
class LabelTable:
    """The labels of each reader of a table (one of "" without a column for readers), and remarks and
    asides on it, as in `Imported`.

    `unknown` are its columns and features that are not ours and hold what may be answers; `changed` of its
    answers are marked as changed after unblinding.
    """

    labels: tuple[ReaderLabels, ...]
    remarks: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    asides: tuple[str, ...] = ()
    changed: int = 0


def read_table(source: Source) -> FoundTable:
    """A table as text, from its titles on. Raises UserError."""
    workbook = source.name.casefold().endswith((".xlsx", ".xlsm"))
    return read_workbook(source) if workbook else read_csv(source)


def names_in(table: Path | None) -> NameMap:
    """The map that a table of names is, none without one. Raises UserError."""
    return {} if table is None else name_map(table_rows(load(table)))


def table_rows(source: Source) -> Sequence[Sequence[str]]:
    """The rows of a table as text, from its titles on. Raises UserError."""
    return read_table(source).rows


def read_label_table(
    source: Source, names: NameMap, meaning: Meaning = NOTHING_MAPPED, *, several: bool = False
) -> LabelTable:
    """The labels of a table in any layout that is understood. Raises UserError that names the file.

    With `several` a reader may have several rows of one recording, each of which is a case; else that is an
    error.
    """
    try:
        table = read_table(source)
        if is_exported(table.titles):
            return _exported(table, names, meaning)
        return _by_recording(table, names, meaning, several=several)
    except UserError as error:
        raise UserError(str(error) if source.name in str(error) else f"“{source.name}”: {error}") from error


def cases_of_readings(
    readings: Sequence[Reading], names: NameMap, places: _Places = NO_PLACES
) -> tuple[LabelledCase, ...]:
    """One reader's readings as cases; `places` says where the answers of a reading stand, by its `id`."""
    return tuple(
        LabelledCase(
            one.recording.name,
            matched_key(recording_key(one.recording.name), names),
            labels_of_reading(one),
            one.recording.sha256,
            places=places.get(id(one), {}),
        )
        for one in readings
    )


def labels_of_readings(
    readings: Sequence[Reading], names: NameMap, places: _Places = NO_PLACES
) -> tuple[ReaderLabels, ...]:
    """The labels of each reader of these readings."""
    groups = group_by_reader(readings)
    return tuple(
        ReaderLabels(
            name if found[0].reader.name else "",
            cases_of_readings(found, names, places),
            found[0].reader.kind,
        )
        for name, found in groups.items()
    )


def matched_key(key: str, names: NameMap) -> str:
    """The key by which a recording is matched, after the map of names."""
    return names.get(key, key)


def _exported(table: FoundTable, names: NameMap, meaning: Meaning) -> LabelTable:
    long = any(normalise_name(title) == "feature" for title in table.titles)
    imported = (long_table if long else wide_table).from_table(table, meaning)
    entries = imported.bundle.recordings
    places = {
        id(reading): where
        for entry in entries
        for reading, where in zip(entry.readings, entry.all_places(), strict=True)
    }
    labels = labels_of_readings(imported.bundle.readings, names, places)
    return LabelTable(labels, imported.remarks, imported.unknown, imported.asides, imported.changed)


@dataclass(slots=True)
class _LabelRows:
    """The rows of a table while it is read: cases and segments by reader and key."""

    columns: LabelColumns
    names: NameMap
    decimal_comma: bool = False
    several: bool = False
    whole: dict[tuple[str, str], list[LabelledCase]] = field(default_factory=dict)
    segments: dict[tuple[str, str], list[SegmentRow]] = field(default_factory=dict)
    unreadable: Counter[str] = field(default_factory=Counter)

    def add(self, number: int, cells: Sequence[str]) -> None:
        name = _cell(cells, self.columns.name)
        if not name:
            raise UserError(f"Row {number} names no recording.")
        key, segment = segment_of(name)
        who = _cell(cells, self.columns.reader), matched_key(key, self.names)
        labels = {
            feature: self._label(number, {part: _cell(cells, at) for part, at in places.items()}, feature)
            for feature, places in self.columns.features.items()
        }
        free, places = _free(self.columns, cells), {"": f"row {number}"}
        case = LabelledCase(name, who[1], labels, columns=free, places=places)
        if segment is None:
            rows = self.whole.setdefault(who, [])
            rows.append(case)
            if len(rows) > 1 and not self.several:
                raise UserError(f"Row {number} is a second row of “{shorten(name)}” by the same reader.")
        else:
            self.segments.setdefault(who, []).append(SegmentRow(segment, case))

    def _label(self, number: int, texts: Mapping[str, str], feature: str) -> FeatureLabel:
        state = state_of(texts.get(STATE, ""), f"Row {number}, column {feature},")
        answer = Answer(
            feature,
            PRESENCES.get(state),
            self._confidence(texts.get("confidence", "")),
            self._evidence(texts.get("start", ""), texts.get("end", "")),
            side_of(texts.get("side", "")),
            texts.get("explanation", "").encode("utf-8", "replace").decode("utf-8"),
        )
        return FeatureLabel(state, answer, dict(self._ratings(texts)))

    def _ratings(self, texts: Mapping[str, str]) -> Iterator[tuple[str, int]]:
        """The scores of the explanation, 1–5, by rater."""
        for part, text in texts.items():
            if part.startswith(RATING) and text:
                if text in _SCORES:
                    yield part.removeprefix(RATING), int(text)
                else:
                    self.unreadable["rating"] += 1

    def _confidence(self, word: str) -> int | None:
        try:
            return confidence_of(word, "")
        except UserError:
            self.unreadable["confidence"] += 1
            return None

    def _evidence(self, start: str, end: str) -> tuple[Span, ...]:
        if not start:
            return ()
        times = [time_of(time, decimal_comma=self.decimal_comma) for time in (start, end or start)]
        if times[0] is None or times[1] is None or times[1] < times[0]:
            self.unreadable["time"] += 1
            return ()
        return (Span(times[0], times[1]),)


def _by_recording(table: FoundTable, names: NameMap, meaning: Meaning, *, several: bool) -> LabelTable:
    columns = label_columns(table.titles, meaning)
    found = _LabelRows(columns, names, table.decimal_comma, several)
    for number, cells in table.numbered():
        found.add(number, cells)
    both = found.whole.keys() & found.segments.keys()
    if both:
        name = shorten(min(both)[1])
        raise UserError(f"The table has “{name}” both as a whole and in segments.")
    merged = merge_segments(found.segments)
    readers: dict[str, list[LabelledCase]] = {}
    for (reader, _), cases in (*found.whole.items(), *((who, [case]) for who, case in merged.items())):
        readers.setdefault(reader, []).extend(cases)
    labels = tuple(ReaderLabels(reader, tuple(cases)) for reader, cases in readers.items())
    unknown = tuple(title for title in _like_answers(table, columns) if not meaning.is_left_out(title))
    return LabelTable(labels, (*table.remarks, *_remarks(found.unreadable)), unknown, table.asides)


def _like_answers(table: FoundTable, columns: LabelColumns) -> Iterator[str]:
    """The titles of free columns in which every cell reads as an answer, and one says yes or no."""
    for title, place in columns.free.items():
        words = {_cell(cells, place) for _, cells in table.numbered()}
        if any(map(_is_yes_or_no, words)) and all(map(_is_answer, words)):
            yield title


def _is_answer(word: str) -> bool:
    try:
        state_of(word, "")
    except UserError:
        return False
    return True


def _is_yes_or_no(word: str) -> bool:
    return word.casefold().rstrip(".") in ("yes", "no")


def _remarks(unreadable: Mapping[str, int]) -> Iterator[str]:
    if unreadable.get("time"):
        yield f"Times that could not be read and were left out: {unreadable['time']}."
    if unreadable.get("rating"):
        yield f"Ratings that are not 1 to 5 and were left out: {unreadable['rating']}."
    if unreadable.get("confidence"):
        yield f"Confidences that are not 0 to 100 and were left out: {unreadable['confidence']}."


def _free(columns: LabelColumns, cells: Sequence[str]) -> dict[str, str]:
    return {title: _cell(cells, place) for title, place in columns.free.items()}


def _cell(cells: Sequence[str], place: int | None) -> str:
    return cells[place].strip() if place is not None and place < len(cells) else ""
