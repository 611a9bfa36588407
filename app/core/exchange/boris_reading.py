"""BORIS projects read: of this program, and as BORIS writes them (format 7 and its forerunners).

Seconds. What BORIS writes is the time of the video plus the observation's offset, and with
`media_creation_date_as_offset` plus when the video was made (`write_event.py` of BORIS 8); both are taken
away again. An observation that cannot be understood is left out and named; the others are read.
"""

from __future__ import annotations

import gzip
import io
import math
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.core.errors import UserError
from app.core.exchange import side_notes
from app.core.exchange.boris_project import IDENTITY, NOTES, SUBJECT
from app.core.exchange.bundle import Imported
from app.core.exchange.codec import LARGEST, Source
from app.core.exchange.collected_answers import CollectedAnswers
from app.core.exchange.fidelity import in_seconds, joined_milliseconds
from app.core.exchange.meaning import Meaning, PatientUnknownError
from app.core.exchange.phrases import (
    is_number,
    parse_json,
    presence_of,
    reader_from_dict,
    recording_from_dict,
    shorten,
    time_of,
)
from app.core.exchange.text_file import utf8_text
from app.core.reading import ReaderIdentity, RecordingIdentity, person
from app.core.same_names import person_key
from app.core.semiology import FEATURES, Answer, Laterality, Presence, Span

_GZIP = b"\x1f\x8b"
_PATIENTS = frozenset((SUBJECT, "pat", "pt"))
_OTHERS = frozenset(
    ("nurse", "doctor", "physician", "staff", "technician", "tech", "mother", "father", "parent", "relative",
     "visitor", "carer", "caregiver", "examiner", "family", "other")
)  # fmt: skip
"""Subjects who are never the patient."""
_NOT_GIVEN = frozenset(("", "na", "n/a", "none", "nan"))
_LATEST = 1e12
"""Seconds that a time can have with an offset that counts from 1970."""


def read_project(source: Source, meaning: Meaning) -> Imported:
    """The observations of a project. Raises UserError when it is none."""
    project = _project(source)
    reading = _ProjectReading(project, meaning)
    for title, found in project["observations"].items():
        reading.add(title, found)
    if reading.faults and not reading.read:
        first = f"{reading.faults[0]}."
        raise PatientUnknownError(first, tuple(reading.subjects)) if reading.subjects else UserError(first)
    fields = {"presence", "evidence", "laterality"}
    if reading.own:
        fields |= {"confidence", "explanation"}
    reading.collected.fields = frozenset(fields)
    return Imported(
        reading.collected.bundle(), tuple(reading.remarks), tuple(reading.unknown), tuple(reading.subjects)
    )


def _project(source: Source) -> dict[str, Any]:
    # BORIS writes NaN for times that it does not know, as those of pictures.
    data = parse_json(utf8_text(_unpacked(source)), f"“{source.name}”", unset_numbers=True)
    if not isinstance(data, dict) or not isinstance(data.get("observations"), dict):
        raise UserError(f"“{source.name}” is not a BORIS project.")
    return data


def _unpacked(source: Source) -> Source:
    """The project as text, also of one that BORIS has compressed."""
    if not source.content.startswith(_GZIP):
        return source
    try:
        with gzip.open(io.BytesIO(source.content)) as packed:
            content = packed.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"“{source.name}” cannot be decompressed.") from error
    if len(content) > LARGEST:
        raise UserError(f"“{source.name}” unpacks to more than {LARGEST // 2**20} MiB and was not read.")
    return replace(source, content=content)


@dataclass(slots=True)
class _ProjectReading:
    """A project while it is read."""

    project: Mapping[str, Any]
    meaning: Meaning
    collected: CollectedAnswers = field(default_factory=CollectedAnswers)
    remarks: list[str] = field(default_factory=list)
    unknown: dict[str, None] = field(default_factory=dict)
    subjects: dict[str, None] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    read: int = 0
    own: int = 0

    def add(self, title: str, found: object) -> None:
        where = f"The observation “{shorten(title)}”"
        try:
            observation = _parsed(found, where)
            states = self._states(observation, where)
        except UserError as error:
            self.faults.append(str(error).removesuffix("."))
            self.remarks.append(f"{self.faults[-1]}; the observation was left out.")
            return
        self.read += 1
        self.own += observation.is_own
        said = self.collected.reading(observation.recording, observation.reader)
        if observation.other_names:
            self.collected.add_names(observation.recording, observation.other_names)
        for answer in _answers(observation, states, where):
            said.add(answer, f"the observation “{shorten(title)}”")

    def _states(self, observation: _Observation, where: str) -> dict[str, _Coded]:
        points = _point_codes(self.project.get("behaviors_conf"))
        events = [one for one in _events(observation, where) if self._is_ours(one)]
        patient = self._patient(events, where)
        coded: dict[str, _Coded] = {}
        others: dict[str, int] = {}
        open_since: dict[tuple[str, str, str], float] = {}
        for event in events:
            if person_key(event.subject) not in patient:
                others[event.subject] = others.get(event.subject, 0) + 1
                continue
            feature = self.meaning.feature_named(event.code) or ""
            found = coded.setdefault(feature, _Coded())
            start = event.time if event.code in points else open_since.pop(event.kind, None)
            if start is None:
                open_since[event.kind] = event.time
            else:
                found.add(Span(start, event.time), event.modifier)
        if open_since:
            raise UserError(f"{where} starts “{shorten(next(iter(open_since))[1])}” and never stops it")
        for subject, count in others.items():
            self.remarks.append(
                f"{where} has events of “{shorten(subject)}”, who is not the patient; left out: {count}."
            )
        return coded

    def _is_ours(self, event: _CodedEvent) -> bool:
        """Whether an event's behaviour is a feature; what is not is listed once."""
        if self.meaning.feature_named(event.code) is not None:
            return True
        if event.code not in self.unknown and not self.meaning.is_left_out(event.code):
            self.unknown.setdefault(event.code)
            self.remarks.append(
                f"The behaviour “{shorten(event.code)}” is none of the 20 features; it was left out."
            )
        return False

    def _patient(self, events: Sequence[_CodedEvent], where: str) -> frozenset[str]:
        """The keys of the subjects that are the patient. Raises UserError when one of several could be."""
        if self.meaning.patient is not None:
            return frozenset((person_key(self.meaning.patient), ""))
        coded = {person_key(one.subject): one.subject for one in events if person_key(one.subject)}
        defined = {person_key(name): name for name in _subjects(self.project.get("subjects_conf"))}
        subjects = defined | coded
        known = _PATIENTS & subjects.keys()
        could_be = known or subjects.keys() - _OTHERS
        if len(could_be) < 2 or known or not coded:
            return frozenset((*could_be, ""))
        self.subjects |= dict.fromkeys(subjects[key] for key in sorted(could_be))
        names = ", ".join(f"“{shorten(subjects[key])}”" for key in sorted(could_be))
        raise UserError(f"{where}: one of {names} is the patient; say which")


def _subjects(rows: object) -> Iterator[str]:
    """The subjects that a project defines."""
    for row in rows.values() if isinstance(rows, dict) else ():
        name = row.get("name") if isinstance(row, dict) else None
        if isinstance(name, str) and person_key(name):
            yield name


@dataclass(frozen=True, slots=True)
class _Observation:
    """What an observation is of, and its events as they stand; `offset` is taken from every time."""

    recording: RecordingIdentity
    reader: ReaderIdentity
    variables: Mapping[str, Any]
    events: Sequence[object]
    offset: float
    other_names: tuple[str, ...]

    @property
    def is_own(self) -> bool:
        """Whether this program wrote it."""
        return IDENTITY in self.variables


@dataclass(frozen=True, slots=True)
class _CodedEvent:
    time: float
    subject: str
    code: str
    modifier: str

    @property
    def kind(self) -> tuple[str, str, str]:
        """BORIS pairs events of the same subject, behaviour and modifiers."""
        return self.subject, self.code, self.modifier


@dataclass(slots=True)
class _Coded:
    """The spans and sides that were coded of a feature."""

    spans: list[Span] = field(default_factory=list)
    sides: set[str] = field(default_factory=set)

    def add(self, span: Span, modifier: str) -> None:
        self.spans.append(span)
        self.sides.update(part.strip().lower() for part in modifier.replace(",", "|").split("|"))


def _parsed(found: object, where: str) -> _Observation:
    """Raises UserError for what is not an observation of one video."""
    found = _mapping(found, where)
    variables = _mapping(found.get("independent_variables") or {}, where)
    events = found.get("events")
    if not isinstance(events, list):
        raise UserError(f"{where} has no list of events")
    players = _media(found, where, own=IDENTITY in variables)
    first, name = players[0] if players else ("1", "")
    offset = _offset(found, first, where)
    if IDENTITY in variables:
        data = _mapping(parse_json(_text(variables[IDENTITY]), where), where)
        recording = recording_from_dict(data.get("recording"), where)
        reader = reader_from_dict(data.get("reader"), where)
        return _Observation(recording, reader, variables, events, offset, ())
    recording = RecordingIdentity(_base_name(name), "", _length(found, name))
    others = tuple(_base_name(other) for player, other in players[1:] if _is_beside(found, player, where))
    return _Observation(recording, person(""), variables, events, offset, others)


def _media(found: Mapping[str, Any], where: str, *, own: bool) -> list[tuple[str, str]]:
    """The player and name of the video, and those of further players beside it. Raises UserError."""
    kind = found.get("type", "MEDIA")
    if kind not in ("MEDIA", "VIEWER_MEDIA"):
        what = {"LIVE": "a live observation", "IMAGES": "an observation of images"}
        raise UserError(f"{where} is {what.get(str(kind), 'of another kind')}, not of a video")
    files = found.get("file")
    players = sorted(files.items()) if isinstance(files, dict) else []
    used = [(player, names) for player, names in players if names]
    if not all(isinstance(names, list) and all(isinstance(one, str) for one in names) for _, names in used):
        raise UserError(f"{where} names its videos in a way that is not known")
    if any(len(names) != 1 for _, names in used):
        raise UserError(
            f"{where} is of several videos that follow each other, so its times are of none of them"
        )
    if not used and not own:
        raise UserError(f"{where} names no video, so its recording is not known")
    return [(player, names[0]) for player, names in used]


def _base_name(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]


def _info(found: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    info = found.get("media_info")
    values = info.get(key) if isinstance(info, dict) else None
    return values if isinstance(values, dict) else {}


def _length(found: Mapping[str, Any], name: str) -> float:
    """The length of the video in seconds as BORIS found it, 0 where it is not known."""
    length = _info(found, "length").get(name)
    return float(length) if is_number(length) and 0 < length < _LATEST else 0.0


def _offset(found: Mapping[str, Any], player: str, where: str) -> float:
    """The seconds by which an observation's times are later than those of the video. Raises UserError."""
    offset = _seconds(found.get("time offset"), f"{where}: its time offset")
    if found.get("media_creation_date_as_offset"):
        made = [*_info(found, "media_creation_time").values()]
        if len(made) != 1:
            raise UserError(f"{where} counts from when the video was made, and does not say when that was")
        offset += _seconds(made[0], f"{where}: when its video was made")
    if _shift(found, player, where):
        raise UserError(f"{where} shifts its first player, so its times are not known")
    return offset


def _shift(found: Mapping[str, Any], player: str, where: str) -> float:
    """The seconds by which a player is shifted against the observation's times. Raises UserError."""
    return _seconds(_info(found, "offset").get(player), f"{where}: the offset of player {shorten(player)}")


def _is_beside(found: Mapping[str, Any], player: str, where: str) -> bool:
    """Whether a player is known to run on the clock of the times, not shifted."""
    try:
        return not _shift(found, player, where)
    except UserError:  # how far it is shifted is not known; the times are of the first player
        return False


def _seconds(value: object, where: str) -> float:
    """Seconds of a number, or of a text with a number, H:MM:SS or none. Raises UserError."""
    if is_number(value):
        if math.isfinite(value) and abs(value) < _LATEST:
            return float(value)
        raise UserError(f"{where} is out of range")
    text = _text(value).strip()
    if text.casefold() in _NOT_GIVEN:
        return 0.0
    seconds = time_of(text.removeprefix("-"), decimal_comma=True)
    if seconds is None:
        raise UserError(f"{where} says “{shorten(text)}”, which is not a time")
    return -seconds if text.startswith("-") else seconds


def _point_codes(behaviours: object) -> frozenset[str]:
    """The codes of the behaviours that the project defines as points in time."""
    rows = behaviours.values() if isinstance(behaviours, dict) else ()
    return frozenset(
        str(row.get("code"))
        for row in rows
        if isinstance(row, dict) and str(row.get("type", "")).lower().startswith("point")
    )


def _events(observation: _Observation, where: str) -> list[_CodedEvent]:
    """The events in order of time, on the video's clock."""
    found = [_event(event, observation.offset, where) for event in observation.events]
    return sorted(found, key=lambda event: event.time)


def _event(event: object, offset: float, where: str) -> _CodedEvent:
    if not isinstance(event, list) or len(event) < 4 or not all(isinstance(part, str) for part in event[1:4]):
        raise UserError(f"{where} has an event that cannot be read")
    time = event[0]
    if not is_number(time) or not math.isfinite(time) or abs(time) > _LATEST:
        raise UserError(f"{where} has an event without a time")
    seconds = round(time - offset, 6) if offset else float(time)
    if seconds < 0:
        raise UserError(f"{where} has an event {-seconds:.3f} s before the video begins; its offset is wrong")
    return _CodedEvent(seconds, event[1], event[2], event[3])


def _answers(observation: _Observation, coded: Mapping[str, _Coded], where: str) -> Iterator[Answer]:
    variables = observation.variables
    notes = side_notes.from_text(_text(variables.get(NOTES, "")), where)
    for feature in FEATURES:
        answer = notes.get(feature.id, Answer(feature.id))
        presence = presence_of(_text(variables.get(feature.id, "")), f"{where}, {feature.id},")
        answer = replace(answer, presence=presence)
        if feature.id in coded:
            answer = _with_states(answer, coded[feature.id])
            # A foreign project has no word for presence: what was coded was there.
            foreign = not observation.is_own and presence is None
            answer = replace(answer, presence=Presence.YES) if foreign else answer
        yield answer


def _with_states(answer: Answer, coded: _Coded) -> Answer:
    known = {side.value for side in Laterality} & coded.sides
    side = answer.laterality
    if known:
        side = Laterality(known.pop()) if len(known) == 1 else Laterality.BOTH
    evidence = in_seconds(joined_milliseconds(tuple(coded.spans)))
    return replace(answer, evidence=evidence, laterality=side)


def _mapping(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise UserError(f"{where} is malformed")
    return value


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)
