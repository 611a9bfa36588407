"""Annotations of an EEG file on the recording's clock: listed and searched, within bounds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from app.core.eeg.eeg_recording import Annotation
from app.core.eeg.sync import Sync
from app.core.plain_text import plain

LONGEST_TEXT = 300
"""Characters of an annotation that are shown."""

MOST_ROWS = 10_000
"""The most rows of a list: nobody reads more, and a search finds the rest."""


class AnnotationKind(StrEnum):
    """What an annotation is about, by its text. EDF+ itself knows no kinds."""

    SEIZURE = "seizure"
    VIDEO = "video"
    TECHNICAL = "technical"
    OTHER = "other"


_KINDS = (
    (
        AnnotationKind.SEIZURE,
        r"\b(seizures?|sz\d*|onset|offset|ictal|aura|spasms?|clonic|tonic|gtcs?|fbtcs?|absences?|convuls\w*"
        r"|push ?button|event|patient event|anfall\w*|anfälle|crise)\b",
    ),
    (AnnotationKind.VIDEO, r"\b(video|camera|cam|film|movie)\b"),
    (
        AnnotationKind.TECHNICAL,
        r"\b(montage|impedances?|calibrat\w*|filter|gain|sensitivity|electrodes?"
        r"|rec(ording)? (start\w*|stop\w*|end\w*)|paused?|resumed?|segment|clip"
        r"|photic|hyperventilation|hv|electrode (off|pop)|headbox)\b",
    ),
)
_PATTERNS = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _KINDS)


@dataclass(frozen=True, slots=True)
class ListedAnnotation:
    """An annotation as it is shown: `start` and `end` in seconds on the recording's clock (`end` None without
    a duration), `text` plain, on one line and shortened, `channel` the label that it refers to."""

    start: float
    end: float | None
    text: str
    kind: AnnotationKind
    channel: str = ""


@dataclass(frozen=True, slots=True)
class AnnotationFilter:
    """Which annotations are wanted: `text` anywhere in them in any case ("" for all), of these `kinds` (empty
    for all), that begin or last between `start` and `end` seconds on the recording's clock (None: no limit).
    """

    text: str = ""
    kinds: frozenset[AnnotationKind] = frozenset()
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True, slots=True)
class AnnotationList:
    """The annotations that a filter lets through, in order of time; `more` of them are not in `rows`."""

    rows: tuple[ListedAnnotation, ...]
    more: int = 0


EVERY_ANNOTATION = AnnotationFilter()
"""The filter that lets all through."""


def kind_of(text: str) -> AnnotationKind:
    """The kind of an annotation by its first 300 characters."""
    shown = text[:LONGEST_TEXT]
    return next((kind for kind, pattern in _PATTERNS if pattern.search(shown)), AnnotationKind.OTHER)


def list_annotations(
    annotations: Iterable[Annotation],
    sync: Sync,
    wanted: AnnotationFilter = EVERY_ANNOTATION,
    most: int = MOST_ROWS,
) -> AnnotationList:
    """The annotations on the recording's clock, the first `most` of those that the filter lets through."""
    found = _filtered(annotations, sync, wanted)
    rows = tuple(islice(found, most))
    return AnnotationList(rows, sum(1 for _row in found))


def _filtered(
    annotations: Iterable[Annotation], sync: Sync, wanted: AnnotationFilter
) -> Iterator[ListedAnnotation]:
    text = wanted.text.casefold().strip()
    for one in annotations:
        if text and text not in one.text.casefold():
            continue
        start, end = sync.to_recording(one.onset), _end(one, sync)
        if wanted.start is not None and max(start, end or start) < wanted.start:
            continue
        if wanted.end is not None and start > wanted.end:
            continue
        kind = kind_of(one.text)
        if wanted.kinds and kind not in wanted.kinds:
            continue
        shown = plain(one.text, LONGEST_TEXT).replace("\n", " ").strip()
        yield ListedAnnotation(start, end, shown, kind, plain(one.channel, 80))


def _end(one: Annotation, sync: Sync) -> float | None:
    duration = one.duration
    return None if duration is None else sync.to_recording(one.onset + duration)
