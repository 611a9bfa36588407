"""The sentences over the picture when it is not the requested one."""

from __future__ import annotations

from app.core.recording.presentation import Aim
from app.ui.session.session import Session

_AIMED_AT = {Aim.PATIENT: "patient", Aim.FACE: "face"}


def opening_words(session: Session) -> str:
    """The progress of opening while only the first picture is there; "" otherwise."""
    work = session.analysis.work
    if session.opened.preview is None or work is None:
        return ""
    return f"{work.what} … {work.done:.0%}"


def gap_words(session: Session) -> str:
    """A note that the frame is of another time, where the recording has no picture; "" otherwise."""
    recording, now = session.opened.recording, session.playback.cursor
    if recording is None or not any(
        gap.start <= now and (now < gap.end or gap.end >= recording.duration) for gap in recording.gaps
    ):
        return ""
    return "No picture at this time; the nearest frame is shown"


def not_found_words(session: Session, aim: Aim) -> str:
    """The reason why the picture does not follow its target."""
    what = _AIMED_AT[aim]
    if session.analysis.pose is None:
        return f"The {what} is still being looked for"
    return f"No {what} was found"
