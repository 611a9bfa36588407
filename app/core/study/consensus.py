"""The reader that stands for what readers decided together."""

from __future__ import annotations

from app.core.reading import ReaderIdentity, person

CONSENSUS = person("Consensus")
"""A reserved person; its reading is what was decided together."""


def is_consensus(reader: ReaderIdentity) -> bool:
    """Whether the reader is what was decided together."""
    return reader.is_same(CONSENSUS)
