"""Gemini through google-genai: the Developer API with a key, or Vertex AI with this machine's credentials.

Facts that shape this file: the client's default API version is not pinned, it follows redirects and has no
time limit; a blocked answer has no text; files are uploaded under a pseudonym and deleted again; Vertex AI
has no such files. From Gemini 3 on a thinking level replaces the budget, from 3.5 on temperature is gone.
"""

from __future__ import annotations

import asyncio
import io
import logging
import os
import re
import secrets
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx2

from app.core.plain_text import plain
from app.core.privacy.keys import Secret
from app.core.privacy.redaction import Redaction
from app.core.privacy.uploads import OWN_NAME, Upload, left_at
from app.core.readers.models.google_tokens import (
    TOKEN_ADDRESS,
    GoogleCredentials,
    GoogleTokens,
    credentials_of_this_computer,
)
from app.core.readers.models.incoming import said
from app.core.readers.models.provider import Material, Reply
from app.core.readers.models.transport import Passage, guarded_client
from app.core.readers.models.wire import (
    BusyError,
    NoAccessError,
    NoAnswerError,
    WireError,
    failure,
)

if TYPE_CHECKING:
    from google.genai import Client, errors, types

DEFAULT_MODEL = "gemini-3.8-flash"
HOST = "generativelanguage.googleapis.com:443"
INLINE_LIMIT = 70_000_000
"""Bytes of media in one request; the service takes 100 MB, of which base64 needs a third."""
MAX_ANSWER_TOKENS = 16_384
"""Thinking counts too."""

MOST_TOKENS = 1_000_000_000
"""A count that says more is no count of tokens."""

DELETION_TIME = 10.0
CANCELLED_DELETION_TIME = 0.5
"""Seconds that deleting a file may take; a cancelled run waits no longer than the second one. What was not
deleted by then stays in the ledger and is tried again by the next run."""

POLLING_INTERVAL = 1.0
"""Seconds between looks at a file that the service is still taking in."""

MULTI_REGIONS = frozenset({"eu", "us"})
"""Locations of Vertex AI that are more than one region and have a host of another form."""

EXPIRY = timedelta(hours=48)
"""After which the Files API deletes what was left with it by itself."""

_HARMS = ("HARASSMENT", "HATE_SPEECH", "SEXUALLY_EXPLICIT", "DANGEROUS_CONTENT")
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)s")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class VertexProject:
    """The Google Cloud project and location that the hospital's contract names."""

    project: str
    location: str

    @property
    def host(self) -> str:
        if self.location == "global":
            return "aiplatform.googleapis.com:443"
        if self.location in MULTI_REGIONS:
            return f"aiplatform.{self.location}.rep.googleapis.com:443"
        return f"{self.location}-aiplatform.googleapis.com:443"


class Gemini:
    """One Gemini model; `access` is a key or a Vertex AI project, `base_url` another address of it."""

    def __init__(
        self,
        passage: Passage,
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
            self._token = _held_token(own.quota_project)
        self._http = guarded_client(passage, *([access] if isinstance(access, Secret) else []))
        # Named always: the vendor's client would else take an address out of the environment.
        place = base_url or f"{passage.permission.destination.origin.removesuffix(':443')}/"
        self._client = _client(access, self._http, place, self._token)

    async def ask(self, material: Material) -> Reply:
        from google.genai import types

        uploaded: list[str] = []
        patience = DELETION_TIME
        try:
            with _told():
                await self._authorize()
                parts = await self._parts(material, uploaded)
                response = await self._client.aio.models.generate_content(
                    model=self._model,
                    contents=types.Content(role="user", parts=parts),
                    config=generation_config(self._model, material),
                )
        except asyncio.CancelledError:
            patience = CANCELLED_DELETION_TIME
            raise
        finally:
            await self._delete(uploaded, patience)
        reply = _reply(response)
        # The text was joined of several parts, each of which can hold a piece of a key.
        return replace(reply, text=self._redaction.cleaned(reply.text))

    async def _authorize(self) -> None:
        """Give the vendor's client a token that holds; it never fetches one by itself."""
        if self._tokens is not None:
            token = await self._tokens.token()
            self._token.token = token.reveal()
            self._redaction = Redaction(token)

    async def models(self) -> tuple[str, ...]:
        with _told():
            await self._authorize()
            pager = await self._client.aio.models.list(config={"page_size": 200})
            names = [model.name or "" for model in pager.page]
        # Gemini's own names begin with models/, those of Vertex AI with publishers/google/models/.
        return tuple(plain(name.rpartition("/")[2], 200) for name in names if name)

    async def tidy(self) -> None:
        await self._delete([upload.name for upload in self._left()], DELETION_TIME)

    async def _delete(self, names: list[str], patience: float) -> None:
        if not names:
            return
        try:
            async with asyncio.timeout(patience):
                await asyncio.gather(*(self.delete_file(name) for name in names))
        except TimeoutError:
            _log.warning("%d files at the provider could not be deleted in time", len(names))

    async def delete_file(self, name: str) -> None:
        """Delete a file at the provider; one that cannot be deleted stays listed and is tried again later."""
        from google.genai import errors

        if not OWN_NAME.fullmatch(name):
            raise ValueError("not a name that this program gives")
        try:
            await self._client.aio.files.delete(name=name)
        except errors.APIError as error:
            status = _status(error)
            if status != 404 and not (status == 403 and await self._is_gone(name)):
                _log.warning("a file at the provider could not be deleted: %s", status)
                return
        except (httpx2.HTTPError, WireError) as error:
            _log.warning("a file at the provider could not be deleted: %s", type(error).__name__)
            return
        self._passage.ledger.deleted(name)

    async def _is_gone(self, name: str) -> bool:
        """Whether a file that may not be touched, says the service, is one that it does not have any more.

        403 stands for both. After `EXPIRY` the service has deleted it; before that it is gone when it is not
        in the list of files of the very key that it was uploaded with.
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
        except (errors.APIError, httpx2.HTTPError, WireError, ValueError):
            return False

    def _left(self) -> tuple[Upload, ...]:
        return left_at(self._passage.permission.destination, self._passage.ledger.folder)

    async def close(self) -> None:
        await self._http.aclose()
        if self._tokens is not None:
            await self._tokens.close()

    async def _parts(self, material: Material, uploaded: list[str]) -> list[types.Part]:
        from google.genai import types

        media = [("video/mp4", material.video), ("audio/wav", material.sound)]
        size = sum(len(content) for _, content in media if content)
        if size > self._inline_limit and self._vertex:
            raise WireError("The clip is larger than Vertex AI takes in one request.")
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
        return [*parts, types.Part(text=material.prompt)]

    async def _file(self, kind: str, content: bytes, uploaded: list[str]) -> types.Part:
        from google.genai import types

        # The name is chosen here and is in the ledger before the upload, so that a crash between the two
        # leaves nothing unlisted. From memory: a path would send the file's own name.
        name = f"files/clip-{secrets.token_hex(8)}"
        self._passage.ledger.uploaded(name, self._passage.permission.destination)
        uploaded.append(name)
        self._uploaded.add(name)
        file = await self._client.aio.files.upload(
            file=io.BytesIO(content),
            config=types.UploadFileConfig(name=name, mime_type=kind, display_name="clip"),
        )
        while file.state == types.FileState.PROCESSING:  # bounded by the request's deadline
            await asyncio.sleep(POLLING_INTERVAL)
            file = await self._client.aio.files.get(name=name)
        if file.state == types.FileState.FAILED:
            raise WireError("The service could not take the clip in.")
        return types.Part(file_data=types.FileData(file_uri=file.uri, mime_type=kind))


@contextmanager
def _told() -> Iterator[None]:
    """What the vendor's client raises, as what the run understands."""
    from google.auth.exceptions import GoogleAuthError
    from google.genai import errors

    try:
        yield
    except errors.APIError as error:
        raise _failure(error) from error
    except GoogleAuthError as error:
        raise NoAccessError("Google did not accept this computer's credentials.") from error
    except (httpx2.ConnectError, httpx2.ReadError, httpx2.RemoteProtocolError, httpx2.WriteError) as error:
        raise BusyError(f"The service broke off the connection ({type(error).__name__}).") from error
    except httpx2.HTTPError as error:
        raise WireError(f"The service could not be asked ({type(error).__name__}).") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        # The client's own reading of an ill-formed answer fails in any of these ways.
        raise NoAnswerError(f"The service's answer could not be read ({type(error).__name__}).") from error


def _held_token(quota_project: str) -> Any:
    """What the vendor's client takes a token from; it gets one only through `GoogleTokens`."""
    from google.auth.credentials import Credentials
    from google.auth.exceptions import RefreshError

    class Held(Credentials):
        def refresh(self, _request: object) -> None:
            raise RefreshError(  # type: ignore[no-untyped-call]
                "a token is fetched through the guarded transport only"
            )

    held = Held()  # type: ignore[no-untyped-call]
    held._quota_project_id = quota_project or None
    return held


def _client(access: Secret | VertexProject, http: httpx2.AsyncClient, base_url: str, token: Any) -> Client:
    from google.genai import Client, types
    from google.genai.client import DebugConfig

    # The environment could have the vendor's client write all that is sent into files.
    debug = DebugConfig(client_mode=None, replays_directory=None, replay_id=None)
    # What the vendor's client would send by itself trusts no certificate, so that it reaches nobody.
    nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # The vendor's client would look for a client certificate, which can mean running a program.
    os.environ["GOOGLE_API_USE_CLIENT_CERTIFICATE"] = "false"
    os.environ["GOOGLE_API_USE_MTLS_ENDPOINT"] = "never"
    options = types.HttpOptions(
        api_version="v1" if isinstance(access, VertexProject) else "v1beta",
        base_url=base_url,
        httpx_async_client=http,
        client_args={"follow_redirects": False, "trust_env": False, "verify": nobody},
        async_client_args={"verify": nobody, "ssl": nobody},
    )
    if isinstance(access, Secret):
        return Client(vertexai=False, api_key=access.reveal(), http_options=options, debug_config=debug)
    return Client(
        vertexai=True,
        project=access.project,
        location=access.location,
        credentials=token,
        http_options=options,
        debug_config=debug,
    )


def generation_config(model: str, material: Material) -> types.GenerateContentConfig:
    """How the model is to answer: JSON of the schema, no tools, thinking by the model's family."""
    from google.genai import types

    version = _version(model)
    thinking = (
        types.ThinkingConfig(thinking_level=types.ThinkingLevel.LOW)
        if version >= (3, 0)
        else types.ThinkingConfig(thinking_budget=1024)
    )
    return types.GenerateContentConfig(
        response_mime_type="application/json",
        response_json_schema=dict(material.schema),
        max_output_tokens=MAX_ANSWER_TOKENS,
        temperature=None if version >= (3, 5) else 0.0,
        media_resolution=types.MediaResolution.MEDIA_RESOLUTION_MEDIUM if material.video else None,
        thinking_config=thinking,
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
        # A convulsing patient, partly undressed, is not what these filters are for.
        safety_settings=[
            types.SafetySetting(
                category=types.HarmCategory(f"HARM_CATEGORY_{harm}"),
                threshold=types.HarmBlockThreshold.BLOCK_NONE,
            )
            for harm in _HARMS
        ],
    )


def _version(model: str) -> tuple[int, int]:
    """Family of a model's name; an unknown name is taken for a current one."""
    found = re.search(r"gemini-(\d{1,3})(?:\.(\d{1,3}))?", model)
    return (int(found.group(1)), int(found.group(2) or 0)) if found else (99, 0)


def _failure(error: errors.APIError) -> WireError:
    headers = getattr(error.response, "headers", None)
    known = failure(_status(error), httpx2.Headers(dict(headers) if headers else {}), said(error.details))
    if isinstance(known, BusyError) and known.delay is None:
        known.delay = _retry_delay(error.details)
    return known


def _status(error: errors.APIError) -> int:
    """The status of the response; the code in its text can be anything."""
    status = getattr(error.response, "status_code", None)
    return status if isinstance(status, int) else 0


def _retry_delay(details: object) -> float | None:
    """`RetryInfo.retryDelay` of an error's details, in seconds."""
    told = details.get("error") if isinstance(details, dict) else None
    rows = told.get("details") if isinstance(told, dict) else None
    for row in rows if isinstance(rows, list) else []:
        found = _DURATION.fullmatch(str(row.get("retryDelay", ""))) if isinstance(row, dict) else None
        if found:
            return float(found.group(1))
    return None


def _reply(response: types.GenerateContentResponse) -> Reply:
    feedback = response.prompt_feedback
    if feedback and feedback.block_reason:
        raise NoAnswerError(
            f"The service refused to look at the clip ({plain(feedback.block_reason.name, 60)})."
        )
    if not response.candidates:
        raise NoAnswerError("The service answered without an answer.")
    candidate = response.candidates[0]
    reason = candidate.finish_reason.name if candidate.finish_reason else "STOP"
    if reason == "MAX_TOKENS":
        raise NoAnswerError("The model's answer was cut off before its end.")
    if reason != "STOP":
        raise NoAnswerError(f"The service held the answer back ({plain(reason, 60)}).")
    parts = candidate.content.parts if candidate.content and candidate.content.parts else []
    text = "".join(part.text for part in parts if part.text and not part.thought)
    if not text.strip():
        raise NoAnswerError("The model's answer is empty.")
    usage = response.usage_metadata
    return Reply(
        text,
        plain(response.model_version or "", 200),
        _count(usage.prompt_token_count if usage else None),
        _count(usage.candidates_token_count if usage else None),
    )


def _count(value: int | None) -> int | None:
    return value if value is not None and 0 <= value < MOST_TOKENS else None
