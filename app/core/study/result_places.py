"""Which files no result is ever written over: what is read for it, recordings, and what studies keep."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

from app.core.eeg.other_formats import recognised_format
from app.core.errors import UserError
from app.core.folders import COURSE_FILE, COURSE_FOLDERS, STUDY_FILE, is_course, is_of_study
from app.core.plain_text import plain

_ITS_FOLDERS = (".semioscope", ".semioscope-course")
"""How the folders of studies and courses end, mostly."""
_OF_STUDY = ("backups", "readings", "writer.lock", "egress.jsonl", "overnight.jsonl", "uploads.jsonl")
"""What a study keeps beside its database, also in a folder that holds its recordings."""
_FURTHER = (".dat", ".wav", ".mp3", ".m4a", ".flac", ".ogg", ".opus", ".vob", ".flv")
"""Endings of data beside a header, of sound, and of videos that no EEG system writes."""
_READINGS = (b'"semioscope-reading/', b'"semioscope-study/')
_HEAD = 4096


def check_not_kept(target: Path, sources: Sequence[Path], writes: Collection[str] = ()) -> None:
    """Raises UserError when a result at `target` would cost somebody a file, by whatever path or link it is
    named: one of the `sources` or what is read in these folders, a recording, a study's or a course's file.

    `writes` are the endings of recordings and EEGs that are results here: files of other studies than those
    around them can then not be known as recordings.
    """
    why = _why_kept(target, sources, writes)
    if why:
        raise UserError(f"“{target.name}” {why}, so it is never written over; choose another name.")


def _why_kept(target: Path, sources: Sequence[Path], writes: Collection[str]) -> str:
    places = possible_places(target)
    if any(is_of_study(place) for place in places):
        return "is the name of a study's own file"
    if not target.exists() or target.is_dir():
        return ""
    reasons: tuple[tuple[str, Callable[[], bool]], ...] = (
        ("is a device or the like", lambda: not target.is_file()),
        ("is read by this command", lambda: any(_is_same(target, one) for one in sources)),
        ("belongs to a study or a course", lambda: any(map(_is_kept_in, places))),
        ("is a recording", lambda: any(_is_recording(one) and not _ends(one, writes) for one in places)),
        ("is a reading of a folder that is read", lambda: _is_reading_in(target, places, sources)),
        ("is a recording of a study", lambda: _is_of_a_study(target, sources)),
    )
    return next((why for why, holds in reasons if holds()), "")


def possible_places(target: Path) -> tuple[Path, Path]:
    """The place of a file that may be written, and where a link there leads. Raises UserError when there can
    be no file."""
    try:
        target.exists()  # which alone says that a name is too long
        return target.parent.resolve() / target.name, target.resolve()
    except (OSError, RuntimeError) as error:
        told = error.strerror if isinstance(error, OSError) else ""
        why = (told or "links there lead in a circle").lower()
        raise UserError(f"“{plain(target.name, 60)}” cannot be written: {why}.") from error


def _ends(place: Path, endings: Collection[str]) -> bool:
    return place.suffix.lower() in endings


def _is_same(one: Path, other: Path) -> bool:
    with contextlib.suppress(OSError, ValueError):
        return one.samefile(other)
    return False


def _is_kept_in(place: Path) -> bool:
    """Whether a file of a study or a course has this place."""
    for folder in place.parents:
        if folder.name.endswith(_ITS_FOLDERS):
            return True
        first = place.relative_to(folder).parts[0]
        if first in _OF_STUDY and (folder / STUDY_FILE).exists():
            return True
        if first in (COURSE_FILE, *COURSE_FOLDERS) and is_course(folder):
            return True
    return False


def _is_recording(place: Path) -> bool:
    from app.core.eeg.day_of_video import VIDEO_SUFFIXES
    from app.core.eeg.eeg_beside import SUFFIXES

    return _ends(place, (*VIDEO_SUFFIXES, *SUFFIXES, *_FURTHER)) or (
        recognised_format(place.name, b"") is not None
    )


def _is_reading_in(target: Path, places: Sequence[Path], sources: Sequence[Path]) -> bool:
    """Whether the file holds readings and lies in one of the folders among the sources. Of a study its
    database is read, so that readings beside it are results."""
    folders = [source for source in sources if source.is_dir() and not (source / STUDY_FILE).exists()]
    if not any(_is_same(above, one) for one in folders for place in places for above in place.parents):
        return False
    with contextlib.suppress(OSError), target.open("rb") as file:
        head = file.read(_HEAD)
        return any(one in head for one in _READINGS)
    return False


def _is_of_a_study(target: Path, sources: Sequence[Path]) -> bool:
    from app.core.study.recording_files import recording_files

    return any(
        _is_same(target, recording)
        for folder in _studies_near(target, sources)
        for recording in recording_files(folder)
    )


def _studies_near(target: Path, sources: Sequence[Path]) -> Iterator[Path]:
    """The study that the file would be opened with, and those that are read."""
    from app.core.study.place import study_folder_for

    yield study_folder_for(target)
    yield study_folder_for(target.resolve())
    yield from (source for source in sources if source.is_dir())
