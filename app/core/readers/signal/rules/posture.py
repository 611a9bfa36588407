"""The rules for held postures: arm flexion and straightening, figure 4, tonic."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.core.readers.signal.measures.limbs import HeldPosture, LimbMeasures
from app.core.readers.signal.measures.measures import Measures
from app.core.readers.signal.measures.series import percentile
from app.core.readers.signal.rules.answering import (
    capital,
    format_spans,
    join_words,
    not_assessable,
    present,
    side_of,
)
from app.core.readers.signal.rules.purpose import GAZE_UNKNOWN, gaze_unknown, is_in_use
from app.core.readers.signal.rules.visibility import absent_if_seen, arms_seen, only_seen, why_no_limbs
from app.core.readers.signal.thresholds import limit
from app.core.semiology import Answer, Span


@dataclass(frozen=True, slots=True)
class LimbHold:
    """A held posture with its limb."""

    limb: LimbMeasures
    hold: HeldPosture

    @property
    def span(self) -> Span:
        return self.hold.span

    @property
    def words(self) -> str:
        return f"{self.limb.name.middle_name} at {self.hold.angle:.0f}° {format_spans([self.span])}"


def is_taken(hold: HeldPosture) -> bool:
    """Whether the posture was taken briskly out of another one, in contrast to resting with bent elbows."""
    change = abs(hold.angle - hold.before) if np.isfinite(hold.before) else 0.0
    moved = change >= limit("posture_change") or hold.travel >= limit("tonic_travel")
    return moved and hold.onset_speed >= limit("onset_brisk")


def is_raised(hold: HeldPosture) -> bool:
    """Whether hand or elbow (foot or knee) is held above its resting height."""
    return hold.lift >= limit("raised") or hold.middle_lift >= limit("middle_raised")


def flexed_holds(measures: Measures, arm: LimbMeasures) -> list[LimbHold]:
    """The holds of a bent arm that is neither at rest nor in use: held up, not at the face, not looked at.

    They include the bent arm of a figure 4.
    """
    against = [
        bent.hold
        for start, end, _, bent in opposed_holds(measures)
        if bent.limb.name == arm.name and end - start >= limit("figure4_seconds")
    ]
    return [
        LimbHold(arm, hold)
        for hold in arm.holds
        if any(hold is other for other in against) or _bent_without_task(measures, arm, hold)
    ]


def _bent_without_task(measures: Measures, arm: LimbMeasures, hold: HeldPosture) -> bool:
    return (
        hold.angle <= limit("elbow_flexed")
        and hold.before - hold.angle >= limit("posture_change")
        and is_taken(hold)
        and hold.at_face < 0.5
        and not looks_at_hand(measures, hold)
        and not is_in_use(measures, arm, hold)
        and is_raised(hold)
    )


def straight_holds(measures: Measures, arm: LimbMeasures) -> list[LimbHold]:
    """The holds of an arm that was extended and raised out of another posture."""
    return [
        LimbHold(arm, hold)
        for hold in arm.holds
        if hold.angle >= limit("elbow_straight")
        and is_taken(hold)
        and is_raised(hold)
        and not is_in_use(measures, arm, hold)
    ]


def looks_at_hand(measures: Measures, hold: HeldPosture) -> bool:
    """Whether head and eyes are lowered to an object in the hand: a phone, a tablet, a book."""
    if measures.head is None or measures.eyes is None:
        return False
    start, stop = hold.rows
    inside = slice(start + (stop - start) // 4, stop)
    down = measures.eyes.gaze[inside, 1] - np.nanmedian(measures.eyes.gaze[:, 1])
    pitch = measures.head.pitch[inside]
    if np.isfinite(down).mean() < 0.5:
        return False
    lowered = float(np.nanmedian(down)) / limit("gaze_lowered")
    bowed = float(np.nanmedian(pitch)) / limit("head_lowered")
    return max(lowered, 0) + max(bowed, 0) >= 1


def arm_flexion(measures: Measures) -> Answer:
    """One or both elbows bend fast and stay bent, the hand not at the face."""
    return _arm_posture("arm_flexion", measures, bent=True)


def arm_straightening(measures: Measures) -> Answer:
    """One or both elbows extend fast and stay extended."""
    return _arm_posture("arm_straightening", measures, bent=False)


def _arm_posture(feature: str, measures: Measures, *, bent: bool) -> Answer:
    reason = why_no_limbs(feature, measures, "arm")
    if reason:
        return not_assessable(feature, reason)
    found = [
        held
        for arm in measures.arms
        for held in (flexed_holds(measures, arm) if bent else straight_holds(measures, arm))
    ]
    long = [held for held in found if held.span.duration >= limit("posture_seconds")]
    word = "bent" if bent else "straight"
    if long:
        best = max(held.span.duration for held in long) / limit("posture_seconds")
        fastest = max(held.hold.onset_speed for held in long)
        text = f"Held {word}, the hand going there at up to {fastest:.1f} shoulder widths/s: " + join_words(
            f"{held.words}, {held.hold.before:.0f}° before" for held in long
        )
        spans = [held.span for held in long]
        before_chest = all(held.hold.before_chest for held in long)
        if bent and before_chest and gaze_unknown(measures, spans):
            return not_assessable(feature, f"{text}. {GAZE_UNKNOWN}")
        return present(feature, spans, text + ".", best, side_of(held.limb.name.side for held in long))
    longest = max((held.span.duration for held in found), default=0.0)
    parts = arms_seen(measures)
    text = (
        f"No elbow went briskly into a {word} posture and held it for {limit('posture_seconds'):.1f} s: "
        f"{_nearest_posture(measures, longest, bent=bent)}."
    )
    margin = limit("posture_seconds") / max(longest, 0.8)
    return absent_if_seen(feature, parts, text, margin, alone=only_seen(parts))


def _nearest_posture(measures: Measures, longest: float, *, bent: bool) -> str:
    """How far the nearest posture was from one that counts."""
    if longest > 0:
        return f"the longest lasted {longest:.1f} s, {limit('posture_seconds') - longest:.1f} s too short"
    wanted = limit("elbow_flexed" if bent else "elbow_straight")
    reached = {arm.name.middle_name: percentile(arm.angle, 3 if bent else 97) for arm in measures.arms}
    reached = {name: angle for name, angle in reached.items() if np.isfinite(angle)}
    if not reached:
        return "no elbow was seen for long"
    best = min(reached.values()) if bent else max(reached.values())
    words = join_words(f"the {name} reached {angle:.0f}°" for name, angle in reached.items())
    if (best > wanted) if bent else (best < wanted):
        short = abs(best - wanted)
        return f"{words}, and {wanted:.0f}° is needed ({short:.0f}° more)"
    return f"{words} ({wanted:.0f}° count), but at rest, in passing, at the face or in an action"


def opposed_holds(measures: Measures) -> list[tuple[float, float, LimbHold, LimbHold]]:
    """Start and end (s) of every time with one elbow held straight and the other bent, and both holds."""
    return [
        (
            max(one.span.start, two.span.start),
            min(one.span.end, two.span.end),
            LimbHold(arm, one),
            LimbHold(other, two),
        )
        for arm, other in (measures.arms, measures.arms[::-1])
        for one in arm.holds
        for two in other.holds
        if one.angle >= limit("elbow_straight")
        and two.angle <= limit("elbow_flexed")
        and is_taken(one)
        and is_taken(two)
        and two.at_face < 0.5
    ]


def _opposed_words(straight_one: LimbHold, bent_one: LimbHold) -> str:
    return (
        f"{straight_one.limb.name.middle_name} straight at {straight_one.hold.angle:.0f}°, "
        f"{bent_one.limb.name.middle_name} bent at {bent_one.hold.angle:.0f}°"
    )


def figure4(measures: Measures) -> Answer:
    """One elbow held straight while the other is held bent, at least one of them taken fast."""
    feature = "figure4"
    reason = why_no_limbs(feature, measures, "arm", 2)
    if reason:
        return not_assessable(feature, reason)
    pairs = opposed_holds(measures)
    longest = max((end - start for start, end, _, _ in pairs), default=0.0)
    found = [
        (Span(start, end), one.limb, _opposed_words(one, two))
        for start, end, one, two in pairs
        if end - start >= limit("figure4_seconds")
    ]
    if found:
        text = "; ".join(f"{words}, {format_spans([span])}" for span, _, words in found)
        side = side_of(arm.name.side for _, arm, _ in found)
        sides = f" The extended side is the {side.value} one." if side and len(found) == 1 else ""
        margin = longest / limit("figure4_seconds")
        return present(feature, [span for span, _, _ in found], capital(text) + "." + sides, margin, side)
    short = limit("figure4_seconds") - max(longest, 0)
    text = (
        "At no time was one elbow held straight while the other was held bent, out of another posture, "
        f"for {limit('figure4_seconds'):.0f} s (longest {max(longest, 0):.1f} s, {short:.1f} s too short)."
    )
    return absent_if_seen(feature, arms_seen(measures), text, limit("figure4_seconds") / max(longest, 0.7))


def _joined_by_another(measures: Measures, part: LimbMeasures, hold: HeldPosture) -> bool:
    """Whether another limb is held up stiffly at the same time, which excludes a task such as holding a
    phone."""
    return any(
        is_taken(other)
        and is_raised(other)
        and min(other.span.end, hold.span.end) - max(other.span.start, hold.span.start) > 2
        for limb in measures.limbs
        if limb.name != part.name
        for other in limb.holds
    )


def tonic(measures: Measures) -> Answer:
    """A raised limb, or two limbs together, goes into a posture and holds it stiffly for five seconds."""
    feature = "tonic"
    reason = why_no_limbs(feature, measures, "arm")
    if reason:
        return not_assessable(feature, reason)
    stiff = [
        LimbHold(part, hold)
        for part in measures.limbs
        for hold in part.holds
        if is_taken(hold)
        and is_raised(hold)
        and hold.at_face < 0.5
        and hold.sway <= max(limit("tonic_sway"), limit("rhythm_over_noise") * part.noise)
        and not looks_at_hand(measures, hold)
        and not is_in_use(measures, part, hold)
        and not (hold.before_chest and not _joined_by_another(measures, part, hold))
    ]
    long = [held for held in stiff if held.span.duration >= limit("tonic_seconds")]
    longest = max((held.span.duration for held in stiff), default=0.0)
    if long:
        text = "Stiff: " + join_words(
            f"{held.words}, swaying {held.hold.sway:.2f} shoulder widths" for held in long
        )
        text += (
            f"; raised out of rest at up to {max(h.hold.onset_speed for h in long):.1f} shoulder widths/s."
        )
        side = side_of(held.limb.name.side for held in long)
        margin = longest / limit("tonic_seconds")
        return present(feature, [held.span for held in long], text, margin, side)
    text = (
        f"No raised limb was held stiffly for {limit('tonic_seconds'):.0f} s after going there briskly "
        f"(longest {longest:.1f} s, {limit('tonic_seconds') - longest:.1f} s too short)."
    )
    parts = arms_seen(measures)
    margin = limit("tonic_seconds") / max(longest, 1.5)
    return absent_if_seen(feature, parts, text, margin, alone=only_seen(parts))
