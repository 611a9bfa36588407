"""SzCORE: the seizure that a reader marked, as an `events.tsv` that seizure-detection tools score against.

One file per recording and reader who marked both onset and end; without both there is none, because
neither “no seizure” nor “until the end” was said. Seconds. https://eslweb.epfl.ch/szcore
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from app.core.errors import UserError
from app.core.exchange.bundle import Bundle, Imported, ReadingExtras, ReadRecording
from app.core.exchange.codec import NamedFile, Source
from app.core.exchange.fidelity import seizure_of
from app.core.exchange.hed import HED_VERSION
from app.core.exchange.phrases import (
    is_number,
    parse_json,
    reader_from_dict,
    reader_to_dict,
    recording_from_dict,
    recording_to_dict,
    seconds_of,
)
from app.core.exchange.tsv import MISSING, first_titles, parse_rows
from app.core.reading import ReaderIdentity, Reading, RecordingIdentity, person
from app.core.semiology import LATEST
from app.core.study.marks import Mark, MarkKind

COLUMNS = ("onset", "duration", "eventType", "confidence", "channels", "dateTime", "recordingDuration")
_NEEDED = ("onset", "duration", "eventType")
_KEY = "Semioscope"
_SEIZURE, _BACKGROUND = "sz", "bckg"


# writing


def seizure_files(entry: ReadRecording, subject: str) -> Iterator[NamedFile]:
    """FoundTable and JSON of each reader's seizure in a recording; `subject` is its BIDS label."""
    run = 0
    for reading, beside in entry.with_beside():
        marks = seizure_of(beside).marks
        if not marks:
            continue
        run += 1
        onset, end = (mark.seconds for mark in marks)
        name = f"{subject}_task-szMonitoring_run-{run:02}_events"
        cells = (repr(onset), repr(end - onset), _SEIZURE, *("n/a",) * 3, repr(entry.recording.duration))
        table = "\t".join(COLUMNS) + "\n" + "\t".join(cells) + "\n"
        yield NamedFile(f"{name}.tsv", table.encode())
        yield NamedFile(f"{name}.json", _sidecar(entry.recording, reading.reader, end))


def _sidecar(recording: RecordingIdentity, reader: ReaderIdentity, end: float) -> bytes:
    data = {
        "onset": {"Description": "Begin of the seizure, from the recording's first frame", "Units": "s"},
        "duration": {"Description": "Length of the seizure", "Units": "s"},
        "eventType": {
            "Description": "Type of event after SzCORE; its HED tag is of " + HED_VERSION,
            "Levels": {"sz": "Seizure; its type was not said"},
            "HED": {"sz": "Episode"},
        },
        "recordingDuration": {"Description": "Length of the recording", "Units": "s"},
        _KEY: {
            "format": "semioscope-seizure/1",
            "recording": recording_to_dict(recording),
            "reader": reader_to_dict(reader),
            # onset + duration is off by a rounding
            "end": end,
        },
    }
    return (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "replace")


# reading


def is_seizures(source: Source) -> bool:
    """Whether the table is one of SzCORE's."""
    header = b"\t".join(first_titles(source.content))
    return b"eventType" in header and b"trial_type" not in header


def read_seizures(source: Source) -> Imported:
    """Onset and end of the seizure of an `events.tsv`, of this program or of another. Raises UserError.

    Of another program's the recording is known by the file's name, and nobody says who marked it.
    """
    recording, reader, exact = _beside(source)
    spans = []
    for number, row in parse_rows(source, _NEEDED):
        where = f"Row {number} of “{source.name}”"
        recording = _with_length(recording, row, where)
        kind = row["eventType"].strip()
        if kind == _BACKGROUND:
            continue
        if not kind.startswith(_SEIZURE):
            raise UserError(f"{where} is of the type “{kind[:40]}”, which is not one of SzCORE's.")
        onset = seconds_of(row["onset"], where)
        end = onset + seconds_of(row["duration"], where)
        spans.append((onset, exact if exact is not None and abs(exact - end) < 1e-6 else end))
    remarks: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    if len(spans) == 1:
        onset, end = spans[0]
        marks = (Mark(MarkKind.ONSET, onset), Mark(MarkKind.END, max(onset, end)))
    elif spans:
        remarks = (f"It has {len(spans)} seizures, and a recording is of one; they were left out.",)
    reading = Reading(recording, reader, {})
    beside = (ReadingExtras(marks=marks),) if marks else ()
    entry = ReadRecording(recording, (reading,), beside=beside)
    return Imported(Bundle((entry,)), remarks)


def _beside(source: Source) -> tuple[RecordingIdentity, ReaderIdentity, float | None]:
    """Recording, reader and exact end, from the JSON beside the table if this program wrote it."""
    stem = re.sub(r"\.tsv$", "", source.name, flags=re.IGNORECASE)
    content = source.beside(f"{stem}.json")
    data = parse_json(content.decode("utf-8", "replace"), f"“{stem}.json”") if content else {}
    own = data.get(_KEY) if isinstance(data, Mapping) else None
    if not isinstance(own, Mapping):
        return RecordingIdentity(stem.removesuffix("_events"), "", 0.0), person(""), None
    recording, end = recording_from_dict(own.get("recording"), f"“{stem}.json”"), own.get("end")
    exact = float(end) if is_number(end) and 0 <= end <= LATEST else None
    return recording, reader_from_dict(own.get("reader"), f"“{stem}.json”"), exact


def _with_length(recording: RecordingIdentity, row: Mapping[str, str], where: str) -> RecordingIdentity:
    """The recording with the length on whose clock the events are, where the table says it."""
    length = row.get("recordingDuration", MISSING).strip()
    if recording.duration or length in ("", MISSING):
        return recording
    return replace(recording, duration=seconds_of(length, where))
