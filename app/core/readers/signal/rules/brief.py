"""What a brief look tells: a part that was seen for one to three seconds, too short to recognise a sign.

A *no* is still possible where what was seen excludes the sign: eyes that are open, an arm that lies still, a
hand that is down, comes up once and goes down again sooner than the sign takes. Anything else stays not
assessable, and a brief look never gives a *yes*.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from app.core.readers.signal.measures.grid import Grid
from app.core.readers.signal.measures.hiding import Hiding
from app.core.readers.signal.measures.limbs import LimbMeasures, height
from app.core.readers.signal.measures.measures import Measures
from app.core.readers.signal.measures.series import (
    Floats,
    Mask,
    at_least,
    band,
    closed,
    moving,
    runs,
    widened,
)
from app.core.readers.signal.rules.answering import absent
from app.core.readers.signal.rules.posture import opposed_holds
from app.core.readers.signal.rules.visibility import is_too_slow, part_seen
from app.core.readers.signal.thresholds import limit
from app.core.semiology import Answer, Presence

_MARGIN = 1.1
"""As for other exclusions: the sign may have been before or after."""


@dataclass(frozen=True, slots=True)
class BriefLook:
    """What is looked at for a feature: a mask (n,) of the rows in which it is `seen`, None when it never is;
    and what in some of these rows `excludes` the feature, as words, None when nothing does."""

    seen: Callable[[Measures], Mask | None]
    excludes: Callable[[Measures, slice], str | None]


def or_brief_look(answer: Answer, measures: Measures) -> Answer:
    """The answer, or *no* where it is not assessable and a brief look excludes the feature."""
    look, grid = BRIEF_LOOKS.get(answer.feature), measures.grid
    if answer.presence is not Presence.NOT_ASSESSABLE or look is None or grid is None:
        return answer
    seen = look.seen(measures)
    if seen is None or is_too_slow(answer.feature, grid):
        return answer
    part = part_seen("it", grid, seen, "")
    rows = slice(*max(runs(seen), key=lambda run: run[1] - run[0], default=(0, 0)))
    seconds = (rows.stop - rows.start) / grid.rate
    if not part.in_brief or seconds < limit("seconds_brief"):
        return answer
    excluded = look.excludes(measures, rows)
    if excluded is None:
        return answer
    text = f"Seen for {seconds:.1f} s only: {excluded}."
    return absent(answer.feature, text, _MARGIN, seen=part.share)


# --- arms --------------------------------------------------------------------------------------


def _arms_are_seen(measures: Measures) -> Mask | None:
    if measures.body is None or measures.body.unit < limit("smallest_body") or not measures.arms:
        return None
    return np.asarray(np.logical_and.reduce([arm.seen & arm.end_seen for arm in measures.arms]))


def _stirs(measures: Measures, arm: LimbMeasures, rows: slice) -> bool:
    return bool(_stirring(measures, arm.moving[rows]).any())


def _stirring(measures: Measures, moving_rows: Mask) -> Mask:
    """The rows of movement that are more than a tremble, brief jerks in a row together."""
    assert measures.grid is not None
    edge = measures.grid.rows(limit("brief_end"))
    return at_least(closed(moving_rows, 2 * edge), edge)


def _neither_stirs(measures: Measures, rows: slice) -> bool:
    return not any(_stirs(measures, arm, rows) for arm in measures.arms)


def _still_words(measures: Measures, arms: Iterable[LimbMeasures], rows: slice) -> str:
    """How long these arms moved in a row at most, how fast that is, and by how much it is too short."""
    assert measures.grid is not None
    rate, edge = measures.grid.rate, measures.grid.rows(limit("brief_end"))
    moved = [(_longest(closed(arm.moving[rows], 2 * edge)), arm.moving_limit) for arm in arms]
    longest, speed = max(moved)
    return (
        f"at {speed:.2f} shoulder widths/s or more for {longest / rate:.2f} s at most, "
        f"{(edge - longest) / rate:.2f} s too short"
    )


def _longest(mask: Mask) -> int:
    return max((stop - start for start, stop in runs(mask)), default=0)


def _down_words(measures: Measures, rows: slice) -> str:
    """How far below the shoulders both hands were at the beginning and the end, and from where on they are
    down."""
    assert measures.grid is not None
    assert measures.body is not None
    edge, least = measures.grid.rows(limit("brief_end")), limit("hand_down")
    below = np.array([-height(measures.body, arm.end)[rows] for arm in measures.arms])
    ends = np.concatenate((below[:, :edge], below[:, -edge:]), axis=1)
    down = float(ends[ends > least].min(initial=np.inf))
    return f"{down:.2f} shoulder widths below the shoulders or more; {least:.2f} are needed"


def _comes_up_once(measures: Measures, arm: LimbMeasures, rows: slice) -> bool:
    """Whether the hand is down at both ends of the look, up at most once between them, and still but for
    that."""
    assert measures.grid is not None
    assert measures.body is not None
    edge = measures.grid.rows(limit("brief_end"))
    up = height(measures.body, arm.end)[rows] >= -limit("hand_down")
    up = closed(~closed(~up, edge), edge)
    stirs = arm.moving[rows] & ~widened(up, measures.grid.rows(limit("brief_way")))
    returns = not (up[:edge].any() or up[-edge:].any()) and len(runs(up)) <= 1
    return returns and not _stirring(measures, stirs).any()


def _both_hands_return(measures: Measures, rows: slice) -> bool:
    """Whether each hand lies still below, or comes up once, for less time than any sign of the arms takes."""
    return all(_comes_up_once(measures, arm, rows) for arm in measures.arms)


def _no_posture(measures: Measures, rows: slice) -> str | None:
    if not _both_hands_return(measures, rows) or opposed_holds(measures):
        return None
    down = _down_words(measures, rows)
    return f"both hands were down at its beginning and end ({down}), so that no arm was held for longer"


def _no_rhythm(measures: Measures, rows: slice) -> str | None:
    if _neither_stirs(measures, rows):
        return f"neither arm moved, {_still_words(measures, measures.arms, rows)}"
    if _both_hands_return(measures, rows):
        down = _down_words(measures, rows)
        return f"each hand lay still or came up once and went down again ({down}), without time for a rhythm"
    return None


def _not_together(measures: Measures, rows: slice) -> str | None:
    stirring = [arm for arm in measures.arms if _stirs(measures, arm, rows)]
    if len(stirring) == len(measures.arms):
        return None
    still = _still_words(measures, (arm for arm in measures.arms if arm not in stirring), rows)
    if not stirring:
        return f"neither arm moved, {still}"
    return f"only the {stirring[0].name.side.value} arm moved, the other {still}"


def _liveliest(quick: Floats, grid: Grid) -> float:
    """The movement (n, k) in its liveliest second, peak to peak as in `Rhythm.amplitude`."""
    power = moving((quick**2).sum(axis=1), grid.rows(limit("seconds_brief")), "mean")
    return 2 * float(np.sqrt(2 * power.max()))


# --- trunk and head ----------------------------------------------------------------------------


def _hips_are_seen(measures: Measures) -> Mask | None:
    trunk, body = measures.trunk, measures.body
    if trunk is None or body is None or body.unit < limit("smallest_body"):
        return None
    return np.asarray((trunk.hips_hiding == Hiding.SEEN) & (trunk.hiding == Hiding.SEEN))


def _hips_stay(measures: Measures, rows: slice) -> str | None:
    grid, body = measures.grid, measures.body
    assert grid is not None
    assert body is not None
    course = (body.hips - body.shoulders)[rows] / body.unit
    quick = band(course, grid.rate, limit("clonic_lowest"), min(limit("pelvic_highest"), grid.rate / 2.2))
    moved = _liveliest(quick, grid)
    least = limit("pelvic_amplitude")
    if not moved < least:
        return None
    short = least - moved
    return (
        f"the hips moved against the shoulders by {moved:.3f} shoulder widths at most, {short:.3f} too little"
    )


def _head_is_seen(measures: Measures) -> Mask | None:
    large = measures.face is not None and measures.face.unit >= limit("smallest_face")
    return np.isfinite(measures.head.yaw) if measures.head is not None and large else None


def _head_stays(measures: Measures, rows: slice) -> str | None:
    assert measures.head is not None
    yaw = measures.head.yaw[rows]
    moved, least = float(np.ptp(yaw)), limit("head_turn_edge")
    if moved >= least or abs(float(np.median(yaw))) >= limit("head_turn_angle"):
        return None
    return f"the head looked ahead and turned by {moved:.1f}° at most, {least - moved:.1f}° less than count"


# --- face --------------------------------------------------------------------------------------


def _eyes_are_seen(measures: Measures) -> Mask | None:
    if measures.face is None or measures.eyes is None or measures.face.unit < limit("smallest_face"):
        return None
    return measures.eyes.clear


def _shut_share(measures: Measures, rows: slice) -> float:
    assert measures.eyes is not None
    return float(measures.eyes.shut[rows].mean())


def _eyes_are_open(measures: Measures, rows: slice) -> str | None:
    share = _shut_share(measures, rows)
    if share > limit("share_seen"):
        return None
    return f"the eyes were closed for {100 * share:.0f} % of it, {_how_open(share)}"


def _how_open(share: float) -> str:
    most = limit("share_seen")
    return f"{100 * (most - share):.0f} % less than the {100 * most:.0f} % up to which they count as open"


def _begins_awake(measures: Measures, rows: slice) -> str | None:
    """Open eyes in the first second of the recording."""
    grid = measures.grid
    assert grid is not None
    share = _shut_share(measures, slice(0, grid.rows(limit("seconds_brief"))))
    if rows.start > grid.rows(limit("brief_end")) or share > limit("share_seen"):
        return None
    return (
        f"the eyes were open when the recording began, closed for {100 * share:.0f} % of the first "
        f"{limit('seconds_brief'):.0f} s, {_how_open(share)}"
    )


def _blinks_rarely(measures: Measures, rows: slice) -> str | None:
    grid, eyes = measures.grid, measures.eyes
    assert grid is not None
    assert eyes is not None
    blinks = int(((eyes.blinks >= grid.times[rows][0]) & (eyes.blinks <= grid.times[rows][-1])).sum())
    most = limit("blinks_in_run") / 2
    if blinks > most or _shut_share(measures, rows) > limit("share_seen"):
        return None
    fewest = math.floor(most) + 1
    were = "was 1 blink" if blinks == 1 else f"were {blinks} blinks"
    return f"there {were}, {fewest - blinks} fewer than the {fewest} that count"


_ARM_POSTURE = BriefLook(_arms_are_seen, _no_posture)
_ARM_RHYTHM = BriefLook(_arms_are_seen, _no_rhythm)

BRIEF_LOOKS: dict[str, BriefLook] = {
    "occur_during_sleep": BriefLook(_eyes_are_seen, _begins_awake),
    **dict.fromkeys(("arm_flexion", "arm_straightening", "figure4", "tonic"), _ARM_POSTURE),
    **dict.fromkeys(
        ("clonic", "limb_automatisms", "asynchronous_movement", "full_body_shaking"), _ARM_RHYTHM
    ),
    "arms_move_simultaneously": BriefLook(_arms_are_seen, _not_together),
    "pelvic_thrusting": BriefLook(_hips_are_seen, _hips_stay),
    "close_eyes": BriefLook(_eyes_are_seen, _eyes_are_open),
    "eye_blinking": BriefLook(_eyes_are_seen, _blinks_rarely),
    "head_turning": BriefLook(_head_is_seen, _head_stays),
}
"""The features that a brief look can exclude; not those that only a longer time tells: a stare, a face that
was drawn before the first picture, what is heard, and small movements of the mouth, as in speaking."""
