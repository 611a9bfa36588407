"""The controlled vocabulary of an ELAN tier: presence, with or without a span."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from app.core.semiology import Presence

WORD_OF_PRESENCE: dict[tuple[Presence | None, bool], str] = {
    (Presence.YES, True): "yes",
    (Presence.NO, True): "no",
    (Presence.NOT_ASSESSABLE, True): "not_assessable",
    (None, True): "unanswered",
    (Presence.YES, False): "yes_without_span",
    (Presence.NO, False): "no_without_span",
    (Presence.NOT_ASSESSABLE, False): "not_assessable_without_span",
}
"""The value of an annotation, by presence and whether its time is evidence."""

PRESENCE_OF_WORD = {word: key for key, word in WORD_OF_PRESENCE.items()}

_MEANING = {
    "yes": "seen or heard in this stretch",
    "no": "looked at in this stretch and not there",
    "not_assessable": "cannot be judged in this stretch",
    "unanswered": "marked, but not answered yet",
    "yes_without_span": "there, without saying when",
    "no_without_span": "not there in the whole recording",
    "not_assessable_without_span": "cannot be judged in the whole recording",
}


def build_vocabulary() -> ET.Element:
    """The controlled vocabulary “presence” as EAF 3.0 has it."""
    root = ET.Element("CONTROLLED_VOCABULARY", {"CV_ID": "presence"})
    ET.SubElement(root, "DESCRIPTION", {"LANG_REF": "eng"}).text = "Presence of a semiology feature"
    for word, meaning in _MEANING.items():
        entry = ET.SubElement(root, "CV_ENTRY_ML", {"CVE_ID": word})
        value = ET.SubElement(entry, "CVE_VALUE", {"DESCRIPTION": meaning, "LANG_REF": "eng"})
        value.text = word
    return root
