"""What Gemini keeps for several requests: the media of a clip and the beginning of the question, for minutes.

The service names such content itself. A program that was killed before it knew that name finds the content
by the name that this program gave it. What is not deleted the service deletes when its time is up.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from app.core.errors import UserError
from app.core.privacy.uploads import SERVED_NAME, Upload, note_served_name
from app.core.readers.models.gemini_replies import status_behind, translated_errors
from app.core.readers.models.guarded_transport import SendContext
from app.core.readers.models.provider import KeptContent, plausible_count
from app.core.readers.models.retrying import NoAnswerError, RequestError

if TYPE_CHECKING:
    from google.genai import Client, types

EXPIRY = timedelta(hours=2)
"""After this time the service has deleted what it kept, at most an hour by `kept_clips.LONGEST_KEPT`."""

_PAGES = 20
"""The most pages of the list in which content is looked for, each with 100 rows."""

_log = logging.getLogger(__name__)


class KeptAtGemini:
    """What is kept through one client; every step is recorded in the ledger."""

    def __init__(self, client: Client, passage: SendContext) -> None:
        self._client = client
        self._passage = passage
        self._ours: dict[str, str] = {}
        """The service's names of what may be kept by the names that this program gave, "" where not known."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing that was put there is left."""
        return not self._ours

    async def keep(self, content: types.Content, seconds: float) -> KeptContent:
        """Put content there for so long. Raises RequestError, and UserError where the lists of it cannot be
        written."""
        from google.genai import types

        place = self._passage.permission.destination
        name = f"kept/clip-{secrets.token_hex(8)}"
        config = types.CreateCachedContentConfig(display_name=name, contents=[content], ttl=f"{seconds:.0f}s")
        # First in the lists, so that a crash leaves nothing unlisted.
        self._passage.ledger.uploaded(name, place, self._passage.reading)
        self._ours[name] = ""
        try:
            with translated_errors():
                made = await self._client.aio.caches.create(model=place.model, config=config)
        except RequestError as error:
            if (
                400 <= status_behind(error) < 500
            ):  # it answered, and not that it is out of order: nothing is kept
                self._is_gone(name)
            raise
        if not made.name or not SERVED_NAME.fullmatch(made.name):
            raise NoAnswerError("The service gave what it keeps no name that can be used.")
        self._ours[name] = made.name
        try:
            note_served_name(name, made.name)
        except UserError as error:
            _log.warning("the name of what a provider keeps could not be noted: %s", type(error).__name__)
        usage = made.usage_metadata
        return KeptContent(made.name, plausible_count(usage.total_token_count if usage else None))

    async def release(self, served: Iterable[str]) -> None:
        """Delete what was kept through this client; what cannot be deleted stays in the lists."""
        names = set(served)
        await self._delete_all({name: at for name, at in self._ours.items() if at in names}, {403, 404})

    async def release_all(self) -> None:
        """Delete all that was kept through this client, also what the service did not say that it keeps."""
        await self._delete_all(self._ours, {403, 404})

    async def tidy(self, left: Iterable[Upload]) -> None:
        """Delete what earlier runs left."""
        uploads = tuple(left)
        for upload in uploads:
            if upload.age > EXPIRY:
                self._is_gone(upload.name)
        # The service says “forbidden” of what is gone, but also of what another key has put there.
        await self._delete_all({one.name: one.served for one in uploads if one.age <= EXPIRY}, {404})

    async def _delete_all(self, places: Mapping[str, str], gone: Collection[int]) -> None:
        """Delete what is kept under these names (as in `_ours`); a status of `gone` says that it is not."""
        await asyncio.gather(
            *(self._delete(name, at, gone) for name, at in places.items() if at),
            self._find_and_delete({name for name, at in places.items() if not at}, gone),
        )

    async def _find_and_delete(self, names: Collection[str], gone: Collection[int]) -> None:
        found = await self._listed() if names else {}
        await asyncio.gather(*(self._delete(name, found[name], gone) for name in names if name in found))

    async def _listed(self) -> dict[str, str]:
        """The service's names of what it keeps by the names that it was given, as far as it lists them."""
        found: dict[str, str] = {}
        try:
            with translated_errors():
                pager = await self._client.aio.caches.list(config={"page_size": 100})
                for _ in range(_PAGES):
                    rows = ((one.display_name or "", one.name or "") for one in pager.page)
                    found.update((given, name) for given, name in rows if SERVED_NAME.fullmatch(name))
                    await pager.next_page()
        except IndexError:
            pass  # the client's way to say that this was the last page
        except (RequestError, UserError) as error:
            _log.warning("what a provider keeps could not be listed: %s", type(error).__name__)
        return found

    async def _delete(self, name: str, served: str, gone: Collection[int]) -> None:
        try:
            with translated_errors():
                await self._client.aio.caches.delete(name=served)
        except (RequestError, UserError) as error:
            if status_behind(error) not in gone:
                said = status_behind(error) or type(error).__name__
                _log.warning("what a provider keeps could not be deleted: %s", said)
                return
        self._is_gone(name)

    def _is_gone(self, name: str) -> None:
        """Take from the lists what the service no longer keeps; what could not be written is tried again."""
        try:
            self._passage.ledger.deleted(name)
        except UserError as error:
            _log.warning("a deletion could not be noted: %s", type(error).__name__)
            return
        self._ours.pop(name, None)
