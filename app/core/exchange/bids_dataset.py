"""A study as a BIDS dataset: what readers marked, with anonymous EEG files, the videos, or both.

EEG after BIDS-EEG and BIDS-iEEG; video after the proposal BEP047 (`beh/…_video`, with sound
`_audiovideo`), which validators of the released standard pass over by `.bidsignore`. No date is in it:
`scans.tsv` counts from a day of 1924.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from app.core.atomic import make_folder, unfinished_folder
from app.core.eeg.anonymous_copy import CopyChoice, write_anonymous_copy
from app.core.eeg.record_scan import read_recording
from app.core.errors import UserError
from app.core.exchange.bids import events_of_entry
from app.core.exchange.bids_channels import (
    COORDINATES,
    INTRACRANIAL,
    channel_types,
    channels_table,
    contacts_of,
    electrodes_table,
    table_of,
)
from app.core.exchange.bids_eeg import (
    TASK,
    datatype_of,
    eeg_events,
    eeg_events_sidecar,
    eeg_sidecar,
)
from app.core.exchange.bids_sidecar import DATASET
from app.core.exchange.bids_video import CopiedVideo, copy_video, video_suffix
from app.core.exchange.bundle import ReadRecording, bundle_of_study, only_readers
from app.core.exchange.without_sealed import without_sealed
from app.core.exports import exporting_to
from app.core.jobs import CancelToken, Report, share_of
from app.core.privacy.ledger import WRITTEN, Ledger
from app.core.study.eeg_places import StoredEegPlace
from app.core.study.named_places import may_open
from app.core.study.store import Study
from app.core.study.viewer import Seal, Viewer, describe_seal, seal_of, sealed_error, sealed_from, settle_seal
from app.core.study.without_video import NoVideoError

_DAY = datetime(1924, 1, 1)  # noqa: DTZ001 - BIDS marks anonymous dates by years before 1925
"""The moment of every recording's first frame in the dataset."""

_README = (
    "{name}, written by Semioscope.\n\n"
    "{eeg}Times in scans.tsv count from a day of 1924, at which every recording begins, and place EEG and "
    "video on one clock. Research use; not a medical device.\n"
)
_EEG_README = "EEG files have the anonymous header of EDF+; their samples are unchanged. "
_IGNORED = "*_video.*\n*_audiovideo.*\n**/beh/*_events.*\n"
"""What a validator of the released standard does not know yet (BEP047)."""


@dataclass(frozen=True, slots=True)
class DatasetChoice:
    """What goes into a dataset besides the answers: the videos, which show people, the EEG files, and their
    annotations, which may name people."""

    video: bool = False
    annotations: bool = False
    eeg: bool = True

    @property
    def name(self) -> str:
        """What the dataset is called."""
        return f"Seizure semiology with {'EEG' if self.eeg else 'video'}"


@dataclass(frozen=True, slots=True)
class WrittenDataset:
    """The folder, what is left out of it as sealed, and sentences on what else is missing or to beware of."""

    folder: Path
    seal: Seal
    remarks: tuple[str, ...]


def export_bids_dataset(
    study: Study,
    viewer: Viewer,
    target: Path,
    choice: DatasetChoice,
    *,
    user: str,
    readers: frozenset[str] = frozenset(),
    report: Report,
    cancel: CancelToken,
) -> WrittenDataset:
    """Write the dataset into `target`, which must be missing or empty, as a whole or not at all. The study's
    ledger has a row of `user` for each video before the dataset has its place.

    Raises UserError when there is nothing that may be written, or it cannot be, before anything is copied
    when the ledger is what cannot; Cancelled.
    """
    _check_target(target)
    found = without_sealed(bundle_of_study(study), study, sealed_from(study, viewer))
    bundle = only_readers(found.bundle, readers) if readers else found.bundle
    entries = [
        (row.id, entry)
        for row, entry in zip(study.recordings(), bundle.recordings, strict=True)
        if entry.readings
    ]
    if not entries:
        seal = seal_of(study, viewer, found.withheld)
        raise sealed_error(seal, "There are no answers that may be written, so nothing was written.")
    ledger = Ledger(study.folder)
    if choice.video:
        ledger.check_writable()
    remarks, videos = list[str](), dict[int, CopiedVideo]()
    width = max(3, len(str(len(entries))))
    labels = [f"sub-{number:0{width}}" for number in range(1, len(entries) + 1)]
    with exporting_to(target.parent), unfinished_folder(target) as place:
        seal = settle_seal(study, viewer, found.withheld, "export as a BIDS dataset")
        folder = place / "dataset"
        for number, (recording_id, entry) in enumerate(entries):
            part = share_of(report, number / len(entries), (number + 1) / len(entries))
            writer = _SubjectWriter(study, entry, folder / labels[number], choice)
            writer.write(recording_id, part, cancel)
            remarks += writer.remarks
            if writer.video is not None:
                videos[recording_id] = writer.video
        _write_head(folder, labels, choice)
        _give_place(folder, target, videos, ledger, user)
    if not choice.eeg and any(study.eegs(number) for number, _ in entries):
        remarks.append("The attached EEG files were not asked for and are not in it.")
    if videos:
        remarks.append(
            "The videos show people and are copied as they are, with whatever their files say. The ledger of "
            "what leaves this computer has a row for each."
        )
    return WrittenDataset(target, seal, tuple(remarks))


def describe_dataset(written: WrittenDataset) -> tuple[str, ...]:
    """Sentences on what was written and what to beware of."""
    return (f"{written.folder.name} was written.", *describe_seal(written.seal), *written.remarks)


def _check_target(target: Path) -> None:
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UserError(f"“{target.name}” is there already; a dataset is written into a new or empty folder.")


def _give_place(
    folder: Path, target: Path, videos: Mapping[int, CopiedVideo], ledger: Ledger, user: str
) -> None:
    """Note each video, by the recording's number, and move the dataset to `target`. Raises UserError."""
    rows = [video.note(ledger, user, number) for number, video in videos.items()]
    try:
        if target.exists():
            target.rmdir()
        folder.replace(target)
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise UserError(f"The folder “{target.name}” could not be written: {why}.") from error
    for row in rows:
        ledger.outcome(row, WRITTEN)


def _video(study: Study, recording_id: int) -> Path | None:
    """The recording's file; None where the study has labels alone."""
    try:
        return study.recording_path(recording_id)
    except NoVideoError:
        return None


class _SubjectWriter:
    """Writes the files of one recording below `folder`; `remarks` say what could not be written, `video` is
    the copy, where there is one."""

    def __init__(self, study: Study, entry: ReadRecording, place: Path, choice: DatasetChoice) -> None:
        self.remarks: list[str] = []
        self.video: CopiedVideo | None = None
        self._study, self._entry, self._folder, self._choice = study, entry, place, choice
        self._scans: list[tuple[str, float]] = []
        self._contacts: dict[str, None] = {}

    def write(self, recording_id: int, report: Report, cancel: CancelToken) -> None:
        """Write everything. Raises UserError when the disk refuses, Cancelled."""
        make_folder(self._folder)
        eegs = self._study.eegs(recording_id) if self._choice.eeg else ()
        video = _video(self._study, recording_id)
        works = len(eegs) + 1
        for number, stored in enumerate(eegs):
            cancel.check()
            name = f"task-{TASK}" + (f"_run-{number + 1:02}" if len(eegs) > 1 else "")
            part = share_of(report, number / works, (number + 1) / works)
            find = StoredEegPlace(stored, self._study.folder, (video or self._study.folder).parent)
            self._write_eeg(find, name, part, cancel)
        if self._choice.video:
            self._write_video(video, share_of(report, len(eegs) / works, 1.0), cancel)
        if self._contacts:
            _write(self._place("ieeg", "electrodes.tsv"), electrodes_table(self._contacts))
            _write(self._place("ieeg", "coordsystem.json"), json_of(COORDINATES))
        if self._scans:
            rows = [(name, _moment(at)) for name, at in self._scans]
            table = table_of([("filename", "acq_time"), *rows])
            _write(self._folder / f"{self._folder.name}_scans.tsv", table)

    def _place(self, kind: str, name: str) -> Path:
        """Where a file of this kind of data goes."""
        make_folder(self._folder / kind)
        return self._folder / kind / f"{self._folder.name}_{name}"

    def _write_eeg(self, find: StoredEegPlace, name: str, report: Report, cancel: CancelToken) -> None:
        """The anonymous copy of one EEG and the files that describe it."""
        stored = find.eeg
        try:
            found = find()
        except UserError as error:
            self.remarks.append(f"The EEG of “{self._entry.recording.name}” is missing: {error}")
            return
        with found.file.contents:
            recording = read_recording(found.file, report=share_of(report, 0, 0.3), cancel=cancel)
        kind = datatype_of(recording.header)
        if kind == "eeg" and set(channel_types(recording.header)) & set(INTRACRANIAL):
            self.remarks.append(
                f"The EEG of “{self._entry.recording.name}” has contacts in the brain and is BDF, which BIDS "
                "does not have for them: it is stored as EEG."
            )
        if kind == "ieeg":
            self._contacts.update(dict.fromkeys(contacts_of(recording.header)))
        ending = ".bdf" if recording.header.format.startswith("BDF") else ".edf"
        copy = self._place(kind, f"{name}_{kind}{ending}")
        kept = CopyChoice(annotations=self._choice.annotations)
        write_anonymous_copy(found.path, copy, kept, report=share_of(report, 0.3, 1), cancel=cancel)
        sync, channels = stored.agreed.sync, channels_table(recording.header, stored.bad_channels)
        _write(self._place(kind, f"{name}_{kind}.json"), json_of(eeg_sidecar(recording, sync)))
        _write(self._place(kind, f"{name}_channels.tsv"), channels)
        _write(self._place(kind, f"{name}_events.tsv"), eeg_events(self._entry, sync))
        _write(self._place(kind, f"{name}_events.json"), json_of(eeg_events_sidecar()))
        self._scans.append((f"{kind}/{copy.name}", sync.offset))

    def _write_video(self, path: Path | None, report: Report, cancel: CancelToken) -> None:
        """The video with its sidecar, and the answers on its clock, also where there is no video."""
        table, described = events_of_entry(self._entry)
        _write(self._place("beh", f"task-{TASK}_events.tsv"), table)
        _write(self._place("beh", f"task-{TASK}_events.json"), described)
        try:
            if path is None:
                raise UserError("the study has its labels alone.")
            if not may_open(path, self._study.folder):
                raise UserError("this account has not opened its place before.")
            stem = self._place("beh", f"task-{TASK}")
            self.video = copied = copy_video(path, stem, video_suffix(path), report, cancel)
        except UserError as error:
            self.remarks.append(f"The video “{self._entry.recording.name}” is missing: {error}")
            return
        _write(copied.path.with_suffix(".json"), json_of({"TaskName": TASK, **copied.facts}))
        self._scans.append((f"beh/{copied.path.name}", 0.0))


def _moment(seconds: float) -> str:
    """A time on the recording's clock as a moment of the dataset's day."""
    return (_DAY + timedelta(seconds=seconds)).isoformat(timespec="microseconds")


def _write_head(folder: Path, subjects: list[str], choice: DatasetChoice) -> None:
    """The files of the whole dataset."""
    head = {**DATASET, "DatasetType": "raw", "Name": choice.name}
    _write(folder / "dataset_description.json", json_of(head))
    readme = _README.format(name=choice.name, eeg=_EEG_README if choice.eeg else "")
    _write(folder / "README", readme.encode())
    _write(folder / ".bidsignore", _IGNORED.encode())
    _write(folder / "participants.tsv", table_of([("participant_id",), *((one,) for one in subjects)]))


def json_of(data: Mapping[str, Any]) -> bytes:
    """An object as the text of a sidecar."""
    return (json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8", "replace")


def _write(path: Path, content: bytes) -> None:
    """Write a file into the unfinished folder. Raises UserError."""
    try:
        with path.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise UserError(f"“{path.name}” could not be written: {why}.") from error
