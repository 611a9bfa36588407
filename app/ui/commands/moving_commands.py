"""The commands for moving in a recording: jumps, events, loops."""

from __future__ import annotations

from collections.abc import Callable

from app.core.semiology import FEATURES, Span
from app.core.study.evidence_events import list_starts, nearest_event, nearest_span
from app.ui.commands.command import Command, Menu, rows_of
from app.ui.session.session import Session


def playing_commands(session: Session) -> tuple[Command, ...]:
    """The commands for playing and its speed."""
    row = rows_of(Menu.PLAY)
    return (
        row("play", "Play or pause", ("Space", "K"), "Play or pause.", session.playback.toggle_play),
        row("slower", "Slower", ("J",), "One speed step down.", lambda: session.playback.change_speed(-1)),
        row("faster", "Faster", ("L",), "One speed step up.", lambda: session.playback.change_speed(1)),
        row("speed_one", "Normal speed", ("1",), "Back to 1×.", lambda: session.playback.set_speed(1.0)),
    )


def moving_commands(session: Session) -> tuple[Command, ...]:
    """The commands that move the cursor; held frame steps run at the recording's frame rate."""
    row, playback = rows_of(Menu.PLAY), session.playback

    def jump(seconds: float) -> Callable[[], None]:
        return lambda: session.playback.seek(session.playback.cursor + seconds)

    def long_jump(direction: int) -> Callable[[], None]:
        return lambda: session.playback.jump(direction)

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
            lambda: session.playback.step(-1),
            parted=True,
            held=True,
        ),
        row(
            "frame_forward",
            "Next frame",
            (".",),
            "One frame forward; hold to step at the recording's frame rate.",
            lambda: session.playback.step(1),
            held=True,
        ),
        row("back", "Back 1 s", ("Left",), "One second back.", jump(-1)),
        row("forward", "Forward 1 s", ("Right",), "One second forward.", jump(1)),
        row(
            "far_back",
            "Jump back",
            ("Shift+Left",),
            "Back by the length of the jump, 5 s unless changed.",
            long_jump(-1),
        ),
        row(
            "far_forward",
            "Jump forward",
            ("Shift+Right",),
            "Forward by the length of the jump.",
            long_jump(1),
        ),
        row("page_back", "Page back", ("PgUp",), "Back by the span that the timeline shows.", page(-1)),
        row(
            "page_forward",
            "Page forward",
            ("PgDown",),
            "Forward by the span that the timeline shows.",
            page(1),
        ),
        row("start", "To the start", ("Home",), "To the start.", lambda: session.playback.seek(0.0)),
        row("end", "To the end", ("End",), "To the end.", lambda: playback.seek(session.opened.duration)),
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
    """The commands for repeating a span."""
    row = rows_of(Menu.PLAY)
    return (
        row(
            "loop_start",
            "Loop from here",
            ("[",),
            "The loop begins at the cursor.",
            session.loop.begin_here,
            parted=True,
        ),
        row("loop_stop", "Loop to here", ("]",), "The loop ends at the cursor.", session.loop.end_here),
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
    )


def loop_evidence(session: Session, direction: int) -> None:
    """Repeat the next (or former) span of evidence of the selected feature, mine and the reader's."""
    cursor = session.playback.cursor
    here = session.loop.span or Span(cursor, cursor)
    span = nearest_span(session.answers.in_view, session.selection.feature, here, direction)
    if span is not None:
        session.loop.show_span(span, repeat=True)


def turn_page(session: Session, direction: int) -> None:
    """Move the cursor and the visible span by the length of the visible span."""
    visible, length = session.visible.span, session.visible.span.duration
    start, end = visible.start + direction * length, visible.end + direction * length
    session.playback.seek(session.playback.cursor + direction * length)
    session.visible.set(Span(max(0.0, start), max(length, end)))


def go_to_event(session: Session, direction: int, *, any_feature: bool) -> None:
    """Go to the next (or former) beginning of evidence, of the selected feature or of any."""
    features = [feature.id for feature in FEATURES] if any_feature else [session.selection.feature]
    starts = list_starts((session.answers.mine, *session.answers.others), features)
    found = nearest_event(starts, session.playback.cursor, direction)
    if found is None:
        where = "before" if direction < 0 else "after"
        session.status.say(f"no evidence {where} the cursor")
        return
    start, feature = found
    session.selection.select(feature)
    session.playback.seek(start)
