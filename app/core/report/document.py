"""A report of one recording or of a whole study as blocks, independent of the form of its pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from app import __version__
from app.core.enhance.pose import cached_pose_track
from app.core.enhance.pose_track import PoseTrack
from app.core.errors import UserError
from app.core.jobs import CancelToken, Progress, Report, share_of
from app.core.plural import plural
from app.core.reading import ReaderIdentity, Reading
from app.core.recording.recording import Recording
from app.core.report.agreement_blocks import agreement_blocks, faithfulness_blocks
from app.core.report.blocks import (
    Block,
    Chapter,
    Document,
    Facts,
    Heading,
    Paragraph,
    ReportCell,
    ReportRow,
    Table,
    TextTone,
)
from app.core.report.chapter import build_chapter
from app.core.report.eeg_pages import eeg_blocks
from app.core.report.phrases import caution, describe_reader, reader_name
from app.core.report.pictures import (
    Picture,
    choose_moments,
    draw_hidden_pictures,
    draw_pictures,
)
from app.core.report.reviewed_recording import ReaderNames, ReviewedRecording
from app.core.semiology import Presence
from app.core.study.blind_readings import AnswersUsed, describe_changed
from app.core.study.study_settings import StudySettings

NOTICE = (
    "Research use; not a medical device. What a program answers is a suggestion, to be confirmed by a "
    "clinician."
)
HIDDEN = (
    "In the pictures heads, burned-in text that was found and places that a person drew are covered, the "
    "patient's trunk and limbs are softened, and all else is coarse. Heads and text can be missed: look at "
    "each picture before the report is handed on."
)
FACELESS = "What shows in the face alone has no picture, because faces are hidden."
_ARE_COARSE = "are coarse as a whole: the patient was not confirmed there, or something may be another face."
MOST_OF_A_STUDY = 4
"""Pictures of each recording in the report of a study."""
MOST_EEG_OF_A_STUDY = 1
"""Pages of the EEG of each recording in the report of a study."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the pictures of a report show: whether there are any, and whether people can be recognised; `eeg`:
    whether the EEG at the onset is shown.

    A report is made to be handed on, so people are hidden unless something else is asked for.
    """

    pictures: bool = True
    hide_faces: bool = True
    eeg: bool = True


@dataclass(frozen=True, slots=True)
class OpenRecording:
    """A recording that is open already, with the patient's track when it is known."""

    recording: Recording
    track: PoseTrack | None


def build_recording_report(
    reviewed: ReviewedRecording,
    opened: OpenRecording | None,
    choices: Choices,
    made: datetime,
    *,
    report: Report,
    cancel: CancelToken,
) -> Document:
    """The report of one recording; without `opened` its file is looked for where it was last seen."""
    reader_names = ReaderNames.of(one.reader for one in reviewed.reported)

    def chapters() -> Iterator[Chapter]:
        yield _with_pictures(reviewed, opened, reader_names, choices, report=report, cancel=cancel)

    return Document(reviewed.recording.name, made, 1, chapters())


def build_study_report(
    name: str,
    settings: StudySettings,
    found: Sequence[ReviewedRecording],
    choices: Choices,
    made: datetime,
    *,
    report: Report,
    cancel: CancelToken,
) -> Document:
    """The report of a study: its readers, how they agree, and a chapter for every recording."""
    reader_names = ReaderNames.of(one.reader for reviewed in found for one in reviewed.reported)

    def chapters() -> Iterator[Chapter]:
        report(Progress("Comparing the readers", 0.02))
        overview = tuple(_overview(found, reader_names))
        figures = tuple(agreement_blocks([_by_content(reviewed) for reviewed in found], reader_names, cancel))
        rated = tuple(
            faithfulness_blocks([one for reviewed in found for one in reviewed.ratings], reader_names)
        )
        facts = _study_facts(settings, found, reader_names)
        changed = describe_changed(sum(reviewed.changed for reviewed in found), AnswersUsed.LOCKED)
        counts = (Paragraph(sentence, TextTone.SOFT) for sentence in changed)
        yield Chapter(name, (Heading(name, 1), facts, *overview, *figures, *counts, *rated))
        for number, reviewed in enumerate(found):
            cancel.check()
            part = share_of(report, 0.1 + 0.9 * number / len(found), 0.1 + 0.9 * (number + 1) / len(found))
            part(Progress(f"Recording {number + 1} of {len(found)}", 0.0))
            yield _with_pictures(
                reviewed, None, reader_names, choices, most=MOST_OF_A_STUDY, report=part, cancel=cancel
            )

    return Document(name, made, 1 + len(found), chapters())


def footnote(made: datetime) -> str:
    """The text at the end of a report."""
    return (
        f"Made by Semioscope {__version__} on {made:%Y-%m-%d at %H:%M %Z}. Times are on the recording's "
        "clock; sides are the patient's own; in pictures the patient's left is orange and the right blue."
    )


def _by_content(reviewed: ReviewedRecording) -> tuple[Reading, ...]:
    """The readings for matching: in a study the fingerprint tells recordings apart, their names do not."""
    content = reviewed.fingerprint or reviewed.recording.sha256
    return tuple(
        replace(reading, recording=replace(reading.recording, sha256=content))
        for reading in reviewed.compared
    )


# pictures


def _with_pictures(
    reviewed: ReviewedRecording,
    opened: OpenRecording | None,
    reader_names: ReaderNames,
    choices: Choices,
    *,
    most: int | None = None,
    report: Report,
    cancel: CancelToken,
) -> Chapter:
    eeg: tuple[Block, ...] = ()
    if choices.eeg:
        pages = None if most is None else MOST_EEG_OF_A_STUDY
        eeg = eeg_blocks(reviewed, reader_names, most=pages, report=report, cancel=cancel)
    build = partial(build_chapter, reviewed, reader_names, eeg=eeg, described_before=most is not None)
    all_wanted = choose_moments(reviewed.readings) if choices.pictures else ()
    wanted = (
        choose_moments(reviewed.readings, faces=not choices.hide_faces, most=most) if choices.pictures else ()
    )
    faceless = choices.hide_faces and any(moment.of_face for moment in all_wanted)
    if opened is None and not wanted:
        note = FACELESS if faceless else ""
        return build(None, note=note)
    try:
        opened = opened or _opened(reviewed, cancel)
        draw = partial(draw_pictures)
        if choices.hide_faces:
            draw = partial(draw_hidden_pictures, drawn=reviewed.drawn(opened.recording.picture_key))
        shots = draw(opened.recording, opened.track, wanted, report=report, cancel=cancel)
    except UserError as error:
        # The answers are shown all the same; a study is often read without its recordings.
        note = f"There are no pictures: {error}"
        return build(None, note=note)
    return build(opened.recording, shots, _note(shots, faceless))


def _note(shots: Sequence[Picture], faceless: bool) -> str:
    parts = [HIDDEN] if any(shot.hidden for shot in shots) else []
    coarse = sum(shot.coarse for shot in shots)
    parts += [f"{coarse} of {len(shots)} {_ARE_COARSE}"] if coarse else []
    parts += [FACELESS] if faceless else []
    return " ".join(parts)


def _opened(reviewed: ReviewedRecording, cancel: CancelToken) -> OpenRecording:
    from app.core.recording.probe import open_recording

    if reviewed.path is None:
        raise UserError("the study names a place for it that this account has not opened before.")
    if not reviewed.path.is_file():
        raise UserError("the recording's file is not where it was last seen.")
    recording = open_recording(reviewed.path, picture=reviewed.picture, cancel=cancel)
    if reviewed.fingerprint and recording.fingerprint != reviewed.fingerprint:
        raise UserError("another file lies where the recording was last seen.")
    return OpenRecording(recording, cached_pose_track(recording, patient=reviewed.patient))


# the study


def _study_facts(
    settings: StudySettings, found: Sequence[ReviewedRecording], reader_names: ReaderNames
) -> Facts:
    blind = (
        "Yes: others' answers are sealed until a reader's answers are locked and the others' revealed"
        if settings.blind_by_default
        else "No: everybody sees everybody's answers"
    )
    withheld = sum(reviewed.withheld for reviewed in found)
    rows = [
        ("Recordings", str(len(found))),
        ("Readers", str(len(reader_names.names))),
        ("Blind reading", blind),
        ("Reference", reader_name(settings.reference) if settings.reference else "none"),
    ]
    if withheld:
        rows.append(
            ("Sealed", f"Not in this report, because sealed from its reader: {plural(withheld, 'reading')}")
        )
    return Facts(tuple(rows))


def _overview(found: Sequence[ReviewedRecording], reader_names: ReaderNames) -> Iterator[Block]:
    if not found:
        yield Paragraph("The study has no recordings yet.", TextTone.SOFT)
        return
    yield Heading("Readers")
    if not reader_names.names:
        yield Paragraph("There are no answers that may be shown here.", TextTone.SOFT)
        return
    everybody: dict[str, ReaderIdentity] = {}
    for reviewed in found:
        for one in reviewed.reported:
            everybody.setdefault(reader_names.name(one.reader), one.reader)
    rows = tuple(_reader(name, everybody[name], found, reader_names) for name in reader_names.names.values())
    head = (
        ReportCell("Reader"),
        ReportCell("Recordings"),
        ReportCell("Said yes"),
        ReportCell("How the answers came about"),
    )
    yield Table(head, rows, (0.24, 0.12, 0.12, 0.52))


def _reader(
    name: str, reader: ReaderIdentity, found: Sequence[ReviewedRecording], reader_names: ReaderNames
) -> ReportRow:
    reported = [
        one for reviewed in found for one in reviewed.reported if reader_names.name(one.reader) == name
    ]
    yes = sum(
        answer.presence is Presence.YES for one in reported for answer in one.full.reading.answers.values()
    )
    blind = sum(one.blinding.startswith("Read blind") for one in reported)
    about = [describe_reader(reader), caution(reader)]
    about += [f"{blind} of {len(reported)} read blind and locked."] if reported[0].blinding else []
    return ReportRow(
        (
            ReportCell(name, tone=TextTone.STRONG, reader=reader_names.number(reader)),
            ReportCell(str(len(reported))),
            ReportCell(str(yes)),
            ReportCell(" ".join(part for part in about if part), tone=TextTone.SOFT),
        )
    )
