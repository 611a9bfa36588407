"""The way from the signal reader's reason to what it measured."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QWidget

from app.ui.commands.key_watch import OWN_RETURN
from app.ui.session.session import Session
from app.ui.theme import small_font


class TraceLink(QToolButton):
    """A button beside a reason; only where that reason is the signal reader's and may be seen."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setText("What was measured  ▸")
        self.setFont(small_font())
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip("Show the measures and thresholds behind this reason over time")
        self.setProperty(OWN_RETURN, True)
        self.clicked.connect(lambda _on=False: session.requests.traces.emit())
        session.answers.readings_changed.connect(self._refresh)
        session.answers.seal_changed.connect(self._refresh)
        session.opened.recording_changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        shown = self._session.answers.shown
        self.setVisible(
            shown is not None and shown.reader.is_rule_based and self._session.analysis.traces.readable
        )
