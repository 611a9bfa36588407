"""What tells two readers of a recording apart where their readings are shown."""

from __future__ import annotations

from app.core.reading import ReaderIdentity, ReaderKind

_KNOWN_AFTERWARDS = frozenset({"served", "program"})
"""Details of a model's reading that say nothing of what it was asked."""

ReaderKey = tuple[ReaderKind, str, tuple[tuple[str, str], ...]]
"""A later version of a reader has the same key."""


def reader_key(reader: ReaderIdentity) -> ReaderKey:
    """The key of a reader: kind and name, and for a model everything that decides what it is asked."""
    asked: tuple[tuple[str, str], ...] = ()
    if reader.kind is ReaderKind.MODEL:
        asked = tuple(sorted(item for item in reader.details.items() if item[0] not in _KNOWN_AFTERWARDS))
    return reader.kind, reader.name, asked
