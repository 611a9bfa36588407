"""The interface of a format: writing, reading, and its fidelity."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.core.errors import UserError
from app.core.exchange.bundle import Bundle, Imported
from app.core.exchange.fidelity import Fidelity
from app.core.exchange.meaning import NOTHING_MAPPED, Meaning
from app.core.regular_file import TooLargeError, read_at_most

LARGEST = 64 * 2**20
"""Bytes of the largest file that is read."""


@dataclass(frozen=True, slots=True)
class NamedFile:
    """One file to write: its name without folder, and its content."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Source:
    """One file that is read. `folder` is where the files beside it lie, None when it stands alone."""

    name: str
    content: bytes
    folder: Path | None = None

    def beside(self, name: str) -> bytes | None:
        """The content of a file in the same folder, None when there is none or it is a link; as strict as
        `load`."""
        if self.folder is None or Path(name).name != name:
            return None
        path = self.folder / name
        return load(path).content if path.is_file() and not path.is_symlink() else None


class Exporter(Protocol):
    def write(self, bundle: Bundle, stem: str) -> tuple[NamedFile, ...]:
        """The files that hold the bundle; `stem` is how a file of everything is called."""
        ...


class Importer(Protocol):
    def read(self, source: Source, meaning: Meaning = NOTHING_MAPPED) -> Imported:
        """What the file holds. Raises UserError in one sentence when it cannot be understood."""
        ...


class Codec(Exporter, Importer, Protocol):
    """Both directions of a format."""


@dataclass(frozen=True, slots=True)
class Format:
    """One row of the table: `suffix` is how its files end, `single` whether one file holds everything,
    `read_suffixes` how further files end that are read, `nested` whether a dataset has them in folders of its
    subjects."""

    id: str
    suffix: str
    single: bool
    fidelity: Fidelity
    codec: Codec
    read_suffixes: tuple[str, ...] = ()
    nested: bool = False


def is_left_behind(name: str) -> bool:
    """Whether a file is one that systems and programs leave behind: hidden, a Mac's, a lock of a workbook."""
    return name.startswith((".", "~$"))


def load(path: Path) -> Source:
    """The file at `path`. Raises UserError when it cannot be read or is larger than `LARGEST`."""
    try:
        content = read_at_most(path, LARGEST)
    except TooLargeError as error:
        raise UserError(f"“{path.name}” is larger than {LARGEST // 2**20} MiB and was not read.") from error
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise UserError(f"“{path.name}” cannot be read: {reason}.") from error
    return Source(path.name, content, path.parent)


def safe_stems(names: Iterable[str]) -> list[str]:
    """File names for recordings: their own without ending, made safe for every system, none twice."""
    return safe_names((Path(name).stem for name in names), "recording")


def safe_names(names: Iterable[str], otherwise: str) -> list[str]:
    """File names for other names, made safe for every system, none twice; `otherwise` where
    nothing is left."""
    stems: list[str] = []
    taken: set[str] = set()
    for name in names:
        kept = "".join(letter if letter.isalnum() or letter in " ._-()" else "_" for letter in name)
        kept = kept.strip(" .")[:80].strip(" .") or otherwise
        number, unique = 1, kept
        while unique.lower() in taken:
            number += 1
            unique = f"{kept} ({number})"
        taken.add(unique.lower())
        stems.append(unique)
    return stems
