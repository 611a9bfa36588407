"""What was left out of the answers because it is not certain that it is the patient."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.core.enhance.pose_track import DOUBT_TEXTS, Doubt, PoseTrack
from app.core.readers.signal.measures.series import spans_of
from app.core.readers.signal.rules.answering import format_spans
from app.core.semiology import Answer

_SHORTEST = 0.5
"""Seconds; less than this changes no answer."""
_OF_SOUND = frozenset({"verbal_responsiveness", "ictal_vocalization"})


def left_out_text(track: PoseTrack | None) -> str:
    """How many seconds were left out, when, and why, as sentences; "" when nothing was."""
    if track is None or len(track.times) < 2:
        return ""
    return " ".join(text for doubt in DOUBT_TEXTS if (text := _sentence(track, doubt)))


def _sentence(track: PoseTrack, doubt: Doubt) -> str:
    rows = track.doubt == doubt
    seconds = float(rows.sum()) * float(np.median(np.diff(track.times)))
    if seconds < _SHORTEST:
        return ""
    spans = format_spans(spans_of(rows, track.times))
    return f"{seconds:.1f} s were left out ({spans}): {DOUBT_TEXTS[doubt]}."


def with_left_out(answer: Answer, text: str) -> Answer:
    """The answer with what was left out, if it rests on the picture."""
    if not text or answer.feature in _OF_SOUND:
        return answer
    return replace(answer, explanation=f"{answer.explanation} {text}")
