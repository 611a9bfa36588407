"""Everything as JSON: the format `semioscope-study/1`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from app.core.errors import UserError
from app.core.exchange.bundle import (
    ALL_ANSWER_FIELDS,
    Bundle,
    ExchangedRating,
    Imported,
    ReadingExtras,
    ReadRecording,
)
from app.core.exchange.codec import NamedFile, Source
from app.core.exchange.meaning import NOTHING_MAPPED, Meaning
from app.core.exchange.phrases import parse_json, reader_from_dict, reader_to_dict
from app.core.exchange.text_file import utf8_text
from app.core.reading import FORMAT as READING_FORMAT
from app.core.reading import ReaderKind, Reading, RecordingIdentity, from_dict, to_dict
from app.core.semiology import FEATURE
from app.core.study.marks import Mark, MarkKind, sort_marks
from app.core.study.rating import Rating, sheet_from_dict, sheet_to_dict

FORMAT = "semioscope-study/1"


class StudyJson:
    """Recordings, all readings and the history."""

    def write(self, bundle: Bundle, stem: str) -> tuple[NamedFile, ...]:
        data = {
            "format": FORMAT,
            "recordings": [
                {
                    "name": entry.recording.name,
                    "sha256": entry.recording.sha256,
                    "duration": entry.recording.duration,
                    "fingerprint": entry.fingerprint,
                    **({"joined_labels": list(entry.other_names)} if entry.other_names else {}),
                    "readings": [
                        to_dict(one) | _beside_to_dict(beside) for one, beside in entry.with_beside()
                    ],
                }
                for entry in bundle.recordings
            ],
            "history": [dict(row) for row in bundle.history],
        }
        text = json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        return (NamedFile(f"{stem}.json", text.encode("utf-8", "replace")),)

    def read(self, source: Source, meaning: Meaning = NOTHING_MAPPED) -> Imported:
        """A study, or one reading as `semioscope analyze --json` writes it; all names in them are ours."""
        data = parse_json(utf8_text(source), f"“{source.name}”")
        if isinstance(data, dict) and data.get("format") == READING_FORMAT:
            reading = _reading(data)
            return Imported(Bundle((ReadRecording(reading.recording, (reading,), fields=ALL_ANSWER_FIELDS),)))
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise UserError(f"“{source.name}” is not a study of the format {FORMAT}.")
        recordings, history = data.get("recordings"), data.get("history", [])
        if not isinstance(recordings, list) or not _all_mappings(recordings) or not _all_mappings(history):
            raise UserError(f"“{source.name}” has no list of recordings, or a malformed one.")
        entries = tuple(_entry(entry, source.name) for entry in recordings)
        changed = sum(map(_count_changed, (one for entry in recordings for one in entry["readings"])))
        return Imported(Bundle(entries, tuple(history)), changed=changed)


def _entry(data: Mapping[str, Any], file: str) -> ReadRecording:
    readings = data.get("readings")
    if not isinstance(readings, list):
        raise UserError(f"“{file}” has a recording without a list of readings.")
    empty = {"format": "semioscope-reading/1", "reader": {"kind": "person", "name": "", "version": ""}}
    # A recording is as strict as that of a reading.
    identity: RecordingIdentity = from_dict(empty | {"recording": data, "answers": []}).recording
    beside = tuple(_beside(reading, file) for reading in readings)
    return ReadRecording(
        identity,
        tuple(_reading(reading) for reading in readings),
        _fingerprint(data),
        beside if any(each != ReadingExtras() for each in beside) else (),
        fields=ALL_ANSWER_FIELDS,
        other_names=_joined_labels(data, file),
    )


def _count_changed(reading: Mapping[str, Any]) -> int:
    """How many answers were changed after unblinding; what was locked is not in the file."""
    found = reading.get("changed_after_unblinding", [])
    return len({one for one in found if one in FEATURE}) if isinstance(found, list) else 0


def _joined_labels(data: Mapping[str, Any], file: str) -> tuple[str, ...]:
    names = data.get("joined_labels", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise UserError(f"“{file}” has malformed names of labels that were joined.")
    return tuple(names)


def _beside_to_dict(beside: ReadingExtras) -> dict[str, Any]:
    """Notes, marks, ratings and changes after unblinding as further keys of a reading; none where there is
    nothing."""
    found = {
        "notes": dict(beside.notes),
        "marks": [
            {"kind": mark.kind.value, "seconds": mark.seconds, "label": mark.label} for mark in beside.marks
        ],
        "ratings": [
            {
                "feature": rated.feature,
                "rater": reader_to_dict(rated.rater),
                "score": rated.rating.score,
                "note": rated.rating.note,
                "explanation": rated.explanation,
                **({"sheet": sheet_to_dict(sheet)} if (sheet := rated.rating.sheet) else {}),
            }
            for rated in beside.ratings
        ],
        "changed_after_unblinding": list(beside.changed),
    }
    return {key: value for key, value in found.items() if value}


def _beside(data: object, file: str) -> ReadingExtras:
    if not isinstance(data, Mapping):
        return ReadingExtras()  # that it is not a reading is said elsewhere
    notes, marks = data.get("notes", {}), data.get("marks", [])
    try:
        if not isinstance(notes, Mapping) or not notes.keys() <= FEATURE.keys():
            raise TypeError
        "".join(notes.values()).encode()
        found = tuple(Mark(MarkKind(row["kind"]), float(row["seconds"]), row["label"]) for row in marks)
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError) as error:
        raise UserError(f"“{file}” has malformed notes or marks.") from error
    kept = {feature: note for feature, note in notes.items() if note}
    return ReadingExtras(kept, sort_marks(found), _ratings(data.get("ratings", []), file))


def _ratings(data: object, file: str) -> tuple[ExchangedRating, ...]:
    """The ratings of a file. Raises UserError for an invalid score, and for an invalid or repeated rater."""
    found: dict[tuple[str, str], ExchangedRating] = {}
    try:
        if not isinstance(data, list):
            raise TypeError
        for row in data:
            rater = reader_from_dict(row["rater"], f"“{file}”")
            score, note, explanation = row["score"], row["note"], row["explanation"]
            sheet = sheet_from_dict(row.get("sheet", {}))
            if rater.kind is not ReaderKind.PERSON or row["feature"] not in FEATURE or type(score) is not int:
                raise ValueError
            f"{note}{explanation}".encode()
            if not (isinstance(note, str) and isinstance(explanation, str)):
                raise TypeError
            rated = ExchangedRating(row["feature"], rater, Rating(score, note, sheet), explanation)
            if found.setdefault((rated.feature, rater.name), rated) is not rated:
                raise ValueError
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise UserError(f"“{file}” has malformed ratings.") from error
    return tuple(found.values())


def _reading(data: object) -> Reading:
    reading = from_dict(data)
    given = {
        feature: answer for feature, answer in reading.answers.items() if answer != type(answer)(feature)
    }
    return Reading(reading.recording, reading.reader, given)


def _fingerprint(data: Mapping[str, Any]) -> str:
    fingerprint = data.get("fingerprint", "")
    return fingerprint if isinstance(fingerprint, str) else ""


def _all_mappings(values: object) -> bool:
    return isinstance(values, list) and all(isinstance(value, Mapping) for value in values)
