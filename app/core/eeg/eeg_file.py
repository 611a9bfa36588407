"""An open EEG file: its header, and the bytes of its data records on demand."""

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
from app.core.eeg.other_formats import explain_refusal
from app.core.eeg.signal_fields import FIXED
from app.core.errors import UserError

_HEAD = 4096


@dataclass(frozen=True, slots=True, eq=False)
class EegFile:
    """An open file and its parsed header. Several threads may read at once."""

    contents: FileBytes = field(repr=False)
    header: EegHeader = field(repr=False)

    @property
    def name(self) -> str:
        """The name of the file, without its folder."""
        return self.contents.name

    def records(self, first: int, count: int) -> npt.NDArray[np.uint8]:
        """The bytes of data records, (count, record_bytes), read-only. Raises UserError."""
        size = self.header.record_bytes
        raw = self.contents.read(self.header.header_bytes + first * size, count * size)
        return np.frombuffer(raw, np.uint8).reshape(count, size)

    def change_message(self) -> str | None:
        """A sentence about a change of the file since it was opened; None without a change."""
        return self.contents.change_message()


@contextmanager
def opened_eeg(path: Path) -> Iterator[EegFile]:
    """The open file in a context that closes it. Raises UserError when it is not EDF or BDF."""
    eeg = open_eeg(path)
    try:
        yield eeg
    finally:
        eeg.contents.close()


def open_eeg(path: Path, name: str = "") -> EegFile:
    """The open file; the caller closes its `contents`. `name` is shown instead of the path's, if it is given.

    Takes milliseconds for any size. Raises UserError when it is not EDF or BDF.
    """
    contents = FileBytes(path, name=name)
    try:
        return EegFile(contents, _read_header(contents))
    except BaseException:
        contents.close()
        raise


def _read_header(contents: FileBytes) -> EegHeader:
    head = contents.read(0, min(_HEAD, contents.size))
    if not is_edf(head):
        raise UserError(explain_refusal(contents.name, head))
    if len(head) < FIXED:
        raise UserError(_truncated_message(contents.name))
    size = header_size(head[:FIXED], contents.name)
    if size > contents.size:
        raise UserError(_truncated_message(contents.name))
    return parse_header(contents.read(0, size), contents.size, contents.name)


def _truncated_message(name: str) -> str:
    return f"“{name}” ends within its header: it is damaged or was not copied completely."
