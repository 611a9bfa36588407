"""Gemini through google-genai: the Developer API with a key, or Vertex AI with this machine's credentials.

Media that are too large for one request are uploaded under a pseudonym and deleted again after it; Vertex AI
has no such uploads.
"""

from __future__ import annotations

import asyncio
import io
import logging
import secrets
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx2

from app.core.errors import UserError
from app.core.plain_text import plain
from app.core.privacy.keys import Secret
from app.core.privacy.redaction import Redaction
from app.core.privacy.uploads import UPLOAD_NAME, Upload, remaining_uploads
from app.core.readers.models.gemini_client import (
    INLINE_LIMIT,
    VertexProject,
    generation_config,
    token_holder,
    vendor_client,
)
from app.core.readers.models.gemini_kept import KeptAtGemini
from app.core.readers.models.gemini_replies import (
    reply_of,
    status_behind,
    status_of,
    translated_errors,
)
from app.core.readers.models.google_tokens import (
    TOKEN_ADDRESS,
    GoogleCredentials,
    GoogleTokens,
    credentials_of_this_computer,
)
from app.core.readers.models.guarded_transport import SendContext, guarded_client
from app.core.readers.models.provider import KeptContent, Material, OfferedModel, Reply, plausible_count
from app.core.readers.models.retrying import NotKeptError, RequestError

if TYPE_CHECKING:
    from google.genai import types

DEFAULT_MODEL = "gemini-3.8-flash"
HOST = "generativelanguage.googleapis.com:443"
DELETION_TIME = 10.0
CANCELLED_DELETION_TIME = 0.5
"""Seconds for deleting a file, the second for a cancelled run. A file that was not deleted by then stays in
the ledger, and the next run tries again."""

POLLING_INTERVAL = 1.0
"""Seconds between queries of the state of a file that the service is processing."""

EXPIRY = timedelta(hours=48)
"""The time after which the Files API deletes files automatically."""

_log = logging.getLogger(__name__)


class Gemini:
    """One Gemini model; `access` is a key or a Vertex AI project, `base_url` another address of it."""

    def __init__(
        self,
        passage: SendContext,
        access: Secret | VertexProject,
        *,
        base_url: str | None = None,
        inline_limit: int = INLINE_LIMIT,
        credentials: GoogleCredentials | None = None,
        token_address: str = TOKEN_ADDRESS,
    ) -> None:
        self._passage = passage
        self._model = passage.permission.destination.model
        self._vertex = isinstance(access, VertexProject)
        self._inline_limit = inline_limit
        self._uploaded: set[str] = set()
        self._redaction = Redaction(*([access] if isinstance(access, Secret) else []))
        self._tokens: GoogleTokens | None = None
        self._token: Any = None
        if isinstance(access, VertexProject):
            own = credentials or credentials_of_this_computer()
            self._tokens = GoogleTokens(passage, own, address=token_address)
            self._token = token_holder(own.quota_project)
        self._http = guarded_client(passage, *([access] if isinstance(access, Secret) else []))
        # Always stated, because the vendor's client would otherwise read an address from the environment.
        place = base_url or f"{passage.permission.destination.origin.removesuffix(':443')}/"
        self._client = vendor_client(access, self._http, place, self._token)
        self._kept = KeptAtGemini(self._client, passage)

    async def ask(self, material: Material) -> Reply:
        from google.genai import types

        uploaded: list[str] = []
        patience = DELETION_TIME
        try:
            with translated_errors():
                await self._authorize()
                parts = await self._parts(material, uploaded)
                response = await self._answered(material, types.Content(role="user", parts=parts))
        except asyncio.CancelledError:
            patience = CANCELLED_DELETION_TIME
            raise
        finally:
            await self._delete(uploaded, patience)
        return self._cleaned(reply_of(response))

    async def _answered(self, material: Material, asked: types.Content) -> types.GenerateContentResponse:
        """The service's response. Raises NotKeptError where it refuses what it was said to keep."""
        from google.genai import errors

        config = generation_config(self._model, material)
        try:
            return await self._client.aio.models.generate_content(
                model=self._model, contents=asked, config=config
            )
        except errors.APIError as error:
            # A content that has expired is a “bad request”, “forbidden” or “not found”, as much else is.
            if material.kept and status_of(error) in {400, 403, 404}:
                raise NotKeptError("The service no longer has the clip that it kept.") from error
            raise

    async def keep(self, material: Material, seconds: float) -> KeptContent:
        """Put media and prompt of `material` at the service for so long. Raises RequestError."""
        from google.genai import types

        await self._authorize()
        if _media_size(material) > self._inline_limit:
            raise RequestError("The clip is larger than the service takes in one request.")
        parts = await self._parts(material, [])
        return await self._kept.keep(types.Content(role="user", parts=parts), seconds)

    async def release(self, names: Iterable[str], patience: float) -> None:
        """Delete what was kept, within `patience` seconds; what could not be deleted stays in the ledger."""
        await self._within(patience, partial(self._kept.release, names))

    async def release_all(self, patience: float) -> None:
        """As `release` for all that was put there, also where the service did not say that it keeps it."""
        if not self._kept.is_empty:
            await self._within(patience, self._kept.release_all)

    async def _within(self, patience: float, delete: Callable[[], Awaitable[None]]) -> None:
        """Delete what is kept. Nothing that goes wrong with it is worth an answer that came."""
        try:
            async with asyncio.timeout(patience):
                with translated_errors():
                    await self._authorize()
                await delete()
        except (TimeoutError, RequestError, UserError) as error:
            _log.warning("what the provider keeps could not be deleted: %s", type(error).__name__)

    def _cleaned(self, reply: Reply) -> Reply:
        """The reply without keys: its text was joined from parts, each of which can contain a part of one."""
        return replace(reply, text=self._redaction.cleaned(reply.text))

    async def _authorize(self) -> None:
        """Set a valid token for the vendor's client, which never fetches one by itself."""
        if self._tokens is not None:
            token = await self._tokens.token()
            self._token.token = token.reveal()
            self._redaction = Redaction(token)

    async def models(self) -> tuple[OfferedModel, ...]:
        with translated_errors():
            await self._authorize()
            pager = await self._client.aio.models.list(config={"page_size": 200})
            rows = [(model.name, model.input_token_limit) for model in pager.page if model.name]
        # Gemini's own names begin with models/, those of Vertex AI with publishers/google/models/.
        return tuple(
            OfferedModel(plain(name.rpartition("/")[2], 200), context=plausible_count(limit) or 0)
            for name, limit in rows
        )

    async def tidy(self) -> None:
        left = self._left()
        await self._delete([upload.name for upload in left if not upload.is_kept], DELETION_TIME)
        kept = [upload for upload in left if upload.is_kept]
        if kept:
            await self._within(DELETION_TIME, partial(self._kept.tidy, kept))

    async def _delete(self, names: list[str], patience: float) -> None:
        if not names:
            return
        try:
            async with asyncio.timeout(patience):
                await asyncio.gather(*(self.delete_file(name) for name in names))
        except TimeoutError:
            _log.warning("%d files at the provider could not be deleted in time", len(names))

    async def delete_file(self, name: str) -> None:
        """Delete a file at the provider; one that cannot be deleted stays in the ledger for the next run."""
        if not UPLOAD_NAME.fullmatch(name):
            raise ValueError("not a name that this program assigns")
        try:
            with translated_errors():
                await self._client.aio.files.delete(name=name)
        except (RequestError, UserError) as error:
            status = status_behind(error)
            if status != 404 and not (status == 403 and await self._is_gone(name)):
                said = status or type(error).__name__
                _log.warning("a file at the provider could not be deleted: %s", said)
                return
        try:
            self._passage.ledger.deleted(name)
        except UserError as error:
            _log.warning("a deletion could not be noted: %s", type(error).__name__)

    async def _is_gone(self, name: str) -> bool:
        """Whether a file for which the service answers 403 no longer exists.

        403 is the answer for missing files too. After `EXPIRY` the service has deleted it; before that it is
        gone when it is not in the list of files of the key that it was uploaded with.
        """
        from google.genai import errors

        left = next((upload for upload in self._left() if upload.name == name), None)
        if left is not None and datetime.now(UTC) - datetime.fromisoformat(left.time) > EXPIRY:
            return True
        if name not in self._uploaded:
            return False
        try:
            pager = await self._client.aio.files.list(config={"page_size": 100})
            return name not in {file.name async for file in pager}
        except (errors.APIError, httpx2.HTTPError, RequestError, ValueError):
            return False

    def _left(self) -> tuple[Upload, ...]:
        passage = self._passage
        return remaining_uploads(passage.permission.destination, passage.ledger.folder, passage.reading)

    async def close(self) -> None:
        await self._http.aclose()
        if self._tokens is not None:
            await self._tokens.close()

    async def _parts(self, material: Material, uploaded: list[str]) -> list[types.Part]:
        from google.genai import types

        media = [("video/mp4", material.video), ("audio/wav", material.sound)] if not material.kept else []
        size = _media_size(material)
        if size > self._inline_limit and self._vertex:
            raise RequestError("The clip is larger than Vertex AI takes in one request.")
        parts: list[types.Part] = []
        for kind, content in media:
            if not content:
                continue
            part = (
                types.Part(inline_data=types.Blob(data=content, mime_type=kind))
                if size <= self._inline_limit
                else await self._file(kind, content, uploaded)
            )
            if kind == "video/mp4":
                part.video_metadata = types.VideoMetadata(fps=material.fps)
            parts.append(part)
        return [*parts, *([types.Part(text=material.prompt)] if material.prompt else [])]

    async def _file(self, kind: str, content: bytes, uploaded: list[str]) -> types.Part:
        from google.genai import types

        # The name is assigned here and recorded in the ledger before the upload, so that a crash leaves no
        # unlisted file. From memory, because a path would send the file's name.
        name = new_upload_name()
        uploaded.append(name)
        file = await self._upload(name, kind, content)
        return types.Part(file_data=types.FileData(file_uri=file.uri, mime_type=kind))

    async def _upload(self, name: str, kind: str, content: bytes) -> types.File:
        """Upload a file under a name of `new_upload_name` and wait until the service has taken it in."""
        from google.genai import types

        self._passage.ledger.uploaded(name, self._passage.permission.destination, self._passage.reading)
        self._uploaded.add(name)
        file = await self._client.aio.files.upload(
            file=io.BytesIO(content),
            config=types.UploadFileConfig(name=name, mime_type=kind, display_name="clip"),
        )
        while file.state == types.FileState.PROCESSING:  # bounded by the request's deadline
            await asyncio.sleep(POLLING_INTERVAL)
            file = await self._client.aio.files.get(name=name)
        if file.state == types.FileState.FAILED:
            raise RequestError("The service could not take the clip in.")
        return file


def _media_size(material: Material) -> int:
    """The bytes of a request's media."""
    return 0 if material.kept else len(material.video or b"") + len(material.sound or b"")


def new_upload_name() -> str:
    """A name for a file to be uploaded."""
    return f"files/clip-{secrets.token_hex(8)}"
