"""The rules for ictal vocalisation and verbal responsiveness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.core.readers.signal.measures.measures import Measures
from app.core.readers.signal.measures.voice import Utterance
from app.core.readers.signal.rules.answering import absent, format_spans, join_words, not_assessable, present
from app.core.readers.signal.rules.speakers import (
    is_coherent,
    is_melody,
    is_speech,
    is_vocalisation,
    mouth_stays_shut,
    said_on_purpose,
    who_speaks,
)
from app.core.readers.signal.thresholds import limit
from app.core.semiology import Answer, Span


def ictal_vocalization(measures: Measures) -> Answer:
    """A voiced sound held for about a second or more without the syllables of speech."""
    feature = "ictal_vocalization"
    voice = measures.voice
    if voice is None:
        return not_assessable(feature, _why_no_sound(measures))
    held = [utterance for utterance in voice.utterances if is_vocalisation(utterance)]
    again = len(held) >= limit("melody_notes")
    found = [
        sound
        for sound in held
        if not is_melody(held)
        and not said_on_purpose(measures, sound)
        and not (again and mouth_stays_shut(measures, sound))
    ]
    if found:
        words = join_words(
            f"{u.longest:.1f} s at {u.pitch:.0f} Hz, {u.loudness:.0f} dB above the room" for u in found[:4]
        )
        spans = [utterance.span for utterance in found]
        margin = max(utterance.longest for utterance in found) / limit("vocal_seconds")
        return present(
            feature, spans, f"Voiced sound held without syllables, {format_spans(spans)}: {words}.", margin
        )
    if held:
        why = (
            "a tune"
            if is_melody(held)
            else "within the patient's speech, or again and again while the mouth stays shut"
        )
        return absent(
            feature, f"Voiced sound was held, {format_spans(u.span for u in held)}, but it is {why}.", 1.1
        )
    longest = max((utterance.longest for utterance in voice.utterances), default=0.0)
    text = (
        f"{len(voice.utterances)} voiced stretches, none of one sound for {limit('vocal_seconds'):.1f} s "
        f"(longest {longest:.1f} s)."
    )
    return absent(feature, text, limit("vocal_seconds") / max(longest, 0.3))


def _why_no_sound(measures: Measures) -> str:
    return "The sound is silent." if measures.has_sound else "The recording has no sound."


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question by somebody else and the patient's reply, if any."""

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
        return not_assessable(feature, _why_no_sound(measures))
    speech = [utterance for utterance in voice.utterances if is_speech(utterance)]
    if not speech:
        return not_assessable(feature, "Nobody speaks, so the patient was not asked anything.")
    others, patient, why = who_speaks(measures)
    questions = [utterance for utterance in others if is_speech(utterance) and utterance.syllables >= 3]
    if not questions:
        return not_assessable(feature, f"Nobody is heard to ask the patient anything ({why}).")
    exchanges = [Exchange(question, _reply(question, others, patient)) for question in questions]
    asking = [e for e in exchanges if e.reply is not None or e.question.rise >= limit("question_rises")]
    exchanges = asking or exchanges
    answered = [exchange for exchange in exchanges if exchange.coherent]
    if len(answered) == len(exchanges):
        replies = [exchange.reply for exchange in answered if exchange.reply is not None]
        spans = [
            Span(e.question.span.start, max(e.reply.span.end, e.question.span.end))
            for e in answered
            if e.reply
        ]
        variety = max(reply.variety for reply in replies)
        text = (
            f"{len(answered)} of {len(exchanges)} questions answered within {limit('reply_seconds'):.0f} s, "
            f"{format_spans(spans)}: {_syllables(replies, 'varied')} "
            f"({why}). What was said is not understood by this reader."
        )
        return present(feature, spans, text, variety / limit("syllable_variety"))
    questions = [exchange.question for exchange in exchanges]
    spans_text = format_spans(question.span for question in questions)
    failed = [exchange for exchange in exchanges if not exchange.coherent]
    heard = [exchange.reply for exchange in failed if exchange.reply is not None]
    what = (
        f"what followed was not speech ({_syllables(heard, 'alike')})"
        if heard
        else f"no reply came within {limit('reply_seconds'):.0f} s"
    )
    text = (
        f"Asked {len(questions)} times, {spans_text}, {len(failed)} times without a coherent answer; "
        f"{what} ({why})."
    )
    return absent(feature, text, 1.5 if heard else 1.8)


def _syllables(replies: list[Utterance], kind: str) -> str:
    return join_words(f"{reply.syllables} {kind} syllables at {reply.pitch:.0f} Hz" for reply in replies[:3])


def _reply(question: Utterance, others: list[Utterance], patient: list[Utterance]) -> Utterance | None:
    """The patient's first utterance that starts within the reply time and before the next question."""
    end = question.span.end
    following = [u.span.start for u in others if u.span.start > end + 0.3]
    until = min(end + limit("reply_seconds"), *following, np.inf)
    for utterance in patient:
        if end - 0.5 <= utterance.span.start <= until:
            return utterance
    return None
