"""The panel of the EEG: the strip of settings over the page, or how to attach an EEG."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QSplitter, QStackedLayout, QVBoxLayout, QWidget

from app.ui.commands.eeg_layout import OVERVIEW_HEIGHT
from app.ui.session.session import Session
from app.ui.views.eeg_fit import EegFit
from app.ui.views.eeg_overview import EegOverviewPanel
from app.ui.views.eeg_page import EegPageView
from app.ui.views.eeg_pointer import EegPointer
from app.ui.views.eeg_row_menu import pop_up
from app.ui.views.eeg_toolbar import EegToolbar


class EegPanel(QWidget):
    """Shows the EEG of the open recording."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.page = EegPageView(session)
        self.toolbar = EegToolbar(session, self.page)
        self.overview = EegOverviewPanel(session)
        self.entry = self.page
        self.fit = EegFit(self.page, session)
        self._pointer = EegPointer(self.page, session)
        self._pointer.menu_wanted.connect(self._show_menu)
        self._words = QLabel()
        self.attach = QPushButton("Attach an EEG…")
        self._layers = QStackedLayout(self)
        self._layers.addWidget(self._empty())
        self._layers.addWidget(self._filled())
        for changed in (session.eeg.file_changed, session.eeg.problem_changed):
            changed.connect(self._show)
        session.opened.recording_changed.connect(self._show)
        self._show()

    def _empty(self) -> QWidget:
        widget = QWidget()
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setWordWrap(True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.attach.clicked.connect(lambda: self._session.eeg.attach_wanted.emit(None))
        column = QVBoxLayout(widget)
        column.addStretch()
        column.addWidget(self._words)
        column.addWidget(self.attach, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()
        return widget

    def _filled(self) -> QWidget:
        widget = QWidget()
        column = QVBoxLayout(widget)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.toolbar)
        column.addWidget(self._parts(), 1)
        column.addWidget(self.toolbar.words)
        return widget

    def _parts(self) -> QSplitter:
        """The page, and the overview below it when it is chosen."""
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.addWidget(self.page)
        parts.addWidget(self.overview)
        parts.setCollapsible(0, False)
        parts.setCollapsible(1, False)
        parts.setStretchFactor(0, 1)
        parts.setSizes([400, OVERVIEW_HEIGHT])
        self._session.eeg.chosen_changed.connect(self._show_overview)
        self._session.eeg.scale_changed.connect(self._show_overview)
        self._show_overview()
        return parts

    def _show_overview(self) -> None:
        shown = self._session.eeg.choices.overview
        if self.overview.isHidden() is shown:
            self.overview.setVisible(shown)

    def _show(self) -> None:
        session = self._session
        self._layers.setCurrentIndex(0 if session.eeg.file is None else 1)
        opened = session.opened.recording is not None
        words = "No EEG is attached" if opened else "The EEG of an open recording is shown here"
        self._words.setText(session.eeg.problem or words)
        self.attach.setVisible(opened)

    def _show_menu(self, key: str, place: QPoint) -> None:
        pop_up(self._session, key, place, self)
