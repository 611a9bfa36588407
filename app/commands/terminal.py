"""Output on a terminal: progress on stderr, tables of answers, text without control characters."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Callable
from typing import TextIO

from app.core.answer_words import CONFIDENCE_NAMES, side_words
from app.core.jobs import Progress
from app.core.plain_text import plain
from app.core.reading import Reading
from app.core.report.phrases import PRESENCES, SIDES, format_evidence
from app.core.semiology import GROUP_NAMES, Answer, Group, in_group
from app.core.times import clock

_BAR = 24


def one_line(text: str) -> str:
    """Untrusted text on one line, without anything that a terminal could take for a command."""
    return " ".join(plain(text).split())


def say(sentence: str) -> None:
    """Print a sentence beside the output: on stderr, on one line, after the program's name."""
    print(one_line(f"semioscope: {sentence}"), file=sys.stderr)


def format_answers(reading: Reading, width: int | None = None) -> str:
    """The 20 answers in their groups: presence, confidence, side and spans, the explanation below each."""
    columns = width or min(shutil.get_terminal_size((100, 24)).columns, 120)
    lines: list[str] = []
    for group in Group:
        lines += ["", GROUP_NAMES[group].upper()]
        for feature in in_group(group):
            lines += _answer_lines(feature.name, reading.answer(feature.id), max(columns, 50))
    return "\n".join(lines[1:]) + "\n"


def _answer_lines(name: str, answer: Answer, columns: int) -> list[str]:
    confidence = "" if answer.confidence is None else f"{answer.confidence:3d} %"
    kind = "" if answer.confidence is None else CONFIDENCE_NAMES[answer.confidence_kind]
    facts = " · ".join(part for part in (kind, _side(answer), format_evidence(answer.evidence)) if part)
    head = f"  {name:<26}{PRESENCES[answer.presence][1]:<15}{confidence:>5}"
    lines = textwrap.wrap(
        f"{head}  {facts}" if facts else head,
        columns,
        subsequent_indent=" " * 50 if columns > 80 else "    ",
        drop_whitespace=True,
        break_on_hyphens=False,
        replace_whitespace=False,
    )
    return lines + textwrap.wrap(
        one_line(answer.explanation), columns, initial_indent="    ", subsequent_indent="    "
    )


def _side(answer: Answer) -> str:
    if answer.sides or answer.laterality is None:
        return side_words(answer)
    return SIDES[answer.laterality]


def summarise(reading: Reading) -> str:
    """The number of features by presence, in one line."""
    presences = [reading.answer(f.id).presence for group in Group for f in in_group(group)]
    return ", ".join(f"{count} {word}" for p, (_, word) in PRESENCES.items() if (count := presences.count(p)))


class ProgressLine:
    """A progress bar on a terminal, sparse lines elsewhere; a `Report`, and a context that cleans up."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty()
        self._shown = ""
        self._what = ""
        self._quarter = -1

    def __enter__(self) -> Callable[[Progress], None]:
        return self._report

    def __exit__(self, *_error: object) -> None:
        if self._live and self._shown:
            self._write("\r" + " " * len(self._shown) + "\r")
            self._shown = ""

    def _report(self, progress: Progress) -> None:
        done = min(max(progress.done, 0.0), 1.0)
        if self._live:
            self._draw(progress, done)
            return
        quarter = int(done * 4)
        if progress.what != self._what or quarter > self._quarter:
            self._write(f"{one_line(progress.what)}: {done:.0%}\n")
        self._what, self._quarter = progress.what, quarter

    def _draw(self, progress: Progress, done: float) -> None:
        bar = "█" * round(done * _BAR)
        left = "" if progress.remaining is None else f"  {clock(progress.remaining, tenths=False)} left"
        line = f"{bar:░<{_BAR}} {done:4.0%}  {one_line(progress.what)}{left}"
        line = line[: max(shutil.get_terminal_size((80, 24)).columns - 1, 20)]
        self._write("\r" + line.ljust(len(self._shown)))
        self._shown = line

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
