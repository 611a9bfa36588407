"""The questions before a window or a study is closed whose changes are not all on disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMessageBox, QWidget

from app.ui.dialogs.form import question

if TYPE_CHECKING:
    from app.core.study.saving import Unsaved

_KEPT = "If you close it, they are kept on this computer and offered when you open the study again."


def ask_before_closing(parent: QWidget, unsaved: Unsaved, close: Callable[[], object]) -> QMessageBox:
    """Ask whether to close with unsaved changes, without waiting for the answer; `close` is called if so."""
    return _ask(parent, "Semioscope", unsaved, close)


def ask_before_closing_study(parent: QWidget, unsaved: Unsaved, close: Callable[[], object]) -> QMessageBox:
    """The same before the study alone is closed."""
    return _ask(parent, "Close study", unsaved, close)


def _ask(parent: QWidget, name: str, unsaved: Unsaved, close: Callable[[], object]) -> QMessageBox:
    said = unsaved.sentence()
    box = question(parent, name, said, _KEPT, yes="Close anyway", do=close, no="Keep open")
    box.setIcon(QMessageBox.Icon.Warning)
    return box
