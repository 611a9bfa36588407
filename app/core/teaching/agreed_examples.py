"""The recordings of a study in which its readers agree that a feature is there.

Readings that are sealed from the viewer are not read, so a recording that only they agree on is in no list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.core.agreement.study_readings import RecordingReadings, visible_recordings
from app.core.reading import ReaderKind, Reading
from app.core.semiology import FEATURES, Presence, Span
from app.core.study.consensus import is_consensus
from app.core.study.store import Study
from app.core.study.viewer import Viewer

FEWEST_READERS = 2
"""How many people have to say yes, and nobody no."""


@dataclass(frozen=True, slots=True)
class AgreedExample:
    """A recording of the study, its number and name there, in which `readers` people, or the consensus (0),
    see a feature; `span` is where, None when nobody marked that."""

    number: int
    name: str
    readers: int
    span: Span | None


def agreed_examples(study: Study, viewer: Viewer) -> Mapping[str, tuple[AgreedExample, ...]]:
    """For each feature the recordings in which people agree on it, most readers first."""
    found = visible_recordings(study, viewer)
    return {
        feature.id: tuple(
            sorted(_examples(found, feature.id), key=lambda one: (-one.readers, one.name, one.number))
        )
        for feature in FEATURES
    }


def _examples(recordings: Sequence[RecordingReadings], feature: str) -> list[AgreedExample]:
    found = (_example(recording, feature) for recording in recordings)
    return [one for one in found if one is not None]


def _example(recording: RecordingReadings, feature: str) -> AgreedExample | None:
    """The recording as an example: the consensus decides where there is one."""
    people = [one for one in recording.readings if one.reader.kind is ReaderKind.PERSON]
    decided = [one for one in people if is_consensus(one.reader) and _says(one, feature) is not None]
    asked = decided or [one for one in people if not is_consensus(one.reader) and _says(one, feature)]
    if any(_says(one, feature) is not Presence.YES for one in asked):
        return None
    if len(asked) < (1 if decided else FEWEST_READERS):
        return None
    span = shared_span([one.answer(feature).evidence for one in asked])
    return AgreedExample(recording.number, recording.name, 0 if decided else len(asked), span)


def _says(reading: Reading, feature: str) -> Presence | None:
    return reading.answer(feature).presence


def shared_span(evidence: Sequence[Sequence[Span]]) -> Span | None:
    """The stretch that most readers marked, the longest of those; None when nobody marked any."""
    times = sorted({time for spans in evidence for span in spans for time in (span.start, span.end)})
    stretches: dict[int, list[Span]] = {}
    for start, end in zip(times, times[1:] or times, strict=False):
        count = sum(any(one.start <= start and end <= one.end for one in spans) for spans in evidence)
        stretches.setdefault(count, []).append(Span(start, end))
    most = max((count for count in stretches if count), default=0)
    return max(stretches[most], key=lambda one: one.duration) if most else None
