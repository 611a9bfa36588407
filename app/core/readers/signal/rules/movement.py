"""The rules for movement: limb automatisms, shaking, pelvic thrusting, simultaneous arms."""

from __future__ import annotations

import numpy as np

from app.core.enhance.pose_track import Joint
from app.core.readers.signal.measures.limbs import LimbMeasures, onsets
from app.core.readers.signal.measures.measures import Measures
from app.core.readers.signal.measures.rhythm import WINDOW, Rhythm, covered, together
from app.core.readers.signal.measures.series import Mask, at_least, closed, runs, spans_of, widened
from app.core.readers.signal.rules.answering import (
    capital,
    format_spans,
    join_words,
    not_assessable,
    present,
    side_of,
    too_short,
)
from app.core.readers.signal.rules.clonic_jerks import jerking_windows
from app.core.readers.signal.rules.purpose import (
    GAZE_UNKNOWN,
    both_hands_purposeful,
    eyes_lowered,
    gaze_unknown,
    windows_of,
)
from app.core.readers.signal.rules.rhythmic import (
    beating,
    burst_of,
    disordered,
    jerky,
    out_of_step,
    pairs,
    shaken,
    strongest,
    thrusting,
    walking,
)
from app.core.readers.signal.rules.speakers import may_be_talking, patient_talks
from app.core.readers.signal.rules.visibility import (
    absent_if_seen,
    absent_in_limbs,
    arms_seen,
    hips_seen,
    only_seen,
    trunk_seen,
    why_no_body,
    why_no_limbs,
)
from app.core.readers.signal.thresholds import limit
from app.core.semiology import Answer, Laterality, Span

_Start = tuple[float, float]

NO_SOUND_TO_TELL = "Without sound it cannot be distinguished from talking and gesturing."


def limb_automatisms(measures: Measures) -> Answer:
    """Repeated small actions of a hand or foot, near the body, less regular than clonic jerks."""
    feature = "limb_automatisms"
    reason = why_no_limbs(feature, measures, "arm")
    if reason or measures.grid is None or measures.body is None:
        return not_assessable(feature, reason or "The patient's body was not found in the picture.")
    bursts, longest = [], 0.0
    for limb in measures.arms:
        part = measures.rhythms[limb.name.end_name]
        windows = _automatism_windows(measures, limb, part)
        longest = max(
            longest,
            _longest(
                measures, closed(covered(windows, part, len(measures.grid.times)), measures.grid.rows(0.6))
            ),
        )
        burst = burst_of(measures, limb, windows, cycles=4.0, seconds=limit("automatism_seconds"))
        if burst is not None:
            bursts.append(burst)
    if bursts:
        best = max(span.duration for burst in bursts for span in burst.spans)
        spans = [span for burst in bursts for span in burst.spans if span.duration >= 2]
        text = capital("; ".join(burst.words(measures.body.unit) for burst in bursts))
        text += ", repeated and away from the face."
        if may_be_talking(measures, spans):
            return not_assessable(feature, f"{text} {NO_SOUND_TO_TELL}")
        if gaze_unknown(measures, spans):
            return not_assessable(feature, f"{text} {GAZE_UNKNOWN}")
        side = side_of(burst.side for burst in bursts if burst.side)
        return present(feature, spans, text, best / limit("automatism_seconds"), side)
    least = limit("automatism_seconds")
    now_and_then = f"longest {longest:.1f} s, but for less than {100 * limit('burst_share'):.0f} % of that"
    how_long = too_short(longest, least) if longest < least else now_and_then
    text = f"No hand repeated a small action for {least:.0f} s ({how_long}); {strongest(measures)}."
    parts = arms_seen(measures)
    return absent_if_seen(feature, parts, text, 1.4, alone=only_seen(parts))


def _automatism_windows(measures: Measures, limb: LimbMeasures, part: Rhythm) -> Mask:
    """A mask (w,) of small repeated actions of one hand, away from the face.

    Beside clonic jerks they count only where the same actions go on apart from them: jerks that end slow down
    into the rate of hand actions, but soon stop.
    """
    near = widened(jerking_windows(measures, limb), round(limit("clonic_near") / 0.25))
    actions = _small_actions(measures, limb, part)
    apart = max(round((limit("automatism_apart") - WINDOW) / 0.25), 1)
    kept = actions & ~near
    for start, stop in runs(closed(actions, apart)):
        if at_least(closed(kept[start:stop], 2), apart).any():
            kept[start:stop] = actions[start:stop]
    return kept


def _small_actions(measures: Measures, limb: LimbMeasures, part: Rhythm) -> Mask:
    """A mask (w,) of small, regular, even movement of one hand, away from the face and not looked at."""
    return np.asarray(
        shaken(part, limb.noise, "automatism_amplitude")
        & (part.amplitude <= limit("automatism_largest"))
        & (part.rate >= limit("automatism_lowest"))
        & (part.rate <= limit("automatism_highest"))
        & (part.concentration >= limit("automatism_concentration"))
        & (part.steadiness >= limit("steady"))
        & ~jerky(part)
        & ~disordered(measures, limb)
        & ~walking(measures, part)
        & ~_near_face(limb, part)
        & ~_gesturing(measures, part)
        & ~windows_of(eyes_lowered(measures), part.hop, part.length, len(part.rate), 0.6)
    )


def _gesturing(measures: Measures, part: Rhythm) -> Mask:
    """A mask (w,) of windows in which the patient speaks, because hands gesture with speech."""
    talks = patient_talks(measures)
    share = [talks[w * part.hop : w * part.hop + part.length].mean() for w in range(len(part.rate))]
    return np.array(share) > limit("talking_share") if share else np.zeros(0, dtype=bool)


def _near_face(limb: LimbMeasures, part: Rhythm) -> Mask:
    return np.array(
        [limb.at_face[w * part.hop : w * part.hop + part.length].mean() > 0.3 for w in range(len(part.rate))],
        dtype=bool,
    )


def asynchronous_movement(measures: Measures) -> Answer:
    """Limbs shake at the same time but not together: another rate, or no fixed relation."""
    feature = "asynchronous_movement"
    reason = why_no_limbs(feature, measures, "arm", 2)
    reason = reason and why_no_limbs(feature, measures, "leg", 2) and reason
    if reason or measures.grid is None or measures.body is None:
        return not_assessable(feature, reason or "The patient's body was not found in the picture.")
    grid = measures.grid
    rows = np.zeros(len(grid.times), dtype=bool)
    words: list[str] = []
    longest = 0.0
    for one, other in pairs(measures):
        a, b = measures.rhythms[one.name.end_name], measures.rhythms[other.name.end_name]
        out = out_of_step(measures, one, other)
        both = covered(out, a, len(rows)) & covered(out, b, len(rows))
        both = closed(both, grid.rows(0.6))
        longest = max(longest, _longest(measures, both))
        both = at_least(both, grid.rows(limit("shaking_seconds")))
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
        text = f"Out of step: {'; '.join(words[:3])}; {format_spans(spans)}."
        return present(feature, spans, text, longest / limit("shaking_seconds"), Laterality.BOTH)
    least = limit("shaking_seconds")
    how_long = too_short(longest, least)
    text = f"No two limbs shook out of step for {least:.0f} s ({how_long}); {strongest(measures)}."
    return absent_in_limbs(feature, measures, text, 1.5)


def full_body_shaking(measures: Measures) -> Answer:
    """Both arms, the legs and the trunk shake together; hidden legs are left out and mentioned."""
    feature = "full_body_shaking"
    reason = why_no_limbs(feature, measures, "arm", 2)
    if reason or measures.grid is None or measures.trunk is None or measures.body is None:
        return not_assessable(feature, reason or "The patient's body was not found in the picture.")
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
            f"{who} shook together, {format_spans(spans)}: the trunk at {rate:.1f} Hz by "
            f"{size * measures.body.unit:.1f} px ({size:.2f} shoulder widths)."
        )
        return present(feature, spans, text, longest / limit("shaking_seconds"), Laterality.BOTH)
    alone = [f"{name} {mask.mean() * len(mask) / measures.grid.rate:.1f} s" for name, mask in parts.items()]
    least = limit("shaking_seconds")
    text = (
        f"{capital(join_words(parts))} did not shake all together for {least:.0f} s "
        f"({too_short(_longest(measures, rows), least)}); each alone shook for: {join_words(alone)}."
    )
    return absent_if_seen(feature, [*arms_seen(measures), trunk_seen(measures)], text, 1.5)


def _longest(measures: Measures, rows: Mask) -> float:
    """The duration (s) of the longest stretch of rows."""
    assert measures.grid is not None
    return max((stop - start for start, stop in runs(rows)), default=0) / measures.grid.rate


def _shaking_parts(measures: Measures) -> dict[str, Mask]:
    """Masks (n,) of shaking of both arms, of the legs and of the trunk (where it moves at the arms' rate)."""
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
            rows.append(covered(shaken(part, limb.noise, amplitude) & beating(part), part, n))
        parts[kind] = rows[0] & rows[1] if kind == "arms" else rows[0] | rows[1]
    left, right = (measures.rhythms[limb.name.end_name] for limb in measures.arms)
    # Arms at two rates meet now and then: a window of 3 s in which they happen to is no shaking together.
    step = (together(left, right, grid.rate) >= limit("in_step")) & (
        np.abs(left.rate - right.rate) < limit("rates_differ")
    )
    parts["arms"] &= covered(step, left, n)
    moved = np.zeros(len(trunk.whole.rate), dtype=bool)
    noise = float(np.max(measures.body.noise[[Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER]]))
    for limb in measures.arms:
        rate = measures.rhythms[limb.name.end_name].rate
        moved |= np.abs(trunk.whole.rate - rate) <= np.maximum(0.35, 0.12 * rate)
    moved &= shaken(trunk.whole, noise, "trunk_amplitude") & (trunk.whole.steadiness >= limit("steady"))
    parts["trunk"] = covered(moved & ~walking(measures, trunk.whole), trunk.whole, n)
    return parts


def pelvic_thrusting(measures: Measures) -> Answer:
    """The hips move rhythmically against the shoulders."""
    feature = "pelvic_thrusting"
    reason = why_no_body(feature, measures)
    if reason or measures.grid is None or measures.trunk is None or measures.body is None:
        return not_assessable(feature, reason or "The patient's hips were not found in the picture.")
    hips = measures.trunk.hips
    windows = thrusting(measures)
    rows = closed(covered(windows, hips, len(measures.grid.times)), measures.grid.rows(0.6))
    spans = spans_of(at_least(rows, measures.grid.rows(limit("shaking_seconds"))), measures.grid.times)
    unit = measures.body.unit
    if spans:
        amplitude = float(np.median(hips.amplitude[windows]))
        text = (
            f"The hips moved against the shoulders at {np.median(hips.rate[windows]):.1f} Hz, "
            f"{amplitude * unit:.0f} px peak to peak ({amplitude:.2f} shoulder widths), "
            f"{format_spans(spans)}."
        )
        return present(feature, spans, text, amplitude / limit("pelvic_amplitude"))
    largest = float(np.nanmax(hips.amplitude)) if np.isfinite(hips.amplitude).any() else 0.0
    text = (
        f"The hips did not move rhythmically against the shoulders for {limit('shaking_seconds'):.0f} s: "
        f"{_nearest_thrust(largest, _longest(measures, rows))}."
    )
    margin = max(limit("pelvic_amplitude") / max(largest, 0.02), 1.1)
    return absent_if_seen(feature, [hips_seen(measures)], text, margin)


def _nearest_thrust(largest: float, longest: float) -> str:
    least = limit("pelvic_amplitude")
    if largest < least:
        return f"at most {largest:.3f} shoulder widths, {least - largest:.3f} less than count"
    so_long = too_short(longest, limit("shaking_seconds"))
    return f"up to {largest:.2f} shoulder widths, but not at one regular rate ({so_long})"


def arms_move_simultaneously(measures: Measures) -> Answer:
    """Both arms start to move briskly out of stillness within half a second of each other."""
    feature = "arms_move_simultaneously"
    reason = why_no_limbs(feature, measures, "arm", 2)
    if reason or measures.grid is None:
        return not_assessable(feature, reason or "The arms were not found in the picture.")
    left, right = (onsets(arm, measures.grid) for arm in measures.arms)
    brisk = [
        (at, other_at)
        for at, speed in left
        for other_at, other_speed in right
        if abs(at - other_at) <= limit("simultaneous_onsets")
        and min(speed, other_speed) >= limit("onset_speed")
    ]
    most = max(2.0, limit("starts_a_minute") * measures.grid.duration / 60)
    often = len(brisk) > most
    actions = [pair for pair in brisk if both_hands_purposeful(measures, min(pair))]
    habit = often and bool(actions)
    together_in = len(brisk)
    brisk = [] if habit else [pair for pair in brisk if pair not in actions]
    if brisk:
        words = join_words(f"left {at:.2f} s, right {other:.2f} s" for at, other in brisk[:4])
        spans = [Span(max(0.0, min(pair) - 0.2), max(pair) + 0.8) for pair in brisk]
        margin = limit("simultaneous_onsets") / max(min(abs(a - b) for a, b in brisk), 0.15)
        text = f"Both arms started to move together: {words}."
        if may_be_talking(measures, spans):
            return not_assessable(feature, f"{text} {NO_SOUND_TO_TELL}")
        return present(feature, spans, text, margin, Laterality.BOTH)
    text = f"The arms started to move {len(left)} (left) and {len(right)} times (right), " + (
        _habit(together_in, most) if habit else _why_not_together(left, right, len(actions))
    )
    return absent_if_seen(feature, arms_seen(measures), text, 1.1 if actions or habit else 1.4)


def _habit(times: int, most: float) -> str:
    return f"both together {times} times, more than {most:.1f} times: an ordinary habit of this person."


def _why_not_together(left: list[_Start], right: list[_Start], actions: int) -> str:
    """Why starts of the arms, by time (s) and speed (shoulder widths/s), do not count, and by how much."""
    if actions:
        so_near = f"within {limit('action_seconds'):.0f} s of an action"
        return f"both together {actions} times, each {so_near}: talking, to the face, to one thing."
    within, brisk = limit("simultaneous_onsets"), limit("onset_speed")
    never = f"never both at {brisk:.2f} shoulder widths/s within {within:.1f} s"
    pairs_of_starts = [
        (abs(at - other), min(speed, further)) for at, speed in left for other, further in right
    ]
    quick = [apart for apart, speed in pairs_of_starts if speed >= brisk]
    if quick:
        return f"{never}: the nearest were {min(quick):.2f} s apart, {min(quick) - within:.2f} s too far."
    slow = [speed for apart, speed in pairs_of_starts if apart <= within]
    if slow:
        best = max(slow)
        return (
            f"{never}: the slower arm at {best:.2f} shoulder widths/s at most, {brisk - best:.2f} too slow."
        )
    return f"{never}."
