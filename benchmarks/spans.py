"""10,000 spans of my reading in one recording: one of them dragged, taken back, and all of them panned."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.core.jobs import Progress
from app.core.semiology import FEATURES, Answer, Presence, Span
from benchmarks.benchmark import Options, Result, Row, at_most, fact, machine
from benchmarks.footage import write_long
from benchmarks.screen import screen
from benchmarks.stage import fresh_home
from benchmarks.timeline import FRAME_BAR, Moment, pan_and_zoom
from benchmarks.window import settle, shown_window, wait_for

if TYPE_CHECKING:
    from PySide6.QtCore import QPoint
    from PySide6.QtWidgets import QWidget

    from app.ui.session.session import Session
    from app.ui.views.timeline import TimelineView

SECONDS, SPANS, DRAGS = 7200.0, 10_000, 100
DURABLE_BAR = 100.0
_SIZE = (640, 360)
_SHOWN = 5.0
"""Seconds on screen while a span is dragged: it is wide enough to be taken then."""
_BY = 20
"""Pixels that it is dragged."""


@dataclass(slots=True)
class Taken:
    """Every drag and every undo until all is painted; milliseconds until the drag was on disk."""

    painted: list[Moment] = field(default_factory=list)
    durable: list[float] = field(default_factory=list)
    undone: list[Moment] = field(default_factory=list)


def run(options: Options) -> Result:
    """`seconds` of a recording, `runs` spans are dragged in each case."""
    seconds, drags = options.seconds or SECONDS, options.runs or DRAGS
    rows: list[Row] = []
    with screen() as drawn_on, fresh_home(), tempfile.TemporaryDirectory() as folder:
        options.report(Progress("Writing the recording", 0.0))
        path = write_long(Path(folder) / "long.mp4", seconds, _SIZE)
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
            for number, (words, features) in enumerate(_CASES):
                options.report(Progress(f"{SPANS:,} spans {words}", 0.2 + 0.4 * number))
                _mark(session, features)
                view = _timeline(window)
                rows += _rows(words, _dragged(session, view, features, drags), *pan_and_zoom(session))
                _clear(session, features)
    return Result(
        "spans",
        machine(),
        tuple(rows),
        (
            drawn_on,
            f"{drags} spans are dragged by {_BY} pixels each, with the mouse, and each drag is undone by its "
            "key's command. Everything is done and painted in the GUI thread between the release of the "
            "button and the end of the measurement, writing included.",
        ),
    )


_CASES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (f"over {len(FEATURES)} features", tuple(feature.id for feature in FEATURES)),
    ("in one feature", (FEATURES[0].id,)),
)


def spans_of(count: int, duration: float) -> tuple[Span, ...]:
    """So many spans over the whole recording, each with a gap after it."""
    begins = np.linspace(0.0, duration, count, endpoint=False)
    length = 0.6 * duration / count
    return tuple(Span(float(begin), float(begin + length)) for begin in begins)


def _mark(session: Session, features: tuple[str, ...]) -> None:
    """Give all the spans to the answers of my reading."""
    spans = spans_of(SPANS // len(features), session.opened.duration)
    for feature in features:
        before, after = session.answers.mine.answer(feature), Answer(feature, Presence.YES, None, spans)
        session.study.apply(partial(session.study.of_recording.label_edits.answer, before, after))
    session.study.of_recording.writers.settle(60.0)
    session.study.read_again()
    settle(0.5)


def _clear(session: Session, features: tuple[str, ...]) -> None:
    for feature in features:
        session.answers.answer(feature, None)
    settle(0.2)


def _timeline(window: QWidget) -> TimelineView:
    from app.ui.views.timeline import TimelineView

    view = window.findChild(TimelineView)
    assert isinstance(view, TimelineView)
    return view


def _dragged(session: Session, view: TimelineView, features: tuple[str, ...], count: int) -> Taken:
    """Drag spans all over the recording, and take every one back after it."""
    from PySide6.QtWidgets import QApplication

    taken, kept = Taken(), [0.0]

    def note(_saved: object) -> None:
        if not kept[0]:
            kept[0] = time.perf_counter()

    session.study.saved.connect(note)
    for number in range(count):
        feature = features[number % len(features)]
        span = session.answers.mine.answer(feature).evidence[(number * 97) % (SPANS // len(features))]
        release = _hold(session, view, feature, span)
        before, kept[0] = session.answers.mine.answer(feature).evidence, 0.0
        begun = time.perf_counter()
        taken.painted.append(_timed(release))
        while not kept[0]:
            QApplication.processEvents()
        taken.durable.append((kept[0] - begun) * 1000)
        if session.answers.mine.answer(feature).evidence == before:
            raise RuntimeError("the drag has moved nothing")
        taken.undone.append(_timed(session.undoing.undo))
        session.study.of_recording.writers.settle(60.0)
        if session.answers.mine.answer(feature).evidence != before:
            raise RuntimeError("the undo has not brought back what was")
    session.study.saved.disconnect(note)
    return taken


def _hold(session: Session, view: TimelineView, feature: str, span: Span) -> Callable[[], None]:
    """Take a span in the middle and drag it; what lets it go."""
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    session.selection.select(feature)
    middle = (span.start + span.end) / 2
    begin = min(max(middle - _SHOWN / 2, 0.0), session.opened.duration - _SHOWN)
    session.visible.set(Span(begin, begin + _SHOWN))
    settle(0.05)
    top, height = view.my_lane(feature)
    place = QPoint(round(view.scale_of_time.x(middle)), round(top + height / 2))
    button, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mousePress(view, button, keys, place)
    end: QPoint = place
    for step in (_BY // 2, _BY):
        end = QPoint(place.x() + step, place.y())
        QTest.mouseMove(view, end)
        settle(0.02)
    return lambda: QTest.mouseRelease(view, button, keys, end)


def _timed(do: Callable[[], None]) -> Moment:
    """How long something takes with all that is painted after it."""
    from PySide6.QtWidgets import QApplication

    begun, computed = time.perf_counter(), time.thread_time()
    do()
    QApplication.processEvents()
    return Moment((time.perf_counter() - begun) * 1000, (time.thread_time() - computed) * 1000)


def _rows(words: str, taken: Taken, panned: list[Moment], zoomed: list[Moment]) -> tuple[Row, ...]:
    def p95(values: list[float]) -> float:
        return float(np.percentile(values, 95))

    rows: list[Row] = []
    for what, each in (
        (f"{SPANS:,} spans {words}: one dragged, shown and painted, p95", taken.painted),
        ("one undone, shown and painted, p95", taken.undone),
        ("panned, p95", panned),
        ("zoomed, p95", zoomed),
    ):
        rows.append(at_most(what, p95([one.took for one in each]), "ms", FRAME_BAR))
        rows.append(fact("of it computed by the GUI thread", p95([one.computed for one in each]), "ms"))
    rows.append(at_most("one dragged until it is on disk, p95", p95(taken.durable), "ms", DURABLE_BAR))
    return tuple(rows)
