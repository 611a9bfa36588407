"""Gemini's batch mode at the loopback service: files, jobs, their results, and what a lying service does."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.loopback import Answer, Service, answer_to, generated

Row = dict[str, Any]


@dataclass
class BatchMode:
    """Jobs at a service: `state` is that of all but the `slow` one, `changed` may change lines of results,
    `refuses` answers instead of a step whose method and path begin so. A `silent` service takes a job
    and never says so."""

    service: Service
    state: str = "BATCH_STATE_PENDING"
    changed: Callable[[list[Row]], list[Any]] = list
    silent: bool = False
    slow: str = ""
    refuses: dict[str, Answer] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    jobs: dict[str, Row] = field(default_factory=dict)
    everything_sent: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.service.before = self.answer

    @property
    def steps(self) -> list[str]:
        """What was asked for, without queries."""
        return self.service.steps

    @property
    def requests(self) -> list[Row]:
        """The lines of all requests that were uploaded, in their order."""
        return [json.loads(line) for content in self.everything_sent for line in content.splitlines()]

    def finish(self, state: str = "BATCH_STATE_SUCCEEDED") -> None:
        """End all jobs."""
        self.state = state

    def answer(self, path: str, body: bytes) -> Answer | None:
        method, path = self.service.methods[-1], path.partition("?")[0]
        refused = (
            refusal for begins, refusal in self.refuses.items() if f"{method} {path}".startswith(begins)
        )
        return next(refused, None) or self._answered(method, path, body)

    def _answered(self, method: str, path: str, body: bytes) -> Answer | None:
        if path.startswith("/upload/"):
            name = json.loads(body)["file"]["name"]
            return 200, {"x-goog-upload-url": f"{self.service.url}/transfer/{name}"}, b"{}"
        if path.startswith("/transfer/"):
            return self._take(path.removeprefix("/transfer/"), body)
        if path.endswith(":batchGenerateContent"):
            return self._create(json.loads(body)["batch"])
        if path.startswith("/v1beta/batches"):
            return self._job(method, path.removeprefix("/v1beta/"))
        if path.startswith("/v1beta/files/"):
            return self._file(method, path.removeprefix("/v1beta/"))
        return None

    def _take(self, name: str, body: bytes) -> Answer:
        self.files[name] = body
        self.everything_sent.append(body)
        file = {"name": name, "uri": f"{self.service.url}/v1beta/{name}", "state": "ACTIVE"}
        return 200, {"x-goog-upload-status": "final"}, _json({"file": file})

    def _create(self, batch: Row) -> Answer:
        name = f"batches/job{len(self.jobs)}"
        self.jobs[name] = {"displayName": batch["displayName"], "file": batch["inputConfig"]["fileName"]}
        if self.silent:
            time.sleep(600)
        return 200, {}, _json(self._shown(name))

    def _job(self, method: str, name: str) -> Answer:
        if name == "batches":
            return 200, {}, _json({"operations": [self._shown(one) for one in self.jobs]})
        if name.removesuffix(":cancel") not in self.jobs:
            return 404, {}, b'{"error": {"code": 404, "message": "no such job"}}'
        if name.endswith(":cancel"):
            return 200, {}, b"{}"
        if method == "DELETE":
            del self.jobs[name]
            return 200, {}, b"{}"
        return 200, {}, _json(self._shown(name))

    def _shown(self, name: str) -> Row:
        job = self.jobs[name]
        state = "BATCH_STATE_RUNNING" if name == self.slow else self.state
        told = {"displayName": job["displayName"], "state": state, "model": "models/tiny"}
        if state == "BATCH_STATE_SUCCEEDED":
            results = name.replace("batches/", "files/batch-")
            self.files.setdefault(results, self._results(self.files.get(job["file"], b"")))
            told["output"] = {"responsesFile": results}
        return {"name": name, "metadata": told}

    def _results(self, lines: bytes) -> bytes:
        rows = self.changed([result(json.loads(line)) for line in lines.splitlines()])
        return b"".join(row if isinstance(row, bytes) else _json(row) + b"\n" for row in rows)

    def _file(self, method: str, name: str) -> Answer:
        download = name.endswith(":download")
        name = name.removesuffix(":download")
        if name not in self.files:
            return 404, {}, b"{}"
        if method == "DELETE":
            del self.files[name]
            return 200, {}, b"{}"
        return 200, {}, self.files[name] if download else _json({"name": name, "state": "ACTIVE"})


def result(row: Row, presence: str = "yes") -> Row:
    """The line of a result for the line of a request."""
    schema = row["request"]["generationConfig"]["responseJsonSchema"]
    response = json.loads(generated(answer_to(schema, presence)))
    response["usageMetadata"] = {"promptTokenCount": 900, "candidatesTokenCount": 90, "newerField": 1}
    return {"key": row["key"], "response": response}


def _json(value: object) -> bytes:
    return json.dumps(value).encode()
