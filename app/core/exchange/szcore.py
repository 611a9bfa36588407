"""SzCORE: the seizure that a reader marked, as an `events.tsv` that seizure-detection tools score against.

One file per recording and reader who marked both onset and end; without both there is none, because
neither “no seizure” nor “until the end” was said. Seconds. https://eslweb.epfl.ch/szcore
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from app.core.exchange.bundle import ReadRecording
from app.core.exchange.format import NamedFile
from app.core.exchange.hed import HED_VERSION
from app.core.exchange.words import reader_to_dict
from app.core.reading import ReaderIdentity
from app.core.study.marks import MarkKind, moment

COLUMNS = ("onset", "duration", "eventType", "confidence", "channels", "dateTime", "recordingDuration")


def seizures(entry: ReadRecording, subject: str) -> Iterator[NamedFile]:
    """Table and JSON of each reader's seizure in a recording; `subject` is its BIDS label."""
    run = 0
    for reading, beside in entry.with_beside():
        onset, end = moment(beside.marks, MarkKind.ONSET), moment(beside.marks, MarkKind.END)
        if onset is None or end is None or end < onset:
            continue
        run += 1
        name = f"{subject}_task-szMonitoring_run-{run:02}_events"
        cells = (repr(onset), repr(end - onset), "sz", "n/a", "n/a", "n/a", repr(entry.recording.duration))
        table = "\t".join(COLUMNS) + "\n" + "\t".join(cells) + "\n"
        yield NamedFile(f"{name}.tsv", table.encode())
        yield NamedFile(f"{name}.json", _sidecar(reading.reader))


def _sidecar(reader: ReaderIdentity) -> bytes:
    data = {
        "onset": {"Description": "Begin of the seizure, from the recording's first frame", "Units": "s"},
        "duration": {"Description": "Length of the seizure", "Units": "s"},
        "eventType": {
            "Description": "Type of event after SzCORE; its HED tag is of " + HED_VERSION,
            "Levels": {"sz": "Seizure; its type was not said"},
            "HED": {"sz": "Episode"},
        },
        "recordingDuration": {"Description": "Length of the recording", "Units": "s"},
        "Semioscope": {"format": "semioscope-seizure/1", "reader": reader_to_dict(reader)},
    }
    return (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "replace")
