"""The times of an ELAN file's annotations, in milliseconds of the video.

A slot may have no time: ELAN then divides the stretch between its neighbours evenly. An annotation may have
no slots: it refers to another one, whose time it has, or, in a symbolic subdivision, its share of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from app.core.errors import UserError
from app.core.exchange.phrases import shorten

_UNITS = {"milliseconds": 1.0, "PAL-frames": 40.0, "NTSC-frames": 1001 / 30}
"""Milliseconds of each unit of time that ELAN's format names."""

SUBDIVISION = "Symbolic_Subdivision"

Stretch = tuple[float, float]
"""Start and end in milliseconds."""


def milliseconds_of_unit(root: ET.Element, name: str) -> float:
    """The milliseconds that a unit of the file's times lasts. Raises UserError for an unknown unit."""
    header = root.find("HEADER")
    unit = "milliseconds" if header is None else header.get("TIME_UNITS") or "milliseconds"
    if unit not in _UNITS:
        raise UserError(f"“{name}” counts time in “{shorten(unit)}”, which is not known.")
    return _UNITS[unit]


def slot_times(root: ET.Element, name: str, unit: float, origin: float) -> dict[str, float | None]:
    """The times of the slots; None for one that ELAN has not aligned. Raises UserError."""
    return {
        str(slot.get("TIME_SLOT_ID")): _time(slot.get("TIME_VALUE"), name, unit, origin)
        for slot in root.iterfind("TIME_ORDER/TIME_SLOT")
    }


def _time(text: str | None, name: str, unit: float, origin: float) -> float | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise UserError(f"“{shorten(name)}” has an invalid time.")
    return int(text) * unit + origin


@dataclass(frozen=True, slots=True)
class TimedAnnotation:
    """A word and its stretch, None where it has none."""

    stretch: Stretch | None
    word: str


def timed_annotations(
    root: ET.Element, slots: Mapping[str, float | None]
) -> dict[str, list[TimedAnnotation]]:
    """The annotations of every tier by its name, with the stretch that each has in the file."""
    stretches: dict[str, Stretch | None] = {}
    waiting = list[tuple[ET.Element, bool]]()
    divided = {
        str(kind.get("LINGUISTIC_TYPE_ID"))
        for kind in root.iterfind("LINGUISTIC_TYPE")
        if kind.get("CONSTRAINTS") == SUBDIVISION
    }
    for tier in root.iterfind("TIER"):
        stretches |= _aligned(tier, slots)
        if tier.find("ANNOTATION/REF_ANNOTATION") is not None:
            waiting.append((tier, tier.get("LINGUISTIC_TYPE_REF") in divided))
    # A tier may stand before the tier that it refers to; each round solves at least one, if any can be.
    for _round in range(len(waiting)):
        for tier, is_divided in waiting:
            stretches |= _referring(tier, stretches, is_divided=is_divided)
    return {
        tier.get("TIER_ID") or "": list(_words(tier, stretches)) for tier in root.iterfind("TIER")
    }  # fmt: skip


def _words(tier: ET.Element, stretches: Mapping[str, Stretch | None]) -> Iterator[TimedAnnotation]:
    for annotation in tier.iterfind("ANNOTATION/*"):
        word = (annotation.findtext("ANNOTATION_VALUE") or "").strip()
        yield TimedAnnotation(stretches.get(annotation.get("ANNOTATION_ID") or ""), word)


def _aligned(tier: ET.Element, slots: Mapping[str, float | None]) -> dict[str, Stretch | None]:
    """The stretches of the annotations that have slots, by their names."""
    rows = [
        (one.get("ANNOTATION_ID") or "", one.get("TIME_SLOT_REF1") or "", one.get("TIME_SLOT_REF2") or "")
        for one in tier.iterfind("ANNOTATION/ALIGNABLE_ANNOTATION")
    ]
    if any(slots.get(slot, 0.0) is None for _, *both in rows for slot in both):
        slots = dict(slots) | _between(rows, slots)
    found: dict[str, Stretch | None] = {}
    for name, first, last in rows:
        start, end = slots.get(first), slots.get(last)
        found[name] = None if start is None or end is None or end < start else (start, end)
    return found


def _between(rows: list[tuple[str, str, str]], slots: Mapping[str, float | None]) -> dict[str, float]:
    """The times of slots without one, in chains of annotations that follow each other."""
    after = {first: last for _, first, last in rows}
    found: dict[str, float] = {}
    for begin in [slot for slot in after if slots.get(slot) is not None]:
        chain = [begin]
        while chain[-1] in after and len(chain) <= len(rows) + 1:
            chain.append(after[chain[-1]])
            if slots.get(chain[-1]) is not None:
                break
        start, end = slots[begin], slots.get(chain[-1])
        if start is not None and end is not None:
            step = (end - start) / (len(chain) - 1)
            found |= {slot: start + step * place for place, slot in enumerate(chain[1:-1], 1)}
    return found


def _referring(
    tier: ET.Element, stretches: Mapping[str, Stretch | None], *, is_divided: bool
) -> dict[str, Stretch | None]:
    """The stretches of annotations that refer to others which have one."""
    children: dict[str, list[str]] = {}
    for one in tier.iterfind("ANNOTATION/REF_ANNOTATION"):
        children.setdefault(one.get("ANNOTATION_REF") or "", []).append(one.get("ANNOTATION_ID") or "")
    found: dict[str, Stretch | None] = {}
    for parent, names in children.items():
        whole = stretches.get(parent)
        if whole is not None:
            found |= dict(zip(names, _shares(whole, len(names) if is_divided else 1), strict=False))
            if not is_divided:
                found |= dict.fromkeys(names, whole)
    return found


def _shares(whole: Stretch, parts: int) -> list[Stretch]:
    step = (whole[1] - whole[0]) / parts
    return [(whole[0] + step * part, whole[0] + step * (part + 1)) for part in range(parts)]
