"""The head over further readers: who they are, which readers are compared, and how much differs."""

from __future__ import annotations

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

COLUMN = 32
"""Width of the column of a further reader, in device-independent pixels."""
_ARROW = 14


class FurtherReaders(QWidget):
    """A button for each column; more readers than have room are scrolled."""

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
        self.more.setText("›")
        self.more.setAutoRaise(True)
        self.more.setFixedWidth(_ARROW)
        self.more.setStyleSheet("QToolButton { padding: 0; background: transparent; }")
        self.more.setToolTip("The next readers")
        self.more.setAccessibleName("The next readers")
        self.more.clicked.connect(lambda: self.scroll_by(1))
        session.appearance.theme_changed.connect(self.refresh)

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The readings that have a column now, from the left."""
        readings = self._session.answers.further
        first = min(self._first, max(0, len(readings) - self._room))
        return readings[first : first + self._room]

    def fit(self, width: int) -> int:
        """Take at most so many pixels; gives how many are needed, 0 without further readers."""
        count = len(self._session.answers.further)
        self._room = max(1, min(count, (width - _ARROW) // COLUMN))
        needed = 0 if count == 0 else self._room * COLUMN + _ARROW
        self.setVisible(count > 0)
        self.setFixedWidth(max(1, needed))
        self.refresh()
        return needed

    def scroll_by(self, columns: int) -> None:
        """Show the readers so many columns further, from the last round to the first."""
        most = max(0, len(self._session.answers.further) - self._room)
        place = self._first + columns
        self._first = 0 if place > most else max(0, place)
        self.refresh()
        self.scrolled.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.scroll_by(-1 if event.angleDelta().y() > 0 else 1)
        event.accept()

    def refresh(self) -> None:
        """Name the readers."""
        while (item := self._row.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None and widget is not self.more:
                widget.deleteLater()
        everybody = self._session.answers.beside
        names = {id(one): name for one, name in zip(everybody, reader_names(everybody), strict=True)}
        for reading in self.readings:
            self._row.addWidget(self._head(reading, names[id(reading)]))
        self._row.addWidget(self.more)
        self.more.setVisible(len(self._session.answers.further) > self._room)
        self._row.addStretch(1)

    def _head(self, reading: Reading, name: str) -> QPushButton:
        theme, button = self._session.appearance.theme, QPushButton()
        button.setFont(small_font())
        button.setFlat(True)
        button.setFixedWidth(COLUMN)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        short = plain(reader_name(reading.reader), 40)
        fitting = button.fontMetrics().elidedText(short, Qt.TextElideMode.ElideRight, COLUMN - 6)
        button.setText(fitting.replace("&", "&&"))
        button.setToolTip("" if "<" in name else f"{name}: show with evidence and reason")
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
            f"{count} of {len(FEATURES)} features differ between the compared readers, in presence or "
            f"side{onsets}. Ctrl+D goes to the next; choose here who is compared."
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
