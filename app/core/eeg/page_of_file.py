"""One page of an EEG file as a picture: the file is read up to the page, its annotations stand above it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from app.core.eeg.eeg_file import EegFile, opened_eeg
from app.core.eeg.eeg_recording import Annotation, first_sample_at
from app.core.eeg.page_content import (
    PageChoice,
    PageContent,
    PageMark,
    day_ticks,
    read_page_content,
    second_ticks,
)
from app.core.eeg.page_layout import PictureStyle
from app.core.eeg.page_picture import page_png
from app.core.eeg.record_scan import Scan, scan_records
from app.core.eeg.timeline import NANOSECONDS
from app.core.errors import UserError
from app.core.jobs import CancelToken, Progress, Report
from app.core.plain_text import plain

_AFTER = 180
"""Seconds after a page that are read too: the run-in of filters with zero phase, and annotations that a
program wrote late."""

_LONGEST_TEXT = 60


@dataclass(frozen=True, slots=True)
class FilePage:
    """Which page of a file: `seconds` from `start` on (seconds from the first sample), with times of day
    or seconds below it, and with the file's annotations or without."""

    start: float
    seconds: float = 10.0
    times_of_day: bool = True
    annotations: bool = True


def draw_page_of_file(
    path: Path,
    wanted: FilePage,
    choice: PageChoice,
    style: PictureStyle,
    *,
    report: Report,
    cancel: CancelToken,
) -> bytes:
    """The page as PNG. Raises UserError when the file cannot be read or has nothing to show there;
    Cancelled."""
    with opened_eeg(path) as eeg:
        content = page_content_of_file(eeg, wanted, choice, report=report, cancel=cancel)
    cancel.check()
    report(Progress("Drawing the page", 0.9))
    return page_png(content, style)


def page_content_of_file(
    eeg: EegFile, wanted: FilePage, choice: PageChoice, *, report: Report, cancel: CancelToken
) -> PageContent:
    """What stands on the page. Raises UserError, Cancelled."""
    start, seconds = Fraction(wanted.start), Fraction(wanted.seconds)
    end = wanted.start + wanted.seconds + _AFTER
    scan = _scan_until(eeg, end, report=report, cancel=cancel)
    length = scan.timeline.duration_ns / NANOSECONDS
    if scan.done >= 1 and (wanted.start >= length or wanted.start + wanted.seconds <= 0):
        raise UserError(f"“{eeg.name}” lasts {length:g} s; there is nothing at {wanted.start:g} s.")
    content = read_page_content(eeg, scan.timeline, choice, start, seconds)
    begun = first_sample_at(eeg.header, scan.timeline) if wanted.times_of_day else None
    ticks = day_ticks(begun, start, seconds) if begun else second_ticks(start, seconds)
    marks = tuple(_marks(scan.annotations, wanted)) if wanted.annotations else ()
    return replace(content, ticks=ticks, marks=marks)


def _scan_until(eeg: EegFile, seconds: float, *, report: Report, cancel: CancelToken) -> Scan:
    """The time stamps and annotations of all records up to a time."""
    whole = max(eeg.header.records * eeg.header.record_ns / NANOSECONDS, 1e-9)
    found = None
    with closing(scan_records(eeg, cancel=cancel)) as scans:
        for found in scans:
            report(Progress("Reading the time stamps of the EEG", min(found.done * whole / seconds, 0.9)))
            known = found.timeline.known_ns - 2 * found.timeline.record_ns
            if found.done * whole > seconds and known > seconds * NANOSECONDS:
                break
    assert found is not None  # a scan yields at least its final result
    return found


def _marks(annotations: tuple[Annotation, ...], wanted: FilePage) -> Iterator[PageMark]:
    for note in annotations:
        at = note.onset - wanted.start
        if 0 <= at <= wanted.seconds and note.text.strip():
            yield PageMark(at, plain(" ".join(note.text.split()), _LONGEST_TEXT))
