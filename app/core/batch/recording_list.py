"""Which recordings a batch reads: those of a folder, of a list, or of a study."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath

from app.core.errors import UserError
from app.core.evaluation.label_tables import table_rows
from app.core.exchange.codec import load
from app.core.exchange.phrases import normalise_name, shorten
from app.core.exchange.table_files import is_table
from app.core.folders import STUDY_FILE
from app.core.jobs import CancelToken
from app.core.picture_box import Box
from app.core.recording.identity import fingerprint
from app.core.recording.recording import Recording
from app.core.study import rows
from app.core.study.hidden_places import NO_PLACES, HiddenPlaces
from app.core.study.named_places import OpenablePlaces
from app.core.study.place import named_path
from app.core.study.places_of_recording import places_of_file
from app.core.study.recording_table import RecordingRow
from app.core.study.store import Study

RESULTS = "semioscope-batch"
"""The folder of a batch's results inside the folder of its recordings; it is never searched."""

_ENDINGS = frozenset(
    (
        *(".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".m2t", ".m2ts", ".mts"),
        *(".wmv", ".asf", ".vob", ".3gp", ".flv"),
    )
)
_LABELS_ALONE = "The study has labels alone; there is no video."
_ELSEWHERE = "The study names a place elsewhere; --named-recordings opens it all the same."
_TITLES = frozenset(("path", "file", "filename", "recording", "video", "clip"))


@dataclass(frozen=True, slots=True)
class ListedRecording:
    """A recording to be read: its file, what it is called, the patient's box, its `number` and
    `fingerprint` in the study that lists it, a sentence on why it cannot be read, "" when it may, the
    `places` to cover that this study keeps, or why those cannot be read; of a file that no study lists the
    folder of the `study` that may keep them."""

    path: Path
    name: str
    patient: Box | None = None
    number: int | None = None
    refusal: str = ""
    fingerprint: str = ""
    places: HiddenPlaces = field(default_factory=dict, hash=False)
    unreadable_places: str = ""
    study: Path | None = None

    def places_to_cover(self, shown: Recording, *, text: bool) -> HiddenPlaces:
        """The places that are covered in what models are shown of the opened recording: none unless burned-in
        `text` is covered. Raises UserError where they cannot be read."""
        if not text:
            return NO_PLACES
        if self.number is None:
            return places_of_file(shown, self.study)
        if self.unreadable_places:
            raise UserError(self.unreadable_places)
        return self.places

    def check_content(self) -> None:
        """Raises UserError when the file is gone, or is not the recording that the study means."""
        try:
            if self.fingerprint and fingerprint(self.path) != self.fingerprint:
                raise UserError("The file is another one than the study's recording of this name.")
        except OSError as error:
            raise UserError("The file is not where it was, or may not be read.") from error


def is_study(source: Path) -> bool:
    """Whether a study is in this folder."""
    return source.is_dir() and (source / STUDY_FILE).exists()


def default_results(source: Path) -> Path:
    """Where the results of a batch over `source` are kept unless another folder is named."""
    if source.is_dir():
        return source / RESULTS
    return source.with_name(f"{source.stem}-{RESULTS}")


def listed_recordings(
    source: Path, *, study: Path | None = None, named: bool = False, cancel: CancelToken | None = None
) -> tuple[ListedRecording, ...]:
    """The recordings of a folder and all folders in it, of a table, or of a study, in a fixed order.

    `study`: the study of a folder's or table's recordings, whose places are covered. `named`: recordings of a
    study may be opened wherever the study says that they are. `cancel` ends the search of folders. Raises
    UserError, Cancelled.
    """
    if is_study(source):
        with Study.open_for_viewing(source) as opened:
            return recordings_of_study(opened, named=named)
    if source.is_dir():
        paths = tuple(_videos(source, cancel))
    elif is_table(source):
        paths = tuple(_listed(source))
    else:
        raise UserError(
            f"“{source.name}” is neither a folder, nor a table of recordings, nor the folder of a study."
        )
    if not paths:
        raise UserError(f"“{source.name}” holds no recordings.")
    return tuple(ListedRecording(path, path.name, study=study) for path in paths)


def recordings_of_study(
    study: Study, *, named: bool = False, only: frozenset[int] | None = None
) -> tuple[ListedRecording, ...]:
    """The recordings of a study, all or those of these numbers."""
    places = None if named else OpenablePlaces(study.folder)
    return tuple(
        _of_study(study, row, places) for row in study.recordings() if only is None or row.id in only
    )


def _of_study(study: Study, row: RecordingRow, places: OpenablePlaces | None) -> ListedRecording:
    if not row.has_video:
        return ListedRecording(Path(), row.name, None, row.id, _LABELS_ALONE)
    path = named_path(row.path, study.folder)
    trusted = places is None or places.allow(path)
    refusal = "" if trusted else _ELSEWHERE
    box = rows.box_from_json(row.patient_box)
    covered, unreadable = NO_PLACES, ""
    try:
        covered = study.places_to_cover(row.id)
    except UserError as error:
        unreadable = str(error)
    return ListedRecording(path, row.name, box, row.id, refusal, row.fingerprint, dict(covered), unreadable)


def _videos(folder: Path, cancel: CancelToken | None) -> Iterator[Path]:
    """The videos below a folder by path. Links to folders and what studies and batches keep are left out."""
    for place, folders, names in os.walk(folder):
        if cancel is not None:
            cancel.check()
        folders[:] = sorted(name for name in folders if _may_hold_videos(name))
        for name in sorted(names):
            if Path(name).suffix.casefold() in _ENDINGS and name[0] != ".":
                yield Path(place, name)


def _may_hold_videos(name: str) -> bool:
    return not name.endswith((RESULTS, ".semioscope")) and name[0] != "."


def _listed(table: Path) -> Iterator[Path]:
    """The recordings of a table; places are beside the table unless they are absolute."""
    found = table_rows(load(table))
    column = _column(found[0] if found else [], table)
    begin = 0 if column is None else 1
    for cells in found[begin:]:
        text = cells[column or 0].strip() if len(cells) > (column or 0) else ""
        if text:
            yield table.parent / text.replace("\\", "/") if _is_relative(text) else Path(text)


def _is_relative(text: str) -> bool:
    return not Path(text).is_absolute() and not PureWindowsPath(text).is_absolute()


def _column(header: Sequence[str], table: Path) -> int | None:
    """The column of files; None for a bare list without titles."""
    for place, title in enumerate(header):
        if normalise_name(title) in _TITLES:
            return place
    if len(header) == 1 and Path(header[0].strip()).suffix.casefold() in _ENDINGS:
        return None
    raise UserError(
        f"“{shorten(table.name)}” has no column “recording”, “file” or “path” that names the recordings."
    )
