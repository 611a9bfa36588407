"""The commands of the window as a table: each with its name, its keys and what it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from app.core.semiology import Presence
from app.ui.commands.command import Command, Menu, rows_of
from app.ui.commands.key_watch import KeyWatch
from app.ui.commands.label_commands import label_commands
from app.ui.commands.look_commands import look_commands
from app.ui.commands.moving_commands import loop_commands, loop_evidence, moving_commands, playing_commands
from app.ui.session.session import Session
from app.ui.theme import Mode

__all__ = ["Advance", "Command", "Menu", "loop_evidence", "session_commands"]


class Advance:
    """Whether an answer given with a key goes on to the next feature."""

    def __init__(self, on: bool = True) -> None:
        self.on = on

    def toggle(self) -> None:
        self.on = not self.on


def session_commands(session: Session, advance: Advance, keys: KeyWatch) -> tuple[Command, ...]:
    """The commands of the session; the window adds more."""
    return (
        *_playing(session),
        *_answering(session, advance),
        *label_commands(session, keys),
        *_picture(session),
        *look_commands(session),
        Command(
            "again",
            Menu.READER,
            "Analyse again",
            ("Ctrl+R",),
            "Let the signal reader answer again.",
            session.analysis.start_again,
            needs_recording=True,
        ),
        Command(
            "theme",
            Menu.VIEW,
            "Light theme",
            ("Ctrl+Shift+L",),
            "Use the light theme instead of the dark one.",
            lambda: session.appearance.set_mode(Mode.LIGHT if session.appearance.theme.dark else Mode.DARK),
            lambda: not session.appearance.theme.dark,
        ),
    )


def _playing(session: Session) -> tuple[Command, ...]:
    return (
        *playing_commands(session),
        *moving_commands(session),
        *loop_commands(session),
        Command(
            "mute",
            Menu.PLAY,
            "Mute",
            ("M",),
            "Turn the sound off or on.",
            lambda: session.sound.set_muted(not session.sound.muted),
            lambda: session.sound.muted,
            parted=True,
        ),
        Command(
            "denoised",
            Menu.PLAY,
            "Denoised sound",
            ("Shift+D",),
            "Reduce steady noise, as for a model, or play the sound as recorded.",
            lambda: session.sound.set_denoised(not session.picture.presentation.streams.denoised),
            lambda: session.picture.presentation.streams.denoised,
            needs_recording=True,
        ),
    )


def _answering(session: Session, advance: Advance) -> tuple[Command, ...]:
    def answer(presence: Presence | None, *, go_on: bool = False) -> Callable[[], None]:
        def slot() -> None:
            feature = session.selection.feature
            session.answers.answer(feature, presence)
            kept = session.answers.mine.answer(feature).presence is presence
            if go_on and advance.on and presence is not None and kept:
                session.order.step(1)

        return slot

    row = rows_of(Menu.CHECKLIST)
    yes, no, unable = Presence.YES, Presence.NO, Presence.NOT_ASSESSABLE
    return (
        row("yes", "Yes", ("Y",), "The selected feature is present.", answer(yes, go_on=True)),
        row("no", "No", ("N",), "The selected feature is not present.", answer(no, go_on=True)),
        row("unable", "Not assessable", ("U",), "It cannot be judged here.", answer(unable, go_on=True)),
        row(
            "clear",
            "Clear the answer or span",
            ("Backspace", "Del"),
            "Remove the selected span, or else the answer.",
            session.labels.delete,
        ),
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
            "Advance after answering",
            (),
            "Select the next feature after an answer by key.",
            advance.toggle,
            lambda: advance.on,
        ),
        row(
            "mark_start",
            "Evidence begins",
            ("I",),
            "The evidence begins at the cursor.",
            session.labels.begin_evidence,
            parted=True,
        ),
        row(
            "mark_end",
            "Evidence ends",
            ("O",),
            "The evidence ends at the cursor and is saved.",
            session.labels.end_evidence,
        ),
        Command(
            "up",
            Menu.CHECKLIST,
            "Previous feature",
            ("Up",),
            "Select the previous feature in the list.",
            lambda: session.order.step(-1),
            parted=True,
        ),
        Command(
            "down",
            Menu.CHECKLIST,
            "Next feature",
            ("Down",),
            "Select the next feature in the list.",
            lambda: session.order.step(1),
        ),
        row("undo", "Undo", ("Ctrl+Z",), "Undo the last change.", session.undoing.undo, parted=True),
        row("redo", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "Redo what was undone.", session.undoing.redo),
    )


def _picture(session: Session) -> tuple[Command, ...]:
    def switch(id_: str, name: str, key: str, what: str, part: str) -> Command:
        def state() -> bool:
            return bool(getattr(session.picture.overlay, part))

        def toggle() -> None:
            session.picture.set_overlay(replace(session.picture.overlay, **{part: not state()}))

        return Command(id_, Menu.PICTURE, name, (key,), what, toggle, state)

    return (
        switch("skeleton", "Skeleton", "S", "Show the pose of the patient.", "skeleton"),
        switch("face", "Face outline", "A", "Show the outline of face, eyes and mouth.", "face"),
        switch("trails", "Wrist trails", "T", "Show where the wrists were in the last 2 seconds.", "trails"),
        Command(
            "draw_patient",
            Menu.PICTURE,
            "Draw the patient's box",
            ("B",),
            "Drag a box around the patient.",
            lambda: session.patient.draw(not session.patient.drawing),
            lambda: session.patient.drawing,
            needs_recording=True,
            parted=True,
        ),
        Command(
            "forget_patient",
            Menu.PICTURE,
            "Remove the patient's box",
            ("Shift+B",),
            "Follow the person who is visible longest.",
            lambda: session.patient.set(None),
            needs_recording=True,
        ),
    )
