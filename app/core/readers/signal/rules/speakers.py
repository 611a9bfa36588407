"""Identification of speakers: vocalisation and speech, the patient's voice and other voices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from app.core.readers.signal.measures.measures import Measures
from app.core.readers.signal.measures.rhythm import Rhythm
from app.core.readers.signal.measures.series import Floats, Mask, at_least, closed, percentile
from app.core.readers.signal.measures.voice import Utterance
from app.core.readers.signal.rules.answering import join_words
from app.core.readers.signal.thresholds import limit
from app.core.semiology import Span

TALKING_UNKNOWN = "Without sound it cannot be distinguished from talking."


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
    words = [u.span for u in who_speaks(measures).patient if is_coherent(u)]
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


@dataclass(frozen=True, slots=True)
class Speakers:
    """Who says what: the voices of `others`, the `patient`'s speech, and `why` they were distinguished so,
    with the `voices` alone. Both are empty when they cannot be."""

    others: tuple[tuple[Utterance, ...], ...]
    patient: tuple[Utterance, ...]
    why: str
    voices: str


def spoken(measures: Measures) -> list[Utterance]:
    """The speech of a recording, without what sounds within music: a song, the television."""
    if measures.voice is None:
        return []
    return [u for u in measures.voice.utterances if is_speech(u) and not is_in_music(u)]


def is_in_music(utterance: Utterance) -> bool:
    return utterance.music >= limit("share_for_no")


def who_speaks(measures: Measures) -> Speakers:
    """The speech of the patient and of others, by the patient's mouth, or by who answers whom."""
    groups = _voices(spoken(measures))
    if not groups:
        return Speakers((), (), "nobody speaks", "nobody speaks")
    pitches = join_words(f"{_pitch(group):.0f} Hz" for group in groups)
    voices = f"one voice, {pitches}" if len(groups) == 1 else f"{len(groups)} voices, {pitches}"
    moves = [_mouth_moves(measures, group) for group in groups]
    seen = measures.grid is not None and measures.grid.rate >= limit("syllables_seen_from")
    steady = measures.face is not None and not measures.face.trembles
    if np.isfinite(moves).all() and seen and steady:
        return _by_mouth(measures, groups, moves, voices)
    answering = _answering(groups)
    if answering is None:
        return Speakers((), (), f"{voices}; the speakers cannot be identified without the face", voices)
    others = tuple(group for number, group in enumerate(groups) if number != answering)
    why = f"{voices}; the voice that answers the other is taken for the patient's"
    return Speakers(others, groups[answering], why, voices)


def _by_mouth(
    measures: Measures, groups: Sequence[tuple[Utterance, ...]], moves: list[float], voices: str
) -> Speakers:
    rest, most = _mouth_at_rest(measures), max(moves)
    if not np.isfinite(rest) and most < limit("mouth_talks"):
        why = f"{voices}; it is never silent for long enough to see the mouth at rest"
        return Speakers((), (), why, voices)
    if most < max(limit("mouth_rests"), limit("mouth_over_rest") * np.nan_to_num(rest)):
        return Speakers(tuple(groups), (), f"{voices}, while the patient's mouth rests", voices)
    mine = [move >= limit("speaker_share") * most for move in moves]
    others = tuple(group for group, own in zip(groups, mine, strict=True) if not own)
    patient = [group for group, own in zip(groups, mine, strict=True) if own]
    which = join_words(f"{_pitch(group):.0f} Hz" for group in patient)
    return Speakers(others, merged(patient), f"{voices}; the patient's mouth moves with {which}", voices)


def merged(groups: Iterable[Iterable[Utterance]]) -> tuple[Utterance, ...]:
    """The utterances of several voices in the order of time."""
    return tuple(sorted((utterance for group in groups for utterance in group), key=lambda u: u.span))


def _voices(utterances: list[Utterance]) -> list[tuple[Utterance, ...]]:
    """Groups of the same voice by timbre and pitch, lowest first.

    The longest utterances found the voices, each further one joins the nearest; so does what is too little to
    be a speaker.
    """
    groups: list[list[Utterance]] = []
    for utterance in sorted(utterances, key=lambda u: -u.voiced):
        near = min(groups, key=lambda group: _unlike(group, [utterance]), default=None)
        if near is not None and _unlike(near, [utterance]) < 1:
            near.append(utterance)
        else:
            groups.append([utterance])
    total = sum(utterance.voiced for utterance in utterances)
    while len(groups) > 1:
        pairs = [(_unlike(a, b), a, b) for number, a in enumerate(groups) for b in groups[:number]]
        distance, one, other = min(pairs, key=lambda pair: pair[0])
        if distance >= 1:
            small = min(groups, key=_spoken_seconds)
            if _spoken_seconds(small) >= min(limit("least_of_voice"), 0.2 * total):
                break
            one, other = small, _nearest(small, groups)
            if _unlike(one, other) >= limit("surely_another"):
                break
        groups = [group for group in groups if group is not one and group is not other] + [one + other]
    return [tuple(sorted(group, key=lambda u: u.span)) for group in sorted(groups, key=_pitch)]


def _nearest(group: list[Utterance], groups: list[list[Utterance]]) -> list[Utterance]:
    return min((other for other in groups if other is not group), key=lambda other: _unlike(other, group))


def _unlike(one: Sequence[Utterance], other: Sequence[Utterance]) -> float:
    """How different two groups sound; from 1 on they are two voices."""
    semitones = 12 * abs(np.log2(_pitch(one) / _pitch(other)))
    timbre = float(np.sqrt(((_timbre(one) - _timbre(other)) ** 2).mean()))
    return float(np.hypot(semitones / limit("speakers_apart"), timbre / limit("timbres_apart")))


def _timbre(group: Sequence[Utterance]) -> Floats:
    weights = np.array([utterance.voiced for utterance in group])
    return np.asarray(np.average([utterance.timbre for utterance in group], axis=0, weights=weights))


def _spoken_seconds(group: Sequence[Utterance]) -> float:
    return sum(utterance.voiced for utterance in group)


def _pitch(group: Sequence[Utterance]) -> float:
    return float(np.median([utterance.pitch for utterance in group]))


def _mouth_moves(measures: Measures, group: Sequence[Utterance]) -> float:
    """The movement of the mouth during utterances, in eye-corner widths; NaN when it is not visible."""
    grid, mouth = measures.grid, measures.mouth
    if grid is None or mouth is None:
        return float("nan")
    inside = np.zeros(len(grid.times), dtype=bool)
    for utterance in group:
        inside |= (grid.times >= utterance.span.start) & (grid.times <= utterance.span.end)
    activity = mouth.articulation[inside]
    return float(np.nanmedian(activity)) if np.isfinite(activity).sum() > 5 else float("nan")


class MouthWith(Enum):
    """What the patient's mouth is seen to do while something is said."""

    MOVES = "moves"
    RESTS = "rests"
    UNSEEN = "unseen"
    TOO_SLOW = "too slow"


def mouth_with(measures: Measures, said: Sequence[Utterance], others: Sequence[Utterance]) -> MouthWith:
    """Whether the patient's mouth moves while this is said, more than in silence or, where nobody is ever
    silent, more than while others speak; or why that is not seen."""
    grid = measures.grid
    if grid is None or _mouth_seen_share(measures, said) < limit("share_for_no"):
        return MouthWith.UNSEEN
    if grid.rate < limit("syllables_seen_from"):
        return MouthWith.TOO_SLOW
    moves, rest = _mouth_moves(measures, said), _mouth_at_rest(measures)
    if not np.isfinite(rest):
        rest = _mouth_moves(measures, others)
    if not np.isfinite(rest):
        return MouthWith.UNSEEN
    if moves >= max(limit("mouth_rests"), limit("mouth_with_reply") * rest):
        return MouthWith.MOVES
    # The tremble of a small or dim face hides the movement of its lips.
    trembles = measures.face is not None and measures.face.trembles
    return MouthWith.UNSEEN if trembles else MouthWith.RESTS


def _mouth_seen_share(measures: Measures, said: Sequence[Utterance]) -> float:
    """In which share of the utterances the mouth is seen, 0-1."""
    grid, mouth = measures.grid, measures.mouth
    if grid is None or mouth is None:
        return 0.0
    inside = np.zeros(len(grid.times), dtype=bool)
    for utterance in said:
        inside |= (grid.times >= utterance.span.start) & (grid.times <= utterance.span.end)
    return float(np.isfinite(mouth.articulation[inside]).mean()) if inside.any() else 0.0


def _mouth_at_rest(measures: Measures) -> float:
    """The movement of the mouth at the rate of syllables in silences, away from all speech: mostly jitter;
    NaN when there is too little silence."""
    grid, mouth, voice = measures.grid, measures.mouth, measures.voice
    if grid is None or mouth is None or voice is None:
        return float("nan")
    quiet = np.interp(grid.times, voice.times, voice.voiced.astype(float)) < 0.5
    away = limit("away_from_speech")
    for utterance in voice.utterances:
        span = utterance.span
        quiet &= (grid.times < span.start - away) | (grid.times > span.end + away)
    values = mouth.articulation[quiet & np.isfinite(mouth.articulation)]
    return float(np.median(values)) if len(values) >= grid.rows(away) else float("nan")


def _answering(groups: Sequence[Sequence[Utterance]]) -> int | None:
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
    not visible, in which anybody speaks; without sound, by the mouth alone."""
    grid, mouth, voice = measures.grid, measures.mouth, measures.voice
    assert grid is not None
    result = np.zeros(len(grid.times), dtype=bool)
    if voice is None:
        return _mouth_talks(measures)
    unseen = mouth is None or (measures.face is not None and measures.face.trembles)
    speakers = who_speaks(measures)
    unknown = unseen or not (speakers.patient or speakers.others)
    patient = spoken(measures) if unknown else speakers.patient
    for utterance in patient:
        span = utterance.span
        result |= (grid.times >= span.start) & (grid.times <= span.end)
    if mouth is not None and not unseen:
        result &= np.nan_to_num(mouth.articulation) > limit("mouth_rests")
        sounds = np.interp(grid.times, voice.times, voice.voiced.astype(float)) > 0
        result |= _mouth_talks(measures) & closed(sounds, grid.rows(limit("pause_in_utterance")))
    return closed(result, grid.rows(0.4))


def talking_windows(measures: Measures, part: Rhythm) -> Mask:
    """A mask (w,) of windows in which the patient speaks."""
    talks = patient_talks(measures)
    return np.array(
        [
            talks[w * part.hop : w * part.hop + part.length].mean() > limit("chewing_voiced")
            for w in range(len(part.rate))
        ],
        dtype=bool,
    )


def _mouth_talks(measures: Measures) -> Mask:
    """A mask (n,) of the mouth moving as in talking: at the rate of syllables, which is faster than chewing,
    and clearly more than this mouth at rest. Below 10 Hz syllables are not seen: nobody talks then."""
    grid, mouth = measures.grid, measures.mouth
    assert grid is not None
    if mouth is None or grid.rate < limit("syllables_seen_from"):
        return np.zeros(len(grid.times), dtype=bool)
    rest = float(np.nan_to_num(percentile(mouth.articulation, 20)))
    least = max(limit("mouth_talks"), limit("mouth_over_rest") * rest)
    fast = np.nan_to_num(mouth.articulation) >= limit("syllables_in_movement") * np.nan_to_num(mouth.activity)
    talks = fast & (np.nan_to_num(mouth.articulation) > least)
    return at_least(closed(talks, grid.rows(0.5)), grid.rows(0.7))


def may_be_talking(measures: Measures, spans: Iterable[Span]) -> bool:
    """Whether, in a recording without sound, the mouth is not seen at rest during the spans, so that gestures
    of somebody who talks cannot be excluded."""
    grid, mouth = measures.grid, measures.mouth
    if measures.voice is not None or grid is None:
        return False
    if mouth is None or grid.rate < limit("syllables_seen_from"):
        return True
    inside = np.zeros(len(grid.times), dtype=bool)
    for span in spans:
        inside |= (grid.times >= span.start) & (grid.times <= span.end)
    rests = np.isfinite(mouth.opening) & ~_mouth_talks(measures)
    return bool(inside.any() and rests[inside].mean() < limit("share_for_no"))
