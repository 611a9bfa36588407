"""The commands of the menu Help that show something to read: the guide, the log folder, what this is."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.core.folders import log_folder
from app.ui.commands.command import Command, Menu
from app.ui.dialogs.single_dialog import show_once
from app.ui.session.session import Session


class HelpDialogs(QObject):
    """Shows guide and program; the log folder opens in the computer's own window for files."""

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window)
        self._window = window
        self._session = session

    def first_rows(self) -> tuple[Command, ...]:
        """The rows at the head of the menu."""
        what = "First steps, keys, and all readers side by side, on one page."
        return (Command("guide", Menu.HELP, "User's guide", (), what, self.show_guide),)

    def last_rows(self) -> tuple[Command, ...]:
        """The rows at its foot."""
        log = "Open the folder of the program's messages, to report a fault."
        return (
            Command(
                "log_folder", Menu.HELP, "Show the log folder", (), log, self.show_log_folder, parted=True
            ),
            Command("about", Menu.HELP, "About Semioscope", (), "What this is.", self.show_about),
        )

    def show_guide(self) -> None:
        from app.ui.dialogs.guide import GuideDialog

        show_once(self._window, GuideDialog, lambda: GuideDialog(self._window))

    def show_log_folder(self) -> None:
        from PySide6.QtCore import QUrl
        from PySide6.QtGui import QDesktopServices

        folder = log_folder()
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self._session.status.show_message(f"The log is in {folder}.")

    def show_about(self) -> None:
        from app.ui.dialogs.about import AboutDialog

        show_once(self._window, AboutDialog, lambda: AboutDialog(self._window))
