"""Tables of labels as research groups keep them: a row for each recording or segment, a column a feature.

CSV with commas, semicolons or tabs, or the first sheet of a workbook. Docs: docs/evaluation.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.core.agreement.comparison import group_by_reader
from app.core.errors import UserError
from app.core.evaluation.label_columns import STATE, LabelColumns, is_exported, label_columns
from app.core.evaluation.label_words import side_of, state_of, time_of
from app.core.evaluation.labels import PRESENCES, FeatureLabel, LabelledCase, ReaderLabels, labels_of_reading
from app.core.evaluation.merge_segments import SegmentRow, merge_segments
from app.core.evaluation.recording_names import NameMap, name_key, segment_of
from app.core.exchange import long_table, wide_table
from app.core.exchange.codec import Source
from app.core.exchange.csv_file import csv_rows
from app.core.exchange.phrases import confidence_of, normalise_name, shorten
from app.core.exchange.xlsx_file import xlsx_rows
from app.core.reading import Reading
from app.core.semiology import Answer, Span

TABLE_SUFFIXES = (".csv", ".tsv", ".tab", ".txt", ".xlsx", ".xlsm")
"""How the names of files end that are read as tables."""


@dataclass(frozen=True, slots=True)
class LabelTable:
    """The labels of each reader of a table (one of "" without a column for readers), and remarks on it."""

    labels: tuple[ReaderLabels, ...]
    remarks: tuple[str, ...] = ()


def table_rows(source: Source) -> list[list[str]]:
    """The rows of a table as text. Raises UserError."""
    workbook = source.name.casefold().endswith((".xlsx", ".xlsm"))
    return list(xlsx_rows(source) if workbook else csv_rows(source))


def read_label_table(source: Source, names: NameMap) -> LabelTable:
    """The labels of a table in any layout that is understood. Raises UserError that names the file."""
    try:
        rows = table_rows(source)
        header = rows[0] if rows else []
        return _exported(rows, names) if is_exported(header) else _by_recording(rows, names)
    except UserError as error:
        raise UserError(str(error) if source.name in str(error) else f"“{source.name}”: {error}") from error


def cases_of_readings(readings: Sequence[Reading], names: NameMap) -> tuple[LabelledCase, ...]:
    """One reader's readings as cases."""
    return tuple(
        LabelledCase(
            one.recording.name,
            matched_key(name_key(one.recording.name), names),
            labels_of_reading(one),
            one.recording.sha256,
        )
        for one in readings
    )


def labels_of_readings(readings: Sequence[Reading], names: NameMap) -> tuple[ReaderLabels, ...]:
    """The labels of each reader of these readings."""
    groups = group_by_reader(readings)
    return tuple(
        ReaderLabels(name if found[0].reader.name else "", cases_of_readings(found, names))
        for name, found in groups.items()
    )


def matched_key(key: str, names: NameMap) -> str:
    """The key by which a recording is matched, after the map of names."""
    return names.get(key, key)


def _exported(rows: list[list[str]], names: NameMap) -> LabelTable:
    long = any(normalise_name(title) == "feature" for title in rows[0])
    imported = (long_table if long else wide_table).from_rows(rows)
    return LabelTable(labels_of_readings(imported.bundle.readings, names), imported.remarks)


@dataclass(slots=True)
class _Rows:
    """The rows of a table while it is read: cases and segments by reader and key."""

    columns: LabelColumns
    names: NameMap
    whole: dict[tuple[str, str], LabelledCase] = field(default_factory=dict)
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
        case = LabelledCase(name, who[1], labels, columns=_free(self.columns, cells))
        if segment is None:
            if self.whole.setdefault(who, case) is not case:
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
        return FeatureLabel(state, answer)

    def _confidence(self, word: str) -> int | None:
        try:
            return confidence_of(word, "")
        except UserError:
            self.unreadable["confidence"] += 1
            return None

    def _evidence(self, start: str, end: str) -> tuple[Span, ...]:
        if not start:
            return ()
        times = time_of(start), time_of(end or start)
        if times[0] is None or times[1] is None or times[1] < times[0]:
            self.unreadable["time"] += 1
            return ()
        return (Span(times[0], times[1]),)


def _by_recording(rows: list[list[str]], names: NameMap) -> LabelTable:
    columns = label_columns(rows[0] if rows else [])
    found = _Rows(columns, names)
    for number, cells in enumerate(rows[1:], 2):
        if any(cell.strip() for cell in cells):
            found.add(number, cells)
    both = found.whole.keys() & found.segments.keys()
    if both:
        name = shorten(min(both)[1])
        raise UserError(f"The table has “{name}” both as a whole and in segments.")
    merged = merge_segments(found.segments)
    readers: dict[str, list[LabelledCase]] = {}
    for (reader, _), case in (*found.whole.items(), *merged.items()):
        readers.setdefault(reader, []).append(case)
    labels = tuple(ReaderLabels(reader, tuple(cases)) for reader, cases in readers.items())
    return LabelTable(labels, tuple(_remarks(found.unreadable)))


def _remarks(unreadable: Mapping[str, int]) -> Iterator[str]:
    if unreadable.get("time"):
        yield f"Times that could not be read and were left out: {unreadable['time']}."
    if unreadable.get("confidence"):
        yield f"Confidences that are not 0 to 100 and were left out: {unreadable['confidence']}."


def _free(columns: LabelColumns, cells: Sequence[str]) -> dict[str, str]:
    return {title: _cell(cells, place) for title, place in columns.free.items()}


def _cell(cells: Sequence[str], place: int | None) -> str:
    return cells[place].strip() if place is not None and place < len(cells) else ""
