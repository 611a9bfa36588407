"""What was left out of the answers because it is not certainly the patient's."""

from __future__ import annotations

from dataclasses import replace

from app.core.enhance.left_out import left_out
from app.core.enhance.pose_track import DOUBT_TEXTS, PoseTrack
from app.core.readers.signal.measures.grid import Grid
from app.core.readers.signal.measures.series import at_least, spans_of
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
    """When the picture did not change at all, as a sentence; "" if never."""
    if grid is None:
        return ""
    rows = at_least(grid.still_picture, 2)
    if not rows.any():
        return ""
    when = format_spans(spans_of(rows, grid.times))
    return f"{rows.sum() / grid.rate:.1f} s were left out ({when}): the picture does not change at all there."


def with_left_out(answer: Answer, text: str) -> Answer:
    """The answer with what was left out, if it rests on the picture."""
    if not text or answer.feature in _OF_SOUND:
        return answer
    return replace(answer, explanation=f"{answer.explanation} {text}")
