"""Requests as a file that vLLM answers later (`vllm run-batch`), and its file of results as replies.

A request is known by the SHA-256 of its body: a result is taken as the reply to exactly that request and
to no other, whatever the file says. What a file of results says is as untrusted as what a server says.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from app.core.bounded_json import canonical, read_json
from app.core.errors import UserError
from app.core.privacy.ledger import WRITTEN, Ledger, Sending
from app.core.privacy.redaction import Redaction
from app.core.readers.models.guarded_transport import SendContext
from app.core.readers.models.model_choice import ModelChoice, known_capabilities
from app.core.readers.models.openai_compatible import reply_of, request_body
from app.core.readers.models.provider import Material, Reply, WithoutServer
from app.core.readers.models.reply_cleaning import MAX_RESPONSE_BYTES, clean_reply, failure_text
from app.core.readers.models.retrying import RequestError, saying

URL = "/v1/chat/completions"
_LARGEST_LINE = 2 * MAX_RESPONSE_BYTES
_MOST_LINES = 1_000_000
_NAME = re.compile(r"[0-9a-f]{64}")


class WrittenError(RequestError):
    """The request was written to the file, so that there is no reply to it yet."""


def body_of(choice: ModelChoice, model: str, material: Material) -> dict[str, Any]:
    """The body of a request, as a server would get it."""
    return request_body(
        model,
        material,
        known_capabilities(choice),
        prefer_video=choice.prefer_video,
        family=choice.model_family,
    )


def _name_of(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(body).encode()).hexdigest()


class RequestWriter(WithoutServer):
    """A provider that writes each request into `file` after its row in the ledger; `lines` and `size` (bytes)
    count what was written. Raises UserError when the permission does not cover recordings."""

    def __init__(self, file: BinaryIO, choice: ModelChoice, passage: SendContext) -> None:
        if not passage.permission.covers_recordings:
            raise UserError("Nothing was written: a file of requests to this model has not been allowed.")
        self._file = file
        self._choice = choice
        self._passage = passage
        self.lines = 0
        self.size = 0

    async def ask(self, material: Material) -> Reply:
        destination = self._passage.permission.destination
        body = body_of(self._choice, destination.model, material)
        row = {"custom_id": _name_of(body), "method": "POST", "url": URL, "body": body}
        line = json.dumps(row, ensure_ascii=True, allow_nan=False).encode() + b"\n"
        entry = self._ledger.sending(
            Sending(
                self._passage.permission.user,
                destination.host,
                destination.model,
                self._passage.purpose,
                len(line),
                hashlib.sha256(line).hexdigest(),
                self._passage.deidentification,
            )
        )
        self._file.write(line)
        self._ledger.outcome(entry, WRITTEN)
        self.lines += 1
        self.size += len(line)
        raise WrittenError("It is in the file of requests.")

    @property
    def _ledger(self) -> Ledger:
        return self._passage.ledger


@dataclass(frozen=True, slots=True)
class ResultFile:
    """A file of results: where the line with the result of each request begins, and how many lines were no
    results. Of several results of a request the last with an answer counts."""

    path: Path
    places: Mapping[str, int]
    unread: int = 0

    def reply(self, name: str) -> Reply:
        """The reply to the request of this name. Raises RequestError without one that can be used."""
        place = self.places.get(name)
        if place is None:
            raise RequestError("The file of results holds no answer to this request.")
        try:
            with self.path.open("rb") as file:
                file.seek(place)
                row = _row(file.readline(_LARGEST_LINE))
        except OSError as error:
            raise RequestError("The file of results can no longer be read.") from error
        if row is None or row.get("custom_id") != name:
            raise RequestError("The file of results was changed while it was read.")
        return _reply(row)


def open_results(path: Path) -> ResultFile:
    """The results in a file. Raises UserError when it cannot be read or holds none."""
    places: dict[str, int] = {}
    unread = 0
    try:
        with path.open("rb") as file:
            for place, line in _lines(file):
                row = _row(line)
                name = row.get("custom_id") if row is not None else None
                if row is None or not isinstance(name, str) or not _NAME.fullmatch(name):
                    unread += 1
                elif name not in places or isinstance(row.get("response"), dict):
                    places[name] = place
    except OSError as error:
        raise UserError(f"“{path.name}” cannot be read.") from error
    if not places:
        raise UserError(
            f"“{path.name}” holds no results of requests that this program wrote; it takes what "
            "“vllm run-batch -o” writes."
        )
    return ResultFile(path, places, unread)


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The lines with the place at which each begins; of one that is too long only its beginning."""
    for _ in range(_MOST_LINES):
        place = file.tell()
        line = file.readline(_LARGEST_LINE)
        if not line:
            return
        yield place, line
        while not line.endswith(b"\n") and len(line) == _LARGEST_LINE:
            line = file.readline(_LARGEST_LINE)


def _row(line: bytes) -> dict[str, Any] | None:
    try:
        row = read_json(line, largest=_LARGEST_LINE)
    except ValueError:
        return None
    return row if isinstance(row, dict) else None


def _reply(row: Mapping[str, Any]) -> Reply:
    """The reply of a line, bounded and cleaned as what a server sends. Raises RequestError."""
    response = row.get("response")
    if not isinstance(response, dict):
        raise _refused(failure_text(row.get("error")))
    # Some versions write the body alone.
    body = response.get("body", response)
    status = response.get("status_code", 200)
    if isinstance(status, bool) or not isinstance(status, int):
        raise RequestError("A result has no status.")
    status, cleaned = clean_reply(status, json.dumps(body).encode(), Redaction())
    value = json.loads(cleaned) if cleaned else None
    if status != 200:
        raise _refused(failure_text(value))
    if not isinstance(value, dict):
        raise RequestError("A result is not of the expected form.")
    return reply_of(value)


def _refused(said: str) -> RequestError:
    """Never one that may be sent again: asking a file again changes nothing."""
    return RequestError(f"The request was refused when the file was run{saying(said)}.")


class ResultReader(WithoutServer):
    """A provider that answers from a file of results; nothing is sent."""

    def __init__(self, results: ResultFile, choice: ModelChoice, model: str) -> None:
        self._results = results
        self._choice = choice
        self._model = model

    async def ask(self, material: Material) -> Reply:
        return self._results.reply(_name_of(body_of(self._choice, self._model, material)))
