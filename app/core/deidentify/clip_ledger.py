"""De-identified clips in the ledger of what leaves this machine: a row before a clip gets its name.

A clip that is to be confirmed later waits under another name, and the account notes its bytes and those of
its sheet: only these can be confirmed. A ledger may come from somebody else, so nothing is done because of
it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from app.core.atomic import put_in_place
from app.core.deidentify.clip_choice import HidingChoice, describe_hiding
from app.core.errors import UserError
from app.core.exports import check_free
from app.core.folders import settings_folder
from app.core.plural import plural
from app.core.privacy.json_lines import JsonLine, append_line, read_lines
from app.core.privacy.ledger import FILE_NAME, THIS_COMPUTER, WRITTEN, Ledger, Sending

KIND = "de-identified clip"
WAITING = "waiting to be confirmed"
WAITING_CLIPS = "waiting_clips.jsonl"
"""The file in the settings folder with the clips of this account that wait to be confirmed."""

_UNCONFIRMED = ".unconfirmed"
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class ClipLedger:
    """The ledger in `folder` (a study's or the account's), in which `user` notes clips made by `choice`."""

    folder: Path
    user: str
    choice: HidingChoice

    def give_name(self, path: Path, target: Path, *, replace: bool = False) -> Path:
        """Note the clip at `path` and move it to `target`, which is returned. Raises UserError, also when
        that name is taken by what is not to be `replace`d."""
        ledger = Ledger(self.folder)
        row = ledger.sending(self._sending(path))
        _move(path, target, replace=replace)
        ledger.outcome(row, WRITTEN)
        return target

    def lay_aside(self, path: Path, sheet: Path, target: Path, *, suspected: int) -> tuple[Path, Path]:
        """Note the clip as waiting, in `suspected` frames of which a face may still show, and put it and its
        sheet next to `target`, where they are found again; the paths of both. Raises UserError, also when
        what is not this account's has one of their names."""
        check_aside((target,))
        ledger, sending = Ledger(self.folder), self._sending(path)
        row = ledger.sending(sending)
        ledger.outcome(row, WAITING)
        _note_waiting(sending.sha256, _ClipLaidAside(_digest(sheet), row, self.folder.absolute(), suspected))
        clip, shown = waiting_clip(target), waiting_sheet(target)
        _move(sheet, shown, replace=True)
        _move(path, clip, replace=True)
        return clip, shown

    def _sending(self, path: Path) -> Sending:
        return Sending(
            user=self.user,
            host=THIS_COMPUTER,
            model=KIND,
            purpose="export",
            size=path.stat().st_size,
            sha256=_digest(path),
            deidentification=describe_hiding(self.choice),
        )


class _NotWaitingError(UserError):
    """No clip waits there that this account may confirm."""


@dataclass(frozen=True, slots=True)
class _ClipLaidAside:
    """What the account notes of a clip that waits: the SHA-256 of its sheet, the id of its row in the ledger
    in `folder`, and in how many frames a face may still show."""

    sheet: str
    row: str
    folder: Path
    suspected: int


def is_waiting(target: Path) -> bool:
    """Whether a clip waits to become `target` that `confirm_waiting` accepts. Raises UserError when that
    cannot be read."""
    try:
        _waiting(target)
    except _NotWaitingError:
        return False
    return True


def describe_waiting(target: Path) -> str:
    """What was found in the clip that waits to become `target`, and where its sheet is. Raises UserError as
    `confirm_waiting` does."""
    found = _waiting(target).suspected
    shows = "The second detector found no face in it that still shows."
    if found:
        shows = f"In {plural(found, 'frame')} of it a face may still show, says the second detector."
    sheet = waiting_sheet(target)
    return f"“{target.name}”: {shows} Confirming it says that you have looked at its sheet, {sheet}."


def confirm_waiting(folder: Path, target: Path, *, replace: bool = False) -> Path:
    """Give a clip that was laid aside its name `target`, now that a person has looked at its sheet, which is
    removed; the ledger that has its row says so, or where that was moved the one in `folder`. A file that has
    the name already stays unless it is to be `replace`d. Raises UserError then, when no clip waits there, and
    when it or its sheet is not what this account laid aside."""
    waiting = _waiting(target)
    if not replace:
        check_free((target,))
    _move(waiting_clip(target), target, replace=replace)
    there = (waiting.folder / FILE_NAME).is_file()
    Ledger(waiting.folder if there else folder).outcome(waiting.row, WRITTEN)
    waiting_sheet(target).unlink(missing_ok=True)
    return target


def _waiting(target: Path) -> _ClipLaidAside:
    """What this account noted of the clip that waits to become `target`. Raises _NotWaitingError when there
    is none, or it or its sheet is not what was laid aside; its sentence says what `check_aside` then wants.
    Raises UserError."""
    clip, sheet = waiting_clip(target), waiting_sheet(target)
    if not _is_plain(clip):
        raise _NotWaitingError(f"No clip waits to become “{target.name}”; make it first, without --confirm.")
    noted = _noted().get(_digest(clip))
    if noted is None:
        raise _NotWaitingError(
            f"“{clip.name}” is not the clip that was checked; move it away and make it anew, without "
            "--confirm."
        )
    waiting = _from_note(noted)
    if waiting is None:
        raise _NotWaitingError(
            f"“{clip.name}” was checked by another version of this program; make it anew, without --confirm."
        )
    if not os.path.lexists(sheet):
        raise _NotWaitingError(
            f"The sheet of the clip, “{sheet.name}”, is not there, so nobody can look at it; make the clip "
            "anew, without --confirm."
        )
    if not _is_plain(sheet) or _digest(sheet) != waiting.sheet:
        raise _NotWaitingError(
            f"The sheet of the clip, “{sheet.name}”, has changed, so nobody can look at what was found; move "
            "it away and make the clip anew, without --confirm."
        )
    return waiting


def check_aside(targets: Iterable[Path]) -> None:
    """Check that clips can be laid aside for these names: only what this account laid aside there before is
    replaced. Raises UserError."""
    for target in targets:
        clip, sheet = waiting_clip(target), waiting_sheet(target)
        noted = _noted()
        before = noted.get(_digest(clip)) if _is_plain(clip) else None
        otherwise = f"move it out of {target.parent}, or choose another name"
        if before is None:
            check_free((clip,), otherwise)
        # Earlier versions did not note the sheet.
        if before is None or before.get("sheet") is not None:
            sheets = {row.get("sheet") for row in noted.values()}
            if not _is_plain(sheet) or _digest(sheet) not in sheets:
                check_free((sheet,), otherwise)


def _note_waiting(digest: str, clip: _ClipLaidAside) -> None:
    """Note for this account that a clip with this SHA-256 waits with its sheet."""
    folder = os.fsencode(clip.folder).hex()  # a path need not be text
    noted = {"sheet": clip.sheet, "row": clip.row, "folder": folder, "suspected": clip.suspected}
    line = json.dumps({"sha256": digest, **noted}, ensure_ascii=True)
    try:
        append_line(settings_folder() / WAITING_CLIPS, settings_folder(), line)
    except OSError as error:
        raise UserError("That a clip waits could not be noted, so it was discarded.") from error


def _from_note(row: JsonLine) -> _ClipLaidAside | None:
    """The inverse, without the digest; None for what is not such a note."""
    try:
        folder = Path(os.fsdecode(bytes.fromhex(str(row["folder"]))))
        return _ClipLaidAside(str(row["sheet"]), str(row["row"]), folder, int(str(row["suspected"])))
    except (KeyError, ValueError):
        return None


def _noted() -> dict[str, JsonLine]:
    """What this account noted of clips that it laid aside, the last of each by the SHA-256 of its bytes."""
    try:
        rows = read_lines(settings_folder() / WAITING_CLIPS, settings_folder()).rows
    except OSError as error:
        raise UserError("Which clips wait cannot be read.") from error
    return {str(row.get("sha256")): row for row in rows if isinstance(row.get("row"), str)}


def waiting_clip(target: Path) -> Path:
    """Where a clip waits to be confirmed."""
    return target.with_name(f"{target.stem}{_UNCONFIRMED}{target.suffix}")


def waiting_sheet(target: Path) -> Path:
    """Where the sheet of a waiting clip is."""
    return target.with_name(f"{target.stem}{_UNCONFIRMED}.png")


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _move(path: Path, target: Path, *, replace: bool) -> None:
    try:
        put_in_place(path, target, replace=replace)
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise UserError(f"“{target.name}” could not be written: {why}.") from error


def _digest(path: Path) -> str:
    """The SHA-256 of a file as hexadecimal digits. Raises UserError."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise UserError(f"“{path.name}” cannot be read: {why}.") from error
    return digest.hexdigest()
