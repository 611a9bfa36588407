"""EEG files next to a recording, found by place, name and time, without following links."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from app.core.eeg.eeg_file import opened_eeg
from app.core.eeg.other_formats import recognised_format
from app.core.eeg.record_scan import first_timeline
from app.core.eeg.sync_options import Basis, SyncOption, clock_options, eeg_extent, in_order
from app.core.eeg.sync_proposals import FileExtent
from app.core.errors import UserError
from app.core.jobs import CancelToken

SUFFIXES = (".edf", ".bdf", ".edf+", ".bdf+", ".rec")
"""How the names of EEG files end; what others hold is only read when somebody chooses it."""

MOST_ENTRIES = 5000
"""The most entries of a folder that are listed."""

MOST_OPENED = 200
"""The most files whose header is read."""

_FOLDERS = ("eeg", "edf")
"""Folders inside or beside that of the recording in which EEG files are kept, as in BIDS."""


@dataclass(frozen=True, slots=True)
class NearbyEeg:
    """An EEG file near a recording.

    `meets` is whether it overlaps the recording by the clocks of both, None where that is not known; `words`
    is one line on why it is offered. `began` is by its header, None when not stated.
    """

    path: Path
    extent: FileExtent
    meets: bool | None
    same_name: bool
    words: str


def is_called_an_eeg(path: Path) -> bool:
    """Whether the name of a file says that it is an EEG, also one that must be exported as EDF+ first."""
    return path.name.lower().endswith(SUFFIXES) or recognised_format(path.name, b"") is not None


def eeg_of_same_name(
    recording: Path, extent: FileExtent, *, cancel: CancelToken | None = None
) -> NearbyEeg | None:
    """The EEG beside a recording that has the same name but for its suffix; None without one, and where the
    clocks say that it is of another time.

    Reads headers: in a background thread. Raises Cancelled.
    """
    token = cancel or CancelToken()
    for path in _by_name(recording):
        token.check()
        if path.stem.casefold() != recording.stem.casefold():
            continue
        try:
            found = _nearby(path, recording, extent)
        except UserError:
            continue  # only looks like an EEG by its name, or cannot be read
        if found.meets is not False:
            return found
    return None


def eegs_beside(
    recording: Path, extent: FileExtent, *, cancel: CancelToken | None = None
) -> tuple[NearbyEeg, ...]:
    """The EEG files beside a recording, the likeliest first; those that overlap it by their clocks lead.

    Reads the headers of at most 200 files: in a background thread. A folder or file that cannot be read is
    left out. Raises Cancelled.
    """
    token = cancel or CancelToken()
    found = []
    for path in _by_name(recording):
        token.check()
        try:
            found.append(_nearby(path, recording, extent))
        except UserError:
            continue  # only looks like an EEG by its name, or cannot be read
    return tuple(sorted(found, key=lambda one: (_likeliness(one), one.path.name)))


def files_in(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    """The regular files right in the folder whose names end so, without links, of at most 5000 entries.

    Empty when the folder cannot be read.
    """
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry, _number in zip(entries, range(MOST_ENTRIES), strict=False)]
    except OSError:
        return []
    paths = (folder / name for name in sorted(names) if name.lower().endswith(suffixes))
    return [path for path in paths if _is(path, stat.S_ISREG)]


def _by_name(recording: Path) -> list[Path]:
    """The files whose header is read, those with the recording's name first."""
    paths = [path for folder in _folders(recording.parent) for path in files_in(folder, SUFFIXES)]
    return sorted(paths, key=lambda path: (not _shares_name(path, recording), path.name))[:MOST_OPENED]


def _folders(folder: Path) -> Iterator[Path]:
    yield folder
    for around in (folder, folder.parent):
        for name in _FOLDERS:
            for spelled in (name, name.upper()):
                place = around / spelled
                if place != folder and _is(place, stat.S_ISDIR):
                    yield place


def _is(path: Path, kind: Callable[[int], bool]) -> bool:
    try:
        return kind(path.lstat().st_mode)
    except (OSError, ValueError):
        return False


def _shares_name(path: Path, recording: Path) -> bool:
    """Whether one name begins with the whole other, without its suffix."""
    one, other = path.stem.casefold(), recording.stem.casefold()
    return one.startswith(other) or other.startswith(one)


def _nearby(path: Path, recording: Path, extent: FileExtent) -> NearbyEeg:
    with opened_eeg(path) as file:
        eeg = eeg_extent(file, first_timeline(file))
    options = clock_options(eeg, extent, recording.name)
    best = in_order(options)[0]
    shares = _shares_name(path, recording)
    meets = True if best.proposal.sync is not None else False if _apart(options) else None
    return NearbyEeg(path, eeg, meets, shares, _words(best.basis if meets else None, meets, shares))


def _apart(options: tuple[SyncOption, ...]) -> bool:
    return any(one.proposal.warnings for one in options)


def _words(basis: Basis | None, meets: bool | None, shares: bool) -> str:
    name = "the same name" if shares else ""
    if meets:
        times = "overlaps by the start times" if basis is Basis.START_TIMES else "overlaps by the file name"
    else:
        times = "another time by the clocks" if meets is False else "its time cannot be compared"
    return ", ".join(filter(None, (name, times)))


def _likeliness(one: NearbyEeg) -> tuple[bool, bool, bool]:
    return one.meets is not True, not one.same_name, one.meets is False
