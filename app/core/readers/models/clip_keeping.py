"""A run's clips at a service that keeps them: put there when they are first asked about, deleted after the
last request. Whatever goes wrong with it, a request is asked as if nothing were kept."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from app.core.readers.models.kept_clips import KeptClip
from app.core.readers.models.provider import ClipKeeper, KeptContent, Material, Provider, Reply
from app.core.readers.models.request_plan import Request
from app.core.readers.models.retrying import NoAnswerError, NotKeptError, RequestError

DELETION_TIME = 10.0
CANCELLED_DELETION_TIME = 0.5
"""Seconds for deleting what is kept, the second for a cancelled run. What was not deleted by then stays in
the ledger, and the next run tries again."""


@dataclass(slots=True, eq=False)
class _Place:
    """What has become of one clip: `content` while it is kept, `left` the requests that may still ask."""

    clip: KeptClip
    left: set[str]
    content: KeptContent | None = None
    is_tried: bool = False
    is_lost: bool = False
    """Whether the service no longer takes what it keeps."""
    unpaid: tuple[int, float] = (0, 0.0)
    """Tokens and token hours that no reply has counted yet."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class ClipKeeping:
    """Asks a provider, and lets it keep these clips while it can."""

    def __init__(self, provider: Provider, clips: Iterable[KeptClip]) -> None:
        self._provider = provider
        self._keeper = provider if isinstance(provider, ClipKeeper) else None
        self._all = [_Place(clip, {one.key for one in clip.requests}) for clip in clips]
        self._place_of = {one.key: place for place in self._all for one in place.clip.requests}
        self._is_refused = False
        self.remark = ""
        """Why the service keeps a clip not or no longer; "" while nothing went wrong."""

    async def ask(self, request: Request, material: Material) -> Reply:
        """The reply to a request. Raises as `Provider.ask`."""
        place = self._place_of.get(request.key)
        content = None if place is None else await self._content(place, material)
        if place is None or content is None:
            return await self._provider.ask(material)
        rest = material.prompt.removeprefix(place.clip.beginning).lstrip("\n")
        try:
            reply = await self._provider.ask(replace(material, prompt=rest, kept=content.name))
        except NotKeptError as error:
            # It answered nothing, so this is no second question.
            place.is_lost = True
            self._say(error)
            reply = await self._provider.ask(material)
        except NoAnswerError as error:
            error.of_kept = (0, *self._paid(place))
            raise
        put, token_hours = self._paid(place)
        return replace(reply, tokens_put=put, token_hours=token_hours)

    async def over(self, request: Request) -> None:
        """A request is over, however it ended; what nothing more is asked about is deleted."""
        place = self._place_of.get(request.key)
        if place is None:
            return
        place.left.discard(request.key)
        if not place.left:
            await self._release([place], DELETION_TIME)

    async def end(self, *, cancelled: bool) -> None:
        """Delete all that is still kept."""
        await self._release(self._all, CANCELLED_DELETION_TIME if cancelled else DELETION_TIME)

    async def _content(self, place: _Place, material: Material) -> KeptContent | None:
        """What is kept of a clip, put there by the first request that asks; None where that failed."""
        if self._keeper is None or not material.prompt.startswith(place.clip.beginning):
            return None
        async with place.lock:
            if not place.is_tried and not self._is_refused:
                place.is_tried = True
                try:
                    shared = replace(material, prompt=place.clip.beginning)
                    place.content = await self._keeper.keep(shared, place.clip.seconds)
                except RequestError as error:
                    self._is_refused = True
                    self._say(error)
                else:
                    tokens = place.content.tokens or place.clip.tokens
                    place.unpaid = tokens, tokens * place.clip.seconds / 3600
        return None if place.is_lost else place.content

    async def _release(self, places: Sequence[_Place], patience: float) -> None:
        names = [place.content.name for place in places if place.content is not None]
        for place in places:
            place.content = None
        if self._keeper is not None and names:
            await self._keeper.release(names, patience)

    def _paid(self, place: _Place) -> tuple[int, float]:
        paid, place.unpaid = place.unpaid, (0, 0.0)
        return paid

    def _say(self, error: RequestError) -> None:
        self.remark = self.remark or f"Clips that the service does not keep are sent each time. {error}"
