"""A course from a study: its recordings as de-identified clips, keyed by a reader or by the consensus.

Nothing is given away that is sealed from the viewer. A clip of people becomes part of a course only after a
person has looked at its sheet (`deidentify`); the clips of drawn patients are taken as they are, where the
study itself holds the drawing's truth for exactly these bytes and the teacher says so.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from app.core.agreement.study_readings import (
    RecordingReadings,
    answered_readings,
    count_withheld,
    find_reader,
    possible_references,
    visible_recordings,
)
from app.core.errors import UserError
from app.core.hiding.voices import VoiceHiding
from app.core.picture_box import Box
from app.core.reader_names import name_readers
from app.core.reading import ReaderKind, Reading
from app.core.recording.identity import content_sha256
from app.core.semiology import FEATURE, Group, Presence
from app.core.study.consensus import CONSENSUS, is_consensus
from app.core.study.named_places import may_open
from app.core.study.recording_table import RecordingRow
from app.core.study.store import Study
from app.core.study.viewer import Seal, Viewer, sealed_error, settle_seal
from app.core.teaching.case_key import CaseKey, KeyAnswer
from app.core.teaching.course import CourseRules
from app.core.teaching.course_file import CLIPS, FILE_NAME, CourseFolder
from app.core.teaching.course_writing import add_case, add_tests, begin_course, make_course_folders
from app.core.teaching.drawn_words import key_of_drawn
from app.core.teaching.lookalike_choice import LookalikeChoice, NamedCase, keys_with_lookalikes
from app.core.teaching.matched_tests import matched_tests

CONSENSUS_KEY, TRUTH_KEY = "consensus", "truth"
"""The names of keys without a reader: what readers decided together, and what drawn patients show."""

NEEDS_EYES = frozenset({"occur_during_sleep"})
"""Features outside the face that nobody can judge where the eyes are covered."""


@dataclass(frozen=True, slots=True)
class PlannedCase:
    """A recording that becomes a case: its number in the study and its file, where the patient is in the
    picture, its key, the SHA-256 of the drawing if the study holds the truth of one, and the patient's
    pseudonym ("" without one)."""

    id: str
    number: int
    path: Path
    name: str
    duration: float
    patient: Box | None
    key: CaseKey
    drawn: str | None
    of_patient: str = ""


@dataclass(frozen=True, slots=True)
class CoursePlan:
    """The cases that a course can have, and what was left out of the study as sealed."""

    cases: tuple[PlannedCase, ...]
    features: tuple[str, ...]
    seal: Seal


def plan_course(
    study: Study,
    viewer: Viewer,
    key_reader: str,
    features: Sequence[str],
    *,
    foil: str | None = None,
    only: frozenset[int] | None = None,
    voice: VoiceHiding | None = VoiceHiding.REMOVE,
    notes: Mapping[str | int, str] = MappingProxyType({}),
    lookalikes: Sequence[LookalikeChoice] = (),
) -> CoursePlan:
    """The cases of which the reader has answered at least one of the features.

    What can only be heard is not asked where the clip's words cannot be heard, and what the face shows not
    where heads are covered (`voice`; None leaves the recording as it is). `foil` is a reader whose answers
    are shown after the learner's own, `only` are the numbers of the recordings that are wanted, `notes` are
    the teacher's by the recording's number or name, as are the `lookalikes`. Raises UserError when no such
    reader has answered anything, and as `keys_with_lookalikes` does.
    """
    found = visible_recordings(study, viewer)
    seal = settle_seal(study, viewer, count_withheld(found), "course for teaching")
    keys = _keys(found, key_reader, seal)
    foils = _foils(found, foil)
    asked = tuple(feature for feature in features if can_be_noticed(feature, voice))
    rows = {row.id: row for row in study.recordings() if row.has_video}
    cases = [
        _planned(
            study,
            rows[recording.number],
            recording,
            keys[fingerprint],
            foils.get(fingerprint),
            features=asked,
            notes=notes,
        )
        for recording in found
        if recording.readings and (fingerprint := recording.readings[0].recording.sha256) in keys
        if recording.number in (rows if only is None else only & rows.keys())
    ]
    usable = tuple(case for case in cases if case.key.asked)
    if not usable:
        raise UserError(
            f"“{key_reader}” has answered none of these features here, so there is no key to a course."
        )
    return CoursePlan(_with_lookalikes(usable, lookalikes), asked, seal)


def _with_lookalikes(
    cases: Sequence[PlannedCase], choices: Sequence[LookalikeChoice]
) -> tuple[PlannedCase, ...]:
    named = [NamedCase(one.id, one.number, one.name, one.duration, one.key) for one in cases]
    keys = keys_with_lookalikes(named, choices)
    return tuple(replace(case, key=keys[case.id]) for case in cases)


def _keys(found: Sequence[RecordingReadings], key_reader: str, seal: Seal) -> dict[str, Reading]:
    """The readings that are the key, by the recording's fingerprint. Raises UserError without any."""
    readers = possible_references(found)
    if key_reader.casefold() == TRUTH_KEY:
        truths = [one for group in readers.values() for one in group if one.reader.kind is ReaderKind.PHANTOM]
        if not truths:
            raise UserError("This study holds the truth of no drawn patient.")
        return {one.recording.sha256: one for one in truths}
    name = CONSENSUS.name if key_reader.casefold() == CONSENSUS_KEY else key_reader
    if name not in readers and seal.withheld:
        raise sealed_error(seal, f"So there is no key of “{name}” that may be given to learners.")
    return {one.recording.sha256: one for one in find_reader(readers, name, "reader")}


def can_be_noticed(feature: str, voice: VoiceHiding | None) -> bool:
    """Whether a feature can be noticed in a clip: heads are covered in each that is not taken as it is
    (`voice` None)."""
    group = FEATURE[feature].group
    if voice is None:
        return True
    if group is Group.BODY:
        return feature not in NEEDS_EYES
    return group is Group.SOUND and voice is VoiceHiding.SHIFT


def _foils(found: Sequence[RecordingReadings], name: str | None) -> dict[str, Reading]:
    if name is None:
        return {}
    answered = answered_readings(found)
    names = name_readers(one.reader for one in answered)
    readers: dict[str, list[Reading]] = {}
    for one in answered:
        readers.setdefault(names[one.reader.exact_key], []).append(one)
    return {one.recording.sha256: one for one in find_reader(readers, name, "reader")}


def _planned(
    study: Study,
    row: RecordingRow,
    recording: RecordingReadings,
    key: Reading,
    foil: Reading | None,
    *,
    features: Sequence[str],
    notes: Mapping[str | int, str],
) -> PlannedCase:
    drawn = any(one.reader.kind is ReaderKind.PHANTOM for one in recording.readings)
    return PlannedCase(
        case_id(row.fingerprint),
        row.id,
        study.recording_path(row.id),
        row.name,
        row.duration,
        study.patient_box(row.id),
        _key(recording, key, foil, features, notes.get(row.id, notes.get(row.name, ""))),
        row.sha256 if drawn else None,
        study.patient_data(row.id, viewers=()).patient,
    )


def case_id(fingerprint: str) -> str:
    """The name of a recording's case: always the same, and without its file's name."""
    return f"case-{hashlib.sha256(f'case of {fingerprint}'.encode()).hexdigest()[:8]}"


def _key(
    recording: RecordingReadings,
    key: Reading,
    foil: Reading | None,
    features: Sequence[str],
    note: str,
) -> CaseKey:
    drawn = key.reader.kind is ReaderKind.PHANTOM
    answers = {
        name: KeyAnswer(key_of_drawn(said) if drawn else said, _onsets(recording.readings, name))
        for name in features
        if (said := key.answer(name)).presence is not None
    }
    shown = {name: foil.answer(name) for name in answers if foil.answer(name).presence} if foil else None
    return CaseKey(key.reader.name, answers, note, foil.reader.name if foil else "", shown)


def _onsets(readings: Sequence[Reading], feature: str) -> tuple[float, ...]:
    """The first onsets of all people who say yes and when."""
    people = [
        one for one in readings if one.reader.kind is ReaderKind.PERSON and not is_consensus(one.reader)
    ]
    answers = [one.answer(feature) for one in people]
    return tuple(
        sorted(one.evidence[0].start for one in answers if one.presence is Presence.YES and one.evidence)
    )


def checked_path(study: Study, case: PlannedCase) -> Path:
    """Where the recording of a case is. Raises UserError when it is missing or may not be opened."""
    if not may_open(case.path, study.folder):
        raise UserError(f"“{case.name}” is not beside the study; open it in the window once.")
    if not case.path.is_file():
        raise UserError(f"“{case.name}” is not where the study last saw it; open the study and look for it.")
    return case.path


def copy_drawn(case: PlannedCase, source: Path, target: Path) -> None:
    """Take the clip of a drawn patient as it is. Raises UserError when it is not the drawing whose truth the
    study holds."""
    digest = content_sha256(source)
    if case.drawn is None or digest != case.drawn:
        raise UserError(
            f"“{case.name}” is not a drawn patient by this study, so it cannot be taken as it is: make the "
            "course of de-identified clips."
        )
    part = target.with_name(f".{target.name}.part")
    try:
        shutil.copyfile(source, part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def make_clip_folder(path: Path) -> None:
    """Make the folder of a course's clips, before there is a course. Raises UserError when one is there."""
    if (path / FILE_NAME).exists():
        raise UserError(f"“{path.name}” is a course already; choose another folder.")
    make_course_folders(path)


def clip_of(path: Path, case: PlannedCase) -> Path:
    """Where the clip of a case belongs in the course in `path`."""
    return path / CLIPS / f"{case.id}.mp4"


def write_study_course(
    path: Path,
    plan: CoursePlan,
    title: str,
    rules: CourseRules,
    *,
    test_size: int = 0,
    passphrase: str | None = None,
) -> CourseFolder:
    """The course of a plan whose clips are all in place. Raises UserError when one is missing."""
    missing = [case.name for case in plan.cases if not clip_of(path, case).is_file()]
    if missing:
        raise UserError(f"The clip of “{missing[0]}” is not confirmed; {len(missing)} are missing in all.")
    kept = kept_for_tests(plan, test_size)
    course = begin_course(path, title, rules, len(plan.cases), passphrase)
    try:
        for case in plan.cases:
            course = add_case(course, case.id, case.duration, case.key, tested=case.id in kept)
        return (add_tests(course, test_size, patients_of(plan)) if test_size else course).folder
    except UserError:
        (path / FILE_NAME).unlink()  # so that it can be made again with the clips that are there
        raise


def check_tests(plan: CoursePlan, test_size: int) -> None:
    """Raise UserError, before any clip is made, when the plan has too little for two such tests."""
    kept = kept_for_tests(plan, test_size)
    keys = {case.id: case.key for case in plan.cases if case.id in kept}
    if test_size:
        matched_tests(keys, plan.features, test_size, 0, patients_of(plan))


def patients_of(plan: CoursePlan) -> dict[str, str]:
    """The patients of the cases, by case, where the study knows them."""
    return {case.id: case.of_patient for case in plan.cases if case.of_patient}


def kept_for_tests(plan: CoursePlan, test_size: int) -> frozenset[str]:
    """The cases kept for two tests of so many cards, with all others of the same patients.

    The names of cases are hashes, so the first patients by name are a draw. Raises UserError when nothing is
    left to practise.
    """
    groups: dict[str, list[str]] = {}
    for case in sorted(plan.cases, key=lambda one: one.id):
        groups.setdefault(case.of_patient or case.id, []).append(case.id)
    kept: list[list[str]] = []
    for group in groups.values():
        if not _fill_two_tests(kept, test_size):
            kept.append(group)
    if test_size and len(kept) == len(groups):
        raise UserError(
            f"Two tests of {test_size} cards leave nothing to practise: the recordings are "
            f"{len(plan.cases)}, the patients {len(groups)}."
        )
    return frozenset(name for group in kept for name in group)


def _fill_two_tests(groups: Sequence[Sequence[str]], test_size: int) -> bool:
    """Whether these patients, none in both, have enough recordings for two tests: the one with the most
    recordings goes where fewest are."""
    sides = [0, 0]
    for size in sorted(map(len, groups), reverse=True):
        sides[sides.index(min(sides))] += size
    return min(sides) >= test_size
