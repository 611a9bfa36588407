"""What a test of the connection and a rehearsal found, as lines for people: a sign, and a sentence."""

from __future__ import annotations

from dataclasses import fields

from app.core.plain_text import plain
from app.core.readers.models.connection import ConnectionReport
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.providers import PROVIDERS
from app.core.readers.models.reading_state import NAMES
from app.core.readers.models.rehearsal import RehearsalReport
from app.core.readers.models.rehearsal_trial import Loss, Rehearsed
from app.core.readers.models.run_phrases import duration_words, thousands

YES, NO, UNKNOWN, TO_DO = "✓", "✕", "·", "→"

_TAKES = {
    "pictures": "Pictures",
    "video": "Video",
    "sound": "Sound",
    "schema": "Structured answers",
}


def rehearsal_lines(report: RehearsalReport, choice: ModelChoice) -> tuple[str, ...]:
    """What the server takes, what became of each request of full size, and what to change on the server."""
    advice = dict.fromkeys(f"{TO_DO} {row.advice}" for row in report.rehearsed if row.advice)
    rehearsed = map(rehearsed_line, report.rehearsed)
    return (*connection_lines(report.connection, choice), *rehearsed, *advice)


def connection_lines(report: ConnectionReport, choice: ModelChoice) -> tuple[str, ...]:
    """What a model takes, one line each, with the reason for a no."""
    if report.problem:
        return (f"{NO} {plain(report.problem, 300)}",)
    lines = []
    if report.served_model:
        lines.append(f"{YES} It answers, as {plain(report.served_model, 80)}.")
    if report.models and not choice.model:
        count = len(report.models)
        lines.append(
            f"{YES} The server has {count} model{'' if count == 1 else 's'}; choose one from the list."
        )
    if choice.model:
        tried = PROVIDERS[choice.provider].tried
        for field in fields(report.capabilities):
            if field.name in tried:
                reason = str(getattr(report.capabilities, field.name))
                no = f"{NO} {_TAKES[field.name]}: no. {plain(reason, 200)}"
                lines.append(no if reason else f"{YES} {_TAKES[field.name]}: yes")
    return tuple(lines)


def rehearsed_line(row: Rehearsed) -> str:
    """What became of a request of full size."""
    what = NAMES[row.enhancement]
    sent = f"{row.frames} pictures of {row.size[0]} × {row.size[1]}" if row.frames else "a whole segment"
    if row.problem and row.loss is None:
        return f"{NO} {what}, {sent}: {row.problem}"
    if row.loss is Loss.FRAMES:
        taken = f"about {row.taken} of {row.frames} pictures"
        lost = f"the server took {taken} and left out the rest without a word."
        return f"{NO} {what}: {lost}"
    if row.loss is Loss.CONTEXT:
        lost = (
            f"the server read {thousands(row.counted or 0)} of some {thousands(row.planned)} tokens and cut "
            "the rest without a word, because its context is too small."
        )
        return f"{NO} {what}: {lost}"
    took = duration_words(row.seconds)
    answers = f"{row.answered} of {row.asked} answers can be used, after {took}."
    if row.counted is None:
        unknown = "The server does not say how many tokens it read, so what it leaves out cannot be found."
        return f"{UNKNOWN} {what}, {sent}: {answers} {unknown}"
    factor = row.counted / max(row.planned, 1)
    tokens = f"{thousands(row.counted)} tokens, {factor:.2f} × the planned {thousands(row.planned)}"
    sign = YES if row.answered == row.asked else UNKNOWN
    return f"{sign} {what}, {sent}: all taken ({tokens}); {answers}"
