"""A reading: all answers of one reader for one recording, and its file format `semioscope-reading/1`."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from app.core.bounded_json import canonical, read_json
from app.core.errors import UserError
from app.core.reader_details import NOT_OF_THE_QUESTION, SHOWN, details_anywhere
from app.core.semiology import (
    FEATURE,
    FEATURES,
    LATEST,
    Answer,
    ConfidenceKind,
    Laterality,
    Presence,
    SideFrom,
    Span,
    check_amount,
)

FORMAT = "semioscope-reading/1"
LARGEST_READING = 64 << 20
"""Characters of the largest file that is read."""
LONGEST_NAME = 4096
"""Characters of what a reader, a version or a recording is called, at most."""
MOST_DETAILS, LONGEST_DETAILS = 1_000, 300_000
"""The details of a reader, and the characters of all of them, at most."""


class ReaderKind(StrEnum):
    PERSON = "person"
    SIGNAL = "signal"
    MODEL = "model"
    PHANTOM = "phantom"


TRAINED_ON = "trained_on"
"""The detail of a trained reader that says what it was trained on."""


@dataclass(frozen=True, slots=True)
class ReaderIdentity:
    """The identity of a reader. `details` holds what is needed to reproduce its answers (model, prompt hash,
    settings). Raises UserError for longer names, and more details, than a study can hold."""

    kind: ReaderKind
    name: str
    version: str
    details: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_names("reader", self.name, self.version)
        characters = sum(len(key) + len(value) for key, value in self.details.items())
        if len(self.details) > MOST_DETAILS or characters > LONGEST_DETAILS:
            raise UserError(
                f"A reader has at most {MOST_DETAILS:,} details, together of {LONGEST_DETAILS:,} characters."
            )

    @property
    def key(self) -> ReaderKey:
        """The identity of the reader as a dictionary key: kind, name, and for a model the details that
        determine its questions. Versions of a reader have the same key.
        """
        asked: tuple[tuple[str, str], ...] = ()
        if self.kind is ReaderKind.MODEL:
            asked = tuple(sorted(item for item in self.details.items() if item[0] not in NOT_OF_THE_QUESTION))
        return self.kind, self.name, asked

    @property
    def anywhere(self) -> ReaderIdentity:
        """The reader without what belongs to one recording: equal, and with the same keys, for all recordings
        of which a model was asked the same. `key` and `exact_key` tell such readings of one recording apart.
        """
        if self.kind is not ReaderKind.MODEL:
            return self
        return replace(self, details=details_anywhere(self.details))

    @property
    def is_control(self) -> bool:
        """Whether it was shown something else than the recording, so that its answers say nothing of that."""
        return SHOWN in self.details

    @property
    def is_rule_based(self) -> bool:
        """Whether this is the built-in signal reader, not one with `TRAINED_ON` in its details."""
        return self.kind is ReaderKind.SIGNAL and TRAINED_ON not in self.details

    @property
    def exact_key(self) -> str:
        """The identity of this version of the reader as canonical JSON, stored in studies: the name of a
        person, or the name, version and details of a program.
        """
        if self.kind is ReaderKind.PERSON:
            return canonical([self.kind.value, self.name])
        return canonical([self.kind.value, self.name, self.version, dict(self.details)])

    def is_same(self, other: ReaderIdentity) -> bool:
        """Whether both are the same reader in any version; people are identified by name alone."""
        return self is other or self.key == other.key

    def is_same_version(self, other: ReaderIdentity) -> bool:
        """Whether both are the same version of a reader, which a study keeps as one reading of a recording;
        people have no versions, they are identified by name alone."""
        return self is other or self.exact_key == other.exact_key


ReaderKey = tuple[ReaderKind, str, tuple[tuple[str, str], ...]]
"""Kind, name, and the details that determine the questions to a model."""


def person(name: str) -> ReaderIdentity:
    """The human reader of that name."""
    return ReaderIdentity(ReaderKind.PERSON, name, "1")


@dataclass(frozen=True, slots=True)
class RecordingIdentity:
    """The identity of a recording: file name without folder, SHA-256 of its bytes (hex), duration in
    seconds. Raises UserError for longer names than a study can hold."""

    name: str
    sha256: str
    duration: float

    def __post_init__(self) -> None:
        _check_names("recording", self.name, self.sha256)


def _check_names(what: str, *names: str) -> None:
    if any(len(name) > LONGEST_NAME for name in names):
        raise UserError(f"The name of a {what} has at most {LONGEST_NAME:,} characters.")


@dataclass(frozen=True, slots=True)
class Reading:
    """All answers of one reader for one recording; features missing from `answers` are unanswered."""

    recording: RecordingIdentity
    reader: ReaderIdentity
    answers: Mapping[str, Answer]

    def answer(self, feature: str) -> Answer:
        """The answer for `feature`, an unanswered one if there is none."""
        return self.answers.get(feature) or _UNANSWERED.get(feature) or Answer(feature)


_UNANSWERED = {feature.id: Answer(feature.id) for feature in FEATURES}


def to_json(reading: Reading) -> str:
    """The reading in its file format, all 20 features in order, as text that UTF-8 can hold."""
    text = json.dumps(to_dict(reading), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    # A file name may contain bytes that are not text, which Python represents as lone surrogates.
    return text.encode("utf-8", "replace").decode("utf-8")


def to_dict(reading: Reading) -> dict[str, Any]:
    """The reading in its file format as a dictionary of JSON values."""
    return {
        "format": FORMAT,
        "recording": {
            "name": reading.recording.name,
            "sha256": reading.recording.sha256,
            "duration": reading.recording.duration,
        },
        "reader": {
            "kind": reading.reader.kind.value,
            "name": reading.reader.name,
            "version": reading.reader.version,
            **({"details": dict(reading.reader.details)} if reading.reader.details else {}),
        },
        "answers": [answer_to_dict(reading.answer(feature.id)) for feature in FEATURES],
    }


def answer_to_dict(answer: Answer) -> dict[str, Any]:
    """One answer in the file format."""
    return {
        "feature": answer.feature,
        "presence": answer.presence.value if answer.presence else None,
        "confidence": answer.confidence,
        "evidence": [{"start": span.start, "end": span.end} for span in answer.evidence],
        "laterality": answer.laterality.value if answer.laterality else None,
        "explanation": answer.explanation,
        **answer_extras(answer),
    }


def answer_extras(answer: Answer) -> dict[str, Any]:
    """What few answers have, so that the others are written as ever: a confidence that was not stated, and
    sides that change."""
    extras: dict[str, Any] = {}
    if answer.confidence_kind is not ConfidenceKind.STATED:
        extras["confidence_kind"] = answer.confidence_kind.value
    if answer.sides:
        extras["sides"] = [{"start": one.seconds, "laterality": one.side.value} for one in answer.sides]
    return extras


def extras_from(row: Mapping[str, Any]) -> tuple[ConfidenceKind, tuple[SideFrom, ...]]:
    """The inverse of `answer_extras`. Raises ValueError or UserError."""
    sides = row.get("sides", [])
    if not isinstance(sides, list):
        raise ValueError("not a list of sides")
    found = (_mapping(one, "a side") for one in sides)
    return (
        ConfidenceKind(row.get("confidence_kind", ConfidenceKind.STATED)),
        tuple(SideFrom(_moment(one, "start"), Laterality(_text(one, "laterality"))) for one in found),
    )


def from_json(text: str) -> Reading:
    """The reading in a text in the file format, parsed strictly.

    Raises UserError when the text is not JSON or of another format, or contains an unknown feature or value,
    a duplicate feature or key, text that is not Unicode, or an invalid span. Unknown extra keys are ignored;
    spans are sorted.
    """
    try:
        data = read_json(text, largest=LARGEST_READING)
    except ValueError as error:
        raise UserError("This file is not a reading: it is not valid JSON.") from error
    return from_dict(data)


def from_dict(data: object) -> Reading:
    """As `from_json`, for parsed JSON."""
    root = _mapping(data, "the file")
    if root.get("format") != FORMAT:
        raise UserError(f"This file is not a reading of the format {FORMAT}.")
    recording = _mapping(root.get("recording"), "recording")
    reader = _mapping(root.get("reader"), "reader")
    rows = root.get("answers")
    if not isinstance(rows, list):
        raise UserError("This reading has no list of answers.")
    answers: dict[str, Answer] = {}
    for row in rows:
        answer = answer_from_dict(_mapping(row, "an answer"))
        if answer.feature in answers:
            raise UserError(f"This reading answers {answer.feature} twice.")
        answers[answer.feature] = answer
    try:
        kind = ReaderKind(_text(reader, "kind"))
    except ValueError as error:
        raise UserError("This reading is by an unknown kind of reader.") from error
    details = _mapping(reader.get("details", {}), "details")
    duration = _moment(recording, "duration")
    if duration < 0:
        raise UserError("This reading is malformed: duration is negative.")
    return Reading(
        RecordingIdentity(_text(recording, "name"), _text(recording, "sha256"), duration),
        ReaderIdentity(
            kind,
            _text(reader, "name"),
            _text(reader, "version"),
            {
                _unicode(str(key), "details"): _unicode(str(value), "details")
                for key, value in details.items()
            },
        ),
        answers,
    )


def answer_from_dict(row: Mapping[str, Any]) -> Answer:
    """The inverse of `answer_to_dict`, as strict as `from_json`. Raises UserError."""
    feature = _text(row, "feature")
    if feature not in FEATURE:
        raise UserError("This reading answers a feature that is not one of the 20.")
    spans = row.get("evidence", [])
    confidence = row.get("confidence")
    if not isinstance(spans, list) or isinstance(confidence, bool) or not isinstance(confidence, int | None):
        raise UserError(f"The answer for {feature} is malformed.")
    sides = row.get("sides", ())
    check_amount(feature, len(spans), len(sides) if isinstance(sides, list) else 0)
    try:
        presence = row.get("presence")
        laterality = row.get("laterality")
        return Answer(
            feature,
            None if presence is None else Presence(presence),
            confidence,
            tuple(_span(_mapping(span, "a span")) for span in spans),
            None if laterality is None else Laterality(laterality),
            _text(row, "explanation") if "explanation" in row else "",
            *extras_from(row),
        )
    except ValueError as error:
        raise UserError(f"The answer for {feature} is malformed.") from error


def _span(row: Mapping[str, Any]) -> Span:
    return Span(_moment(row, "start"), _moment(row, "end"))


def _mapping(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise UserError(f"This reading is malformed: {what} is not an object.")
    return value


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    if not isinstance(value, str):
        raise UserError(f"This reading is malformed: {key} is not text.")
    return _unicode(value, key)


_SURROGATE = re.compile("[\ud800-\udfff]")


def _unicode(value: str, key: str) -> str:
    """The text itself. Raises UserError for lone surrogates, which JSON can escape but no file can store."""
    if not value.isascii() and _SURROGATE.search(value):
        raise UserError(f"This reading is malformed: {key} is not text.")
    return value


def _number(row: Mapping[str, Any], key: str) -> float:
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UserError(f"This reading is malformed: {key} is not a number.")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise UserError(f"This reading is malformed: {key} is not a number.")
    return number


def _moment(row: Mapping[str, Any], key: str) -> float:
    """Seconds on a recording's clock. Raises UserError for more than 31 years."""
    seconds = _number(row, key)
    if seconds > LATEST:
        raise UserError(f"This reading is malformed: {key} is later than any recording lasts.")
    return seconds
