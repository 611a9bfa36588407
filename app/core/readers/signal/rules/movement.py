"""The rules of movement: clonic, automatisms of the limbs, shaking, thrusting, arms starting together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.core.readers.signal.measures.limbs import Limb, onsets
from app.core.readers.signal.measures.measures import Measures
from app.core.readers.signal.measures.rhythm import Rhythm, covered, together
from app.core.readers.signal.measures.series import Floats, Mask, at_least, closed, spans_of
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


def clonic_windows(limb: Limb, part: Rhythm) -> Mask:
    """(w,) regular, stereotyped jerking at a clonic rate."""
    return np.asarray(
        _shaken(part, limb.noise)
        & (part.rate >= limit("clonic_lowest"))
        & (part.rate <= limit("clonic_highest"))
        & (part.regularity >= limit("clonic_regularity"))
        & (part.concentration >= limit("clonic_concentration"))
    )


def _burst(measures: Measures, limb: Limb, part: Rhythm, windows: Mask) -> Burst | None:
    """The chosen windows as one burst; None when there is none."""
    grid = measures.grid
    if grid is None or not windows.any():
        return None
    rows = closed(covered(windows, part, len(grid.times)), grid.rows(0.6))
    rows = at_least(rows, grid.rows(1.0))
    spans = spans_of(rows, grid.times)
    if not spans:
        return None
    rate = float(np.median(part.rate[windows]))
    longest = max(span.duration for span in spans)
    return Burst(
        limb.name.end_name,
        limb.name.side,
        spans,
        rate,
        float(np.median(part.rate[np.flatnonzero(windows)[-2:]])),
        float(np.median(part.amplitude[windows])),
        float(np.median(part.regularity[windows])),
        longest * rate,
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
        part = measures.rhythms[limb.name.end_name]
        burst = _burst(measures, limb, part, clonic_windows(limb, part))
        if burst is not None and burst.cycles >= limit("clonic_cycles"):
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
    for limb in measures.limbs:
        part = measures.rhythms[limb.name.end_name]
        windows = (
            _shaken(part, limb.noise, "automatism_amplitude")
            & (part.amplitude <= limit("automatism_largest"))
            & (part.rate >= limit("automatism_lowest"))
            & (part.rate <= limit("automatism_highest"))
            & ~_near_face(limb, part)
            & ~clonic_windows(limb, part)
            & (part.regularity >= 0.3)
        )
        burst = _burst(measures, limb, part, windows)
        if burst is not None and max(s.duration for s in burst.spans) >= limit("automatism_seconds"):
            bursts.append(burst)
    if bursts:
        longest = max(span.duration for burst in bursts for span in burst.spans)
        spans = [span for burst in bursts for span in burst.spans if span.duration >= 2]
        text = capital("; ".join(burst.words(measures.body.unit) for burst in bursts))
        text += ", repeated and away from the face."
        side = side_of(burst.side for burst in bursts if burst.side)
        return yes(feature, spans, text, longest / limit("automatism_seconds"), side)
    text = f"No hand or foot repeated a small action for {limit('automatism_seconds'):.0f} s; {_strongest(measures)}."
    return no(feature, text, 1.4)


def _near_face(limb: Limb, part: Rhythm) -> Mask:
    return np.array(
        [limb.at_face[w * part.hop : w * part.hop + part.length].mean() > 0.3 for w in range(len(part.rate))],
        dtype=bool,
    )


def asynchronous_movement(measures: Measures) -> Answer:
    """Two limbs shake at the same time but not together: another rate, or no fixed relation."""
    feature = "asynchronous_movement"
    reason = why_no_limbs(feature, measures, "arm", 2) and why_no_limbs(feature, measures, "leg", 2)
    if reason or measures.grid is None or measures.body is None:
        return cannot(feature, reason or "The patient's body was not found in the picture.")
    rows = np.zeros(len(measures.grid.times), dtype=bool)
    words: list[str] = []
    limbs = measures.limbs
    for number, one in enumerate(limbs):
        for other in limbs[number + 1 :]:
            found, text = _apart(measures, one, other)
            if text:
                rows |= found
                words.append(text)
    spans = spans_of(at_least(rows, measures.grid.rows(limit("shaking_seconds"))), measures.grid.times)
    if spans:
        longest = max(span.duration for span in spans)
        text = f"Out of step: {'; '.join(words[:3])}; {clock(spans)}."
        return yes(feature, spans, text, longest / limit("shaking_seconds"), Laterality.BOTH)
    return no(feature, f"No two limbs shook out of step with each other; {_strongest(measures)}.", 1.5)


def _apart(measures: Measures, one: Limb, other: Limb) -> tuple[Mask, str]:
    """The rows in which two limbs shake out of step, and the words for it ("" when never)."""
    grid = measures.grid
    assert grid is not None
    a, b = measures.rhythms[one.name.end_name], measures.rhythms[other.name.end_name]
    both = _shaken(a, one.noise) & _shaken(b, other.noise)
    both &= (a.rate >= 1.0) & (b.rate >= 1.0) & (a.regularity > 0.4) & (b.regularity > 0.4)
    step = np.nan_to_num(together(a, b), nan=1.0)
    out = both & (step < limit("in_step"))
    rows = covered(out, a, len(grid.times)) & covered(out, b, len(grid.times))
    rows = at_least(closed(rows, grid.rows(0.6)), grid.rows(limit("shaking_seconds")))
    if not rows.any():
        return rows, ""
    return rows, (
        f"{one.name.end_name} at {np.median(a.rate[out]):.1f} Hz and {other.name.end_name} at "
        f"{np.median(b.rate[out]):.1f} Hz (correlation {np.median(step[out]):.2f})"
    )


def full_body_shaking(measures: Measures) -> Answer:
    """Arms, legs and trunk shake at the same time."""
    feature = "full_body_shaking"
    reason = why_no_limbs(feature, measures, "arm") or why_no_limbs(feature, measures, "leg")
    if reason or measures.grid is None or measures.trunk is None or measures.body is None:
        return cannot(feature, reason or "The patient's body was not found in the picture.")
    n = len(measures.grid.times)
    parts: dict[str, Mask] = {}
    amplitudes: dict[str, Floats] = {}
    for kind, limbs in (("arms", measures.arms), ("legs", measures.legs)):
        masks = [
            covered(
                _shaken(measures.rhythms[x.name.end_name], x.noise) & _fast(measures, x),
                measures.rhythms[x.name.end_name],
                n,
            )
            for x in limbs
        ]
        parts[kind] = np.logical_or.reduce(masks)
        amplitudes[kind] = np.nanmax([measures.rhythms[x.name.end_name].amplitude for x in limbs], axis=0)
    whole = measures.trunk.whole
    parts["trunk"] = covered((whole.amplitude >= limit("trunk_amplitude")) & (whole.rate >= 1.0), whole, n)
    rows = closed(parts["arms"] & parts["legs"] & parts["trunk"], measures.grid.rows(0.8))
    spans = spans_of(at_least(rows, measures.grid.rows(limit("shaking_seconds"))), measures.grid.times)
    if spans:
        longest = max(span.duration for span in spans)
        text = (
            f"Arms, legs and trunk shook together, {clock(spans)}: the trunk at {np.nanmedian(whole.rate):.1f} Hz "
            f"by {np.nanmax(whole.amplitude) * measures.body.unit:.0f} px ({np.nanmax(whole.amplitude):.2f} shoulder widths)."
        )
        return yes(feature, spans, text, longest / limit("shaking_seconds"), Laterality.BOTH)
    shaken = [f"{name} {mask.mean() * len(mask) / measures.grid.rate:.1f} s" for name, mask in parts.items()]
    return no(feature, f"Arms, legs and trunk never shook all together; each alone: {listed(shaken)}.", 1.5)


def _fast(measures: Measures, limb: Limb) -> Mask:
    part = measures.rhythms[limb.name.end_name]
    return np.asarray((part.rate >= 1.0) & (part.regularity > 0.3))


def pelvic_thrusting(measures: Measures) -> Answer:
    """The hips move rhythmically against the shoulders."""
    feature = "pelvic_thrusting"
    reason = why_no_picture(feature, measures)
    if reason or measures.grid is None or measures.trunk is None or measures.body is None:
        return cannot(feature, reason or "The patient's hips were not found in the picture.")
    hips, whole = measures.trunk.hips, measures.trunk.whole
    windows = (
        (np.nan_to_num(hips.amplitude) >= limit("pelvic_amplitude"))
        & (hips.rate <= 3.5)
        & (hips.regularity >= 0.6)
        & (hips.concentration >= 0.5)
    )
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
    if brisk:
        words = listed(f"left {at:.2f} s, right {other:.2f} s" for at, other in brisk[:4])
        spans = [Span(max(0.0, min(pair) - 0.2), max(pair) + 0.8) for pair in brisk]
        margin = limit("simultaneous_onsets") / max(min(abs(a - b) for a, b in brisk), 0.15)
        return yes(feature, spans, f"Both arms started to move together: {words}.", margin, Laterality.BOTH)
    text = f"The arms started to move {len(left)} (left) and {len(right)} times (right), never both briskly within {limit('simultaneous_onsets')} s."
    return no(feature, text, 1.4)
