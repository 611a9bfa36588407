"""The egress ledger: what left this machine, written and synced before it leaves.

One file of JSON lines beside the study, only ever appended to: a line when something is about to be sent,
a line for what came of it, a line for each remote file and for its deletion. A line that a crash cut off is
passed over; what it would have said had not been sent yet.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.core.errors import UserError

FILE_NAME = "egress.jsonl"
PENDING = "sending"
FORMAT = "semioscope-ledger/1"


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
class Entry:
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


class Ledger:
    """The ledger of one study's folder. May be used from several threads and processes."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._lock = threading.Lock()

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
                "user": sending.user,
                "host": sending.host,
                "model": sending.model,
                "purpose": sending.purpose,
                "bytes": sending.size,
                "sha256": sending.sha256,
                "deidentification": sending.deidentification,
            }
        )
        return entry_id

    def outcome(self, entry_id: str, outcome: str) -> None:
        """What came of it: an HTTP status, `cancelled`, or the failure's name."""
        self._append({"event": "outcome", "id": entry_id, "time": _now(), "outcome": outcome})

    def uploaded(self, remote_id: str, host: str) -> None:
        """A file now lies with a provider."""
        self._append({"event": "uploaded", "remote": remote_id, "host": host, "time": _now()})

    def deleted(self, remote_id: str) -> None:
        """That file is gone there."""
        self._append({"event": "deleted", "remote": remote_id, "time": _now()})

    def entries(self) -> tuple[Entry, ...]:
        """All requests in the order they were written."""
        entries: dict[str, Entry] = {}
        for line in self._lines():
            if line["event"] == "sending":
                entries[line["id"]] = Entry(
                    line["id"],
                    line["time"],
                    Sending(
                        line["user"],
                        line["host"],
                        line["model"],
                        line["purpose"],
                        line["bytes"],
                        line["sha256"],
                        line["deidentification"],
                    ),
                )
            elif line["event"] == "outcome" and line["id"] in entries:
                entries[line["id"]] = replace(entries[line["id"]], outcome=line["outcome"])
        return tuple(entries.values())

    def remote_files(self) -> tuple[RemoteFile, ...]:
        """Every file that was ever left with a provider."""
        files: dict[str, RemoteFile] = {}
        for line in self._lines():
            if line["event"] == "uploaded":
                files[line["remote"]] = RemoteFile(line["remote"], line["host"], line["time"])
            elif line["event"] == "deleted" and line["remote"] in files:
                files[line["remote"]] = replace(files[line["remote"]], deleted=line["time"])
        return tuple(files.values())

    def orphans(self) -> tuple[RemoteFile, ...]:
        """Files that still lie with a provider and have to be deleted there."""
        return tuple(file for file in self.remote_files() if file.deleted is None)

    def to_json(self) -> str:
        """All of it in the format `semioscope-ledger/1` (docs/formats.md)."""
        entries = [_flat(asdict(entry)) for entry in self.entries()]
        files = [asdict(file) for file in self.remote_files()]
        data = {"format": FORMAT, "entries": entries, "remote_files": files}
        return json.dumps(data, indent=2, ensure_ascii=False) + "\n"

    def _append(self, line: dict[str, Any]) -> None:
        # The line end comes first: a line that a crash cut off then cannot swallow this one.
        data = ("\n" + json.dumps(line, ensure_ascii=False)).encode()
        try:
            with self._lock:
                handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
                try:
                    if os.write(handle, data) != len(data):
                        raise OSError("the disk is full")
                    os.fsync(handle)
                finally:
                    os.close(handle)
        except OSError as error:
            raise UserError("The ledger of what is sent cannot be written, so nothing is sent.") from error

    def _lines(self) -> Iterator[dict[str, Any]]:
        try:
            text = self._path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return
        for line in text.splitlines():
            try:
                row = json.loads(line)
            except ValueError:
                continue
            if isinstance(row, dict) and "event" in row:
                yield row


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    sending = row.pop("sending")
    sending["bytes"] = sending.pop("size")
    return {"id": row["id"], "time": row["time"], **sending, "outcome": row["outcome"]}


def _now() -> str:
    return datetime.now(UTC).isoformat()
