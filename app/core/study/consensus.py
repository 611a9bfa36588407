"""The reader that stands for what readers decided together, and who takes part in that."""

from __future__ import annotations

from app.core.reading import ReaderIdentity, ReaderKind, person

CONSENSUS = person("Consensus")
"""A reserved person; its reading is what was decided together."""


def is_consensus(reader: ReaderIdentity) -> bool:
    """Whether the reader is what was decided together."""
    return reader.is_same(CONSENSUS)


def votes(reader: ReaderIdentity, *, people_only: bool) -> bool:
    """Whether the reader takes part in the consensus: a person, or every reader without `people_only`.

    What a control was shown is not the recording, and the consensus does not vote on itself.
    """
    if is_consensus(reader) or reader.is_control:
        return False
    return reader.kind is ReaderKind.PERSON or not people_only
