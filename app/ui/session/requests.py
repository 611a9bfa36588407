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
    join_labels = Signal()
    """Show labels without a video that may be those of a video of the study."""
    batch = Signal(object)
    """Analyse recordings of the study: the numbers of those that are ticked at first, none for all."""
    queue = Signal()
    """Show the queue of analyses."""
    ask_model = Signal()
    """Show what would be sent to the chosen model, to be allowed and asked."""
    overnight = Signal(object)
    """Ask a model overnight: the numbers of the recordings that are ticked at first, none for all."""
    overnight_jobs = Signal()
    """Show the overnight jobs of the study."""
    phase = Signal()
    """Ask for the name of the phase that begins at the cursor."""
    further_readers = Signal()
    """Let the person choose which further reader of the checklist is brought into sight."""
    traces = Signal()
    """Show what the signal reader measured for the selected feature."""
    field = Signal(str)
    """Give the keyboard to the "note" or the "confidence" of the selected feature."""
    reader = Signal(str)
    """Somebody known reads from now on; "" asks for another name."""
