"""Where a recording was left: cursor, selected feature, visible time and shown reader, kept between runs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, QTimer

from app.core.semiology import FEATURE, FEATURES, Span
from app.core.settings import with_left
from app.ui.memory import Memory
from app.ui.session.session import Session


class LeftPlaces(QObject):
    """Keeps the place when another recording is opened or the window closes, and goes back to it."""

    def __init__(self, parent: QObject, session: Session, memory: Memory) -> None:
        super().__init__(parent)
        self._session, self._memory = session, memory
        self._column = ""
        session.opening.leaving.connect(self.keep)
        session.opened.recording_changed.connect(self._on_recording)
        session.study.reader_known.connect(self._go_back)
        session.answers.readings_changed.connect(self._show_column)

    def keep(self) -> None:
        """Remember where the open recording is left."""
        session = self._session
        recording, seen, shown = session.opened.recording, session.visible.span, session.answers.shown
        if recording is None:
            return
        place: dict[str, Any] = {
            "cursor": session.playback.cursor,
            "feature": session.selection.feature,
            "from": seen.start,
            "to": seen.end,
            "study": str(session.study.folder or ""),
            "reader": "" if shown is None else str(shown.reader.key),
        }
        self._memory.replace(with_left(self._memory.settings, recording.fingerprint, place))

    def _on_recording(self) -> None:
        self._column = ""
        if self._session.opened.recording is not None and not self._session.worklist.came_for_feature:
            # Once all parts and panels show the recording as a new one.
            QTimer.singleShot(0, self, self._go_back)

    def _go_back(self) -> None:
        session = self._session
        recording = session.opened.recording
        if recording is None or session.worklist.came_for_feature:
            return
        place = self._memory.settings.left.get(recording.fingerprint)
        here = str(session.study.folder or "")
        if place is None or place.get("study") != here:
            return  # a copy of the recording in another study begins anew
        cursor, start, end = (_seconds(place, name) for name in ("cursor", "from", "to"))
        if cursor is not None and cursor < recording.duration and session.playback.cursor == 0.0:
            session.playback.seek(cursor)
        if start is not None and end is not None and start < end:
            session.visible.set(Span(start, end))
        feature = place.get("feature")
        if isinstance(feature, str) and feature in FEATURE and self._is_to_be_selected(feature):
            session.selection.select(feature)
        reader = place.get("reader")
        self._column = reader if isinstance(reader, str) else ""
        self._show_column()

    def _is_to_be_selected(self, feature: str) -> bool:
        """Where a feature is still unanswered, the next one to answer goes before one that is answered."""
        mine = self._session.answers.mine
        unanswered = [one.id for one in FEATURES if mine.answer(one.id).presence is None]
        return not self._session.readers.candidates and (not unanswered or feature in unanswered)

    def _show_column(self) -> None:
        """Show the reader's column that was shown, as soon as there is one; once."""
        column = self._column
        found = (one.reader for one in self._session.answers.others if str(one.reader.key) == column)
        reader = next(found, None) if column else None
        if reader is not None:
            self._column = ""
            self._session.answers.show_reader(reader)


def _seconds(place: Mapping[str, Any], name: str) -> float | None:
    """A time (s) of a kept place; None for anything else."""
    value = place.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and value >= 0 else None
