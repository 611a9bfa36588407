"""The rules of the sound: vocalisation, and whether the patient answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.core.readers.signal.measures.measures import Measures
from app.core.readers.signal.measures.voice import Utterance
from app.core.readers.signal.rules.answering import cannot, clock, listed, no, yes
from app.core.readers.signal.thresholds import limit
from app.core.semiology import Answer, Span


def is_vocalisation(utterance: Utterance) -> bool:
    """One sound held far longer than a vowel of speech, without syllables: a groan, moan or cry."""
    return (
        utterance.longest >= limit("vocal_seconds")
        and utterance.longest >= 0.4 * utterance.voiced
        and utterance.syllable_rate < limit("vocal_syllable_rate")
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


def ictal_vocalization(measures: Measures) -> Answer:
    """A voiced sound held for about a second or more without the syllables of speech."""
    feature = "ictal_vocalization"
    voice = measures.voice
    if voice is None:
        return cannot(feature, _why_no_sound(measures))
    found = [utterance for utterance in voice.utterances if is_vocalisation(utterance)]
    if found:
        words = listed(
            f"{u.longest:.1f} s at {u.pitch:.0f} Hz, {u.loudness:.0f} dB above the room" for u in found[:4]
        )
        spans = [utterance.span for utterance in found]
        margin = max(utterance.longest for utterance in found) / limit("vocal_seconds")
        return yes(feature, spans, f"Voiced sound held without syllables, {clock(spans)}: {words}.", margin)
    longest = max((utterance.longest for utterance in voice.utterances), default=0.0)
    text = (
        f"{len(voice.utterances)} voiced stretches, none of one sound for {limit('vocal_seconds'):.1f} s "
        f"(longest {longest:.1f} s)."
    )
    return no(feature, text, limit("vocal_seconds") / max(longest, 0.3))


def _why_no_sound(measures: Measures) -> str:
    return "The sound is silent." if measures.has_sound else "The recording has no sound."


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question by somebody else and what the patient said after it."""

    question: Utterance
    reply: Utterance | None

    @property
    def coherent(self) -> bool:
        return self.reply is not None and is_coherent(self.reply)


def verbal_responsiveness(measures: Measures) -> Answer:
    """Another voice speaks and the patient answers within three seconds in varied syllables."""
    feature = "verbal_responsiveness"
    voice = measures.voice
    if voice is None:
        return cannot(feature, _why_no_sound(measures))
    speech = [utterance for utterance in voice.utterances if is_speech(utterance)]
    if not speech:
        return cannot(feature, "Nobody speaks, so nobody asked the patient anything.")
    others, patient, why = _who_speaks(measures, list(voice.utterances))
    questions = [utterance for utterance in others if is_speech(utterance) and utterance.syllables >= 3]
    if not questions:
        return cannot(feature, f"Nobody is heard to ask the patient anything ({why}).")
    exchanges = [Exchange(question, _reply(question, others, patient)) for question in questions]
    answered = [exchange for exchange in exchanges if exchange.coherent]
    if answered:
        replies = [exchange.reply for exchange in answered if exchange.reply is not None]
        spans = [Span(e.question.span.start, e.reply.span.end) for e in answered if e.reply is not None]
        variety = max(reply.variety for reply in replies)
        text = (
            f"{len(answered)} of {len(exchanges)} questions were answered within {limit('reply_seconds'):.0f} s, {clock(spans)}: "
            f"{listed(f'{r.syllables} varied syllables at {r.pitch:.0f} Hz' for r in replies[:3])} after "
            f"{answered[0].question.pitch:.0f} Hz ({why}). What was said is not understood by this reader."
        )
        return yes(feature, spans, text, variety / limit("syllable_variety"))
    spans_text = clock(question.span for question in questions)
    heard = [exchange.reply for exchange in exchanges if exchange.reply is not None]
    what = (
        f"what followed was not speech ({listed(f'{r.syllables} alike syllables at {r.pitch:.0f} Hz' for r in heard[:3])})"
        if heard
        else f"no reply came within {limit('reply_seconds'):.0f} s"
    )
    text = f"Asked {len(questions)} times, {spans_text}; {what} ({why})."
    return no(feature, text, 1.5 if heard else 1.8)


def _reply(question: Utterance, others: list[Utterance], patient: list[Utterance]) -> Utterance | None:
    """The patient's first utterance that starts within the reply time and before the next question."""
    end = question.span.end
    following = [u.span.start for u in others if u.span.start > end + 0.3]
    until = min(end + limit("reply_seconds"), *following, np.inf)
    for utterance in patient:
        if end - 0.5 <= utterance.span.start <= until:
            return utterance
    return None


def _who_speaks(
    measures: Measures, utterances: list[Utterance]
) -> tuple[list[Utterance], list[Utterance], str]:
    """Others', the patient's utterances, and how they were told apart."""
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
    activity = mouth.activity[inside]
    return float(np.nanmedian(activity)) if np.isfinite(activity).sum() > 5 else float("nan")


def _answering(groups: list[list[Utterance]]) -> int:
    """Which of two voices follows the other: the one whose first word comes later."""
    return int(groups[1][0].span.start > groups[0][0].span.start)
