"""The header of EDF and BDF files, read leniently: what can be put right is, with a warning.

By the specifications of EDF, EDF+ and BDF (edfplus.info/specs, biosemi.com/faq/file_format.htm).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from app.core.eeg.fields import number_of, text_of, whole_number_of
from app.core.eeg.recording import AnnotationChannel, EegHeader, EegWarning, Signal
from app.core.eeg.start import started_at
from app.core.eeg.timeline import NANOSECONDS
from app.core.errors import UserError

FIXED = 256
"""Bytes of the part that every file has; each signal adds as many."""

BDF_MARK = b"\xffBIOSEMI"

_MAXIMUM_NS = 4 * 10**18
_WIDTHS = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)
"""Bytes of a signal's fields: label, transducer, unit, physical minimum and maximum, digital minimum and
maximum, prefiltering, samples in a record, reserved. Each field stands for all signals before the next."""

_ANNOTATIONS = ("edf annotations", "bdf annotations")


@dataclass(frozen=True, slots=True)
class _Row:
    """The fields of one signal as they stand in the header."""

    label: bytes
    transducer: bytes
    unit: bytes
    physical_minimum: bytes
    physical_maximum: bytes
    digital_minimum: bytes
    digital_maximum: bytes
    prefilter: bytes
    per_record: bytes
    reserved: bytes


def is_edf(head: bytes) -> bool:
    """Whether a file that begins like this calls itself EDF or BDF."""
    return head[:8] == BDF_MARK or (len(head) >= 8 and head[:8].strip(b" \0") == b"0")


def header_size(fixed: bytes, name: str) -> int:
    """Bytes of the whole header, by the number of signals in its first 256.

    Raises UserError when there is no such number: then no later field can be found.
    """
    count = whole_number_of(fixed[252:256]) if len(fixed) == FIXED else None
    if count is None or count < 0:
        raise UserError(f"The header of “{name}” is damaged: its number of signals cannot be read.")
    if count == 0:
        raise UserError(f"“{name}” holds no signals.")
    return FIXED * (count + 1)


def parse_header(raw: bytes, size: int, name: str) -> EegHeader:
    """The header `raw` of a file of `size` bytes. Raises UserError when it does not hold together."""
    rows = _rows(raw)
    counts = [whole_number_of(row.per_record) for row in rows]
    if any(count is None or count < 0 for count in counts):
        raise UserError(f"The header of “{name}” is damaged: the samples of its signals cannot be counted.")
    per_record = [count or 0 for count in counts]
    width = 3 if raw[:8] == BDF_MARK else 2
    record_bytes = sum(per_record) * width
    records, left_over = divmod(size - len(raw), record_bytes) if record_bytes else (0, 0)
    record_ns, duration_warnings = _record_ns(raw[244:252])
    kind = _format(raw)
    signals, channels = _split(rows, per_record, width, records, record_ns)
    named = _named(signals)
    start = started_at(
        text_of(raw[168:176]), text_of(raw[176:184]), text_of(raw[88:168]) if "+" in kind else ""
    )
    warnings = [
        *([] if start else [EegWarning("bad_start", "The date or the time of the start is impossible.")]),
        *_size_warnings(raw),
        *_record_warnings(whole_number_of(raw[236:244]), records, left_over),
        *duration_warnings,
        *_signal_warnings(rows, named),
        *_kind_warnings(kind, channels, record_ns, named),
    ]
    return EegHeader(
        kind,
        start,
        width,
        len(raw),
        record_bytes,
        record_ns,
        records,
        named,
        channels,
        tuple(dict.fromkeys(warnings)),
    )


def _rows(raw: bytes) -> list[_Row]:
    count = len(raw) // FIXED - 1
    columns, at = [], FIXED
    for width in _WIDTHS:
        columns.append([raw[at + width * number : at + width * (number + 1)] for number in range(count)])
        at += width * count
    return [_Row(*fields) for fields in zip(*columns, strict=True)]


def _format(raw: bytes) -> str:
    """The kind of file by its first byte and what the reserved field says of EDF+."""
    family = "BDF" if raw[:8] == BDF_MARK else "EDF"
    reserved = raw[192:236].strip(b" \0").upper()
    if not reserved.startswith((b"EDF+", b"BDF+")):
        return family
    return f"{family}+D" if reserved[4:5] == b"D" else f"{family}+C"


def _record_ns(field: bytes) -> tuple[int, list[EegWarning]]:
    seconds = number_of(field)
    if seconds is None or not 0 <= seconds * NANOSECONDS < _MAXIMUM_NS:
        return 0, [EegWarning("bad_record_duration", "How long a data record lasts cannot be read.")]
    comma = [_DECIMAL_COMMA] if b"," in field else []
    return round(seconds * NANOSECONDS), comma


_DECIMAL_COMMA = EegWarning("decimal_comma", "Numbers of the header are written with a decimal comma.")


def _split(
    rows: Sequence[_Row], per_record: Sequence[int], width: int, records: int, record_ns: int
) -> tuple[list[Signal], tuple[AnnotationChannel, ...]]:
    """The sampled signals and the annotation channels, each with its place in a record."""
    signals: list[Signal] = []
    channels: list[AnnotationChannel] = []
    offset = 0
    for row, count in zip(rows, per_record, strict=True):
        if _is_annotations(row):
            channels.append(AnnotationChannel(offset, count * width))
        else:
            rate = Fraction(count * NANOSECONDS, record_ns) if record_ns and count else None
            blank = Signal(len(signals), "", "", "", rate, records * count, count, offset)
            signals.append(_described(blank, row))
        offset += count * width
    return signals, tuple(channels)


def _is_annotations(row: _Row) -> bool:
    return text_of(row.label).lower() in _ANNOTATIONS


def _described(signal: Signal, row: _Row) -> Signal:
    """A signal whose place is known, with what its fields say of it."""
    label, scale = text_of(row.label), _scale(row)
    digital, gain, base = scale or ((0, 0), 1.0, 0.0)
    return replace(
        signal,
        label=label,
        name=label or f"Signal {signal.number + 1}",
        unit=text_of(row.unit) if scale else "",
        digital=digital,
        gain=gain,
        base=base,
        transducer=text_of(row.transducer),
        prefilter=text_of(row.prefilter),
    )


def _scale(row: _Row) -> tuple[tuple[int, int], float, float] | None:
    """Digital range, gain and base, in fractions until the end; None where the ranges give no gain."""
    low, high = number_of(row.physical_minimum), number_of(row.physical_maximum)
    first, last = whole_number_of(row.digital_minimum), whole_number_of(row.digital_maximum)
    if low is None or high is None or first is None or last is None or low == high or first == last:
        return None
    gain = (high - low) / (last - first)
    return (min(first, last), max(first, last)), float(gain), float(low - first * gain)


def _named(signals: Sequence[Signal]) -> tuple[Signal, ...]:
    """The signals with names of their own where labels are used twice."""
    taken = {signal.name for signal in signals}
    used: Counter[str] = Counter()
    named = []
    for signal in signals:
        used[signal.name] += 1
        name = signal.name
        while used[signal.name] > 1 and (name := f"{signal.name} ({used[signal.name]})") in taken:
            used[signal.name] += 1
        taken.add(name)
        named.append(replace(signal, name=name))
    return tuple(named)


def _size_warnings(raw: bytes) -> Iterator[EegWarning]:
    if whole_number_of(raw[184:192]) != len(raw):
        yield EegWarning("header_size", "The header says a wrong size of itself.")


def _record_warnings(said: int | None, records: int, left_over: int) -> Iterator[EegWarning]:
    if left_over:
        yield EegWarning(
            "truncated", "The file ends within a data record: that record is left out, the rest is whole."
        )
    if said is None or said < 0:
        yield EegWarning(
            "records_not_counted", f"The recording was not ended properly: {records} data records were found."
        )
    elif said > records:
        yield EegWarning(
            "records_missing",
            f"The file is incomplete: {records} of {said} data records are there; it may have been cut off.",
        )
    elif said < records:
        yield EegWarning("more_records", f"The file holds {records} data records; its header says {said}.")


def _signal_warnings(rows: Sequence[_Row], signals: Sequence[Signal]) -> Iterator[EegWarning]:
    sampled = [row for row in rows if not _is_annotations(row)]
    without = [signal.name for row, signal in zip(sampled, signals, strict=True) if _scale(row) is None]
    if without:
        yield EegWarning("no_calibration", f"No physical values, only stored numbers: {_listed(without)}.")
    if any(b"," in row.physical_minimum + row.physical_maximum for row in sampled):
        yield _DECIMAL_COMMA
    labels = Counter(signal.label for signal in signals)
    if blank := labels.pop("", 0):
        yield EegWarning("blank_labels", f"Signals without a label: {blank}.")
    if twice := [label for label, count in labels.items() if count > 1]:
        yield EegWarning("duplicate_labels", f"Labels used more than once: {_listed(twice)}.")
    if inverted := [signal.name for signal in signals if signal.gain < 0]:
        yield EegWarning(
            "inverted", f"Physical minimum above the maximum, read as negative gain: {_listed(inverted)}."
        )


def _kind_warnings(
    kind: str, channels: Sequence[AnnotationChannel], record_ns: int, signals: Sequence[Signal]
) -> Iterator[EegWarning]:
    if "+" in kind and not channels:
        yield EegWarning(
            "no_annotation_channel",
            f"The file says {kind} but has no channel of annotations and stamps.",
        )
    if "+" not in kind and channels:
        yield EegWarning("unexpected_annotations", f"The file says plain {kind} but has annotations; read.")
    if not record_ns and signals:
        yield EegWarning("no_rate", "Data records last 0 s, so the samples of the signals have no time.")


def _listed(names: Sequence[str]) -> str:
    """At most five names, and how many more there are."""
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more
