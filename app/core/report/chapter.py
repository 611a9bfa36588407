"""The chapter of a recording in a report: its readers, their answers, evidence over time, and reasons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from app.core.answer_words import confidence_words, side_words
from app.core.plural import plural
from app.core.recording.codec_names import codec_name
from app.core.report.blocks import (
    Block,
    Chapter,
    Facts,
    Heading,
    Paragraph,
    Pictures,
    ReaderLane,
    ReportCell,
    ReportRow,
    Table,
    TextTone,
    Timeline,
    TimeRow,
)
from app.core.report.phrases import PRESENCES, SIDES, caution, describe_reader, format_evidence
from app.core.report.pictures import Picture
from app.core.report.reviewed_recording import ReaderNames, ReportedReading, ReviewedRecording
from app.core.semiology import FEATURES, GROUP_NAMES, Answer, Feature, Group, Presence, Span, in_group
from app.core.study.marks import Mark, MarkKind, find_phases, first_moment
from app.core.times import clock

if TYPE_CHECKING:
    from app.core.recording.recording import Recording

MOST_ABREAST = 5
"""The most readers in one table; more get a second one below."""
_MOST_WIDE = 3
"""The most readers in a table whose side and confidence are on the line of the answer."""

MIRRORED = (
    "The file shows the patient mirrored. The sides that programs saw in it are swapped here; the pictures "
    "are unchanged."
)


def build_chapter(
    reviewed: ReviewedRecording,
    reader_names: ReaderNames,
    recording: Recording | None,
    shots: Sequence[Picture] = (),
    note: str = "",
    *,
    eeg: Sequence[Block] = (),
    described_before: bool = False,
) -> Chapter:
    """The chapter of one recording; `recording` is its file where it was opened, `note` is on the pictures,
    `eeg` are the pages of its EEG.

    `described_before`: what the programs are stands elsewhere in the report.
    """
    name = reviewed.recording.name
    blocks: list[Block] = [Heading(name, 1), _facts(reviewed, recording)]
    if reviewed.withheld:
        blocks.append(Paragraph(sealed_notice(reviewed.withheld), TextTone.NOTICE))
    if not reviewed.reported:
        blocks.append(
            Paragraph("There are no answers to this recording that may be shown here.", TextTone.SOFT)
        )
        return Chapter(name, tuple(blocks))
    if reviewed.mirrored:
        blocks.append(Paragraph(MIRRORED, TextTone.NOTICE))
    blocks += [Heading("Readers"), _readers(reviewed.reported, reader_names, described_before)]
    blocks += [Heading("Answers"), *_answers(reviewed.reported, reader_names)]
    blocks += [Heading("Evidence over time"), *_over_time(reviewed, reader_names)]
    blocks += eeg
    if shots or note:
        blocks.append(Heading("Pictures at the evidence"))
        blocks += [Paragraph(note, TextTone.SOFT)] if note else []
        blocks += [Pictures(tuple(shots))] if shots else []
    reasons = tuple(_reasons(reviewed.reported, reader_names))
    if reasons:
        who = "Feature" if len(reviewed.reported) == 1 else "Reader"
        head = (ReportCell(who), ReportCell("Answer"), ReportCell("When and why"))
        blocks += [Heading("Evidence and reasons"), Table(head, reasons, (0.18, 0.16, 0.66))]
    return Chapter(name, tuple(blocks))


def sealed_notice(count: int) -> str:
    """The sentence that so many readings are sealed."""
    readings = "1 reading of this recording is" if count == 1 else f"{count} readings of this recording are"
    return (
        f"{readings} sealed and not shown: somebody whom this report is for has not locked their own answers "
        "and revealed the others'."
    )


def _facts(reviewed: ReviewedRecording, recording: Recording | None) -> Facts:
    identity = reviewed.recording
    rows = [("Duration", f"{clock(identity.duration)} ({identity.duration:.2f} s)")]
    if recording is not None:
        rows += [("Picture", _picture(recording)), ("Sound", _sound(recording))]
        rows += [("Warning", warning.text) for warning in recording.warnings]
    rows.append(("SHA-256", identity.sha256 or "not computed"))
    return Facts(tuple(rows))


def _picture(recording: Recording) -> str:
    video = recording.video
    if video is None:
        return "none"
    size = f"{video.width} × {video.height}"
    return f"{codec_name(video.codec)}, {size}, {video.rate:.3g} Hz, {plural(len(video.times), 'frame')}"


def _sound(recording: Recording) -> str:
    audio = recording.audio
    if audio is None:
        return "none"
    channels = {1: "mono", 2: "stereo"}.get(audio.channels, f"{audio.channels} channels")
    return f"{codec_name(audio.codec)}, {audio.rate / 1000:g} kHz, {channels}"


# who read


def _readers(reported: Sequence[ReportedReading], reader_names: ReaderNames, described_before: bool) -> Table:
    """The readers of a recording, and how their answers came about."""
    rows = []
    for one in reported:
        answers = [one.full.reading.answer(feature.id).presence for feature in FEATURES]
        counts = [(answers.count(presence), word) for presence, (_, word) in PRESENCES.items()]
        summed = " · ".join(f"{count} {word}" for count, word in counts if count)
        about = "" if described_before else f"{describe_reader(one.reader)} {caution(one.reader)}"
        about = f"{about} {one.blinding}".strip()
        rows.append(
            ReportRow((_name(one, reader_names), ReportCell(summed), ReportCell(about, tone=TextTone.SOFT)))
        )
    return Table(
        (ReportCell("Reader"), ReportCell("Answers"), ReportCell("How they came about")),
        tuple(rows),
        (0.2, 0.3, 0.5),
    )


def _name(reported: ReportedReading, reader_names: ReaderNames) -> ReportCell:
    return ReportCell(
        reader_names.name(reported.reader), tone=TextTone.STRONG, reader=reader_names.number(reported.reader)
    )


# side by side


def _answers(reported: Sequence[ReportedReading], reader_names: ReaderNames) -> Iterator[Table]:
    for first in range(0, len(reported), MOST_ABREAST):
        abreast = reported[first : first + MOST_ABREAST]
        share = 0.7 / max(len(abreast), 3)
        rows: list[ReportRow] = []
        for group in Group:
            rows.append(ReportRow((ReportCell(GROUP_NAMES[group], tone=TextTone.STRONG),), head=True))
            rows += [_row(feature, abreast, reader_names) for feature in in_group(group)]
        head = (ReportCell("Feature"), *(_name(one, reader_names) for one in abreast))
        shares = (1 - share * len(abreast), *(share for _ in abreast))
        yield Table(head, tuple(rows), shares, whole=True)


def _row(feature: Feature, reported: Sequence[ReportedReading], reader_names: ReaderNames) -> ReportRow:
    narrow = len(reported) > _MOST_WIDE
    cells = (
        _said(one.full.reading.answer(feature.id), reader_names.number(one.reader), narrow)
        for one in reported
    )
    return ReportRow((ReportCell(feature.name), *cells))


def _said(answer: Answer, reader: int, stacked: bool = True) -> ReportCell:
    glyph, word = PRESENCES[answer.presence]
    side = SIDES[answer.laterality] if answer.laterality and not answer.sides else side_words(answer)
    soft = filter(None, (side, confidence_words(answer)))
    yes = answer.presence is Presence.YES
    return ReportCell(
        f"{glyph} {word}",
        ", ".join(soft),
        tone=TextTone.STRONG if yes else TextTone.SOFT,
        reader=reader if yes else None,
        stacked=stacked,
    )


# over time


def _over_time(reviewed: ReviewedRecording, reader_names: ReaderNames) -> Iterator[Block]:
    rows = [TimeRow(name, lanes) for name, lanes in _lanes(reviewed, reader_names) if lanes]
    if not rows or reviewed.recording.duration <= 0:
        yield Paragraph("No feature has evidence in time.", TextTone.SOFT)
        return
    shown = {lane.reader for row in rows for lane in row.lanes}
    readers = ((reader_names.number(one.reader), reader_names.name(one.reader)) for one in reviewed.reported)
    legend = tuple((number, name) for number, name in readers if number in shown)
    yield Timeline(reviewed.recording.duration, legend, tuple(rows))


def _lanes(
    reviewed: ReviewedRecording, reader_names: ReaderNames
) -> Iterator[tuple[str, tuple[ReaderLane, ...]]]:
    """The seizure as it was marked, then every feature with evidence of a yes."""
    reported = [(reader_names.number(one.reader), one.full) for one in reviewed.reported]
    seizures = ((number, _seizure(full.marks)) for number, full in reported)
    yield "Seizure", tuple(ReaderLane(number, (span,)) for number, span in seizures if span is not None)
    for feature in FEATURES:
        answers = ((number, full.reading.answer(feature.id)) for number, full in reported)
        seen = ((number, answer) for number, answer in answers if answer.presence is Presence.YES)
        yield (
            feature.name,
            tuple(ReaderLane(number, answer.evidence) for number, answer in seen if answer.evidence),
        )


def _seizure(marks: Sequence[Mark]) -> Span | None:
    """From onset to end, a moment where only one is marked."""
    onset, end = first_moment(marks, MarkKind.ONSET), first_moment(marks, MarkKind.END)
    known = [seconds for seconds in (onset, end) if seconds is not None]
    return Span(min(known), max(known)) if known else None


# why


def _reasons(reported: Sequence[ReportedReading], reader_names: ReaderNames) -> Iterator[ReportRow]:
    yield from _marked(reported, reader_names)
    if len(reported) == 1:
        # One reader's name in every row tells nothing.
        found = (_reason(feature, reported[0], reader_names, alone=True) for feature in FEATURES)
        yield from (row for row in found if row is not None)
        return
    for feature in FEATURES:
        rows = [row for one in reported if (row := _reason(feature, one, reader_names)) is not None]
        if rows:
            yield ReportRow((ReportCell(feature.name, tone=TextTone.STRONG),), head=True)
            yield from rows


def _reason(
    feature: Feature, one: ReportedReading, reader_names: ReaderNames, *, alone: bool = False
) -> ReportRow | None:
    answer = one.full.reading.answer(feature.id)
    note = one.full.note(feature.id)
    words = [format_evidence(answer.evidence), answer.explanation, f"Note: {note}" if note else ""]
    first, *more = [part for part in words if part] or [""]
    if not first:
        return None
    said = _said(answer, reader_names.number(one.reader))
    name = ReportCell(reader_names.name(one.reader), reader=reader_names.number(one.reader))
    return ReportRow(
        (ReportCell(feature.name) if alone else name, said, ReportCell(first, below="\n".join(more)))
    )


def _marked(reported: Sequence[ReportedReading], reader_names: ReaderNames) -> Iterator[ReportRow]:
    """The readers' marks of the seizure itself."""
    rows = []
    for one in reported:
        words = []
        for kind, name in ((MarkKind.ONSET, "onset"), (MarkKind.END, "end")):
            seconds = first_moment(one.full.marks, kind)
            words += [f"{name} {clock(seconds)}"] if seconds is not None else []
        found = find_phases(one.full.marks, one.full.reading.recording.duration)
        words += [f"{phase.label or 'phase'} {format_evidence((phase.span,))}" for phase in found]
        if words:
            who = ReportCell(reader_names.name(one.reader), reader=reader_names.number(one.reader))
            rows.append(ReportRow((who, ReportCell(""), ReportCell(" · ".join(words)))))
    if rows:
        yield ReportRow((ReportCell("Seizure", tone=TextTone.STRONG),), head=True)
        yield from rows
