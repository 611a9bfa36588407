"""The vendor's client of Gemini: how it is made so that it sends through the guarded transport alone.

The client does not pin its default API version, follows redirects and has no time limit, so all three are set
here. From Gemini 3 on a thinking level replaces the budget, from 3.5 on temperature is gone.
"""

from __future__ import annotations

import os
import re
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx2

from app.core.privacy.keys import Secret
from app.core.readers.models.provider import Material

if TYPE_CHECKING:
    from google.genai import Client, types

MAX_ANSWER_TOKENS = 16_384
"""Tokens of an answer, those of its thoughts included."""

INLINE_LIMIT = 70_000_000
"""The most bytes of media in one request; the service accepts 100 MB, of which base64 needs a third."""

MULTI_REGIONS = frozenset({"eu", "us"})
"""Locations of Vertex AI that are more than one region and have a host of another form."""

_HARMS = ("HARASSMENT", "HATE_SPEECH", "SEXUALLY_EXPLICIT", "DANGEROUS_CONTENT")


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


def token_holder(quota_project: str) -> Any:
    """The credentials object of the vendor's client; its token is set from outside and never refreshed."""
    from google.auth.credentials import Credentials
    from google.auth.exceptions import RefreshError

    class TokenHolder(Credentials):
        def refresh(self, _request: object) -> None:
            raise RefreshError(  # type: ignore[no-untyped-call]  # google-auth has no types
                "a token is fetched through the guarded transport only"
            )

    holder = TokenHolder()  # type: ignore[no-untyped-call]  # google-auth has no types
    holder._quota_project_id = quota_project or None
    return holder


def vendor_client(
    access: Secret | VertexProject, http: httpx2.AsyncClient, base_url: str, token: Any
) -> Client:
    """The vendor's client for a key or a Vertex AI project, sending through `http` to `base_url`."""
    from google.genai import Client, types
    from google.genai.client import DebugConfig

    # Environment variables could make the vendor's client write all requests into files.
    debug = DebugConfig(client_mode=None, replays_directory=None, replay_id=None)
    # Requests outside of the guarded transport trust no certificate, so they reach nobody.
    nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # The vendor's client would look for a client certificate, which can run a program.
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
    """The configuration of an answer: JSON of the schema, no tools, thinking by the model's family."""
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
        max_output_tokens=material.most_tokens or MAX_ANSWER_TOKENS,
        temperature=None if version >= (3, 5) else material.temperature or 0.0,
        # What is kept has the resolution that it was kept with: the usual one, which is this one.
        media_resolution=(
            types.MediaResolution.MEDIA_RESOLUTION_MEDIUM if material.video and not material.kept else None
        ),
        cached_content=material.kept or None,
        thinking_config=thinking,
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
        # These filters would block recordings of convulsing, partly undressed patients.
        safety_settings=[
            types.SafetySetting(
                category=types.HarmCategory(f"HARM_CATEGORY_{harm}"),
                threshold=types.HarmBlockThreshold.BLOCK_NONE,
            )
            for harm in _HARMS
        ],
    )


def _version(model: str) -> tuple[int, int]:
    """The version in a model's name; an unknown name counts as current."""
    found = re.search(r"gemini-(\d{1,3})(?:\.(\d{1,3}))?", model)
    return (int(found.group(1)), int(found.group(2) or 0)) if found else (99, 0)
