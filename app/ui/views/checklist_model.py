"""The table model of the checklist: headings and features, with the text of each row."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSignalBlocker, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel

from app.core.presence_text import PRESENCE_NAMES
from app.core.reading import ReaderKind
from app.core.semiology import FEATURE, FEATURES, GROUP_NAMES, Answer, Feature, Group, Presence, in_group
from app.core.study.sequence import place_text
from app.ui.session.session import Session
from app.ui.views.reader_chooser import shown_name

Index = QModelIndex | QPersistentModelIndex

NAME, MINE, READER = 0, 1, 2

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


class ChecklistModel(QStandardItemModel):
    """Three headings and 20 features, with the text of each cell for screen readers.

    The items are Qt's, so that laying out and painting the list asks nothing of the session.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(0, 3, session)
        self._session = session
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
            self.appendRow([_item(row) for _column in (NAME, MINE, READER)])
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

    def refresh(self, features: Collection[str] | None = None) -> None:
        """Announce the rows that show something else now, of these features or of all."""
        onsets = dict(self._session.order.onsets) if self._session.order.by_onset else {}
        for feature in self.row_of if features is None else features:
            self._refresh_row(FEATURE[feature], onsets.get(feature))
        if features is None:
            self._refresh_header()

    def _refresh_row(self, feature: Feature, onset: float | None) -> None:
        number, shown = self.row_of[feature.id], self._row(feature, onset)
        if self.shown.get(number) == shown:
            return
        self.shown[number] = shown
        mine = f"mine: {PRESENCE_NAMES[shown.mine]}"
        reader = f"reader: {answer_words(shown.reader)}"
        with QSignalBlocker(self):
            for column, words in ((NAME, f"{mine}, {reader}"), (MINE, mine), (READER, reader)):
                item = self.item(number, column)
                item.setText(feature.name if column == NAME else words)
                item.setAccessibleText(f"{shown.name}, {words}")
        self.dataChanged.emit(self.index(number, NAME), self.index(number, READER))

    def _row(self, feature: Feature, onset: float | None) -> ChecklistRow:
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
            reader and Answer(feature.id, reader.presence, reader.confidence, laterality=reader.laterality),
            None if shown is None else shown.reader.kind,
        )

    def _refresh_header(self) -> None:
        heading, self._heading = self._heading, shown_name(self._session)
        if heading != self._heading:
            self.setHorizontalHeaderLabels(["Feature", "Mine", self._heading])
            for column in (NAME, MINE, READER):
                alignment = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
                self.horizontalHeaderItem(column).setTextAlignment(alignment)


def _item(row: Heading | Feature) -> QStandardItem:
    item = QStandardItem()
    on = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
    item.setFlags(on if isinstance(row, Feature) else Qt.ItemFlag.NoItemFlags)
    return item


def answer_words(answer: Answer | None) -> str:
    """An answer in words: presence, confidence, side."""
    if answer is None:
        return PRESENCE_NAMES[None]
    parts = [PRESENCE_NAMES[answer.presence]]
    if answer.confidence is not None:
        parts.append(f"confidence {answer.confidence}")
    if answer.laterality is not None:
        parts.append(answer.laterality.value)
    return ", ".join(parts)
