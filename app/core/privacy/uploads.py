"""The list of this account's uploads to providers, which it has to delete, in its settings folder.

Automatic deletion follows this list only, because a study's ledger may come from somebody else.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.core.errors import UserError
from app.core.folders import settings_folder
from app.core.privacy.destination import Destination
from app.core.privacy.gate import destination_from
from app.core.privacy.json_lines import JsonLine, append_line, read_lines
from app.core.privacy.overnight_jobs import open_jobs

FILE_NAME = "uploads.jsonl"

UPLOAD_NAME = re.compile(r"files/clip-[0-9a-f]{16}")
"""The form of remote file names that this program assigns; no others are ever deleted."""

_IN_USE = timedelta(minutes=15)
"""Longer than any request that uses an uploaded file."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that this account uploaded to `destination` for the study in `folder` at `time` (UTC, ISO
    8601)."""

    name: str
    destination: Destination
    folder: str
    time: str


def note_upload(name: str, destination: Destination, folder: Path) -> None:
    """Record an upload before it is made, synced to disk on return.

    Raises UserError when it cannot be written, ValueError for a name that this program does not assign.
    """
    if not UPLOAD_NAME.fullmatch(name):
        raise ValueError("not a name that this program gives")
    place, study = asdict(destination), _text(folder)
    row: JsonLine = {"uploaded": name, "destination": place, "folder": study, "time": _now()}
    _append(row)


def note_deletion(name: str) -> None:
    """Record that a file was deleted. Raises UserError when it cannot be written."""
    if any(upload.name == name for upload in _uploads()):
        _append({"deleted": name, "time": _now()})


def remaining_uploads(destination: Destination, folder: Path) -> tuple[Upload, ...]:
    """The uploads of this account at a destination, for any model.

    All uploads of the study in `folder`; of other studies only those that no running program can still use.
    Files with the requests of an overnight job that is not over yet are left out.
    """
    place, study = replace(destination, model=""), _text(folder)
    finished = datetime.now(UTC) - _IN_USE
    needed = {job.upload for job in open_jobs() if not job.taken}
    return tuple(
        one
        for one in _uploads()
        if one.name not in needed
        and replace(one.destination, model="") == place
        and (one.folder == study or datetime.fromisoformat(one.time) < finished)
    )


def _uploads() -> tuple[Upload, ...]:
    left: dict[str, Upload] = {}
    for row in read_lines(settings_folder() / FILE_NAME, settings_folder()).rows:
        if "deleted" in row:
            left.pop(str(row["deleted"]), None)
        else:
            left.update((upload.name, upload) for upload in _upload(row))
    return tuple(left.values())


def _upload(row: JsonLine) -> Iterator[Upload]:
    try:
        name, folder, time = row["uploaded"], row["folder"], row["time"]
        if not (isinstance(name, str) and isinstance(folder, str) and UPLOAD_NAME.fullmatch(name)):
            raise TypeError("not an upload")
        moment = datetime.fromisoformat(str(time))
        if moment.tzinfo is None:
            raise ValueError("a time without its zone")
        yield Upload(name, destination_from(row["destination"]), folder, moment.isoformat())
    except (KeyError, TypeError, ValueError) as error:
        _log.warning("a line of the list of uploads is invalid: %s", type(error).__name__)


def _append(row: JsonLine) -> None:
    try:
        append_line(settings_folder() / FILE_NAME, settings_folder(), json.dumps(row, ensure_ascii=True))
    except OSError as error:
        raise UserError("The list of what is uploaded cannot be written, so nothing is sent.") from error


def _text(path: Path) -> str:
    return str(path.absolute()).encode("utf-8", "backslashreplace").decode("utf-8")


def _now() -> str:
    return datetime.now(UTC).isoformat()
