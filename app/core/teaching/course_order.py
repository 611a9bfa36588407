"""What a teacher wants of a course, what a study offers for one, and the steps from the one to the other.

Command and window make a course in the same three steps: `plan_order` (reads the study, and refuses early
what would be refused at the end), `case_clips.make_case_clips` with the person who looks at the sheets, and
`finish_order`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.core.agreement.study_readings import (
    RecordingReadings,
    answered_readings,
    default_reference,
    possible_references,
    visible_recordings,
)
from app.core.deidentify.clip_choice import HidingChoice
from app.core.errors import UserError
from app.core.reader_names import name_readers
from app.core.reading import ReaderIdentity, ReaderKind
from app.core.study.consensus import is_consensus
from app.core.study.store import Study
from app.core.study.viewer import Viewer
from app.core.teaching.case_clips import SourceOfCase, missing_sources
from app.core.teaching.course import CourseRules
from app.core.teaching.course_file import CourseFolder
from app.core.teaching.hiding_note import HidingNote
from app.core.teaching.key_sealing import check_passphrase
from app.core.teaching.lookalike_choice import LookalikeChoice
from app.core.teaching.study_course import (
    CONSENSUS_KEY,
    TRUTH_KEY,
    CoursePlan,
    check_tests,
    plan_course,
    write_study_course,
)


@dataclass(frozen=True, slots=True)
class CourseOrder:
    """A course that is to be made in the folder `path`.

    `key` is a reader's name, CONSENSUS_KEY or TRUTH_KEY; `hiding` is how people are hidden, None to take
    drawn patients as they are; `only` are the numbers of the recordings that are wanted (None: all); `foil`,
    `notes`, `lookalikes`, `test_size` and `passphrase` as in `plan_course` and `write_study_course`.
    """

    path: Path
    title: str
    key: str
    rules: CourseRules
    hiding: HidingChoice | None
    only: frozenset[int] | None = None
    foil: str | None = None
    notes: Mapping[str | int, str] = field(default_factory=dict)
    test_size: int = 0
    passphrase: str | None = None
    lookalikes: tuple[LookalikeChoice, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedOrder:
    """The plan of an order, and where the clips that are not in place yet come from."""

    plan: CoursePlan
    sources: tuple[SourceOfCase, ...]


def plan_order(study: Study, viewer: Viewer, order: CourseOrder) -> PlannedOrder:
    """The plan of an order; its folder is made. Raises UserError for what no course can be made of."""
    if order.passphrase is not None:
        check_passphrase(order.passphrase)
    plan = plan_course(
        study,
        viewer,
        order.key,
        order.rules.features,
        foil=order.foil,
        only=order.only,
        voice=None if order.hiding is None else order.hiding.voice,
        notes=order.notes,
        lookalikes=order.lookalikes,
    )
    check_tests(plan, order.test_size)
    return PlannedOrder(plan, missing_sources(study, plan, order.path))


def finish_order(order: CourseOrder, plan: CoursePlan) -> CourseFolder:
    """The course of a plan whose clips are all in place. Raises UserError when one is missing."""
    folder = write_study_course(
        order.path,
        plan,
        order.title,
        order.rules,
        test_size=order.test_size,
        passphrase=order.passphrase,
    )
    HidingNote(order.path).forget()
    return folder


@dataclass(frozen=True, slots=True)
class OfferedRecording:
    """A recording that can become a case; `answered` has the number of answers of each possible key."""

    number: int
    name: str
    answered: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class CourseOffer:
    """What a study offers for a course: who can be the key, the usual one first, and who a foil, and its
    recordings."""

    keys: tuple[str, ...]
    foils: tuple[str, ...]
    recordings: tuple[OfferedRecording, ...]


def offer_of_study(study: Study, viewer: Viewer) -> CourseOffer:
    """What may be used of a study by this viewer. Raises UserError when nobody has answered anything."""
    found = visible_recordings(study, viewer)
    there = {row.id for row in study.recordings() if row.has_video}
    names = name_readers(one.reader for one in answered_readings(found))
    references = possible_references(found)
    usual = default_reference(references, study.settings().reference)
    recordings = tuple(
        OfferedRecording(one.number, one.name, _answered(one, names)) for one in found if one.number in there
    )
    keys = dict.fromkeys(name for one in recordings for name in one.answered)
    if not keys:
        raise UserError("Nobody has answered anything in this study that you may see, so there is no key.")
    first = _key_name(references[usual][0].reader, names) if usual is not None else ""
    ordered = sorted(keys, key=lambda key: (key != first, key == CONSENSUS_KEY))  # of a few answers: last
    return CourseOffer(tuple(ordered), _foils(found, names), recordings)


def _answered(recording: RecordingReadings, names: Mapping[str, str]) -> dict[str, int]:
    counts = {}
    for reading in recording.readings:
        count = sum(answer.presence is not None for answer in reading.answers.values())
        if not count or reading.reader.kind not in (ReaderKind.PERSON, ReaderKind.PHANTOM):
            continue
        counts[_key_name(reading.reader, names)] = count
    return counts


def _key_name(reader: ReaderIdentity, names: Mapping[str, str]) -> str:
    if is_consensus(reader):
        return CONSENSUS_KEY
    return TRUTH_KEY if reader.kind is ReaderKind.PHANTOM else names[reader.exact_key]


def _foils(found: Sequence[RecordingReadings], names: Mapping[str, str]) -> tuple[str, ...]:
    readers = (one.reader for one in answered_readings(found))
    foils = (one for one in readers if one.kind not in (ReaderKind.PERSON, ReaderKind.PHANTOM))
    return tuple(dict.fromkeys(names[one.exact_key] for one in foils))
