"""Requests of views and commands to show dialogs, which the window connects."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class Requests(QObject):
    """One signal for each dialog or field that can be requested."""

    lock = Signal()
    """Ask the person before their reading is locked."""
    copies = Signal()
    """Show the copies of the study."""
    moved = Signal()
    """Find recordings of the study that were moved."""
    phase = Signal()
    """Ask for the name of the phase that begins at the cursor."""
    field = Signal(str)
    """Give the keyboard to the "note" or the "confidence" of the selected feature."""
