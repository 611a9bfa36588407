"""A run's clips at a service that keeps them: put there when they are first asked about, deleted after the
last request. Whatever goes wrong with it, a request is asked as if nothing were kept."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

from app.core.errors import UserError
from app.core.readers.models.kept_clips import KeptClip
from app.core.readers.models.provider import ClipKeeper, KeptContent, Material, Provider, Reply
from app.core.readers.models.request_plan import Request
from app.core.readers.models.retrying import (
    NoAccessError,
    NoAnswerError,
    NotKeptError,
    RequestError,
    ask_with_retries,
)

PUTTING_TIME = 60.0
"""Seconds for putting a clip there, repeats included."""
SHARE_OF_DEADLINE = 0.25
"""The share of a request's deadline for which requests wait until their clip is there. Then they are asked
without; the ones after them find it."""
MOST_FAILURES = 3
"""After so many clips in a row that could not be put there no more are tried."""
DELETION_TIME = 10.0
CANCELLED_DELETION_TIME = 0.5
"""Seconds for deleting what is kept, the second for a cancelled run. What was not deleted by then stays in
the ledger, and the next run tries again."""


@dataclass(slots=True, eq=False)
class _Place:
    """What has become of one clip: `content` while it is kept, `left` the requests that may still ask;
    `putting` puts it there, for which they wait until the loop's time `until`."""

    clip: KeptClip
    left: set[str]
    putting: asyncio.Task[None] | None = None
    until: float = 0.0
    content: KeptContent | None = None
    is_lost: bool = False
    """Whether the service no longer takes what it keeps."""
    unpaid: tuple[int, float] = (0, 0.0)
    """Tokens and token hours that no reply has counted yet."""


class ClipKeeping:
    """Asks a provider, and lets it keep these clips while it can; a request has to be answered within
    `deadline` seconds."""

    def __init__(self, provider: Provider, clips: Iterable[KeptClip], deadline: float) -> None:
        self._provider = provider
        self._keeper = provider if isinstance(provider, ClipKeeper) else None
        self._all = [_Place(clip, {one.key for one in clip.requests}) for clip in clips]
        self._place_of = {one.key: place for place in self._all for one in place.clip.requests}
        self._patience = deadline * SHARE_OF_DEADLINE
        self._failures = 0
        self._is_refused = False
        self.remark = ""
        """Why the service keeps a clip not or no longer; "" while nothing went wrong."""

    async def ask(self, request: Request, material: Material) -> Reply:
        """The reply to a request. Raises as `Provider.ask`."""
        place = self._place_of.get(request.key)
        if place is None:
            return await self._provider.ask(material)
        try:
            reply = await self._asked(place, material)
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
        await self._release(place)

    async def end(self, *, cancelled: bool) -> None:
        """Delete all that is still kept, also what was put there without the service saying so."""
        patience = CANCELLED_DELETION_TIME if cancelled else DELETION_TIME
        putting = [place.putting for place in self._all if place.putting is not None]
        if putting and not cancelled:
            # Only what is there already can be found and deleted.
            await asyncio.wait(putting, timeout=patience)
        for task in putting:
            task.cancel()
        ended = await asyncio.gather(*putting, return_exceptions=True)
        if self._keeper is not None:
            await self._keeper.release_all(patience)
        for error in ended:
            if isinstance(error, Exception):
                raise error

    async def _asked(self, place: _Place, material: Material) -> Reply:
        content = await self._content(place, material)
        if content is None:
            return await self._provider.ask(material)
        rest = material.prompt.removeprefix(place.clip.beginning).lstrip("\n")
        try:
            return await self._provider.ask(replace(material, prompt=rest, kept=content.name))
        except NotKeptError as error:
            # It answered nothing, so what follows is no second question.
            place.is_lost = True
            self._say(error)
        return await self._provider.ask(material)

    async def _content(self, place: _Place, material: Material) -> KeptContent | None:
        """What is kept of a clip, which the first request that asks begins to put there; None while it is not
        there and where that failed."""
        if self._keeper is None or not material.prompt.startswith(place.clip.beginning):
            return None
        loop = asyncio.get_running_loop()
        if place.putting is None and not self._is_refused:
            shared = replace(material, prompt=place.clip.beginning)
            # A task beside the request, which no request's deadline or cancel ends before its name is known.
            place.putting = loop.create_task(self._put(self._keeper, place, shared))
            place.until = loop.time() + self._patience
        if place.putting is not None:
            await asyncio.wait([place.putting], timeout=max(0.0, place.until - loop.time()))
            if place.putting.done():
                place.putting.result()
        return None if place.is_lost else place.content

    async def _put(self, keeper: ClipKeeper, place: _Place, material: Material) -> None:
        keep = partial(keeper.keep, material, place.clip.seconds)
        try:
            place.content = await ask_with_retries(keep, deadline=PUTTING_TIME)
        except (RequestError, UserError) as error:
            self._failures += 1
            self._is_refused |= isinstance(error, NoAccessError) or self._failures >= MOST_FAILURES
            self._say(error)
            return
        self._failures = 0
        tokens = place.content.tokens or place.clip.tokens
        place.unpaid = tokens, tokens * place.clip.seconds / 3600
        await self._release(place)

    async def _release(self, place: _Place) -> None:
        """Delete a clip about which nothing more is asked; `end` tries again where that failed."""
        if self._keeper is not None and place.content is not None and not place.left:
            await self._keeper.release([place.content.name], DELETION_TIME)

    def _paid(self, place: _Place) -> tuple[int, float]:
        paid, place.unpaid = place.unpaid, (0, 0.0)
        return paid

    def _say(self, error: RequestError | UserError) -> None:
        self.remark = self.remark or f"Clips that the service does not keep are sent each time. {error}"
