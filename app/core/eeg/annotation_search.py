"""Annotations of an EEG file on the recording's clock: listed and searched, within bounds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING

from app.core.eeg.sync import Sync
from app.core.jobs import CancelToken
from app.core.plain_text import plain

if TYPE_CHECKING:
    from app.core.eeg.eeg_recording import Annotation

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
    *,
    cancel: CancelToken | None = None,
) -> AnnotationList:
    """The annotations on the recording's clock, the first `most` of those that the filter lets through.

    Half a million take seconds: in a background thread. Raises Cancelled.
    """
    found = _filtered(_until_cancelled(annotations, cancel or CancelToken()), sync, wanted)
    # What is not shown is only counted.
    rows = tuple(_row(one, sync) for one in islice(found, most))
    return AnnotationList(rows, sum(1 for _one in found))


def _until_cancelled(annotations: Iterable[Annotation], cancel: CancelToken) -> Iterator[Annotation]:
    for number, one in enumerate(annotations):
        if number % 1000 == 0:
            cancel.check()
        yield one


def _filtered(
    annotations: Iterable[Annotation], sync: Sync, wanted: AnnotationFilter
) -> Iterator[Annotation]:
    text = wanted.text.casefold().strip()
    for one in annotations:
        if text and text not in one.text.casefold():
            continue
        if _is_within(one, sync, wanted) and (not wanted.kinds or kind_of(one.text) in wanted.kinds):
            yield one


def _is_within(one: Annotation, sync: Sync, wanted: AnnotationFilter) -> bool:
    start = sync.to_recording(one.onset)
    if wanted.end is not None and start > wanted.end:
        return False
    return wanted.start is None or max(start, _end(one, sync) or start) >= wanted.start


def _row(one: Annotation, sync: Sync) -> ListedAnnotation:
    shown = plain(one.text, LONGEST_TEXT).replace("\n", " ").strip()
    start, end = sync.to_recording(one.onset), _end(one, sync)
    return ListedAnnotation(start, end, shown, kind_of(one.text), plain(one.channel, 80))


def _end(one: Annotation, sync: Sync) -> float | None:
    duration = one.duration
    return None if duration is None else sync.to_recording(one.onset + duration)
