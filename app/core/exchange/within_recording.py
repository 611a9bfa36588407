"""The times of a file, checked against the length of the recording: no time is later than its end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.core.exchange.bundle import ReadingExtras
from app.core.exchange.file_readings import FileReading
from app.core.exchange.phrases import shorten
from app.core.semiology import FEATURE, Answer, Span
from app.core.study.marks import Mark

_ROUNDING, _END = 0.05, 0.5
"""Seconds after the end that are the end: without a word, and with one. Programs differ in how long they say
that a video is; a later time is one of another clock."""


@dataclass(slots=True)
class _Checked:
    """A reading while its times are checked against the length of the recording in seconds."""

    name: str
    length: float
    sentences: list[str]

    def answer(self, answer: Answer) -> Answer:
        answer = self._with_sides(answer)
        late = [span for span in answer.evidence if span.end > self.length]
        if not late:
            return answer
        beyond = [span for span in late if span.end > self.length + _END]
        after = [span for span in late if self.length + _ROUNDING < span.end <= self.length + _END]
        for spans, done in ((beyond, "left out"), (after, "set to its end")):
            if spans:
                times = f"{spans[0].start:.1f}–{spans[0].end:.1f} s"
                self._say(FEATURE[answer.feature].name, times, len(spans), done)
        kept = (span for span in answer.evidence if span.end <= self.length + _END)
        evidence = (Span(min(span.start, self.length), min(span.end, self.length)) for span in kept)
        return replace(answer, evidence=tuple(evidence))

    def _with_sides(self, answer: Answer) -> Answer:
        """A side that begins after the end holds for no time, so that none is set to the end; where all do,
        the answer has no side."""
        kept = tuple(one for one in answer.sides if one.seconds <= self.length)
        left_out = answer.sides[len(kept) :]
        if not left_out:
            return answer
        first = left_out[0]
        if not kept or left_out[-1].seconds > self.length + _ROUNDING:
            what = f"{FEATURE[answer.feature].name}, the side"
            self._say(what, f"{first.side.value} from {first.seconds:.1f} s", len(left_out), "left out")
        first_side = answer.laterality if kept else None
        return replace(answer, sides=kept if len(kept) > 1 else (), laterality=first_side)

    def marks(self, marks: tuple[Mark, ...]) -> Iterator[Mark]:
        for mark in marks:
            late = mark.seconds - self.length
            if late > _ROUNDING:
                done = "left out" if late > _END else "set to its end"
                self._say(f"the {mark.kind.value}", f"{mark.seconds:.1f} s", 1, done)
            if late <= _END:
                yield replace(mark, seconds=min(mark.seconds, self.length))

    def _say(self, what: str, time: str, count: int, done: str) -> None:
        others = f" and {count - 1} more" if count > 1 else ""
        self.sentences.append(
            f"“{shorten(self.name)}”, {what}: {time}{others}, beyond the end of the recording at "
            f"{self.length:.1f} s, was {done}."
        )


def within_recording(one: FileReading, name: str, length: float) -> tuple[FileReading, tuple[str, ...]]:
    """The reading without times beyond the recording's `length` (s; 0 where it is not known), and a sentence
    on each answer and mark of which something was left out."""
    if not length:
        return one, ()
    check = _Checked(name, length, [])
    answers = {feature: check.answer(answer) for feature, answer in one.reading.answers.items()}
    beside = one.beside
    if beside.marks:
        beside = ReadingExtras(beside.notes, tuple(check.marks(beside.marks)), beside.ratings)
    return replace(one, reading=replace(one.reading, answers=answers), beside=beside), tuple(check.sentences)
