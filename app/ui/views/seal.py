"""The row in place of the readers' answers while they are sealed from the person."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from app.core.plain_text import plain
from app.ui.session.session import Session
from app.ui.theme import small_font

SEALED = "The readers' answers stay sealed until you lock yours."
NOBODY = "Nobody else has answered yet; what they answer stays sealed until you lock yours."
AT_WORK = "The reader is still working; its answers stay sealed until you lock yours."
ASKING = "The readers' answers are sealed until you have chosen how to read this study."


class SealRow(QWidget):
    """One sentence and a button; hidden when everything may be seen."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.words = QLabel()
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        self.lock = QToolButton()
        self.lock.setText("Lock my reading…")
        self.lock.setFont(small_font())
        self.lock.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.lock.setToolTip("Lock your answers and show the others'; this is recorded in the history")
        self.lock.clicked.connect(lambda _on=False: session.requests.lock.emit())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 2)
        row.addWidget(self.words, 1)
        row.addWidget(self.lock, 0, Qt.AlignmentFlag.AlignTop)
        session.answers.seal_changed.connect(self._refresh)
        session.opened.recording_changed.connect(self._refresh)
        session.analysis.work_changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        self.setVisible(self._session.answers.my_reading.sealed)
        self.lock.setVisible(not self._session.readers.asking)
        words = self._sentence()
        if words != self.words.text():
            self.words.setText(words)

    def _sentence(self) -> str:
        """What is sealed, as far as there is anything."""
        withheld = self._session.answers.my_reading.withheld
        if self._session.readers.asking:
            return ASKING
        if withheld:
            names = ", ".join(plain(name, 30) for name in withheld[:4])
            return f"{SEALED} Already answered: {names}."
        return NOBODY if self._session.analysis.work is None else AT_WORK
