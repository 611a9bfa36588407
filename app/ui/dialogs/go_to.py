"""The dialog that goes to a typed time or frame."""

from __future__ import annotations

import re

from PySide6.QtWidgets import QDialog, QLineEdit, QWidget

from app.core.recording.recording import Recording
from app.core.timeline.clock_text import clock, frame_number, parse_clock
from app.ui.dialogs.form import CANCEL, OK, buttons, lay_out, sentence, title
from app.ui.session.session import Session
from app.ui.theme import body_font

_HINT = "1:23.4 · 83.4 s · frame 2085 · +5 or -5 from here"
_FRAME = re.compile(r"(?:frame|f|#)\s*(\d{1,9})", re.IGNORECASE | re.ASCII)


def place_of(text: str, recording: Recording, cursor: float) -> float | str:
    """Seconds on the recording's clock of what was typed, or one sentence on why there are none.

    A time, a frame's number from 0, or with a sign a distance from the cursor in seconds or as a clock.
    """
    text = text.strip()
    frame = _FRAME.fullmatch(text)
    if frame is not None:
        return _frame_time(int(frame.group(1)), recording)
    sign = {"+": 1.0, "-": -1.0, "−": -1.0}.get(text[:1])
    seconds = parse_clock(text if sign is None else text[1:])
    if seconds is None:
        return "This is not a time or a frame number."
    if sign is not None:
        return min(max(cursor + sign * seconds, 0.0), recording.duration)
    if seconds > recording.duration:
        return f"The recording ends at {clock(recording.duration)}."
    return seconds


def _frame_time(number: int, recording: Recording) -> float | str:
    if recording.video is None:
        return "This recording has no picture."
    if number >= recording.video.n:
        return f"The last frame is {recording.video.n - 1}."
    return float(recording.video.times[number])


class GoToDialog(QDialog):
    """A dialog with one field that shows at once where it would go."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title(self, "Go to")
        self._session = session
        self.field = QLineEdit()
        self.field.setFont(body_font())
        self.field.setAccessibleName("Time or frame")
        self.field.setPlaceholderText(clock(session.playback.cursor))
        self.words = sentence(_HINT, small=True)
        ends = buttons(self, OK, CANCEL)
        self._go = ends.button(OK)
        self._go.setText("Go")
        self._go.setEnabled(False)
        lay_out(self, self.field, self.words, ends)
        self.setMinimumWidth(380)
        self.field.textChanged.connect(self._tell)

    def _place(self) -> float | str:
        recording = self._session.opened.recording
        if recording is None:
            return "No recording is open."
        return place_of(self.field.text(), recording, self._session.playback.cursor)

    def _tell(self, text: str) -> None:
        place = self._place()
        self._go.setEnabled(isinstance(place, float))
        self.words.setText(_HINT if not text.strip() else self._where(place))

    def _where(self, place: float | str) -> str:
        if isinstance(place, str):
            return place
        recording = self._session.opened.recording
        video = None if recording is None else recording.video
        frame = f" · frame {frame_number(video.times, place)}" if video is not None else ""
        return f"{clock(place)} · {place:.3f} s{frame}"

    def accept(self) -> None:
        place = self._place()
        if isinstance(place, float):
            self._session.playback.seek(place)
            super().accept()
