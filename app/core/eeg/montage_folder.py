"""The montages that can be chosen: those of the program, and a person's own, which come before them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import app
from app.core.atomic import write_atomically
from app.core.eeg.derivation import InputChannel, fitting_montage
from app.core.eeg.montages import SUFFIX, Montage, montage_file_text, parse_montage
from app.core.errors import UserError
from app.core.folders import settings_folder

_PACKAGE = Path(app.__file__).parent
_FOLDER = "montages"
ORDER = (
    "longitudinal_bipolar",
    "transverse_bipolar",
    "common_average",
    "cz_reference",
    "laplacian",
    "as_recorded",
    "other_signals",
)
"""The program's montages in the order in which they are offered."""


@dataclass(frozen=True, slots=True)
class MontageFile:
    """A montage that can be chosen: `name` of its file without suffix, its text, and whether it is the
    person's own. `montage` is None when the text is wrong; `error` says then what is wrong with it."""

    name: str
    text: str
    is_own: bool
    montage: Montage | None
    error: str = ""


def known_montages(own: Path | None = None) -> tuple[MontageFile, ...]:
    """All montages that can be chosen, in order; one's own of the same name replaces the program's.

    `own` is the folder of one's own ones, by default the one in the settings.
    """
    built_in = {path.stem: _file(path, is_own=False) for path in _program_folder().glob(f"*{SUFFIX}")}
    folder = own or own_folder()
    mine = {path.stem: _file(path, is_own=True) for path in sorted(folder.glob(f"*{SUFFIX}"))}
    names = [*ORDER, *(name for name in mine if name not in ORDER)]
    found = {**built_in, **mine}
    return tuple(found[name] for name in names if name in found)


def montage_called(name: str, own: Path | None = None) -> Montage:
    """The montage of this file name (with or without suffix) or title. Raises UserError with the names that
    there are, or with what is wrong with it."""
    known = known_montages(own)
    wanted = name.removesuffix(SUFFIX).strip().lower()
    for file in known:
        if wanted in (file.name.lower(), file.montage.title.lower() if file.montage else ""):
            if file.montage is None:
                raise UserError(file.error)
            return file.montage
    raise UserError(f"There is no montage “{name}”; there are {', '.join(file.name for file in known)}.")


def usual_montage(channels: Sequence[InputChannel], own: Path | None = None) -> Montage:
    """What is shown of a file before anybody has chosen: the first of the program's montages (or one's own of
    its name) if at least half of it can be derived, else the file as recorded."""
    first = next((file.montage for file in known_montages(own) if file.name == ORDER[0]), None)
    return fitting_montage([first] if first else [], channels)


def keep_own_montage(name: str, text: str, own: Path | None = None) -> Path:
    """Write one's own montage. Raises UserError when the text or the name cannot be one."""
    if not name or Path(name).name != name or name.startswith("."):
        raise UserError("Give the montage a name without “/” or a dot in front.")
    parse_montage(text, f"{name}{SUFFIX}")
    folder = own or own_folder()
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / f"{name}{SUFFIX}", text.encode("utf-8"))
    return folder / f"{name}{SUFFIX}"


def own_folder() -> Path:
    """Where one's own montages lie."""
    return settings_folder() / _FOLDER


def _program_folder() -> Path:
    inside = _PACKAGE / "resources" / _FOLDER  # as installed
    return inside if inside.exists() else _PACKAGE.parent / "resources" / _FOLDER


def _file(path: Path, *, is_own: bool) -> MontageFile:
    try:
        text = montage_file_text(path)
    except UserError as error:
        return MontageFile(path.stem, "", is_own, None, str(error))
    try:
        return MontageFile(path.stem, text, is_own, parse_montage(text, path.name))
    except UserError as error:
        return MontageFile(path.stem, text, is_own, None, str(error))
