"""The real window inside a benchmark: opened, waited for, watched."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.semiology import FEATURES

if TYPE_CHECKING:
    from PySide6.QtCore import SignalInstance
    from PySide6.QtWidgets import QApplication

    from app.ui.session.session import Session
    from app.ui.window import Window

PATIENCE = 1800.0
"""Seconds after which waiting is given up."""


def application() -> QApplication:
    """The one QApplication of this process."""
    from PySide6.QtWidgets import QApplication

    present = QApplication.instance()
    return present if isinstance(present, QApplication) else QApplication(sys.argv[:1])


@contextmanager
def shown_window(width: int = 1920, height: int = 1080) -> Iterator[tuple[Window, Session]]:
    """The window on a separate session, shown and painted; closed with the context."""
    from app.ui.collector import CycleCollector
    from app.ui.session.session import Session
    from app.ui.window import Window

    application()
    session = Session()
    collector = CycleCollector(application(), is_busy=lambda: session.playback.playing)
    window = Window(session)
    window.resize(width, height)
    window.show()
    collector.pass_over_what_stays()
    settle(0.5)
    try:
        yield window, session
    finally:
        window.close()
        session.close()
        window.deleteLater()
        settle(0.1)
        collector.close()
        collector.deleteLater()


def settle(seconds: float) -> None:
    """Let the event loop run for so long."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def wait_for(session: Session, condition: Callable[[], bool], what: str, patience: float = PATIENCE) -> float:
    """Run the event loop until `condition` holds after a change of the session; the seconds it took.

    Raises RuntimeError when it does not within `patience` seconds.
    """
    from PySide6.QtCore import QEventLoop, QObject, QTimer

    begun = time.perf_counter()
    if condition():
        return 0.0
    loop = QEventLoop()
    deadline = QTimer()
    deadline.setSingleShot(True)
    deadline.timeout.connect(loop.quit)
    deadline.start(round(patience * 1000))

    def ask() -> None:
        if condition():
            loop.quit()

    watched = [signal.connect(ask) for signal in _changes(session)]
    loop.exec()
    for connection in watched:
        QObject.disconnect(connection)
    if not condition():
        raise RuntimeError(
            f"waited in vain for {what}; the window says: {session.status.message or session.status.line}"
        )
    return time.perf_counter() - begun


def _changes(session: Session) -> tuple[SignalInstance, ...]:
    """What can make something come true that is waited for."""
    return (
        session.opened.recording_changed,
        session.playback.frame_shown,
        session.playback.moved,
        session.playback.playing_changed,
        session.sound_detail.waveform_changed,
        session.sound_detail.read,
        session.analysis.pose_found,
        session.analysis.work_changed,
        session.answers.readings_changed,
        session.models.run_changed,
        session.status.message_changed,
    )


def answered(session: Session) -> bool:
    """Whether a reader's 20 answers are shown."""
    return any(
        all(feature.id in reading.answers for feature in FEATURES) for reading in session.answers.others
    )


def open_and_analyse(session: Session, path: Path) -> None:
    """Open a recording and wait until its pose, waveform and answers are there and nothing is running."""
    session.opening.open(path)

    worked = False

    def ended() -> bool:
        nonlocal worked
        worked = worked or session.analysis.work is not None
        return worked and session.analysis.work is None

    wait_for(session, ended, "the end of the analysis")
    if session.readers.asking:  # a new study asks once whether readings are blind
        session.readers.read_blind(False)
        wait_for(session, lambda: not session.readers.asking, "how the study is read, on disk")
    if session.analysis.pose is None or not answered(session):
        raise RuntimeError(f"the recording could not be analysed: {session.status.message or 'see the log'}")
