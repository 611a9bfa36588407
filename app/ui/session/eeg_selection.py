"""A stretch of one trace that was dragged over: its measures, and the loop that it shares with all panels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.semiology import Span
from app.ui.session.eeg_display import EegDisplay
from app.ui.session.loop import Loop
from app.ui.session.opened_recording import OpenedRecording

if TYPE_CHECKING:
    import numpy as np

    from app.core.eeg.trace_measurement import Measurement
    from app.core.eeg.trace_tiles import PageWindow

_SHORTEST = 0.05
"""Seconds; a shorter stretch is not a loop."""


class EegSelection(QObject):
    """Start and end on the EEG's clock, and the row that is measured."""

    changed = Signal()
    measuring_changed = Signal()
    """Whether a drag measures instead of moving the cursor."""

    def __init__(
        self, opened: OpenedRecording, loop: Loop, display: EegDisplay, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._opened = opened
        self._loop = loop
        self._display = display
        self._span: tuple[float, float] | None = None
        self._row = ""
        self._shared: Span | None = None
        self._measuring = False
        loop.changed.connect(self._on_loop)
        display.rows_changed.connect(self._on_rows)

    @property
    def span(self) -> tuple[float, float] | None:
        """Start and end in seconds on the EEG's clock; None without a selection."""
        return self._span

    @property
    def row(self) -> str:
        """The key of the row that is measured."""
        return self._row

    @property
    def measuring(self) -> bool:
        """Whether a drag measures without Shift."""
        return self._measuring

    def set_measuring(self, on: bool) -> None:
        self._measuring = on
        self.measuring_changed.emit()

    def drag(self, first: float, second: float, row: str) -> None:
        """Select a stretch while the pointer moves."""
        self._span, self._row = (min(first, second), max(first, second)), row
        self.changed.emit()

    def share(self) -> None:
        """The pointer was let go: repeat the stretch where there is a picture, in all panels."""
        if self._span is None or self._display.file is None:
            return
        sync, duration = self._display.file.sync, self._opened.duration
        start, end = (min(max(sync.to_recording(one), 0.0), duration) for one in self._span)
        if end - start >= _SHORTEST:
            self._shared = Span(start, end)
            self._loop.set(self._shared)

    def clear(self) -> None:
        """Select nothing; the loop goes with it."""
        shared, self._shared, self._span = self._shared, None, None
        if shared is not None and self._loop.span == shared:
            self._loop.set(None)
        self.changed.emit()

    def measurement(self) -> Measurement | None:
        """The measures of the selected stretch; None when there are no values, or only those of columns."""
        from fractions import Fraction

        from app.core.eeg.envelope_tiles import is_envelope
        from app.core.eeg.trace_measurement import measure
        from app.core.eeg.trace_tiles import page_windows

        if self._span is None or self._row not in self._display.keys:
            return None
        number = self._display.keys.index(self._row)
        plan, tiles = self._display.pages.shown()
        start, end = (Fraction(one) for one in self._span)
        windows = [one for one in page_windows(tiles, start, end) if number in one.numbers]
        if plan is None or not windows or is_envelope(plan, plan.rows[number].rate):
            return None
        return measure(_inside(windows[0], number), float(windows[0].rate))

    def unit(self) -> str:
        """The unit of the row that is measured."""
        keys = self._display.keys
        return self._display.rows[keys.index(self._row)].unit if self._row in keys else ""

    def _on_loop(self) -> None:
        if self._shared is not None and self._loop.span != self._shared:
            self._shared = self._span = None
            self.changed.emit()

    def _on_rows(self) -> None:
        if self._span is not None and self._row not in self._display.keys:
            self.clear()


def _inside(window: PageWindow, number: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """The values of a row without the sample beyond each end."""
    import numpy as np

    row = window.values[window.numbers.index(number)]
    return np.asarray(row[1:-1] if len(row) > 2 else row)
