"""ELAN 3.0: one `.eaf` per recording, one tier per reader and feature, presence as controlled vocabulary.

A feature that is answered without a span is one annotation over the whole recording, whose word says
that it has no span. What ELAN has no place for is kept in the header's properties, which ELAN keeps too.
Schema: http://www.mpi.nl/tools/elan/EAFv3.0.xsd
"""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from xml.etree import ElementTree as ET

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from app.core.errors import UserError
from app.core.exchange import side_notes
from app.core.exchange.bundle import Bundle, CollectedAnswers, Imported, ReadRecording
from app.core.exchange.codec import NamedFile, Source, safe_stems
from app.core.exchange.eaf_vocabulary import PRESENCE_OF_WORD, WORD_OF_PRESENCE, build_vocabulary
from app.core.exchange.fidelity import in_seconds, joined_milliseconds, milliseconds, xml_text
from app.core.exchange.phrases import (
    feature_named,
    parse_json,
    reader_from_dict,
    reader_to_dict,
    shorten,
)
from app.core.reading import ReaderIdentity, Reading, RecordingIdentity, person
from app.core.semiology import FEATURES, Answer

_TYPE = "semiology"
_RECORDING, _READERS, _NOTES = "semioscope:recording", "semioscope:readers", "semioscope:notes:"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_SCHEMA = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"


class Eaf:
    """ELAN files as a codec."""

    def write(self, bundle: Bundle, stem: str) -> tuple[NamedFile, ...]:
        entries = [entry for entry in bundle.recordings if entry.readings]
        stems = safe_stems(entry.recording.name for entry in entries)
        return tuple(
            NamedFile(f"{name}.eaf", _document(entry)) for name, entry in zip(stems, entries, strict=True)
        )

    def read(self, source: Source) -> Imported:
        return _ElanDocument.parsed(source).imported()


# writing


def _document(entry: ReadRecording) -> bytes:
    root = ET.Element(
        "ANNOTATION_DOCUMENT",
        {
            "AUTHOR": "Semioscope",
            "DATE": "2000-01-01T00:00:00+00:00",  # the same readings are the same file
            "FORMAT": "3.0",
            "VERSION": "3.0",
            "xmlns:xsi": _XSI,
            "xsi:noNamespaceSchemaLocation": _SCHEMA,
        },
    )
    labels = _labels(entry.readings)
    _header(root, entry, labels)
    slots = _Slots(ET.SubElement(root, "TIME_ORDER"))
    whole = max(milliseconds(entry.recording.duration), 1)
    for label, reading in zip(labels, entry.readings, strict=True):
        for feature in FEATURES:
            _tier(root, slots, label, reading.answer(feature.id), whole)
    ET.SubElement(
        root,
        "LINGUISTIC_TYPE",
        {
            "LINGUISTIC_TYPE_ID": _TYPE,
            "TIME_ALIGNABLE": "true",
            "GRAPHIC_REFERENCES": "false",
            "CONTROLLED_VOCABULARY_REF": "presence",
        },
    )
    ET.SubElement(
        root,
        "LANGUAGE",
        {
            "LANG_ID": "eng",
            "LANG_DEF": "http://cdb.iso.org/lg/CDB-00138502-001",
            "LANG_LABEL": "English (eng)",
        },
    )
    root.append(build_vocabulary())
    slots.write()
    ET.indent(root)
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def _labels(readings: tuple[Reading, ...]) -> list[str]:
    """A unique name for each reader of the file."""
    labels: list[str] = []
    for reading in readings:
        name = xml_text(reading.reader.name).replace("\n", " ").replace("\t", " ").strip() or "reader"
        label, number = name, 1
        while label in labels:
            number += 1
            label = f"{name} ({number})"
        labels.append(label)
    return labels


def _header(root: ET.Element, entry: ReadRecording, labels: list[str]) -> None:
    header = ET.SubElement(root, "HEADER", {"MEDIA_FILE": "", "TIME_UNITS": "milliseconds"})
    name = xml_text(entry.recording.name)
    mime = mimetypes.guess_type(name)[0] or "video/*"
    ET.SubElement(
        header,
        "MEDIA_DESCRIPTOR",
        {"MEDIA_URL": f"./{name}", "MIME_TYPE": mime, "RELATIVE_MEDIA_URL": f"./{name}"},
    )
    recording = {
        "name": entry.recording.name,
        "sha256": entry.recording.sha256,
        "duration": entry.recording.duration,
    }
    readers = {
        label: reader_to_dict(reading.reader) for label, reading in zip(labels, entry.readings, strict=True)
    }
    _property(header, _RECORDING, json.dumps(recording))
    _property(header, _READERS, json.dumps(readers))
    for label, reading in zip(labels, entry.readings, strict=True):
        if text := side_notes.to_text(reading):
            _property(header, _NOTES + label, text)


def _property(header: ET.Element, name: str, text: str) -> None:
    ET.SubElement(header, "PROPERTY", {"NAME": name}).text = text


def _tier(root: ET.Element, slots: _Slots, label: str, answer: Answer, whole: int) -> None:
    tier = ET.SubElement(
        root,
        "TIER",
        {
            "TIER_ID": f"{label} / {answer.feature}",
            "LINGUISTIC_TYPE_REF": _TYPE,
            "PARTICIPANT": label,
            "ANNOTATOR": label,
        },
    )
    spans = joined_milliseconds(answer.evidence, least=1)
    if not spans and answer.presence is None:
        return
    word = WORD_OF_PRESENCE[answer.presence, bool(spans)]
    for start, end in spans or ((0, whole),):
        annotation = ET.SubElement(ET.SubElement(tier, "ANNOTATION"), "ALIGNABLE_ANNOTATION")
        annotation.set("ANNOTATION_ID", slots.annotation())
        annotation.set("TIME_SLOT_REF1", slots.at(start))
        annotation.set("TIME_SLOT_REF2", slots.at(end))
        annotation.set("CVE_REF", word)
        ET.SubElement(annotation, "ANNOTATION_VALUE").text = word


@dataclass(slots=True)
class _Slots:
    """The time slots of a document: each annotation has its own two, written in order of time."""

    order: ET.Element
    times: list[int] = field(default_factory=list)
    annotations: int = 0

    def at(self, time: int) -> str:
        self.times.append(time)
        return f"ts{len(self.times)}"

    def annotation(self) -> str:
        self.annotations += 1
        return f"a{self.annotations}"

    def write(self) -> None:
        for number, time in sorted(enumerate(self.times, 1), key=lambda slot: slot[1]):
            ET.SubElement(self.order, "TIME_SLOT", {"TIME_SLOT_ID": f"ts{number}", "TIME_VALUE": str(time)})


# reading


@dataclass(frozen=True, slots=True)
class _ElanDocument:
    """A parsed file; `properties` are those of its header."""

    name: str
    root: ET.Element
    properties: dict[str, str]
    slots: dict[str, int | None]

    @classmethod
    def parsed(cls, source: Source) -> _ElanDocument:
        root = _safe_root(source)
        properties = {str(found.get("NAME")): found.text or "" for found in root.iterfind("HEADER/PROPERTY")}
        slots = {
            str(slot.get("TIME_SLOT_ID")): _time(slot.get("TIME_VALUE"), source.name)
            for slot in root.iterfind("TIME_ORDER/TIME_SLOT")
        }
        return cls(source.name, root, properties, slots)

    def imported(self) -> Imported:
        gathering = CollectedAnswers()
        remarks: list[str] = []
        recording = self._recording()
        readers = self._readers()
        for label, reader in readers.items():
            notes = side_notes.from_text(self.properties.get(_NOTES + label, ""), f"“{self.name}”")
            gathering.reading(recording, reader).update(notes)
        for tier in self.root.iterfind("TIER"):
            title = tier.get("TIER_ID") or ""
            feature = feature_named(title.rpartition("/")[2])
            if feature is None:
                remarks.append(
                    f"The tier “{shorten(title)}” is for none of the 20 features and was left out."
                )
                continue
            label = tier.get("PARTICIPANT") or tier.get("ANNOTATOR") or title.rpartition("/")[0].strip()
            reader = readers.setdefault(label, person(label))
            answers = gathering.reading(recording, reader)
            answers[feature] = self._answer(tier, answers.get(feature, Answer(feature)), title)
        fields = {"presence", "evidence"}
        if _READERS in self.properties:
            fields |= {"confidence", "laterality", "explanation"}
        return Imported(gathering.bundle(), frozenset(fields), tuple(remarks))

    def _recording(self) -> RecordingIdentity:
        if _RECORDING in self.properties:
            data = parse_json(self.properties[_RECORDING], f"“{self.name}”")
            if isinstance(data, dict):
                name, sha256, duration = (data.get(key) for key in ("name", "sha256", "duration"))
                if isinstance(name, str) and isinstance(sha256, str) and isinstance(duration, int | float):
                    return RecordingIdentity(name, sha256, float(duration))
            raise UserError(f"“{self.name}” does not say which recording it belongs to.")
        media = self.root.find("HEADER/MEDIA_DESCRIPTOR")
        url = "" if media is None else media.get("RELATIVE_MEDIA_URL") or media.get("MEDIA_URL") or ""
        name = url.replace("\\", "/").rpartition("/")[2]
        if not name:
            raise UserError(f"“{self.name}” does not say which recording it belongs to.")
        return RecordingIdentity(name, "", 0.0)

    def _readers(self) -> dict[str, ReaderIdentity]:
        data = parse_json(self.properties.get(_READERS) or "{}", f"“{self.name}”")
        if not isinstance(data, dict):
            raise UserError(f"“{self.name}” names its readers in a way that is not known.")
        return {label: reader_from_dict(reader, f"“{self.name}”") for label, reader in data.items()}

    def _answer(self, tier: ET.Element, notes: Answer, title: str) -> Answer:
        presences, spans = set(), []
        for start, end, word in self._annotations(tier, title):
            if word not in PRESENCE_OF_WORD:
                raise UserError(f"The tier “{shorten(title)}” says “{shorten(word)}”, which is no presence.")
            presence, has_span = PRESENCE_OF_WORD[word]
            presences.add(presence)
            if has_span:
                spans.append((start, end))
        if len(presences) > 1:
            raise UserError(f"The tier “{shorten(title)}” says more than one thing of its feature.")
        return replace(notes, presence=next(iter(presences), None), evidence=in_seconds(tuple(sorted(spans))))

    def _annotations(self, tier: ET.Element, title: str) -> Iterator[tuple[int, int, str]]:
        for annotation in tier.iterfind("ANNOTATION/ALIGNABLE_ANNOTATION"):
            start = self.slots.get(annotation.get("TIME_SLOT_REF1") or "")
            end = self.slots.get(annotation.get("TIME_SLOT_REF2") or "")
            if start is None or end is None or end < start:
                raise UserError(f"The tier “{shorten(title)}” has an annotation without a time.")
            yield start, end, (annotation.findtext("ANNOTATION_VALUE") or "").strip().lower()


def _safe_root(source: Source) -> ET.Element:
    """The parsed file; entities and document types are refused, so that nothing outside is read."""
    try:
        root: ET.Element = fromstring(source.content, forbid_dtd=True)
    except (ET.ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise UserError(f"“{source.name}” is not an ELAN file that can be read.") from error
    if root.tag != "ANNOTATION_DOCUMENT":
        raise UserError(f"“{source.name}” is not an ELAN file.")
    return root


def _time(text: str | None, file: str) -> int | None:
    """The time of a slot in milliseconds; None for a slot that ELAN has not aligned."""
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise UserError(f"“{shorten(file)}” has an invalid time.")
    return int(text)
