"""Formatting of times of a recording, and of work."""

from __future__ import annotations


def clock(seconds: float, *, tenths: bool = True) -> str:
    """Minutes, seconds and tenths (0:12.4), or without tenths; hours where there are some (1:02:03.4)."""
    count = round(seconds * 10) if tenths else 10 * round(seconds)
    minutes, rest = divmod(count, 600)
    hours, minute = divmod(minutes, 60)
    whole = f"{hours}:{minute:02d}" if hours else f"{minute}"
    return f"{whole}:{rest // 10:02d}" + (f".{rest % 10}" if tenths else "")


def length_text(seconds: float) -> str:
    """A length as text: `12.3 s`, from a minute on as a clock."""
    return f"{seconds:.1f} s" if seconds < 60 else clock(seconds)


def stretch(start: float, end: float) -> str:
    """A time span as text: `from 2.0 to 4.0 s`, or in minutes beyond a minute."""
    if end < 60:
        return f"from {start:.1f} to {end:.1f} s"
    return f"from {clock(start)} to {clock(end)}"


def remaining_words(seconds: float | None) -> str:
    """The remaining time of work as text; "" without an estimate."""
    if seconds is None:
        return ""
    if seconds < 10:
        return "a few seconds left"
    if seconds < 90:
        return f"about {round(seconds / 10) * 10} s left"
    return f"about {round(seconds / 60)} min left"
