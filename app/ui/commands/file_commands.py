"""The commands that open recordings, and the menu of those that were opened last."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from app.core.settings import with_recent
from app.ui.commands.command import Command, Menu
from app.ui.commands.start_folder import start_folder
from app.ui.memory import Memory
from app.ui.session.session import Session
from app.ui.views.start_page import StartPage
from app.ui.views.tool_tip import tool_tip

ENDINGS = (
    *(".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".mpg", ".mpeg"),
    *(".ts", ".m2t", ".m2ts", ".mts", ".wmv"),
)
"""By which files are listed as recordings; others can be opened too."""
PATTERNS = " ".join(f"*{ending}" for ending in ENDINGS)


class FileDialogs(QObject):
    """Opens recordings, and remembers which were opened."""

    def __init__(
        self, window: QWidget, session: Session, memory: Memory, take: Callable[[tuple[Path, ...]], None]
    ) -> None:
        """`take` opens what is chosen as what it is, for example an EEG."""
        super().__init__(window)
        self._window = window
        self._take = take
        self._opening = session.opening
        self._opened = session.opened
        self._memory = memory
        self._recent_menu = QMenu("Open &recent", window)
        self._recent_menu.aboutToShow.connect(self._fill_recent)
        session.opened.recording_changed.connect(self._remember)

    def commands(self) -> tuple[Command, ...]:
        """The first rows of the menu File."""

        def row(id_: str, name: str, keys: tuple[str, ...], what: str, slot: Callable[[], None]) -> Command:
            return Command(id_, Menu.FILE, name, keys, what, slot)

        return (
            row("open", "Open a recording…", ("Ctrl+O",), "Open a recording.", self.choose_recording),
            row(
                "demonstration",
                "Open the demonstration",
                (),
                "Open a generated patient.",
                self._opening.open_demonstration,
            ),
        )

    def add_recent(self, menu: QMenu, before: QAction) -> None:
        """Put the menu of recent recordings above an entry."""
        menu.insertMenu(before, self._recent_menu)

    def choose_recording(self) -> None:
        """Open a recording that is chosen in a dialog."""
        from PySide6.QtWidgets import QFileDialog

        start = start_folder(self._memory.settings.recent)
        name, _ = QFileDialog.getOpenFileName(
            self._window,
            "Open a recording",
            start,
            f"Recordings ({PATTERNS} {PATTERNS.upper()});;All files (*)",
        )
        if name:
            self._take((Path(name),))

    def connect_page(self, page: StartPage) -> None:
        """Let the start page open recordings."""
        page.open_recording.clicked.connect(self.choose_recording)
        page.demonstration.clicked.connect(self._opening.open_demonstration)
        page.recording_chosen.connect(self._opening.open)

    def _fill_recent(self) -> None:
        self._recent_menu.clear()
        for place in self._memory.settings.recent:
            path = Path(place)
            action = self._recent_menu.addAction(path.name.replace("&", "&&"))
            action.setToolTip(tool_tip(place))
            action.triggered.connect(lambda _checked=False, path=path: self._opening.open(path))
        if not self._memory.settings.recent:
            self._recent_menu.addAction("Nothing opened yet").setEnabled(False)

    def _remember(self) -> None:
        recording = self._opened.recording
        if recording is not None:
            self._memory.replace(with_recent(self._memory.settings, recording.path))
            self._memory.save_aside()
