"""Events of BIDS that another program wrote: `onset`, `duration` and `trial_type`.

An event whose type is a feature, here or by a mapping, is a span of a *yes*. The recording is called as the
file without `_events`; nobody says who marked it. Seconds. https://bids-specification.readthedocs.io
"""

from __future__ import annotations

import re

from app.core.errors import UserError
from app.core.exchange.bundle import Imported
from app.core.exchange.codec import Source
from app.core.exchange.collected_answers import CollectedAnswers
from app.core.exchange.meaning import Meaning
from app.core.exchange.phrases import seconds_of, shorten
from app.core.exchange.tsv import MISSING, first_titles, parse_rows
from app.core.reading import RecordingIdentity, person
from app.core.semiology import Answer, Presence, Span

_NEEDED = ("onset", "duration", "trial_type")


def is_foreign(source: Source) -> bool:
    """Whether the table has events by type, without the columns that this program writes."""
    titles = first_titles(source.content)
    return b"trial_type" in titles and b"feature" not in titles


def read_foreign_events(source: Source, meaning: Meaning) -> Imported:
    """The spans of features in the table. Raises UserError."""
    stem = re.sub(r"\.tsv$", "", source.name, flags=re.IGNORECASE)
    collected = CollectedAnswers(frozenset({"presence", "evidence"}))
    said = collected.reading(RecordingIdentity(stem.removesuffix("_events"), "", 0.0), person(""))
    unknown: dict[str, int] = {}
    for number, row in parse_rows(source, _NEEDED):
        kind = row["trial_type"].strip()
        feature = meaning.feature_named(kind)
        if feature is not None:
            said.add(Answer(feature, Presence.YES, evidence=_span(row, number, source)), f"row {number}")
        elif kind not in ("", MISSING) and not meaning.is_left_out(kind):
            unknown[kind] = unknown.get(kind, 0) + 1
    remarks = (
        f"The type “{shorten(kind)}” is none of the 20 features; its events were left out: {count}."
        for kind, count in unknown.items()
    )
    return Imported(collected.bundle(), tuple(remarks), tuple(unknown))


def _span(row: dict[str, str], number: int, source: Source) -> tuple[Span, ...]:
    where = f"Row {number} of “{source.name}”"
    if row["onset"].strip() == MISSING:
        return ()
    if row["onset"].strip().startswith("-"):
        raise UserError(f"{where} begins before the recording does; its clock is another one.")
    start = seconds_of(row["onset"], where)
    length = 0.0 if row["duration"].strip() == MISSING else seconds_of(row["duration"], where)
    return (Span(start, start + length),)
