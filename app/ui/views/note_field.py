"""A field for a note that grows with its text, up to a few lines."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QScrollArea, QSizePolicy

from app.ui.commands.key_watch import TYPED_INTO

_MOST_LINES = 6
"""What is longer scrolls."""
_AROUND = 6
"""Pixels above and below the lines: the padding and the line of the field."""

_STAYS = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)


class NoteField(QPlainTextEdit):
    """One paragraph that is wrapped. Return ends writing, as leaving the field does."""

    editing_finished = Signal()
    refused = Signal()
    """Somebody types while nothing can be written here."""

    def __init__(self, longest: int) -> None:
        super().__init__()
        self._longest = self._most = longest
        """As much as may be written; a stored note that is longer stays whole."""
        self.setTabChangesFocus(True)
        self.setProperty(TYPED_INTO, True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(1)
        self.textChanged.connect(self._on_text)
        self._fit()

    def text(self) -> str:
        """What is written, the beginning where it was longer than is kept."""
        return self.toPlainText()

    def set_text(self, text: str) -> None:
        """Show a note that is stored; a text that is shown already keeps the cursor where it is."""
        text = _as_shown(text)
        self._most = max(self._longest, len(text))
        if text != self.text():
            with QSignalBlocker(self):
                self.setPlainText(text)
            self._fit()
        self.set_modified(False)

    def show_placeholder(self, words: str) -> None:
        """Show these words while nothing is written."""
        # Qt paints anew only when there come words where were none.
        self.setPlaceholderText("")
        self.setPlaceholderText(words)

    @property
    def modified(self) -> bool:
        """Whether something was written since the stored note was shown."""
        return self.document().isModified()

    def set_modified(self, modified: bool) -> None:
        self.document().setModified(modified)

    def sizeHint(self) -> QSize:
        return QSize(120, self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self.height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.editing_finished.emit()
            self.clearFocus()
            return
        if self.isReadOnly() and event.text().isprintable() and event.text():
            self.refused.emit()
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Come into sight too: in a low window the panel is scrolled."""
        super().focusInEvent(event)
        parent = self.parentWidget()
        while parent is not None and not isinstance(parent, QScrollArea):
            parent = parent.parentWidget()
        if parent is not None:
            parent.ensureWidgetVisible(self)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A menu of the field, or another window, does not end writing."""
        super().focusOutEvent(event)
        if event.reason() not in _STAYS:
            self.editing_finished.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def insertFromMimeData(self, source: QMimeData) -> None:  # noqa: N802 - overrides Qt's, so the name is Qt's
        """Paste as one paragraph."""
        self.insertPlainText(" ".join(source.text().split()))

    def _on_text(self) -> None:
        over = len(self.text()) - self._most
        if over > 0:
            cursor = self.textCursor()
            cursor.movePosition(
                QTextCursor.MoveOperation.PreviousCharacter, QTextCursor.MoveMode.KeepAnchor, over
            )
            cursor.removeSelectedText()
        self._fit()

    def _fit(self) -> None:
        """Be as high as the lines are that the text is wrapped into."""
        # The size of this document is in lines, not in pixels.
        lines = min(max(round(self.document().size().height()), 1), _MOST_LINES)
        height = lines * self.fontMetrics().lineSpacing() + _AROUND + 2
        if height != self.height():
            self.setFixedHeight(height)


def _as_shown(text: str) -> str:
    """A stored text as the field gives it back: it has no spaces that hold words together."""
    return text.replace("\u00a0", " ").replace("\r\n", "\n").replace("\r", "\n")
