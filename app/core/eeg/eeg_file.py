"""An EEG file that is open: its header at once, the bytes of its records when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.core.eeg.eeg_recording import EegHeader
from app.core.eeg.file_bytes import FileBytes
from app.core.eeg.header import header_size, is_edf, parse_header
from app.core.eeg.other_formats import refusal
from app.core.eeg.signal_fields import FIXED
from app.core.errors import UserError

_HEAD = 4096


@dataclass(frozen=True, slots=True, eq=False)
class EegFile:
    """An open file and what its header says. Several threads may read at once."""

    contents: FileBytes = field(repr=False)
    header: EegHeader = field(repr=False)

    @property
    def name(self) -> str:
        """The name of the file, without its folder."""
        return self.contents.name

    def records(self, first: int, count: int) -> npt.NDArray[np.uint8]:
        """Data records as they are in the file, (count, record_bytes), read-only. Raises UserError."""
        size = self.header.record_bytes
        raw = self.contents.read(self.header.header_bytes + first * size, count * size)
        return np.frombuffer(raw, np.uint8).reshape(count, size)

    def news(self) -> str | None:
        """What has become of the file since it was opened, in one sentence; None when it is the same."""
        return self.contents.news()


@contextmanager
def opened_eeg(path: Path) -> Iterator[EegFile]:
    """The file, open for a while. Raises UserError in one sentence when it is not EDF or BDF."""
    eeg = open_eeg(path)
    try:
        yield eeg
    finally:
        eeg.contents.close()


def open_eeg(path: Path) -> EegFile:
    """The file with its header read; the caller closes `contents`.

    Takes milliseconds whatever the size. Raises UserError in one sentence when it is not EDF or BDF.
    """
    contents = FileBytes(path)
    try:
        return EegFile(contents, _read_header(contents))
    except BaseException:
        contents.close()
        raise


def _read_header(contents: FileBytes) -> EegHeader:
    head = contents.read(0, min(_HEAD, contents.size))
    if not is_edf(head):
        raise UserError(refusal(contents.name, head))
    if len(head) < FIXED:
        raise UserError(_cut(contents.name))
    size = header_size(head[:FIXED], contents.name)
    if size > contents.size:
        raise UserError(_cut(contents.name))
    return parse_header(contents.read(0, size), contents.size, contents.name)


def _cut(name: str) -> str:
    return f"“{name}” ends within its header: it is damaged or was not copied completely."
