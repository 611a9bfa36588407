"""The names of queued recordings, which the queue's file does not hold, looked up in their studies."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from app.core.batch.queue_orders import AnalysisOrders
from app.core.jobs import CancelToken
from app.core.study.store import Study

_ENDING = 0.2
"""Seconds that the end of the queue waits for the thread; one on a share that hangs is left behind."""

_log = logging.getLogger(__name__)

RecordingKey = tuple[int, str]
"""The number of a recording in its study, and its fingerprint."""


class QueuedNames:
    """Looks up names in a thread, one study after the other, each study once; `found` is called there."""

    def __init__(self, found: Callable[[Path, Mapping[RecordingKey, str]], None]) -> None:
        self._found = found
        self._cancel = CancelToken()
        self._looked_at: set[Path] = set()
        self._thread: threading.Thread | None = None

    def look(self, orders: AnalysisOrders) -> None:
        """Begin to look up what has no name yet, unless that is being done; returns at once."""
        if self._thread is not None and self._thread.is_alive():
            return
        rows = (row.study for row in orders.rows if not row.name and row.study not in self._looked_at)
        if studies := tuple(dict.fromkeys(rows)):
            self._looked_at.update(studies)
            self._thread = threading.Thread(
                target=self._look, args=(studies,), name="names of queued recordings", daemon=True
            )
            self._thread.start()

    def end(self) -> None:
        """Look up nothing more."""
        self._cancel.cancel()
        if self._thread is not None:
            self._thread.join(_ENDING)

    def _look(self, studies: tuple[Path, ...]) -> None:
        for folder in studies:
            if self._cancel.cancelled:
                return
            names = names_in(folder)
            if not self._cancel.cancelled:
                self._found(folder, names)


def names_in(folder: Path) -> Mapping[RecordingKey, str]:
    """What the study in a folder calls its recordings; none where it cannot be opened."""
    try:
        with Study.open_for_viewing(folder) as study:
            return {(row.id, row.fingerprint): row.name for row in study.recordings()}
    except Exception as error:  # noqa: BLE001 - one study must not cost the others their names; it is logged
        _log.info("the names of queued recordings are not known: %s", type(error).__name__)
        return {}
