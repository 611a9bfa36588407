"""How families of models write times: in prompts, in the schema of an answer, and read back from it."""

from __future__ import annotations

import math
import re
from enum import StrEnum
from typing import Any


class TimeNotation(StrEnum):
    """`12.5 seconds`, `<12.5 seconds>` or `00:12.5`."""

    SECONDS = "seconds"
    ANGLE = "angle"
    CLOCK = "clock"

    def written(self, milliseconds: int) -> str:
        """A time from the start of a clip in this form."""
        seconds = milliseconds / 1000
        if self is TimeNotation.CLOCK:
            minutes, rest = divmod(round(seconds, 1), 60)
            return f"{minutes:02.0f}:{rest:04.1f}"
        return f"<{seconds:.1f} seconds>" if self is TimeNotation.ANGLE else f"{seconds:.1f} seconds"

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of a time in an answer. Without a pattern, which some services refuse."""
        if self is TimeNotation.SECONDS:
            return {"type": "number", "minimum": 0, "description": "seconds from the start of this clip"}
        return {"type": "string", "description": f"from the start of this clip, as {self.written(12_500)}"}

    @property
    def request(self) -> str:
        """The sentence of the prompt on how times are written."""
        if self is TimeNotation.SECONDS:
            return "Write each time of the evidence as a number of seconds from the start of this clip: 12.5."
        return f'Write each time of the evidence from the start of this clip as "{self.written(12_500)}".'

    def read(self, value: object) -> float | None:
        """A time of an answer in seconds; None for anything that is not written in this form."""
        if isinstance(value, str):
            found = _WRITTEN[self].fullmatch(value)
            return None if found is None else 60 * int(found["minutes"] or 0) + float(found["seconds"])
        if self is not TimeNotation.SECONDS or isinstance(value, bool) or not isinstance(value, int | float):
            return None
        try:
            seconds = float(value)
        except OverflowError:
            return None
        return seconds if math.isfinite(seconds) and seconds >= 0 else None


_NUMBER = r"(?P<seconds>[0-9]{1,6}(?:\.[0-9]{1,6})?)"
_WRITTEN: dict[TimeNotation, re.Pattern[str]] = {
    TimeNotation.SECONDS: re.compile(rf"(?P<minutes>){_NUMBER} seconds"),
    TimeNotation.ANGLE: re.compile(rf"(?P<minutes>)<{_NUMBER} seconds>"),
    TimeNotation.CLOCK: re.compile(r"(?P<minutes>[0-9]{1,3}):(?P<seconds>[0-5][0-9](?:\.[0-9]{1,3})?)"),
}
"""Not `\\d`, which also stands for the digits of other scripts."""
