"""The rules for head turning, oral automatisms, and asymmetry of the face (pulling, twitching)."""

from __future__ import annotations

import numpy as np

from app.core.readers.signal.measures.head import HeadTurn
from app.core.readers.signal.measures.measures import Measures
from app.core.readers.signal.measures.rhythm import Rhythm, covered
from app.core.readers.signal.measures.series import (
    Floats,
    Mask,
    at_least,
    band,
    closed,
    moving,
    percentile,
    runs,
    span_of,
    spans_of,
)
from app.core.readers.signal.rules.answering import (
    format_spans,
    join_words,
    not_assessable,
    present,
)
from app.core.readers.signal.rules.movement import clonic
from app.core.readers.signal.rules.posture import figure4, tonic
from app.core.readers.signal.rules.purpose import talks_during
from app.core.readers.signal.rules.speakers import patient_talks
from app.core.readers.signal.rules.visibility import (
    absent_if_seen,
    face_seen,
    head_seen,
    part_seen,
    why_no_face,
    why_no_head,
)
from app.core.readers.signal.thresholds import limit
from app.core.semiology import Answer, Laterality, Span

_NO_FACE = "The patient's face was not found in the picture."
_NO_SOUND = "Without sound it cannot be distinguished from talking."


def head_turning(measures: Measures) -> Answer:
    """The head goes far to one side against the shoulders and stays there stiffly for three seconds."""
    feature = "head_turning"
    reason = why_no_head(feature, measures)
    if reason or measures.head is None:
        return not_assessable(feature, reason or "The patient's head was not found in the picture.")

    def weight(turn: HeadTurn) -> float:
        return min(
            turn.angle / limit("head_turn_angle"),
            turn.span.duration / limit("head_turn_seconds"),
            limit("head_turn_wobble") / max(turn.wobble, 0.5),
        )

    turns = sorted(measures.head.turns, key=weight, reverse=True)
    held = [turn for turn in turns if weight(turn) >= 1]
    dragged = [turn for turn in held if _forced(measures, turn)]
    around = len(held) > limit("head_turns_most") or _to_and_fro(held)
    free = [turn for turn in dragged if not talks_during(measures, turn.rows)]
    free = [turn for turn in free if not _looks_about(measures, turn)]
    found = [] if around else [turn for turn in free if turn.begun]
    if found:
        words = join_words(
            f"{turn.angle:.0f}° to the patient's {turn.side.value}, at up to {turn.speed:.0f}°/s, "
            f"held within ±{turn.wobble:.0f}° {format_spans([turn.span])}"
            for turn in sorted(found, key=lambda turn: turn.span)
        )
        sides = {turn.side for turn in found}
        side = sides.pop() if len(sides) == 1 else Laterality.BOTH
        return present(feature, [t.span for t in found], f"The head turned {words}.", weight(found[0]), side)
    nearest = f" {_turn_words(turns[0])}" if turns else " It never turned so far for a second."
    parts = [head_seen(measures)]
    if free and not around:
        text = f"The head was held turned, but was not seen before, so that no turn was seen.{nearest}"
        return not_assessable(feature, text)
    if held:
        why = (
            f"{len(held)} times, as one looks around"
            if around
            else "as freely as one looks at somebody: fast, or while talking"
        )
        return absent_if_seen(feature, parts, f"The head was turned and held {why}.{nearest}", 1.1)
    text = (
        f"The head was not turned by {limit('head_turn_angle'):.0f}° or more and held there within "
        f"±{limit('head_turn_wobble'):.0f}° for {limit('head_turn_seconds'):.0f} s.{nearest}"
    )
    return absent_if_seen(feature, parts, text, 1 / max(weight(turns[0]) if turns else 0.4, 0.2))


def _turn_words(turn: HeadTurn) -> str:
    """The nearest turn and by how much it missed each criterion."""
    missed = []
    if turn.angle < limit("head_turn_angle"):
        missed.append(f"{limit('head_turn_angle') - turn.angle:.0f}° too little")
    if turn.span.duration < limit("head_turn_seconds"):
        missed.append(f"{limit('head_turn_seconds') - turn.span.duration:.1f} s too short")
    if not turn.wobble <= limit("head_turn_wobble"):
        missed.append(f"moving by ±{turn.wobble:.0f}°")
    why = f" ({join_words(missed)})" if missed else ""
    return f"The nearest turn: {turn.angle:.0f}° for {turn.span.duration:.1f} s{why}."


def _to_and_fro(turns: list[HeadTurn]) -> bool:
    """Whether held turns to both sides follow each other, as in somebody who looks around."""
    near = limit("companion_seconds")
    return any(
        one.side is not other.side and 0 <= other.span.start - one.span.end <= near
        for one in turns
        for other in turns
    )


def _looks_about(measures: Measures, turn: HeadTurn) -> bool:
    """Whether the eyes wander while the head is turned: who is forced to one side does not look around."""
    eyes = measures.eyes
    if eyes is None:
        return False
    rows = slice(*turn.rows)
    gaze = eyes.gaze[rows, 0][eyes.clear[rows] & ~eyes.shut[rows]]
    if len(gaze) < limit("share_for_no") * (turn.rows[1] - turn.rows[0]):
        return False
    return percentile(gaze, 95) - percentile(gaze, 5) > limit("gaze_wanders")


def _forced(measures: Measures, turn: HeadTurn) -> bool:
    """Whether a held turn is slower than a voluntary look, or accompanied by jerks or a stiff posture."""
    if turn.speed <= limit("head_turn_dragged"):
        return True
    near = limit("companion_seconds")
    signs = (*clonic(measures).evidence, *tonic(measures).evidence, *figure4(measures).evidence)
    return any(span.start - near <= turn.span.end and turn.span.start <= span.end + near for span in signs)


def face_pulling(measures: Measures) -> Answer:
    """One side of the lower face stands drawn against the other for a few seconds."""
    feature = "face_pulling"
    reason = why_no_face(feature, measures)
    if reason or measures.mouth is None or measures.grid is None:
        return not_assessable(feature, reason or _NO_FACE)
    pull = _pull(measures)
    spread = 1.48 * float(np.nan_to_num(np.nanmedian(np.abs(pull)))) if np.isfinite(pull).any() else 0.0
    least = max(limit("pull_size"), min(limit("pull_over_noise") * spread, 2 * limit("pull_size")))
    smiles = _other_side_too(measures)
    held: list[Span] = []
    sides: set[Laterality] = set()
    largest = 0.0
    for side, sign in ((Laterality.LEFT, 1.0), (Laterality.RIGHT, -1.0)):
        rows = closed(np.nan_to_num(sign * pull, nan=-1.0) > least, measures.grid.rows(0.3))
        for start, stop in runs(at_least(rows, measures.grid.rows(limit("pull_seconds")))):
            if smiles[start:stop].mean() > 0.5:
                continue
            held.append(span_of(measures.grid.times, start, stop))
            sides.add(side)
            largest = max(largest, float(np.nanmedian(sign * pull[start:stop])))
    if held:
        side = sides.pop() if len(sides) == 1 else Laterality.BOTH
        text = (
            f"The {side.value} mouth corner and cheek stood {100 * largest:.0f} % of the eyes' distance "
            f"further out and up than the other side, {format_spans(held)}."
        )
        margin = min(largest / least, max(s.duration for s in held) / limit("pull_seconds"))
        return present(feature, held, text, margin, side)
    apart = closed(np.nan_to_num(np.abs(pull)) > least, measures.grid.rows(0.3))
    longest = max((stop - start for start, stop in runs(apart)), default=0) / measures.grid.rate
    text = (
        f"The two sides of the lower face did not differ steadily by {100 * least:.0f} % of the eyes' "
        f"distance for {limit('pull_seconds'):.1f} s without the other side being drawn too: the longest "
        f"difference lasted {longest:.1f} s."
    )
    facing = part_seen("the face from the front", measures.grid, np.isfinite(pull), "turned away or moving")
    margin = limit("pull_seconds") / max(longest, 0.5)
    return absent_if_seen(feature, [face_seen(measures), facing], text, max(margin, 1.1))


def _other_side_too(measures: Measures) -> Mask:
    """A mask (n,) of the weaker side of the mouth moving out and up as well, as in a smile."""
    assert measures.face is not None
    assert measures.grid is not None
    drawn = []
    for corner, sign in ((291, 1.0), (61, -1.0)):
        place = measures.face.point(corner)[:, :2]
        away = (place - np.nanmedian(place, axis=0)) @ np.array([sign, -1.0]) / np.sqrt(2)
        drawn.append(moving(away, measures.grid.rows(0.7), "median"))
    weaker, stronger = np.minimum(*drawn), np.maximum(*drawn)
    return np.asarray(np.nan_to_num(weaker) > limit("pull_other_side") * np.abs(np.nan_to_num(stronger)))


def _pull(measures: Measures) -> Floats:
    """The steady asymmetry (n,), corrected for small turns of the head; NaN where the head is turned too far
    or the asymmetry jerks."""
    assert measures.grid is not None
    assert measures.mouth is not None
    grid, pull = measures.grid, measures.mouth.pull.copy()
    if measures.head is not None:
        yaw = measures.head.yaw - measures.head.usual
        fit = np.isfinite(pull) & (np.abs(np.nan_to_num(yaw, nan=90.0)) < limit("face_judged_within"))
        if fit.sum() > grid.rows(3):
            bounded = np.clip(pull[fit], -limit("pull_size"), limit("pull_size"))
            pull = pull - yaw * float((bounded * yaw[fit]).sum() / max(float((yaw[fit] ** 2).sum()), 1e-6))
    quick = band(measures.mouth.difference, grid.rate, 1.0, min(8.0, grid.rate / 2.2)).sum(axis=1) / np.sqrt(
        2
    )
    jerking = 2 * np.sqrt(2) * np.sqrt(moving(quick**2, grid.rows(1.0), "mean"))
    steady = np.nan_to_num(jerking, nan=9.0) < 1.5 * np.abs(pull)
    return np.asarray(
        np.where(_facing(measures) & (steady | (np.abs(pull) < limit("pull_size"))), pull, np.nan)
    )


def _facing(measures: Measures) -> Mask:
    """A mask (n,) of the head near its usual direction, because turned faces look asymmetric."""
    head = measures.head
    assert measures.grid is not None
    if head is None:
        return np.ones(len(measures.grid.times), dtype=bool)
    return np.asarray(np.abs(np.nan_to_num(head.yaw - head.usual, nan=90.0)) < limit("face_judged_within"))


def face_twitching(measures: Measures) -> Answer:
    """Brief repeated jerks of one side of the lower face against the other."""
    feature = "face_twitching"
    reason = why_no_face(feature, measures)
    if reason or measures.mouth is None or measures.grid is None:
        return not_assessable(feature, reason or _NO_FACE)
    jerks = measures.mouth.jerks
    windows = (
        (
            np.nan_to_num(jerks.amplitude)
            >= max(limit("twitch_size"), limit("twitch_over_noise") * _face_noise(measures))
        )
        & (jerks.regularity >= limit("twitch_regularity"))
        & (jerks.rate >= limit("twitch_lowest"))
        & ~_talking(measures, jerks)
        & ~_chewing_stronger(measures)
    )
    rows = closed(covered(windows, jerks, len(measures.grid.times)), measures.grid.rows(0.5))
    spans = spans_of(at_least(rows, measures.grid.rows(limit("twitch_seconds"))), measures.grid.times)
    if spans:
        rate = float(np.median(jerks.rate[windows]))
        size = float(np.median(jerks.amplitude[windows]))
        side = _twitching_side(measures, rows)
        text = (
            f"The {side.value} side of the lower face jerked at {rate:.1f} Hz against the other, "
            f"{100 * size:.0f} % of the distance of the eyes, {format_spans(spans)}."
        )
        if measures.voice is None:
            return not_assessable(feature, f"{text} {_NO_SOUND}")
        return present(feature, spans, text, size / limit("twitch_size"), side)
    if _face_noise(measures) >= limit("face_noise_judged"):
        noise = 100 * _face_noise(measures)
        return not_assessable(
            feature,
            f"The picture is too noisy: the face trembles by {noise:.0f} % of the distance of the eyes.",
        )
    most = float(np.nanmax(jerks.amplitude)) if np.isfinite(jerks.amplitude).any() else 0.0
    least = limit("twitch_size")
    how = (
        f"by {100 * most:.1f} % of the eyes' distance at most, {100 * (least - most):.1f} % too little"
        if most < least
        else f"by up to {100 * most:.1f} % of the eyes' distance, but not regularly, or with the whole mouth"
    )
    seconds = f"{limit('twitch_seconds'):.0f} s"
    text = f"The two sides of the face did not jerk against each other for {seconds}: {how}."
    return absent_if_seen(feature, [face_seen(measures)], text, max(least / max(most, 0.01), 1.1))


def _face_noise(measures: Measures) -> float:
    """The variation of the asymmetry between windows at rest, caused by jitter of the mesh."""
    assert measures.mouth is not None
    return min(float(np.nan_to_num(percentile(measures.mouth.jerks.amplitude, 15))), limit("face_noise_most"))


def _chewing_stronger(measures: Measures) -> Mask:
    """A mask (w,) of windows in which the jaw moves much more than the asymmetry, as in chewing and
    talking."""
    assert measures.mouth is not None
    jerks, chewing = measures.mouth.jerks, measures.mouth.chewing
    result = np.zeros(len(jerks.rate), dtype=bool)
    for window in range(len(result)):
        middle = window * jerks.hop + jerks.length // 2
        other = min(max((middle - chewing.length // 2) // chewing.hop, 0), len(chewing.rate) - 1)
        if other >= 0:
            result[window] = np.nan_to_num(chewing.amplitude[other]) > 1.5 * np.nan_to_num(
                jerks.amplitude[window]
            )
    return result


def _twitching_side(measures: Measures, rows: Mask) -> Laterality:
    """The side of the mouth corner that moves more."""
    assert measures.face is not None
    assert measures.grid is not None
    left, right = (
        float(np.nansum(np.nanstd(np.diff(measures.face.point(index)[rows, :2], axis=0), axis=0)))
        for index in (291, 61)
    )
    return Laterality.LEFT if left > right else Laterality.RIGHT


def oral_automatisms(measures: Measures) -> Answer:
    """Regular chewing or smacking, without a voice, without a hand that brings food."""
    feature = "oral_automatisms"
    reason = why_no_face(feature, measures)
    if reason or measures.mouth is None or measures.grid is None:
        return not_assessable(feature, reason or _NO_FACE)
    chewing = measures.mouth.chewing
    noise = min(float(np.nan_to_num(percentile(chewing.amplitude, 15))), limit("chewing_amplitude"))
    moved = np.nan_to_num(chewing.amplitude) >= max(limit("chewing_amplitude"), 1.6 * noise)
    moved &= chewing.steadiness >= limit("steady")
    rhythmic = (
        moved
        & (chewing.rate >= limit("chewing_lowest"))
        & (chewing.rate <= limit("chewing_highest"))
        & (chewing.regularity >= limit("chewing_regularity"))
    )
    talking, feeding = _talking(measures, chewing), _feeding(measures, chewing)
    windows = rhythmic & ~talking & ~feeding
    rows = closed(covered(windows, chewing, len(measures.grid.times)), measures.grid.rows(0.6))
    spans = spans_of(at_least(rows, measures.grid.rows(limit("chewing_seconds"))), measures.grid.times)
    if spans:
        rate = float(np.median(chewing.rate[windows]))
        size = float(np.median(chewing.amplitude[windows]))
        text = (
            f"Mouth and chin moved regularly at {rate:.1f} Hz by {100 * size:.0f} % of the eyes' distance, "
            f"{format_spans(spans)}, without a voice and without a hand at the mouth."
        )
        if measures.voice is None:
            return not_assessable(feature, f"{text} {_NO_SOUND}")
        return present(feature, spans, text, max(s.duration for s in spans) / limit("chewing_seconds"))
    why = []
    if (rhythmic & talking).any():
        why.append("it moved while a voice sounded (talking)")
    if (rhythmic & feeding).any():
        why.append("it moved around a hand at the mouth (eating)")
    longest = max((stop - start for start, stop in runs(rows)), default=0) / measures.grid.rate
    why.append(f"the longest lasted {longest:.1f} s")
    text = (
        f"The mouth did not move regularly and silently at {limit('chewing_lowest'):.2f}–"
        f"{limit('chewing_highest'):.1f} Hz for {limit('chewing_seconds'):.0f} s: {join_words(why)}."
    )
    return absent_if_seen(feature, [face_seen(measures)], text, 1.2 if len(why) > 1 else 1.6)


def _talking(measures: Measures, part: Rhythm) -> Mask:
    """A mask (w,) of windows in which the patient speaks."""
    talks = patient_talks(measures)
    return np.array(
        [
            talks[w * part.hop : w * part.hop + part.length].mean() > limit("chewing_voiced")
            for w in range(len(part.rate))
        ],
        dtype=bool,
    )


def _feeding(measures: Measures, part: Rhythm) -> Mask:
    """A mask (w,) of windows within some seconds of a hand at the mouth."""
    grid = measures.grid
    assert grid is not None
    at_face = np.zeros(len(grid.times), dtype=bool)
    for arm in measures.arms:
        at_face |= at_least(arm.at_face, grid.rows(0.2))
    near = moving(at_face.astype(float), grid.rows(2 * limit("bite_seconds")), "max") > 0
    return np.array(
        [near[w * part.hop : w * part.hop + part.length].mean() > 0.5 for w in range(len(part.rate))],
        dtype=bool,
    )
