"""The list of what this account put at providers and has to delete there, in its settings folder.

Automatic deletion follows this list only, because a study's ledger may come from somebody else.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.core.errors import UserError
from app.core.folders import settings_folder
from app.core.privacy.destination import Destination
from app.core.privacy.gate import destination_from
from app.core.privacy.json_lines import NOTHING_SENT, JsonLine, append_line, read_lines
from app.core.privacy.overnight_jobs import open_jobs
from app.core.study.readings_folder import is_worked_on

FILE_NAME = "uploads.jsonl"

UPLOAD_NAME = re.compile(r"files/clip-[0-9a-f]{16}")
"""The form of remote file names that this program assigns; no others are ever deleted."""

KEPT_NAME = re.compile(r"kept/clip-[0-9a-f]{16}")
"""The form of the names that this program gives to what a service keeps for further requests; the service
shows them beside its own."""
SERVED_NAME = re.compile(
    r"(projects/[\w.:-]{1,100}/locations/[a-z0-9-]{1,50}/)?cachedContents/[A-Za-z0-9_-]{1,100}", re.ASCII
)
"""The form of the names that the service gives to these; no others are used."""

_READING = re.compile(r"[0-9a-f]{16}|")
"""The form of the names of readings' folders, or "" for none."""

_IN_USE = timedelta(minutes=75)
"""Longer than any request that uses an uploaded file, and than anything is kept for further requests."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that this account uploaded to `destination` for the study in `folder` at `time` (UTC, ISO
    8601). `reading` is the name of the folder of the reading that it was made for, "" where it is for none;
    `served` is the service's own name of what it keeps, "" while that is not known."""

    name: str
    destination: Destination
    folder: str
    time: str
    reading: str = ""
    served: str = ""

    @property
    def is_kept(self) -> bool:
        """Whether the service keeps it for further requests; else it is a file."""
        return KEPT_NAME.fullmatch(self.name) is not None

    @property
    def age(self) -> timedelta:
        """The time since it was uploaded."""
        return datetime.now(UTC) - datetime.fromisoformat(self.time)


def note_upload(name: str, destination: Destination, folder: Path, reading: str = "") -> None:
    """Record an upload before it is made, synced to disk on return.

    Raises UserError when it cannot be written, ValueError for a name that this program does not assign.
    """
    if not _is_ours(name):
        raise ValueError("not a name that this program gives")
    place, study = asdict(destination), _text(folder)
    row: JsonLine = {"uploaded": name, "destination": place, "folder": study, "time": _now()}
    _append({**row, "reading": reading} if reading else row, NOTHING_SENT)


def note_served_name(name: str, served: str) -> None:
    """Record the service's own name of what it keeps. Raises UserError, ValueError for another form."""
    if not SERVED_NAME.fullmatch(served):
        raise ValueError("not a name of what is kept")
    _append({"named": name, "served": served})


def note_deletion(name: str) -> None:
    """Record that a file was deleted. Raises UserError when it cannot be written."""
    if any(upload.name == name for upload in _uploads()):
        _append({"deleted": name, "time": _now()})


def remaining_uploads(destination: Destination, folder: Path, reading: str = "") -> tuple[Upload, ...]:
    """The uploads of this account at a destination, for any model, that no running program can still use.

    Of the study in `folder` those of readings that nobody works on, and of `reading`, whose lock the caller
    holds; of other studies what is old enough. Files with the requests of an overnight job that is not over
    yet are left out.
    """
    place, study = replace(destination, model=""), _text(folder)
    finished = datetime.now(UTC) - _IN_USE
    needed = {job.upload for job in open_jobs() if not job.taken}
    return tuple(
        one
        for one in _uploads()
        if one.name not in needed
        and replace(one.destination, model="") == place
        and (
            one.reading in {"", reading} or not is_worked_on(folder, one.reading)
            if one.folder == study
            else datetime.fromisoformat(one.time) < finished
        )
    )


def _uploads() -> tuple[Upload, ...]:
    left: dict[str, Upload] = {}
    for row in read_lines(settings_folder() / FILE_NAME, settings_folder()).rows:
        if "deleted" in row:
            left.pop(str(row["deleted"]), None)
        elif "named" in row:
            left.update((one.name, one) for one in _named(row, left))
        else:
            left.update((upload.name, upload) for upload in _upload(row))
    return tuple(left.values())


def _named(row: JsonLine, left: Mapping[str, Upload]) -> Iterator[Upload]:
    """The upload of which a line tells the service's own name."""
    known, served = left.get(str(row["named"])), row.get("served")
    if known is not None and isinstance(served, str) and SERVED_NAME.fullmatch(served):
        yield replace(known, served=served)


def _is_ours(name: str) -> bool:
    return any(form.fullmatch(name) for form in (UPLOAD_NAME, KEPT_NAME))


def _upload(row: JsonLine) -> Iterator[Upload]:
    try:
        name, folder, time = row["uploaded"], row["folder"], row["time"]
        reading = row.get("reading", "")
        if not (isinstance(name, str) and isinstance(folder, str) and _is_ours(name)):
            raise TypeError("not an upload")
        if not isinstance(reading, str) or not _READING.fullmatch(reading):
            raise TypeError("not a reading's name")
        moment = datetime.fromisoformat(str(time))
        if moment.tzinfo is None:
            raise ValueError("a time without its zone")
        yield Upload(name, destination_from(row["destination"]), folder, moment.isoformat(), reading)
    except (KeyError, TypeError, ValueError) as error:
        _log.warning("a line of the list of uploads is invalid: %s", type(error).__name__)


def _append(row: JsonLine, consequence: str = "") -> None:
    try:
        append_line(settings_folder() / FILE_NAME, settings_folder(), json.dumps(row, ensure_ascii=True))
    except OSError as error:
        raise UserError(f"The list of what is uploaded cannot be written{consequence}.") from error


def _text(path: Path) -> str:
    return str(path.absolute()).encode("utf-8", "backslashreplace").decode("utf-8")


def _now() -> str:
    return datetime.now(UTC).isoformat()
