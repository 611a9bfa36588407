"""The pages of the EEG at the onsets that readers marked, for a report.

They are drawn on white whatever the window looks like, with times on the recording's clock. Neither the
header of the EEG nor its name, place or annotations are in them: these may name people.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from app.core.eeg.eeg_file import EegFile
from app.core.eeg.page_content import PageChoice, PageMark, read_page_content, second_ticks
from app.core.eeg.page_layout import PictureStyle
from app.core.eeg.page_picture import page_png
from app.core.eeg.page_scale import MILLIMETRES_PER_INCH
from app.core.eeg.record_scan import timeline_until
from app.core.eeg.sync import uncertainty_at
from app.core.errors import UserError
from app.core.jobs import CancelToken, Progress, Report, no_report
from app.core.report.blocks import Block, EegFigure, Heading, Paragraph, TextTone
from app.core.report.reviewed_recording import ReaderNames, ReportedEeg, ReviewedRecording
from app.core.study.marks import MarkKind, first_moment
from app.core.study.stored_eeg import AgreedSync
from app.core.times import clock

PAGE_SECONDS, BEFORE = 10, 2
"""The length of a page, and where on it the onset is."""

_SAME = 1.0
"""Onsets of several readers within this many seconds share a page."""

_RUN_IN = 180.0
_PAPER_MM = 177.5
_STYLE = PictureStyle(dots_per_inch=1920 / _PAPER_MM * MILLIMETRES_PER_INCH, row_mm=6.5)
"""As wide as the text of a report on A4, so that its millimetres are those of the paper."""

_NOT_FOUND = (
    "The page of the EEG is missing: its file is not where it was last seen, was changed, or may not be "
    "opened by itself."
)
_NOT_THERE = "The attached EEG was not recorded at the onset that was marked at {}."
_NOT_DRAWN = "The page of the EEG at {} could not be drawn."


@dataclass(frozen=True, slots=True)
class MarkedOnset:
    """Onsets (s on the recording's clock) close to one another, with the names of who marked them."""

    moments: tuple[tuple[float, str], ...]

    @property
    def first(self) -> float:
        return self.moments[0][0]

    @property
    def names(self) -> str:
        return " and ".join(", ".join(name for _, name in self.moments).rsplit(", ", 1))


def marked_onsets(reviewed: ReviewedRecording, reader_names: ReaderNames) -> tuple[MarkedOnset, ...]:
    """The onsets in the readings that are shown, near ones together, in order of time."""
    found = []
    for one in reviewed.reported:
        seconds = first_moment(one.full.marks, MarkKind.ONSET)
        if seconds is not None:
            found.append((seconds, reader_names.name(one.reader)))
    groups: list[list[tuple[float, str]]] = []
    for seconds, name in sorted(found):
        if groups and seconds - groups[-1][0][0] <= _SAME:
            groups[-1].append((seconds, name))
        else:
            groups.append([(seconds, name)])
    return tuple(MarkedOnset(tuple(group)) for group in groups)


def eeg_blocks(
    reviewed: ReviewedRecording,
    reader_names: ReaderNames,
    *,
    most: int | None = None,
    report: Report,
    cancel: CancelToken,
) -> tuple[Block, ...]:
    """A page of the EEG for every marked onset, or the sentence why there is none; at most `most` pages.

    Nothing without an attached EEG or a marked onset. Raises Cancelled.
    """
    onsets = marked_onsets(reviewed, reader_names)[:most]
    if not reviewed.eegs or not onsets:
        return ()
    blocks: list[Block] = [Heading("EEG at the onset")]
    for number, onset in enumerate(onsets):
        cancel.check()
        report(Progress("Drawing the EEG", number / len(onsets)))
        blocks.append(_block(reviewed.eegs, onset, cancel))
    return tuple(blocks)


def _block(eegs: Sequence[ReportedEeg], onset: MarkedOnset, cancel: CancelToken) -> Block:
    """The page of the EEG that was recorded at the onset; the last one first."""
    why = _NOT_THERE.format(clock(onset.first))
    for one in reversed(eegs):
        if one.stored.agreed.sync.to_eeg(onset.first) < 0:
            continue
        try:
            file = one.find(no_report, cancel).file
        except UserError:  # the sentence names the file and its folder
            return Paragraph(_NOT_FOUND, TextTone.SOFT)
        try:
            drawn = _figure(file, one, onset, cancel)
        except UserError:
            return Paragraph(_NOT_DRAWN.format(clock(onset.first)), TextTone.SOFT)
        finally:
            file.contents.close()
        if drawn is not None:
            return drawn
    return Paragraph(why, TextTone.SOFT)


def _figure(file: EegFile, one: ReportedEeg, onset: MarkedOnset, cancel: CancelToken) -> EegFigure | None:
    """The page, None when the EEG had ended by then. Raises UserError, Cancelled."""
    sync, begins = one.stored.agreed.sync, onset.first - BEFORE
    start = Fraction(sync.to_eeg(begins))
    timeline = timeline_until(file, float(start) + PAGE_SECONDS + _RUN_IN, cancel=cancel)
    if sync.to_eeg(onset.first) * 1e9 >= timeline.duration_ns:
        return None
    labels = {signal.label for signal in file.header.signals}
    bad = tuple(sorted(one.stored.bad_channels & labels))
    choice = replace(one.choice or PageChoice(), bad=bad)
    seconds = Fraction(PAGE_SECONDS)
    content = read_page_content(file, timeline, choice, start, seconds)
    shown = replace(
        content,
        ticks=second_ticks(Fraction(begins), seconds),
        marks=tuple(_marks(onset, one)),
    )
    caption = (
        f"The onset that {onset.names} marked, at {clock(onset.first)} of the recording. {content.title}; "
        f"10 s. {describe_sync(one.stored.agreed, sync.to_eeg(onset.first))}"
    )
    return EegFigure(page_png(shown, _STYLE), caption)


def _marks(onset: MarkedOnset, one: ReportedEeg) -> Iterator[PageMark]:
    sync = one.stored.agreed.sync
    begins = sync.to_eeg(onset.first - BEFORE)
    several = len(onset.moments) > 1
    for seconds, name in onset.moments:
        text = f"onset ({name})" if several else "onset"
        yield PageMark(sync.to_eeg(seconds) - begins, text, strong=True)


def describe_sync(agreed: AgreedSync, eeg: float) -> str:
    """What the sync of an EEG rests on, and how exact it is at `eeg` seconds on its clock."""
    origin = agreed.origin.strip().rstrip(".")
    basis = f"Synchronised: {origin}" if origin else "Synchronised by hand"
    if not agreed.pairs:
        return f"{basis}. How exact that is was not measured with marks."
    return f"{basis}; within {uncertainty_at(agreed.pairs, eeg):.2g} s here, by its marks."
