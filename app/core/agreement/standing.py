"""Whether two readers agree on one feature of one recording."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from app.core.semiology import Presence


class Standing(Enum):
    """The agreement of two readers on one feature of one recording: sign and word."""

    AGREE = ("=", "same")
    DISAGREE = ("≠", "differ")
    ONE_SIDED = ("◐", "one")
    NOT_ASSESSABLE = ("○", "n/a")
    SEALED = ("▪", "sealed")
    NOTHING = ("·", "")

    @property
    def phrase(self) -> str:
        return " ".join(self.value).strip()


EXPLAINED: Mapping[Standing, str] = {
    Standing.AGREE: "both say the same",
    Standing.DISAGREE: "one says yes, the other no",
    Standing.ONE_SIDED: "only one has answered",
    Standing.NOT_ASSESSABLE: "one or both say it cannot be judged",
    Standing.SEALED: "sealed from you until you lock your reading",
    Standing.NOTHING: "nobody has answered",
}


@dataclass(frozen=True, slots=True)
class GridRow:
    """One recording: its number in the study, its name and whether the two agree, by feature."""

    number: int
    name: str
    standings: tuple[Standing, ...]


def compare_presences(one: Presence | None, other: Presence | None, *, sealed: bool = False) -> Standing:
    """The agreement of two answers; `sealed` says that a missing one may only be withheld."""
    if sealed and (one is None or other is None):
        return Standing.SEALED
    if one is None and other is None:
        return Standing.NOTHING
    if one is None or other is None:
        return Standing.ONE_SIDED
    if Presence.NOT_ASSESSABLE in (one, other):
        return Standing.NOT_ASSESSABLE
    return Standing.AGREE if one is other else Standing.DISAGREE
