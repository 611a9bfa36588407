"""Identification of speakers: vocalisation and speech, the patient's voice and other voices."""

from __future__ import annotations

import numpy as np

from app.core.readers.signal.measures.measures import Measures
from app.core.readers.signal.measures.series import Mask, closed
from app.core.readers.signal.measures.voice import Utterance
from app.core.readers.signal.rules.answering import join_words
from app.core.readers.signal.thresholds import limit


def is_vocalisation(utterance: Utterance) -> bool:
    """Whether it is one sound, much longer than a vowel of speech and without syllables: a groan, moan or
    cry."""
    return utterance.longest >= limit("vocal_seconds") and utterance.syllable_rate < limit(
        "vocal_syllable_rate"
    )


def is_speech(utterance: Utterance) -> bool:
    """Whether it is a series of syllables."""
    return not is_vocalisation(utterance) and utterance.syllables >= 2


def is_coherent(utterance: Utterance) -> bool:
    """Whether its syllables differ from one another, as in words (the content is not understood)."""
    return (
        utterance.syllables >= limit("syllables_speech")
        and utterance.variety >= limit("syllable_variety")
        and utterance.syllable_rate >= limit("speech_rate")
    )


def is_melody(held: list[Utterance]) -> bool:
    """Whether held sounds have several pitches: singing, music."""
    notes: list[float] = []
    for pitch in sorted(utterance.pitch for utterance in held):
        if not notes or 12 * np.log2(pitch / notes[-1]) >= limit("melody_step"):
            notes.append(pitch)
    return len(notes) >= limit("melody_notes")


def said_on_purpose(measures: Measures, sound: Utterance) -> bool:
    """Whether a held sound is directly between words of the patient: a drawn-out vowel."""
    near = limit("vocal_in_speech")
    words = [u.span for u in who_speaks(measures)[1] if is_coherent(u)]
    before = any(-near <= span.end - sound.span.start <= 0.1 for span in words)
    after = any(-0.1 <= span.start - sound.span.end <= near for span in words)
    return before and after


def mouth_stays_shut(measures: Measures, sound: Utterance) -> bool:
    """Whether the mouth visibly stays still while a sound is held: another voice, or music."""
    grid, mouth, voice = measures.grid, measures.mouth, measures.voice
    if (
        grid is None
        or mouth is None
        or voice is None
        or (measures.face is not None and measures.face.trembles)
    ):
        return False
    inside = (grid.times >= sound.span.start) & (grid.times <= sound.span.end)
    silent = np.interp(grid.times, voice.times, voice.voiced.astype(float)) < 0.5
    seen = np.isfinite(mouth.opening)
    if (inside & seen).sum() < 0.5 * inside.sum() or (silent & seen).sum() < grid.rows(3):
        return False
    wider = np.nanpercentile(mouth.opening[inside & seen], 75) - np.nanmedian(mouth.opening[silent & seen])
    return bool(wider < limit("mouth_opens"))


def who_speaks(measures: Measures) -> tuple[list[Utterance], list[Utterance], str]:
    """Others' speech, the patient's speech, and how they were distinguished; both empty when they cannot
    be."""
    if measures.voice is None:
        return [], [], "no sound"
    groups = _voices([utterance for utterance in measures.voice.utterances if is_speech(utterance)])
    if not groups:
        return [], [], "nobody speaks"
    pitches = join_words(f"{_pitch(group):.0f} Hz" for group in groups)
    voices = f"one voice, {pitches}" if len(groups) == 1 else f"{len(groups)} voices, {pitches}"
    moves = [_mouth_moves(measures, group) for group in groups]
    if np.isfinite(moves).all() and measures.face is not None and not measures.face.trembles:
        most = max(moves)
        if most < max(limit("mouth_rests"), limit("mouth_over_rest") * _mouth_at_rest(measures)):
            return _merged(groups), [], f"{voices}, while the patient's mouth rests"
        mine = [move >= limit("speaker_share") * most for move in moves]
        others = [group for group, own in zip(groups, mine, strict=True) if not own]
        patient = [group for group, own in zip(groups, mine, strict=True) if own]
        which = join_words(f"{_pitch(group):.0f} Hz" for group in patient)
        return _merged(others), _merged(patient), f"{voices}; the patient's mouth moves with {which}"
    answering = _answering(groups)
    if answering is None:
        return [], [], f"{voices}; the speakers cannot be identified without the face"
    others = [group for number, group in enumerate(groups) if number != answering]
    why = f"{voices}; the voice that answers the other is taken for the patient's"
    return _merged(others), groups[answering], why


def _merged(groups: list[list[Utterance]]) -> list[Utterance]:
    return sorted((utterance for group in groups for utterance in group), key=lambda u: u.span)


def _voices(utterances: list[Utterance]) -> list[list[Utterance]]:
    """Groups of similar pitch, divided where neighbours differ by more than the intonation of one voice."""
    groups: list[list[Utterance]] = []
    for utterance in sorted(utterances, key=lambda u: u.pitch):
        last = groups[-1][-1].pitch if groups else 0.0
        if groups and 12 * np.log2(utterance.pitch / last) < limit("speakers_apart"):
            groups[-1].append(utterance)
        else:
            groups.append([utterance])
    return [sorted(group, key=lambda u: u.span) for group in groups]


def _pitch(group: list[Utterance]) -> float:
    return float(np.median([utterance.pitch for utterance in group]))


def _mouth_moves(measures: Measures, group: list[Utterance]) -> float:
    """The movement of the mouth during utterances, in eye-corner widths; NaN when it is not visible."""
    grid, mouth = measures.grid, measures.mouth
    if grid is None or mouth is None:
        return float("nan")
    inside = np.zeros(len(grid.times), dtype=bool)
    for utterance in group:
        inside |= (grid.times >= utterance.span.start) & (grid.times <= utterance.span.end)
    activity = mouth.articulation[inside]
    return float(np.nanmedian(activity)) if np.isfinite(activity).sum() > 5 else float("nan")


def _mouth_at_rest(measures: Measures) -> float:
    """The movement of the mouth at the rate of syllables during silence: mostly jitter."""
    grid, mouth, voice = measures.grid, measures.mouth, measures.voice
    if grid is None or mouth is None or voice is None:
        return 0.0
    quiet = np.interp(grid.times, voice.times, voice.voiced.astype(float)) < 0.5
    values = mouth.articulation[quiet & np.isfinite(mouth.articulation)]
    return float(np.median(values)) if len(values) else 0.0


def _answering(groups: list[list[Utterance]]) -> int | None:
    """The voice that most often starts within the reply time after another one, with rising questions counted
    double; None without one or when two are equal."""
    counts = [0] * len(groups)
    for number, group in enumerate(groups):
        before = [u for other in groups if other is not group for u in other]
        for utterance in group:
            asked = [
                1 + (question.rise >= limit("question_rises"))
                for question in before
                if -0.2 <= utterance.span.start - question.span.end <= limit("reply_seconds")
            ]
            counts[number] += max(asked, default=0)
    best = max(counts)
    return counts.index(best) if best > 0 and counts.count(best) == 1 else None


def patient_talks(measures: Measures) -> Mask:
    """A mask (n,) of the picture's rows in which the patient speaks with a moving mouth; where the mouth is
    not visible, in which anybody speaks."""
    grid, mouth, voice = measures.grid, measures.mouth, measures.voice
    assert grid is not None
    result = np.zeros(len(grid.times), dtype=bool)
    if voice is None:
        return result
    unseen = mouth is None or (measures.face is not None and measures.face.trembles)
    patient = [u for u in voice.utterances if is_speech(u)] if unseen else who_speaks(measures)[1]
    for utterance in patient:
        span = utterance.span
        result |= (grid.times >= span.start) & (grid.times <= span.end)
    if mouth is not None and not unseen:
        result &= np.nan_to_num(mouth.articulation) > limit("mouth_rests")
    return closed(result, grid.rows(0.4))
