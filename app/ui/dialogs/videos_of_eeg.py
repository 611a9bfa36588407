"""The videos of a day of EEG in order of time, with the gaps between them; one of them is opened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHeaderView, QProgressBar, QTableWidget, QTableWidgetItem, QWidget

from app.core.plain_text import breakable, plain
from app.core.times import clock
from app.ui.dialogs.form import Problem, button, lay_out, sentence, side_by_side, title
from app.ui.session.session import Session
from app.ui.views.table_style import panel_style, plain_table
from app.ui.views.tool_tip import tool_tip

if TYPE_CHECKING:
    from app.core.eeg.day_of_video import DayOfVideo
    from app.core.jobs import Progress
    from app.core.semiology import Span

_COLUMNS = ("In the EEG", "Length", "Video", "Placed by")


class VideosOfEegDialog(QDialog):
    """A row for each video and each gap, then the files that cannot be placed, with the reason."""

    video_chosen = Signal(Path, Path)
    """The video to open, and its EEG."""

    def __init__(self, session: Session, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title(self, "Videos of an EEG")
        self._videos = session.eeg_videos
        self._path = path
        self.about = sentence(breakable(plain(f"Looking for the videos beside {path.name} …", 200)))
        self.table = QTableWidget(0, len(_COLUMNS))
        self.table.setHorizontalHeaderLabels(_COLUMNS)
        self.table.setAccessibleName("Videos and gaps in order of time")
        plain_table(self.table)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.itemSelectionChanged.connect(self._show_whether)
        self.table.itemActivated.connect(lambda _item: self.open_video())
        self.setStyleSheet(panel_style(session.appearance.theme))
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(4)
        self.problem = Problem(session.appearance.theme)
        self.open_button = button("Open the video", self.open_video)
        close = button("Close", self.reject)
        space = QWidget()
        ends = side_by_side(space, self.open_button, close, growing=space)
        lay_out(self, self.about, self.table, self.progress, self.problem, ends, growing=self.table)
        self.resize(760, 420)
        self._videos.found.connect(self._show)
        self._videos.progressed.connect(self._on_progress)
        self._videos.failed.connect(self._on_failed)
        self._show_whether()
        self._videos.search(path)

    @property
    def chosen(self) -> Path | None:
        """The video of the selected row, None for a gap."""
        item = self.table.item(self.table.currentRow(), 0)
        video = None if item is None else item.data(Qt.ItemDataRole.UserRole)
        return video if isinstance(video, Path) else None

    def open_video(self) -> None:
        """Open the selected video, for its EEG to be attached."""
        video = self.chosen
        if video is not None:
            self.video_chosen.emit(video, self._path)
            self.accept()

    def done(self, result: int) -> None:
        self._videos.cancel()
        super().done(result)

    def _show(self, day: DayOfVideo) -> None:
        self.progress.setValue(0)
        self.about.setText(breakable(plain(f"{self._path.name}: {_counted(day)}", 300)))
        rows = [
            *((one.start, (clock(one.start), clock(one.end - one.start), one.path.name, one.reason), one.path)
              for one in day.videos),
            *((gap.start, _gap_texts(gap), None) for gap in day.gaps),
        ]  # fmt: skip
        for _start, texts, path in sorted(rows, key=lambda row: row[0]):
            self._add(texts, path)
        for other in day.unplaced:
            self._add(("", "", other.path.name, other.why), other.path)

    def _add(self, texts: tuple[str, ...], path: Path | None) -> None:
        row = self.table.rowCount()
        self.table.insertRow(row)
        for column, text in enumerate(texts):
            item = QTableWidgetItem(plain(text, 300))
            item.setToolTip(tool_tip(plain(text, 600)))
            item.setData(Qt.ItemDataRole.UserRole, path)
            self.table.setItem(row, column, item)

    def _show_whether(self) -> None:
        self.open_button.setEnabled(self.chosen is not None)

    def _on_progress(self, progress: Progress) -> None:
        self.progress.setValue(round(1000 * progress.done))

    def _on_failed(self, why: str) -> None:
        self.about.setText("")
        self.problem.tell(why)


def _gap_texts(gap: Span) -> tuple[str, ...]:
    return clock(gap.start), clock(gap.end - gap.start), "no video", ""


def _counted(day: DayOfVideo) -> str:
    videos, gaps, others = len(day.videos), len(day.gaps), len(day.unplaced)
    parts = [f"{videos} {'video' if videos == 1 else 'videos'}"]
    parts += [f"{gaps} {'gap' if gaps == 1 else 'gaps'} without a picture"] if gaps else []
    parts += [f"{others} that cannot be placed"] if others else []
    return ", ".join(parts)
