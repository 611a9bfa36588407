"""EEG files of other systems, converted once into a cached EDF+ that the program then reads as any other.

The conversion runs in a separate process with an optional extra. The original is never changed; what is
cached is only for this account, names nobody, and may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from app.core.atomic import check_writable, put_in_place, unfinished_folder
from app.core.eeg.file_bytes import FileBytes
from app.core.eeg.header import is_edf
from app.core.eeg.other_formats import OtherFormat, explain_export, recognised_format
from app.core.errors import UserError
from app.core.folders import cache_folder
from app.core.jobs import CancelToken, Report, no_report
from app.core.recording.array_cache import remove_oldest
from app.core.recording.identity import fingerprint

CONVERTED = "converted.edf"
"""The file that the process of conversion writes into its folder."""

CONVERTER_VERSION = 1
"""To be raised whenever the same files would give another EDF+."""

CACHE_LIMIT = 20 << 30
"""Bytes of converted files that are cached; those that were not used for longest go first."""

_HEAD = 4096
_PROCESS = "app.core.eeg.conversion_process"


@dataclass(frozen=True, slots=True)
class Converted:
    """A converted EEG: its `path`, the largest error of a voltage in µV, and the number of values that were
    not numbers and became 0."""

    path: Path
    worst_error: float
    not_finite: int


def edf_of(path: Path, *, report: Report = no_report, cancel: CancelToken | None = None) -> Path:
    """The file itself, or its cached EDF+ if it is of a format that is converted.

    For a background thread. Raises UserError when it cannot be converted, or when the extra for it is not
    installed; Cancelled within a second of `cancel`, with nothing left behind.
    """
    form = _format_of(path)
    if form is None:
        return path
    try:
        key = _key(path)
        folder = cache_folder() / "eeg"
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise UserError(f"“{path.name}” can no longer be read.") from error
    place = folder / f"{key}.edf"
    if place.is_file():
        _touch(place)
        return place
    _convert(path, form, place, report, cancel)
    remove_oldest(folder, "*.edf", kept=place, limit=CACHE_LIMIT)
    return place


def convert_eeg(
    path: Path,
    out: Path,
    *,
    replace: bool = True,
    report: Report = no_report,
    cancel: CancelToken | None = None,
) -> Converted:
    """Convert the file to EDF+ at `out`, where what exists is kept without `replace`.

    Raises as `edf_of`, and for a file that is EDF or BDF already.
    """
    form = _format_of(path)
    if form is None:
        raise UserError(f"“{path.name}” is not of a format that can be converted to EDF+.")
    if out.exists() and out.samefile(path):
        raise UserError("The converted EEG cannot have the name of the original.")
    check_writable(out)
    return _convert(path, form, out, report, cancel, replace=replace)


def _format_of(path: Path) -> OtherFormat | None:
    """The format of a file that is converted; None for every other file."""
    with FileBytes(path) as contents:
        head = contents.read(0, min(_HEAD, contents.size))
    if is_edf(head):
        return None
    found = recognised_format(path.name, head)
    if found is not None and found.name == "an EEG of Nihon Kohden or BrainVision":
        # The data file of BrainVision begins with samples; its header is next to it.
        header = path.with_suffix(".vhdr")
        found = recognised_format(header.name, b"\0") if header.is_file() else None
    return found if found is not None and found.modules else None


def _key(path: Path) -> str:
    """A name for the content of a file and of those that belong to it. Raises OSError."""
    stem = path.stem.casefold()
    files = [one for one in path.parent.iterdir() if one.stem.casefold() == stem and one.is_file()]
    digest = hashlib.sha256(f"{CONVERTER_VERSION} {path.suffix.casefold()}".encode())
    for one in sorted(files):
        if one.suffix.casefold() in _PARTS or one == path:
            digest.update(f"{one.suffix.casefold()} {fingerprint(one)}".encode())
    return digest.hexdigest()[:40]


_PARTS = (".eeg", ".vhdr", ".vmrk", ".ahdr", ".amrk", ".lay", ".dat", ".21e", ".log", ".trc")
"""The files that belong together, by their suffixes."""


def _convert(
    path: Path,
    form: OtherFormat,
    out: Path,
    report: Report,
    cancel: CancelToken | None,
    *,
    replace: bool = True,
) -> Converted:
    if any(find_spec(name) is None for name in form.modules):
        raise UserError(explain_export(path.name, form))
    from app.core.recording.analysis_process import run_process

    with unfinished_folder(out) as folder:
        job = {"path": str(path.absolute()), "folder": str(folder.absolute()), "format": form.name}
        content = run_process(
            _PROCESS,
            job,
            failed=f"“{path.name}” could not be converted: the program that reads this format failed.",
            report=report,
            cancel=cancel or CancelToken(),
        )
        try:
            put_in_place(folder / CONVERTED, out, replace=replace)
        except OSError as error:
            raise UserError(f"“{out.name}” could not be written: {error.strerror or error}.") from error
    cost = json.loads(content)
    return Converted(out, cost["worst_error"], cost["not_finite"])


def _touch(place: Path) -> None:
    with contextlib.suppress(OSError):
        os.utime(place)
