"""The egress ledger: a record of everything sent from this machine, synced to disk before it is sent.

It is an append-only file of JSON lines in the study's folder: a line before each request, a line with its
outcome, a line for each remote file and for its deletion. A line cut off by a crash is ignored; its request
had not been sent yet. Lines are ASCII, so that a Unicode line separator in a name cannot end one. A ledger
may come from somebody else: it is displayed, but never acted on.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.core.errors import UserError
from app.core.privacy.destination import Destination
from app.core.privacy.json_lines import (
    NOTHING_SENT,
    ForeignLineError,
    JsonLine,
    append_line,
    check_appendable,
    read_lines,
)
from app.core.privacy.uploads import note_deletion, note_upload

FILE_NAME = "egress.jsonl"
PENDING = "sending"
WRITTEN = "written"
"""The outcome of what was written into a file to be handed on."""
THIS_COMPUTER = "this computer"
"""The host of what was written here."""
FORMAT = "semioscope-ledger/1"

_LONGEST_TEXT = 800
"""The most characters of each of the six texts of a line; escaped, all of them fit into `LONGEST_LINE`."""
_MOST_BYTES = 1 << 53

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sending:
    """A request before it is sent: destination, purpose, and `size` (bytes) and `sha256` (hex) of its
    body."""

    user: str
    host: str
    model: str
    purpose: str
    size: int
    sha256: str
    deidentification: str


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One request in the ledger: `outcome` is `sending` before a reply, then a status or the failure's
    name."""

    id: str
    time: str
    sending: Sending
    outcome: str = PENDING


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file uploaded to a provider; `deleted` (UTC, ISO 8601) is None while it still exists there."""

    id: str
    host: str
    time: str
    deleted: str | None = None


def body_digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@dataclass(frozen=True, slots=True)
class LedgerContents:
    """The content of a ledger: requests and remote files in the order of writing.

    `unread` counts lines that were ignored because they are damaged or invalid.
    """

    entries: tuple[LedgerEntry, ...] = ()
    remote_files: tuple[RemoteFile, ...] = ()
    unread: int = 0

    @property
    def orphans(self) -> tuple[RemoteFile, ...]:
        """Files without a listed deletion."""
        return tuple(file for file in self.remote_files if file.deleted is None)


class Ledger:
    """The ledger of one study's folder. May be used from several threads and processes.

    Reading it raises UserError when the file is a link or cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = folder / FILE_NAME

    def check_writable(self) -> None:
        """Check before long work that it can be written. Raises UserError."""
        with _said():
            check_appendable(self._path, self.folder)

    def sending(self, sending: Sending) -> str:
        """Record a request before it is sent; its entry is on disk when this returns the entry's id.

        Raises UserError when it cannot be written; then nothing may be sent.
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
            },
            NOTHING_SENT,
        )
        return entry_id

    def outcome(self, entry_id: str, outcome: str) -> None:
        """Record the outcome of a request: an HTTP status, `cancelled`, or the failure's name.

        What has been sent stays in the ledger without it, so one that cannot be written is only logged: it is
        worth neither the answer that came nor a cancel.
        """
        try:
            self._append({"event": "outcome", "id": entry_id, "time": _now(), "outcome": outcome})
        except UserError as error:
            _log.warning("the outcome of a request was not noted: %s", error)

    def uploaded(self, remote_id: str, destination: Destination, reading: str = "") -> None:
        """Record an upload before it is made; this account has to delete the file later. `reading` as in
        `Upload`."""
        note_upload(remote_id, destination, self.folder, reading)
        self.note_left(remote_id, destination, NOTHING_SENT)

    def note_left(self, remote_id: str, destination: Destination, consequence: str = "") -> None:
        """Record in this ledger only that something is at a provider until it is deleted. Raises UserError,
        which ends with the `consequence`."""
        line = {"event": "uploaded", "remote": remote_id, "host": destination.host, "time": _now()}
        self._append(line, consequence)

    def deleted(self, remote_id: str) -> None:
        """Record that the file was deleted, here and in the account's list of uploads."""
        note_deletion(remote_id)
        self.note_deleted(remote_id)

    def note_deleted(self, remote_id: str) -> None:
        """Record in this ledger only that the file was deleted."""
        self._append({"event": "deleted", "remote": remote_id, "time": _now()})

    def contents(self) -> LedgerContents:
        """All readable content of the ledger."""
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
        """All requests in the order of writing."""
        return self.contents().entries

    def to_json(self) -> str:
        """The ledger in the format `semioscope-ledger/1` (docs/formats.md)."""
        contents = self.contents()
        entries = [_flat(asdict(entry)) for entry in contents.entries]
        files = [asdict(file) for file in contents.remote_files]
        data = {"format": FORMAT, "entries": entries, "remote_files": files}
        return json.dumps(data, indent=2, ensure_ascii=True) + "\n"

    def _append(self, line: dict[str, Any], consequence: str = "") -> None:
        with _said(consequence):
            append_line(self._path, self.folder, json.dumps(line, ensure_ascii=True))


@contextmanager
def _said(consequence: str = "") -> Iterator[None]:
    """A context in which errors of the ledger's file become UserError, which ends with the `consequence`."""
    try:
        yield
    except ForeignLineError as error:
        raise UserError(
            f"The ledger of what is sent, “{FILE_NAME}”, holds what this program has not "
            f"written{consequence}."
        ) from error
    except OSError as error:
        raise UserError(f"The ledger of what is sent cannot be written{consequence}.") from error


def _take(line: JsonLine, entries: dict[str, LedgerEntry], files: dict[str, RemoteFile]) -> None:
    """Add the content of a line. Raises KeyError, TypeError or ValueError when it is invalid."""
    event = line["event"]
    if event == "sending":
        entry = _entry(line)
        entries[entry.id] = entry
    elif event == "outcome":
        name, outcome = _text(line, "id"), _text(line, "outcome")
        if name in entries:  # the previous line may have been cut off by a crash
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
    """The text cut to its maximum length and without lone surrogates, so that its line can be read again."""
    return text[:_LONGEST_TEXT].encode("utf-8", "backslashreplace").decode("utf-8")


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    sending = row.pop("sending")
    sending["bytes"] = sending.pop("size")
    return {"id": row["id"], "time": row["time"], **sending, "outcome": row["outcome"]}


def _now() -> str:
    return datetime.now(UTC).isoformat()
