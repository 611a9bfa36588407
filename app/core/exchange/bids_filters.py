"""What the header of an EEG says of the filters of its recorder, in the fields of BIDS.

EDF+ writes them as "HP:0.1Hz LP:75Hz N:50Hz" (https://www.edfplus.info/specs/edf.html, prefiltering).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.core.exchange.tsv import MISSING

_FILTER = re.compile(
    r"\b(HP|LP|N)\s*[:=]?\s*(DC|\d{1,6}(?:[.,]\d{1,6})?)\s*(k?Hz|s(?:ec)?\b)?", re.IGNORECASE
)
_MAINS = (50.0, 60.0)


@dataclass(frozen=True, slots=True)
class RecorderFilters:
    """Cuts of a recorder in Hz, None where the header states none; 0 is a low cut at DC."""

    low_cut: float | None = None
    high_cut: float | None = None
    notch: float | None = None


def recorder_filters(prefilter: str) -> RecorderFilters:
    """The filters that the text of a header states; what cannot be read is left out."""
    found: dict[str, float] = {}
    for name, value, unit in _FILTER.findall(prefilter):
        hertz = _hertz(value, unit.lower())
        if hertz is not None:
            found.setdefault(name.upper(), hertz)
    return RecorderFilters(found.get("HP"), found.get("LP") or None, found.get("N") or None)


def hardware_filters(filters: Sequence[RecorderFilters]) -> dict[str, Any] | str:
    """`HardwareFilters`, where all channels have the same; else "n/a", and they stand with each channel."""
    if len(set(filters)) != 1:
        return MISSING
    (one,) = set(filters)
    cuts = (("HighpassFilter", one.low_cut), ("LowpassFilter", one.high_cut), ("NotchFilter", one.notch))
    return {name: {"CutoffFrequency": hertz} for name, hertz in cuts if hertz is not None} or MISSING


def mains_frequency(filters: Sequence[RecorderFilters]) -> float | str:
    """`PowerLineFrequency`: what the notch of the recorder takes away, "n/a" without one."""
    found = {one.notch for one in filters if one.notch in _MAINS}
    return next(iter(found)) or MISSING if len(found) == 1 else MISSING


def _hertz(value: str, unit: str) -> float | None:
    if value.upper() == "DC":
        return 0.0
    number = float(value.replace(",", "."))
    if unit.startswith("s"):  # a time constant
        return round(1 / (2 * math.pi * number), 4) if number else None
    return number * 1000 if unit == "khz" else number
