"""The egress ledger: what left this machine, written and synced before it leaves.

One file of JSON lines beside the study, only ever appended to: a line when something is about to be sent,
a line for what came of it, a line for each remote file and for its deletion. A line that a crash cut off is
passed over; what it would have said had not been sent yet. Lines are ASCII, so that no line end of Unicode in
a name can end one. A ledger may come from somebody else: it is shown, and nothing is ever done because of it.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.core.errors import UserError
from app.core.privacy.destination import Destination
from app.core.privacy.json_lines import JsonLine, append_line, read_lines
from app.core.privacy.uploads import note_deletion, note_upload

FILE_NAME = "egress.jsonl"
PENDING = "sending"
FORMAT = "semioscope-ledger/1"

_LONGEST_TEXT = 800
"""Characters of each of the six texts of a line; in ASCII all of them together fit into `LONGEST_LINE`."""
_MOST_BYTES = 1 << 53


@dataclass(frozen=True, slots=True)
class Sending:
    """What is about to leave: the exact body's `size` (bytes) and `sha256` (hex), to where and why."""

    user: str
    host: str
    model: str
    purpose: str
    size: int
    sha256: str
    deidentification: str


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One request: `outcome` is `sending` until something came back, then a status or the failure's name."""

    id: str
    time: str
    sending: Sending
    outcome: str = PENDING


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file that was left with a provider; `deleted` (UTC, ISO 8601) is None while it is still there."""

    id: str
    host: str
    time: str
    deleted: str | None = None


def body_digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@dataclass(frozen=True, slots=True)
class LedgerContents:
    """What a ledger says: requests and remote files in the order they were written.

    `unread` is how many lines were passed over because they are damaged or make no sense.
    """

    entries: tuple[LedgerEntry, ...] = ()
    remote_files: tuple[RemoteFile, ...] = ()
    unread: int = 0

    @property
    def orphans(self) -> tuple[RemoteFile, ...]:
        """Files of which no deletion is listed."""
        return tuple(file for file in self.remote_files if file.deleted is None)


class Ledger:
    """The ledger of one study's folder. May be used from several threads and processes.

    Reading it raises UserError when the file is a link or cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = folder / FILE_NAME

    def sending(self, sending: Sending) -> str:
        """Write down what is about to leave; on disk when this returns its id.

        Raises UserError when it cannot be written: then nothing may be sent.
        """
        entry_id = secrets.token_hex(8)
        self._append(
            {
                "event": "sending",
                "id": entry_id,
                "time": _now(),
                "user": _readable(sending.user),
                "host": _readable(sending.host),
                "model": _readable(sending.model),
                "purpose": _readable(sending.purpose),
                "bytes": sending.size,
                "sha256": sending.sha256,
                "deidentification": _readable(sending.deidentification),
            }
        )
        return entry_id

    def outcome(self, entry_id: str, outcome: str) -> None:
        """What came of it: an HTTP status, `cancelled`, or the failure's name."""
        self._append({"event": "outcome", "id": entry_id, "time": _now(), "outcome": outcome})

    def uploaded(self, remote_id: str, destination: Destination) -> None:
        """A file is about to be left with a provider, which this account will have to delete there."""
        note_upload(remote_id, destination, self.folder)
        self._append({"event": "uploaded", "remote": remote_id, "host": destination.host, "time": _now()})

    def deleted(self, remote_id: str) -> None:
        """That file is gone there."""
        note_deletion(remote_id)
        self.note_deleted(remote_id)

    def note_deleted(self, remote_id: str) -> None:
        """Write down in this ledger alone that the file is gone."""
        self._append({"event": "deleted", "remote": remote_id, "time": _now()})

    def contents(self) -> LedgerContents:
        """Everything that can be read of it."""
        try:
            lines = read_lines(self._path, self.folder)
        except OSError as error:
            raise UserError("The ledger of what was sent cannot be read.") from error
        entries: dict[str, LedgerEntry] = {}
        files: dict[str, RemoteFile] = {}
        unread = lines.unread
        for line in lines.rows:
            try:
                _take(line, entries, files)
            except (KeyError, TypeError, ValueError):
                unread += 1
        return LedgerContents(tuple(entries.values()), tuple(files.values()), unread)

    def entries(self) -> tuple[LedgerEntry, ...]:
        """All requests in the order they were written."""
        return self.contents().entries

    def remote_files(self) -> tuple[RemoteFile, ...]:
        """Every file that, as the ledger says, was ever left with a provider."""
        return self.contents().remote_files

    def orphans(self) -> tuple[RemoteFile, ...]:
        """Files that, as the ledger says, still lie with a provider. To be shown, never to be acted on."""
        return self.contents().orphans

    def to_json(self) -> str:
        """All of it in the format `semioscope-ledger/1` (docs/formats.md)."""
        contents = self.contents()
        entries = [_flat(asdict(entry)) for entry in contents.entries]
        files = [asdict(file) for file in contents.remote_files]
        data = {"format": FORMAT, "entries": entries, "remote_files": files}
        return json.dumps(data, indent=2, ensure_ascii=True) + "\n"

    def _append(self, line: dict[str, Any]) -> None:
        try:
            append_line(self._path, self.folder, json.dumps(line, ensure_ascii=True))
        except OSError as error:
            raise UserError("The ledger of what is sent cannot be written, so nothing is sent.") from error


def _take(line: JsonLine, entries: dict[str, LedgerEntry], files: dict[str, RemoteFile]) -> None:
    """Add what a line says. Raises KeyError, TypeError or ValueError when it makes no sense."""
    event = line["event"]
    if event == "sending":
        entry = _entry(line)
        entries[entry.id] = entry
    elif event == "outcome":
        name, outcome = _text(line, "id"), _text(line, "outcome")
        if name in entries:  # the line before it may have been cut off by a crash
            entries[name] = replace(entries[name], outcome=outcome)
    elif event == "uploaded":
        name = _text(line, "remote")
        files[name] = RemoteFile(name, _text(line, "host"), _text(line, "time"))
    elif event == "deleted":
        name, time = _text(line, "remote"), _text(line, "time")
        if name in files:
            files[name] = replace(files[name], deleted=time)
    else:
        raise ValueError("an event of another version")


def _entry(line: JsonLine) -> LedgerEntry:
    size = line["bytes"]
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size < _MOST_BYTES:
        raise ValueError("not a number of bytes")
    texts = {
        name: _text(line, name) for name in ("user", "host", "model", "purpose", "sha256", "deidentification")
    }
    return LedgerEntry(_text(line, "id"), _text(line, "time"), Sending(size=size, **texts))


def _text(line: JsonLine, name: str) -> str:
    text = line[name]
    if not isinstance(text, str):
        raise TypeError("not text")
    return text[:_LONGEST_TEXT]


def _readable(text: str) -> str:
    """`text` as a line of the ledger can hold it: a longer line, or half a character, is not read again."""
    return text[:_LONGEST_TEXT].encode("utf-8", "backslashreplace").decode("utf-8")


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    sending = row.pop("sending")
    sending["bytes"] = sending.pop("size")
    return {"id": row["id"], "time": row["time"], **sending, "outcome": row["outcome"]}


def _now() -> str:
    return datetime.now(UTC).isoformat()
