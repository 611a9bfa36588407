"""The header of EDF and BDF files, read leniently: recoverable errors are corrected, with a warning.

It follows the specifications of EDF, EDF+ and BDF (edfplus.info/specs, biosemi.com/faq/file_format.htm).
"""

from __future__ import annotations

import re

from app.core.eeg.eeg_recording import EegHeader, EegWarning
from app.core.eeg.header_fields import number_of, text_of, whole_number_of
from app.core.eeg.header_warnings import comma_warnings, kind_warnings, record_warnings, signal_warnings
from app.core.eeg.signal_fields import FIXED, annotation_channels, placed_rows, read_rows, sampled_signals
from app.core.eeg.start_time import started_at
from app.core.eeg.timeline import NANOSECONDS, TIME_LIMIT
from app.core.errors import UserError

BDF_MARK = b"\xffBIOSEMI"

_WHEN = re.compile(rb"\d\d\.\d\d\.(\d\d|yy)\d\d[.:]\d\d[.:]\d\d")
"""Date and time, adjacent fields from byte 168 on."""


def is_edf(head: bytes) -> bool:
    """Whether these first bytes of a file are those of EDF or BDF."""
    return head[:8] == BDF_MARK or (len(head) >= 8 and head[:8].strip(b" \0") == b"0")


def header_size(fixed: bytes, name: str) -> int:
    """The size of the whole header in bytes, by the number of signals in its first 256.

    Raises UserError when the number is missing, or displaced by an extra or missing byte: then no later field
    can be found.
    """
    if not _WHEN.match(fixed, 168) and _WHEN.search(fixed, 8):
        raise UserError(f"The header of “{name}” is damaged: its fields are not in their places.")
    count = whole_number_of(fixed[252:256])
    if count is None or count < 0:
        raise UserError(f"The header of “{name}” is damaged: its number of signals cannot be read.")
    if count == 0:
        raise UserError(f"“{name}” holds no signals.")
    return FIXED * (count + 1)


def parse_header(raw: bytes, size: int, name: str) -> EegHeader:
    """The parsed header `raw` of a file of `size` bytes. Raises UserError when it is inconsistent."""
    width = 3 if raw[:8] == BDF_MARK else 2
    rows = placed_rows(read_rows(raw), width)
    if rows is None:
        raise UserError(f"The header of “{name}” is damaged: the samples of its signals cannot be counted.")
    kind = _format(raw)
    record_bytes = sum(row.per_record for row in rows) * width
    records, left_over = divmod(size - len(raw), record_bytes) if record_bytes else (0, 0)
    record_ns = _record_ns(raw[244:252], records)
    signals = sampled_signals(rows, records, record_ns or 0)
    channels = annotation_channels(rows, width)
    recording_field = text_of(raw[88:168]) if "+" in kind else ""
    start = started_at(text_of(raw[168:176]), text_of(raw[176:184]), recording_field)
    warnings = []
    if start is None:
        warnings.append(EegWarning("bad_start", "The date or the time of the start is impossible."))
    if whole_number_of(raw[184:192]) != len(raw):
        warnings.append(EegWarning("header_size", "The header states a wrong size of itself."))
    if record_ns is None:
        warnings.append(EegWarning("bad_record_duration", "The duration of a data record cannot be read."))
    warnings += record_warnings(whole_number_of(raw[236:244]), records, left_over)
    warnings += comma_warnings(raw[244:252], rows)
    warnings += signal_warnings(signals)
    warnings += kind_warnings(kind, channels, record_ns or 0, signals)
    return EegHeader(
        format=kind,
        start=start,
        width=width,
        header_bytes=len(raw),
        record_bytes=record_bytes,
        record_ns=record_ns or 0,
        records=records,
        signals=signals,
        annotation_channels=channels,
        warnings=tuple(warnings),
    )


def _format(raw: bytes) -> str:
    """The format by the first byte and the reserved field (EDF+)."""
    family = "BDF" if raw[:8] == BDF_MARK else "EDF"
    reserved = raw[192:236].strip(b" \0").upper()
    if not reserved.startswith((b"EDF+", b"BDF+")):
        return family
    return f"{family}+D" if reserved[4:5] == b"D" else f"{family}+C"


def _record_ns(field: bytes, records: int) -> int | None:
    """The duration of a data record in nanoseconds, 0 where a file holds annotations only.

    None when it cannot be read, or when the records would last longer than any recording.
    """
    seconds = number_of(field)
    if seconds is None or not 0 <= seconds * max(records, 1) * NANOSECONDS < TIME_LIMIT:
        return None
    return round(seconds * NANOSECONDS)
