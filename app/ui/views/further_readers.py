"""The head over further readers: who they are, which readers are compared, and how much differs."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QToolButton, QWidget

from app.core.plain_text import plain
from app.core.reading import Reading
from app.core.semiology import FEATURES
from app.core.study.consensus import is_consensus
from app.ui.session.session import Session
from app.ui.theme import small_font
from app.ui.views.reader_chooser import reader_name, reader_names
from app.ui.views.tool_tip import tool_tip

COLUMN = 32
"""Width of the column of a further reader, in device-independent pixels."""
_MORE = 28
"""Width of the button that says how many more there are."""


class FurtherReaders(QWidget):
    """A button for each column; the readers that have no room are counted, and scrolled into sight."""

    scrolled = Signal()
    """Other readers are in the columns."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._first = 0
        self._room = 1
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self.more = QToolButton()
        self.more.setAutoRaise(True)
        self.more.setFont(small_font())
        self.more.setFixedWidth(_MORE)
        self.more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self)
        self.menu.aboutToShow.connect(self._fill)
        self.more.setMenu(self.menu)
        session.appearance.theme_changed.connect(self.refresh)
        session.requests.further_readers.connect(self.open_menu)

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The readings that have a column now, from the left."""
        readings = self._session.answers.further
        first = min(self._first, max(0, len(readings) - self._room))
        return readings[first : first + self._room]

    def fit(self, width: int) -> int:
        """Take at most so many pixels; gives how many are needed, 0 without further readers."""
        count = len(self._session.answers.further)
        all_fit = count * COLUMN <= width
        self._room = count if all_fit else max(1, (width - _MORE) // COLUMN)
        needed = self._room * COLUMN + (0 if all_fit else _MORE)
        self.setVisible(count > 0)
        self.setFixedWidth(max(1, needed))
        self.refresh()
        return needed

    def scroll_by(self, columns: int) -> None:
        """Show the readers so many columns farther right, or left where that is negative."""
        self._scroll_to(self._first + columns)

    def bring(self, place: int) -> None:
        """Give the further reader at this place a column."""
        self._scroll_to(min(max(self._first, place - self._room + 1), place))

    def _scroll_to(self, first: int) -> None:
        most = max(0, len(self._session.answers.further) - self._room)
        self._first = min(max(0, first), most)
        self.refresh()
        self.scrolled.emit()

    def open_menu(self) -> None:
        """Let the keyboard choose which reader is brought into sight."""
        if self.more.isVisible():
            # Not `showMenu`, which returns only when the menu is closed.
            self.menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))
        else:
            self._session.status.say("every further reader has a column")

    def _fill(self) -> None:
        """Every further reader; those that have a column now are ticked."""
        self.menu.clear()
        shown = {id(one) for one in self.readings}
        names = self._names()
        for place, reading in enumerate(self._session.answers.further):
            action = QAction(names[id(reading)].replace("&", "&&"), self.menu)
            action.setCheckable(True)
            action.setChecked(id(reading) in shown)
            action.triggered.connect(lambda _on=False, place=place: self.bring(place))
            self.menu.addAction(action)

    def _names(self) -> dict[int, str]:
        """What each reading's reader is called, by the id of the reading."""
        everybody = self._session.answers.beside
        return {id(one): name for one, name in zip(everybody, reader_names(everybody), strict=True)}

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta()
        self.scroll_by(-1 if (turned.x() or turned.y()) > 0 else 1)
        event.accept()

    def refresh(self) -> None:
        """Name the readers."""
        while (item := self._row.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None and widget is not self.more:
                widget.deleteLater()
        names = self._names()
        for reading in self.readings:
            self._row.addWidget(self._head(reading, names[id(reading)]))
        self._row.addWidget(self.more)
        self._show_more(names)
        self._row.addStretch(1)

    def _show_more(self, names: Mapping[int, str]) -> None:
        """Say how many have no column, and who."""
        shown = {id(one) for one in self.readings}
        hidden = [names[id(one)] for one in self._session.answers.further if id(one) not in shown]
        theme = self._session.appearance.theme
        self.more.setText(f"+{len(hidden)}")
        said = f"{len(hidden)} more: {plain(', '.join(hidden), 300)}"
        self.more.setToolTip(tool_tip(said))
        self.more.setAccessibleName(said)
        self.more.setVisible(bool(hidden))
        self.more.setStyleSheet(
            f"QToolButton {{ padding: 0; background: {theme.panel}; color: {theme.text};"
            " border: 1px solid transparent; }"
            "QToolButton::menu-indicator { image: none; width: 0; }"
            f"QToolButton:hover {{ background: {theme.hover}; }}"
            f"QToolButton:focus {{ border-color: {theme.text}; }}"
        )

    def _head(self, reading: Reading, name: str) -> QPushButton:
        theme, button = self._session.appearance.theme, QPushButton()
        button.setFont(small_font())
        button.setFlat(True)
        button.setFixedWidth(COLUMN)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        short = plain(reader_name(reading.reader), 40)
        fitting = button.fontMetrics().elidedText(short, Qt.TextElideMode.ElideRight, COLUMN - 6)
        button.setText(fitting.replace("&", "&&"))
        button.setToolTip(tool_tip(f"{name}: show with evidence and reason"))
        button.setAccessibleName(f"Show {name}")
        button.clicked.connect(lambda: self._session.answers.show_reader(reading.reader))
        button.setStyleSheet(
            f"QPushButton {{ background: {theme.panel}; color: {theme.beside(reading.reader.kind)};"
            " border: 1px solid transparent; padding: 1px 2px; text-align: center; }"
            f"QPushButton:hover {{ background: {theme.hover}; }}"
            f"QPushButton:focus {{ border-color: {theme.text}; }}"
        )
        return button


class DifferCount(QPushButton):
    """How many features differ, with the choice of the readers that are compared."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._shown: tuple[object, ...] = ()
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill)
        self.setMenu(self._menu)
        self.setFlat(True)
        self.setFont(small_font())
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def refresh(self) -> bool:
        """Count anew; whether something else is shown."""
        session, compared = self._session, self._session.consensus.compared
        several = len(session.answers.others) > 0
        count, theme = len(compared.differing), session.appearance.theme
        now = (several, count, compared.onsets_differ, theme.mode)
        if now == self._shown:
            return False
        self._shown = now
        onsets = ", and the marked onsets do" if compared.onsets_differ else ""
        self.setVisible(several)
        self.setText(f"{count} differ" + (" + onset" if onsets else ""))
        self.setToolTip(
            tool_tip(
                f"{count} of {len(FEATURES)} features differ between the compared readers, in presence or "
                f"side{onsets}. Ctrl+D goes to the next; choose here who is compared."
            )
        )
        self.setAccessibleName(f"{self.text()}: choose the readers that are compared")
        self.adjustSize()
        colour = theme.caution if count else theme.muted
        self.setStyleSheet(
            f"QPushButton {{ background: {theme.panel}; color: {colour}; border: 1px solid transparent;"
            " padding: 1px 16px 1px 4px; }"
            f"QPushButton:hover {{ background: {theme.hover}; }}"
            f"QPushButton:focus {{ border-color: {theme.text}; }}"
        )
        return True

    def _fill(self) -> None:
        self._menu.clear()
        others = self._session.answers.others
        for name, reading in zip(reader_names(others), others, strict=True):
            if not is_consensus(reading.reader):
                self._row(name, reading)

    def _row(self, name: str, reading: Reading) -> None:
        compared, reader = self._session.consensus.compared, reading.reader
        action = QAction(name.replace("&", "&&"), self._menu)
        action.setCheckable(True)
        action.setChecked(reader.key not in compared.left_out)
        action.toggled.connect(lambda on: compared.compare(reader, on=on))
        self._menu.addAction(action)
