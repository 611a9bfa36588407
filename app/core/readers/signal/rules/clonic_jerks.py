"""The rule for clonic jerks, and what distinguishes them from hand actions and from gestures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from app.core.readers.signal.measures.limbs import LimbMeasures
from app.core.readers.signal.measures.measures import Measures
from app.core.readers.signal.measures.rhythm import WINDOW, Rhythm, covered
from app.core.readers.signal.measures.series import Floats, Mask, closed, runs
from app.core.readers.signal.rules.answering import (
    capital,
    format_spans,
    join_words,
    not_assessable,
    present,
    side_of,
)
from app.core.readers.signal.rules.purpose import hands_together, windows_of
from app.core.readers.signal.rules.rhythmic import (
    Burst,
    abrupt,
    burst_of,
    disordered,
    fast_jerks,
    moving_as_one,
    shaken,
    strongest,
    thrusting,
    walking,
)
from app.core.readers.signal.rules.visibility import absent_in_limbs, why_no_limbs
from app.core.readers.signal.thresholds import limit
from app.core.semiology import Answer

_SHOULDERS_CM = 36
"""The width of an adult's shoulders."""
_HOP = 0.25
"""Seconds from one window to the next."""


def clonic(measures: Measures) -> Answer:
    """Regular, stereotyped jerking of a limb at 0.8–5 Hz for at least five cycles."""
    feature = "clonic"
    reason = why_no_limbs(feature, measures, "arm")
    reason = reason and why_no_limbs(feature, measures, "leg") and reason
    if reason:
        return not_assessable(feature, reason)
    criteria = [_criteria(measures, limb) for limb in measures.limbs]
    bursts, unclear = _bursts(measures, [_all_met(of_limb) for of_limb in criteria])
    if bursts:
        return _jerked(feature, measures, bursts, unclear)
    if unclear:
        return not_assessable(feature, _unclear_text(unclear))
    text = (
        f"No limb jerked regularly for {limit('clonic_cycles'):.0f} cycles; {_nearest(measures, criteria)}."
    )
    return absent_in_limbs(feature, measures, text, 1.5)


def _bursts(measures: Measures, jerking: list[Mask]) -> tuple[list[Burst], list[Burst]]:
    """The bursts of clonic jerks, and those that may be a repeated gesture; `jerking` has a mask of windows
    for each limb."""
    clear, unclear = [], []
    doubtful = _unclear(measures, jerking[: len(measures.arms)])
    for number, (limb, jerks) in enumerate(zip(measures.limbs, jerking, strict=True)):
        doubt = doubtful[number] if number < len(doubtful) else np.zeros(len(jerks), dtype=bool)
        found = _burst(measures, limb, jerks & ~doubt)
        if found is not None:
            clear.append(found)
        # Where nothing is clear, all together decides: no jerks are *no* because of their size alone.
        left = doubt if found is not None else jerks
        further = _burst(measures, limb, left) if doubt.any() else None
        if further is not None:
            unclear.append(further)
    return clear, unclear


def _burst(measures: Measures, limb: LimbMeasures, windows: Mask) -> Burst | None:
    return burst_of(measures, limb, windows, cycles=limit("clonic_cycles"), seconds=limit("clonic_seconds"))


def _jerked(feature: str, measures: Measures, bursts: list[Burst], unclear: list[Burst]) -> Answer:
    assert measures.body is not None
    unit = measures.body.unit
    regularity = max(burst.regularity for burst in bursts)
    margin = min(
        max(burst.cycles for burst in bursts) / limit("clonic_cycles"),
        1 + 3 * (regularity - limit("clonic_regularity")),
    )
    spans = [span for burst in bursts for span in burst.spans]
    text = capital("; ".join(burst.words(unit) for burst in bursts))
    text += f". Each movement repeats the one before (correlation {regularity:.2f})."
    sides = {burst.side for burst in bursts if burst.side}
    if unclear:
        text += f" {_unclear_text(unclear)}"
    # A side is not stated where the other one may have jerked as well.
    other = {burst.side for burst in unclear if burst.side} - sides
    return present(feature, spans, text, margin, None if other else side_of(sides))


def _unclear_text(unclear: list[Burst]) -> str:
    words = join_words(
        f"the {burst.part} at {burst.rate:.1f} Hz by {burst.amplitude * _SHOULDERS_CM:.0f} cm "
        f"({format_spans(burst.spans)})"
        for burst in unclear
    )
    return f"Regular and abrupt movement of {words}: slow clonic jerks or a repeated gesture."


def jerking_windows(measures: Measures, limb: LimbMeasures) -> Mask:
    """A mask (w,) of regular, stereotyped jerking at a clonic rate, in step with other jerking limbs."""
    return _all_met(_criteria(measures, limb))


@dataclass(frozen=True, slots=True, eq=False)
class _Criterion:
    """A criterion of clonic jerks: a mask (w,) of windows that meet it, and what is said of one that does
    not, with a place for its `measured` value (w,)."""

    missed: str
    met: Mask
    measured: Floats | None = None

    def words(self, windows: Mask) -> str:
        """What these windows miss, with their middle value."""
        if self.measured is None:
            return self.missed
        return self.missed.format(float(np.nanmedian(self.measured[windows])))


def _all_met(criteria: Iterable[_Criterion]) -> Mask:
    return np.asarray(np.logical_and.reduce([one.met for one in criteria]))


def _criteria(measures: Measures, limb: LimbMeasures) -> tuple[_Criterion, ...]:
    part, arm = measures.rhythms[limb.name.end_name], limb.name.kind == "arm"
    none = np.zeros(len(part.rate), dtype=bool)
    speed = limit("jerk_speed" if arm else "moving_speed")
    regularity = limit("clonic_regularity" if arm else "leg_regularity")
    lowest, highest = limit("clonic_lowest"), limit("clonic_highest")
    size = max(limit("rhythm_amplitude"), limit("rhythm_over_noise") * limb.noise)
    concentration = limit("clonic_concentration")
    carried = none if arm else thrusting(measures)
    at_one_thing = none
    if arm:
        at_one_thing = windows_of(hands_together(measures), part.hop, part.length, len(none), 0.5)
    evenly = f"evenly, not abruptly (a skewness of {{:.2f}}, {limit('jerk_abruptness'):.2f} needed)"
    spread = f"at several rates at once (a share of {{:.2f}} at one, {concentration:.2f} needed)"
    in_part = f"not throughout {WINDOW:.0f} s (a share of {{:.2f}}, {limit('steady'):.2f} needed)"
    return (
        _Criterion("the hips carried it along", ~carried),
        _Criterion("as in walking", ~walking(measures, part)),
        _Criterion(
            f"at {{:.2f}} shoulder widths/s, slower than {speed:.2f}", part.speed >= speed, part.speed
        ),
        _Criterion(evenly, abrupt(part) | fast_jerks(part), part.abruptness),
        _Criterion("out of step with another limb", ~disordered(measures, limb)),
        _Criterion(
            f"by {{:.3f}} shoulder widths, less than {size:.3f}", shaken(part, limb.noise), part.amplitude
        ),
        _Criterion(
            f"at {{:.2f}} Hz, not at {lowest:.1f} to {highest:.0f} Hz",
            (part.rate >= lowest) & (part.rate <= highest),
            part.rate,
        ),
        _Criterion(
            f"with a regularity of {{:.2f}}, less than {regularity:.2f}",
            part.regularity >= regularity,
            part.regularity,
        ),
        _Criterion(spread, part.concentration >= concentration, part.concentration),
        _Criterion(in_part, part.steadiness >= limit("steady"), part.steadiness),
        _Criterion("with both hands at one thing", ~at_one_thing),
    )


def _nearest(measures: Measures, criteria: list[tuple[_Criterion, ...]]) -> str:
    """The movement that came nearest to clonic jerks, and what it missed: the criterion without which it
    would count, else all that its best window misses."""
    missed: list[tuple[float, str]] = []
    for limb, of_limb in zip(measures.limbs, criteria, strict=True):
        for one in of_limb:
            others = _all_met(other for other in of_limb if other is not one)
            burst = _burst(measures, limb, others)
            if burst is not None:
                what = f"at {burst.rate:.1f} Hz ({format_spans(burst.spans)})"
                why = one.words(others & ~one.met)
                missed.append((burst.cycles, f"the nearest was the {burst.part} {what}, but {why}"))
    return max(missed)[1] if missed else _best_window(measures, criteria)


def _best_window(measures: Measures, criteria: list[tuple[_Criterion, ...]]) -> str:
    """The window of a limb that meets most criteria, and those that it misses."""
    best: tuple[int, float, str] | None = None
    for limb, of_limb in zip(measures.limbs, criteria, strict=True):
        part = measures.rhythms[limb.name.end_name]
        met = np.array([one.met for one in of_limb])
        rhythmic = shaken(part, limb.noise) & (part.rate >= limit("clonic_lowest"))
        for window in np.flatnonzero(rhythmic):
            count, regularity = int(met[:, window].sum()), float(np.nan_to_num(part.regularity[window]))
            if best is None or (count, regularity) > best[:2]:
                here = np.arange(len(rhythmic)) == window
                missed = [one.words(here) for one in of_limb if not one.met[window]]
                why = join_words(missed or [_too_little_of_it(measures, part, _all_met(of_limb))])
                nearest = f"the {limb.name.end_name} at {part.rate[window]:.1f} Hz"
                best = count, regularity, f"the nearest was {nearest}, but {why}"
    return strongest(measures) if best is None else best[2]


def _too_little_of_it(measures: Measures, part: Rhythm, jerks: Mask) -> str:
    """By how much jerks that meet all criteria are too short or too few, as `burst_of` counts them."""
    assert measures.grid is not None
    grid, seconds, cycles = measures.grid, limit("clonic_seconds"), limit("clonic_cycles")
    rows = closed(covered(jerks, part, len(grid.times)), grid.rows(0.6))
    lasted = max((stop - start for start, stop in runs(rows)), default=0) / grid.rate
    found = float(np.median(part.rate[jerks])) * lasted
    if lasted >= seconds and found >= cycles:
        return f"in less than {100 * limit('burst_share'):.0f} % of that time"
    needed = f"{seconds:.1f} s and {cycles:.0f} cycles are needed"
    return f"for {lasted:.1f} s and {found:.1f} cycles, and {needed}"


# --- gestures ----------------------------------------------------------------------------------


def _unclear(measures: Measures, jerking: list[Mask]) -> list[Mask]:
    """Masks (w,) for each arm of `jerking` that goes so far at so slow a rate that it may be a gesture.

    Both arms are decided on together where they move as one, and what adjoins clonic jerks of the same arm is
    one of them: jerks slow down before they end.
    """
    arms = measures.arms
    unclear = [jerk & _slow_and_far(measures, arm) for jerk, arm in zip(jerking, arms, strict=True)]
    if not any(mask.any() for mask in unclear):
        return unclear
    as_one = np.zeros(len(unclear[0]), dtype=bool)
    if len(arms) == 2:
        as_one = moving_as_one(measures, *arms)
    unclear = [mask | (jerk & as_one & other) for mask, jerk, other in _with_other(unclear, jerking)]
    ends = []
    for mask, jerk, arm in zip(unclear, jerking, arms, strict=True):
        ends.append(mask & _beside(jerk & ~mask, jerk, measures.rhythms[arm.name.end_name]))
    ends = [end | (mask & as_one & other) for end, mask, other in _with_other(ends, unclear)]
    return [mask & ~end for mask, end in zip(unclear, ends, strict=True)]


def _with_other(masks: list[Mask], beside: list[Mask]) -> list[tuple[Mask, Mask, Mask]]:
    """Of each arm its mask, what is beside it, and the mask of the other arm."""
    return list(zip(masks, beside, reversed(masks), strict=True))


def _slow_and_far(measures: Measures, arm: LimbMeasures) -> Mask:
    part = measures.rhythms[arm.name.end_name]
    return np.asarray((part.rate <= limit("slow_jerks")) & (part.amplitude > limit("slow_jerk_largest")))


def _beside(clear: Mask, jerks: Mask, part: Rhythm) -> Mask:
    """A mask (w,) of the stretches of `jerks` some of which are `clear`, for as long as clonic jerks take."""
    result = np.zeros(len(jerks), dtype=bool)
    for start, stop in runs(closed(jerks, 2)):
        for first, last in runs(clear[start:stop]):
            seconds = WINDOW + (last - first - 1) * _HOP
            cycles = float(np.median(part.rate[start + first : start + last])) * seconds
            if seconds >= limit("clonic_seconds") and cycles >= limit("clonic_cycles"):
                result[start:stop] = True
    return result
