"""The data that is exchanged: recordings with their readings, from a study or from a file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from app.core.bounded_json import canonical
from app.core.clock_sync import Sync
from app.core.reading import ReaderIdentity, Reading, RecordingIdentity
from app.core.semiology import FEATURES, Answer
from app.core.study.blind_readings import blind_readings
from app.core.study.edits import AttachEeg, SetPatientData
from app.core.study.history import HistoryEntry
from app.core.study.marks import Mark
from app.core.study.rating import Rating
from app.core.study.store import Study
from app.core.study.stored_eeg import StoredEegs, without_places
from app.core.study.viewer import SEES_ALL

ANSWER_FIELDS = frozenset({"presence", "confidence", "evidence", "laterality", "explanation"})
"""The fields of an answer that every file with a place for it tells."""

ALL_ANSWER_FIELDS = ANSWER_FIELDS | {"confidence_kind", "sides"}
"""All of them, as JSON tells them."""


@dataclass(frozen=True, slots=True)
class ExchangedRating:
    """A person's rating of the reading's explanation of one feature; `explanation` is the rated text."""

    feature: str
    rater: ReaderIdentity
    rating: Rating
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class ReadingExtras:
    """A reading's notes by feature, marks in order of time, and its ratings by others.

    `changed` are the features of a reading that was locked blind whose answers were changed after unblinding:
    written into files, and never read from them.
    """

    notes: Mapping[str, str] = field(default_factory=dict)
    marks: tuple[Mark, ...] = ()
    ratings: tuple[ExchangedRating, ...] = ()
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadRecording:
    """A recording and everybody's readings of it; `fingerprint` is "" where it is not known.

    `beside` is empty, or holds one for each reading, in the same order. `eeg_clock` is the sync of the EEG
    that ran when the recording began, None without one. Of a file: `fields` are those of an answer that it
    can tell of (another one is not *empty*, the file just does not say), `places` where each reading's
    answers stand, by feature, and `other_names` further files of the same event on the same clock, or names
    of labels alone that were joined with it. A reader of a file may have several readings of a recording,
    which are joined after the recordings are known.
    """

    recording: RecordingIdentity
    readings: tuple[Reading, ...] = ()
    fingerprint: str = ""
    beside: tuple[ReadingExtras, ...] = ()
    eeg_clock: Sync | None = None
    fields: frozenset[str] = field(default=ANSWER_FIELDS, compare=False)
    places: tuple[Mapping[str, str], ...] = field(default=(), compare=False)
    other_names: tuple[str, ...] = field(default=(), compare=False)

    def with_beside(self) -> Iterator[tuple[Reading, ReadingExtras]]:
        """Every reading with its notes, marks and ratings."""
        yield from zip(self.readings, self.beside or (ReadingExtras(),) * len(self.readings), strict=True)

    def all_places(self) -> tuple[Mapping[str, str], ...]:
        """The places of every reading's answers; {} where they are not known."""
        return self.places or ({},) * len(self.readings)


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

    `remarks` are sentences for the person on what was not understood and so left out, never guessed, `asides`
    on how the rest was read; `unknown` are the names of behaviours, tiers and features that are not ours, and
    `subjects` those among whom the patient is not known. A reader without a name ("") is one that the file
    does not name. `changed` of the answers are marked as changed after unblinding, which no import takes up.
    """

    bundle: Bundle
    remarks: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    asides: tuple[str, ...] = ()
    changed: int = 0


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
    ratings, joined = _ratings(study), study.joined_labels()
    for row in study.recordings():
        found = study.full_readings(row.id, viewer=SEES_ALL)
        blind = blind_readings(study, row.id, (full.reading for full in found))
        changed = {key: one.changed for key, one in blind.items()}
        beside = tuple(
            ReadingExtras(full.notes, full.marks, tuple(ratings.get((row.id, key), ())), changed.get(key, ()))
            for full in found
            for key in (full.reading.reader.exact_key,)
        )
        recordings.append(
            ReadRecording(
                RecordingIdentity(row.name, row.sha256 or "", row.duration),
                tuple(full.reading for full in found),
                row.fingerprint,
                beside if any(each != ReadingExtras() for each in beside) else (),
                _eeg_clock(study.eegs(row.id)),
                other_names=tuple(name for name, number in joined.items() if number == row.id),
            )
        )
    return Bundle(tuple(recordings), tuple(_row(entry) for entry in study.history(viewer=SEES_ALL)))


def _eeg_clock(eegs: StoredEegs) -> Sync | None:
    """The sync of the last EEG that had begun by the recording's first frame, else of the first."""
    begun = [one for one in eegs if one.agreed.sync.to_eeg(0.0) >= 0]
    return next((one.agreed.sync for one in (*reversed(begun), *eegs)), None)


def _row(entry: HistoryEntry) -> dict[str, Any]:
    """A row of the history without patient data, and without the places of cameras and EEG files: folders can
    bear patients' names."""
    row = asdict(entry)
    if entry.subject == SetPatientData.subject:
        row |= {"old": canonical(None), "new": canonical(None), "why": ""}
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
    for kept in study.ratings(viewer=SEES_ALL):
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
    gathering: dict[tuple[RecordingIdentity, str], list[_FoundReading]] = {}
    first: dict[tuple[RecordingIdentity, str], ReadRecording] = {}
    history: list[Mapping[str, Any]] = []
    for bundle in bundles:
        history += bundle.history
        for entry in bundle.recordings:
            known = entry.recording, entry.fingerprint
            first.setdefault(known, entry)
            for (reading, beside), places in zip(entry.with_beside(), entry.all_places(), strict=True):
                _add(gathering.setdefault(known, []), (reading, beside, places))
    return Bundle(
        tuple(_joined(entry, gathering.get(known, [])) for known, entry in first.items()), tuple(history)
    )


_FoundReading = tuple[Reading, ReadingExtras, Mapping[str, str]]


def _joined(entry: ReadRecording, found: Sequence[_FoundReading]) -> ReadRecording:
    every = tuple(beside for _, beside, _ in found)
    return replace(
        entry,
        readings=tuple(reading for reading, _, _ in found),
        beside=every if any(each != ReadingExtras() for each in every) else (),
        places=tuple(places for _, _, places in found),
    )


def _add(found: list[_FoundReading], one: _FoundReading) -> None:
    """Add a reading; when it has marks alone, to the same reader's answers if there are any without."""
    reading, beside, _ = one
    for place, (known, before, places) in enumerate(found):
        if not reading.answers and before == ReadingExtras() and known.reader.is_same_version(reading.reader):
            found[place] = known, beside, places
            return
    found.append(one)
