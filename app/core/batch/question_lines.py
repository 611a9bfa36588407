"""Lines of clip, question and answer for fine-tuning elsewhere: what one segment says of a feature."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from app.core.clips.clip import Clip, ClipOptions
from app.core.clips.clip_remarks import remarks_for_model
from app.core.readers.models.answer_schema import SHORT_ANSWERS, AnswerForm
from app.core.readers.models.prompts import PromptSet, prompt
from app.core.readers.models.request_plan import AskingMode, Request, requests
from app.core.reading import Reading
from app.core.semiology import Answer, Laterality, Presence, Span

FORMAT = "semioscope-question/1"
SLEEP = "occur_during_sleep"
"""The feature that the first segment alone answers (arXiv 2605.03352)."""


@dataclass(frozen=True, slots=True)
class AnswerInSegment:
    """What a reading says of a feature in one segment; `evidence` in seconds on the recording's clock."""

    presence: Presence
    evidence: tuple[Span, ...] = ()
    laterality: Laterality | None = None
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class LineOf:
    """Whose lines are written: pseudonyms of recording and patient, the split, and the kind of reader."""

    recording: str
    patient: str
    split: str
    reader_kind: str


@dataclass(frozen=True, slots=True)
class LineWriting:
    """How lines are written. `explanations`: with the reader's, which are free text and may name people."""

    prompts: PromptSet
    options: ClipOptions
    whose: LineOf
    explanations: bool = False


def pseudonym(kind: str, *parts: str) -> str:
    """A name from which nothing can be read: the letter `kind` and twelve digits of a hash."""
    text = json.dumps([kind, *parts], ensure_ascii=True)
    return kind + hashlib.sha256(text.encode()).hexdigest()[:12]


def line_requests(duration: float, fps: float, stretches: tuple[Span, ...] = ()) -> tuple[Request, ...]:
    """A question for each feature and segment of a recording of `duration` seconds."""
    return requests(duration, mode=AskingMode.PER_FEATURE, fps=fps, stretches=stretches)


def answer_in_segment(answer: Answer, span: Span, number: int, *, whole: bool) -> AnswerInSegment | None:
    """What an answer for the recording says of one of its segments; None where it says nothing of it.

    No and not assessable hold for every segment. A yes holds where its evidence is; without evidence only
    when the segment is the `whole` recording. Where a yes has evidence elsewhere, the segment is left out:
    nobody said that nothing is there. `number` counts segments from 0.
    """
    if answer.presence is None or (answer.feature == SLEEP and number > 0):
        return None
    if answer.presence is not Presence.YES:
        return AnswerInSegment(answer.presence)
    inside = tuple(
        Span(max(one.start, span.start), min(one.end, span.end))
        for one in answer.evidence
        if one.start < span.end and one.end > span.start
    )
    whole_holds = not answer.evidence and (whole or answer.feature == SLEEP)
    if not inside and not whole_holds:
        return None
    sides = {answer.side_during(one) for one in inside or (span,)}
    side = sides.pop() if len(sides) == 1 else Laterality.BOTH
    return AnswerInSegment(Presence.YES, inside, side, answer.explanation)


def question_lines(
    reading: Reading,
    asked: Iterable[Request],
    clips: dict[str, Clip],
    writing: LineWriting,
) -> Iterator[dict[str, Any]]:
    """The lines of one recording as JSON values; `clips` by the names of their specifications.

    What cannot be judged from a clip is left out.
    """
    whose = writing.whose
    asked = tuple(asked)
    whole = len({request.segment.number for request in asked}) == 1
    for request in asked:
        (feature,) = request.features
        clip = clips.get(request.spec.name)
        said = answer_in_segment(
            reading.answer(feature.id), request.segment.span, request.segment.number, whole=whole
        )
        if clip is None or clip.unusable or said is None:
            continue
        yield {
            "format": FORMAT,
            "id": f"{whose.recording}-{request.key}",
            "recording": whose.recording,
            "patient": whose.patient,
            "split": whose.split,
            "feature": feature.id,
            "clip": _clip(clip, whose.recording),
            "question": prompt(
                writing.prompts,
                request.features,
                request.enhancement,
                request.segment,
                enhanced=clip.enhanced,
                transcript=clip.transcript,
                remarks=remarks_for_model(clip, writing.options),
            ),
            "answer": _answer(said, request.segment.span.start, writing),
            "answered_by": whose.reader_kind,
        }


def _clip(clip: Clip, recording: str) -> dict[str, Any]:
    place = f"clips/{recording}"
    return {
        "seconds": round(clip.span.duration, 3),
        "fps": clip.fps,
        "video": f"{place}/{clip.video}" if clip.video else None,
        "pictures": [{"at": at, "file": f"{place}/{name}"} for at, name in clip.pictures],
        "sound": f"{place}/{clip.sound}" if clip.sound else None,
    }


def files_of_line(line: dict[str, Any]) -> frozenset[str]:
    """The names of the files that a line shows, without their folder."""
    clip = line["clip"]
    files = [clip["video"], clip["sound"], *(picture["file"] for picture in clip["pictures"])]
    return frozenset(file.rpartition("/")[2] for file in files if file)


def _answer(said: AnswerInSegment, start: float, writing: LineWriting) -> dict[str, Any]:
    """In the form that the set of prompts asks for, times in seconds from the start of the clip."""
    if writing.prompts.form is AnswerForm.SHORT:
        word = next(word for word, presence in SHORT_ANSWERS.items() if presence is said.presence)
        return {"answer": word, "justification": said.explanation if writing.explanations else ""}
    evidence = [
        {"start": round(one.start - start, 3), "end": round(one.end - start, 3)} for one in said.evidence
    ]
    side = "none" if said.laterality is None else said.laterality.value
    found = {"presence": said.presence.value, "evidence": evidence, "laterality": side}
    return found | ({"explanation": said.explanation} if writing.explanations else {})
