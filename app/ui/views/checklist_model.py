"""The table model of the checklist: headings and features, with the text of each row."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QSignalBlocker, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel

from app.core.answer_words import answer_words
from app.core.plain_text import plain
from app.core.presence_text import PRESENCE_NAMES
from app.core.reading import ReaderKind, Reading
from app.core.semiology import (
    FEATURE,
    FEATURES,
    GROUP_NAMES,
    Answer,
    Feature,
    Group,
    Laterality,
    Presence,
    in_group,
)
from app.core.study.disagreement import Differ, differ
from app.core.study.sequence import place_text
from app.ui.session.session import Session
from app.ui.views.reader_chooser import reader_name, shown_name

Index = QModelIndex | QPersistentModelIndex

NAME, MINE, READER, FURTHER = 0, 1, 2, 3

Heading = Group | str


def _rows(session: Session) -> tuple[Heading | Feature, ...]:
    """The rows in their groups, or in the order of onset, with features without onset below."""
    rows: list[Heading | Feature] = []
    if session.order.by_onset:
        begun = [name for name, _seconds in session.order.onsets]
        rest = [feature for feature in FEATURES if feature.id not in begun]
        return (IN_ORDER, *(FEATURE[name] for name in begun), WITHOUT_ONSET, *rest)
    for group in Group:
        rows.append(group)
        rows.extend(in_group(group))
    return tuple(rows)


IN_ORDER, WITHOUT_ONSET = "In order of onset", "Without an onset"


@dataclass(frozen=True, slots=True)
class FurtherAnswer:
    """What the narrow column of a further reader shows."""

    presence: Presence | None
    confidence: int | None
    laterality: Laterality | None
    has_evidence: bool
    has_note: bool
    kind: ReaderKind


@dataclass(frozen=True, slots=True)
class ChecklistRow:
    """What a row shows of its feature; a span that was dragged changes nothing of it."""

    feature: Feature
    name: str
    """In the order of onset with time and side of its onset."""
    open: bool
    """Whether a recording is open, so that there is something to answer."""
    mine: Presence | None
    reader: Answer | None
    """The shown reader's answer without its reason; None while no reader has answered anything."""
    reader_kind: ReaderKind | None
    my_side: Laterality | None = None
    reader_differs: bool = False
    """Whether the shown reader and the person differ."""
    differs: Differ | None = None
    """Whether the compared readers differ in it."""
    further: tuple[FurtherAnswer, ...] = ()


class ChecklistModel(QStandardItemModel):
    """Three headings and 20 features, with the text of each cell for screen readers.

    The items are Qt's, so that laying out and painting the list asks nothing of the session.
    """

    def __init__(self, session: Session, parent: QObject) -> None:
        # It goes with its view: items of a model that the garbage collector reaches first are freed twice.
        super().__init__(0, 4, parent)
        self._session = session
        self.further: Callable[[], tuple[Reading, ...]] = tuple
        """The readings that have a narrow column, from the left."""
        self.rows: tuple[Heading | Feature, ...] = ()
        self.row_of: dict[str, int] = {}
        self.shown: dict[int, ChecklistRow] = {}
        """What is painted in each row that is not a heading."""
        self._heading = ""
        self.arrange()
        self.refresh()

    def arrange(self) -> bool:
        """Sort the rows in the session's order; whether the order changed. `refresh` fills them."""
        rows = _rows(self._session)
        if rows == self.rows:
            return False
        self.removeRows(0, self.rowCount())
        self.rows = rows
        self.row_of = {row.id: number for number, row in enumerate(rows) if isinstance(row, Feature)}
        self.shown = {}
        for row in rows:
            self.appendRow([_item(row) for _column in (NAME, MINE, READER, FURTHER)])
            if not isinstance(row, Feature):
                self._name_heading(row)
        return True

    def _name_heading(self, heading: Heading) -> None:
        item = self.item(self.rowCount() - 1, NAME)
        words = GROUP_NAMES[heading] if isinstance(heading, Group) else heading
        item.setText(words)
        item.setAccessibleText(words)

    def feature(self, row: int) -> Feature | None:
        """The feature of a row, None for a heading."""
        found = self.rows[row]
        return found if isinstance(found, Feature) else None

    def refresh(self) -> None:
        """Announce the rows that show something else now."""
        onsets = dict(self._session.order.onsets) if self._session.order.by_onset else {}
        further = self.further()
        for feature in self.row_of:
            self._refresh_row(FEATURE[feature], onsets.get(feature), further)
        self._refresh_header()

    def refresh_mine(self, features: Collection[str]) -> None:
        """Announce the rows of these features, where only the person's answer is another now."""
        mine, differing = self._session.answers.mine, self._session.consensus.compared.differing
        for feature in features:
            number, answer = self.row_of[feature], mine.answer(feature)
            before = self.shown[number]
            now = replace(
                before,
                mine=answer.presence,
                my_side=answer.laterality,
                reader_differs=_differs(answer, before.reader),
                differs=differing.get(feature),
            )
            if now != before:
                others = self.item(number, READER), self.item(number, FURTHER)
                self._show(number, now, others[0].text(), others[1].text())

    def _refresh_row(self, feature: Feature, onset: float | None, further: tuple[Reading, ...]) -> None:
        number, shown = self.row_of[feature.id], self._row(feature, onset, further)
        if self.shown.get(number) != shown:
            reader = f"reader: {answer_words(shown.reader)}"
            self._show(number, shown, reader, "; ".join(self._words_of(one, feature) for one in further))

    def _show(self, number: int, shown: ChecklistRow, reader: str, further: str) -> None:
        self.shown[number] = shown
        mine = f"mine: {PRESENCE_NAMES[shown.mine]}"
        differs = "" if shown.differs is None else f", differs in {shown.differs.value}"
        with QSignalBlocker(self):
            for column, words in (
                (NAME, f"{mine}, {reader}{differs}"),
                (MINE, mine),
                (READER, reader),
                (FURTHER, further),
            ):
                item = self.item(number, column)
                item.setText(shown.feature.name if column == NAME else words)
                item.setAccessibleText(f"{shown.name}, {words}")
        self.dataChanged.emit(self.index(number, NAME), self.index(number, FURTHER))

    def _row(self, feature: Feature, onset: float | None, further: tuple[Reading, ...]) -> ChecklistRow:
        session, name = self._session, feature.name
        if onset is not None:
            seizure = session.answers.my_reading.moment("onset")
            name = f"{place_text(session.answers.in_view, feature.id, onset, seizure)}  {name}"
        mine, shown = session.answers.mine.answer(feature.id), session.answers.shown
        reader = None if shown is None else shown.answer(feature.id)
        return ChecklistRow(
            feature,
            name,
            session.opened.recording is not None,
            mine.presence,
            reader and replace(reader, evidence=(), explanation=""),
            None if shown is None else shown.reader.kind,
            mine.laterality,
            _differs(mine, reader),
            session.consensus.compared.differing.get(feature.id),
            tuple(self._further_answer(one, feature.id) for one in further),
        )

    def _further_answer(self, reading: Reading, feature: str) -> FurtherAnswer:
        answer, reader = reading.answer(feature), reading.reader
        note = bool(self._session.answers.note_of(reader, feature))
        return FurtherAnswer(
            answer.presence,
            answer.confidence,
            answer.laterality,
            bool(answer.evidence),
            note,
            reader.kind,
        )

    def _words_of(self, reading: Reading, feature: Feature) -> str:
        """A further reader's answer in words, with their note."""
        note = self._session.answers.note_of(reading.reader, feature.id)
        said = f"{reader_name(reading.reader)}: {answer_words(reading.answer(feature.id))}"
        return f"{said}, “{plain(note, 300)}”" if note else said

    def further_words(self, row: int, place: int) -> str:
        """What the narrow column at this place says in a row; "" where there is none."""
        feature, readings = self.feature(row), self.further()
        known = feature is not None and 0 <= place < len(readings)
        return self._words_of(readings[place], feature) if known and feature is not None else ""

    def _refresh_header(self) -> None:
        heading, self._heading = self._heading, shown_name(self._session)
        if heading != self._heading:
            self.setHorizontalHeaderLabels(["Feature", "Mine", self._heading, ""])
            for column in (NAME, MINE, READER):
                alignment = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
                self.horizontalHeaderItem(column).setTextAlignment(alignment)


def _differs(mine: Answer, reader: Answer | None) -> bool:
    """Whether the shown reader's answer differs from the person's."""
    return reader is not None and differ((mine, reader)) is not None


def _item(row: Heading | Feature) -> QStandardItem:
    item = QStandardItem()
    on = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
    item.setFlags(on if isinstance(row, Feature) else Qt.ItemFlag.NoItemFlags)
    return item
