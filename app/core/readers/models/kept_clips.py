"""Which clips of a plan a service should keep while several requests ask about each, and what that saves.

Keeping costs the tokens of the clip once more, and storage; each request then pays a fraction of them. That
saves where a clip is asked about feature by feature or several times, and not where it is asked about once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from app.core.clips.clip import ClipSpec
from app.core.readers.models.gemini_client import INLINE_LIMIT
from app.core.readers.models.prices import Price
from app.core.readers.models.request_plan import (
    CHARACTERS_PER_TOKEN,
    SECONDS_PER_REQUEST,
    PlanEstimate,
    Request,
    Serving,
    media_bytes,
    media_tokens,
)

SHORTEST_KEPT, LONGEST_KEPT = 300.0, 3600.0
"""The range of seconds for which a clip is kept at most; it is deleted as soon as nothing more is asked."""
SPARE = 2.0
"""The factor on the planned time of a clip's requests, so that the clip outlasts them."""


@dataclass(frozen=True, slots=True)
class KeptClip:
    """A clip that is kept while its `requests` are asked, for `seconds` at most, with `beginning`, the text
    with which all of them begin; some `tokens` together."""

    requests: tuple[Request, ...]
    beginning: str
    tokens: int
    seconds: float

    @property
    def token_hours(self) -> float:
        """The tokens times the hours for which they may be kept."""
        return self.tokens * self.seconds / 3600

    def added_cost(self, price: Price) -> float:
        """What keeping it adds to the cost of its requests, negative where it saves."""
        return price.of_kept(len(self.requests) * self.tokens, self.tokens, self.token_hours)


@dataclass(frozen=True, slots=True)
class Keeping:
    """How a plan's clips may be kept: the model is served as `serving` says, at this `price`, and `limit`
    requests are asked at once; `beginning` is the text with which a request begins as others do."""

    serving: Serving
    price: Price | None
    limit: int
    beginning: Callable[[Request], str]

    def clips(self, plan: Iterable[Request]) -> tuple[KeptClip, ...]:
        """The clips that should be kept for a plan: of a size that the service takes, and where it saves."""
        fewest = self.serving.family.fewest_kept
        if self.price is None or self.price.kept is None or not fewest:
            return ()
        made = [
            self._clip(requests)
            for requests in _by_clip(plan)
            if len(requests) > 1 and media_bytes(requests[0], self.serving) <= INLINE_LIMIT * 4 / 3  # base64
        ]
        return tuple(one for one in made if one.tokens >= fewest and one.added_cost(self.price) < 0)

    def _clip(self, requests: Sequence[Request]) -> KeptClip:
        beginnings = {self.beginning(request) for request in requests}
        shared = beginnings.pop() if len(beginnings) == 1 else ""
        tokens = media_tokens(requests[0], self.serving) + math.ceil(len(shared) / CHARACTERS_PER_TOKEN)
        rounds = math.ceil(len(requests) / self.limit)
        seconds = min(max(SPARE * rounds * SECONDS_PER_REQUEST, SHORTEST_KEPT), LONGEST_KEPT)
        return KeptClip(tuple(requests), shared, tokens, seconds)

    def estimate(self, plan: Iterable[Request], without: PlanEstimate) -> PlanEstimate:
        """The estimate of a plan where clips are kept, from that `without`."""
        clips = self.clips(plan)
        if not clips or self.price is None:
            return without
        factor = without.correction.factor
        saved = -sum(clip.added_cost(self.price) for clip in clips) * factor
        again = sum((len(one.requests) - 1) * media_bytes(one.requests[0], self.serving) for one in clips)
        return replace(without, saved=saved, kept=len(clips), size=without.size - again)


def _by_clip(plan: Iterable[Request]) -> Iterable[list[Request]]:
    found: dict[tuple[ClipSpec, ClipSpec | None], list[Request]] = {}
    for request in plan:
        found.setdefault((request.spec, request.picture), []).append(request)
    return found.values()


def kept_of(clips: Iterable[KeptClip]) -> Mapping[str, KeptClip]:
    """The kept clip of each request, by the request's key."""
    return {request.key: clip for clip in clips for request in clip.requests}
