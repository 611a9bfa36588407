"""The rules of held postures: arm flexion and straightening, figure 4, tonic."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.core.readers.signal.measures.limbs import HeldPosture, LimbMeasures
from app.core.readers.signal.measures.measures import Measures
from app.core.readers.signal.rules.answering import (
    cannot,
    capital,
    clock,
    listed,
    no,
    side_of,
    why_no_limbs,
    yes,
)
from app.core.readers.signal.rules.purpose import used
from app.core.readers.signal.thresholds import limit
from app.core.semiology import Answer, Span


@dataclass(frozen=True, slots=True)
class LimbHold:
    """A hold together with the limb that held it."""

    limb: LimbMeasures
    hold: HeldPosture

    @property
    def span(self) -> Span:
        return self.hold.span

    @property
    def words(self) -> str:
        return f"{self.limb.name.middle_name} at {self.hold.angle:.0f}° {clock([self.span])}"


def taken(hold: HeldPosture) -> bool:
    """Whether the posture was gone into briskly out of another one: resting with bent elbows is none."""
    change = abs(hold.angle - hold.before) if np.isfinite(hold.before) else 0.0
    moved = change >= limit("posture_change") or hold.travel >= limit("tonic_travel")
    return moved and hold.onset_speed >= limit("onset_brisk")


def raised(hold: HeldPosture) -> bool:
    """Whether hand or elbow (foot or knee) is held up against gravity, above where it rests."""
    return hold.lift >= limit("raised") or hold.middle_lift >= limit("middle_raised")


def flexed(measures: Measures, arm: LimbMeasures) -> list[LimbHold]:
    """Holds of an arm bent beyond rest and beyond a task: held up, not at the face, not under the eyes.

    The bent arm of a figure 4 is one too.
    """
    against = [
        bent.hold
        for start, end, _, bent in opposed(measures)
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
        and taken(hold)
        and hold.at_face < 0.5
        and not looks_at_hand(measures, hold)
        and not used(measures, arm, hold)
        and raised(hold)
    )


def straight(measures: Measures, arm: LimbMeasures) -> list[LimbHold]:
    """Holds of an arm stretched out and up, out of another posture."""
    return [
        LimbHold(arm, hold)
        for hold in arm.holds
        if hold.angle >= limit("elbow_straight")
        and taken(hold)
        and raised(hold)
        and not used(measures, arm, hold)
    ]


def looks_at_hand(measures: Measures, hold: HeldPosture) -> bool:
    """Whether head and eyes are lowered to what the hand holds: a phone, a tablet, a book."""
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
    """One or both elbows go fast into a bent posture and stay there, not at the face."""
    return _arm_posture("arm_flexion", measures, bent=True)


def arm_straightening(measures: Measures) -> Answer:
    """One or both elbows go fast into extension and stay there."""
    return _arm_posture("arm_straightening", measures, bent=False)


def _arm_posture(feature: str, measures: Measures, *, bent: bool) -> Answer:
    reason = why_no_limbs(feature, measures, "arm")
    if reason:
        return cannot(feature, reason)
    found = [
        held for arm in measures.arms for held in (flexed(measures, arm) if bent else straight(measures, arm))
    ]
    long = [held for held in found if held.span.duration >= limit("posture_seconds")]
    word = "bent" if bent else "straight"
    if long:
        best = max(held.span.duration for held in long) / limit("posture_seconds")
        fastest = max(held.hold.onset_speed for held in long)
        text = f"Held {word}, the hand going there at up to {fastest:.1f} shoulder widths/s: " + listed(
            f"{held.words}, {held.hold.before:.0f}° before" for held in long
        )
        spans = [held.span for held in long]
        return yes(feature, spans, text + ".", best, side_of(held.limb.name.side for held in long))
    longest = max((held.span.duration for held in found), default=0.0)
    angles = [float(np.nanmedian(arm.angle)) for arm in measures.arms if np.isfinite(arm.angle).any()]
    text = (
        f"No elbow went fast into a {word} posture and held it for {limit('posture_seconds'):.1f} s "
        f"(longest {longest:.1f} s); usual angles {listed(f'{angle:.0f}°' for angle in angles)}."
    )
    return no(feature, text, limit("posture_seconds") / max(longest, 0.8))


def opposed(measures: Measures) -> list[tuple[float, float, LimbHold, LimbHold]]:
    """Start and end (s) of every time at which one elbow is held straight and the other bent."""
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
        and taken(one)
        and taken(two)
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
        return cannot(feature, reason)
    pairs = opposed(measures)
    longest = max((end - start for start, end, _, _ in pairs), default=0.0)
    found = [
        (Span(start, end), one.limb, _opposed_words(one, two))
        for start, end, one, two in pairs
        if end - start >= limit("figure4_seconds")
    ]
    if found:
        text = "; ".join(f"{words}, {clock([span])}" for span, _, words in found)
        side = side_of(arm.name.side for _, arm, _ in found)
        sides = f" The extended side is the {side.value} one." if side and len(found) == 1 else ""
        margin = longest / limit("figure4_seconds")
        return yes(feature, [span for span, _, _ in found], capital(text) + "." + sides, margin, side)
    text = (
        "At no time was one elbow held straight while the other was held bent, out of another posture, "
        f"for {limit('figure4_seconds'):.0f} s (longest {max(longest, 0):.1f} s)."
    )
    return no(feature, text, limit("figure4_seconds") / max(longest, 0.7))


def _joined_by_another(measures: Measures, part: LimbMeasures, hold: HeldPosture) -> bool:
    """Whether another limb is held stiffly up at the same time: nobody holds a phone with all of them."""
    return any(
        taken(other)
        and raised(other)
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
        return cannot(feature, reason)
    stiff = [
        LimbHold(part, hold)
        for part in measures.limbs
        for hold in part.holds
        if taken(hold)
        and raised(hold)
        and hold.at_face < 0.5
        and hold.sway <= max(limit("tonic_sway"), limit("rhythm_over_noise") * part.noise)
        and not looks_at_hand(measures, hold)
        and not used(measures, part, hold)
        and not (hold.before_chest and not _joined_by_another(measures, part, hold))
    ]
    long = [held for held in stiff if held.span.duration >= limit("tonic_seconds")]
    longest = max((held.span.duration for held in stiff), default=0.0)
    if long:
        text = "Stiff: " + listed(
            f"{held.words}, swaying {held.hold.sway:.2f} shoulder widths" for held in long
        )
        text += (
            f"; raised out of rest at up to {max(h.hold.onset_speed for h in long):.1f} shoulder widths/s."
        )
        side = side_of(held.limb.name.side for held in long)
        margin = longest / limit("tonic_seconds")
        return yes(feature, [held.span for held in long], text, margin, side)
    text = (
        f"No raised limb was held stiffly for {limit('tonic_seconds'):.0f} s after going there briskly "
        f"(longest {longest:.1f} s)."
    )
    return no(feature, text, limit("tonic_seconds") / max(longest, 1.5))
