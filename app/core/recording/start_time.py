"""The start time of a recording, by the metadata that the camera wrote."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

_KEYS = ("com.apple.quicktime.creationdate", "creation_time", "date")
"""Metadata keys of containers; the first, which has a time zone, is the most exact."""

_EARLIEST = 1990
"""Earlier years come from a clock that was never set."""


_ANDROID = "com.android."
"""The prefix of metadata keys of Android, whose files are stamped with the time of their end."""


def started_at(metadata: Mapping[str, str], seconds: float) -> datetime | None:
    """The start of a recording of `seconds`, by the container's `metadata`; None without a plausible time.

    A date without a time does not count.
    """
    stamp = _stamp(metadata)
    if stamp is None or not any(key.startswith(_ANDROID) for key in metadata):
        return stamp
    try:
        return stamp - timedelta(seconds=seconds)
    except OverflowError:
        return None


def _stamp(metadata: Mapping[str, str]) -> datetime | None:
    """The time in the metadata, which may be start or end; None without one."""
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
