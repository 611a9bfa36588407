"""The run of a model over a recording: parallel requests, merged answers, and no request asked twice.

It is blocking and meant for a background thread, with an asyncio loop inside. It ends within a second of a
cancel, because waiting tasks are cancelled.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol

from app.core.enhance.enhancement import Enhancement, enhancement_of
from app.core.errors import UserError
from app.core.jobs import CancelToken, Report
from app.core.plain_text import plain
from app.core.readers.models.answer_schema import response_schema
from app.core.readers.models.clip_keeping import ClipKeeping
from app.core.readers.models.earlier_segments import EarlierSegments
from app.core.readers.models.event_loop import CANCEL_POLL, run_to_end, until_all_done
from app.core.readers.models.journal import Journal
from app.core.readers.models.kept_clips import Keeping
from app.core.readers.models.merge_rule import MergeRule
from app.core.readers.models.merging import ANY_SEGMENT, SegmentAnswer, merge
from app.core.readers.models.prices import Price
from app.core.readers.models.prompt_context import Told
from app.core.readers.models.prompts import PromptSet
from app.core.readers.models.provider import Material, Provider, Reply, TokensUsed, tokens_used
from app.core.readers.models.repeats import REPEAT_TEMPERATURE
from app.core.readers.models.request_plan import Request
from app.core.readers.models.request_results import (
    RequestResult,
    count_accepted,
    not_assessable,
    request_result,
)
from app.core.readers.models.request_text import Wording
from app.core.readers.models.retrying import (
    NoAccessError,
    NoAnswerError,
    NoAnswerInTimeError,
    RequestError,
    ask_with_retries,
)
from app.core.readers.models.run_progress import RunProgress
from app.core.readers.models.spending import UNCOUNTED, RequestSpending
from app.core.readers.models.time_notation import TimeNotation
from app.core.semiology import FEATURE, FEATURES, Answer, Presence

NOT_YET_ASKED = "not asked yet"


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
    times: TimeNotation = TimeNotation.SECONDS
    """How the model's family writes times."""
    told: Told | None = None
    """What the prompts tell of the recording; None: nothing."""
    beside: bool = False
    """Whether the skeleton stands in a picture below the plain one."""
    earlier: bool = False
    """Whether a prompt tells what was found in earlier segments, which are then answered first."""
    verdict_tokens: bool = False
    """Whether the probabilities of the verdicts' tokens are asked for."""
    wordings: tuple[PromptSet, ...] = ()
    """Further wordings, which repeats of a request take in turn."""
    rule: MergeRule = ANY_SEGMENT
    """How segments become one answer."""
    spending: RequestSpending | None = None
    """The ceiling, None for none."""
    price: Price | None = None
    keeping: Keeping | None = None
    """How clips may be kept by the service while they are asked about; None: not at all."""

    @property
    def wording(self) -> Wording:
        """How requests are put into words."""
        return Wording(self.prompts, self.times, self.told, self.beside, self.wordings)


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
    """The merged answers of all 20 features, the failures, the names that the model reported, and the tokens
    that the server counted."""

    answers: Mapping[str, Answer]
    said: tuple[SegmentAnswer, ...]
    failed: tuple[FailedRequest, ...]
    served_models: tuple[str, ...]
    used: TokensUsed
    price: Price | None = None
    """The price of the model, None where it is not known."""
    remark: str = ""
    """What else there is to be said of the run, once."""


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
        self.fresh: dict[str, Reply] = {}
        """The replies that came in this run, by the request's key."""
        self._failures: dict[str, str] = {}
        self._parsed: dict[str, RequestResult] = {}
        self._again = set(options.again)
        self._earlier = EarlierSegments(plan, told=options.earlier)
        self._remark = ""
        self._resumed = threading.Event()
        self._resumed.set()

    def pause(self) -> None:
        """Start no further requests; those in progress continue."""
        self._resumed.clear()

    def resume(self) -> None:
        self._resumed.set()

    @property
    def has_replies(self) -> bool:
        """Whether any request has a reply, of this run or an earlier one."""
        return bool(self._replies)

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
        used = tokens_used(self._replies.values())
        price = self._options.price
        return RunOutcome(answers, tuple(said), tuple(failed), tuple(served), used, price, self._remark)

    def _merged(self, feature: str, said: list[SegmentAnswer]) -> Answer:
        reason = self._options.unable.get(enhancement_of(FEATURE[feature]))
        if reason is not None:
            why = f"Not assessable by this model: {reason}"
            return Answer(feature, Presence.NOT_ASSESSABLE, explanation=plain(why))
        return merge(feature, said, self._options.rule)

    def _heard(self, request: Request) -> RequestResult:
        """The result of a request so far."""
        reply = self._replies.get(request.key)
        if reply is not None:
            if request.key not in self._parsed:
                self._parsed[request.key] = request_result(request, reply, self._options.times)
            rows, refused = self._parsed[request.key]
            failure = self._failures.get(request.key)
            return rows, [*refused, f"asked again: {failure}"] if failure else refused
        hidden = self._hidden(request)
        if hidden:
            return not_assessable(request, hidden), []
        reason = self._failures.get(request.key)
        rows = [
            SegmentAnswer(request.segment, feature.id, None, reason or NOT_YET_ASKED, request.repeat)
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
        progress = RunProgress(len(open_requests), report)
        provider, keeping = make(), self._options.keeping
        clips = keeping.clips(open_requests) if keeping is not None else ()
        kept = ClipKeeping(provider, clips, self._options.deadline)
        course = _RunState(kept, asyncio.Semaphore(self._options.limit), progress, cancel, arrived)
        self._earlier.begin(open_requests)
        tasks = [asyncio.create_task(self._ask(request, course)) for request in open_requests]
        try:
            await until_all_done(tasks, cancel)
            if course.fault is not None:
                raise course.fault
        finally:
            try:
                await kept.end(cancelled=cancel.cancelled)
            finally:
                self._remark = plain(kept.remark, 300)
                await provider.close()

    async def _ask(self, request: Request, course: _RunState) -> None:
        await self._earlier.turn_of(request)
        try:
            await self._ask_in_turn(request, course)
        finally:
            self._earlier.done(request)
        await course.kept.over(request)

    async def _ask_in_turn(self, request: Request, course: _RunState) -> None:
        async with course.slots:
            while self.paused:
                await asyncio.sleep(CANCEL_POLL)
            if course.no_access:
                self._failures[request.key] = course.no_access
            else:
                try:
                    await self._send(request, course)
                except UserError as error:
                    # As of a full disk. What is under way is paid for and waited for; nothing else is asked.
                    course.fault = course.fault or error
                    course.no_access = plain(str(error), 300)
        course.progress.one_more(request)
        course.arrived(self.outcome().answers)

    async def _send(self, request: Request, course: _RunState) -> None:
        media = await asyncio.to_thread(self._clips.media, request, course.cancel)
        earlier = self._earlier.found(request, lambda one: self._heard(one)[0])
        asked = self._options.wording.text(request, media, earlier)
        spending = self._options.spending
        refused = await spending.leave(request, asked) if spending is not None else ""
        if refused:
            self._failures[request.key] = refused
            return
        material = replace(
            media,
            prompt=asked,
            schema=response_schema(request.features, self._options.times, form=request.form),
            temperature=REPEAT_TEMPERATURE if request.repeat > 1 else None,
            verdict_tokens=self._options.verdict_tokens,
        )
        try:
            reply = await self._paid(request, material, course)
        except RequestError as error:
            self._failures[request.key] = plain(str(error), 300)
            if isinstance(error, NoAccessError):
                course.no_access = self._failures[request.key]
        else:
            self.fresh[request.key] = reply
            self._replies[request.key] = await asyncio.to_thread(self._kept, request, reply)
            self._parsed.pop(request.key, None)
            self._again.discard(request.key)

    async def _paid(self, request: Request, material: Material, course: _RunState) -> Reply:
        """The reply to a request, which is settled with the ceiling however it ends. Raises RequestError."""
        spending = self._options.spending
        counted = UNCOUNTED
        sent = True
        ask: Callable[[], Awaitable[Reply]] = partial(course.kept.ask, request, material)
        if spending is not None:
            ask = spending.attempts(request, ask, material.prompt)
        try:
            reply = await ask_with_retries(ask, deadline=self._options.deadline)
            counted = reply.tokens_in, reply.tokens_out, reply.of_kept
        except (NoAnswerError, NoAnswerInTimeError) as error:
            if isinstance(error, NoAnswerError):
                counted = error.tokens_in, error.tokens_out, error.of_kept
            raise
        except RequestError:
            sent = False
            raise
        finally:
            if spending is not None and sent:
                spending.settle(request, counted, material.prompt)
            elif spending is not None:
                spending.release(request)
        return reply

    def _kept(self, request: Request, reply: Reply) -> Reply:
        """The reply that counts from now on, stored on disk: of two the one with more accepted answers."""
        before = self._replies.get(request.key)
        if before is None:
            stands = reply
        elif self._accepted(request, before) > self._accepted(request, reply):
            self._journal.keep_aside(request.key, reply)
            return before
        else:
            self._journal.keep_aside(request.key, before)
            stands = reply
        self._journal.keep(request.key, stands)
        return stands

    def _accepted(self, request: Request, reply: Reply) -> int:
        return count_accepted(request, reply, self._options.times)


@dataclass(slots=True)
class _RunState:
    """The shared state of the requests of one call of `run`.

    `fault` is why nothing can be recorded or stored: the run fails with it once nothing is under way.
    `no_access` is the reason why further requests are useless (a wrong key, an unknown model), else "".
    """

    kept: ClipKeeping
    slots: asyncio.Semaphore
    progress: RunProgress
    cancel: CancelToken
    arrived: Arrived
    no_access: str = ""
    fault: UserError | None = None
