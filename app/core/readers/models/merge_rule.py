"""When several segments of a recording make a *yes*: any of them, several of them, a part, or a sure one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.core.errors import UserError

ANY = "any"
"""The rule of arXiv 2605.03352: one segment is enough."""
MOST_SEGMENTS_NEEDED = 50
_NAME = re.compile(r"(?P<count>\d{1,2}) segments|(?P<part>\d{1,3})% of segments|confidence (?P<sure>\d{1,3})")


@dataclass(frozen=True, slots=True)
class MergeRule:
    """A *yes* needs `at_least` segments that say yes with `confidence` (0–100) or more, and these need to be
    `part` (0–1) of all segments that could judge."""

    at_least: int = 1
    part: float = 0.0
    confidence: int = 0

    @property
    def name(self) -> str:
        """`any`, `2 segments`, `25% of segments` or `confidence 80`; `merge_rule` is the inverse."""
        if self.confidence:
            return f"confidence {self.confidence}"
        if self.part:
            return f"{self.part:.0%} of segments"
        return ANY if self.at_least == 1 else f"{self.at_least} segments"

    def counts(self, confidence: int | None) -> bool:
        """Whether a segment that says yes with this confidence counts."""
        return (confidence or 0) >= self.confidence

    def says_yes(self, counted: int, assessed: int) -> bool:
        """Whether so many segments that count make a yes of `assessed` that say yes or no."""
        return counted >= max(self.at_least, self.part * assessed)


def merge_rule(name: str) -> MergeRule:
    """The rule of a name. Raises UserError for a name of none."""
    found = _NAME.fullmatch(name.strip())
    if name.strip() == ANY:
        return MergeRule()
    if found is not None:
        count, part, sure = (int(found[group] or 0) for group in ("count", "part", "sure"))
        if 2 <= count <= MOST_SEGMENTS_NEEDED or 1 <= part <= 100 or 1 <= sure <= 100:
            return MergeRule(max(count, 1), part / 100, sure)
    raise UserError(
        f"“{name[:40]}” is not a rule for segments; there are any, 2 segments, 25% of segments, confidence "
        "80 and the like."
    )
