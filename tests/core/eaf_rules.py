"""The rules of ELAN's annotation format 3.0, and what of them a document breaks.

Written from the format's own description (EAF Annotation Format 3.0, The Language Archive): which element may
stand where and how often, which attributes it has and of which kind, which names are unique and which refer
to which; and what ELAN itself demands beyond: slots in order, annotations of a tier that do not overlap,
values that are those of the vocabulary's entry.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree as ET

XSI = "{http://www.w3.org/2001/XMLSchema-instance}noNamespaceSchemaLocation"
MANY = 10**9


def _is_date(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


KINDS: dict[str, Callable[[str], bool]] = {
    "text": lambda _text: True,
    "id": lambda text: re.fullmatch(r"[A-Za-z_][\w.\-]*", text) is not None,
    "truth": lambda text: text in ("true", "false", "1", "0"),
    "count": lambda text: text.isascii() and text.isdigit() and int(text) <= 4_294_967_295,
    "time": _is_date,
    "units": lambda text: text in ("milliseconds", "NTSC-frames", "PAL-frames"),
    "3.0": lambda text: text == "3.0",
    "language": bool,
}


@dataclass(frozen=True)
class Rule:
    """Children in their order with the least and most of each; attributes by kind, `!` for those needed."""

    children: tuple[tuple[str, int, int], ...] = ()
    attributes: tuple[str, ...] = ()
    text: bool = False


ONE_VALUE = (("ANNOTATION_VALUE", 1, 1),)
ANNOTATION = ("ANNOTATION_ID!id", "EXT_REF text", "LANG_REF language", "CVE_REF text")

RULES: dict[str, Rule] = {
    "ANNOTATION_DOCUMENT": Rule(
        (
            ("LICENSE", 0, MANY), ("HEADER", 1, 1), ("TIME_ORDER", 1, 1), ("TIER", 0, MANY),
            ("LINGUISTIC_TYPE", 0, MANY), ("LOCALE", 0, MANY), ("LANGUAGE", 0, MANY), ("CONSTRAINT", 0, MANY),
            ("CONTROLLED_VOCABULARY", 0, MANY), ("LEXICON_REF", 0, MANY), ("REF_LINK_SET", 0, MANY),
            ("EXTERNAL_REF", 0, MANY),
        ),
        ("DATE!time", "AUTHOR!text", "VERSION!text", "FORMAT 3.0", f"{XSI} text"),
    ),
    "HEADER": Rule(
        (("MEDIA_DESCRIPTOR", 0, MANY), ("LINKED_FILE_DESCRIPTOR", 0, MANY), ("PROPERTY", 0, MANY)),
        ("MEDIA_FILE text", "TIME_UNITS units"),
    ),
    "MEDIA_DESCRIPTOR": Rule(
        (), ("MEDIA_URL!text", "MIME_TYPE!text", "TIME_ORIGIN count", "EXTRACTED_FROM text",
             "RELATIVE_MEDIA_URL text"),
    ),
    "PROPERTY": Rule((), ("NAME text",), text=True),
    "TIME_ORDER": Rule((("TIME_SLOT", 0, MANY),)),
    "TIME_SLOT": Rule((), ("TIME_SLOT_ID!id", "TIME_VALUE count")),
    "TIER": Rule(
        (("ANNOTATION", 0, MANY),),
        ("TIER_ID!text", "PARTICIPANT text", "ANNOTATOR text", "LINGUISTIC_TYPE_REF!text",
         "DEFAULT_LOCALE text", "PARENT_REF text", "EXT_REF text", "LANG_REF language"),
    ),
    "ANNOTATION": Rule((("ALIGNABLE_ANNOTATION", 1, 1),)),
    "ALIGNABLE_ANNOTATION": Rule(
        ONE_VALUE, (*ANNOTATION, "TIME_SLOT_REF1!id", "TIME_SLOT_REF2!id", "SVG_REF text")
    ),
    "ANNOTATION_VALUE": Rule(text=True),
    "LINGUISTIC_TYPE": Rule(
        (), ("LINGUISTIC_TYPE_ID!text", "TIME_ALIGNABLE truth", "CONSTRAINTS text",
             "GRAPHIC_REFERENCES truth",
             "CONTROLLED_VOCABULARY_REF text", "EXT_REF text", "LEXICON_REF text"),
    ),
    "LANGUAGE": Rule((), ("LANG_ID!language", "LANG_DEF text", "LANG_LABEL text")),
    "CONTROLLED_VOCABULARY": Rule(
        (("DESCRIPTION", 0, MANY), ("CV_ENTRY_ML", 0, MANY)), ("CV_ID!text", "EXT_REF text")
    ),
    "DESCRIPTION": Rule((), ("LANG_REF!language",), text=True),
    "CV_ENTRY_ML": Rule((("CVE_VALUE", 1, MANY),), ("CVE_ID!text", "EXT_REF text")),
    "CVE_VALUE": Rule((), ("LANG_REF!language", "DESCRIPTION text"), text=True),
}  # fmt: skip


def faults(root: ET.Element) -> list[str]:
    """Every rule that the document breaks, in words; [] when it is sound."""
    if root.tag != "ANNOTATION_DOCUMENT":
        return ["not a document of annotations"]
    # What holds something that is not a number cannot be looked at further.
    return list(_shape(root)) or [*_names(root), *_references(root), *_times(root), *_values(root)]


def _shape(element: ET.Element) -> Iterator[str]:
    rule = RULES.get(element.tag)
    if rule is None:
        yield f"{element.tag} is not known"
        return
    known = {}
    for line in rule.attributes:
        name, kind = re.split("[ !]", line)
        known[name] = kind
        if "!" in line and name not in element.attrib:
            yield f"{element.tag} has no {name}"
    for name, value in element.attrib.items():
        if name not in known:
            yield f"{element.tag} may not have {name}"
        elif not KINDS[known[name]](value):
            yield f"{name} of {element.tag} is none: {value}"
    if not rule.text and (element.text or "").strip():
        yield f"{element.tag} holds text"
    order = [name for name, _least, _most in rule.children]
    found = [child.tag for child in element]
    if any(tag not in order for tag in found):
        yield f"{element.tag} holds what it may not"
    elif [order.index(tag) for tag in found] != sorted(order.index(tag) for tag in found):
        yield f"{element.tag} holds its parts in another order"
    for name, least, most in rule.children:
        if not least <= found.count(name) <= most:
            yield f"{element.tag} holds {found.count(name)} {name}"
    for child in element:
        yield from _shape(child)


def _values_of(root: ET.Element, path: str, name: str) -> list[str]:
    return [value for found in root.iterfind(path) if (value := found.get(name)) is not None]


def _names(root: ET.Element) -> Iterator[str]:
    """What must be unique: IDs over the whole document, names each in their own list."""
    ids = _values_of(root, ".//TIME_SLOT", "TIME_SLOT_ID") + _values_of(root, ".//*", "ANNOTATION_ID")
    lists = {
        "IDs": ids,
        "tiers": _values_of(root, "TIER", "TIER_ID"),
        "types": _values_of(root, "LINGUISTIC_TYPE", "LINGUISTIC_TYPE_ID"),
        "languages": _values_of(root, "LANGUAGE", "LANG_ID"),
        "vocabularies": _values_of(root, "CONTROLLED_VOCABULARY", "CV_ID"),
        "properties": _values_of(root, "HEADER/PROPERTY", "NAME"),
    }
    for number, vocabulary in enumerate(root.iterfind("CONTROLLED_VOCABULARY")):
        lists[f"entries of {number}"] = _values_of(vocabulary, "CV_ENTRY_ML", "CVE_ID")
    for what, names in lists.items():
        for name, count in Counter(names).items():
            if count > 1:
                yield f"{what}: {name} is there {count} times"


def _references(root: ET.Element) -> Iterator[str]:
    slots = set(_values_of(root, "TIME_ORDER/TIME_SLOT", "TIME_SLOT_ID"))
    for path, name, known in (
        ("TIER", "LINGUISTIC_TYPE_REF", set(_values_of(root, "LINGUISTIC_TYPE", "LINGUISTIC_TYPE_ID"))),
        ("LINGUISTIC_TYPE", "CONTROLLED_VOCABULARY_REF",
         set(_values_of(root, "CONTROLLED_VOCABULARY", "CV_ID"))),
        (".//*", "LANG_REF", set(_values_of(root, "LANGUAGE", "LANG_ID"))),
        (".//*", "TIME_SLOT_REF1", slots),
        (".//*", "TIME_SLOT_REF2", slots),
        (".//*", "CVE_REF", set(_values_of(root, ".//CV_ENTRY_ML", "CVE_ID"))),
        (".//*", "CONSTRAINTS", set(_values_of(root, "CONSTRAINT", "STEREOTYPE"))),
    ):  # fmt: skip
        for value in _values_of(root, path, name):
            if value not in known:
                yield f"{name} {value} is nowhere"


def _times(root: ET.Element) -> Iterator[str]:
    """Slots in the order of their times; annotations of a tier last and do not overlap."""
    slots = list(root.iterfind("TIME_ORDER/TIME_SLOT"))
    times = [int(slot.get("TIME_VALUE") or 0) for slot in slots]
    if times != sorted(times):
        yield "the slots are not in order of time"
    at = {slot.get("TIME_SLOT_ID"): time for slot, time in zip(slots, times, strict=True)}
    for tier in root.iterfind("TIER"):
        before = 0
        for found in tier.iterfind("ANNOTATION/ALIGNABLE_ANNOTATION"):
            start, end = at.get(found.get("TIME_SLOT_REF1"), 0), at.get(found.get("TIME_SLOT_REF2"), 0)
            if not before <= start < end:
                yield f"{tier.get('TIER_ID')}: {start} to {end} ms overlaps or does not last"
            before = end


def _values(root: ET.Element) -> Iterator[str]:
    """An annotation that refers to an entry of its type's vocabulary says what the entry says."""
    entries = {
        (vocabulary.get("CV_ID"), entry.get("CVE_ID")): entry.findtext("CVE_VALUE")
        for vocabulary in root.iterfind("CONTROLLED_VOCABULARY")
        for entry in vocabulary.iterfind("CV_ENTRY_ML")
    }
    vocabulary_of = {
        kind.get("LINGUISTIC_TYPE_ID"): kind.get("CONTROLLED_VOCABULARY_REF")
        for kind in root.iterfind("LINGUISTIC_TYPE")
    }
    for tier in root.iterfind("TIER"):
        vocabulary = vocabulary_of.get(tier.get("LINGUISTIC_TYPE_REF"))
        for found in tier.iterfind("ANNOTATION/ALIGNABLE_ANNOTATION"):
            said = found.findtext("ANNOTATION_VALUE")
            if entries.get((vocabulary, found.get("CVE_REF"))) != said:
                yield f"{tier.get('TIER_ID')} says “{said}”, which is not its vocabulary's"
