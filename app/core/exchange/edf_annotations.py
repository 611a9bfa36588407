"""EDF+ annotation files: marks and spans of a reading on the clock of the attached EEG, without a signal.

One file per recording and reader. Seconds count from the EEG's first sample, or from the recording's first
frame where no EEG is attached; the header is the anonymous one of the specification. The first annotations
hold recording, reader, sync and presences as JSON. https://www.edfplus.info/specs/edfplus.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from app.core.clock_sync import Sync
from app.core.errors import UserError
from app.core.exchange.bundle import Bundle, Imported, ReadingExtras, ReadRecording, answers_given
from app.core.exchange.codec import NamedFile, Source, safe_names, safe_stems
from app.core.exchange.fidelity import annotation_text, microseconds
from app.core.exchange.meaning import NOTHING_MAPPED, Meaning
from app.core.exchange.phrases import (
    PRESENCES,
    UNANSWERED,
    is_number,
    parse_json,
    reader_from_dict,
    reader_to_dict,
    recording_from_dict,
    recording_to_dict,
    shorten,
)
from app.core.reading import ReaderIdentity, Reading, RecordingIdentity
from app.core.semiology import FEATURE, FEATURES, Answer, Presence, Span
from app.core.study.marks import Mark, MarkKind, sort_marks

SUFFIX = "_annotations.edf"
_FORMAT = "semioscope-annotations/1"
_PIECE = 1500
"""Characters of the JSON in one annotation; readers cut longer ones."""

_MOST = 100_000
_NANOSECONDS = 1_000_000_000
_ROUNDING = 0.001
"""Seconds before the beginning that are a rounding of it."""
_SAME_CLOCK = Sync(0.0)
_HEAD = re.compile(r"Semioscope (\d{1,4})/(\d{1,4}) (.*)", re.DOTALL)
_KINDS = {MarkKind.ONSET: "Seizure onset", MarkKind.END: "Seizure end", MarkKind.PHASE: "Phase"}
_KIND_OF = {name: kind for kind, name in _KINDS.items()}


class EdfAnnotations:
    """EDF+ annotation files as a codec."""

    def write(self, bundle: Bundle, _stem: str) -> tuple[NamedFile, ...]:
        entries = [entry for entry in bundle.recordings if entry.readings]
        stems = safe_stems(entry.recording.name for entry in entries)
        return tuple(file for entry, stem in zip(entries, stems, strict=True) for file in _files(entry, stem))

    def read(self, source: Source, meaning: Meaning = NOTHING_MAPPED) -> Imported:
        written = list(_annotations(source))
        found = _FoundAnnotations(_head(written, source.name), meaning)
        for onset, duration, text in written:
            if not _HEAD.fullmatch(text):
                found.add(onset, duration, text)
        return found.imported()


# writing


def _files(entry: ReadRecording, stem: str) -> Iterator[NamedFile]:
    readers = safe_names((reading.reader.name for reading in entry.readings), "reader")
    width = len(str(len(readers)))
    for number, ((reading, beside), name) in enumerate(zip(entry.with_beside(), readers, strict=True), 1):
        content = annotation_file(reading, beside.marks, entry.eeg_clock)
        yield NamedFile(f"{stem}_{number:0{width}}_{name}{SUFFIX}", content)


def annotation_file(reading: Reading, marks: Sequence[Mark], clock: Sync | None) -> bytes:
    """The EDF+ file of a reading with its marks; `clock` is the EEG's, None for the recording's."""
    from app.core.eeg.edf_writing import WrittenAnnotation, edf_bytes

    notes = [WrittenAnnotation(0.0, None, text) for text in _pieces(_head_text(reading, clock))]
    sync = clock or _SAME_CLOCK
    for mark in marks:
        label = annotation_text(mark.label)
        text = f"{_KINDS[mark.kind]}: {label}" if label else _KINDS[mark.kind]
        notes.append(WrittenAnnotation(_eeg(mark.seconds, sync), None, text))
    for feature in FEATURES:
        answer = reading.answer(feature.id)
        for span in answer.evidence:
            start, end = _eeg(span.start, sync), _eeg(span.end, sync)
            notes.append(WrittenAnnotation(start, max(end - start, Fraction(0)), _text(answer, span)))
    return edf_bytes([], [], notes)


def _eeg(seconds: float, sync: Sync) -> Fraction:
    """A time on the EEG's clock to the nanosecond, from one on the recording's to the microsecond."""
    return Fraction(round(Fraction(sync.to_eeg(microseconds(seconds))) * _NANOSECONDS), _NANOSECONDS)


def _text(answer: Answer, span: Span) -> str:
    """What the annotation of one span says, with the side at that time."""
    side = answer.side_during(span)
    said = f", {side.value}" if side else ""
    return f"{FEATURE[answer.feature].name}: {_presence(answer)}{said}"


def _presence(answer: Answer) -> str:
    return answer.presence.value.replace("_", " ") if answer.presence else UNANSWERED


def _head_text(reading: Reading, clock: Sync | None) -> str:
    recording = reading.recording
    data = {
        "format": _FORMAT,
        "recording": recording_to_dict(recording),
        "reader": reader_to_dict(reading.reader),
        "sync": None if clock is None else {"offset": clock.offset, "drift": clock.drift},
        "presences": {
            feature: _presence(answer)
            for feature, answer in reading.answers.items()
            if answer != Answer(feature)
        },
    }
    # ASCII without blanks: nothing in it is changed by programs that tidy texts.
    return json.dumps(data, separators=(",", ":")).replace(" ", "\\u0020")


def _pieces(text: str) -> list[str]:
    parts = [text[at : at + _PIECE] for at in range(0, len(text), _PIECE)]
    return [f"Semioscope {number}/{len(parts)} {part}" for number, part in enumerate(parts, 1)]


# reading


@dataclass(frozen=True, slots=True)
class _Preamble:
    """What the file says of itself, and its presences as answers without spans."""

    recording: RecordingIdentity
    reader: ReaderIdentity
    sync: Sync
    answers: Mapping[str, Answer]

    def seconds(self, ns: int) -> float:
        """A time on the recording's clock; before its beginning below 0."""
        seconds = microseconds(self.sync.to_recording(ns / _NANOSECONDS))
        return 0.0 if -_ROUNDING <= seconds < 0 else seconds


@dataclass(slots=True)
class _FoundAnnotations:
    """The annotations of a file while they are read."""

    head: _Preamble
    meaning: Meaning
    spans: dict[str, list[Span]] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)
    unknown: dict[str, int] = field(default_factory=dict)
    before: int = 0

    def add(self, onset: int, duration: int | None, text: str) -> None:
        start = self.head.seconds(onset)
        feature = _feature(text, self.meaning)
        mark = None if start < 0 else _mark(text, start)
        if start < 0:
            self.before += 1
        elif mark is not None:
            self.marks.append(mark)
        elif feature is not None:
            end = max(self.head.seconds(onset + (duration or 0)), start)
            self.spans.setdefault(feature, []).append(Span(start, end))
        elif not self.meaning.is_left_out(text):
            self.unknown[text] = self.unknown.get(text, 0) + 1

    def imported(self) -> Imported:
        """Everything together."""
        answers = dict(self.head.answers)
        for feature, spans in self.spans.items():
            presence = answers.get(feature, Answer(feature, Presence.YES)).presence
            answers[feature] = Answer(feature, presence, evidence=tuple(spans))
        reading = Reading(self.head.recording, self.head.reader, answers_given(answers))
        entry = ReadRecording(
            self.head.recording,
            (reading,),
            beside=(ReadingExtras(marks=sort_marks(self.marks)),) if self.marks else (),
            fields=frozenset({"presence", "evidence"}),
        )
        return Imported(Bundle((entry,)), tuple(self._remarks()), tuple(self.unknown))

    def _remarks(self) -> Iterator[str]:
        if self.before:
            yield f"Annotations before the recording begins were left out: {self.before}."
        for text, count in self.unknown.items():
            yield (
                f"The annotation “{shorten(text)}” is neither a mark nor a feature and was left out: {count}."
            )


def _annotations(source: Source) -> Iterator[tuple[int, int | None, str]]:
    """Onset, duration (ns) and text of every annotation. Raises UserError."""
    from app.core.eeg.annotation_lists import read_lists
    from app.core.eeg.header import header_size, is_edf, parse_header
    from app.core.eeg.signal_fields import FIXED

    raw = source.content
    if len(raw) < FIXED or not is_edf(raw):
        raise UserError(f"“{source.name}” is not an EDF+ file.")
    size = header_size(raw[:FIXED], source.name)
    if size > len(raw):
        raise UserError(f"“{source.name}” ends within its header.")
    header = parse_header(raw[:size], len(raw), source.name)
    for record in range(header.records):
        for channel in header.annotation_channels:
            at = size + record * header.record_bytes + channel.offset
            for tal in read_lists(raw[at : at + channel.size], _MOST).tals:
                yield from ((tal.onset_ns, tal.duration_ns, text) for text in tal.texts)


def _head(written: Sequence[tuple[int, int | None, str]], name: str) -> _Preamble:
    """The JSON in the first annotations. Raises UserError where there is none."""
    found = [match for _, _, text in written if (match := _HEAD.fullmatch(text))]
    pieces = {int(match[1]): match[3] for match in found}
    if not found or sorted(pieces) != list(range(1, int(found[0][2]) + 1)):
        raise UserError(
            f"“{name}” does not say which recording it belongs to; annotations of an EEG are taken over "
            "where the EEG is attached."
        )
    data = parse_json("".join(pieces[number] for number in sorted(pieces)), f"“{name}”")
    if not isinstance(data, dict) or data.get("format") != _FORMAT:
        raise UserError(f"“{name}” is of another version.")
    reader = reader_from_dict(data.get("reader"), f"“{name}”")
    return _Preamble(
        recording_from_dict(data.get("recording"), f"“{name}”"),
        reader,
        _sync(data, name),
        _presences(data, name),
    )


def _sync(data: Mapping[str, Any], name: str) -> Sync:
    row = data.get("sync")
    if row is None:
        return _SAME_CLOCK
    if isinstance(row, dict) and is_number(row.get("offset")) and is_number(row.get("drift")):
        offset, drift = float(row["offset"]), float(row["drift"])
        if abs(offset) <= 1e9 and abs(drift) <= 0.01:
            return Sync(offset, drift)
    raise UserError(f"“{name}” has no valid clock.")


def _presences(data: Mapping[str, Any], name: str) -> dict[str, Answer]:
    row = data.get("presences")
    if not isinstance(row, dict):
        raise UserError(f"“{name}” has no answers.")
    found = {}
    for feature, word in row.items():
        if feature not in FEATURE or not isinstance(word, str) or word not in PRESENCES:
            raise UserError(f"“{name}” has an answer that is not known.")
        found[feature] = Answer(feature, PRESENCES[word])
    return found


def _mark(text: str, seconds: float) -> Mark | None:
    name, _, label = text.partition(": ")
    kind = _KIND_OF.get(name)
    return None if kind is None else Mark(kind, seconds, label)


def _feature(text: str, meaning: Meaning) -> str | None:
    return meaning.feature_named(text.rpartition(": ")[0] or text) or meaning.feature_named(text)
