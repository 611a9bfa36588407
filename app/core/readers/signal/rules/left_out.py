"""What was left out of the answers because it is not certainly the patient's."""

from __future__ import annotations

from dataclasses import replace

from app.core.enhance.left_out import left_out
from app.core.enhance.pose_track import DOUBT_TEXTS, PoseTrack
from app.core.readers.signal.measures.grid import Grid
from app.core.readers.signal.measures.hiding import Hiding
from app.core.readers.signal.measures.series import spans_of
from app.core.readers.signal.rules.answering import format_spans
from app.core.semiology import Answer

_OF_SOUND = frozenset({"verbal_responsiveness", "ictal_vocalization"})


def left_out_text(track: PoseTrack | None) -> str:
    """How many seconds were left out, when, and why, as sentences; "" when nothing was."""
    parts = left_out(track) if track is not None else ()
    return " ".join(
        f"{one.seconds:.1f} s were left out ({format_spans(one.spans)}): {DOUBT_TEXTS[one.doubt]}."
        for one in parts
    )


def unchanged_text(grid: Grid | None) -> str:
    """When the picture stood still or showed earlier pictures once more, as sentences; "" if never."""
    if grid is None:
        return ""
    parts = (
        f"{rows.sum() / grid.rate:.1f} s were left out ({format_spans(spans_of(rows, grid.times))}): {why}."
        for reason, why in _UNCHANGED.items()
        if (rows := grid.hidden_by(reason)).any()
    )
    return " ".join(parts)


_UNCHANGED = {
    Hiding.STILL_PICTURE: "the picture stands still, as no living body does",
    Hiding.SHOWN_BEFORE: "it repeats earlier pictures exactly, a loop of the file and no movement of a body",
}


def with_left_out(answer: Answer, text: str) -> Answer:
    """The answer with what was left out, if it rests on the picture."""
    if not text or answer.feature in _OF_SOUND:
        return answer
    return replace(answer, explanation=f"{answer.explanation} {text}")
