"""Which reader is shown next to the person's answers: a button in the head of the checklist."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from app.core.plain_text import plain
from app.core.reader_names import name_readers
from app.core.reading import ReaderIdentity, ReaderKind, Reading
from app.ui.session.session import Session
from app.ui.theme import small_font
from app.ui.views.tool_tip import tool_tip

_LONGEST = 40
_LONGEST_NAME = 120


class ReaderChooser(QPushButton):
    """The shown reader's name; with more than one reading, a menu of all readers."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill)
        self.setFont(small_font())
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFlat(True)
        session.answers.readings_changed.connect(self._refresh)
        session.opened.recording_changed.connect(self._refresh)
        session.appearance.theme_changed.connect(self._recolour)
        self._refresh()
        self._recolour()

    def names(self) -> tuple[str, ...]:
        """What the readers are called, in the order of the menu."""
        return reader_names(self._session.answers.others)

    def _refresh(self) -> None:
        name = shown_name(self._session)
        several = len(self._session.answers.others) > 1
        self.setMenu(self._menu if several else None)  # type: ignore[arg-type]  # None takes it away
        self.setEnabled(several)
        metrics = self.fontMetrics()
        room = max(60, self.width() - (30 if several else 14))
        self.setText(metrics.elidedText(name, Qt.TextElideMode.ElideRight, room).replace("&", "&&"))
        self.setAccessibleName(f"Reader: {name}")
        tip = f"{name}: choose whose answers are shown beside yours" if several else name
        self.setToolTip(tool_tip(tip))

    def fit(self, width: int) -> None:
        """Take this many pixels."""
        if self.width() != width:
            self.setFixedWidth(width)
            self._refresh()

    def _fill(self) -> None:
        self._menu.clear()
        for name, reading in zip(self.names(), self._session.answers.others, strict=True):
            action = QAction(name.replace("&", "&&"), self._menu)
            action.setCheckable(True)
            action.setChecked(reading is self._session.answers.shown)
            action.triggered.connect(
                lambda _on=False, reader=reading.reader: self._session.answers.show_reader(reader)
            )
            self._menu.addAction(action)

    def _recolour(self) -> None:
        theme = self._session.appearance.theme
        self.setStyleSheet(
            f"QPushButton {{ background: {theme.panel}; color: {theme.muted}; border: 1px solid transparent;"
            " text-align: left; padding: 1px 4px 1px 7px; font-weight: normal; }"
            f"QPushButton:hover:enabled {{ background: {theme.hover}; color: {theme.text}; }}"
            f"QPushButton:focus {{ border-color: {theme.edge}; }}"
            f"QPushButton:disabled {{ color: {theme.muted}; background: {theme.panel}; }}"
        )


def reader_name(reader: ReaderIdentity) -> str:
    """What a reader is called; a model by its exact name."""
    if reader.is_rule_based:
        return "Signal reader"
    name = plain(reader.name, _LONGEST)
    return name if reader.kind is ReaderKind.MODEL else name[:1].upper() + name[1:]


def shown_name(session: Session) -> str:
    """What the shown reader is called."""
    shown = session.answers.shown
    return "Reader" if shown is None else reader_name(shown.reader)


def reader_names(readings: tuple[Reading, ...]) -> tuple[str, ...]:
    """The names of readers, with what tells them apart in words where two would be called the same."""
    readers = [reading.reader for reading in readings]
    names = name_readers(readers, reader_name)
    return tuple(plain(names[reader.exact_key], _LONGEST_NAME) for reader in readers)
