"""The time of day at which a recording began, from what the camera wrote into the file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

_KEYS = ("com.apple.quicktime.creationdate", "creation_time", "date")
"""Where containers keep it; the first, which has a time zone, is the most exact."""

_EARLIEST = 1990
"""Earlier years are the zero of a clock that was never set."""


_ANDROID = "com.android."
"""Begins the names that Android puts into its files. Its writer stamps a file with the time at which it is
finished, not the one at which it was begun."""


def began(metadata: Mapping[str, str], seconds: float) -> datetime | None:
    """When a recording of `seconds` began, by the container's `metadata`; None when it does not say so
    believably.

    A bare date is no time of day.
    """
    stamp = _stamp(metadata)
    if stamp is None or not any(key.startswith(_ANDROID) for key in metadata):
        return stamp
    try:
        return stamp - timedelta(seconds=seconds)
    except OverflowError:
        return None


def _stamp(metadata: Mapping[str, str]) -> datetime | None:
    """The time that the container gives, whatever it means."""
    for key in _KEYS:
        text = metadata.get(key, "").strip()
        if len(text) <= len("2026-01-01"):
            continue
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            continue
        if _EARLIEST <= found.year <= datetime.now(UTC).year + 1:
            return found
    return None
