"""The available montages: those of the program, and personal ones from the settings folder."""

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
"""The names of the program's montages in the order of the menu."""


@dataclass(frozen=True, slots=True)
class MontageFile:
    """An available montage: `name` of its file without suffix, its text, and whether it is a personal one.
    `montage` is None when the text is wrong; `error` is then the reason."""

    name: str
    text: str
    is_personal: bool
    montage: Montage | None
    error: str = ""


def known_montages(folder: Path | None = None) -> tuple[MontageFile, ...]:
    """All available montages, in order; a personal one replaces the program's of the same name.

    `folder` holds the personal ones, by default that in the settings folder.
    """
    built_in = {path.stem: _file(path, is_personal=False) for path in _program_folder().glob(f"*{SUFFIX}")}
    folder = folder or personal_folder()
    mine = {path.stem: _file(path, is_personal=True) for path in sorted(folder.glob(f"*{SUFFIX}"))}
    names = [*ORDER, *(name for name in mine if name not in ORDER)]
    found = {**built_in, **mine}
    return tuple(found[name] for name in names if name in found)


def find_montage(name: str, folder: Path | None = None) -> Montage:
    """The montage of this file name (with or without suffix) or title. Raises UserError with the available
    names or with the error in its text."""
    known = known_montages(folder)
    wanted = name.removesuffix(SUFFIX).strip().lower()
    for file in known:
        if wanted in (file.name.lower(), file.montage.title.lower() if file.montage else ""):
            if file.montage is None:
                raise UserError(file.error)
            return file.montage
    raise UserError(f"There is no montage “{name}”; there are {', '.join(file.name for file in known)}.")


def default_montage(channels: Sequence[InputChannel], folder: Path | None = None) -> Montage:
    """The montage before any choice: the first of `ORDER` if at least half of it can be derived, else the
    file as recorded."""
    first = next((file.montage for file in known_montages(folder) if file.name == ORDER[0]), None)
    return fitting_montage([first] if first else [], channels)


def save_personal_montage(
    name: str, text: str, folder: Path | None = None, *, former: str | None = None
) -> Path:
    """Save a personal montage, in place of the personal one that had the name `former` until now. Raises
    UserError when the text or the name is not valid."""
    if not name or Path(name).name != name or name.startswith("."):
        raise UserError("Give the montage a name without “/” or a dot in front.")
    parse_montage(text, f"{name}{SUFFIX}")
    folder = folder or personal_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError("The folder of montages cannot be written.") from error
    path = folder / f"{name}{SUFFIX}"
    write_atomically(path, text.encode("utf-8"))
    if former is not None and former != name:
        _remove_former(folder / f"{former}{SUFFIX}", path)
    return path


def _remove_former(former: Path, path: Path) -> None:
    """Remove the file of the former name, once the new one is there."""
    try:
        if former.exists() and former.samefile(path):  # names that differ in their case only
            former.rename(path)
        else:
            former.unlink(missing_ok=True)
    except OSError as error:
        told = f"It was saved as “{path.stem}”, but “{former.stem}” could not be removed."
        raise UserError(told) from error


def delete_personal_montage(name: str) -> None:
    """Delete a personal montage. Raises UserError when it is none or cannot be deleted."""
    if not any(file.name == name and file.is_personal for file in known_montages()):
        raise UserError(f"“{name}” is not a personal montage.")
    try:
        (personal_folder() / f"{name}{SUFFIX}").unlink(missing_ok=True)
    except OSError as error:
        raise UserError(f"“{name}” could not be deleted.") from error


def duplicate_of(file: MontageFile) -> tuple[str, str]:
    """A name that no montage has, and the text of a montage under another title."""
    names = {one.name.lower() for one in known_montages()}
    number = next(number for number in range(1, 10_000) if f"my_{file.name}_{number}".lower() not in names)
    title = file.montage.title if file.montage is not None else file.name
    head = f"montage: {title} (mine {number})"
    lines = file.text.splitlines()
    titles = [
        place for place, line in enumerate(lines) if line.lower().replace(" ", "").startswith("montage:")
    ]
    if titles:
        lines[titles[-1]] = head
    else:
        lines.insert(0, head)
    return f"my_{file.name}_{number}", "\n".join(lines) + "\n"


def personal_folder() -> Path:
    """The folder of personal montages."""
    return settings_folder() / _FOLDER


def _program_folder() -> Path:
    inside = _PACKAGE / "resources" / _FOLDER  # as installed
    return inside if inside.exists() else _PACKAGE.parent / "resources" / _FOLDER


def _file(path: Path, *, is_personal: bool) -> MontageFile:
    try:
        text = montage_file_text(path)
    except UserError as error:
        return MontageFile(path.stem, "", is_personal, None, str(error))
    try:
        return MontageFile(path.stem, text, is_personal, parse_montage(text, path.name))
    except UserError as error:
        return MontageFile(path.stem, text, is_personal, None, str(error))
