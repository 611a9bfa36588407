"""What Gemini keeps for several requests: the media of a clip and the beginning of the question, for minutes.

The service names such content itself. A program that was killed before it knew that name finds the content
by the name that this program gave it. What is not deleted the service deletes when its time is up.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

import httpx2

from app.core.privacy.uploads import SERVED_NAME, Upload, note_served_name
from app.core.readers.models.gemini_replies import status_of, translated_errors
from app.core.readers.models.guarded_transport import SendContext
from app.core.readers.models.provider import KeptContent, plausible_count
from app.core.readers.models.retrying import NoAnswerError, NoAnswerInTimeError, RequestError

if TYPE_CHECKING:
    from google.genai import Client, types

KEEPING_TIME = 60.0
"""Seconds for putting content there; a request can be asked without."""

EXPIRY = timedelta(hours=2)
"""After this time the service has deleted what it kept, at most an hour by `clip_keeping.LONGEST_KEPT`."""

_PAGES = 20
"""The most pages of the list in which content is looked for, each with 100 rows."""

_log = logging.getLogger(__name__)


class KeptAtGemini:
    """What is kept through one client; every step is recorded in the ledger."""

    def __init__(self, client: Client, passage: SendContext) -> None:
        self._client = client
        self._passage = passage
        self._ours: dict[str, str] = {}
        """The names that this program gave, by those of the service."""

    async def keep(self, content: types.Content, seconds: float) -> KeptContent:
        """Put content there for so long. Raises RequestError."""
        from google.genai import types

        place = self._passage.permission.destination
        name = f"kept/clip-{secrets.token_hex(8)}"
        config = types.CreateCachedContentConfig(display_name=name, contents=[content], ttl=f"{seconds:.0f}s")
        # First in the lists, so that a crash leaves nothing unlisted.
        self._passage.ledger.uploaded(name, place, self._passage.reading)
        try:
            async with asyncio.timeout(KEEPING_TIME):
                with translated_errors():
                    made = await self._client.aio.caches.create(model=place.model, config=config)
        except TimeoutError as error:
            raise NoAnswerInTimeError(f"No answer within {KEEPING_TIME:.0f} seconds.") from error
        except RequestError as error:
            if _was_refused(error):
                self._passage.ledger.deleted(name)
            raise
        if not made.name or not SERVED_NAME.fullmatch(made.name):
            raise NoAnswerError("The service gave what it keeps no name that can be used.")
        note_served_name(name, made.name)
        self._ours[made.name] = name
        usage = made.usage_metadata
        return KeptContent(made.name, plausible_count(usage.total_token_count if usage else None))

    async def release(self, served: Iterable[str]) -> None:
        """Delete what was kept through this client; what cannot be deleted stays in the lists."""
        names = [name for name in served if name in self._ours]
        await asyncio.gather(*(self._delete(self._ours[name], name, known={403, 404}) for name in names))

    async def tidy(self, left: Iterable[Upload]) -> None:
        """Delete what earlier runs left."""
        await asyncio.gather(*(self._tidy(upload) for upload in left))

    async def _tidy(self, upload: Upload) -> None:
        if upload.age > EXPIRY:
            self._passage.ledger.deleted(upload.name)
            return
        served = upload.served or await self._find(upload.name)
        if served:
            # The service says “forbidden” of what is gone, but also of what another key has put there.
            await self._delete(upload.name, served, known={404})

    async def _find(self, name: str) -> str:
        """The service's name of what this program called `name`; "" where it is not in the list."""
        from google.genai import errors

        try:
            pager = await self._client.aio.caches.list(config={"page_size": 100})
            for _ in range(_PAGES):
                for one in pager.page:
                    if one.display_name == name and SERVED_NAME.fullmatch(one.name or ""):
                        return one.name or ""
                await pager.next_page()
        except (IndexError, errors.APIError, httpx2.HTTPError, RequestError, ValueError):
            return ""
        return ""

    async def _delete(self, name: str, served: str, *, known: set[int]) -> None:
        from google.genai import errors

        try:
            await self._client.aio.caches.delete(name=served)
        except errors.APIError as error:
            if status_of(error) not in known:
                _log.warning("what a provider keeps could not be deleted: %s", status_of(error))
                return
        except (httpx2.HTTPError, RequestError) as error:
            _log.warning("what a provider keeps could not be deleted: %s", type(error).__name__)
            return
        self._passage.ledger.deleted(name)


def _was_refused(error: RequestError) -> bool:
    """Whether nothing can have been kept: the service answered, and not that it is out of order."""
    from google.genai import errors

    cause = error.__cause__
    return isinstance(cause, errors.APIError) and 400 <= status_of(cause) < 500
