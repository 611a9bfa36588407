"""Requests on their way into jobs of Gemini's batch mode, and the results of jobs as replies.

A request is known by the SHA-256 of its content: a result is taken as the reply to exactly that request and
to no other. What a file of results says is as untrusted as any reply.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from app.core.bounded_json import canonical
from app.core.jobs import CancelToken
from app.core.privacy.overnight_jobs import MOST_REQUESTS
from app.core.readers.models.gemini_jobs import request_of
from app.core.readers.models.model_run import ClipSource
from app.core.readers.models.provider import Material, Reply, WithoutServer
from app.core.readers.models.request_plan import Request
from app.core.readers.models.retrying import NoAnswerError, RequestError

LARGEST_FILE = 64_000_000
"""The most bytes of one file of requests, which is held in memory while it is uploaded."""

LATER = "It is sent in an overnight job."
WAITING = "It is in an overnight job already."


class AnsweredLaterError(NoAnswerError):
    """The request goes into a job. It is paid for, and its answer comes another day."""


@dataclass(frozen=True, slots=True)
class KeyedMaterial(Material):
    """Material that says of which request of the plan it is."""

    key: str = ""


class KeyedClips:
    """Clips of requests that say which they are; for those that were `sent`, by their keys with their
    SHA-256, nothing is read or made anew: their answers are to what was sent."""

    def __init__(self, clips: ClipSource, sent: Mapping[str, str] | None = None) -> None:
        self._clips = clips
        self._sent = sent or {}

    def cannot_show(self, request: Request) -> str:
        return "" if request.key in self._sent else self._clips.cannot_show(request)

    def media(self, request: Request, cancel: CancelToken) -> Material:
        if request.key in self._sent:
            return KeyedMaterial("", {}, key=request.key)
        media = self._clips.media(request, cancel)
        known = {one.name: getattr(media, one.name) for one in fields(Material)}
        return KeyedMaterial(**known, key=request.key)


@dataclass(slots=True)
class RequestsForJob:
    """A file with the requests of one job: their SHA-256, and the `requests` of the plan that these are, by
    their keys."""

    path: Path
    asked: list[str] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    size: int = 0

    def takes(self, line: bytes) -> bool:
        """Whether a further line fits into the job."""
        return len(self.asked) < MOST_REQUESTS and self.size + len(line) <= LARGEST_FILE

    def add(self, name: str, line: bytes) -> None:
        with self.path.open("ab") as file:
            file.write(line)
        self.asked.append(name)
        self.size += len(line)


class OvernightWriter(WithoutServer):
    """A provider that writes requests into files in `folder`, one for each job; nothing is sent. Those in
    `waiting`, by their SHA-256 or their key, are in a job already."""

    def __init__(self, folder: Path, model: str, waiting: Collection[str]) -> None:
        self._folder = folder
        self._model = model
        self._waiting = waiting
        self._written: dict[str, RequestsForJob] = {}
        self.files: list[RequestsForJob] = []

    async def ask(self, material: Material) -> Reply:
        request = request_of(self._model, material)
        name, key = name_of(request), _key_of(material)
        if name in self._waiting or key in self._waiting:
            raise RequestError(WAITING)
        if name not in self._written:
            self._write(name, canonical({"key": name, "request": request}).encode() + b"\n")
        if key:
            self._written[name].requests.append((key, name))
        raise AnsweredLaterError(LATER)

    def _write(self, name: str, line: bytes) -> None:
        if len(line) > LARGEST_FILE:
            raise RequestError(
                "The clip is too large for an overnight job; ask about this recording directly."
            )
        if not self.files or not self.files[-1].takes(line):
            self.files.append(RequestsForJob(self._folder / f"requests-{len(self.files)}.jsonl"))
        self.files[-1].add(name, line)
        self._written[name] = self.files[-1]


@dataclass(frozen=True, slots=True)
class JobResults:
    """The results of jobs by the SHA-256 of the request: a reply, or why there is none; `unread` lines were
    no results of these requests."""

    said: Mapping[str, Reply | RequestError] = field(default_factory=dict)
    unread: int = 0


def results_of(
    lines: bytes, asked: Collection[str], answer_in: Callable[[dict[str, Any]], Reply]
) -> JobResults:
    """The results in the lines of a file, cleaned as replies are. Several for one request are none, because
    nothing says which of them belongs to it."""
    said: dict[str, Reply | RequestError] = {}
    unread = 0
    for line in lines.split(b"\n"):
        row = json.loads(line) if line else None
        key = row.get("key") if isinstance(row, dict) else None
        if not isinstance(row, dict) or not isinstance(key, str) or key not in asked:
            unread += bool(line.strip())
        elif key in said:
            said[key] = RequestError(
                "The service gave several answers to this one request, so none is taken."
            )
        else:
            said[key] = _said(row, answer_in)
    return JobResults(said, unread)


def _said(row: dict[str, Any], answer_in: Callable[[dict[str, Any]], Reply]) -> Reply | RequestError:
    try:
        return answer_in(row)
    except RequestError as error:
        return error


class OvernightReader(WithoutServer):
    """A provider that answers from results of jobs; nothing is sent. `used` counts the results that were
    asked for, `missed` the requests without one, but for those in `waiting`: in a job that is not done. What
    was `sent` is known by its key, anything else by what its clips make now."""

    def __init__(
        self,
        results: Mapping[str, Reply | RequestError],
        model: str,
        waiting: Collection[str],
        sent: Mapping[str, str],
    ) -> None:
        self._results = results
        self._model = model
        self._waiting = waiting
        self._sent = sent
        self.used = 0
        self.missed = 0

    async def ask(self, material: Material) -> Reply:
        name = self._sent.get(_key_of(material)) or name_of(request_of(self._model, material))
        said = self._results.get(name)
        if said is None:
            if name in self._waiting:
                raise RequestError(WAITING)
            self.missed += 1
            raise RequestError("No job has brought an answer to it.")
        self.used += 1
        if isinstance(said, RequestError):
            # Never one that ends the run: the job has answers to other requests.
            raise RequestError(str(said)) from said
        return said


def name_of(request: Mapping[str, Any]) -> str:
    """The name by which a request and its result are known."""
    return hashlib.sha256(canonical(request).encode()).hexdigest()


def _key_of(material: Material) -> str:
    """The key of the request that material is of; "" where it does not say so."""
    return material.key if isinstance(material, KeyedMaterial) else ""
