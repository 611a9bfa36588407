"""Ten minutes of traces in twelve rows, panned and zoomed in the window with all that shares their axis."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.core.jobs import Progress
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity
from app.core.semiology import FEATURES, Answer, Laterality, Presence, Span
from app.core.timeline.traces import MeasuredTrace, RecordingTraces, TraceCurve, TraceLimit
from benchmarks.benchmark import Options, Result, Row, at_most, fact, machine
from benchmarks.footage import write_long
from benchmarks.screen import screen
from benchmarks.stage import fresh_home
from benchmarks.timeline import Moment, pan_and_zoom
from benchmarks.window import settle, shown_window, wait_for

if TYPE_CHECKING:
    from app.ui.session.session import Session
    from app.ui.window import Window

SECONDS, RATE, ROWS = 600.0, 30, 12
FRAME_BAR = 16.0
_SIZE = (1920, 1050)
_POINTER_MOVES = 120


def run(options: Options) -> Result:
    """`seconds` is the length of the recording."""
    seconds = options.seconds or SECONDS
    with screen() as drawn_on, fresh_home(), tempfile.TemporaryDirectory() as folder:
        options.report(Progress(f"Writing {seconds / 60:g} min of recording", 0.0))
        path = write_long(Path(folder) / "long.mp4", seconds)
        with shown_window(*_SIZE) as (window, session):
            session.readers.ask_for_new_studies(False)
            session.opening.open(path)
            wait_for(session, lambda: session.opened.recording is not None, "the recording")
            session.analysis.cancel()
            wait_for(session, lambda: session.analysis.work is None, "the work to end")
            shown_rows = _show(window, session, seconds)
            options.report(Progress("Panning and zooming", 0.4))
            panned, zoomed = pan_and_zoom(session)
            options.report(Progress("Moving the pointer", 0.8))
            pointed = _pointed(window, session)
    what = f"{seconds / 60:g} min × {ROWS} rows × 2 sides at {RATE} Hz"
    rows = [*_rows(f"pan, {what}", panned), *_rows(f"zoom, {what}", zoomed), *_rows("pointer", pointed)]
    notes = (
        drawn_on,
        f"{shown_rows} of the {ROWS} rows are in sight at {_SIZE[0]}×{_SIZE[1]}; each move paints timeline, "
        "waveform and traces anew.",
    )
    return Result("traces", machine(), tuple(rows), notes)


def _rows(words: str, moves: list[Moment]) -> tuple[Row, Row]:
    took, computed = (
        float(np.percentile([getattr(move, name) for move in moves], 95)) for name in ("took", "computed")
    )
    words = f"{words}, 95th percentile"
    return at_most(words, took, "ms", FRAME_BAR), fact("of it computed by the GUI thread", computed, "ms")


def made_traces(seconds: float) -> RecordingTraces:
    """Twelve rows of the clonic feature, as restless as tracked wrists, with gaps."""
    chance = np.random.default_rng(3)
    times = np.arange(round(seconds * RATE)) / RATE

    def curve(side: Laterality) -> TraceCurve:
        values = np.cumsum(chance.normal(0, 0.1, len(times))).astype(np.float32)
        values += chance.normal(0, 1, len(times)).astype(np.float32)
        values[chance.uniform(size=len(times)) < 0.002] = np.nan
        return TraceCurve(f"{side.value} wrist", side, times, values)

    limits = (TraceLimit(0.5, "at least"), TraceLimit(2.0, "at most"))
    rows = tuple(
        MeasuredTrace(f"Row {number}", "Hz", (curve(Laterality.LEFT), curve(Laterality.RIGHT)), limits)
        for number in range(ROWS)
    )
    spans = tuple(Span(at, at + seconds / 40) for at in np.linspace(0, 0.9 * seconds, 8).tolist())
    return RecordingTraces({"clonic": rows}, {"clonic": spans})


def _show(window: Window, session: Session, seconds: float) -> int:
    """Show the traces in the real panel; how many rows are in sight."""
    from app.ui.views.traces import HEAD, TracesView

    identity = RecordingIdentity("long.mp4", "0" * 64, seconds)
    reader = ReaderIdentity(ReaderKind.SIGNAL, "bench", "1")
    answers = {one.id: Answer(one.id, Presence.NO, 60) for one in FEATURES}
    session.study.show_reading(Reading(identity, reader, answers))
    session.selection.select("clonic")
    session.requests.traces.emit()
    session.analysis.traces.take(made_traces(seconds))
    view = window.findChild(TracesView)
    assert isinstance(view, TracesView)
    view.setMinimumHeight(HEAD + 40 * ROWS)
    settle(0.5)
    assert not view.words(), view.words()
    return sum(row.top >= 0 and row.top + row.height <= view.height() for row in view.rows)


def _pointed(window: Window, session: Session) -> list[Moment]:
    """The pointer moved over the rows, which tell values."""
    from PySide6.QtCore import QPointF
    from PySide6.QtWidgets import QApplication

    from app.ui.views.traces import TracesView

    view = window.findChild(TracesView)
    assert isinstance(view, TracesView)
    scale, moves = view.scale_of_time, []
    for number in range(_POINTER_MOVES):
        begun, computed = time.perf_counter(), time.thread_time()
        view.hover(QPointF(scale.left + scale.width * number / _POINTER_MOVES, 60.0))
        QApplication.processEvents()
        moves.append(Moment((time.perf_counter() - begun) * 1000, (time.thread_time() - computed) * 1000))
    return moves
