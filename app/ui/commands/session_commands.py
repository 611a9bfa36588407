"""The commands of the window as a table: each with its name, its keys and what it does."""

from __future__ import annotations

from dataclasses import replace

from app.ui.commands.answer_commands import answer_commands
from app.ui.commands.command import Command, Menu
from app.ui.commands.key_watch import KeyWatch
from app.ui.commands.label_commands import label_commands
from app.ui.commands.look_commands import look_commands
from app.ui.commands.moving_commands import loop_commands, loop_evidence, moving_commands, playing_commands
from app.ui.session.answering import Advance
from app.ui.session.session import Session
from app.ui.theme import Mode

__all__ = ["Advance", "Command", "Menu", "loop_evidence", "session_commands"]


def session_commands(session: Session, advance: Advance, keys: KeyWatch) -> tuple[Command, ...]:
    """The commands of the session; the window adds more."""
    return (
        *_playing(session),
        *answer_commands(session, advance),
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
