"""A rehearsal of a model's reading: the test of the connection, and then requests of full size on generated
media, before any recording is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from app.core.enhance.enhancement import Enhancement
from app.core.folders import settings_folder
from app.core.jobs import CancelToken, Report, no_report, share_of
from app.core.privacy.gate import connection_test_permission
from app.core.privacy.keys import Secret
from app.core.privacy.ledger import Ledger
from app.core.readers.models.connection import ConnectionReport, test_connection, with_found_capabilities
from app.core.readers.models.event_loop import run_to_end, until_done
from app.core.readers.models.guarded_transport import SendContext
from app.core.readers.models.model_choice import ModelChoice, for_any_recording
from app.core.readers.models.prompts import PromptSet
from app.core.readers.models.provider import Provider
from app.core.readers.models.providers import provider_of, unsupported_enhancements
from app.core.readers.models.reader import Plan, plan_reading
from app.core.readers.models.rehearsal_trial import Rehearsed, Trial
from app.core.readers.models.request_plan import LONG_SOUND_SECONDS, Request, request_tokens
from app.core.readers.models.segments import SEGMENT_SECONDS
from app.core.readers.models.servers import server_kind
from app.core.readers.models.token_counts import CountedRequest, keep_counts
from app.core.reading import RecordingIdentity

_CONNECTION_SHARE = 0.15


@dataclass(frozen=True, slots=True)
class RehearsalReport:
    """What the test of the connection found, and what became of the requests of full size."""

    connection: ConnectionReport
    rehearsed: tuple[Rehearsed, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the model answers and took everything."""
        return not self.connection.problem and all(row.passed for row in self.rehearsed)


def rehearse(
    choice: ModelChoice,
    key: Secret | None,
    user: str,
    *,
    prompt_sets: dict[str, PromptSet] | None = None,
    report: Report = no_report,
    cancel: CancelToken | None = None,
    connected: Callable[[ConnectionReport], None] = lambda _found: None,
) -> RehearsalReport:
    """Test the connection, then ask what the choice would ask about one segment; blocking.

    Only generated media are sent. `connected` receives what the model takes before the large requests begin.
    Raises UserError when the choice is incomplete, Cancelled within a second of `cancel`.
    """
    token = cancel or CancelToken()
    found = test_connection(choice, key, user, report=share_of(report, 0.0, _CONNECTION_SHARE), cancel=token)
    connected(found)
    if found.problem or not choice.model:
        return RehearsalReport(found)
    known = with_found_capabilities(choice, found)
    row = provider_of(known)
    permission = connection_test_permission(row.destination(known), user)
    passage = SendContext(permission, Ledger(settings_folder()), "connection test", "generated material")
    plan = rehearsal_plan(known, prompt_sets)
    work = _rehearsed(
        plan, found, lambda: row.make(known, passage, key), share_of(report, _CONNECTION_SHARE, 1.0), token
    )
    rehearsed = run_to_end(until_done(work, token))
    keep_counts(known.target, _counts(rehearsed))
    return RehearsalReport(found, rehearsed)


def _counts(rows: Iterable[Rehearsed]) -> tuple[CountedRequest, ...]:
    """What was counted of the requests that were taken whole."""
    return tuple(
        CountedRequest(row.enhancement, row.planned, row.counted, row.asked, row.counted_out or 0)
        for row in rows
        if row.passed and row.counted
    )


def rehearsal_plan(choice: ModelChoice, prompt_sets: dict[str, PromptSet] | None = None) -> Plan:
    """The plan of one segment as the choice reads it, or of the longest sound where that is not cut into
    segments; nothing is written. Raises UserError when the choice is incomplete."""
    # There is no pose by which to choose windows, and no part or mark of a recording.
    asked = replace(for_any_recording(choice), two_passes=False)

    def plan(seconds: float) -> Plan:
        identity = RecordingIdentity("generated", "", seconds)
        return plan_reading(asked, identity, settings_folder(), prompt_sets=prompt_sets)

    of_segment = plan(SEGMENT_SECONDS)
    return plan(LONG_SOUND_SECONDS) if of_segment.part.asking.long_sound else of_segment


def largest_requests(plan: Plan) -> tuple[Request, ...]:
    """The largest request about each kind of clip that the model takes."""
    unseen = unsupported_enhancements(plan.choice)
    largest: dict[Enhancement, Request] = {}
    for request in sorted(plan.requests, key=lambda one: request_tokens(one, plan.serving)):
        if request.enhancement not in unseen:
            largest[request.enhancement] = request
    return tuple(largest[one] for one in Enhancement if one in largest)


async def _rehearsed(
    plan: Plan,
    found: ConnectionReport,
    make: Callable[[], Provider],
    report: Report,
    cancel: CancelToken,
) -> tuple[Rehearsed, ...]:
    kind = server_kind(found.owners, plan.choice.model_family.id)
    asked, provider = largest_requests(plan), make()
    results = []
    try:
        for number, request in enumerate(asked):
            part = share_of(report, number / len(asked), (number + 1) / len(asked))
            trial = Trial(provider, request, plan.serving, kind, found.context, plan.choice.deadline, cancel)
            results.append(await trial.run(part))
    finally:
        await provider.close()
    return tuple(results)
