"""The data that is exchanged: recordings with their readings, from a study or from a file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from app.core.bounded_json import canonical
from app.core.reading import ReaderIdentity, Reading, RecordingIdentity
from app.core.semiology import FEATURES, Answer
from app.core.study.edits import AttachEeg
from app.core.study.history import HistoryEntry
from app.core.study.marks import Mark
from app.core.study.rating import Rating
from app.core.study.store import Study
from app.core.study.stored_eeg import without_places

ANSWER_FIELDS = frozenset({"presence", "confidence", "evidence", "laterality", "explanation"})
"""The fields of an answer."""


@dataclass(frozen=True, slots=True)
class ExchangedRating:
    """A person's rating of the reading's explanation of one feature; `explanation` is the rated text."""

    feature: str
    rater: ReaderIdentity
    rating: Rating
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class ReadingExtras:
    """A reading's notes by feature, marks in order of time, and its ratings by others."""

    notes: Mapping[str, str] = field(default_factory=dict)
    marks: tuple[Mark, ...] = ()
    ratings: tuple[ExchangedRating, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadRecording:
    """A recording and everybody's readings of it; `fingerprint` is "" where it is not known.

    `beside` is empty, or holds one for each reading, in the same order.
    """

    recording: RecordingIdentity
    readings: tuple[Reading, ...] = ()
    fingerprint: str = ""
    beside: tuple[ReadingExtras, ...] = ()

    def with_beside(self) -> Iterator[tuple[Reading, ReadingExtras]]:
        """Every reading with its notes, marks and ratings."""
        yield from zip(self.readings, self.beside or (ReadingExtras(),) * len(self.readings), strict=True)


@dataclass(frozen=True, slots=True)
class Bundle:
    """Recordings in order; `history` holds the rows of a study's history as JSON's own types."""

    recordings: tuple[ReadRecording, ...] = ()
    history: tuple[Mapping[str, Any], ...] = ()

    @property
    def readings(self) -> tuple[Reading, ...]:
        return tuple(reading for entry in self.recordings for reading in entry.readings)


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file holds.

    `fields` are those of an answer that it can tell of: what is not among them is not *empty*, the
    file just does not say. `remarks` are sentences for the person: what was not understood and so
    left out, never guessed. A reader without a name ("") is one that the file does not name.
    """

    bundle: Bundle
    fields: frozenset[str] = ANSWER_FIELDS
    remarks: tuple[str, ...] = ()


@dataclass(slots=True)
class CollectedAnswers:
    """Answers collected from a file, by recording and reader, in the order of their first appearance."""

    _answers: dict[tuple[RecordingIdentity, str], dict[str, Answer]] = field(default_factory=dict)
    _readers: dict[str, ReaderIdentity] = field(default_factory=dict)
    _recordings: dict[RecordingIdentity, None] = field(default_factory=dict)

    def reading(self, recording: RecordingIdentity, reader: ReaderIdentity) -> dict[str, Answer]:
        """The answers of this reader to this recording, to be filled."""
        key = repr((reader.kind, reader.name, reader.version, sorted(reader.details.items())))
        self._readers.setdefault(key, reader)
        self._recordings.setdefault(recording)
        return self._answers.setdefault((recording, key), {})

    def bundle(self) -> Bundle:
        return Bundle(tuple(ReadRecording(known, tuple(self._of(known))) for known in self._recordings))

    def _of(self, wanted: RecordingIdentity) -> Iterator[Reading]:
        for (recording, key), answers in self._answers.items():
            if recording == wanted:
                yield Reading(recording, self._readers[key], answers_given(answers))


def answers_given(answers: Mapping[str, Answer]) -> dict[str, Answer]:
    """The answers that say anything, in the order of the checklist."""
    return {
        feature.id: answers[feature.id]
        for feature in FEATURES
        if feature.id in answers and answers[feature.id] != Answer(feature.id)
    }


def bundle_of_study(study: Study) -> Bundle:
    """Everything that the study holds of its recordings, their readings and its history; never a path."""
    recordings = []
    ratings = _ratings(study)
    for row in study.recordings():
        found = study.full_readings(row.id)
        beside = tuple(
            ReadingExtras(
                full.notes, full.marks, tuple(ratings.get((row.id, full.reading.reader.exact_key), ()))
            )
            for full in found
        )
        recordings.append(
            ReadRecording(
                RecordingIdentity(row.name, row.sha256 or "", row.duration),
                tuple(full.reading for full in found),
                row.fingerprint,
                beside if any(each != ReadingExtras() for each in beside) else (),
            )
        )
    return Bundle(tuple(recordings), tuple(_row(entry) for entry in study.history()))


def _row(entry: HistoryEntry) -> dict[str, Any]:
    """A row of the history without the places of cameras and EEG files: folders can bear patients' names."""
    row = asdict(entry)
    if entry.subject == AttachEeg.subject:
        for side in ("old", "new"):
            row[side] = canonical(without_places(json.loads(row[side])))
    if entry.subject == "cameras":
        for side in ("old", "new"):
            cameras = json.loads(row[side]) or []
            row[side] = canonical([{**one, "path": ""} for one in cameras] or None)
    return row


def _ratings(study: Study) -> dict[tuple[int, str], list[ExchangedRating]]:
    """The ratings by recording and rated reader."""
    found: dict[tuple[int, str], list[ExchangedRating]] = {}
    for kept in study.ratings():
        place = kept.explained.recording_id, kept.explained.reader.exact_key
        rated = ExchangedRating(kept.explained.feature, kept.rater, kept.rating, kept.explanation)
        found.setdefault(place, []).append(rated)
    return found


def only_readers(bundle: Bundle, names: frozenset[str]) -> Bundle:
    """Only the readings of these readers, by name; without the history, which tells of all."""
    recordings = []
    for entry in bundle.recordings:
        meant = [(one, beside) for one, beside in entry.with_beside() if one.reader.name in names]
        readings = tuple(one for one, _ in meant)
        beside = tuple(each for _, each in meant) if entry.beside else ()
        recordings.append(replace(entry, readings=readings, beside=beside))
    return Bundle(tuple(recordings))


def join_bundles(bundles: Iterable[Bundle]) -> Bundle:
    """One bundle of all bundles; the readings of one recording are joined.

    What one file says of answers and another of marks is one reading.
    """
    gathering: dict[tuple[RecordingIdentity, str], list[tuple[Reading, ReadingExtras]]] = {}
    history: list[Mapping[str, Any]] = []
    for bundle in bundles:
        history += bundle.history
        for entry in bundle.recordings:
            found = gathering.setdefault((entry.recording, entry.fingerprint), [])
            for reading, beside in entry.with_beside():
                _add(found, reading, beside)
    entries = []
    for (recording, fingerprint), found in gathering.items():
        every = tuple(beside for _, beside in found)
        kept = every if any(each != ReadingExtras() for each in every) else ()
        entries.append(ReadRecording(recording, tuple(reading for reading, _ in found), fingerprint, kept))
    return Bundle(tuple(entries), tuple(history))


def _add(found: list[tuple[Reading, ReadingExtras]], reading: Reading, beside: ReadingExtras) -> None:
    """Add a reading; when it has marks alone, to the same reader's answers if there are any without."""
    for place, (known, before) in enumerate(found):
        if not reading.answers and before == ReadingExtras() and known.reader == reading.reader:
            found[place] = known, beside
            return
    found.append((reading, beside))
