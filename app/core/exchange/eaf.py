"""ELAN 3.0: one `.eaf` per recording, one tier per reader and feature, presence as controlled vocabulary.

A feature that is answered without a span is one annotation over the whole recording, whose word says
that it has no span. What ELAN has no place for is kept in the header's properties, which ELAN keeps too.
Schema: http://www.mpi.nl/tools/elan/EAFv3.0.xsd
"""

from __future__ import annotations

import json
import mimetypes
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from app.core.exchange import side_notes
from app.core.exchange.bundle import Bundle, Imported, ReadRecording
from app.core.exchange.codec import NamedFile, Source, safe_stems
from app.core.exchange.eaf_reading import NOTES, READERS, RECORDING, read_document
from app.core.exchange.eaf_vocabulary import WORD_OF_PRESENCE, build_vocabulary
from app.core.exchange.fidelity import joined_milliseconds, milliseconds, xml_text
from app.core.exchange.meaning import NOTHING_MAPPED, Meaning
from app.core.exchange.phrases import reader_to_dict, recording_to_dict
from app.core.reading import Reading
from app.core.semiology import FEATURES, Answer

_TYPE = "semiology"
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

    def read(self, source: Source, meaning: Meaning = NOTHING_MAPPED) -> Imported:
        return read_document(source, meaning)


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
    recording = recording_to_dict(entry.recording)
    readers = {
        label: reader_to_dict(reading.reader) for label, reading in zip(labels, entry.readings, strict=True)
    }
    _property(header, RECORDING, json.dumps(recording))
    _property(header, READERS, json.dumps(readers))
    for label, reading in zip(labels, entry.readings, strict=True):
        if text := side_notes.to_text(reading):
            _property(header, NOTES + label, text)


def _property(header: ET.Element, name: str, text: str) -> None:
    ET.SubElement(header, "PROPERTY", {"NAME": name}).text = text


def _tier(root: ET.Element, slots: _Slots, label: str, answer: Answer, whole: int) -> None:
    tier = ET.SubElement(
        root,
        "TIER",
        {
            "TIER_ID": f"{label} / {answer.feature}",
            "LINGUISTIC_TYPE_REF": _TYPE,
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
