"""De-identified clips in the ledger of what leaves this machine: a row before a clip gets its name.

A clip that is to be confirmed later waits under another name; only what this ledger has as waiting, byte for
byte, can be confirmed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from app.core.deidentify.clip_choice import HidingChoice, describe_hiding
from app.core.errors import UserError
from app.core.privacy.ledger import Ledger, Sending

HOST = "this computer"
KIND = "de-identified clip"
WRITTEN, WAITING = "written", "waiting to be confirmed"
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
        ledger = Ledger(self.folder)
        ledger.outcome(ledger.sending(self._sending(path)), WAITING)
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


def confirm_waiting(folder: Path, target: Path) -> Path:
    """Give a clip that was laid aside its name `target`, now that a person has looked at its sheet, which is
    removed. Raises UserError when none waits there or it is not the one that the ledger in `folder` names."""
    clip = waiting_clip(target)
    if not clip.is_file() or clip.is_symlink():
        raise UserError(f"No clip waits to become “{target.name}”; make it first, without --confirm.")
    ledger, digest = Ledger(folder), _digest(clip)
    rows = [
        entry for entry in ledger.entries() if entry.sending.sha256 == digest and entry.outcome == WAITING
    ]
    if not rows:
        raise UserError(f"“{clip.name}” is not the clip that was checked; make it anew, without --confirm.")
    _move(clip, target)
    ledger.outcome(rows[-1].id, WRITTEN)
    waiting_sheet(target).unlink(missing_ok=True)
    return target


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
