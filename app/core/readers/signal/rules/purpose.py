"""Detection of purposeful actions, which exclude seizure signs: talking, holding, handling, looking."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from app.core.enhance.pose_track import Joint
from app.core.readers.signal.measures.limbs import HeldPosture, LimbMeasures
from app.core.readers.signal.measures.measures import Measures
from app.core.readers.signal.measures.series import Mask, closed, moving
from app.core.readers.signal.rules.speakers import patient_talks
from app.core.readers.signal.thresholds import limit
from app.core.semiology import Span


def hands_together(measures: Measures) -> Mask:
    """A mask (n,) of both hands near each other: at one object (book, telephone, cup), clapping, folded."""
    body, grid = measures.body, measures.grid
    if body is None or grid is None:
        return np.zeros(0, dtype=bool)
    apart = np.hypot(*(body.joint(Joint.LEFT_WRIST) - body.joint(Joint.RIGHT_WRIST)).T) / body.unit
    near = moving(apart, grid.rows(1.0), "median")
    return np.asarray(np.nan_to_num(near, nan=9.0) < limit("hands_at_one_thing"))


def eyes_lowered(measures: Measures) -> Mask:
    """A mask (n,) of eyes or head lowered from their usual direction, as to an object in the hand."""
    if measures.grid is None:
        return np.zeros(0, dtype=bool)
    if measures.head is None or measures.eyes is None:
        return np.zeros(len(measures.grid.times), dtype=bool)
    window = measures.grid.rows(1.0)
    gaze = moving(measures.eyes.gaze[:, 1] - np.nanmedian(measures.eyes.gaze[:, 1]), window, "median")
    pitch = moving(measures.head.pitch, window, "median")
    share = np.maximum(np.nan_to_num(gaze), 0) / limit("gaze_lowered")
    share += np.maximum(np.nan_to_num(pitch), 0) / limit("head_lowered")
    return np.asarray(share >= 1)


GAZE_UNKNOWN = "The eyes are not seen, so that it cannot be distinguished from handling something."


def gaze_unknown(measures: Measures, spans: Iterable[Span]) -> bool:
    """Whether the eyes were not seen in most of the spans, so that looking at the hands is not excluded."""
    grid, eyes = measures.grid, measures.eyes
    if grid is None or eyes is None:
        return True
    inside = np.zeros(len(grid.times), dtype=bool)
    for span in spans:
        inside |= (grid.times >= span.start) & (grid.times <= span.end)
    return bool(inside.any() and eyes.seen[inside].mean() < limit("share_for_no"))


def is_in_use(measures: Measures, arm: LimbMeasures, hold: HeldPosture) -> bool:
    """Whether a held arm is in use: gesturing, or at one object with the other hand."""
    rows = slice(*hold.rows)
    if patient_talks(measures)[rows].mean() > limit("talking_share"):
        return True
    if arm.name.kind != "arm":
        return False
    return bool(hands_together(measures)[rows].mean() > 0.5)


def both_hands_purposeful(measures: Measures, at: float) -> bool:
    """Whether a simultaneous start of both arms at a time (s) is purposeful: while talking, to the face, to
    or from one object, or to an object that is looked at."""
    grid = measures.grid
    assert grid is not None
    after = (grid.times >= at + 0.4) & (grid.times <= at + limit("action_seconds"))
    around = (grid.times >= at - 1.0) & (grid.times <= at + limit("action_seconds"))
    if not after.any():
        return False
    if patient_talks(measures)[around].any():
        return True
    before = (grid.times >= at - limit("action_seconds")) & (grid.times <= at - 0.2)
    if hands_together(measures)[before].any():
        return True
    to_face = any(arm.at_face[after].mean() > 0.3 for arm in measures.arms)
    to_thing = hands_together(measures)[after].mean() > 0.3
    return bool(to_face or to_thing or eyes_lowered(measures)[after].mean() > 0.6)


def talks_during(measures: Measures, rows: tuple[int, int]) -> bool:
    """Whether the patient talks during the rows."""
    return bool(patient_talks(measures)[slice(*rows)].mean() > limit("talking_in_look"))


def windows_of(rows: Mask, hop: int, length: int, count: int, share: float) -> Mask:
    """A mask (count,) of the sliding windows with more than `share` of their rows in `rows`."""
    filled = closed(rows, 2)
    return np.array([filled[w * hop : w * hop + length].mean() > share for w in range(count)], dtype=bool)
