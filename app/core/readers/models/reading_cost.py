"""What a reading may cost, and what its requests have cost in tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.core.enhance.enhancement import Enhancement
from app.core.errors import UserError
from app.core.readers.models.gemini_client import MAX_ANSWER_TOKENS
from app.core.readers.models.kept_clips import KeptClip
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.provider import Reply
from app.core.readers.models.providers import price_of, provider_of
from app.core.readers.models.request_plan import Request, Serving, request_tokens
from app.core.readers.models.spending import RequestSpending, SpendingLimit
from app.core.readers.models.token_counts import NO_CORRECTION, Correction, CountedRequest, keep_counts

UNKNOWN_PRICE = (
    "No price is known for this model, so its costs cannot be limited: enter the price of its tokens in the "
    "settings of the model, or ask without a limit."
)


def request_spending(
    choice: ModelChoice,
    serving: Serving,
    corrections: Mapping[Enhancement, Correction],
    shared: SpendingLimit | None = None,
    kept: Mapping[str, KeptClip] | None = None,
) -> RequestSpending | None:
    """How the requests of a reading ask for leave to spend; None without a ceiling. `kept` are the clips that
    the service may keep, by the request's key: each request sets aside what putting its clip there costs.

    `shared` is one for several readings; by default the choice's holds for this one. Raises UserError when
    there is a ceiling and the price of the model is not known.
    """
    limit = shared
    if limit is None and choice.most_cost is not None:
        limit = SpendingLimit(choice.most_cost)
    if limit is None:
        return None
    price = price_of(choice)
    if price is None:
        raise UserError(UNKNOWN_PRICE)
    sends_video = provider_of(choice).sends_video

    def planned(request: Request, text: str) -> int:
        return round(request_tokens(request, serving, text) * factor_of(request))

    def putting(request: Request) -> float:
        clip = (kept or {}).get(request.key)
        added = 0.0 if clip is None else price.of_kept(0, clip.tokens, clip.token_hours)
        return added * factor_of(request)

    def factor_of(request: Request) -> float:
        return max(1.0, corrections.get(request.enhancement, NO_CORRECTION).factor)

    def longest(request: Request) -> int:
        usual = choice.model_family.answer_tokens(len(request.features))
        return MAX_ANSWER_TOKENS if sends_video else usual

    return RequestSpending(limit, price, planned, longest, putting)


def keep_request_counts(
    target: str, requests: Iterable[Request], serving: Serving, replies: Mapping[str, Reply]
) -> None:
    """Keep what a server counted for the requests with a reply, so that the next plan is nearer to it."""
    answered = ((request, replies.get(request.key)) for request in requests)
    keep_counts(
        target,
        [
            CountedRequest(
                request.enhancement,
                request_tokens(request, serving),
                reply.tokens_in,
                len(request.features),
                reply.tokens_out or 0,
            )
            for request, reply in answered
            if reply is not None and reply.tokens_in
        ],
    )
