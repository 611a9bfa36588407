"""What the window can be told, as a table: each command with its name, its keys and what it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from app.core.semiology import Presence, Span
from app.ui.session import Session
from app.ui.theme import Mode


class Menu(StrEnum):
    """The menus, in their order."""

    FILE = "&File"
    PLAY = "&Play"
    CHECKLIST = "&Checklist"
    PICTURE = "P&icture"
    READER = "&Reader"
    VIEW = "&View"
    HELP = "&Help"


@dataclass(frozen=True, slots=True)
class Command:
    """One row of the table.

    `keys` are in Qt's portable spelling, the first is shown in the menu; `help` is one sentence for
    the list of keys; `checked` makes the command a switch and tells its state; `parted` draws a line
    above it in the menu.
    """

    id: str
    menu: Menu
    name: str
    keys: tuple[str, ...]
    help: str
    slot: Callable[[], None]
    checked: Callable[[], bool] | None = None
    needs_recording: bool = False
    parted: bool = False


class Advance:
    """Whether an answer given with a key goes on to the next feature."""

    def __init__(self) -> None:
        self.on = True

    def toggle(self) -> None:
        self.on = not self.on


def session_commands(session: Session, advance: Advance) -> tuple[Command, ...]:
    """What the session can be told; the window adds its own."""
    return (
        *_playing(session),
        *_answering(session, advance),
        *_picture(session),
        Command(
            "again",
            Menu.READER,
            "Analyse again",
            ("Ctrl+R",),
            "Let the signal reader answer again.",
            session.analyse_again,
            needs_recording=True,
        ),
        Command(
            "theme",
            Menu.VIEW,
            "Light theme",
            ("Ctrl+Shift+L",),
            "Light instead of dark.",
            lambda: session.set_theme(Mode.LIGHT if session.theme.dark else Mode.DARK),
            lambda: not session.theme.dark,
        ),
    )


class _Row(Protocol):
    def __call__(
        self,
        id_: str,
        name: str,
        keys: tuple[str, ...],
        what: str,
        slot: Callable[[], None],
        *,
        parted: bool = False,
    ) -> Command: ...


def _rows_of(menu: Menu) -> _Row:
    """Rows of one menu that make sense with a recording only."""

    def row(
        id_: str,
        name: str,
        keys: tuple[str, ...],
        what: str,
        slot: Callable[[], None],
        *,
        parted: bool = False,
    ) -> Command:
        return Command(id_, menu, name, keys, what, slot, needs_recording=True, parted=parted)

    return row


def _playing(session: Session) -> tuple[Command, ...]:
    row = _rows_of(Menu.PLAY)

    def jump(seconds: float) -> Callable[[], None]:
        return lambda: session.seek(session.cursor + seconds)

    return (
        row("play", "Play or pause", ("Space", "K"), "Play or pause.", session.toggle_play),
        row("slower", "Slower", ("J",), "One speed down, to 0.25×.", lambda: session.change_speed(-1)),
        row("faster", "Faster", ("L",), "One speed up, to 4×.", lambda: session.change_speed(1)),
        row("speed_one", "Normal speed", ("1",), "Back to 1×.", lambda: session.set_speed(1.0)),
        row("frame_back", "Frame back", (",",), "One frame back.", lambda: session.step(-1), parted=True),
        row("frame_forward", "Frame forward", (".",), "One frame forward.", lambda: session.step(1)),
        row("back", "Back 1 s", ("Left",), "One second back.", jump(-1)),
        row("forward", "Forward 1 s", ("Right",), "One second forward.", jump(1)),
        row("far_back", "Back 5 s", ("Shift+Left",), "Five seconds back.", jump(-5)),
        row("far_forward", "Forward 5 s", ("Shift+Right",), "Five seconds forward.", jump(5)),
        row("start", "To the start", ("Home",), "To the start.", lambda: session.seek(0.0)),
        row("end", "To the end", ("End",), "To the end.", lambda: session.seek(session.duration)),
        row(
            "loop_before",
            "Repeat the evidence before",
            ("[",),
            "Repeat the former span of evidence.",
            lambda: loop_evidence(session, -1),
            parted=True,
        ),
        row(
            "loop_next",
            "Repeat the next evidence",
            ("]",),
            "Repeat the next span of evidence.",
            lambda: loop_evidence(session, 1),
        ),
        row(
            "loop_end",
            "Stop repeating",
            ("Escape",),
            "Play on after the repeated span.",
            lambda: session.set_loop(None),
        ),
        Command(
            "mute",
            Menu.PLAY,
            "Mute",
            ("M",),
            "Sound off or on.",
            lambda: session.set_muted(not session.muted),
            lambda: session.muted,
            parted=True,
        ),
    )


def _answering(session: Session, advance: Advance) -> tuple[Command, ...]:
    def answer(presence: Presence | None, *, go_on: bool = False) -> Callable[[], None]:
        def slot() -> None:
            session.answer(session.feature, presence)
            if go_on and advance.on and presence is not None:
                session.select_step(1)

        return slot

    row = _rows_of(Menu.CHECKLIST)
    yes, no, unable = Presence.YES, Presence.NO, Presence.NOT_ASSESSABLE
    return (
        row("yes", "Yes", ("Y",), "The selected feature is present.", answer(yes, go_on=True)),
        row("no", "No", ("N",), "The selected feature is not present.", answer(no, go_on=True)),
        row("unable", "Not assessable", ("U",), "It cannot be judged here.", answer(unable, go_on=True)),
        row("clear", "Clear the answer", ("Backspace", "Del"), "Back to unanswered.", answer(None)),
        row("yes_stay", "Yes, and stay", ("Shift+Y",), "Yes, without going on.", answer(yes), parted=True),
        row("no_stay", "No, and stay", ("Shift+N",), "No, without going on.", answer(no)),
        row(
            "unable_stay",
            "Not assessable, and stay",
            ("Shift+U",),
            "Not assessable, without going on.",
            answer(unable),
        ),
        Command(
            "advance",
            Menu.CHECKLIST,
            "Go on after answering",
            (),
            "Select the next feature after an answer by key.",
            advance.toggle,
            lambda: advance.on,
        ),
        row(
            "mark_start",
            "Evidence begins",
            ("I",),
            "Begin it here.",
            session.mark_start,
            parted=True,
        ),
        row("mark_end", "Evidence ends", ("O",), "End it here and keep it.", session.mark_end),
        Command(
            "up",
            Menu.CHECKLIST,
            "Feature above",
            ("Up",),
            "Select the feature above.",
            lambda: session.select_step(-1),
            parted=True,
        ),
        Command(
            "down",
            Menu.CHECKLIST,
            "Feature below",
            ("Down",),
            "Select the feature below.",
            lambda: session.select_step(1),
        ),
        row("undo", "Undo", ("Ctrl+Z",), "Take back the last change.", session.undo, parted=True),
        row("redo", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "Bring it back.", session.redo),
    )


def _picture(session: Session) -> tuple[Command, ...]:
    def switch(id_: str, name: str, key: str, what: str, part: str) -> Command:
        def state() -> bool:
            return bool(getattr(session.overlay, part))

        def toggle() -> None:
            session.set_overlay(replace(session.overlay, **{part: not state()}))

        return Command(id_, Menu.PICTURE, name, (key,), what, toggle, state)

    return (
        switch("skeleton", "Skeleton", "S", "Show the pose of the patient.", "skeleton"),
        switch("face", "Face outline", "A", "Show the outline of face, eyes and mouth.", "face"),
        switch("trails", "Wrist trails", "T", "Show where the wrists have just been.", "trails"),
        Command(
            "draw_patient",
            Menu.PICTURE,
            "Draw the patient's box",
            ("B",),
            "Drag a box round the patient.",
            lambda: session.draw_patient(not session.drawing_patient),
            lambda: session.drawing_patient,
            needs_recording=True,
            parted=True,
        ),
        Command(
            "forget_patient",
            Menu.PICTURE,
            "Remove the patient's box",
            ("Shift+B",),
            "Follow whoever is seen longest.",
            lambda: session.set_patient(None),
            needs_recording=True,
        ),
    )


def loop_evidence(session: Session, direction: int) -> None:
    """Repeat the next (or former) span of evidence of the selected feature, mine and the reader's."""
    readings = (session.mine,) if session.shown is None else (session.mine, session.shown)
    spans = sorted({span for reading in readings for span in reading.answer(session.feature).evidence})
    here = session.loop or Span(session.cursor, session.cursor)
    later = [span for span in spans if (span > here if direction > 0 else span < here)]
    if later:
        session.show_span(later[0] if direction > 0 else later[-1], loop=True)
