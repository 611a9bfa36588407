"""The rules of movement: clonic, automatisms of the limbs, shaking, thrusting, arms starting together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.core.enhance.pose_track import Joint
from app.core.readers.signal.measures.limbs import Limb, onsets
from app.core.readers.signal.measures.measures import Measures
from app.core.readers.signal.measures.rhythm import Rhythm, covered, together
from app.core.readers.signal.measures.series import Mask, at_least, closed, runs, span_of, spans_of
from app.core.readers.signal.rules.answering import (
    cannot,
    capital,
    clock,
    listed,
    no,
    side_of,
    why_no_limbs,
    why_no_picture,
    yes,
)
from app.core.readers.signal.rules.purpose import (
    both_hands_purposeful,
    eyes_lowered,
    hands_together,
    windows_of,
)
from app.core.readers.signal.rules.speakers import patient_talks
from app.core.readers.signal.thresholds import limit
from app.core.semiology import Answer, Laterality, Span


@dataclass(frozen=True, slots=True)
class Burst:
    """A stretch of rhythmic movement of one part: rate Hz, amplitude shoulder widths peak to peak."""

    part: str
    side: Laterality | None
    spans: tuple[Span, ...]
    rate: float
    last_rate: float
    amplitude: float
    regularity: float
    cycles: float

    def words(self, unit: float) -> str:
        slowing = f", slowing to {self.last_rate:.1f} Hz" if self.last_rate < 0.8 * self.rate else ""
        return (
            f"{self.part} moved at {self.rate:.1f} Hz{slowing}, {self.amplitude * unit:.0f} px peak to peak "
            f"({self.amplitude:.1f} shoulder widths), {clock(self.spans)}"
        )


def _shaken(part: Rhythm, noise: float, amplitude: str = "rhythm_amplitude") -> Mask:
    """(w,) the windows in which a part moved more than its noise and more than a body does at rest."""
    least = max(limit(amplitude), limit("rhythm_over_noise") * noise)
    return np.asarray(np.nan_to_num(part.amplitude) >= least)


def clonic_windows(measures: Measures, limb: Limb) -> Mask:
    """(w,) regular, stereotyped jerking at a clonic rate, in step with whatever else jerks."""
    part = measures.rhythms[limb.name.end_name]
    fast = part.speed >= limit("jerk_speed" if limb.name.kind == "arm" else "moving_speed")
    jerky = (part.abruptness >= limit("jerk_abruptness")) | (part.speed >= 2 * limit("jerk_speed"))
    carried = _thrusting(measures) if limb.name.kind == "leg" else np.zeros(len(part.rate), dtype=bool)
    return np.asarray(
        ~carried
        & fast
        & jerky
        & ~_disordered(measures, limb)
        & _shaken(part, limb.noise)
        & (part.rate >= limit("clonic_lowest"))
        & (part.rate <= limit("clonic_highest"))
        & (part.regularity >= limit("clonic_regularity" if limb.name.kind == "arm" else "leg_regularity"))
        & (part.concentration >= limit("clonic_concentration"))
        & (part.steadiness >= limit("steady"))
        & ~_at_one_thing(measures, limb, part)
    )


def _at_one_thing(measures: Measures, limb: Limb, part: Rhythm) -> Mask:
    """(w,) windows in which both hands are together: clapping, rubbing, shaking a thing."""
    if limb.name.kind != "arm":
        return np.zeros(len(part.rate), dtype=bool)
    return windows_of(hands_together(measures), part.hop, part.length, len(part.rate), 0.5)


def _burst(measures: Measures, limb: Limb, windows: Mask, *, cycles: float, seconds: float) -> Burst | None:
    """The chosen windows as one burst of stretches of so many cycles and seconds; None without one."""
    grid, part = measures.grid, measures.rhythms[limb.name.end_name]
    if grid is None or not windows.any():
        return None
    rows = at_least(closed(covered(windows, part, len(grid.times)), grid.rows(0.6)), grid.rows(seconds))
    centres = np.arange(len(windows)) * part.hop + part.length // 2
    kept = np.zeros(len(windows), dtype=bool)
    spans, most = [], 0.0
    for start, stop in runs(rows):
        inside = windows & (centres >= start) & (centres < stop)
        found = float(np.median(part.rate[inside])) * (stop - start) / grid.rate if inside.any() else 0.0
        if found >= cycles:
            kept |= inside
            spans.append(span_of(grid.times, start, stop))
            most = max(most, found)
    if not spans:
        return None
    return Burst(
        part=limb.name.end_name,
        side=limb.name.side,
        spans=tuple(spans),
        rate=float(np.median(part.rate[kept])),
        last_rate=float(np.median(part.rate[np.flatnonzero(kept)[-2:]])),
        amplitude=float(np.median(part.amplitude[kept])),
        regularity=float(np.median(part.regularity[kept])),
        cycles=most,
    )


def _strongest(measures: Measures) -> str:
    """What moved most rhythmically, in words, for answers that say no."""
    best = None
    for limb in measures.limbs:
        part = measures.rhythms[limb.name.end_name]
        score = np.where(_shaken(part, limb.noise), part.regularity, -1)
        if len(score) and np.isfinite(score).any():
            window = int(np.nanargmax(score))
            if score[window] > 0 and (best is None or score[window] > best[0]):
                best = (float(score[window]), limb.name.end_name, float(part.rate[window]))
    if best is None:
        return "no limb moved more than a body at rest"
    return f"the most regular was the {best[1]} at {best[2]:.1f} Hz with a regularity of {best[0]:.2f}"


def clonic(measures: Measures) -> Answer:
    """Regular, stereotyped jerking of a limb at 0.5–6 Hz for at least five cycles."""
    feature = "clonic"
    reason = why_no_limbs(feature, measures, "arm") and why_no_limbs(feature, measures, "leg")
    if reason:
        return cannot(feature, reason)
    bursts = []
    for limb in measures.limbs:
        burst = _burst(
            measures,
            limb,
            clonic_windows(measures, limb),
            cycles=limit("clonic_cycles"),
            seconds=limit("clonic_seconds"),
        )
        if burst is not None:
            bursts.append(burst)
    if bursts and measures.body is not None:
        unit = measures.body.unit
        text = capital("; ".join(burst.words(unit) for burst in bursts))
        regularity = max(burst.regularity for burst in bursts)
        margin = min(
            max(burst.cycles for burst in bursts) / limit("clonic_cycles"),
            1 + 3 * (regularity - limit("clonic_regularity")),
        )
        spans = [span for burst in bursts for span in burst.spans]
        text += f". Each movement repeats the one before (correlation {regularity:.2f})."
        return yes(feature, spans, text, margin, side_of(b.side for b in bursts if b.side))
    text = f"No limb jerked regularly for {limit('clonic_cycles'):.0f} cycles; {_strongest(measures)}."
    return no(feature, text, 1.5)


def limb_automatisms(measures: Measures) -> Answer:
    """Repeated small actions of a hand or foot, near the body, less regular than clonic jerks."""
    feature = "limb_automatisms"
    reason = why_no_limbs(feature, measures, "arm")
    if reason or measures.grid is None or measures.body is None:
        return cannot(feature, reason or "The patient's body was not found in the picture.")
    bursts = []
    for limb in measures.arms:
        part = measures.rhythms[limb.name.end_name]
        windows = _automatism_windows(measures, limb, part)
        burst = _burst(measures, limb, windows, cycles=4.0, seconds=limit("automatism_seconds"))
        if burst is not None:
            bursts.append(burst)
    if bursts:
        longest = max(span.duration for burst in bursts for span in burst.spans)
        spans = [span for burst in bursts for span in burst.spans if span.duration >= 2]
        text = capital("; ".join(burst.words(measures.body.unit) for burst in bursts))
        text += ", repeated and away from the face."
        side = side_of(burst.side for burst in bursts if burst.side)
        return yes(feature, spans, text, longest / limit("automatism_seconds"), side)
    least = limit("automatism_seconds")
    text = f"No hand repeated a small action for {least:.0f} s; {_strongest(measures)}."
    return no(feature, text, 1.4)


def _automatism_windows(measures: Measures, limb: Limb, part: Rhythm) -> Mask:
    """(w,) a small repeated action of one hand, away from the face, no clonic jerks near."""
    clonic_near = clonic_windows(measures, limb)
    reach = round(limit("clonic_near") / 0.25)
    near = np.convolve(clonic_near.astype(float), np.ones(2 * reach + 1), mode="same") > 0
    return np.asarray(
        _shaken(part, limb.noise, "automatism_amplitude")
        & (part.amplitude <= limit("automatism_largest"))
        & (part.rate >= limit("automatism_lowest"))
        & (part.rate <= limit("automatism_highest"))
        & (part.concentration >= limit("automatism_concentration"))
        & (part.steadiness >= limit("steady"))
        & ~_near_face(limb, part)
        & ~_gesturing(measures, part)
        & ~windows_of(eyes_lowered(measures), part.hop, part.length, len(part.rate), 0.6)
        & ~near
    )


def _gesturing(measures: Measures, part: Rhythm) -> Mask:
    """(w,) windows in which the patient speaks: hands go along with what is said."""
    talks = patient_talks(measures)
    share = [talks[w * part.hop : w * part.hop + part.length].mean() for w in range(len(part.rate))]
    return np.array(share) > limit("talking_share") if share else np.zeros(0, dtype=bool)


def _near_face(limb: Limb, part: Rhythm) -> Mask:
    return np.array(
        [limb.at_face[w * part.hop : w * part.hop + part.length].mean() > 0.3 for w in range(len(part.rate))],
        dtype=bool,
    )


def asynchronous_movement(measures: Measures) -> Answer:
    """Limbs shake at the same time but not together: another rate, or no fixed relation."""
    feature = "asynchronous_movement"
    reason = why_no_limbs(feature, measures, "arm", 2) and why_no_limbs(feature, measures, "leg", 2)
    if reason or measures.grid is None or measures.body is None:
        return cannot(feature, reason or "The patient's body was not found in the picture.")
    grid = measures.grid
    rows = np.zeros(len(grid.times), dtype=bool)
    words: list[str] = []
    for one, other in _pairs(measures):
        a, b = measures.rhythms[one.name.end_name], measures.rhythms[other.name.end_name]
        out = _out_of_step(measures, one, other)
        both = covered(out, a, len(rows)) & covered(out, b, len(rows))
        both = at_least(closed(both, grid.rows(0.6)), grid.rows(limit("shaking_seconds")))
        if both.any():
            rows |= both
            step = float(np.median(together(a, b, measures.grid.rate)[out]))
            words.append(
                f"{one.name.end_name} at {np.median(a.rate[out]):.1f} Hz and {other.name.end_name} at "
                f"{np.median(b.rate[out]):.1f} Hz (correlation {step:.2f})"
            )
    spans = spans_of(rows, grid.times)
    if spans:
        longest = max(span.duration for span in spans)
        text = f"Out of step: {'; '.join(words[:3])}; {clock(spans)}."
        return yes(feature, spans, text, longest / limit("shaking_seconds"), Laterality.BOTH)
    return no(feature, f"No two limbs shook out of step with each other; {_strongest(measures)}.", 1.5)


def _pairs(measures: Measures) -> tuple[tuple[Limb, ...], ...]:
    """What is compared: one arm with the other, one leg with the other."""
    return measures.arms, measures.legs


def _out_of_step(measures: Measures, one: Limb, other: Limb) -> Mask:
    """(w,) both limbs shake, and not in step; legs that the hips carry along do not count."""
    assert measures.grid is not None
    a, b = measures.rhythms[one.name.end_name], measures.rhythms[other.name.end_name]
    size = "asynchronous_amplitude" if one.name.kind == "arm" else "asynchronous_leg_amplitude"
    both = _shaken(a, one.noise, size) & _shaken(b, other.noise, size) & _beating(a) & _beating(b)
    if other.name.kind == "leg":
        both &= ~_thrusting(measures)
    both &= max(one.noise, other.noise) < limit("noise_judged")
    step = np.nan_to_num(together(a, b, measures.grid.rate), nan=1.0)
    rates_differ = np.abs(a.rate - b.rate) >= limit("rates_differ")
    return np.asarray(both & ((rates_differ & (step < limit("in_step"))) | (step < limit("unrelated"))))


def _disordered(measures: Measures, limb: Limb) -> Mask:
    """(w,) windows in which this limb shakes out of step with another one."""
    result = np.zeros(len(measures.rhythms[limb.name.end_name].rate), dtype=bool)
    for one, other in _pairs(measures):
        if limb.name in (one.name, other.name):
            result |= _out_of_step(measures, one, other)
    return np.convolve(result.astype(float), np.ones(13), mode="same") > 0 if len(result) else result


def _thrusting(measures: Measures) -> Mask:
    """(w,) windows in which the hips move rhythmically against the shoulders."""
    assert measures.trunk is not None
    hips = measures.trunk.hips
    return np.asarray(
        (np.nan_to_num(hips.amplitude) >= limit("pelvic_amplitude"))
        & (hips.rate >= limit("clonic_lowest"))
        & (hips.rate <= limit("pelvic_highest"))
        & (hips.regularity >= limit("pelvic_regularity"))
        & (hips.steadiness >= limit("steady"))
    )


def full_body_shaking(measures: Measures) -> Answer:
    """Both arms, the legs and the trunk shake together; hidden legs are left out, and said to be."""
    feature = "full_body_shaking"
    reason = why_no_limbs(feature, measures, "arm", 2)
    if reason or measures.grid is None or measures.trunk is None or measures.body is None:
        return cannot(feature, reason or "The patient's body was not found in the picture.")
    legs_hidden = why_no_limbs(feature, measures, "leg") is not None
    parts = _shaking_parts(measures)
    whole = measures.trunk.whole
    if legs_hidden:
        del parts["legs"]
    rows = closed(np.logical_and.reduce(list(parts.values())), measures.grid.rows(0.8))
    spans = spans_of(at_least(rows, measures.grid.rows(limit("shaking_seconds"))), measures.grid.times)
    if spans:
        longest = max(span.duration for span in spans)
        who = "Both arms and the trunk (the legs are hidden)" if legs_hidden else "Arms, legs and trunk"
        inside = [w for w in range(len(whole.rate)) if rows[w * whole.hop + whole.length // 2]]
        rate = float(np.nanmedian(whole.rate[inside])) if inside else float("nan")
        size = float(np.nanmedian(whole.amplitude[inside])) if inside else float("nan")
        text = (
            f"{who} shook together, {clock(spans)}: the trunk at {rate:.1f} Hz by "
            f"{size * measures.body.unit:.1f} px ({size:.2f} shoulder widths)."
        )
        return yes(feature, spans, text, longest / limit("shaking_seconds"), Laterality.BOTH)
    shaken = [f"{name} {mask.mean() * len(mask) / measures.grid.rate:.1f} s" for name, mask in parts.items()]
    return no(
        feature, f"Both arms, legs and trunk never shook all together; each alone: {listed(shaken)}.", 1.5
    )


def _shaking_parts(measures: Measures) -> dict[str, Mask]:
    """(n,) when both arms, the legs and the trunk shake; the trunk where it moves at the arms' rate."""
    grid, trunk = measures.grid, measures.trunk
    assert grid is not None
    assert trunk is not None
    assert measures.body is not None
    n = len(grid.times)
    parts: dict[str, Mask] = {}
    for kind, limbs, amplitude in (
        ("arms", measures.arms, "shaking_amplitude"),
        ("legs", measures.legs, "leg_amplitude"),
    ):
        rows = []
        for limb in limbs:
            part = measures.rhythms[limb.name.end_name]
            rows.append(covered(_shaken(part, limb.noise, amplitude) & _beating(part), part, n))
        parts[kind] = rows[0] & rows[1] if kind == "arms" else rows[0] | rows[1]
    left, right = (measures.rhythms[limb.name.end_name] for limb in measures.arms)
    parts["arms"] &= covered(together(left, right, grid.rate) >= limit("in_step"), left, n)
    shaken = np.zeros(len(trunk.whole.rate), dtype=bool)
    noise = float(np.max(measures.body.noise[[Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER]]))
    for limb in measures.arms:
        rate = measures.rhythms[limb.name.end_name].rate
        shaken |= np.abs(trunk.whole.rate - rate) <= np.maximum(0.35, 0.12 * rate)
    shaken &= _shaken(trunk.whole, noise, "trunk_amplitude") & (trunk.whole.steadiness >= limit("steady"))
    parts["trunk"] = covered(shaken, trunk.whole, n)
    return parts


def _beating(part: Rhythm) -> Mask:
    return np.asarray((part.rate >= 1.0) & (part.regularity > 0.3) & (part.steadiness >= limit("steady")))


def pelvic_thrusting(measures: Measures) -> Answer:
    """The hips move rhythmically against the shoulders."""
    feature = "pelvic_thrusting"
    reason = why_no_picture(feature, measures)
    if reason or measures.grid is None or measures.trunk is None or measures.body is None:
        return cannot(feature, reason or "The patient's hips were not found in the picture.")
    hips = measures.trunk.hips
    windows = _thrusting(measures)
    rows = closed(covered(windows, hips, len(measures.grid.times)), measures.grid.rows(0.6))
    spans = spans_of(at_least(rows, measures.grid.rows(limit("shaking_seconds"))), measures.grid.times)
    unit = measures.body.unit
    if spans:
        amplitude = float(np.median(hips.amplitude[windows]))
        text = (
            f"The hips moved against the shoulders at {np.median(hips.rate[windows]):.1f} Hz, "
            f"{amplitude * unit:.0f} px peak to peak ({amplitude:.2f} shoulder widths), {clock(spans)}."
        )
        return yes(feature, spans, text, amplitude / limit("pelvic_amplitude"))
    largest = float(np.nanmax(hips.amplitude)) if np.isfinite(hips.amplitude).any() else 0.0
    text = (
        f"The hips did not move rhythmically against the shoulders (at most {largest:.2f} shoulder widths)."
    )
    return no(feature, text, limit("pelvic_amplitude") / max(largest, 0.02))


def arms_move_simultaneously(measures: Measures) -> Answer:
    """Both arms start to move out of stillness within half a second of each other, briskly."""
    feature = "arms_move_simultaneously"
    reason = why_no_limbs(feature, measures, "arm", 2)
    if reason or measures.grid is None:
        return cannot(feature, reason or "The arms were not found in the picture.")
    left, right = (onsets(arm, measures.grid) for arm in measures.arms)
    brisk = [
        (at, other_at)
        for at, speed in left
        for other_at, other_speed in right
        if abs(at - other_at) <= limit("simultaneous_onsets")
        and min(speed, other_speed) >= limit("onset_speed")
    ]
    often = len(brisk) > max(2.0, limit("starts_a_minute") * measures.grid.duration / 60)
    actions = [pair for pair in brisk if both_hands_purposeful(measures, min(pair))]
    habit = often and bool(actions)
    brisk = [] if habit else [pair for pair in brisk if pair not in actions]
    if brisk:
        words = listed(f"left {at:.2f} s, right {other:.2f} s" for at, other in brisk[:4])
        spans = [Span(max(0.0, min(pair) - 0.2), max(pair) + 0.8) for pair in brisk]
        margin = limit("simultaneous_onsets") / max(min(abs(a - b) for a, b in brisk), 0.15)
        return yes(feature, spans, f"Both arms started to move together: {words}.", margin, Laterality.BOTH)
    text = (
        f"The arms started to move {len(left)} (left) and {len(right)} times (right), "
        + _why_not_together(habit, len(actions))
    )
    return no(feature, text, 1.1 if actions or habit else 1.4)


def _why_not_together(habit: bool, actions: int) -> str:
    if habit:
        return "both together so often that this person simply uses both hands."
    if actions:
        return f"both together {actions} times in an action: talking, to the face, to one thing."
    return f"never both briskly within {limit('simultaneous_onsets')} s."
