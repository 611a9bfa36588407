"""ELAN files against the rules of their format, and the rules against files that break them."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings

from app.core.exchange.bundle import Bundle
from app.core.exchange.codec import Source
from app.core.exchange.formats import FORMATS
from tests.core.eaf_rules import faults
from tests.core.exchange_cases import SMALL, bundles

EAF = FORMATS["eaf"].codec


def small() -> ET.Element:
    (file,) = EAF.write(SMALL, "study")
    return ET.fromstring(file.content)


@settings(max_examples=200)
@given(bundles())
def test_every_file_keeps_to_the_rules_of_the_format(bundle: Bundle) -> None:
    for file in EAF.write(bundle, "study"):
        assert file.content.startswith(b"<?xml version='1.0' encoding='utf-8'?>")
        assert faults(ET.fromstring(file.content)) == []


def test_the_small_study_is_sound() -> None:
    assert faults(small()) == []


def change(path: str, name: str, value: str) -> Callable[[ET.Element], None]:
    def do(root: ET.Element) -> None:
        found = root.find(path)
        assert found is not None
        found.set(name, value)

    return do


def drop(path: str, name: str) -> Callable[[ET.Element], None]:
    def do(root: ET.Element) -> None:
        found = root.find(path)
        assert found is not None
        del found.attrib[name]

    return do


def last_first(root: ET.Element) -> None:
    last = root[-1]
    root.remove(last)
    root.insert(0, last)


def without(tag: str) -> Callable[[ET.Element], None]:
    def do(root: ET.Element) -> None:
        found = root.find(tag)
        assert found is not None
        root.remove(found)

    return do


def says_otherwise(root: ET.Element) -> None:
    value = root.find(".//ANNOTATION_VALUE")
    assert value is not None
    value.text = "maybe"


def backwards(root: ET.Element) -> None:
    order = root.find("TIME_ORDER")
    assert order is not None
    order[:] = reversed(order)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (last_first, "another order"),
        (without("TIME_ORDER"), "holds 0 TIME_ORDER"),
        (without("LANGUAGE"), "LANG_REF eng is nowhere"),
        (without("CONTROLLED_VOCABULARY"), "CONTROLLED_VOCABULARY_REF presence is nowhere"),
        (without("LINGUISTIC_TYPE"), "LINGUISTIC_TYPE_REF semiology is nowhere"),
        (change("TIME_ORDER/TIME_SLOT", "TIME_SLOT_ID", "a1"), "a1 is there 2 times"),
        (change("TIME_ORDER/TIME_SLOT", "TIME_SLOT_ID", "1"), "TIME_SLOT_ID of TIME_SLOT is none"),
        (change("TIME_ORDER/TIME_SLOT", "TIME_VALUE", "1.5"), "TIME_VALUE of TIME_SLOT is none"),
        (change("TIER", "TIER_ID", "signal / tonic"), "signal / tonic is there 2 times"),
        (change("TIER", "COLOUR", "red"), "TIER may not have COLOUR"),
        (change(".//ALIGNABLE_ANNOTATION", "TIME_SLOT_REF2", "ts99"), "TIME_SLOT_REF2 ts99 is nowhere"),
        (change(".//ALIGNABLE_ANNOTATION", "CVE_REF", "perhaps"), "CVE_REF perhaps is nowhere"),
        (change(".", "DATE", "yesterday"), "DATE of ANNOTATION_DOCUMENT is none"),
        (drop("HEADER/MEDIA_DESCRIPTOR", "MIME_TYPE"), "MEDIA_DESCRIPTOR has no MIME_TYPE"),
        (drop(".//CVE_VALUE", "LANG_REF"), "CVE_VALUE has no LANG_REF"),
        (says_otherwise, "which is not its vocabulary's"),
        (backwards, "not in order of time"),
    ],
)
def test_a_file_that_breaks_a_rule_is_found(damage: Callable[[ET.Element], None], told: str) -> None:
    root = small()
    damage(root)
    assert [fault for fault in faults(root) if told in fault]


@pytest.mark.parametrize("slot", ["TIME_SLOT_REF1", "TIME_SLOT_REF2"])
def test_an_annotation_without_a_time_or_that_ends_before_it_begins_is_left_out(slot: str) -> None:
    nowhere, turned = small(), small()
    spanned = "./TIER[@TIER_ID='Ana / clonic']/ANNOTATION/ALIGNABLE_ANNOTATION"
    change(spanned, slot, "ts99")(nowhere)
    annotation = turned.find(spanned)
    assert annotation is not None
    begin, end = annotation.attrib["TIME_SLOT_REF1"], annotation.attrib["TIME_SLOT_REF2"]
    annotation.attrib |= {"TIME_SLOT_REF1": end, "TIME_SLOT_REF2": begin}
    for root in (nowhere, turned):
        imported = EAF.read(Source("a.eaf", ET.tostring(root)))
        assert ["has an annotation without a time" in remark for remark in imported.remarks] == [True]
        before = EAF.read(Source("a.eaf", ET.tostring(small())))
        spans = [
            sum(len(answer.evidence) for one in found.bundle.readings for answer in one.answers.values())
            for found in (before, imported)
        ]
        assert spans[1] == spans[0] - 1
