"""The menu of a row of the EEG page: hide, mark bad, move, its sensitivity, only its kind."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu, QWidget

from app.core.eeg.derivation import DerivedRow
from app.core.plain_text import plain
from app.ui.session.session import Session


def row_menu(session: Session, key: str, parent: QWidget) -> QMenu:
    """The menu for the row with this key; without one ("") for the page."""
    display = session.eeg
    menu = QMenu(parent)
    if key in display.keys:
        display.choose_row(key)
        _add_row(menu, session, key)
        menu.addSeparator()
    everything = menu.addAction("Show all rows in the montage's order")
    everything.setEnabled(bool(display.of_file.hidden or display.of_file.order))
    everything.triggered.connect(display.show_all_rows)
    if display.missing:
        _add_missing(menu, session)
    return menu


def pop_up(session: Session, key: str, place: QPoint, parent: QWidget) -> None:
    """Show the menu at a place of the screen."""
    menu = row_menu(session, key, parent)
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(place)


def _add_row(menu: QMenu, session: Session, key: str) -> None:
    display, row = session.eeg, session.eeg.rows[session.eeg.keys.index(key)]
    name = _text(row.name)
    menu.addAction(f"Hide {name}").triggered.connect(lambda: display.hide_row(key))
    _add_bad(menu, session, row)
    menu.addSeparator()
    menu.addAction("Move up").triggered.connect(lambda: display.move_row(key, -1))
    menu.addAction("Move down").triggered.connect(lambda: display.move_row(key, 1))
    menu.addSeparator()
    menu.addAction("Larger waves in this row").triggered.connect(
        lambda: display.change_row_sensitivity(key, 1)
    )
    menu.addAction("Smaller waves in this row").triggered.connect(
        lambda: display.change_row_sensitivity(key, -1)
    )
    usual = menu.addAction(f"Sensitivity as in other {row.kind.value} rows")
    usual.setEnabled(key in display.of_file.row_sensitivity)
    usual.triggered.connect(lambda: display.change_row_sensitivity(key, 0))
    menu.addSeparator()
    menu.addAction(f"Only {row.kind.value} rows").triggered.connect(lambda: display.show_only(row.kind))


def _add_bad(menu: QMenu, session: Session, row: DerivedRow) -> None:
    """A switch for each channel that the row is directly made of."""
    file = session.eeg.file
    if file is None:
        return
    channels = file.channels()
    for number, weight in zip(row.inputs, row.weights, strict=True):
        if abs(weight) > 0.5 * max(abs(one) for one in row.weights):
            label = channels[number].label
            action = menu.addAction(f"{_text(label)} is a bad channel")
            action.setCheckable(True)
            action.setChecked(label in file.bad)
            action.triggered.connect(lambda on, label=label: session.eeg.bad_wanted.emit(label, on))


def _add_missing(menu: QMenu, session: Session) -> None:
    missing = session.eeg.missing
    listed = menu.addMenu(f"Rows that cannot be shown ({len(missing)})")
    for one in missing[:40]:
        listed.addAction(_text(f"{one.name}: {one.why}")).setEnabled(False)


def _text(words: str) -> str:
    """Text of a file in a menu, where & would be a mnemonic."""
    return plain(words, 120).replace("&", "&&")
