"""What the reply to one request says of each feature that it was asked about."""

from __future__ import annotations

from app.core.plain_text import plain
from app.core.readers.models.merging import SegmentAnswer
from app.core.readers.models.provider import Reply
from app.core.readers.models.request_plan import Request
from app.core.readers.models.response import parse_reply
from app.core.readers.models.time_notation import TimeNotation
from app.core.semiology import Answer, Presence

RequestResult = tuple[list[SegmentAnswer], list[str]]
"""The result of a request: an answer or a failure for each feature, and the reasons of the failures."""


def is_refused(request: Request, reply: Reply, times: TimeNotation) -> bool:
    """Whether the answer to any feature of a request is rejected or missing in the reply."""
    return count_accepted(request, reply, times) < len(request.features)


def count_accepted(request: Request, reply: Reply, times: TimeNotation) -> int:
    """The number of answers in a reply that can be used."""
    return len(parse_reply(reply, request.features, request.segment, times, form=request.form).answers)


def request_result(request: Request, reply: Reply, times: TimeNotation) -> RequestResult:
    """The result of a request with this reply."""
    parsed = parse_reply(reply, request.features, request.segment, times, form=request.form)
    rows = [
        SegmentAnswer(
            request.segment,
            feature.id,
            parsed.answers.get(feature.id),
            "" if feature.id in parsed.answers else "the model's answer was refused or missing",
            request.repeat,
        )
        for feature in request.features
    ]
    missing = {row.feature for row in rows if row.answer is None}
    reasons = [f"{rejection.feature or 'answer'}: {rejection.reason}" for rejection in parsed.rejections]
    unexplained = missing - {rejection.feature for rejection in parsed.rejections}
    if unexplained and not any(rejection.feature is None for rejection in parsed.rejections):
        reasons.extend(f"{feature}: the model left it out" for feature in sorted(unexplained))
    return rows, reasons


def not_assessable(request: Request, reason: str) -> list[SegmentAnswer]:
    """The answers where nothing can be judged, for this reason."""
    return [
        SegmentAnswer(
            request.segment,
            feature.id,
            Answer(feature.id, Presence.NOT_ASSESSABLE, explanation=plain(reason)),
            repeat=request.repeat,
        )
        for feature in request.features
    ]
