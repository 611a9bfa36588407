"""What a benchmark gives: rows of a value, its floor measured in the same run, and the bar it must hold."""

from __future__ import annotations

import json
import math
import os
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from app.core.jobs import Report, no_report


class Rule(StrEnum):
    """How a bar is meant: which number it bounds, and from which side."""

    VALUE_AT_MOST = "value at most"
    VALUE_AT_LEAST = "value at least"
    RATIO_AT_MOST = "ratio at most"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Row:
    """One measured number.

    `value` in `unit`; `floor` in the same unit, measured in the same run, None where there is none;
    `ratio` is value / floor; `bar` bounds what `rule` names; `holds` is None without a bar.
    """

    what: str
    value: float
    unit: str
    floor: float | None = None
    ratio: float | None = None
    bar: float | None = None
    holds: bool | None = None
    rule: Rule = Rule.NONE


@dataclass(frozen=True, slots=True)
class Result:
    """The rows of one benchmark; `machine` describes where it ran, `notes` what limits it."""

    name: str
    machine: Mapping[str, str]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether every row with a bar holds it."""
        return all(row.holds is not False for row in self.rows)


@dataclass(frozen=True, slots=True)
class Options:
    """How much is measured: `seconds` of recording, `runs` per measurement; None is the benchmark's own.

    `only`: of a set of recordings or variants those whose name holds this; `again`: what earlier runs have
    kept is measured anew.
    """

    seconds: float | None = None
    runs: int | None = None
    report: Report = no_report
    only: str = ""
    again: bool = False


Benchmark = Callable[[Options], Result]
"""Every file of this room has one of these, called `run`."""


def at_most(what: str, value: float, unit: str, bar: float, *, floor: float | None = None) -> Row:
    """A row whose value must not exceed `bar`; a floor is shown beside it."""
    return Row(what, value, unit, floor, _ratio(value, floor), bar, value <= bar, Rule.VALUE_AT_MOST)


def at_least(what: str, value: float, unit: str, bar: float, *, floor: float | None = None) -> Row:
    """A row whose value must reach `bar`; not a number does not."""
    return Row(what, value, unit, floor, _ratio(value, floor), bar, value >= bar, Rule.VALUE_AT_LEAST)


def within(what: str, value: float, unit: str, floor: float, bar: float) -> Row:
    """A row whose value must stay within `bar` times its floor."""
    ratio = _ratio(value, floor)
    holds = ratio is not None and ratio <= bar
    return Row(what, value, unit, floor, ratio, bar, holds, Rule.RATIO_AT_MOST)


def fact(what: str, value: float, unit: str, *, floor: float | None = None) -> Row:
    """A row without a bar."""
    return Row(what, value, unit, floor, _ratio(value, floor))


def _ratio(value: float, floor: float | None) -> float | None:
    return value / floor if floor else None


def machine() -> dict[str, str]:
    """Processor, cores, memory and versions of the machine; never its name, user or folders."""
    description = {
        "processor": _processor(),
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }
    memory = _memory_gib()
    return description | ({"memory": f"{memory:.0f} GiB"} if memory else {})


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory_gib() -> float | None:
    if not hasattr(os, "sysconf") or "SC_PHYS_PAGES" not in os.sysconf_names:
        return None
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30


def to_json(result: Result) -> str:
    """The result in its file format (docs/formats.md): `name`, `machine`, `rows`; NaN becomes null."""
    data = {
        "name": result.name,
        "machine": dict(result.machine),
        "rows": [_row_to_dict(row) for row in result.rows],
        "notes": list(result.notes),
    }
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _row_to_dict(row: Row) -> dict[str, Any]:
    return {
        "what": row.what,
        "value": _finite(row.value),
        "unit": row.unit,
        "floor": _finite(row.floor),
        "ratio": _finite(row.ratio),
        "bar": _finite(row.bar),
        "holds": row.holds,
        "rule": row.rule.value,
    }


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def from_json(text: str) -> Result:
    """The inverse of `to_json`. Raises KeyError or ValueError when the text is not a result."""
    data = json.loads(text)
    return Result(
        data["name"],
        data["machine"],
        tuple(_row_from_dict(row) for row in data["rows"]),
        tuple(data.get("notes", ())),
    )


def _row_from_dict(row: Mapping[str, Any]) -> Row:
    value = row["value"]
    return Row(
        row["what"],
        math.nan if value is None else float(value),
        row["unit"],
        row["floor"],
        row["ratio"],
        row["bar"],
        row["holds"],
        Rule(row.get("rule", "none")),
    )
