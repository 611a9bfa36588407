"""Who speaks: vocalisation and speech, the patient's voice and another's."""

from __future__ import annotations

import numpy as np

from app.core.readers.signal.measures.measures import Measures
from app.core.readers.signal.measures.series import Mask, closed
from app.core.readers.signal.measures.voice import Utterance
from app.core.readers.signal.rules.answering import listed
from app.core.readers.signal.thresholds import limit


def is_vocalisation(utterance: Utterance) -> bool:
    """One sound held far longer than a vowel of speech, without syllables: a groan, moan or cry."""
    return utterance.longest >= limit("vocal_seconds") and utterance.syllable_rate < limit(
        "vocal_syllable_rate"
    )


def is_speech(utterance: Utterance) -> bool:
    """A run of syllables."""
    return not is_vocalisation(utterance) and utterance.syllables >= 2


def is_coherent(utterance: Utterance) -> bool:
    """Syllables that differ from one another, as words do (what they say is not understood)."""
    return (
        utterance.syllables >= limit("syllables_speech")
        and utterance.variety >= limit("syllable_variety")
        and utterance.syllable_rate >= limit("speech_rate")
    )


def who_speaks(measures: Measures) -> tuple[list[Utterance], list[Utterance], str]:
    """Others', the patient's utterances, and how they were told apart."""
    if measures.voice is None or not measures.voice.utterances:
        return [], [], "nobody speaks"
    utterances = list(measures.voice.utterances)
    groups = _voices(utterances)
    moves = [_mouth_moves(measures, group) for group in groups]
    if len(groups) == 2:
        pitches = listed(f"{_pitch(group):.0f} Hz" for group in groups)
        if np.isfinite(moves).all() and abs(moves[0] - moves[1]) > limit("mouth_tells"):
            who = int(moves[1] > moves[0])
            why = f"two voices, {pitches}; the patient's mouth moves with {_pitch(groups[who]):.0f} Hz"
        else:
            who = _answering(groups)
            why = f"two voices, {pitches}; the one that follows the other is taken for the patient's"
        return groups[1 - who], groups[who], why
    if np.isfinite(moves[0]) and moves[0] < limit("mouth_rests"):
        return groups[0], [], f"one voice, {_pitch(groups[0]):.0f} Hz, while the patient's mouth rests"
    if np.isfinite(moves[0]):
        return [], groups[0], "one voice, with which the patient's mouth moves"
    return [], groups[0], "one voice, and the patient's mouth is not seen"


def _voices(utterances: list[Utterance]) -> list[list[Utterance]]:
    """One or two groups by pitch, split where the gap between neighbours is widest."""
    ordered = sorted(utterances, key=lambda utterance: utterance.pitch)
    semitones = [12 * np.log2(utterance.pitch / 100) for utterance in ordered]
    gaps = np.diff(semitones)
    if not len(gaps) or gaps.max() < limit("speakers_apart"):
        return [ordered]
    cut = int(np.argmax(gaps)) + 1
    return [sorted(ordered[:cut], key=lambda u: u.span), sorted(ordered[cut:], key=lambda u: u.span)]


def _pitch(group: list[Utterance]) -> float:
    return float(np.median([utterance.pitch for utterance in group]))


def _mouth_moves(measures: Measures, group: list[Utterance]) -> float:
    """How much the mouth moves during these utterances, in widths of the eyes; NaN when it is not seen."""
    grid, mouth = measures.grid, measures.mouth
    if grid is None or mouth is None:
        return float("nan")
    inside = np.zeros(len(grid.times), dtype=bool)
    for utterance in group:
        inside |= (grid.times >= utterance.span.start) & (grid.times <= utterance.span.end)
    activity = mouth.articulation[inside]
    return float(np.nanmedian(activity)) if np.isfinite(activity).sum() > 5 else float("nan")


def _answering(groups: list[list[Utterance]]) -> int:
    """Which of two voices follows the other: the one whose first word comes later."""
    return int(groups[1][0].span.start > groups[0][0].span.start)


def patient_talks(measures: Measures) -> Mask:
    """(n,) on the picture's clock: where the patient speaks, the mouth moving with it."""
    grid, mouth = measures.grid, measures.mouth
    assert grid is not None
    result = np.zeros(len(grid.times), dtype=bool)
    if mouth is None:
        return result
    _, patient, _ = who_speaks(measures)
    for utterance in patient:
        if is_speech(utterance):
            span = utterance.span
            result |= (grid.times >= span.start) & (grid.times <= span.end)
    return closed(result & (np.nan_to_num(mouth.articulation) > limit("mouth_rests")), grid.rows(0.4))
