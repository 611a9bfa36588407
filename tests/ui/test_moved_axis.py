"""Panels over time when the axis moves: shown as if painted anew, without painting the names again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app.core.semiology import Presence, Span
from app.core.timeline.time_axis import panned, zoomed
from app.ui.session.session import Session
from app.ui.views.movement import MovementView
from app.ui.views.time_panel import TimePanel
from app.ui.views.timeline import TimelineView
from app.ui.views.traces import TracesView
from app.ui.views.waveform import WaveformView
from tests.ui.found_widgets import displayed
from tests.ui.session_cases import QuickReader, opened, quick, recording_path
from tests.ui.trace_cases import Measuring, measuring

__all__ = ["measuring", "quick", "recording_path"]

_PANELS = (TimelineView, WaveformView, TracesView, MovementView)


@pytest.fixture
def session(
    qtbot: QtBot, quick: type[QuickReader], measuring: Measuring, recording_path: Path
) -> Iterator[Session]:
    with opened(qtbot, recording_path) as session:
        session.selection.select("clonic")
        session.answers.answer("clonic", Presence.YES)
        session.labels.marks.set("onset", 0.41)
        session.loop.show_span(Span(0.2, 0.6), repeat=True)
        qtbot.waitUntil(lambda: session.sound_detail.waveform is not None)
        yield session


def _shown(qtbot: QtBot, session: Session, kind: type[TimePanel]) -> TimePanel:
    view: TimePanel = displayed(qtbot, kind(session))
    view.resize(811, 303)
    if kind is TracesView:
        qtbot.waitUntil(lambda: session.analysis.traces.found is not None)
    return view


def _moves(session: Session) -> Iterator[Span]:
    """Spans of every kind of move: nearer, along by little and by more than a page, and back to all."""
    duration = session.opened.duration
    visible = zoomed(Span(0.0, duration), 0.3 * duration, 0.37, duration)
    yield visible
    for step in (0.013, 0.21, -3.0, 1.1):
        visible = panned(visible, step * visible.duration, duration)
        yield visible
    yield zoomed(visible, visible.start, 0.1, duration)
    yield Span(0.0, duration)


def _picture(view: TimePanel) -> QImage:
    return view.grab().toImage()


@pytest.mark.parametrize("kind", _PANELS)
def test_what_was_moved_is_as_if_painted_anew(qtbot: QtBot, session: Session, kind: type[TimePanel]) -> None:
    view = _shown(qtbot, session, kind)
    seen = [_picture(view)]
    for span in _moves(session):
        session.visible.set(span)
        seen.append(_picture(view))
        view.refresh()
        assert seen[-1] == _picture(view), f"{span}"
    assert seen[1] != seen[0], "something has moved"


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (TimelineView, "app.ui.views.timeline.paint_name"),
        (TracesView, "app.ui.views.traces.paint_limits"),
        (TracesView, "app.ui.views.traces.TracesView._paint_name"),
        (TracesView, "app.ui.views.traces.TracesView._paint_head"),
    ],
)
def test_what_stands_still_is_not_painted_again(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch, kind: type[TimePanel], what: str
) -> None:
    painted = 0
    paint = resolve_name(what)

    def counted(*of: Any, **how: Any) -> None:
        nonlocal painted
        painted += 1
        paint(*of, **how)

    monkeypatch.setattr(what, counted)
    view = _shown(qtbot, session, kind)
    _picture(view)
    before = painted
    assert before > 0
    for span in _moves(session):
        session.visible.set(span)
        _picture(view)
    assert painted == before


def test_an_axis_that_stays_where_it_is_changes_nothing(qtbot: QtBot, session: Session) -> None:
    session.visible.set(Span(0.2, 0.9))
    with qtbot.assertNotEmitted(session.visible.changed):
        session.visible.set(Span(0.2, 0.9))
    with qtbot.waitSignal(session.visible.changed):
        session.visible.set(Span(0.0, 0.9))
