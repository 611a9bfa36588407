"""The dialog about the program and its intended use."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QWidget

from app import __version__
from app.ui.dialogs.form import CLOSE, buttons, lay_out, selectable, sentence, title

TEXT = f"""Semioscope {__version__}

Review seizure videos: picture, pose, sound and the 20 ILAE semiology features, \
your answers beside a reader's.

Research use. This is not a medical device: it must not be used to diagnose or to decide on a treatment. \
The signal reader is a rule-based measurement that has not been validated on patients.

Nothing leaves this computer unless you set up a model, have seen what is sent, and allow it.

Apache License 2.0"""


class AboutDialog(QDialog):
    """A page of plain text. Does not block the window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title(self, "About Semioscope")
        words = selectable(sentence(TEXT))
        words.setMinimumWidth(420)
        lay_out(self, words, buttons(self, CLOSE))
