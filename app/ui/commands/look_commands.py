"""The commands for the presentation of picture and sound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from app.core.recording.presentation import AS_RECORDED, Aim, Presentation, Tone
from app.ui.commands.command import Command, Menu, rows_of
from app.ui.session.session import Session

GAMMA_STEP = 1.25


def look_commands(session: Session) -> tuple[Command, ...]:
    """The commands for brightness, orientation, zoom, inset and spectrogram."""
    return (*_light(session), *_turning(session), *_zooming(session), *_sound(session))


def _changed(session: Session, change: Callable[[Presentation], Presentation]) -> Callable[[], None]:
    return lambda: session.picture.present(change(session.picture.presentation))


def _light(session: Session) -> tuple[Command, ...]:
    row = rows_of(Menu.PICTURE)

    def lit(factor: float) -> Callable[[], None]:
        return _changed(session, lambda look: replace(look, tone=lighter(look.tone, factor)))

    return (
        row("lighter", "Lighter", ("Ctrl+Up",), "Brighten the dark parts.", lit(GAMMA_STEP), parted=True),
        row("darker", "Darker", ("Ctrl+Down",), "Darken the dark parts.", lit(1 / GAMMA_STEP)),
        row(
            "as_recorded",
            "Brightness as recorded",
            ("Ctrl+0",),
            "Brightness, contrast and gamma as recorded.",
            _changed(session, lambda look: replace(look, tone=AS_RECORDED)),
        ),
    )


def lighter(tone: Tone, factor: float) -> Tone:
    """The tone with its gamma times `factor`, within its bounds."""
    return replace(tone, gamma=min(max(round(tone.gamma * factor, 3), 0.25), 4.0))


def _turning(session: Session) -> tuple[Command, ...]:
    row = rows_of(Menu.PICTURE)

    def turned(quarters: int) -> Callable[[], None]:
        return _changed(session, lambda look: replace(look, orientation=look.orientation.turned(quarters)))

    return (
        row("turn_right", "Rotate right", ("Ctrl+T",), "Rotate by 90°.", turned(1), parted=True),
        row("turn_left", "Rotate left", ("Ctrl+Shift+T",), "Rotate back by 90°.", turned(-1)),
        row(
            "mirror",
            "Mirrored recording",
            ("Shift+M",),
            "Mirror the picture; left and right in the readers' answers are swapped too.",
            _changed(session, lambda look: replace(look, orientation=look.orientation.flipped())),
            checked=lambda: session.picture.mirrored,
        ),
    )


def _zooming(session: Session) -> tuple[Command, ...]:
    row = rows_of(Menu.PICTURE)

    picture = session.picture

    def aimed(aim: Aim, id_: str, name: str, key: str, what: str) -> Command:
        def slot() -> None:
            picture.aim(Aim.WHOLE if picture.presentation.aim is aim else aim)

        first = aim is Aim.PATIENT
        return row(
            id_,
            name,
            (key,),
            what,
            slot,
            parted=first,
            checked=lambda: session.picture.presentation.aim is aim,
        )

    return (
        aimed(Aim.PATIENT, "aim_patient", "Zoom to the patient", "Z", "Follow the patient."),
        aimed(Aim.FACE, "aim_face", "Zoom to the face", "X", "Follow the face."),
        row(
            "aim_whole",
            "Whole picture",
            ("0",),
            "Show the whole picture.",
            lambda: picture.aim(Aim.WHOLE),
        ),
        row(
            "inset",
            "Face inset",
            ("V",),
            "Show the face magnified in a corner.",
            _changed(session, lambda look: replace(look, inset=not look.inset)),
            parted=True,
            checked=lambda: session.picture.presentation.inset,
        ),
        row(
            "inset_corner",
            "Move the inset to the next corner",
            ("Shift+V",),
            "Move the magnified face out of the way.",
            _changed(session, Presentation.next_corner),
        ),
    )


def _sound(session: Session) -> tuple[Command, ...]:
    return (
        Command(
            "spectrogram",
            Menu.VIEW,
            "Spectrogram",
            ("W",),
            "Show the frequencies of the sound below the waveform.",
            lambda: session.sound_detail.show_spectrogram(not session.sound_detail.spectrogram_shown),
            lambda: session.sound_detail.spectrogram_shown,
        ),
    )
