"""A copy of an EDF or BDF file that names nobody: the anonymous header, annotations kept or left out.

The file is copied record by record, so that one of any size takes little memory, and is there as a whole or
not at all. The source is never changed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from app.core.atomic import put_in_place, unfinished_folder
from app.core.eeg.eeg_file import EegFile, opened_eeg
from app.core.eeg.eeg_recording import AnnotationChannel, EegHeader
from app.core.eeg.patient_fields import anonymous_header
from app.core.eeg.signal_fields import FIXED
from app.core.errors import UserError
from app.core.jobs import CancelToken, Progress, Report, TimeEstimate

_BLOCK = 8 << 20
"""Bytes that are copied at once."""

_STAMP = re.compile(rb"[+-]?\d{1,10}(?:\.\d{0,20})?\x14\x14")
"""The time stamp of a record: a time and an empty text."""

_KNOWN = re.compile(rb"(EDF\+[CD]|BDF\+[CD]|24BIT)", re.IGNORECASE)
"""What the reserved field of the header may hold without naming anybody."""

_RESERVED, _RECORDS = slice(192, 236), slice(236, 244)
_SIGNAL_RESERVED = 32
"""Bytes at the end of the header that are reserved for each signal."""


@dataclass(frozen=True, slots=True)
class CopyChoice:
    """What of the source goes into the copy besides its samples: annotations, which may name people, and the
    date of the recording."""

    annotations: bool = False
    date: bool = False


def write_anonymous_copy(
    source: Path,
    target: Path,
    choice: CopyChoice,
    *,
    replace: bool = True,
    report: Report,
    cancel: CancelToken,
) -> None:
    """Write the copy. Raises UserError when the source cannot be read or is the target, or the target cannot
    be written, or exists and is not to be `replace`d; Cancelled, and then there is no copy."""
    _check_target(source, target)
    with opened_eeg(source) as eeg, unfinished_folder(target) as folder:
        unfinished = folder / "copy"
        try:
            with unfinished.open("xb") as file:
                _write(file, eeg, choice, report, cancel)
                file.flush()
                os.fsync(file.fileno())
            unfinished.chmod(0o600)
            put_in_place(unfinished, target, replace=replace)
        except OSError as error:
            why = (error.strerror or type(error).__name__).lower()
            raise UserError(f"“{target.name}” could not be written: {why}.") from error


def anonymous_header_of(eeg: EegFile, choice: CopyChoice) -> bytes:
    """The header of the copy: without patient, recording field and free reserved fields, and with the number
    of the records that are there."""
    header = bytearray(anonymous_header(eeg.contents.read(0, eeg.header.header_bytes), keep_date=choice.date))
    known = _KNOWN.match(bytes(header[_RESERVED]))
    header[_RESERVED] = (known[0] if known else b"").ljust(44)
    header[_RECORDS] = str(eeg.header.records).encode().ljust(8)[:8]
    free = (len(header) // FIXED - 1) * _SIGNAL_RESERVED
    if free:
        header[-free:] = b" " * free
    return bytes(header)


def _check_target(source: Path, target: Path) -> None:
    if target.is_dir():
        raise UserError(f"“{target.name}” is a folder; give the name of a file.")
    if target.exists() and source.exists() and target.samefile(source):
        raise UserError("The copy would take the place of the source, which is never changed.")


def _write(file: BinaryIO, eeg: EegFile, choice: CopyChoice, report: Report, cancel: CancelToken) -> None:
    estimate, done = TimeEstimate(), 0
    file.write(anonymous_header_of(eeg, choice))
    for block in _blocks(eeg):
        cancel.check()
        records = block if choice.annotations else without_annotations(block, eeg.header)
        file.write(records.tobytes())
        done += len(records)
        share = done / max(eeg.header.records, 1)
        report(Progress("Copying the EEG", share, estimate.remaining(share)))


def _blocks(eeg: EegFile) -> Iterator[npt.NDArray[np.uint8]]:
    """The complete records in blocks; what is left of one that was cut off is not among them."""
    header = eeg.header
    size = max(_BLOCK // max(header.record_bytes, 1), 1)
    for first in range(0, header.records, size):
        yield eeg.records(first, min(size, header.records - first))


def without_annotations(records: npt.NDArray[np.uint8], header: EegHeader) -> npt.NDArray[np.uint8]:
    """The records (n, bytes) with nothing but the time stamps in their annotation channels."""
    if not header.annotation_channels:
        return records
    cleaned = records.copy()
    for number, channel in enumerate(header.annotation_channels):
        part = cleaned[:, channel.offset : channel.offset + channel.size]
        stamps = _stamps(part, channel) if number == 0 else None
        part[...] = 0
        if stamps is not None:
            part[...] = stamps
    return cleaned


def _stamps(part: npt.NDArray[np.uint8], channel: AnnotationChannel) -> npt.NDArray[np.uint8]:
    """The annotation channel with the time stamps alone."""
    raw, size = part.tobytes(), channel.size
    kept = []
    for at in range(0, len(raw), size):
        found = _STAMP.match(raw, at, at + size)
        kept.append((found[0] if found else b"").ljust(size, b"\0"))
    return np.frombuffer(b"".join(kept), np.uint8).reshape(part.shape)
