"""The system's dialog that asks where to save: the one place from which all of them are opened."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from app.core.saving_places import SaveKind
from app.ui.session.saving_places import SavingPlaces


def ask_where(
    parent: QWidget,
    places: SavingPlaces,
    kind: SaveKind,
    title: str,
    words: str,
    *,
    kinds: str = "",
    of_study: bool = False,
) -> tuple[Path | None, str]:
    """The path that the person chooses, None without one, and which of the `kinds` of files.

    `words` say with its ending what is saved. Qt's own dialog, which a desktop without one gets, reads the
    first bytes of the files that it lists in the thread of the window.
    """
    start = places.proposal(kind, words, of_study=of_study)
    name, chosen = QFileDialog.getSaveFileName(parent, title, str(start), kinds)
    return _taken(places, kind, name), chosen


def ask_folder(parent: QWidget, places: SavingPlaces, kind: SaveKind, title: str) -> Path | None:
    """The folder into which files are to be written, None without one."""
    start = places.proposal(kind, "x").parent
    name = QFileDialog.getExistingDirectory(parent, title, str(start))
    path = Path(name) if name else None
    if path is not None:
        places.take(kind, path / "x")
    return path


def with_ending(path: Path, ending: str) -> Path:
    """The path with this ending, unless it has it."""
    return path if path.name.lower().endswith(ending) else path.with_name(path.name + ending)


def _taken(places: SavingPlaces, kind: SaveKind, name: str) -> Path | None:
    if not name:
        return None
    places.take(kind, Path(name))
    return Path(name)
