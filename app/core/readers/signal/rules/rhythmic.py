"""Classification of rhythmic movement for the rules: shaking, jerking, thrusting, out of step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.core.readers.signal.measures.limbs import LimbMeasures
from app.core.readers.signal.measures.measures import Measures
from app.core.readers.signal.measures.rhythm import Rhythm, covered, together
from app.core.readers.signal.measures.series import Mask, at_least, closed, runs, span_of, widened
from app.core.readers.signal.rules.answering import format_spans
from app.core.readers.signal.rules.purpose import windows_of
from app.core.readers.signal.thresholds import limit
from app.core.semiology import Laterality, Span


@dataclass(frozen=True, slots=True)
class Burst:
    """Rhythmic movement of one part: `rate` in Hz, `amplitude` peak to peak in shoulder widths."""

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
            f"({self.amplitude:.1f} shoulder widths), {format_spans(self.spans)}"
        )


def walking(measures: Measures, part: Rhythm) -> Mask:
    """A mask (w,) of windows in which the person walks: arms and legs swing in step then."""
    if measures.body is None:
        return np.zeros(len(part.rate), dtype=bool)
    return windows_of(measures.body.walks, part.hop, part.length, len(part.rate), 0.3)


def shaken(part: Rhythm, noise: float, amplitude: str = "rhythm_amplitude") -> Mask:
    """A mask (w,) of windows in which a part moved more than its noise and more than at rest."""
    least = max(limit(amplitude), limit("rhythm_over_noise") * noise)
    return np.asarray(np.nan_to_num(part.amplitude) >= least)


def beating(part: Rhythm) -> Mask:
    return np.asarray((part.rate >= 1.0) & (part.regularity > 0.3) & (part.steadiness >= limit("steady")))


def abrupt(part: Rhythm) -> Mask:
    """A mask (w,) of quick pulls with a slower release."""
    return np.asarray(part.abruptness >= limit("jerk_abruptness"))


def fast_jerks(part: Rhythm) -> Mask:
    """A mask (w,) of fast jerks, whose release is hard to see, that repeat each other closely."""
    closely = part.regularity >= limit("fast_regularity")
    fast = (part.rate >= limit("automatism_highest")) & (part.speed >= 2 * limit("jerk_speed"))
    return np.asarray(fast & closely)


def jerky(part: Rhythm) -> Mask:
    """A mask (w,) of jerks, quick and each like the one before, or fast and closely repeated."""
    return quick_alike(part) | fast_jerks(part)


def quick_alike(part: Rhythm) -> Mask:
    """A mask (w,) of quick pulls with a slower release, each like the one before: a hand action that is found
    unevenly in a dim picture is abrupt as well, but no two times alike."""
    return abrupt(part) & (part.regularity >= limit("clonic_regularity"))


def disordered(measures: Measures, limb: LimbMeasures) -> Mask:
    """A mask (w,) of windows in which this limb shakes out of step with another one."""
    result = np.zeros(len(measures.rhythms[limb.name.end_name].rate), dtype=bool)
    for one, other in pairs(measures):
        if limb.name in (one.name, other.name):
            result |= out_of_step(measures, one, other)
    return widened(result, 6)


def out_of_step(measures: Measures, one: LimbMeasures, other: LimbMeasures) -> Mask:
    """A mask (w,) of both limbs shaking out of step; legs that the hips carry along do not count, nor a limb
    that jerks beside one that swings evenly: a hand action."""
    assert measures.grid is not None
    a, b = measures.rhythms[one.name.end_name], measures.rhythms[other.name.end_name]
    size = "asynchronous_amplitude" if one.name.kind == "arm" else "asynchronous_leg_amplitude"
    both = shaken(a, one.noise, size) & shaken(b, other.noise, size) & beating(a) & beating(b)
    if other.name.kind == "leg":
        both &= ~thrusting(measures)
    both &= ~walking(measures, a)
    both &= ~_jerks_beside_action(a, b)
    both &= max(one.noise, other.noise) < limit("noise_judged")
    step = np.nan_to_num(together(a, b, measures.grid.rate), nan=1.0)
    rates_differ = np.abs(a.rate - b.rate) >= limit("rates_differ")
    return np.asarray(both & ((rates_differ & (step < limit("in_step"))) | (step < limit("unrelated"))))


def moving_as_one(measures: Measures, one: LimbMeasures, other: LimbMeasures) -> Mask:
    """A mask (w,) of windows in which two limbs move at one rate and in step."""
    assert measures.grid is not None
    a, b = measures.rhythms[one.name.end_name], measures.rhythms[other.name.end_name]
    step = np.nan_to_num(together(a, b, measures.grid.rate)) >= limit("in_step")
    return np.asarray(step & (np.abs(a.rate - b.rate) < limit("rates_differ")))


def _jerks_beside_action(a: Rhythm, b: Rhythm) -> Mask:
    """A mask (w,) of one limb that jerks while the other does not: it moves evenly, or no two times alike."""
    return np.asarray((abrupt(a) != abrupt(b)) | (quick_alike(a) != quick_alike(b)))


def pairs(measures: Measures) -> tuple[tuple[LimbMeasures, ...], ...]:
    """The pairs of limbs to compare: both arms, both legs."""
    return measures.arms, measures.legs


def thrusting(measures: Measures) -> Mask:
    """A mask (w,) of windows in which the hips move rhythmically relative to the shoulders."""
    assert measures.trunk is not None
    hips = measures.trunk.hips
    return np.asarray(
        ~walking(measures, hips)
        & (np.nan_to_num(hips.amplitude) >= limit("pelvic_amplitude"))
        & (hips.rate >= limit("clonic_lowest"))
        & (hips.rate <= limit("pelvic_highest"))
        & (hips.regularity >= limit("pelvic_regularity"))
        & (hips.steadiness >= limit("steady"))
    )


def burst_of(
    measures: Measures, limb: LimbMeasures, windows: Mask, *, cycles: float, seconds: float
) -> Burst | None:
    """The chosen windows as a burst, of stretches of at least `cycles` and `seconds`, most of whose windows
    were chosen; None without any."""
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
        whole = (centres >= start + part.length // 2) & (centres + part.length // 2 < stop)
        if found >= cycles and inside.sum() >= limit("burst_share") * whole.sum():
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


def strongest(measures: Measures) -> str:
    """A description of the most rhythmic movement, for answers *no*."""
    best, largest = None, 0.0
    for limb in measures.limbs:
        part = measures.rhythms[limb.name.end_name]
        quick = np.nan_to_num(part.amplitude)[part.rate >= limit("clonic_lowest")]
        largest = max(largest, float(quick.max(initial=0.0)))
        rhythmic = shaken(part, limb.noise) & (part.rate >= limit("clonic_lowest"))
        score = np.where(rhythmic, part.regularity, -1)
        if len(score) and np.isfinite(score).any():
            window = int(np.nanargmax(score))
            if score[window] > 0 and (best is None or score[window] > best[0]):
                best = (float(score[window]), limb.name.end_name, float(part.rate[window]))
    if best is None:
        return _too_little(largest)
    return (
        f"the most regular was the {best[1]} at {best[2]:.1f} Hz with a regularity of {best[0]:.2f} "
        f"(clonic jerks: {limit('clonic_regularity'):.2f}, abrupt and for {limit('clonic_seconds'):.1f} s)"
    )


def _too_little(largest: float) -> str:
    """That no limb moved rhythmically: the largest movement at a rate that counts, in shoulder widths."""
    least, lowest = limit("rhythm_amplitude"), limit("clonic_lowest")
    none = f"none moved rhythmically by {least:.2f} shoulder widths at {lowest:.1f} Hz or more"
    if largest >= least:
        over = limit("rhythm_over_noise")
        return f"{none}: {largest:.3f} shoulder widths at most, less than {over:.0f} times the noise"
    return f"{none}: {largest:.3f} shoulder widths at most, {least - largest:.3f} too little"
