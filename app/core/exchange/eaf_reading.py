"""ELAN files read: of this program, and as people make them in ELAN.

A tier is a feature by the last part of its name, or by a mapping. Who reads is the tier's annotator; the
participant is who is filmed. A tier that cannot be understood is left out and named, the others are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from app.core.errors import UserError
from app.core.exchange import side_notes
from app.core.exchange.bundle import Imported
from app.core.exchange.codec import Source
from app.core.exchange.collected_answers import CollectedAnswers
from app.core.exchange.eaf_times import (
    Stretch,
    TimedAnnotation,
    milliseconds_of_unit,
    slot_times,
    timed_annotations,
)
from app.core.exchange.eaf_vocabulary import PRESENCE_OF_WORD
from app.core.exchange.meaning import Meaning
from app.core.exchange.phrases import (
    PRESENCES,
    bare,
    parse_json,
    reader_from_dict,
    recording_from_dict,
    shorten,
)
from app.core.reading import ReaderIdentity, RecordingIdentity, person
from app.core.semiology import LATEST, Answer, Presence, Span

RECORDING, READERS, NOTES = "semioscope:recording", "semioscope:readers", "semioscope:notes:"
"""Properties of the header in which this program keeps what ELAN has no place for."""

_BODY = re.compile(
    r"\b(left|right|both|upper|lower|arms?|legs?|hands?|foot|feet|face|head|eyes?|mouth|trunk|body|limbs?)\b",
    re.IGNORECASE,
)


def read_document(source: Source, meaning: Meaning) -> Imported:
    """What the tiers of a file say. Raises UserError when nothing of it can be understood."""
    root = _safe_root(source)
    properties = {str(found.get("NAME")): found.text or "" for found in root.iterfind("HEADER/PROPERTY")}
    own = READERS in properties
    media = _media(root, source.name, properties)
    unit = milliseconds_of_unit(root, source.name)
    words = timed_annotations(root, slot_times(root, source.name, unit, media.origin))
    fields = {"presence", "evidence"} | ({"confidence", "laterality", "explanation"} if own else set())
    reading = _DocumentReading(
        source.name, properties, media.recording, meaning, CollectedAnswers(frozenset(fields))
    )
    if media.other_names:
        reading.collected.add_names(media.recording, media.other_names)
    return reading.imported(root, words)


@dataclass(slots=True)
class _DocumentReading:
    """A file while its tiers are read; `properties` are those of its header."""

    name: str
    properties: Mapping[str, str]
    recording: RecordingIdentity
    meaning: Meaning
    collected: CollectedAnswers
    remarks: list[str] = field(default_factory=list)
    unknown: dict[str, None] = field(default_factory=dict)

    def imported(self, root: ET.Element, words: Sequence[Sequence[TimedAnnotation]]) -> Imported:
        readers = self._readers()
        notes = {label: self._notes(label) for label in readers}
        for label, reader in readers.items():
            for answer in notes[label].values():
                self.collected.reading(self.recording, reader).add(answer, "the notes in the header")
            self.collected.reading(self.recording, reader)
        for tier, said_there in zip(root.iterfind("TIER"), words, strict=True):
            title = tier.get("TIER_ID") or ""
            feature = self._feature(title)
            if feature is not None:
                label = self._label(tier, title, readers)
                said = self.collected.reading(self.recording, readers.get(label) or person(label))
                for answer in self._answers(feature, title, said_there):
                    said.add(answer, f"the tier “{shorten(title)}”")
        return Imported(self.collected.bundle(), tuple(self.remarks), tuple(self.unknown))

    def _feature(self, title: str) -> str | None:
        """The feature that a tier is for; any other tier is listed."""
        name = title.rpartition("/")[2].strip()
        feature = self.meaning.feature_named(title) or self.meaning.feature_named(name)
        if feature is None and not (self.meaning.is_left_out(title) or self.meaning.is_left_out(name)):
            self.unknown.setdefault(title)
            self.remarks.append(
                f"The tier “{shorten(title)}” is for none of the 20 features and was left out."
            )
        return feature

    def _label(self, tier: ET.Element, title: str, readers: Mapping[str, ReaderIdentity]) -> str:
        """Who reads: the annotator, else the first part of the tier's name if it is no part of the body."""
        annotator = (tier.get("ANNOTATOR") or "").strip()
        first = title.rpartition("/")[0].strip()
        if annotator in readers or (annotator and first not in readers):
            return annotator
        return first if first in readers or not _BODY.search(first) else ""

    def _answers(self, feature: str, title: str, words: Sequence[TimedAnnotation]) -> Iterator[Answer]:
        where = f"The tier “{shorten(title)}”"
        found: dict[Presence | None, list[Span]] = {}
        for one in words:
            meant = PRESENCE_OF_WORD.get(one.word.lower()) or _foreign(one.word)
            if meant is None:
                says = f"says “{shorten(one.word)}”, which is not a presence" if one.word else "has no word"
                self.remarks.append(f"{where} {says}{_at(one)}; that annotation was left out.")
                continue
            presence, has_span = meant
            if not has_span:
                found.setdefault(presence, [])
            elif one.stretch is None:
                self.remarks.append(f"{where} has an annotation without a time; it was left out.")
            elif (span := _span(one.stretch)) is None:
                self.remarks.append(
                    f"{where} has an annotation{_at(one)}, before the recording begins or far beyond its "
                    "end; it was left out."
                )
            else:
                found.setdefault(presence, []).append(span)
        for presence, spans in found.items():
            yield Answer(feature, presence, evidence=tuple(spans))

    def _readers(self) -> dict[str, ReaderIdentity]:
        where = f"“{self.name}”"
        data = parse_json(self.properties.get(READERS) or "{}", where)
        if not isinstance(data, dict):
            raise UserError(f"{where} names its readers in a way that is not known.")
        return {label: reader_from_dict(reader, where) for label, reader in data.items()}

    def _notes(self, label: str) -> dict[str, Answer]:
        return side_notes.from_text(self.properties.get(NOTES + label, ""), f"“{self.name}”")


def _span(stretch: Stretch) -> Span | None:
    """The span of a stretch in milliseconds; None where no recording has such a time."""
    start, end = (round(time) / 1000 for time in stretch)
    return Span(start, end) if start >= 0 and end <= LATEST else None


def _at(one: TimedAnnotation) -> str:
    return "" if one.stretch is None else f" at {one.stretch[0] / 1000:.1f} s"


def _foreign(word: str) -> tuple[Presence, bool] | None:
    """The presence that a word of another vocabulary means, with its time."""
    presence = PRESENCES.get(bare(word).rstrip(".").lower())
    return None if presence is None else (presence, True)


@dataclass(frozen=True, slots=True)
class _Media:
    """The recording of a file, other files of the same event, and where its time 0 is on their clock (ms)."""

    recording: RecordingIdentity
    other_names: tuple[str, ...] = ()
    origin: float = 0.0


def _media(root: ET.Element, name: str, properties: Mapping[str, str]) -> _Media:
    """The linked media, a video before a sound. Raises UserError when none is linked."""
    found = root.iterfind("HEADER/MEDIA_DESCRIPTOR")
    linked = [(_base_name(one), _origin(one, name), one) for one in found]
    linked = [one for one in linked if one[0]]
    linked.sort(key=lambda one: not (one[2].get("MIME_TYPE") or "").startswith("video"))
    origin = linked[0][1] if linked else 0.0
    if RECORDING in properties:
        data = parse_json(properties[RECORDING], f"“{name}”")
        return _Media(recording_from_dict(data, f"“{name}”"), (), origin)
    if not linked:
        raise UserError(f"“{name}” does not say which recording it belongs to.")
    others = tuple(other for other, its, _ in linked[1:] if its == origin)
    return _Media(RecordingIdentity(linked[0][0], "", 0.0), others, origin)


def _base_name(media: ET.Element) -> str:
    url = media.get("RELATIVE_MEDIA_URL") or media.get("MEDIA_URL") or ""
    return url.replace("\\", "/").rpartition("/")[2]


def _origin(media: ET.Element, name: str) -> float:
    """The time of the media at time 0 of the file, in milliseconds. Raises UserError."""
    text = (media.get("TIME_ORIGIN") or "0").strip()
    if not re.fullmatch("-?[0-9]{1,12}", text):
        raise UserError(f"“{name}” has the unknown time origin “{shorten(text)}”.")
    return float(text)


def _safe_root(source: Source) -> ET.Element:
    """The parsed file; entities and document types are refused, so that nothing outside is read."""
    try:
        root: ET.Element = fromstring(source.content, forbid_dtd=True)
    except (ET.ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise UserError(f"“{source.name}” is not an ELAN file that can be read.") from error
    if root.tag != "ANNOTATION_DOCUMENT":
        raise UserError(f"“{source.name}” is not an ELAN file.")
    return root
