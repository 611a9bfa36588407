"""The rules for ictal vocalisation and verbal responsiveness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.core.readers.signal.measures.measures import Measures
from app.core.readers.signal.measures.voice import Utterance
from app.core.readers.signal.rules.answering import absent, format_spans, join_words, not_assessable, present
from app.core.readers.signal.rules.speakers import (
    MouthWith,
    Speakers,
    is_coherent,
    is_in_music,
    is_melody,
    is_speech,
    is_vocalisation,
    merged,
    mouth_stays_shut,
    mouth_with,
    said_on_purpose,
    spoken,
    who_speaks,
)
from app.core.readers.signal.rules.visibility import nobody_there
from app.core.readers.signal.thresholds import limit
from app.core.semiology import Answer, Span


def ictal_vocalization(measures: Measures) -> Answer:
    """A voiced sound held for about a second or more without the syllables of speech."""
    feature = "ictal_vocalization"
    voice = measures.voice
    if voice is None:
        return not_assessable(feature, _why_no_sound(measures))
    if nobody_there(measures):
        return not_assessable(feature, "Nobody was seen for long enough whose voice this could be.")
    held = [utterance for utterance in voice.utterances if is_vocalisation(utterance)]
    own = _possible_cries(measures, held)
    shut = [sound for sound in own if mouth_stays_shut(measures, sound)]
    # One may groan with closed lips; sound that comes again and again, or beside music, is somebody else's.
    foreign = len(held) >= limit("melody_notes") or voice.music.sum() >= 100 * limit("seconds_of_music")
    found = [sound for sound in own if not (foreign and sound in shut)]
    if found:
        words = join_words(
            f"{u.longest:.1f} s at {u.pitch:.0f} Hz, {u.loudness:.0f} dB above the room" for u in found[:4]
        )
        spans = [utterance.span for utterance in found]
        margin = max(utterance.longest for utterance in found) / limit("vocal_seconds")
        text = f"Voiced sound held without syllables, {format_spans(spans)}: {words}."
        if all(sound in shut for sound in found):
            return present(feature, spans, f"{text} The mouth stays shut.", min(margin, 1.1))
        return present(feature, spans, text, margin)
    if held:
        return _held_by_others(feature, held, own)
    longest = max((utterance.longest for utterance in voice.utterances), default=0.0)
    text = (
        f"{len(voice.utterances)} voiced stretches, none of one sound for {limit('vocal_seconds'):.1f} s "
        f"(longest {longest:.1f} s, {_shortfall(longest)})."
    )
    return absent(feature, text, limit("vocal_seconds") / max(longest, 0.3))


def _possible_cries(measures: Measures, held: list[Utterance]) -> list[Utterance]:
    """The held sounds that are neither music nor a tune nor drawn-out words."""
    if is_melody(held):
        return []
    return [sound for sound in held if not is_in_music(sound) and not said_on_purpose(measures, sound)]


def _held_by_others(feature: str, held: list[Utterance], own: list[Utterance]) -> Answer:
    """The answer when all sounds that were held are other things or other people's."""
    text = f"Voiced sound was held, {format_spans(u.span for u in held)}"
    if own and len(held) < limit("melody_notes"):
        return not_assessable(
            feature, f"{text}, but the patient's mouth stays shut: it may be somebody else's."
        )
    why = "within the patient's speech, or again and again while the mouth stays shut"
    if is_melody(held):
        why = "a tune"
    elif all(is_in_music(sound) for sound in held):
        why = "music"
    return absent(feature, f"{text}, but it is {why}.", 1.1)


def _shortfall(longest: float) -> str:
    short = limit("vocal_seconds") - longest
    return f"{short:.1f} s too short" if short > 0 else "in syllables"


def _why_no_sound(measures: Measures) -> str:
    if not measures.has_sound:
        return "The recording has no sound."
    return "The sound is silent, or shorter than a second."


@dataclass(frozen=True, slots=True)
class Turn:
    """What somebody else says until they leave the word: its utterances, the reply within the reply time,
    whether that is `by_other`, a further voice that is not seen to be the patient's, and whether there was
    room for one."""

    words: tuple[Utterance, ...]
    reply: Utterance | None
    by_other: bool
    room: bool

    @property
    def span(self) -> Span:
        return Span(self.words[0].span.start, self.words[-1].span.end)

    @property
    def rises(self) -> bool:
        """Whether the voice ends high, as in a question."""
        return self.words[-1].rise >= limit("question_rises")

    @property
    def asks(self) -> bool:
        """Whether it is brief and leaves the word to the patient."""
        brief = self.span.duration <= limit("question_seconds")
        syllables = sum(utterance.syllables for utterance in self.words)
        return brief and self.room and syllables >= limit("syllables_speech")

    @property
    def answered(self) -> bool:
        return self.reply is not None and is_coherent(self.reply)

    @property
    def among_others(self) -> bool:
        """Whether somebody else answers in words."""
        return self.by_other and self.answered


def verbal_responsiveness(measures: Measures) -> Answer:
    """Somebody asks briefly and waits, and the patient answers within three seconds in varied syllables."""
    feature = "verbal_responsiveness"
    reason = _why_nobody_heard(measures)
    if reason:
        return not_assessable(feature, reason)
    speakers = who_speaks(measures)
    turns = _turns(speakers)
    asked = [turn for turn in turns if turn.asks]
    reason = _why_not_asked(speakers, turns, asked)
    if reason:
        return not_assessable(feature, f"{reason} ({speakers.why}).")
    asking = [turn for turn in asked if not turn.among_others and (turn.reply is not None or turn.rises)]
    failed = [turn for turn in asking if not turn.answered]
    replies = [turn.reply for turn in asking if turn.reply is not None and turn.answered]
    does = mouth_with(measures, replies, merged(speakers.others)) if replies and measures.frames else None
    unseen = does in (MouthWith.UNSEEN, MouthWith.TOO_SLOW)
    if does is not None and (unseen or (does is MouthWith.RESTS and not failed)):
        return not_assessable(feature, _reply_unsure(replies, failed, does, speakers.voices))
    if failed:
        return _failed(feature, asking, failed, speakers.why)
    return _answered(feature, asking, speakers.why)


def _reply_unsure(replies: list[Utterance], failed: list[Turn], does: MouthWith, voices: str) -> str:
    """Why voices that answer are not surely the patient's; what was not answered may then be the patient's
    silence, or a question to somebody else."""
    where = format_spans(reply.span for reply in replies)
    text = f"A voice answers, {where} ({voices}), but {_MOUTH_TEXTS[does]}: it may be somebody else's."
    if failed:
        text += f" Not answered was what was asked at {format_spans(turn.span for turn in failed)}."
    return text


_MOUTH_TEXTS = {
    MouthWith.UNSEEN: "the patient's mouth is not seen well enough to tell whether it moves with it",
    MouthWith.TOO_SLOW: "there are too few pictures a second to see a mouth talk",
    MouthWith.RESTS: "the patient's mouth is seen at rest meanwhile",
}


def _why_nobody_heard(measures: Measures) -> str | None:
    """Why nobody is heard who could ask the patient; None when somebody is."""
    if measures.voice is None:
        return _why_no_sound(measures)
    if not any(is_speech(utterance) for utterance in measures.voice.utterances):
        return "Nobody speaks, so the patient was not asked anything."
    if not spoken(measures):
        return "What is spoken sounds within music: a song or a programme."
    if nobody_there(measures):
        return "Nobody was seen for long enough who could be asked."
    return None


def _why_not_asked(speakers: Speakers, turns: list[Turn], asked: list[Turn]) -> str | None:
    """Why it is not certain that the patient was asked anything; None when they were."""
    if not asked:
        return "Nobody is heard to ask the patient anything and to wait for a reply"
    if len(asked) <= len(turns) / 2:
        return "Somebody speaks at length, as in a story or on television, without waiting for replies"
    if sum(turn.among_others for turn in asked) >= len(asked) / 2:
        return "Other people speak with one another"
    if any(turn.reply is not None and not turn.among_others for turn in asked):
        return None
    if sum(turn.rises for turn in asked) < len(asked) / 2:
        return "What is said does not sound like questions, and is not answered"
    return None


def _answered(feature: str, asked: list[Turn], why: str) -> Answer:
    replies = [turn.reply for turn in asked if turn.reply is not None]
    spans = [Span(t.span.start, max(t.reply.span.end, t.span.end)) for t in asked if t.reply is not None]
    text = (
        f"{len(asked)} of {len(asked)} questions answered within {limit('reply_seconds'):.0f} s, "
        f"{format_spans(spans)}: {_syllables(replies, 'varied')} "
        f"({why}). What was said is not understood by this reader."
    )
    return present(feature, spans, text, max(r.variety for r in replies) / limit("syllable_variety"))


def _failed(feature: str, asked: list[Turn], failed: list[Turn], why: str) -> Answer:
    heard = [turn.reply for turn in failed if turn.reply is not None]
    what = (
        f"what followed was not speech ({_syllables(heard, 'alike')})"
        if heard
        else f"no reply came within {limit('reply_seconds'):.0f} s"
    )
    text = (
        f"Asked {len(asked)} times, {format_spans(turn.span for turn in asked)}, "
        f"{len(failed)} times without a coherent answer; {what} ({why})."
    )
    return absent(feature, text, 1.5 if heard else 1.8)


def _syllables(replies: list[Utterance], kind: str) -> str:
    return join_words(f"{reply.syllables} {kind} syllables at {reply.pitch:.0f} Hz" for reply in replies[:3])


def _turns(speakers: Speakers) -> list[Turn]:
    """The turns of all others that are not replies to one another, in the order of time."""
    turns: list[Turn] = []
    for voice in speakers.others:
        further = merged(other for other in speakers.others if other is not voice)
        words_of_turns = _words_of_turns(voice, (*speakers.patient, *further))
        turns += [_turn(words, voice, speakers.patient, further) for words in words_of_turns]
    replies = [turn.reply for turn in turns if turn.by_other]
    return sorted((turn for turn in turns if turn.words[0] not in replies), key=lambda turn: turn.span)


def _words_of_turns(
    voice: tuple[Utterance, ...], between: tuple[Utterance, ...]
) -> list[tuple[Utterance, ...]]:
    """One voice's utterances, together where neither a longer pause nor others' words come between."""
    words: list[list[Utterance]] = []
    for utterance in voice:
        before = words[-1][-1].span.end if words else -np.inf
        cut = any(before - 0.5 <= other.span.start < utterance.span.start for other in between)
        if words and utterance.span.start - before < limit("turn_pause") and not cut:
            words[-1].append(utterance)
        else:
            words.append([utterance])
    return [tuple(turn) for turn in words]


def _turn(
    words: tuple[Utterance, ...],
    voice: tuple[Utterance, ...],
    patient: tuple[Utterance, ...],
    further: tuple[Utterance, ...],
) -> Turn:
    end = words[-1].span.end
    following = min((u.span.start for u in voice if u.span.start > end + 0.3), default=np.inf)
    until = min(end + limit("reply_seconds"), following)

    def first(of: tuple[Utterance, ...]) -> Utterance | None:
        return next((own for own in of if end - 0.5 <= own.span.start <= until), None)

    reply = first(patient)
    other = first(further) if reply is None else None
    room = following >= end + limit("reply_seconds")
    return Turn(words, reply or other, other is not None, room or reply is not None or other is not None)
