"""The times of an ELAN file's annotations, in milliseconds of the video.

A slot may have no time: ELAN then divides the stretch between its neighbours evenly. An annotation may have
no slots: it refers to another one, whose time it has, or, in a symbolic subdivision, its share of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from app.core.errors import UserError
from app.core.exchange.phrases import shorten

_UNITS = {"milliseconds": 1.0, "PAL-frames": 40.0, "NTSC-frames": 1001 / 30}
"""Milliseconds of each unit of time that ELAN's format names."""

SUBDIVISION = "Symbolic_Subdivision"
_ALIGNED, _REFERRING = "ALIGNABLE_ANNOTATION", "REF_ANNOTATION"

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


def timed_annotations(root: ET.Element, slots: Mapping[str, float | None]) -> list[list[TimedAnnotation]]:
    """The annotations of every tier in the file's order, with the stretch that each has in the file.

    An annotation that is called as another one is has its slots' time, and none by reference.
    """
    tiers = root.findall("TIER")
    divided = {
        str(kind.get("LINGUISTIC_TYPE_ID"))
        for kind in root.iterfind("LINGUISTIC_TYPE")
        if kind.get("CONSTRAINTS") == SUBDIVISION
    }
    aligned = [_aligned(tier, slots) for tier in tiers]
    times = _AnnotationTimes.of(
        (one for row in aligned for one in row),
        (
            one
            for tier in tiers
            for one in _references(tier, is_divided=tier.get("LINGUISTIC_TYPE_REF") in divided)
        ),
    )
    return [
        list(_words(tier, [stretch for _, stretch in row], times))
        for tier, row in zip(tiers, aligned, strict=True)
    ]


def _words(
    tier: ET.Element, aligned: Sequence[Stretch | None], times: _AnnotationTimes
) -> Iterator[TimedAnnotation]:
    stretches = iter(aligned)
    for annotation in tier.iterfind("ANNOTATION/*"):
        word = (annotation.findtext("ANNOTATION_VALUE") or "").strip()
        if annotation.tag == _ALIGNED:
            yield TimedAnnotation(next(stretches), word)
        else:
            yield TimedAnnotation(times.of_name(annotation.get("ANNOTATION_ID") or ""), word)


def _aligned(tier: ET.Element, slots: Mapping[str, float | None]) -> list[tuple[str, Stretch | None]]:
    """The names and stretches of the annotations that have slots."""
    rows = [
        (one.get("ANNOTATION_ID") or "", one.get("TIME_SLOT_REF1") or "", one.get("TIME_SLOT_REF2") or "")
        for one in tier.iterfind(f"ANNOTATION/{_ALIGNED}")
    ]
    if any(slots.get(slot, 0.0) is None for _, *both in rows for slot in both):
        slots = dict(slots) | _between(rows, slots)
    return [(name, _stretch(slots.get(first), slots.get(last))) for name, first, last in rows]


def _stretch(start: float | None, end: float | None) -> Stretch | None:
    return None if start is None or end is None or end < start else (start, end)


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


@dataclass(frozen=True, slots=True)
class _AnnotationReference:
    """The annotation that another one refers to, and which of how many equal parts of its time it has."""

    parent: str
    place: int = 0
    parts: int = 1


def _references(tier: ET.Element, *, is_divided: bool) -> Iterator[tuple[str, _AnnotationReference]]:
    """The references of a tier by the names of the annotations that refer."""
    children: dict[str, list[str]] = {}
    for one in tier.iterfind(f"ANNOTATION/{_REFERRING}"):
        children.setdefault(one.get("ANNOTATION_REF") or "", []).append(one.get("ANNOTATION_ID") or "")
    for parent, names in children.items():
        for place, name in enumerate(names):
            yield (
                name,
                _AnnotationReference(parent, place, len(names))
                if is_divided
                else _AnnotationReference(parent),
            )


@dataclass(slots=True)
class _AnnotationTimes:
    """The stretches of annotations by name; those of references are found when they are asked for."""

    known: dict[str, Stretch | None]
    references: dict[str, _AnnotationReference]

    @classmethod
    def of(
        cls,
        aligned: Iterable[tuple[str, Stretch | None]],
        references: Iterable[tuple[str, _AnnotationReference]],
    ) -> _AnnotationTimes:
        known, referring = list(aligned), list(references)
        uses = Counter(name for name, _ in (*known, *referring))
        repeated = dict.fromkeys(name for name, count in uses.items() if count > 1)
        return cls(dict(known) | repeated, dict(referring))

    def of_name(self, name: str) -> Stretch | None:
        """The stretch of an annotation; None where there is none, or references lead in a circle."""
        chain = dict[str, _AnnotationReference]()  # a chain may be longer than Python may call itself
        while name not in self.known and name not in chain and name in self.references:
            chain[name] = self.references[name]
            name = self.references[name].parent
        whole = None if name in chain else self.known.get(name)
        for child, reference in reversed(chain.items()):
            whole = None if whole is None else _share(whole, reference)
            self.known[child] = whole
        return whole


def _share(whole: Stretch, reference: _AnnotationReference) -> Stretch:
    step = (whole[1] - whole[0]) / reference.parts
    return whole[0] + step * reference.place, whole[0] + step * (reference.place + 1)
