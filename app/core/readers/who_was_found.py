"""What is said of a recording in whose picture the patient was not found, or not all the time."""

from __future__ import annotations

from app.core.enhance.left_out import LeftOut, left_out, left_out_message
from app.core.enhance.pose_track import NOBODY_FOUND, Doubt, PoseTrack
from app.core.semiology import Span

_NAMED = 3
"""So many stretches are named."""

_DOUBTED = {
    Doubt.NOT_A_PERSON: "something was followed {} that is not surely a person",
    Doubt.UNCERTAIN: "a person was followed {} who is not surely the patient",
    Doubt.ANOTHER: "another person was followed {}",
}
"""What was followed instead, by the doubt; with its times."""


def nobody_message(track: PoseTrack) -> str:
    """That nobody was found in the picture, and what was followed instead; "" where the patient was found.

    It is one sentence: that nobody was found, and that what was followed is left out, would contradict each
    other.
    """
    if track.found.any():
        return ""
    instead = left_out(track)
    if not instead:
        return NOBODY_FOUND
    followed = "; ".join(_DOUBTED[one.doubt].format(_times(one)) for one in instead)
    return (
        f"Nobody was surely found in the picture, so what has to be seen cannot be assessed; {followed}. "
        "If that is the patient, draw a box around them."
    )


def found_message(track: PoseTrack) -> str:
    """What the window says of who was found: nobody, or what is left out; "" where it was the patient."""
    return nobody_message(track) or left_out_message(track)


def _times(one: LeftOut) -> str:
    named = ", ".join(_from_to(span) for span in one.spans[:_NAMED])
    more = len(one.spans) - _NAMED
    return f"{named} and {more} more times" if more > 1 else f"{named} and once more" if more == 1 else named


def _from_to(span: Span) -> str:
    return f"from {span.start:.1f} to {span.end:.1f} s"
