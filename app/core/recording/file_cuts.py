"""The stretches of a damaged file that are left out when it is read."""

from __future__ import annotations

from typing import NamedTuple


class FileCut(NamedTuple):
    """A stretch without packets: its first byte and the one after its last, in the file. Positions do not
    count its bytes, except where they are `kept`: then libav reads in their place that there is nothing."""

    start: int
    end: int
    kept: bool = False

    @property
    def missing(self) -> int:
        """The bytes that positions after it do not count."""
        return 0 if self.kept else self.end - self.start
