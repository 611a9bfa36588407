"""De-identified clips in the ledger of what leaves this machine: a row before a clip gets its name.

A clip that is to be confirmed later waits under another name, and the account notes its bytes: only these can
be confirmed. A ledger may come from somebody else, so nothing is done because of it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from app.core.deidentify.clip_choice import HidingChoice, describe_hiding
from app.core.errors import UserError
from app.core.exports import check_free
from app.core.folders import settings_folder
from app.core.privacy.json_lines import append_line, read_lines
from app.core.privacy.ledger import Ledger, Sending

HOST = "this computer"
KIND = "de-identified clip"
WRITTEN, WAITING = "written", "waiting to be confirmed"
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

    def give_name(self, path: Path, target: Path) -> Path:
        """Note the clip at `path` and move it to `target`, which is returned. Raises UserError."""
        ledger = Ledger(self.folder)
        row = ledger.sending(self._sending(path))
        _move(path, target)
        ledger.outcome(row, WRITTEN)
        return target

    def lay_aside(self, path: Path, sheet: Path, target: Path) -> tuple[Path, Path]:
        """Note the clip as waiting and put it and its sheet next to `target`, where they are found again; the
        paths of both. Raises UserError."""
        ledger, sending = Ledger(self.folder), self._sending(path)
        row = ledger.sending(sending)
        ledger.outcome(row, WAITING)
        _note_waiting(sending.sha256, row)
        clip, shown = waiting_clip(target), waiting_sheet(target)
        _move(sheet, shown)
        _move(path, clip)
        return clip, shown

    def _sending(self, path: Path) -> Sending:
        return Sending(
            user=self.user,
            host=HOST,
            model=KIND,
            purpose="export",
            size=path.stat().st_size,
            sha256=_digest(path),
            deidentification=describe_hiding(self.choice),
        )


def confirm_waiting(folder: Path, target: Path, *, replace: bool = False) -> Path:
    """Give a clip that was laid aside its name `target`, now that a person has looked at its sheet, which is
    removed; the ledger in `folder` says so. A file that has the name already stays unless it is to be
    `replace`d. Raises UserError then, when no clip waits there, and when it is not what this account laid
    aside."""
    clip = waiting_clip(target)
    if not clip.is_file() or clip.is_symlink():
        raise UserError(f"No clip waits to become “{target.name}”; make it first, without --confirm.")
    row = _waiting_row(_digest(clip))
    if row is None:
        raise UserError(f"“{clip.name}” is not the clip that was checked; make it anew, without --confirm.")
    if not replace:
        check_free((target,))
    _move(clip, target)
    Ledger(folder).outcome(row, WRITTEN)
    waiting_sheet(target).unlink(missing_ok=True)
    return target


def _note_waiting(digest: str, row: str) -> None:
    """Note for this account that a clip of these bytes waits; `row` is its id in the ledger."""
    line = json.dumps({"sha256": digest, "row": row}, ensure_ascii=True)
    try:
        append_line(settings_folder() / WAITING_CLIPS, settings_folder(), line)
    except OSError as error:
        raise UserError("That a clip waits could not be noted, so it was discarded.") from error


def _waiting_row(digest: str) -> str | None:
    """The id in the ledger of the clip of these bytes that this account laid aside last; None without one."""
    try:
        rows = read_lines(settings_folder() / WAITING_CLIPS, settings_folder()).rows
    except OSError as error:
        raise UserError("Which clips wait cannot be read.") from error
    found = [row["row"] for row in rows if row.get("sha256") == digest and isinstance(row.get("row"), str)]
    return str(found[-1]) if found else None


def waiting_clip(target: Path) -> Path:
    """Where a clip waits to be confirmed."""
    return target.with_name(f"{target.stem}{_UNCONFIRMED}{target.suffix}")


def waiting_sheet(target: Path) -> Path:
    """Where the sheet of a waiting clip is."""
    return target.with_name(f"{target.stem}{_UNCONFIRMED}.png")


def _move(path: Path, target: Path) -> None:
    try:
        path.replace(target)
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise UserError(f"“{target.name}” could not be written: {why}.") from error


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
