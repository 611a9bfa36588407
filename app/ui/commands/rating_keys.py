"""The keys of a round of ratings: they mean scores as long as it runs, wherever in the window one is."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

from app.ui.commands.actions import is_text_field
from app.ui.session.rating_round import RatingRound


class RatingKeys(QObject):
    """Takes 1–5, Backspace (back) and N (skip) before the window's commands do, while a round runs."""

    def __init__(self, ratings: RatingRound, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ratings = ratings
        self._watching = False
        self._keys: Mapping[Qt.Key, Callable[[], None]] = {
            **{getattr(Qt.Key, f"Key_{score}"): self._rate(score) for score in range(1, 6)},
            Qt.Key.Key_Backspace: ratings.back,
            Qt.Key.Key_N: ratings.skip,
        }
        ratings.changed.connect(self._follow)

    def _rate(self, score: int) -> Callable[[], None]:
        return lambda: self._ratings.rate(score)

    def _follow(self) -> None:
        application = QApplication.instance()
        if application is None or self._ratings.running is self._watching:
            return
        self._watching = self._ratings.running
        if self._watching:
            application.installEventFilter(self)
        else:
            application.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt calls it so
        kind = event.type()
        if kind not in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
            return False
        if (
            not isinstance(event, QKeyEvent)
            or not isinstance(watched, QWidget)
            or not self._wants(watched, event)
        ):
            return False
        event.accept()
        # Claimed first, so that no command has it; the press itself follows.
        if kind is QEvent.Type.KeyPress and not event.isAutoRepeat():
            self._keys[Qt.Key(event.key())]()
        return True

    def _wants(self, watched: QWidget, event: QKeyEvent) -> bool:
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        here = isinstance(watched.window(), QMainWindow) and QApplication.activePopupWidget() is None
        return plain and here and event.key() in self._keys and not is_text_field(watched)
