"""Google credentials of this computer, and their exchange for access tokens.

The vendor's library would exchange them through the environment's proxies, at any address named in the file,
and for some kinds by running a program. Here the file is only read, two kinds are supported, and requests go
through the guarded transport to Google's address.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import httpx2

from app.core.bounded_json import read_json
from app.core.errors import UserError
from app.core.privacy.address import parse_address
from app.core.privacy.keys import Secret, parse_secret
from app.core.readers.models.guarded_transport import SendContext, guarded_client
from app.core.readers.models.retrying import (
    BusyError,
    NoAccessError,
    NoAnswerError,
    RequestError,
    error_for_status,
)

TOKEN_ADDRESS = "https://oauth2.googleapis.com/token"
"""Google's address for tokens, which the terms of Vertex AI name."""

_OTHER_SPELLINGS = frozenset(
    {"https://accounts.google.com/o/oauth2/token", "https://www.googleapis.com/oauth2/v4/token"}
)
"""Other addresses of the same service, in older files."""

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
LARGEST_FILE = 64_000
RENEWED_BEFORE = 120.0
"""Seconds before its expiry at which a token is renewed."""
_LIFETIME = 3600

_SET_UP = "ask your administrator to set up a service account or a sign-in for Vertex AI"
_UNREADABLE = f"The file with this computer's Google credentials cannot be read; {_SET_UP}."


class GoogleCredentials(Protocol):
    """Credentials that can be exchanged for tokens."""

    @property
    def quota_project(self) -> str: ...

    @property
    def secrets(self) -> tuple[Secret, ...]: ...

    def grant(self) -> dict[str, str]:
        """The form fields of a request for a token."""
        ...


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """A service account: a key signs each request for a token and is never sent."""

    email: str
    key: Secret
    key_id: str
    quota_project: str = ""

    @property
    def secrets(self) -> tuple[Secret, ...]:
        return ()

    def grant(self) -> dict[str, str]:
        from google.auth import crypt, jwt

        now = int(time.time())
        claims = {
            "iss": self.email,
            "aud": TOKEN_ADDRESS,
            "scope": SCOPE,
            "iat": now,
            "exp": now + _LIFETIME,
        }
        try:
            signer = crypt.RSASigner.from_string(  # type: ignore[no-untyped-call]
                self.key.reveal(), self.key_id or None
            )
            signed = jwt.encode(signer, claims).decode("ascii")  # type: ignore[no-untyped-call]
        except ValueError:  # the message could quote the key
            raise NoAccessError("The key in this computer's Google credentials cannot be used.") from None
        return {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": signed}


@dataclass(frozen=True, slots=True)
class SignedInUser:
    """A person who signed in with Google's program."""

    client_id: str
    client_secret: Secret
    refresh_token: Secret
    quota_project: str = ""

    @property
    def secrets(self) -> tuple[Secret, ...]:
        return self.client_secret, self.refresh_token

    def grant(self) -> dict[str, str]:
        return {
            "grant_type": "refresh_token",
            "client_id": self.client_id,
            "client_secret": self.client_secret.reveal(),
            "refresh_token": self.refresh_token.reveal(),
        }


def credentials_of_this_computer() -> GoogleCredentials:
    """The credentials in the file of Google's programs.

    Raises UserError when there is none, or when it is of a kind that runs a program, uses another service or
    sends tokens to an address other than Google's.
    """
    path = _path()
    if not path.is_file():
        raise UserError(f"This computer has no Google credentials; {_SET_UP}.")
    try:
        with path.open("rb") as file:
            data = read_json(file.read(LARGEST_FILE + 1), largest=LARGEST_FILE, deepest=8)
    except (OSError, ValueError) as error:
        raise UserError(_UNREADABLE) from error
    if not isinstance(data, dict):
        raise UserError(_UNREADABLE)
    return _credentials({str(key): value for key, value in data.items()})


def _path() -> Path:
    named = os.environ.get("GOOGLE_APPLICATION_CREDENTIALS")
    if named:
        return Path(named)
    folder = os.environ.get("CLOUDSDK_CONFIG")
    if folder is None:
        home = Path(os.environ["APPDATA"]) if os.environ.get("APPDATA") else Path.home() / ".config"
        folder = str(home / "gcloud")
    return Path(folder) / "application_default_credentials.json"


def _credentials(data: dict[str, object]) -> GoogleCredentials:
    def text(name: str, *, optional: bool = False) -> str:
        value = data.get(name, "")
        if not isinstance(value, str) or not (value or optional):
            raise UserError(_UNREADABLE)
        return value

    kind = data.get("type")
    if kind not in {"service_account", "authorized_user"}:
        raise UserError(
            "This computer's Google credentials are of a kind that runs a program or asks another service, "
            f"which is not done here; {_SET_UP}."
        )
    if text("token_uri", optional=True) not in {"", TOKEN_ADDRESS, *_OTHER_SPELLINGS}:
        raise UserError(
            "Nothing was sent: this computer's Google credentials name an address for tokens that is not "
            "Google's."
        )
    if text("universe_domain", optional=True) not in {"", "googleapis.com"}:
        raise UserError("This computer's Google credentials are for another cloud than Google's.")
    quota = text("quota_project_id", optional=True)
    if kind == "service_account":
        key = Secret(text("private_key"))
        return ServiceAccount(text("client_email"), key, text("private_key_id", optional=True), quota)
    secrets = Secret(text("client_secret")), Secret(text("refresh_token"))
    return SignedInUser(text("client_id"), *secrets, quota)


class GoogleTokens:
    """Access tokens for one send context, obtained on demand. To be used inside one event loop."""

    def __init__(
        self, passage: SendContext, credentials: GoogleCredentials, *, address: str = TOKEN_ADDRESS
    ) -> None:
        place = parse_address(address)
        given = passage.permission
        destination = replace(given.destination, host=place.host, scheme=place.scheme)
        self._address = address
        self._credentials = credentials
        self._client = guarded_client(
            SendContext(replace(given, destination=destination), passage.ledger, "token", "no media"),
            *credentials.secrets,
        )
        self._lock = asyncio.Lock()
        self._token = Secret("")
        self._until = 0.0

    async def token(self) -> Secret:
        """A valid token. Raises RequestError when Google gives none."""
        async with self._lock:
            if time.monotonic() > self._until:
                await self._renew()
            return self._token

    async def _renew(self) -> None:
        try:
            response = await self._client.post(self._address, data=self._credentials.grant())
        except (httpx2.ConnectError, httpx2.ReadError, httpx2.RemoteProtocolError) as error:
            raise BusyError(f"Google gave no token ({type(error).__name__}).") from error
        except httpx2.HTTPError as error:
            raise RequestError(f"Google gave no token ({type(error).__name__}).") from error
        if response.status_code in {400, 401, 403}:
            raise NoAccessError("Google did not accept this computer's credentials.")
        if response.status_code != 200:
            failure = error_for_status(response.status_code, response.headers)
            if isinstance(failure, BusyError):
                failure.begun = False  # a token costs nothing
            raise failure
        self._token, seconds = _token_of(response.content)
        self._until = time.monotonic() + seconds - RENEWED_BEFORE

    async def close(self) -> None:
        await self._client.aclose()


def _token_of(content: bytes) -> tuple[Secret, float]:
    """The token in a reply and its lifetime in seconds."""
    try:
        data = json.loads(content)
        token = parse_secret(data["access_token"])
        seconds = float(data.get("expires_in", 0))
    except (ValueError, TypeError, KeyError, AttributeError, UserError):
        raise NoAnswerError("Google's answer to a request for a token could not be read.") from None
    return token, min(seconds, _LIFETIME)
