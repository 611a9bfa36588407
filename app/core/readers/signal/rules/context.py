"""The rule for sleep at the start of the recording."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.core.enhance.pose_track import Joint
from app.core.readers.signal.measures.grid import Grid
from app.core.readers.signal.measures.measures import Measures
from app.core.readers.signal.measures.series import Floats, Mask, band, closed, moving, runs, slope
from app.core.readers.signal.rules.answering import (
    absent,
    capital,
    format_spans,
    join_words,
    not_assessable,
    present,
)
from app.core.readers.signal.rules.visibility import NO_FACE, why_no_face
from app.core.readers.signal.thresholds import limit
from app.core.semiology import Answer, Span


@dataclass(frozen=True, slots=True)
class Rest:
    """Rest with closed eyes from the start of the recording: rows from `start` to before `stop`, `moved` the
    part whose movement ended it ("" when the eyes opened), `unseen` the parts whose rest was not measured."""

    start: int
    stop: int
    moved: str
    unseen: tuple[str, ...]


def asleep_until(measures: Measures) -> float:
    """The end (s) of lying still with closed eyes from the start; 0 when awake or not known."""
    rest = _rest_at_start(measures)
    if rest is None or rest.unseen or measures.grid is None:
        return 0.0
    long_enough = rest.stop - rest.start >= measures.grid.rows(limit("sleep_seconds"))
    return float(measures.grid.times[rest.stop - 1]) if long_enough else 0.0


def _rest_at_start(measures: Measures) -> Rest | None:
    """The rest with closed eyes from the first moment; None when the eyes are open then, or not seen."""
    grid, eyes = measures.grid, measures.eyes
    if grid is None or eyes is None:
        return None
    shut = closed(eyes.closed, grid.rows(0.4))
    first = next(iter(runs(shut)), None)
    seen = np.flatnonzero(eyes.seen)
    if first is None or not len(seen) or first[0] > seen[0] + grid.rows(0.3) or seen[0] > grid.rows(1):
        return None
    start, stop = first
    moved = ""
    # The event may begin with closed eyes, so sleep lasts until the first movement.
    for name, moves in _movements(measures).items():
        for begin, end in runs(moves[start:stop]):
            if end - begin >= grid.rows(0.5) and start + begin < stop:
                stop, moved = start + begin, name
                break
    return Rest(start, stop, moved, _unmeasured(measures, slice(start, max(stop, start + 1))))


def _movements(measures: Measures) -> dict[str, Mask]:
    """Masks (n,) of movement of each part that has to rest."""
    result = {f"the {arm.name.side.value} arm": arm.moving for arm in measures.arms}
    for found, name in ((trunk_speed(measures), "the trunk"), (head_speed(measures), "the head")):
        if found is not None:
            speed, least = found
            result[name] = speed > least
    return result


def trunk_speed(measures: Measures) -> tuple[Floats, float] | None:
    """The speed (n,) of the shoulders in shoulder widths/s and from what on they move; None without a
    body."""
    if measures.body is None or measures.grid is None:
        return None
    return _speed(measures.body.shoulders / measures.body.unit, measures.grid), limit("trunk_still")


def head_speed(measures: Measures) -> tuple[Floats, float] | None:
    """The speed (n,) of the face in eye-corner widths/s and from what on it moves; None without a face."""
    grid = measures.grid
    if measures.face is None or grid is None:
        return None
    corners = (grid.point(33)[:, :2] + grid.point(263)[:, :2]) / 2
    speed = moving(_speed(corners / measures.face.unit, grid), grid.rows(1.0), "mean")
    return speed, limit("head_still") * (2 if measures.face.trembles else 1)


def _speed(place: Floats, grid: Grid) -> Floats:
    """The speed (n,) of a place (n, 2) in its unit per second, without tremble; 0 where it was not seen."""
    slow = band(place, grid.rate, 0, min(2.0, grid.rate / 2.2))
    return np.asarray(np.nan_to_num(np.hypot(*slope(slow, grid.rate).T)))


def _unmeasured(measures: Measures, rows: slice) -> tuple[str, ...]:
    """The parts that were seen in less than half of the rows, so that they may have moved."""
    grid = measures.grid
    assert grid is not None
    seen = {
        "the trunk": grid.joint_seen(Joint.LEFT_SHOULDER) & grid.joint_seen(Joint.RIGHT_SHOULDER),
        "the left arm": np.zeros(len(grid.times), dtype=bool),
        "the right arm": np.zeros(len(grid.times), dtype=bool),
    }
    seen |= {f"the {arm.name.side.value} arm": arm.end_seen for arm in measures.arms}
    return tuple(name for name, mask in seen.items() if mask[rows].mean() < limit("share_for_no"))


def occur_during_sleep(measures: Measures) -> Answer:
    """Eyes closed and head, trunk and arms still from the start, and the event begins out of that."""
    feature = "occur_during_sleep"
    reason = why_no_face(feature, measures)
    grid, eyes = measures.grid, measures.eyes
    if reason or grid is None or eyes is None:
        return not_assessable(feature, reason or NO_FACE)
    least = limit("sleep_seconds")
    first = slice(0, grid.rows(least))
    if eyes.seen[first].mean() < limit("share_for_no"):
        return not_assessable(feature, "The patient's face was not seen at the start of the recording.")
    rest = _rest_at_start(measures)
    if rest is None:
        share = float(eyes.shut[first].mean())
        text = (
            f"The eyes were not closed from the start on, but for {100 * share:.0f} % of the first "
            f"{least:.0f} s."
        )
        return absent(feature, text, 1 / max(share, 0.4), seen=float(eyes.seen[first].mean()))
    seconds = (rest.stop - rest.start) / grid.rate
    if seconds < least:
        why = f"then {rest.moved} moved" if rest.moved else "then they opened"
        text = (
            f"Eyes closed and everything still for {seconds:.1f} s from the start, "
            f"{least - seconds:.1f} s too short for sleep; {why}."
        )
        return absent(feature, text, least / max(seconds, 0.4 * least))
    asleep = Span(max(float(grid.times[0]), 0.0), float(grid.times[rest.stop - 1]))
    if rest.unseen:
        text = f"Eyes closed from the start, {format_spans([asleep])}, but rest was not measured: "
        return not_assessable(feature, f"{text}{join_words(rest.unseen)} could not be seen.")
    text = f"Eyes closed, and head, trunk and arms still from the start, {format_spans([asleep])}."
    return present(feature, [asleep], capital(text), asleep.duration / least)
