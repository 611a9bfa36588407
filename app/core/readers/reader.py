"""What every reader is: somebody with an identity who reads a recording."""

from __future__ import annotations

from typing import Protocol

from app.core.jobs import CancelToken, Report
from app.core.reading import ReaderIdentity, Reading
from app.core.recording.recording import Recording


class Reader(Protocol):
    """Answers the 20 features of one recording."""

    @property
    def identity(self) -> ReaderIdentity:
        """Who answers, with everything that is needed to repeat it."""

    def read(self, recording: Recording, *, report: Report, cancel: CancelToken) -> Reading:
        """All answers for one recording.

        Raises UserError when the recording cannot be read and Cancelled after `cancel` was set.
        """
