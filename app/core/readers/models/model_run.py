"""The run of a model over a recording: parallel requests, merged answers, and no request asked twice.

It is blocking and meant for a background thread, with an asyncio loop inside. It ends within a second of a
cancel, because waiting tasks are cancelled.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from app.core.enhance.enhancement import Enhancement, enhancement_of
from app.core.errors import Cancelled
from app.core.jobs import CancelToken, Progress, Report, TimeEstimate
from app.core.plain_text import plain
from app.core.readers.models.answer_schema import response_schema
from app.core.readers.models.event_loop import run_to_end
from app.core.readers.models.journal import Journal
from app.core.readers.models.merging import SegmentAnswer, merge
from app.core.readers.models.prompts import PromptSet, prompt
from app.core.readers.models.provider import Material, Provider, Reply
from app.core.readers.models.request_plan import Request
from app.core.readers.models.response import parse_response
from app.core.readers.models.retrying import NoAccessError, RequestError, Result, ask_with_retries
from app.core.semiology import FEATURE, FEATURES, Answer, Presence

NOT_YET_ASKED = "not asked yet"
CANCEL_POLL = 0.1
"""Seconds between two checks of cancel and pause."""


class ClipSource(Protocol):
    """A source of the prepared media of requests."""

    def cannot_show(self, request: Request) -> str:
        """The reason why nothing can be judged for a request (no sound, no face found); "" otherwise."""
        ...

    def media(self, request: Request, cancel: CancelToken) -> Material:
        """The media of a request, without prompt and schema; called in a worker thread. Raises Cancelled."""
        ...


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Options of a run. `deadline` is the total time (s) of one request, retries included.

    `again` names requests to repeat although they were answered, because the answer was rejected.
    """

    prompts: PromptSet
    limit: int = 4
    deadline: float = 240.0
    unable: Mapping[Enhancement, str] = field(default_factory=dict)
    """Unsupported enhancements with the reason; their features become not assessable."""
    again: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FailedRequest:
    """A request without an answer, or with a partly rejected one, and the reason.

    `again` is whether the next run repeats it automatically: an answered request is repeated only on demand
    (`RunOptions.again`), however bad the answer.
    """

    request: str
    reason: str
    again: bool


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """The merged answers of all 20 features, the failures, and the names that the model reported."""

    answers: Mapping[str, Answer]
    said: tuple[SegmentAnswer, ...]
    failed: tuple[FailedRequest, ...]
    served_models: tuple[str, ...]


Arrived = Callable[[Mapping[str, Answer]], None]
"""Receives the answers merged so far, in the run's thread."""


class ModelRun:
    """One run over a plan. `run` may be called again after failures or a cancel; it asks only the rest."""

    def __init__(
        self,
        plan: tuple[Request, ...],
        clips: ClipSource,
        journal: Journal,
        options: RunOptions,
    ) -> None:
        self._plan = plan
        self._clips = clips
        self._journal = journal
        self._options = options
        self._replies: dict[str, Reply] = {}
        self._failures: dict[str, str] = {}
        self._parsed: dict[str, _RequestResult] = {}
        self._again = set(options.again)
        self._resumed = threading.Event()
        self._resumed.set()

    def pause(self) -> None:
        """Start no further requests; those in progress continue."""
        self._resumed.clear()

    def resume(self) -> None:
        self._resumed.set()

    @property
    def paused(self) -> bool:
        return not self._resumed.is_set()

    def run(
        self,
        provider: Callable[[], Provider],
        *,
        report: Report,
        cancel: CancelToken,
        arrived: Arrived = lambda _answers: None,
    ) -> RunOutcome:
        """Ask all requests that have no answer yet and can be shown, and return the outcome.

        `provider` is called inside the event loop. Raises Cancelled; answers up to then are stored.
        """
        self._failures.clear()
        for request in self._plan:
            kept = self._journal.reply(request.key)
            if kept is not None:
                self._replies[request.key] = kept
        open_requests = [request for request in self._plan if self._is_open(request)]
        if open_requests:
            run_to_end(self._ask_all(open_requests, provider, report, cancel, arrived))
        return self.outcome()

    def _is_open(self, request: Request) -> bool:
        asked = request.key in self._replies and request.key not in self._again
        return not asked and not self._hidden(request)

    def _hidden(self, request: Request) -> str:
        """The reason why a request is not sent: unsupported by the model, or nothing to judge; ""
        otherwise."""
        reason = self._options.unable.get(request.enhancement)
        if reason is not None:
            return f"Not assessable by this model: {reason}"
        return self._clips.cannot_show(request)

    def outcome(self) -> RunOutcome:
        """The outcome with the replies so far."""
        said: list[SegmentAnswer] = []
        failed: list[FailedRequest] = []
        for request in self._plan:
            rows, reasons = self._heard(request)
            said.extend(rows)
            again = request.key not in self._replies
            failed.extend(FailedRequest(request.key, reason, again) for reason in reasons)
        answers = {feature.id: self._merged(feature.id, said) for feature in FEATURES}
        served = sorted({reply.served_model for reply in self._replies.values() if reply.served_model})
        return RunOutcome(answers, tuple(said), tuple(failed), tuple(served))

    def _merged(self, feature: str, said: list[SegmentAnswer]) -> Answer:
        reason = self._options.unable.get(enhancement_of(FEATURE[feature]))
        if reason is not None:
            why = f"Not assessable by this model: {reason}"
            return Answer(feature, Presence.NOT_ASSESSABLE, explanation=plain(why))
        return merge(feature, said)

    def _heard(self, request: Request) -> _RequestResult:
        """The result of a request so far."""
        reply = self._replies.get(request.key)
        if reply is not None:
            if request.key not in self._parsed:
                self._parsed[request.key] = _parse_reply(request, reply)
            rows, refused = self._parsed[request.key]
            failure = self._failures.get(request.key)
            return rows, [*refused, f"asked again: {failure}"] if failure else refused
        hidden = self._hidden(request)
        if hidden:
            return _not_assessable(request, hidden), []
        reason = self._failures.get(request.key)
        rows = [
            SegmentAnswer(request.segment, feature.id, None, reason or NOT_YET_ASKED)
            for feature in request.features
        ]
        return rows, [reason] if reason else []

    async def _ask_all(
        self,
        open_requests: list[Request],
        make: Callable[[], Provider],
        report: Report,
        cancel: CancelToken,
        arrived: Arrived,
    ) -> None:
        progress = _RunProgress(len(open_requests), report)
        course = _RunState(make(), asyncio.Semaphore(self._options.limit), progress, cancel, arrived)
        tasks = [asyncio.create_task(self._ask(request, course)) for request in open_requests]
        try:
            await _until_done(tasks, cancel)
        finally:
            await course.provider.close()

    async def _ask(self, request: Request, course: _RunState) -> None:
        async with course.slots:
            while self.paused:
                await asyncio.sleep(CANCEL_POLL)
            if course.no_access:
                self._failures[request.key] = course.no_access
            else:
                await self._send(request, course)
        course.progress.one_more(request)
        course.arrived(self.outcome().answers)

    async def _send(self, request: Request, course: _RunState) -> None:
        media = await asyncio.to_thread(self._clips.media, request, course.cancel)
        asked = prompt(
            self._options.prompts,
            request.features,
            request.enhancement,
            request.segment,
            enhanced=media.enhanced,
            transcript=media.transcript,
            remarks=media.remarks,
        )
        material = replace(media, prompt=asked, schema=response_schema(request.features))
        try:
            reply = await ask_with_retries(
                lambda: course.provider.ask(material), deadline=self._options.deadline
            )
        except RequestError as error:
            self._failures[request.key] = plain(str(error), 300)
            if isinstance(error, NoAccessError):
                course.no_access = self._failures[request.key]
        else:
            self._replies[request.key] = await asyncio.to_thread(self._kept, request, reply)
            self._parsed.pop(request.key, None)
            self._again.discard(request.key)

    def _kept(self, request: Request, reply: Reply) -> Reply:
        """The reply that counts from now on, stored on disk: of two the one with more accepted answers."""
        before = self._replies.get(request.key)
        if before is None:
            stands = reply
        elif _count_accepted(request, before) > _count_accepted(request, reply):
            self._journal.keep_aside(request.key, reply)
            return before
        else:
            self._journal.keep_aside(request.key, before)
            stands = reply
        self._journal.keep(request.key, stands)
        return stands


_RequestResult = tuple[list[SegmentAnswer], list[str]]
"""The result of a request: an answer or a failure for each feature, and the reasons of the failures."""


def is_refused(request: Request, reply: Reply) -> bool:
    """Whether the answer to any feature of a request is rejected or missing in the reply."""
    return _count_accepted(request, reply) < len(request.features)


def _count_accepted(request: Request, reply: Reply) -> int:
    return len(parse_response(reply.text, request.features, request.segment).answers)


def _parse_reply(request: Request, reply: Reply) -> _RequestResult:
    parsed = parse_response(reply.text, request.features, request.segment)
    rows = [
        SegmentAnswer(
            request.segment,
            feature.id,
            parsed.answers.get(feature.id),
            "" if feature.id in parsed.answers else "the model's answer was refused or missing",
        )
        for feature in request.features
    ]
    missing = {row.feature for row in rows if row.answer is None}
    reasons = [f"{rejection.feature or 'answer'}: {rejection.reason}" for rejection in parsed.rejections]
    unexplained = missing - {rejection.feature for rejection in parsed.rejections}
    if unexplained and not any(rejection.feature is None for rejection in parsed.rejections):
        reasons.extend(f"{feature}: the model left it out" for feature in sorted(unexplained))
    return rows, reasons


def _not_assessable(request: Request, reason: str) -> list[SegmentAnswer]:
    return [
        SegmentAnswer(
            request.segment,
            feature.id,
            Answer(feature.id, Presence.NOT_ASSESSABLE, explanation=plain(reason)),
        )
        for feature in request.features
    ]


def run_tidy(provider: Callable[[], Provider], cancel: CancelToken) -> None:
    """Delete files of earlier runs at a provider; blocking. Raises Cancelled."""

    async def tidy() -> None:
        made = provider()
        try:
            await made.tidy()
        finally:
            await made.close()

    run_to_end(until_done(tidy(), cancel))


async def until_done(work: Coroutine[Any, Any, Result], cancel: CancelToken) -> Result:
    """The result of `work`. Raises Cancelled within a second of `cancel`."""
    task = asyncio.create_task(work)
    await _until_done([task], cancel)
    return task.result()


async def _until_done(tasks: Sequence[asyncio.Task[Any]], cancel: CancelToken) -> None:
    """Wait for all tasks; on cancel, or on any error other than a failed request, cancel the others."""
    pending = set(tasks)
    try:
        while pending:
            done, pending = await asyncio.wait(
                pending, timeout=CANCEL_POLL, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                task.result()
            if cancel.cancelled and pending:
                raise Cancelled
    finally:
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)


class _RunProgress:
    """Progress reports by the number of answered requests."""

    def __init__(self, total: int, report: Report) -> None:
        self._total = total
        self._report = report
        self._done = 0
        self._estimate = TimeEstimate()

    def one_more(self, request: Request) -> None:
        self._done += 1
        share = self._done / self._total
        what = f"The model reads segment {request.segment.number + 1} ({request.enhancement.value})"
        self._report(Progress(what, share, self._estimate.remaining(share)))


@dataclass(slots=True)
class _RunState:
    """The shared state of the requests of one call of `run`.

    `no_access` is the reason why further requests are useless (a wrong key, an unknown model), else "".
    """

    provider: Provider
    slots: asyncio.Semaphore
    progress: _RunProgress
    cancel: CancelToken
    arrived: Arrived
    no_access: str = ""
