"""BORIS: one project (`.boris`, JSON of format 7.0), one observation per recording and reader.

So that BORIS's own inter-rater figures, which compare observations, can be used. The 20 features are
state behaviours with the side as modifier, a span is a START and a STOP; presence stands in the
observation's independent variables, because BORIS has no word for *no* or *not assessable*.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.core.errors import UserError
from app.core.exchange import side_notes
from app.core.exchange.boris_project import SUBJECT, build_behaviours, build_observation, build_project
from app.core.exchange.bundle import Bundle, CollectedAnswers, Imported
from app.core.exchange.codec import NamedFile, Source
from app.core.exchange.fidelity import in_seconds, joined_milliseconds
from app.core.exchange.phrases import (
    UNANSWERED,
    feature_named,
    parse_json,
    presence_of,
    reader_from_dict,
    reader_to_dict,
    shorten,
)
from app.core.reading import ReaderIdentity, Reading, RecordingIdentity, person
from app.core.semiology import FEATURES, Answer, Laterality, Presence, Span

_IDENTITY, _NOTES = "semioscope identity", "semioscope notes"


class Boris:
    """BORIS projects as a codec."""

    def write(self, bundle: Bundle, stem: str) -> tuple[NamedFile, ...]:
        observations: dict[str, Any] = {}
        for reading in bundle.readings:
            observations[_unique(_title(reading), observations)] = build_observation(
                reading.recording, _events(reading), _variables(reading)
            )
        variables = [(feature.id, feature.name) for feature in FEATURES]
        variables += [(_IDENTITY, "recording and reader"), (_NOTES, "confidence, side, explanation")]
        text = json.dumps(
            build_project(stem, build_behaviours(), variables, observations), indent=1, ensure_ascii=False
        )
        return (NamedFile(f"{stem}.boris", text.encode("utf-8", "replace")),)

    def read(self, source: Source) -> Imported:
        observations = _observations(source)
        gathering = CollectedAnswers()
        unknown: dict[str, None] = {}
        known = True
        for title, found in observations.items():
            where = f"The observation “{shorten(title)}”"
            variables = _mapping(found.get("independent_variables", {}), where)
            known &= _IDENTITY in variables
            recording, reader = _identity(found, variables, where)
            answers = gathering.reading(recording, reader)
            answers.update(side_notes.from_text(_text(variables.get(_NOTES, "")), where))
            for feature in FEATURES:
                presence = presence_of(_text(variables.get(feature.id, "")), f"{where}, {feature.id},")
                answers[feature.id] = replace(answers.get(feature.id, Answer(feature.id)), presence=presence)
            for feature_id, (spans, sides) in _states(found, where, unknown).items():
                answer = _with_states(answers[feature_id], spans, sides)
                # A foreign project has no word for presence: what was coded was there.
                foreign = _IDENTITY not in variables and answer.presence is None
                answers[feature_id] = replace(answer, presence=Presence.YES) if foreign else answer
        fields = {"presence", "evidence", "laterality"} | ({"confidence", "explanation"} if known else set())
        remarks = (f"The behaviour “{name}” is none of the 20 features; it was left out." for name in unknown)
        return Imported(gathering.bundle(), frozenset(fields), tuple(remarks))


# writing


def _title(reading: Reading) -> str:
    return f"{reading.recording.name} / {reading.reader.name}".strip()


def _unique(title: str, taken: Mapping[str, Any]) -> str:
    number, unique = 1, title
    while unique in taken:
        number += 1
        unique = f"{title} ({number})"
    return unique


def _events(reading: Reading) -> list[list[Any]]:
    """time (s), subject, behaviour, modifier, comment; in order of time."""
    events: list[list[Any]] = []
    for feature in FEATURES:
        answer = reading.answer(feature.id)
        modifier = answer.laterality.value if answer.laterality else "None"
        for start, end in joined_milliseconds(answer.evidence):
            events.append([start / 1000, SUBJECT, feature.id, modifier, ""])
            events.append([end / 1000, SUBJECT, feature.id, modifier, ""])
    return sorted(events, key=lambda event: float(event[0]))


def _variables(reading: Reading) -> dict[str, str]:
    recording = reading.recording
    identity = {
        "recording": {"name": recording.name, "sha256": recording.sha256, "duration": recording.duration},
        "reader": reader_to_dict(reading.reader),
    }
    presences = {
        feature.id: presence.value if (presence := reading.answer(feature.id).presence) else UNANSWERED
        for feature in FEATURES
    }
    return {
        **presences,
        _IDENTITY: json.dumps(identity, ensure_ascii=False),
        _NOTES: side_notes.to_text(reading),
    }


# reading


def _observations(source: Source) -> dict[str, Mapping[str, Any]]:
    try:
        data = parse_json(source.content.decode("utf-8-sig"), f"“{source.name}”")
    except UnicodeDecodeError as error:
        raise UserError(f"“{source.name}” is not text in UTF-8.") from error
    if not isinstance(data, dict) or not isinstance(data.get("observations"), dict):
        raise UserError(f"“{source.name}” is not a BORIS project.")
    return {title: _mapping(found, f"“{source.name}”") for title, found in data["observations"].items()}


def _identity(
    found: Mapping[str, Any], variables: Mapping[str, Any], where: str
) -> tuple[RecordingIdentity, ReaderIdentity]:
    """The recording and the reader of an observation; one of another origin names its file and no reader."""
    if _IDENTITY in variables:
        data = _mapping(parse_json(_text(variables[_IDENTITY]), where), where)
        recording = _mapping(data.get("recording"), where)
        name, sha256, duration = (recording.get(key) for key in ("name", "sha256", "duration"))
        if isinstance(name, str) and isinstance(sha256, str) and isinstance(duration, int | float):
            identity = RecordingIdentity(name, sha256, float(duration))
            return identity, reader_from_dict(data.get("reader"), where)
        raise UserError(f"{where} does not say which recording it belongs to.")
    files = found.get("file")
    first = files.get("1") if isinstance(files, dict) else None
    if not isinstance(first, list) or len(first) != 1 or not isinstance(first[0], str):
        raise UserError(f"{where} is not of one media file, so its recording is not known.")
    return RecordingIdentity(first[0].replace("\\", "/").rpartition("/")[2], "", 0.0), person("")


_States = dict[str, tuple[list[Span], set[str]]]


def _states(found: Mapping[str, Any], where: str, unknown: dict[str, None]) -> _States:
    """Spans and sides by feature: BORIS pairs events of the same subject, behaviour and modifiers."""
    events = found.get("events")
    if not isinstance(events, list):
        raise UserError(f"{where} has no list of events.")
    open_since: dict[tuple[str, str, str], float] = {}
    states: _States = {}
    for time, subject, code, modifier in sorted(
        (_event(event, where) for event in events), key=lambda event: event[0]
    ):
        feature = feature_named(code)
        if feature is None:
            unknown.setdefault(shorten(code))
            continue
        start = open_since.pop((subject, code, modifier), None)
        if start is None:
            open_since[subject, code, modifier] = time
            continue
        spans, sides = states.setdefault(feature, ([], set()))
        spans.append(Span(start, time))
        sides.update(part.strip().lower() for part in modifier.split("|"))
    if open_since:
        code = next(iter(open_since))[1]
        raise UserError(f"{where} starts {code} and never stops it; mend it in BORIS first.")
    return states


def _event(event: object, where: str) -> tuple[float, str, str, str]:
    if not isinstance(event, list) or len(event) < 4 or not all(isinstance(part, str) for part in event[1:4]):
        raise UserError(f"{where} has an event that cannot be read.")
    time = event[0]
    if isinstance(time, bool) or not isinstance(time, int | float) or not 0 <= time <= 1e9:
        raise UserError(f"{where} has an event without a time.")
    return float(time), event[1], event[2], event[3]


def _with_states(answer: Answer, spans: Sequence[Span], sides: set[str]) -> Answer:
    known = {side.value for side in Laterality} & sides
    side = answer.laterality
    if known:
        side = Laterality(known.pop()) if len(known) == 1 else Laterality.BOTH
    merged = tuple(in_seconds(joined_milliseconds(tuple(spans))))
    return replace(answer, evidence=merged, laterality=side)


def _mapping(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise UserError(f"{where} is malformed.")
    return value


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)
