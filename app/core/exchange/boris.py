"""BORIS: one project (`.boris`, JSON of format 7.0), one observation per recording and reader.

So that BORIS's own inter-rater figures, which compare observations, can be used. The 20 features are
state behaviours with the side as modifier, a span is a START and a STOP; presence stands in the
observation's independent variables, because BORIS has no word for *no* or *not assessable*.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from app.core.exchange import side_notes
from app.core.exchange.boris_project import (
    IDENTITY,
    NOTES,
    SUBJECT,
    build_behaviours,
    build_observation,
    build_project,
)
from app.core.exchange.boris_reading import read_project
from app.core.exchange.bundle import Bundle, Imported
from app.core.exchange.codec import NamedFile, Source
from app.core.exchange.fidelity import joined_milliseconds
from app.core.exchange.meaning import NOTHING_MAPPED, Meaning
from app.core.exchange.phrases import UNANSWERED, reader_to_dict, recording_to_dict
from app.core.reading import Reading
from app.core.semiology import FEATURES


class Boris:
    """BORIS projects as a codec."""

    def write(self, bundle: Bundle, stem: str) -> tuple[NamedFile, ...]:
        observations: dict[str, Any] = {}
        for reading in bundle.readings:
            observations[_unique(_title(reading), observations)] = build_observation(
                reading.recording, _events(reading), _variables(reading)
            )
        variables = [(feature.id, feature.name) for feature in FEATURES]
        variables += [(IDENTITY, "recording and reader"), (NOTES, "confidence, side, explanation")]
        text = json.dumps(
            build_project(stem, build_behaviours(), variables, observations), indent=1, ensure_ascii=False
        )
        return (NamedFile(f"{stem}.boris", text.encode("utf-8", "replace")),)

    def read(self, source: Source, meaning: Meaning = NOTHING_MAPPED) -> Imported:
        return read_project(source, meaning)


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
        "recording": recording_to_dict(recording),
        "reader": reader_to_dict(reading.reader),
    }
    presences = {
        feature.id: presence.value if (presence := reading.answer(feature.id).presence) else UNANSWERED
        for feature in FEATURES
    }
    return {
        **presences,
        IDENTITY: json.dumps(identity, ensure_ascii=False),
        NOTES: side_notes.to_text(reading),
    }
