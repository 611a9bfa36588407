"""A model reads a recording: requests in parallel, answers merged as they come, nothing asked twice.

Blocking from the outside and meant for a thread of its own; an asyncio loop lives inside it. Cancel ends
within a second because waiting tasks are cancelled, not waited for.
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

NOT_YET = "not asked yet"
CANCEL_LOOK = 0.1
"""Seconds between two looks at cancel and pause."""


class ClipSource(Protocol):
    """Gives what is shown to a model: the prepared media of a request, without prompt and schema."""

    def cannot_show(self, request: Request) -> str:
        """Why there is nothing to be judged for a request (no sound, no face seen); "" when there is."""
        ...

    def media(self, request: Request, cancel: CancelToken) -> Material:
        """The media of one request; blocking, called from a worker thread. Raises Cancelled."""
        ...


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a run asks. `deadline` is the seconds that one request may take in all, tries included.

    `again` names requests that are asked although they were answered, because the answer was refused.
    """

    prompts: PromptSet
    limit: int = 4
    deadline: float = 240.0
    unable: Mapping[Enhancement, str] = field(default_factory=dict)
    """Why this model cannot be shown an enhancement at all; its features become not assessable."""
    again: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FailedRequest:
    """A request without an answer, or an answer that was refused in part: which, and why.

    `again` is whether another run asks for it again by itself: what was answered is not asked twice, however
    badly, unless somebody wants it (`RunOptions.again`).
    """

    request: str
    reason: str
    again: bool


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """The merged answers of all 20 features, what failed, and which model says that it answered."""

    answers: Mapping[str, Answer]
    said: tuple[SegmentAnswer, ...]
    failed: tuple[FailedRequest, ...]
    served_models: tuple[str, ...]


Arrived = Callable[[Mapping[str, Answer]], None]
"""Takes the answers merged so far; called from the run's thread."""


class ModelRun:
    """One run over a plan. `run` may be called again after failures or cancel: it asks for the rest only."""

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
        self._parsed: dict[str, _Heard] = {}
        self._again = set(options.again)
        self._resumed = threading.Event()
        self._resumed.set()

    def pause(self) -> None:
        """Begin no further request; those under way go on."""
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
        """Ask everything that has no answer yet and that can be shown.

        `provider` is called inside the loop. Raises Cancelled; what was answered by then is kept.
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
        """Why a request is not sent: the model does not take it, or there is nothing to be judged."""
        reason = self._options.unable.get(request.enhancement)
        if reason is not None:
            return f"Not assessable by this model: {reason}"
        return self._clips.cannot_show(request)

    def outcome(self) -> RunOutcome:
        """What is known by now."""
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

    def _heard(self, request: Request) -> _Heard:
        """What is known of a request by now."""
        reply = self._replies.get(request.key)
        if reply is not None:
            if request.key not in self._parsed:
                self._parsed[request.key] = _parsed(request, reply)
            rows, refused = self._parsed[request.key]
            failure = self._failures.get(request.key)
            return rows, [*refused, f"asked again: {failure}"] if failure else refused
        hidden = self._hidden(request)
        if hidden:
            return _not_assessable(request, hidden), []
        reason = self._failures.get(request.key)
        rows = [
            SegmentAnswer(request.segment, feature.id, None, reason or NOT_YET)
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
                await asyncio.sleep(CANCEL_LOOK)
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
        """The reply that stands from now on, on disk: of two the one of which more could be taken."""
        before = self._replies.get(request.key)
        if before is None:
            stands = reply
        elif _accepted(request, before) > _accepted(request, reply):
            self._journal.keep_aside(request.key, reply)
            return before
        else:
            self._journal.keep_aside(request.key, before)
            stands = reply
        self._journal.keep(request.key, stands)
        return stands


_Heard = tuple[list[SegmentAnswer], list[str]]
"""What a request brought: an answer or a failure for each feature, and the reasons of the failures."""


def is_refused(request: Request, reply: Reply) -> bool:
    """Whether an answer to some feature of a request was refused or missing in the reply."""
    return _accepted(request, reply) < len(request.features)


def _accepted(request: Request, reply: Reply) -> int:
    return len(parse_response(reply.text, request.features, request.segment).answers)


def _parsed(request: Request, reply: Reply) -> _Heard:
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


def tidied(provider: Callable[[], Provider], cancel: CancelToken) -> None:
    """Let a provider delete what earlier runs left with it. Raises Cancelled."""

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
    """Wait for all; on cancel, or when one fails with anything but a failed request, end the others."""
    pending = set(tasks)
    try:
        while pending:
            done, pending = await asyncio.wait(
                pending, timeout=CANCEL_LOOK, return_when=asyncio.FIRST_COMPLETED
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
    """Turns answered requests into progress reports."""

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
    """What the requests of one call of `run` share.

    `no_access` is why no further request needs to be sent (a wrong key, an unknown model), else "".
    """

    provider: Provider
    slots: asyncio.Semaphore
    progress: _RunProgress
    cancel: CancelToken
    arrived: Arrived
    no_access: str = ""
