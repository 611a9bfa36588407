"""Moving about a recording: jumps, events, loops, and every command for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from app.core.reading import Reading
from app.core.semiology import FEATURES, Span
from app.ui.commands.command import Command, Menu, rows_of
from app.ui.session.session import Session

_SAME = 0.02
"""Seconds; an event this near to the cursor is the one that is shown already."""


def playing_commands(session: Session) -> tuple[Command, ...]:
    """Playing and its speed."""
    row = rows_of(Menu.PLAY)
    return (
        row("play", "Play or pause", ("Space", "K"), "Play or pause.", session.toggle_play),
        row("slower", "Slower", ("J",), "One speed step down.", lambda: session.change_speed(-1)),
        row("faster", "Faster", ("L",), "One speed step up.", lambda: session.change_speed(1)),
        row("speed_one", "Normal speed", ("1",), "Back to 1×.", lambda: session.set_speed(1.0)),
    )


def moving_commands(session: Session) -> tuple[Command, ...]:
    """Moving the cursor; held frame steps run at the recording's own rate."""
    row = rows_of(Menu.PLAY)

    def jump(seconds: float) -> Callable[[], None]:
        return lambda: session.seek(session.cursor + seconds)

    def own_jump(direction: int) -> Callable[[], None]:
        return lambda: session.seek(session.cursor + direction * session.jump_seconds)

    def page(direction: int) -> Callable[[], None]:
        return lambda: turn_page(session, direction)

    def to_event(direction: int, *, any_feature: bool) -> Callable[[], None]:
        return lambda: go_to_event(session, direction, any_feature=any_feature)

    return (
        row(
            "frame_back",
            "Previous frame",
            (",",),
            "One frame back; hold to step at the recording's frame rate.",
            lambda: session.step(-1),
            parted=True,
            held=True,
        ),
        row(
            "frame_forward",
            "Next frame",
            (".",),
            "One frame forward; hold to step at the recording's frame rate.",
            lambda: session.step(1),
            held=True,
        ),
        row("back", "Back 1 s", ("Left",), "One second back.", jump(-1)),
        row("forward", "Forward 1 s", ("Right",), "One second forward.", jump(1)),
        row(
            "far_back",
            "Jump back",
            ("Shift+Left",),
            "Back by the length of the jump, 5 s unless changed.",
            own_jump(-1),
        ),
        row(
            "far_forward", "Jump forward", ("Shift+Right",), "Forward by the length of the jump.", own_jump(1)
        ),
        row("page_back", "Page back", ("PgUp",), "Back by the span that the timeline shows.", page(-1)),
        row(
            "page_forward",
            "Page forward",
            ("PgDown",),
            "Forward by the span that the timeline shows.",
            page(1),
        ),
        row("start", "To the start", ("Home",), "To the start.", lambda: session.seek(0.0)),
        row("end", "To the end", ("End",), "To the end.", lambda: session.seek(session.duration)),
        row(
            "event_before",
            "Previous event",
            ("Ctrl+Left",),
            "To the selected feature's previous evidence.",
            to_event(-1, any_feature=False),
            parted=True,
        ),
        row(
            "event_next",
            "Next event",
            ("Ctrl+Right",),
            "To the selected feature's next evidence.",
            to_event(1, any_feature=False),
        ),
        row(
            "any_event_before",
            "Previous event, any feature",
            ("Ctrl+Shift+Left",),
            "To the previous evidence of any feature, and select that feature.",
            to_event(-1, any_feature=True),
        ),
        row(
            "any_event_next",
            "Next event, any feature",
            ("Ctrl+Shift+Right",),
            "To the next evidence of any feature, and select that feature.",
            to_event(1, any_feature=True),
        ),
    )


def loop_commands(session: Session) -> tuple[Command, ...]:
    """Repeating a stretch."""
    row = rows_of(Menu.PLAY)
    return (
        row(
            "loop_start",
            "Loop from here",
            ("[",),
            "The loop begins at the cursor.",
            session.loop_start,
            parted=True,
        ),
        row("loop_stop", "Loop to here", ("]",), "The loop ends at the cursor.", session.loop_end),
        row(
            "loop_before",
            "Repeat the previous evidence",
            ("Ctrl+[", "P"),
            "Repeat the previous span of evidence.",
            lambda: loop_evidence(session, -1),
        ),
        row(
            "loop_next",
            "Repeat the next evidence",
            ("Ctrl+]", "R"),
            "Repeat the next span of evidence.",
            lambda: loop_evidence(session, 1),
        ),
        row(
            "loop_end",
            "Stop repeating",
            ("Escape",),
            "Play on after the repeated span.",
            session.forget_loop,
        ),
    )


def loop_evidence(session: Session, direction: int) -> None:
    """Repeat the next (or former) span of evidence of the selected feature, mine and the reader's."""
    shown = session.shown
    readings = (session.mine,) if shown is None else (session.mine, shown)
    spans = sorted({span for reading in readings for span in reading.answer(session.feature).evidence})
    here = session.loop or Span(session.cursor, session.cursor)
    later = [span for span in spans if (span > here if direction > 0 else span < here)]
    if later:
        session.show_span(later[0] if direction > 0 else later[-1], loop=True)


def turn_page(session: Session, direction: int) -> None:
    """Move the cursor by the length that the time panels show, and these with it."""
    length = session.visible.duration
    shown = Span(
        max(0.0, session.visible.start + direction * length),
        max(length, session.visible.end + direction * length),
    )
    session.seek(session.cursor + direction * length)
    session.set_visible(shown)


def go_to_event(session: Session, direction: int, *, any_feature: bool) -> None:
    """Go to the next (or former) beginning of evidence, of the selected feature or of any."""
    features = [feature.id for feature in FEATURES] if any_feature else [session.feature]
    found = nearest_event(events((session.mine, *session.others), features), session.cursor, direction)
    if found is None:
        where = "before" if direction < 0 else "after"
        session.tell(f"no evidence {where} the cursor")
        return
    start, feature = found
    session.select(feature)
    session.seek(start)


def events(readings: Iterable[Reading], features: Sequence[str]) -> list[tuple[float, str]]:
    """Where evidence of the features begins, in the order of time; seconds and feature."""
    found = {
        (span.start, feature)
        for reading in readings
        for feature in features
        for span in reading.answer(feature).evidence
    }
    return sorted(found)


def nearest_event(
    starts: Sequence[tuple[float, str]], cursor: float, direction: int
) -> tuple[float, str] | None:
    """The first event after the cursor, or the last one before it."""
    if direction > 0:
        return next((event for event in starts if event[0] > cursor + _SAME), None)
    return next((event for event in reversed(starts) if event[0] < cursor - _SAME), None)
