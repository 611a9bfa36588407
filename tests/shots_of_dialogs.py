"""`make shots`: pictures of the dialogs that the menus open, on the demonstration with its EEG."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog

from benchmarks.window import settle

if TYPE_CHECKING:
    from app.ui.commands.command import Command
    from app.ui.window import Window

_OPENED = 700
"""Milliseconds until an opened dialog has filled and painted itself."""
_ELLIPSIS = "…"


def draw_dialogs(window: Window, folder: Path) -> int:
    """The number of pictures written to `folder`: of each dialog that a command with an ellipsis opens."""
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [command for command in window.actions_.commands if command.name.endswith(_ELLIPSIS)]
    return sum(_draw(window, command, folder) for command in wanted)


def _draw(window: Window, command: Command, folder: Path) -> bool:
    """Whether the command opened a dialog, which is drawn and closed again."""
    drawn: list[QDialog] = []

    def draw_and_close() -> None:
        for dialog in _dialogs():
            if dialog not in drawn:
                dialog.grab().save(str(folder / f"{command.id}{'-next' * len(drawn)}.png"))
                drawn.append(dialog)
            dialog.reject()

    timer = QTimer()
    timer.timeout.connect(draw_and_close)
    timer.start(_OPENED)
    window.actions_.run(command)
    settle(1.5 * _OPENED / 1000)
    timer.stop()
    return bool(drawn)


def _dialogs() -> list[QDialog]:
    """The dialogs on the screen."""
    shown = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, QDialog)]
    return [dialog for dialog in shown if dialog.isVisible()]
