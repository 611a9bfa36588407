"""The protocol of all readers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from app.core.jobs import CancelToken, Report
from app.core.reading import ReaderIdentity, Reading

if TYPE_CHECKING:
    from app.core.recording.recording import Recording


class Reader(Protocol):
    """A reader, which answers the 20 features of a recording."""

    @property
    def identity(self) -> ReaderIdentity:
        """The identity of the reader, with everything that is needed to reproduce its answers."""

    def read(self, recording: Recording, *, report: Report, cancel: CancelToken) -> Reading:
        """All answers for one recording.

        Raises UserError when the recording cannot be read and Cancelled after `cancel` was set.
        """
