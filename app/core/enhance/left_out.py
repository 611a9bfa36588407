"""The stretches of a pose track that are left out because they are not certainly the patient's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.core.enhance.pose_track import DOUBT_TEXTS, Doubt, PoseTrack
from app.core.semiology import Span

_SHORTEST = 0.5
"""Seconds; less than this changes no answer."""
_NAMED = 3


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Stretches that are left out for one reason: `seconds` in all, and their `spans`."""

    doubt: Doubt
    seconds: float
    spans: tuple[Span, ...]


def left_out(track: PoseTrack) -> tuple[LeftOut, ...]:
    """What is left out of the answers, by reason; nothing where it is less than half a second."""
    if len(track.times) < 2:
        return ()
    every = (_of(track, doubt) for doubt in DOUBT_TEXTS)
    return tuple(one for one in every if one.seconds >= _SHORTEST)


def _of(track: PoseTrack, doubt: Doubt) -> LeftOut:
    rows = track.doubt == doubt
    step = float(np.median(np.diff(track.times)))
    edges = np.flatnonzero(np.diff(np.concatenate(([0], rows.astype(np.int8), [0]))))
    spans = (
        Span(max(float(track.times[start]), 0.0), max(float(track.times[stop - 1]), 0.0))
        for start, stop in zip(edges[::2], edges[1::2], strict=True)
    )
    return LeftOut(doubt, float(rows.sum()) * step, tuple(spans))


def left_out_message(track: PoseTrack) -> str:
    """What the window says of it, as sentences; "" when nothing is left out."""
    sentences = [_sentence(one) for one in left_out(track)]
    if not sentences:
        return ""
    return " ".join([*sentences, "If another person was followed, draw a box around the patient."])


def _sentence(one: LeftOut) -> str:
    named = ", ".join(f"{span.start:.1f}–{span.end:.1f} s" for span in one.spans[:_NAMED])
    more = f" and {len(one.spans) - _NAMED} more" if len(one.spans) > _NAMED else ""
    return f"{one.seconds:.1f} s are left out of the answers ({named}{more}): {DOUBT_TEXTS[one.doubt]}."
