"""The files of a format in a folder; of a BIDS dataset also those in the folders of its subjects.

Nothing is reached through a link, and what systems and programs leave behind is passed over.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from app.core.containment import goes_through_link
from app.core.errors import UserError
from app.core.exchange.codec import Format, is_left_behind

_DEEPEST = 3
"""Folders below the chosen one: subject, session, kind of data."""
_MOST_ENTRIES = 50_000
"""Files and folders that are looked at; a folder with more was chosen by mistake."""
_KINDS = frozenset(("eeg", "ieeg", "meg", "beh", "nirs", "motion", "video", "audio"))
"""The folders of BIDS that can hold events of a recording with a video."""


@dataclass(frozen=True, slots=True)
class FoundFiles:
    """The files of a format below a folder in order, and in sentences what was passed over but may have been
    meant."""

    paths: tuple[Path, ...]
    remarks: tuple[str, ...]


def find_files(folder: Path, format_: Format) -> FoundFiles:
    """The files of the format in the folder. Raises UserError when it cannot be read or holds too much."""
    search = _Search(folder, format_)
    paths = sorted(search.files(folder, _DEEPEST if format_.nested else 0))
    return FoundFiles(tuple(paths), tuple(search.remarks()))


def name_below(path: Path, folder: Path) -> str:
    """The path of a file from the folder on, as remarks name it."""
    return path.relative_to(folder).as_posix()


@dataclass(slots=True)
class _Search:
    folder: Path
    format: Format
    entries: int = 0
    links: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)

    def files(self, place: Path, deeper: int) -> Iterator[Path]:
        for path in self._entries(place):
            if is_left_behind(path.name):
                continue
            is_wanted, leads_on = self._is_file_of(path.name), deeper > 0 and _is_of_dataset(path.name)
            if not (is_wanted or leads_on):
                continue
            if goes_through_link(path, self.folder):
                self.links.append(name_below(path, self.folder))
            elif is_wanted and path.is_file():
                yield path
            elif leads_on and path.is_dir():
                yield from self.files(path, deeper - 1)

    def _entries(self, place: Path) -> Iterator[Path]:
        try:
            with os.scandir(place) as found:
                for entry in found:
                    self._count()
                    yield Path(entry.path)
        except OSError as error:
            if place == self.folder:
                reason = (error.strerror or type(error).__name__).lower()
                raise UserError(f"The folder “{place.name}” cannot be read: {reason}.") from error
            self.closed.append(name_below(place, self.folder))

    def _count(self) -> None:
        self.entries += 1
        if self.entries > _MOST_ENTRIES:
            much = f"holds more than {_MOST_ENTRIES:,} files; choose a smaller one."
            raise UserError(f"The folder “{self.folder.name}” {much}")

    def _is_file_of(self, name: str) -> bool:
        return name.lower().endswith((self.format.suffix, *self.format.read_suffixes))

    def remarks(self) -> Iterator[str]:
        for names, what in ((self.links, "is a link"), (self.closed, "cannot be opened")):
            if names:
                more = f", and so were {len(names) - 1} more" if len(names) > 1 else ""
                yield f"{min(names)} {what} and was passed over{more}."


def _is_of_dataset(name: str) -> bool:
    """Whether a folder of this name is one of a BIDS dataset in which there can be events."""
    return name.startswith(("sub-", "ses-")) or name in _KINDS
