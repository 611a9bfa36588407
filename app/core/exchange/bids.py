"""BIDS: `events.tsv` with its JSON, HED tags (HED-SCORE) in the JSON, and a dataset description.

One pair of files per recording, and SzCORE's where a seizure is marked. A span of a *yes* is an event
of the type that is the feature's id and carries the HED tag; *no*, *not assessable* and unanswered
spans are of a separate type without a tag, so that no tool takes them for the feature. Seconds.
https://bids-specification.readthedocs.io (events), https://www.hedtags.org
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from app.core.errors import UserError
from app.core.exchange.bids_sidecar import COLUMNS, DATASET, KEY, build_sidecar
from app.core.exchange.bundle import Bundle, Imported, ReadRecording
from app.core.exchange.codec import NamedFile, Source
from app.core.exchange.collected_answers import CollectedAnswers
from app.core.exchange.foreign_events import is_foreign, read_foreign_events
from app.core.exchange.meaning import NOTHING_MAPPED, Meaning
from app.core.exchange.phrases import (
    confidence_kind_of,
    confidence_of,
    feature_named,
    laterality_of,
    neutralise_everywhere,
    parse_json,
    presence_of,
    reader_from_dict,
    reader_to_dict,
    recording_from_dict,
    restore_everywhere,
    seconds_of,
    shorten,
)
from app.core.exchange.szcore import is_seizures, read_seizures, seizure_files
from app.core.exchange.tsv import MISSING, parse_rows
from app.core.reading import ReaderIdentity, RecordingIdentity, person
from app.core.semiology import FEATURES, Answer, Presence, Span

_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", '"': "\\q", "\0": "\\0"}
"""Also of the quotation mark and of NUL, to which libraries for tables give a meaning that BIDS does not."""
_UNESCAPES = {escaped: letter for letter, escaped in _ESCAPES.items()} | {"\\&": ""}


class Bids:
    """BIDS events as a codec; `read` takes a `.tsv`, of answers or of a seizure; its JSON is next to it."""

    def write(self, bundle: Bundle, stem: str) -> tuple[NamedFile, ...]:
        entries = [entry for entry in bundle.recordings if entry.readings]
        width = max(3, len(str(len(entries))))
        subjects = [f"sub-{number:0{width}}" for number in range(1, len(entries) + 1)]
        people = "\n".join(("participant_id", *subjects)) + "\n"
        files = [
            NamedFile("dataset_description.json", _json(DATASET)),
            NamedFile("participants.tsv", people.encode()),
        ]
        for subject, entry in zip(subjects, entries, strict=True):
            name = f"{subject}_task-semiology_events"
            table, sidecar = events_of_entry(entry)
            files += (NamedFile(f"{name}.tsv", table), NamedFile(f"{name}.json", sidecar))
            files += seizure_files(entry, subject)
        return tuple(files)

    def read(self, source: Source, meaning: Meaning = NOTHING_MAPPED) -> Imported:
        if is_seizures(source):
            return read_seizures(source)
        if is_foreign(source):
            return read_foreign_events(source, meaning)
        recording, readers = _beside(source)
        collected = CollectedAnswers()
        for reader in readers.values():
            collected.reading(recording, reader)
        for number, row in parse_rows(source, COLUMNS[:-1]):  # earlier programs wrote no kind
            label = _text(row["reader"])
            reader = readers.setdefault(label, person(label))
            answer = _answer(row, f"Row {number} of “{source.name}”")
            collected.reading(recording, reader).add(answer, f"row {number}")
        return Imported(collected.bundle())


# writing


def events_of_entry(entry: ReadRecording) -> tuple[bytes, bytes]:
    """FoundTable and JSON of all readings of a recording."""
    labels = labels_of_readers(entry)
    sidecar = build_sidecar(entry.recording, _readers(entry, labels))
    return _table(entry, labels), _json(sidecar)


def labels_of_readers(entry: ReadRecording) -> list[str]:
    """The readers' names in the column `reader`, no two the same."""
    labels: list[str] = []
    for reading in entry.readings:
        name = reading.reader.name or "reader"
        label, number = name, 1
        while label in labels:
            number += 1
            label = f"{name} ({number})"
        labels.append(label)
    return labels


def _readers(entry: ReadRecording, labels: list[str]) -> dict[str, dict[str, Any]]:
    return {
        label: reader_to_dict(reading.reader) for label, reading in zip(labels, entry.readings, strict=True)
    }


def _table(entry: ReadRecording, labels: list[str]) -> bytes:
    rows = [row for label, reading in zip(labels, entry.readings, strict=True)
            for feature in FEATURES for row in _events(reading.answer(feature.id), label)]  # fmt: skip
    rows.sort(key=lambda row: row[0])
    lines = ["\t".join(COLUMNS), *("\t".join((repr(onset), *cells)) for onset, cells in rows)]
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _events(answer: Answer, label: str) -> Iterator[tuple[float, tuple[str, ...]]]:
    """Onset (s) and the other cells, one event per span; one without a duration when there is none."""
    if answer == Answer(answer.feature):
        return
    said = answer.presence.value if answer.presence else "unanswered"
    kind = answer.feature if answer.presence is Presence.YES else said
    for span in answer.evidence or (None,):
        yield (
            span.start if span else 0.0,
            (
                repr(span.end - span.start) if span else MISSING,
                kind,
                answer.feature,
                said,
                MISSING if answer.confidence is None else str(answer.confidence),
                answer.laterality.value if answer.laterality else MISSING,
                repr(span.end) if span else MISSING,
                _escaped(label),
                _escaped(answer.explanation),
                MISSING if answer.confidence is None else answer.confidence_kind.value,
            ),
        )


def _escaped(text: str) -> str:
    """Text as one cell: BIDS has no quotes, so tabs and line ends are written with a backslash."""
    if not text:
        return MISSING
    text = "".join(_ESCAPES.get(letter, letter) for letter in neutralise_everywhere(text, ",;"))
    return "\\&" + text if text == MISSING else text


def _json(data: Mapping[str, Any]) -> bytes:
    return (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "replace")


# reading


def _text(cell: str) -> str:
    if cell == MISSING:
        return ""
    text = re.sub(r"\\[\\tnrq0&]", lambda found: _UNESCAPES[found.group()], cell)
    return restore_everywhere(text, ",;")


def _beside(source: Source) -> tuple[RecordingIdentity, dict[str, ReaderIdentity]]:
    """Recording and readers, from the JSON beside the table."""
    name = re.sub(r"\.tsv$", "", source.name, flags=re.IGNORECASE) + ".json"
    content = source.beside(name)
    if content is None:
        raise UserError(f"“{name}” is not beside “{source.name}”, so its recording is not known.")
    data = parse_json(content.decode("utf-8", "replace"), f"“{name}”")
    own = data.get(KEY) if isinstance(data, dict) else None
    readers = own.get("readers") if isinstance(own, dict) else None
    if not isinstance(own, dict) or not isinstance(readers, dict):
        raise UserError(f"“{name}” does not say which recording it belongs to.")
    known = {label: reader_from_dict(reader, f"“{name}”") for label, reader in readers.items()}
    return recording_from_dict(own.get("recording"), f"“{name}”"), known


def _answer(row: dict[str, str], where: str) -> Answer:
    feature = feature_named(row["feature"])
    if feature is None:
        raise UserError(f"{where} is for “{shorten(row['feature'])}”, which is not one of the 20 features.")
    spans: tuple[Span, ...] = ()
    if row["duration"] != MISSING:
        start = seconds_of(row["onset"], where)
        end = start + seconds_of(row["duration"], where)
        exact = row["end"]
        if exact != MISSING:
            # onset + duration is off by a rounding; the end is written beside it and wins where it fits.
            written = seconds_of(exact, where)
            end = written if abs(written - end) < 1e-6 else end
        spans = (Span(start, max(start, end)),)
    return Answer(
        feature,
        presence_of("" if row["presence"] == MISSING else row["presence"], where),
        confidence_of("" if row["confidence"] == MISSING else row["confidence"], where),
        spans,
        laterality_of("" if row["laterality"] == MISSING else row["laterality"], where),
        _text(row["explanation"]),
        confidence_kind_of(kind if (kind := row.get(COLUMNS[-1], "")) != MISSING else "", where),
    )
