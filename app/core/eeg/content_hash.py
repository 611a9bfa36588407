"""The identity of an EEG file by its content, without reading more than its first records."""

from __future__ import annotations

import hashlib

from app.core.eeg.eeg_file import EegFile

_PERSON = slice(8, 168)
"""The bytes of the header that name the patient and describe the recording. An anonymised copy of a file is
the same EEG, and no trace of a name leaves the file."""

_RECORD_COUNT = slice(236, 244)
"""The field that a device fills in when the recording ends."""

_LEAST, _MOST = 1 << 18, 1 << 22
"""The bytes of records that are hashed: the first that fit in 256 KiB, at least one, at most 4 MiB of it."""


def content_hash(eeg: EegFile, size: int | None = None) -> str:
    """A hash (40 hexadecimal digits) of the header and of the first records.

    Neither the header's identity nor the length of the file is in it, so that it also holds for an
    anonymised copy and for a file that has grown since it had `size` bytes (None: that it has now). Raises
    UserError when the file can no longer be read.
    """
    header = eeg.header
    head = bytearray(eeg.contents.read(0, header.header_bytes))
    head[_PERSON] = bytes(_PERSON.stop - _PERSON.start)
    head[_RECORD_COUNT] = bytes(_RECORD_COUNT.stop - _RECORD_COUNT.start)
    digest = hashlib.sha256(head)
    if header.records and header.record_bytes:
        there = min(eeg.contents.size if size is None else size, eeg.contents.size) - header.header_bytes
        count = min(max(_LEAST // header.record_bytes, 1), max(there // header.record_bytes, 0))
        digest.update(eeg.contents.read(header.header_bytes, min(count * header.record_bytes, _MOST)))
    return digest.hexdigest()[:40]
