"""Warnings about a header that is readable in spite of errors; they never quote the identifying fields."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from app.core.eeg.eeg_recording import AnnotationChannel, EegWarning, Signal
from app.core.eeg.signal_fields import PlacedSignal


def record_warnings(said: int | None, records: int, left_over: int) -> Iterator[EegWarning]:
    """Warnings about the number of data records: `said` by the header, `records` whole ones and `left_over`
    bytes in the file."""
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


def signal_warnings(signals: Sequence[Signal]) -> Iterator[EegWarning]:
    """Warnings about the signals."""
    if without := [signal.name for signal in signals if not signal.is_calibrated]:
        yield EegWarning("no_calibration", f"No physical values, only stored numbers: {_listed(without)}.")
    labels = Counter(signal.label for signal in signals)
    if blank := labels.pop("", 0):
        yield EegWarning("blank_labels", f"Signals without a label: {blank}.")
    if twice := [label for label, count in labels.items() if count > 1]:
        yield EegWarning("duplicate_labels", f"Labels used more than once: {_listed(twice)}.")
    if inverted := [signal.name for signal in signals if signal.gain < 0]:
        yield EegWarning(
            "inverted", f"Physical minimum above the maximum, read as negative gain: {_listed(inverted)}."
        )


def kind_warnings(
    kind: str, channels: Sequence[AnnotationChannel], record_ns: int, signals: Sequence[Signal]
) -> Iterator[EegWarning]:
    """Warnings about a format that contradicts the content of the file."""
    if "+" in kind and not channels:
        yield EegWarning(
            "no_annotation_channel", f"The file says {kind} but has no channel of annotations and stamps."
        )
    if "+" not in kind and channels:
        yield EegWarning(
            "unexpected_annotations",
            f"The file says plain {kind}; its channel of annotations is read anyway.",
        )
    if not record_ns and signals:
        yield EegWarning("no_rate", "Data records last 0 s, so the samples of the signals have no time.")


def comma_warnings(record_duration: bytes, rows: Sequence[PlacedSignal]) -> Iterator[EegWarning]:
    """A warning about numbers with a decimal comma."""
    fields = [record_duration, *(row.row.physical_minimum + row.row.physical_maximum for row in rows)]
    if any(b"," in field for field in fields):
        yield EegWarning("decimal_comma", "Numbers of the header are written with a decimal comma.")


def _listed(names: Sequence[str]) -> str:
    """At most five names, and how many more there are."""
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more
