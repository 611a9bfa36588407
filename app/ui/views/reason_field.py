"""The field for the reason of a decision, which saves by itself what is typed into it."""

from __future__ import annotations

from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from app.ui.session.session import Session

_LONGEST = 4000

About = tuple[str, str]
"""Of which recording (fingerprint) and which feature a reason is."""


class ReasonField(QLineEdit):
    """What was typed is kept with the feature for which it was begun: when the field, its row or the
    recording is left, and on closing. Until then nothing that is read of the study replaces it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._about: About | None = None
        self._stored = ""
        self.setPlaceholderText("Reason (saved when you leave the field)")
        self.setAccessibleName("Reason for the decision")
        self.returnPressed.connect(self.keep)
        self.returnPressed.connect(self.clearFocus)
        session.opening.leaving.connect(self.keep)
        session.closing.connect(self.keep)

    @property
    def reason(self) -> str:
        """What is typed, or else stored."""
        return self.text().strip() if self.isModified() else self._stored

    def show_reason(self, about: About | None, stored: str) -> None:
        """Show the stored reason of a feature, unless something is typed that is not kept yet."""
        former, typed = self._about, self.reason
        self._about, self._stored = about, stored
        if about != former:
            was_typed = self.isModified()
            self._show(stored)
            if was_typed and former is not None:
                self._store(former, typed)
        elif not self.isModified():
            self._show(stored)

    def keep(self) -> None:
        """Store what was typed. Where that cannot be, it stays in the field."""
        if self.isModified() and self._about is not None and self._store(self._about, self.reason):
            self.setModified(False)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Keep it also when another window comes to the front, in which somebody else may begin to read."""
        super().focusOutEvent(event)
        self.keep()

    def _show(self, stored: str) -> None:
        if stored != self.text():  # else the cursor stays where it is
            self.setMaxLength(max(_LONGEST, len(stored)))
            self.setText(stored)
        self.setModified(False)

    def _store(self, about: About, reason: str) -> bool:
        """Whether it is on its way; never to another patient's recording."""
        fingerprint, feature = about
        recording = self._session.opened.recording
        if recording is None or recording.fingerprint != fingerprint:
            return False
        return self._session.consensus.give_reason(feature, reason)
