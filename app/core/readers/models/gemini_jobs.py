"""Gemini's batch mode: many requests as one job, answered within a day at half the price.

The requests are uploaded as a file of JSON lines, each with a key, and the results come as such a file.
Requests inside the call itself are not used: their results can come in another order, and without their keys
(python-genai issues 1909 and 2008).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar

import httpx2

from app.core.privacy.overnight_jobs import JOB_NAME, RESULTS_NAME, OvernightJob
from app.core.readers.models.gemini import EXPIRY, Gemini
from app.core.readers.models.gemini_client import generation_config
from app.core.readers.models.gemini_replies import reply_of, status_of, translated_errors
from app.core.readers.models.provider import Material, Reply
from app.core.readers.models.reply_cleaning import failure_text
from app.core.readers.models.retrying import (
    NoAnswerError,
    NoAnswerInTimeError,
    RequestError,
    ask_with_retries,
    saying,
)

JOB_DEADLINE = 900.0
"""Seconds for one step with a job: an upload of `overnight_requests.LARGEST_FILE`, a file of results."""

_PAGES = 20
"""The most pages of the list of jobs in which one is looked for, each with 100 jobs."""

Result = TypeVar("Result")


class JobStage(StrEnum):
    """What has become of a job at the service."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    """The service does not know it with this key, or no longer."""


@dataclass(frozen=True, slots=True)
class JobState:
    """The stage of a job, and the name of its file of results, "" without one."""

    stage: JobStage
    results: str = ""


class GeminiJobs(Gemini):
    """The jobs of one Gemini model; every step is bounded in time and raises RequestError when it fails."""

    async def send_requests(self, name: str, lines: bytes) -> None:
        """Upload a file of requests under a name of `gemini.new_upload_name`."""
        with translated_errors():
            async with _in_time():
                await self._upload(name, "jsonl", lines)

    async def create(self, job: OvernightJob) -> str:
        """Create the job of uploaded requests; the service's name of it."""
        from google.genai import types

        config = types.CreateBatchJobConfig(display_name=job.id)
        with translated_errors():
            async with _in_time():
                made = await self._client.aio.batches.create(model=self._model, src=job.upload, config=config)
        return _checked(made.name)

    async def find(self, job: OvernightJob) -> str:
        """The service's name of a job, by the id that this program gave it; "" when it has none with it.

        Raises RequestError also when the list is longer than is looked through.
        """

        async def look() -> str:
            from google.genai import types

            pager = await self._client.aio.batches.list(config=types.ListBatchJobsConfig(page_size=100))
            for _ in range(_PAGES):
                for one in pager.page:
                    if one.display_name == job.id:
                        return _checked(one.name)
                try:
                    await pager.next_page()
                except IndexError:
                    return ""
            raise RequestError("The service lists more jobs than are looked through.")

        return await _patiently(look)

    async def state(self, job: OvernightJob) -> JobState:
        """What has become of a named job."""
        from google.genai import errors

        async def get() -> JobState:
            try:
                found = await self._client.aio.batches.get(name=job.name)
            except errors.APIError as error:
                if status_of(error) == 404:
                    return JobState(JobStage.UNKNOWN)
                raise
            if found.display_name != job.id:
                raise RequestError("The service shows another job under the name of this one.")
            results = found.dest.file_name if found.dest else None
            return JobState(_stage(found.state), _results(results))

        return await _patiently(get)

    async def cancel(self, job: OvernightJob) -> None:
        """Ask the service to stop a named job; one that is over already stays as it is."""
        from google.genai import errors

        async def stop() -> None:
            try:
                await self._client.aio.batches.cancel(name=job.name)
            except errors.APIError as error:
                if status_of(error) not in {400, 404}:
                    raise

        await _patiently(stop)

    async def results(self, name: str) -> bytes:
        """The lines of a file of results, each bounded and cleaned of keys."""
        return await _patiently(partial(self._client.aio.files.download, file=name)) or b""

    async def forget(self, job: OvernightJob) -> bool:
        """Delete a job and its files of requests and results; whether nothing of it is left.

        A job that is not found is gone only for the key that it was sent with, which sees its requests; they
        are therefore deleted last.
        """
        gone = True
        expired = job.taken_for is not None and job.taken_for >= EXPIRY
        if job.name:
            believed = expired or await self.sees_file(job.upload)
            delete = partial(self._client.aio.batches.delete, name=job.name)
            gone = await self._gone(delete, {404} if believed else set())
        if job.results and not expired:
            # The service says “forbidden” of a file that is gone, too. It refuses to delete files with names
            # as long as it gives to results (python-genai issue 1759); those it deletes by itself.
            delete_file = partial(self._client.aio.files.delete, name=job.results)
            gone &= await self._gone(delete_file, {403, 404})
        await self._delete([job.upload], JOB_DEADLINE)
        return gone and job.upload not in {upload.name for upload in self._left()}

    async def sees_file(self, name: str) -> bool:
        """Whether the service shows a file with this key; not when it cannot be asked."""
        from google.genai import errors

        try:
            async with _in_time():
                return (await self._client.aio.files.get(name=name)).name == name
        except (errors.APIError, httpx2.HTTPError, RequestError, ValueError):
            return False

    async def _gone(self, delete: Callable[[], Awaitable[object]], missing: set[int]) -> bool:
        from google.genai import errors

        try:
            async with _in_time():
                await delete()
        except errors.APIError as error:
            return status_of(error) in missing
        except (httpx2.HTTPError, RequestError, ValueError):
            return False
        return True

    def answer_in(self, row: dict[str, Any]) -> Reply:
        """The reply in a line of a file of results. Raises RequestError without one."""
        from google.genai import types

        response = row.get("response")
        if not isinstance(response, dict):
            raise RequestError(f"The service refused this request{saying(failure_text(row.get('error')))}.")
        with translated_errors():
            reply = reply_of(types.GenerateContentResponse.model_validate(_picked(response, _USED)))
        return self._cleaned(reply)


def request_of(model: str, material: Material) -> dict[str, Any]:
    """A request for a line of a file: the fields of the interface, not those of the client."""
    from google.genai import types

    config = generation_config(model, material).model_dump(mode="json", by_alias=True, exclude_none=True)
    config.pop("automaticFunctionCalling", None)
    safety = config.pop("safetySettings")
    parts = []
    for kind, content in (("video/mp4", material.video), ("audio/wav", material.sound)):
        if content:
            part = types.Part(inline_data=types.Blob(data=content, mime_type=kind))
            if kind == "video/mp4":
                part.video_metadata = types.VideoMetadata(fps=material.fps)
            parts.append(part)
    asked = types.Content(role="user", parts=[*parts, types.Part(text=material.prompt)])
    content_row = asked.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {"contents": [content_row], "generationConfig": config, "safetySettings": safety}


_USED: dict[str, Any] = {
    "promptFeedback": {"blockReason": None},
    "candidates": [{"finishReason": None, "content": {"parts": [{"text": None, "thought": None}]}}],
    "usageMetadata": {"promptTokenCount": None, "candidatesTokenCount": None, "thoughtsTokenCount": None},
    "modelVersion": None,
}
"""The fields of a response that are read; the client refuses responses with fields that it does not know."""


def _picked(value: Any, form: Any) -> Any:
    """What of a value is read; what has another form stays, and is refused later."""
    if isinstance(form, dict) and isinstance(value, dict):
        return {name: _picked(value[name], form[name]) for name in form if name in value}
    if isinstance(form, list) and isinstance(value, list):
        return [_picked(inner, form[0]) for inner in value]
    return value


def _stage(state: object) -> JobStage:
    """The stage of a state of the service; one that is not known may still change."""
    word = str(getattr(state, "value", state)).removeprefix("JOB_STATE_").lower()
    done = {"succeeded": JobStage.DONE, "partially_succeeded": JobStage.DONE}
    ended = {stage.value: stage for stage in (JobStage.FAILED, JobStage.CANCELLED, JobStage.EXPIRED)}
    return (done | ended).get(word, JobStage.WAITING)


def _checked(name: str | None) -> str:
    if not name or not JOB_NAME.fullmatch(name):
        raise NoAnswerError("The service gave the job no name that can be used.")
    return name


def _results(name: str | None) -> str:
    if name and not RESULTS_NAME.fullmatch(name):
        raise RequestError("The service names a file of results that cannot be one.")
    return name or ""


@asynccontextmanager
async def _in_time() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(JOB_DEADLINE):
            yield
    except TimeoutError as error:
        raise NoAnswerInTimeError(f"No answer within {JOB_DEADLINE:.0f} seconds.") from error


async def _patiently(ask: Callable[[], Awaitable[Result]]) -> Result:
    """What `ask` gives, asked again where the service is busy."""

    async def attempt() -> Result:
        with translated_errors():
            return await ask()

    return await ask_with_retries(attempt, deadline=JOB_DEADLINE)
