"""The electrodes of the 10–20 and 10–10 systems: canonical names, sides, regions.

Names by the American Clinical Neurophysiology Society's guideline 2 (Acharya et al., J Clin Neurophysiol
2016): T7, T8, P7 and P8 are what the older 10–20 system calls T3, T4, T5 and T6.
"""

from __future__ import annotations

import re
from enum import StrEnum
from types import MappingProxyType


class Side(StrEnum):
    """The patient's side of an electrode; NONE where the name does not determine it."""

    LEFT = "left"
    RIGHT = "right"
    MIDLINE = "midline"
    NONE = "none"


def _numbered(prefix: str, numbers: str) -> tuple[str, ...]:
    return tuple(f"{prefix}{number}" for number in numbers.split())


SCALP: tuple[str, ...] = (
    *_numbered("Fp", "1 z 2"),
    *_numbered("AF", "9 7 5 3 1 z 2 4 6 8 10"),
    *_numbered("F", "9 7 5 3 1 z 2 4 6 8 10"),
    *_numbered("FT", "9 7 8 10"),
    *_numbered("FC", "5 3 1 z 2 4 6"),
    *_numbered("T", "9 7 8 10"),
    *_numbered("C", "5 3 1 z 2 4 6"),
    *_numbered("TP", "9 7 8 10"),
    *_numbered("CP", "5 3 1 z 2 4 6"),
    *_numbered("P", "9 7 5 3 1 z 2 4 6 8 10"),
    *_numbered("PO", "9 7 5 3 1 z 2 4 6 8 10"),
    *_numbered("O", "1 z 2"),
    *_numbered("I", "1 z 2"),
    "T1",
    "T2",
)
"""Electrodes of the scalp by their canonical names; T1 and T2 are the anterior temporal ones of Silverman."""

EARS: tuple[str, ...] = ("A1", "A2", "M1", "M2", "Pg1", "Pg2", "Sp1", "Sp2", "Nz")
"""Electrodes off the scalp: ears, mastoids, nasopharyngeal, sphenoidal, nasion. No average contains them."""

OLD_NAMES = MappingProxyType({"T3": "T7", "T4": "T8", "T5": "P7", "T6": "P8"})
"""Names of the older 10–20 system and what they are called now."""

_CANONICAL = {name.lower(): name for name in (*SCALP, *EARS)} | {
    old.lower(): new for old, new in OLD_NAMES.items()
}
_SCALP = frozenset(SCALP)
_END = re.compile(r"(\d+|z)$")

_REGIONS = (
    ("frontal", ("Fp", "AF", "F")),
    ("temporal", ("FT", "T", "TP")),
    ("central", ("FC", "C", "CP")),
    ("parietal", ("P",)),
    ("occipital", ("PO", "O", "I")),
)
_TEMPORAL = frozenset({"F7", "F8", "F9", "F10", "P7", "P8", "P9", "P10"})


def electrode_named(text: str) -> str:
    """The canonical name of an electrode ("t3" gives T7, "FPZ" gives Fpz), "" for any other text."""
    return _CANONICAL.get("".join(text.split()).lower(), "")


def is_scalp(electrode: str) -> bool:
    """Whether a canonical name is that of a scalp electrode (not of an ear or a mastoid)."""
    return electrode in _SCALP


def side_of(electrode: str) -> Side:
    """The side of an electrode by its canonical name: odd numbers are left, even ones right."""
    end = _END.search(electrode)
    if end is None or not electrode_named(electrode):
        return Side.NONE
    if end[1] == "z":
        return Side.MIDLINE
    return Side.LEFT if int(end[1]) % 2 else Side.RIGHT


def side_of_pair(first: str, second: str) -> Side:
    """The side of a difference of two electrodes: MIDLINE when they are on opposite sides."""
    sides = {side_of(first), side_of(second)} - {Side.MIDLINE}
    if Side.NONE in sides:
        return Side.NONE
    return sides.pop() if len(sides) == 1 else Side.MIDLINE


def region_of(electrode: str) -> str:
    """The region under a scalp electrode: frontal, temporal, central, parietal or occipital; empty if none.

    F7, F8, P7 and P8 and the row below them count as temporal, as in the longitudinal temporal chain.
    """
    if not is_scalp(electrode):
        return ""
    if electrode in _TEMPORAL:
        return "temporal"
    letters = _END.sub("", electrode)
    return next(region for region, prefixes in _REGIONS if letters in prefixes)
