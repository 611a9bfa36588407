"""The overview of a whole EEG below its page: what is shown of which channels, and its caution."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.core.eeg.display_choices import TrendView
from app.core.eeg.file_overview import ALL_CHANNELS, FileOverview
from app.core.plain_text import plain
from app.ui.session.session import Session
from app.ui.theme import small_font
from app.ui.views.eeg_overview_picture import EegOverviewPicture
from app.ui.views.eeg_overview_pointer import EegOverviewPointer
from app.ui.views.eeg_toolbar import ChoiceList
from app.ui.views.elided_label import ElidedLabel
from app.ui.views.tool_tip import tool_tip

CAUTION = (
    "Not a diagnosis, only places to look first: the score is not validated on patients, misses what is not "
    "rhythmic, and also finds what is not a seizure."
)
_IN = 1 / 1.5
_VIEWS = {
    TrendView.OVERVIEW: "Overview",
    TrendView.SPECTROGRAM: "Spectrogram",
    TrendView.BANDS: "Band power",
}


class EegOverviewPanel(QWidget):
    """Shows the overview while it is visible; it is computed when it is first shown for a file."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.picture = EegOverviewPicture(session)
        self._pointer = EegOverviewPointer(self.picture, session)
        self.view = ChoiceList("What the overview shows", self._choose_view)
        self.source = ChoiceList("Channels of the overview", self._choose_source)
        self.events = QLabel()
        self.events.setTextFormat(Qt.TextFormat.PlainText)
        self.events.setFont(small_font())
        overview = session.eeg_overview
        self.before = self._tool("◀", "Previous rhythmic stretch", lambda: overview.next_event(-1))
        self.after = self._tool("▶", "Next rhythmic stretch", lambda: overview.next_event(1))
        self.closer = self._tool("+", "See a shorter part of the EEG", lambda: self._zoom(_IN))
        self.wider = self._tool("−", "See a longer part of the EEG", lambda: self._zoom(1 / _IN))
        self.whole = self._tool("All", "See the whole EEG", overview.show_all)
        self.progress = QProgressBar()
        self.button = QPushButton("Cancel")
        self.caution = ElidedLabel()
        self._lay_out()
        for changed in (overview.changed, overview.source_changed, overview.moved):
            changed.connect(self.show_all)
        session.eeg.chosen_changed.connect(self.show_all)
        self.show_all()

    def _tool(self, text: str, name: str, do: object) -> QToolButton:
        made = QToolButton(self)
        made.setText(text)
        made.setAccessibleName(name)
        made.setToolTip(tool_tip(name))
        made.setFont(small_font())
        made.setAutoRaise(True)
        assert callable(do)
        made.clicked.connect(lambda _checked=False: do())
        return made

    def _lay_out(self) -> None:
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setFixedSize(120, 6)
        self.progress.setAccessibleName("Progress of the overview")
        self.button.setFont(small_font())
        self.button.clicked.connect(self._press_button)
        self.caution.setText(CAUTION)
        self.caution.setToolTip(CAUTION)
        self.caution.setFont(small_font())
        row = QHBoxLayout()
        row.setContentsMargins(8, 2, 6, 2)
        row.setSpacing(4)
        left: tuple[QWidget, ...] = (self.view, self.source, self.before, self.after, self.events)
        for widget in left:
            row.addWidget(widget)
        row.addWidget(self.caution, 1)
        right: tuple[QWidget, ...] = (self.progress, self.button, self.wider, self.closer, self.whole)
        for widget in right:
            row.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.picture, 1)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._session.eeg_overview.want(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._session.eeg_overview.want(False)

    def show_all(self) -> None:
        """Show what is chosen and how far it is now."""
        overview = self._session.eeg_overview
        view = self._session.eeg.choices.trend_view
        self.view.show_value([(text, one) for one, text in _VIEWS.items()], view, _VIEWS[view])
        found, running = overview.found, overview.progress is not None
        self.progress.setVisible(running)
        self.progress.setValue(round(1000 * overview.progress.done) if overview.progress is not None else 0)
        self.button.setVisible(running or bool(overview.problem))
        self.button.setText("Cancel" if running else "Compute")
        self.source.setEnabled(found is not None)
        self._show_sources(found)
        self.events.setText(_counted(found))
        start, end = overview.shown
        self.whole.setEnabled(end - start < overview.length)
        self.wider.setEnabled(self.whole.isEnabled())
        for tool in (self.before, self.after):
            tool.setEnabled(found is not None and bool(found.events))

    def _show_sources(self, found: FileOverview | None) -> None:
        names = [*found.groups.names, *found.trends.names] if found is not None else []
        chosen = self._session.eeg_overview.source or ALL_CHANNELS
        choices = [
            (plain(one, 40).capitalize() if one in _groups(found) else plain(one, 40), one) for one in names
        ]
        self.source.show_value(choices, chosen, ALL_CHANNELS.capitalize())

    def _choose_view(self, value: object) -> None:
        self._session.eeg.change(trend_view=value)

    def _choose_source(self, value: object) -> None:
        self._session.eeg_overview.choose_source(str(value))

    def _zoom(self, factor: float) -> None:
        position = self._session.eeg.position
        start, end = self._session.eeg_overview.shown
        middle = (position.start + position.end) / 2
        anchor = middle if start <= middle <= end else (start + end) / 2
        self._session.eeg_overview.zoom(factor, anchor)

    def _press_button(self) -> None:
        overview = self._session.eeg_overview
        if overview.progress is not None:
            overview.cancel()
        else:
            overview.compute()


def _groups(found: FileOverview | None) -> tuple[str, ...]:
    return found.groups.names if found is not None else ()


def _counted(found: FileOverview | None) -> str:
    """How many rhythmic stretches there are."""
    if found is None:
        return ""
    count = len(found.events)
    evolving = sum(one.evolves for one in found.events)
    if not count:
        return "No rhythmic stretch found"
    stretches = "1 rhythmic stretch" if count == 1 else f"{count} rhythmic stretches"
    return f"{stretches}, {evolving} that change{'s' if evolving == 1 else ''}" if evolving else stretches
