"""The rules for head turning and oral automatisms."""

from __future__ import annotations

import numpy as np

from app.core.readers.signal.measures.head import HeadMeasures, HeadTurn
from app.core.readers.signal.measures.measures import Measures
from app.core.readers.signal.measures.rhythm import Rhythm, covered
from app.core.readers.signal.measures.series import (
    Mask,
    at_least,
    closed,
    moving,
    percentile,
    runs,
    spans_of,
)
from app.core.readers.signal.rules.answering import (
    format_spans,
    join_words,
    not_assessable,
    present,
    too_short,
)
from app.core.readers.signal.rules.clonic_jerks import clonic
from app.core.readers.signal.rules.posture import figure4, tonic
from app.core.readers.signal.rules.purpose import talks_during
from app.core.readers.signal.rules.speakers import TALKING_UNKNOWN, talking_windows
from app.core.readers.signal.rules.visibility import (
    NO_FACE,
    NO_HEAD,
    absent_if_seen,
    face_seen,
    head_seen,
    why_no_face,
    why_no_head,
)
from app.core.readers.signal.thresholds import limit
from app.core.semiology import Answer, Laterality


def head_turning(measures: Measures) -> Answer:
    """The head goes far to one side against the shoulders and stays there stiffly for three seconds."""
    feature = "head_turning"
    reason = why_no_head(feature, measures)
    if reason or measures.head is None:
        return not_assessable(feature, reason or NO_HEAD)

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
    nearest = f" {_turn_words(turns[0]) if turns else _farthest(measures.head)}"
    parts = [head_seen(measures)]
    if free and not around:
        text = f"The head was held turned, but was not seen before, so that no turn was seen.{nearest}"
        return not_assessable(feature, text)
    if held:
        why = f"{len(held)} times, as one looks around" if around else _how_freely(turns[0])
        return absent_if_seen(feature, parts, f"The head was turned and held {why}.{nearest}", 1.1)
    text = (
        f"The head was not turned by {limit('head_turn_angle'):.0f}° or more and held there within "
        f"±{limit('head_turn_wobble'):.0f}° for {limit('head_turn_seconds'):.0f} s.{nearest}"
    )
    return absent_if_seen(feature, parts, text, 1 / max(weight(turns[0]) if turns else 0.4, 0.2))


def _farthest(head: HeadMeasures) -> str:
    """How far the head went from its usual direction where it never stayed turned for a second."""
    away, edge = float(np.nanmax(np.abs(head.yaw - head.usual))), limit("head_turn_edge")
    if away < edge:
        return f"It turned by {away:.0f}° at most, {limit('head_turn_angle') - away:.0f}° too little."
    return f"It turned by {away:.0f}° at most, and never by {edge:.0f}° for a second."


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


def _how_freely(turn: HeadTurn) -> str:
    most = limit("head_turn_dragged")
    if turn.speed > most:
        return (
            f"as fast as one looks at somebody: at {turn.speed:.0f}°/s, {turn.speed - most:.0f}°/s too fast"
        )
    return "as freely as one looks at somebody, while talking or looking about"


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


def oral_automatisms(measures: Measures) -> Answer:
    """Regular chewing or smacking, without a voice, without a hand that brings food."""
    feature = "oral_automatisms"
    reason = why_no_face(feature, measures)
    if reason or measures.mouth is None or measures.grid is None:
        return not_assessable(feature, reason or NO_FACE)
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
    talking, feeding = talking_windows(measures, chewing), _feeding(measures, chewing)
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
            return not_assessable(feature, f"{text} {TALKING_UNKNOWN}")
        return present(feature, spans, text, max(s.duration for s in spans) / limit("chewing_seconds"))
    why = []
    if (rhythmic & talking).any():
        why.append("it moved while a voice sounded (talking)")
    if (rhythmic & feeding).any():
        why.append("it moved around a hand at the mouth (eating)")
    longest = max((stop - start for start, stop in runs(rows)), default=0) / measures.grid.rate
    why.append(f"the {too_short(longest, limit('chewing_seconds'))}")
    text = (
        f"The mouth did not move regularly and silently at {limit('chewing_lowest'):.2f}–"
        f"{limit('chewing_highest'):.1f} Hz for {limit('chewing_seconds'):.0f} s: {join_words(why)}."
    )
    return absent_if_seen(feature, [face_seen(measures)], text, 1.2 if len(why) > 1 else 1.6)


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
