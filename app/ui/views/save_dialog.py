"""The system's dialog that asks where to save: the one place from which all of them are opened."""

from __future__ import annotations

import os
import re
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.core.plain_text import plain
from app.core.saving_places import SaveKind
from app.ui.session.saving_places import SavingPlaces

_ENDING = re.compile(r"\*(\.[\w.-]+)")


def ask_where(
    parent: QWidget,
    places: SavingPlaces,
    kind: SaveKind,
    title: str,
    words: str,
    *,
    kinds: str = "",
    folder: bool = False,
    of_study: bool = False,
) -> tuple[Path | None, str]:
    """The path that the person chooses, None without one, and which of the `kinds` of files.

    `words` say with its ending what is saved. A name with none of the endings in `kinds` gets that of the
    chosen kind, unless a `folder` is asked for; what has the longer name already is replaced only after a
    question, because the dialog has asked about the shorter one. Qt's own dialog, which a desktop without
    one gets, reads the first bytes of the files that it lists in the thread of the window.
    """
    from PySide6.QtWidgets import QFileDialog

    start = places.proposal(kind, words, of_study=of_study)
    name, chosen = QFileDialog.getSaveFileName(parent, title, str(start), kinds)
    if not name:
        return None, chosen
    path, endings = Path(name), () if folder else tuple(_ENDING.findall(kinds))
    if endings and not path.name.lower().endswith(endings):
        path = path.with_name(path.name + (*_ENDING.findall(chosen), *endings)[0])
        if os.path.lexists(path) and not may_replace(parent, path):
            return None, chosen
    places.take(kind, path)
    return path, chosen


def ask_folder(parent: QWidget, places: SavingPlaces, kind: SaveKind, title: str) -> Path | None:
    """The folder into which files are to be written, None without one."""
    from PySide6.QtWidgets import QFileDialog

    start = places.proposal(kind, "x").parent
    name = QFileDialog.getExistingDirectory(parent, title, str(start))
    path = Path(name) if name else None
    if path is not None:
        places.take(kind, path / "x")
    return path


def may_replace(parent: QWidget, path: Path) -> bool:
    """Ask whether the file, or files in the folder, that is there already may be replaced; Return refuses."""
    from PySide6.QtWidgets import QMessageBox

    box = QMessageBox(parent)
    box.setWindowTitle("Replace?")
    box.setTextFormat(Qt.TextFormat.PlainText)
    what = "Files of the same names in it are replaced." if path.is_dir() else "It would be replaced."
    box.setText(f"“{plain(path.name, 100)}” exists already. {what}")
    box.setStandardButtons(QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.No)
    box.setDefaultButton(QMessageBox.StandardButton.No)
    answer = box.exec()
    box.deleteLater()
    return answer == QMessageBox.StandardButton.Yes
