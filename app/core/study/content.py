"""What a study holds of one recording for one person; it is read as a whole, which may wait for a disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.reading import ReaderIdentity, ReaderKey, ReaderKind, Reading
from app.core.study.my_reading import NO_READING, MyReading, blindness_decided, my_reading_of

if TYPE_CHECKING:
    from app.core.picture_box import Box
    from app.core.study.cameras import Cameras
    from app.core.study.changed_since import SaidThen
    from app.core.study.full_reading import FullReading
    from app.core.study.hidden_places import HiddenPlaces
    from app.core.study.store import Study
    from app.core.study.stored_eeg import StoredEegs


@dataclass(frozen=True, slots=True)
class Content:
    """What a study holds of a recording for one person: their reading with what is beside it, the others'
    readings in full, the latest change first, the box drawn round the patient, the further cameras, the EEG
    files, the places that are covered in its de-identified clips.

    `versions` are the others' readings with the earlier versions of readers, `beside` those of them that
    have notes or marks, with these. Of the whole study it holds the
    reference reader, whether first readings are blind, whether only people decide together (`people_only`),
    the saved filters by name, and the `study_name` that a person gave it (None: it is called as its folder).
    `said_then` is what each reader said when the consensus was decided.
    """

    mine: Reading
    my_reading: MyReading = NO_READING
    others: tuple[Reading, ...] = ()
    patient: Box | None = None
    cameras: Cameras = ()
    eegs: StoredEegs = ()
    versions: tuple[Reading, ...] = ()
    beside: tuple[FullReading, ...] = ()
    reference: ReaderIdentity | None = None
    blind_by_default: bool = True
    filters: Mapping[str, str] = field(default_factory=dict)
    hidden_places: HiddenPlaces = field(default_factory=dict)
    study_name: str | None = None
    people_only: bool = True
    said_then: SaidThen = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for a recording's content.

    `somebody_asks`: whether they are asked how a new study is read, which is sealed until they answer;
    `demonstration`: whether it is the demonstration, which is never sealed. `read_openly`: whether they had
    answered before anybody asked, None to find out.
    """

    me: ReaderIdentity
    somebody_asks: bool = False
    demonstration: bool = False
    read_openly: bool | None = None


@dataclass(frozen=True, slots=True)
class Loaded:
    """The content of the recording with this number, and how the study it stands in may be used.

    `may_be_sealed`: whether anything is sealed from the person; `others_changes` is another number once
    somebody else has changed the study; `faults` are sentences on what was wrong in it.
    """

    number: int
    asking: Asking
    content: Content
    folder: Path
    read_only: bool
    held_elsewhere: bool
    note: str
    may_be_sealed: bool
    others_changes: int | None
    faults: tuple[str, ...]


def load(study: Study, number: int, asking: Asking) -> Loaded:
    """What the study holds now. Raises UserError; LookupError for a recording that it does not hold."""
    if asking.read_openly is None:
        read_openly = bool(study.reading(number, asking.me, viewer=asking.me).answers)
        asking = Asking(asking.me, asking.somebody_asks, asking.demonstration, read_openly)
    changes = study.others_changes()
    decided = blindness_decided(study)
    sealable = _may_be_sealed(study, asking, decided=decided)
    content = _content(study, number, asking.me, decided=decided, sealable=sealable)
    return Loaded(
        number=number,
        asking=asking,
        content=content,
        folder=study.folder,
        read_only=study.read_only,
        held_elsewhere=study.held_elsewhere,
        note=study.note,
        may_be_sealed=sealable,
        others_changes=changes,
        faults=study.faults(),
    )


def _may_be_sealed(study: Study, asking: Asking, *, decided: bool) -> bool:
    if asking.demonstration or decided:
        return not asking.demonstration
    return asking.somebody_asks and not study.read_only and not asking.read_openly


def _content(study: Study, number: int, me: ReaderIdentity, *, decided: bool, sealable: bool) -> Content:
    full = study.full_reading(number, me, viewer=me)
    others = study.full_readings(number, viewer=me if sealable else None, without=me)
    versions = tuple(one.reading for one in others)
    settings = study.settings()
    my_reading = my_reading_of(study, number, full, asking=not decided, open_to_all=not sealable)
    return Content(
        mine=full.reading,
        my_reading=my_reading,
        others=latest(versions),
        patient=study.patient_box(number),
        cameras=study.cameras(number),
        hidden_places=study.hidden_places(number),
        eegs=study.eegs(number),
        versions=versions,
        beside=tuple(one for one in others if one.notes or one.marks),
        reference=settings.reference,
        blind_by_default=settings.blind_by_default,
        filters=settings.filters,
        study_name=settings.name,
        people_only=settings.people_only,
        said_then={} if my_reading.sealed else study.said_when_decided(number),
    )


def latest(versions: tuple[Reading, ...]) -> tuple[Reading, ...]:
    """What each reader says now, programs first: the study keeps what their earlier versions said. What a
    control was shown is not the recording, so it is not among them."""
    found: dict[ReaderKey, Reading] = {}
    for reading in sorted(versions, key=lambda other: other.reader.kind is ReaderKind.PERSON):
        if not reading.reader.is_control:
            found.setdefault(reading.reader.key, reading)
    return tuple(found.values())


def with_reading(reading: Reading, others: tuple[Reading, ...]) -> tuple[Reading, ...]:
    """The others' readings with one that is new, or in place of its reader's former one; as they are with
    that of a control."""
    if reading.reader.is_control:
        return others
    return (reading, *(other for other in others if not other.reader.is_same(reading.reader)))
