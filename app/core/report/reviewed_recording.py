"""A recording in a report: the readings that may be shown, their readers' names, how they came about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from app.core.eeg.page_content import PageChoice
from app.core.errors import UserError
from app.core.mirroring import mirrored_readings
from app.core.picture_box import Box
from app.core.plural import plural
from app.core.reader_names import name_readers
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity
from app.core.report.phrases import day_of, reader_name
from app.core.semiology import Answer
from app.core.study.blind_readings import BlindReading, as_locked, blind_readings
from app.core.study.consensus import is_consensus
from app.core.study.eeg_places import FindEeg, StoredEegPlace, find_same_eeg
from app.core.study.full_reading import FullReading, differences
from app.core.study.hidden_places import NO_PLACES, HiddenPlaces
from app.core.study.named_places import may_open
from app.core.study.queries import ReaderStatus
from app.core.study.ratings import StoredRating
from app.core.study.recording_table import RecordingRow
from app.core.study.store import Study
from app.core.study.stored_eeg import StoredEeg
from app.core.study.viewer import SEES_ALL, Viewer, is_sealed, sealed_from


@dataclass(frozen=True, slots=True)
class RecordingView:
    """The view of a recording: `mirrored` when its file shows the patient the wrong way round, `picture`
    the number of the picture track that was chosen, None for that of the camera, `eeg` how its EEG is shown,
    None for the usual way."""

    mirrored: bool = False
    picture: int | None = None
    eeg: PageChoice | None = None


PLAIN_VIEW = RecordingView()


def view_of(looks: Mapping[str, Mapping[str, Any]], fingerprint: str) -> RecordingView:
    """The view of the recording of this fingerprint in the settings."""
    look = looks.get(fingerprint, {})
    number = look.get("picture")
    chosen = number if type(number) is int and number >= 0 else None
    return RecordingView(look.get("mirrored") is True, chosen)


def views_of(looks: Mapping[str, Mapping[str, Any]]) -> dict[str, RecordingView]:
    """The views of recordings in the settings, by fingerprint."""
    return {fingerprint: view_of(looks, fingerprint) for fingerprint in looks}


@dataclass(frozen=True, slots=True)
class ReportedReading:
    """One reader's answers, notes and marks, in a sentence how far they were given blind, and what was locked
    `blind`."""

    full: FullReading
    blinding: str = ""
    blind: BlindReading | None = None

    @property
    def reader(self) -> ReaderIdentity:
        return self.full.reading.reader


@dataclass(frozen=True, slots=True)
class ReportedEeg:
    """An EEG that is attached to a recording, what opens its file, and how it is shown (None: as usual)."""

    stored: StoredEeg
    find: FindEeg
    choice: PageChoice | None = None


@dataclass(frozen=True, slots=True)
class ReviewedRecording:
    """A recording and what may be shown of it.

    `withheld` counts the readings that are sealed from whom the report is for; `path` is where the file was
    last seen, None when that is not known or may not be opened by itself; `patient` the box drawn round the
    patient; `ratings` are those of explanations that still stand, none where anything is sealed; `picture` is
    the number of the picture track that was chosen, None for that of the camera; `eegs` are attached to it;
    `places` are drawn to be covered, `unreadable` says that those that the study keeps cannot be read.
    """

    recording: RecordingIdentity
    reported: tuple[ReportedReading, ...] = ()
    withheld: int = 0
    path: Path | None = None
    fingerprint: str = ""
    patient: Box | None = None
    mirrored: bool = False
    ratings: tuple[StoredRating, ...] = ()
    picture: int | None = None
    eegs: tuple[ReportedEeg, ...] = ()
    places: HiddenPlaces = field(default_factory=dict)
    unreadable: str = ""

    def drawn(self, picture_key: str) -> tuple[Box, ...]:
        """The places that are to be covered in that picture. Raises UserError where they cannot be read."""
        if self.unreadable:
            raise UserError(self.unreadable)
        return self.places.get(picture_key, ())

    @property
    def readings(self) -> tuple[Reading, ...]:
        return tuple(one.full.reading for one in self.reported)

    @property
    def compared(self) -> tuple[Reading, ...]:
        """The readings that figures of agreement are of: what was read blind as it was locked."""
        blind = {one.reader.exact_key: one.blind for one in self.reported if one.blind is not None}
        return as_locked(self.readings, blind)

    @property
    def changed(self) -> int:
        """How many answers were changed after unblinding."""
        return sum(len(one.blind.changed) for one in self.reported if one.blind is not None)


@dataclass(frozen=True, slots=True)
class ReaderNames:
    """The names of a report's readers, no two the same, and the number of each reader's colour."""

    names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, readers: Iterable[ReaderIdentity]) -> ReaderNames:
        return cls(name_readers(sorted(readers, key=_order), reader_name))

    def name(self, reader: ReaderIdentity) -> str:
        return self.names[reader.exact_key]

    def number(self, reader: ReaderIdentity) -> int:
        return list(self.names).index(reader.exact_key)


def review_recording(
    study: Study,
    row: RecordingRow,
    viewer: Viewer,
    view: RecordingView = PLAIN_VIEW,
    *,
    named: bool = False,
) -> ReviewedRecording:
    """What the viewer may see of a recording, sides as the view wants them.

    Who has said nothing, also when they locked, is left out. `named`: the recording may be opened wherever
    the study says that it lies. Raises UserError when the study cannot be read.
    """
    readers = sealed_from(study, viewer)
    place = study.recording_path(row.id) if row.has_video else None
    hidden = study.sealed_readers(row.id, readers)
    every = study.full_readings(row.id, viewer=SEES_ALL)
    seen = [full for full in every if full.reading.reader.exact_key not in hidden]
    states = {state.reader.exact_key: state for state in study.readers(row.id, viewer=SEES_ALL)}
    blind = blind_readings(study, row.id, (full.reading for full in seen))
    said = [full for full in seen if _says(full) or _said(blind.get(full.reading.reader.exact_key))]
    if view.mirrored:
        readings = mirrored_readings(tuple(full.reading for full in said))
        said = [replace(full, reading=reading) for full, reading in zip(said, readings, strict=True)]
    reported = (
        ReportedReading(
            full, _blinding(study, row.id, full, states), blind.get(full.reading.reader.exact_key)
        )
        for full in said
    )
    withheld = len(states) - len(seen)
    ratings = study.ratings(recording_id=row.id, viewer=SEES_ALL)
    if is_sealed(study, row.id, readers):
        ratings = ()
    return ReviewedRecording(
        RecordingIdentity(row.name, row.sha256 or "", row.duration),
        tuple(sorted(reported, key=lambda one: _order(one.reader))),
        withheld,
        place if place is not None and (named or may_open(place, study.folder)) else None,
        row.fingerprint,
        study.patient_box(row.id),
        view.mirrored,
        tuple(rating for rating in ratings if rating.current),
        view.picture,
        tuple(_reported_eegs(study, row, place or study.folder, view, named=named)),
        *_places(study, row),
    )


def _places(study: Study, row: RecordingRow) -> tuple[HiddenPlaces, str]:
    """The places that are to be covered, or why they cannot be read, which costs the pictures alone."""
    try:
        return study.places_to_cover(row.id), ""
    except UserError as error:
        return NO_PLACES, str(error)


def _reported_eegs(
    study: Study, row: RecordingRow, place: Path, view: RecordingView, *, named: bool
) -> Iterator[ReportedEeg]:
    """The EEG files of a recording at `place`, each opened only where the study may name places."""
    for stored in study.eegs(row.id):
        find = (
            find_same_eeg(stored, stored.place(study.folder))
            if named
            else StoredEegPlace(stored, study.folder, place.parent)
        )
        yield ReportedEeg(stored, find, view.eeg)


def review_readings(readings: Sequence[Reading]) -> ReviewedRecording:
    """A reviewed recording from readings that are in no study (at least one, all of one recording)."""
    reported = [ReportedReading(FullReading(reading)) for reading in readings]
    return ReviewedRecording(
        readings[0].recording, tuple(sorted(reported, key=lambda one: _order(one.reader)))
    )


def _says(full: FullReading) -> bool:
    return _answers(full.reading) or bool(full.notes or full.marks)


def _said(blind: BlindReading | None) -> bool:
    """Whether there are answers that were locked blind, which count although all were withdrawn since."""
    return blind is not None and blind.at_lock is not None and _answers(blind.at_lock)


def _answers(reading: Reading) -> bool:
    return any(answer != Answer(feature) for feature, answer in reading.answers.items())


def _blinding(study: Study, number: int, full: FullReading, states: Mapping[str, ReaderStatus]) -> str:
    """A sentence on whether a person read blind; "" for programs, which never see others' answers."""
    reader = full.reading.reader
    state = states.get(reader.exact_key)
    if reader.kind is not ReaderKind.PERSON or state is None:
        return ""
    if is_consensus(reader):
        return "Decided together, knowing the others' answers."
    if state.locked is None:
        return "Not locked yet, so it may still change."
    parts = ["Read blind" if state.blind else "Not read blind", f"locked on {day_of(state.locked)}"]
    if state.revealed is not None:
        parts.append(f"the others' answers revealed on {day_of(state.revealed)}")
        before = study.answers_at_lock(number, reader, viewer=SEES_ALL)
        parts.append(_since_lock(None if before is None else len(differences(before, full))))
    return "; ".join(parts) + "."


def _since_lock(changed: int | None) -> str:
    if changed is None:
        return "what was locked cannot be read, so it is in no figure of agreement"
    return f"{plural(changed, 'answer') if changed else 'no answers'} changed since the lock"


_KINDS = (ReaderKind.PERSON, ReaderKind.SIGNAL, ReaderKind.MODEL, ReaderKind.PHANTOM)


def _order(reader: ReaderIdentity) -> tuple[float, str, str]:
    """People by name, what they decided together, then programs."""
    place = 0.5 if is_consensus(reader) else _KINDS.index(reader.kind)
    return place, reader.name, reader.exact_key
