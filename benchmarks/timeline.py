"""The timeline with 10,000 events, and the picture while somebody drags across hours."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.core.jobs import Progress
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity
from app.core.semiology import FEATURES, Answer, Presence, Span
from benchmarks.benchmark import Options, Result, Row, at_least, at_most, fact, machine
from benchmarks.footage import write_long
from benchmarks.screen import screen
from benchmarks.stage import fresh_home
from benchmarks.window import settle, shown_window, wait_for

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.ui.session.session import Session
    from app.ui.views.timeline import TimelineView

SECONDS, EVENTS = 7200.0, 10_000
FRAME_BAR = 16.0
SHOWN_BAR = 25.0
DRAG_SECONDS = 6.0
_MOVES = 120
_POINTER_EVERY = 1 / 60


def run(options: Options) -> Result:
    seconds = options.seconds or SECONDS
    with screen() as drawn_on, fresh_home(), tempfile.TemporaryDirectory() as folder:
        options.report(Progress(f"Writing {seconds / 3600:g} h of recording", 0.0))
        path = write_long(Path(folder) / "long.mp4", seconds)
        with shown_window() as (window, session):
            session.readers.ask_for_new_studies(False)
            session.opening.open(path)
            wait_for(
                session,
                lambda: session.opened.recording is not None and session.sound_detail.waveform is not None,
                "it",
            )
            session.analysis.cancel()
            wait_for(session, lambda: session.analysis.work is None, "the work to end")
            timeline = _with_events(window, session)
            options.report(Progress("Panning and zooming", 0.3))
            panned, zoomed = pan_and_zoom(session)
            options.report(Progress("Dragging", 0.6))
            shown, asked = _dragged(session, timeline)
    return Result("timeline", machine(), rows_of(panned, zoomed, shown, seconds), (drawn_on, asked))


@dataclass(frozen=True, slots=True)
class Moment:
    """One move: milliseconds by the clock, and of them what the GUI thread computed."""

    took: float
    computed: float


def rows_of(panned: list[Moment], zoomed: list[Moment], shown: float, seconds: float) -> tuple[Row, ...]:
    """The measured rows: milliseconds until every time panel is painted, frames a second while dragging."""
    rows: list[Row] = []
    for what, moves in (("pan", panned), ("zoom", zoomed)):
        words = f"{what} with {EVENTS:,} events, 95th percentile"
        rows.append(at_most(words, float(np.percentile([move.took for move in moves], 95)), "ms", FRAME_BAR))
        busy = float(np.percentile([move.computed for move in moves], 95))
        rows.append(fact("of it computed by the GUI thread", busy, "ms"))
    words = f"frames shown while dragging across {seconds / 3600:g} h"
    return (*rows, at_least(words, shown, "Hz", SHOWN_BAR))


def a_reading_of(events: int, duration: float) -> Reading:
    """A reading with so many spans of evidence, over all features and the whole recording."""
    chance = np.random.default_rng(11)
    per_feature = -(-events // len(FEATURES))
    answers: dict[str, Answer] = {}
    for feature in FEATURES:
        edges = np.sort(chance.uniform(0.0, duration, 2 * per_feature))
        spans = tuple(Span(float(a), float(b)) for a, b in edges.reshape(-1, 2))
        answers[feature.id] = Answer(feature.id, Presence.YES, 70, spans)
    return Reading(
        RecordingIdentity("long.mp4", "0" * 64, duration),
        ReaderIdentity(ReaderKind.PHANTOM, "bench", "1"),
        answers,
    )


def _with_events(window: QWidget, session: Session) -> TimelineView:
    from app.ui.views.timeline import TimelineView

    reading = a_reading_of(EVENTS, session.opened.duration)
    session.study.show_reading(reading)
    session.answers.show_reader(reading.reader)
    view = window.findChild(TimelineView)
    assert isinstance(view, TimelineView)
    settle(0.5)
    return view


def pan_and_zoom(session: Session) -> tuple[list[Moment], list[Moment]]:
    """Milliseconds of each pan and of each zoom, with every time panel painted anew."""
    from PySide6.QtWidgets import QApplication

    from app.core.timeline.time_axis import panned, zoomed

    def timed(span: Span) -> Moment:
        begun, computed = time.perf_counter(), time.thread_time()
        session.visible.set(span)
        QApplication.processEvents()
        return Moment((time.perf_counter() - begun) * 1000, (time.thread_time() - computed) * 1000)

    duration = session.opened.duration
    pans: list[Moment] = []
    for length in (duration, duration / 10, duration / 200):
        session.visible.set(Span(0.0, length))
        step = (duration - length) / _MOVES or length / 50
        pans += [timed(panned(session.visible.span, step, duration)) for _ in range(_MOVES)]
    session.visible.set(Span(0.0, duration))
    factors = [0.93] * _MOVES + [1 / 0.93] * _MOVES
    zooms = [timed(zoomed(session.visible.span, duration / 3, factor, duration)) for factor in factors]
    return pans, zooms


def _dragged(session: Session, view: TimelineView) -> tuple[float, str]:
    """Frames a second that came on screen while the pointer went across the whole recording and back."""
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    session.visible.set(Span(0.0, session.opened.duration))
    settle(0.5)
    scale, seen = view.scale_of_time, 0

    def count() -> None:
        nonlocal seen
        seen += 1

    button = Qt.MouseButton.LeftButton
    session.playback.frame_shown.connect(count)
    QTest.mousePress(view, button, Qt.KeyboardModifier.NoModifier, QPoint(round(scale.left), 8))
    begun, moves = time.perf_counter(), 0
    while (spent := time.perf_counter() - begun) < DRAG_SECONDS:
        share = 1 - abs(2 * spent / DRAG_SECONDS - 1)
        QTest.mouseMove(view, QPoint(round(scale.left + share * scale.width), 8))
        moves += 1
        settle(_POINTER_EVERY)
    shown = seen / (time.perf_counter() - begun)
    QTest.mouseRelease(view, button, Qt.KeyboardModifier.NoModifier, QPoint(round(scale.left), 8))
    session.playback.frame_shown.disconnect(count)
    settle(0.3)
    return shown, f"The pointer moved {moves} times in {DRAG_SECONDS:g} s."
