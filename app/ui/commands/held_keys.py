"""Repeating a command while its key is held, at the recording's frame rate."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer

from app.ui.commands.key_watch import KeyWatch
from app.ui.session.session import Session

HESITATION = 0.25
"""Seconds before a key that is still down repeats, so that a tap is one step."""

_PATIENCE = 0.2
"""Seconds to wait for a frame that is still being decoded before the next step is taken all the same."""


class HeldKeys(QObject):
    """Repeats a command; each step waits until the previous frame is on screen, so that none is skipped."""

    def __init__(self, session: Session, keys: KeyWatch, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._keys = keys
        self._key: int | None = None
        self._run: Callable[[], None] | None = None
        self._stepped_at = 0.0
        self._frame = -1
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._again)
        keys.pressed.connect(self.stop)
        keys.released.connect(self._on_released)
        keys.lost.connect(self.stop)

    def began(self, run: Callable[[], None]) -> None:
        """A held command has been run; repeat it if a key did it and is still down."""
        self._key = self._keys.latest
        if self._key is None:
            return
        self._run = run
        self._note()
        self._timer.start(round(HESITATION * 1000))

    def stop(self) -> None:
        self._timer.stop()
        self._run = None

    def _on_released(self, key: int) -> None:
        if key == self._key:
            self.stop()

    def _again(self) -> None:
        if self._run is None or self._session.opened.recording is None:
            self.stop()
            return
        video = self._session.opened.recording.video
        rate = video.rate if video is not None and video.rate > 0 else 25.0
        self._timer.setInterval(max(5, round(1000 / rate)))
        waited = time.monotonic() - self._stepped_at
        if self._session.playback.frame_number != self._frame or waited > _PATIENCE:
            run = self._run
            self._note()
            run()

    def _note(self) -> None:
        self._frame, self._stepped_at = self._session.playback.frame_number, time.monotonic()
