"""The one way out: every byte passes the permission and the ledger, what comes back is read within bounds.

Used by all providers, whatever client speaks above it: a transport that only talks to the permitted place,
never follows a redirect, writes the ledger before it sends, and hands on small and cleaned replies.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2

from app.core.errors import UserError
from app.core.privacy.address import Address, IPAddress, address_of, is_loopback, is_private
from app.core.privacy.gate import Permission
from app.core.privacy.keys import Secret
from app.core.privacy.ledger import Ledger, Sending, body_digest
from app.core.privacy.redaction import Redaction
from app.core.readers.models.reply_cleaning import MAX_RESPONSE_BYTES, body_of, cleaned_headers, cleaned_reply
from app.core.readers.models.retrying import RequestError

IMPORTED_LATE = ("httpcore2", "h11", "truststore", "anyio.abc", "anyio.streams.tls", "anyio.to_thread")
"""What the client imports with its first request."""

_LONGEST_PATH = 300


@dataclass(frozen=True, slots=True)
class SendContext:
    """What the ledger says of everything sent through one transport."""

    permission: Permission
    ledger: Ledger
    purpose: str
    deidentification: str


class GuardedTransport(httpx2.AsyncBaseTransport):
    """Sends to the permitted place only, after the ledger has it; bounds and cleans what comes back.

    `secrets` are removed from everything that is sent back, as is what stood in the request's authorization.
    """

    def __init__(
        self,
        passage: SendContext,
        *,
        secrets: Sequence[Secret] = (),
        inner: httpx2.AsyncBaseTransport | None = None,
        max_response_bytes: int = MAX_RESPONSE_BYTES,
    ) -> None:
        if not passage.permission.valid:
            raise UserError("Nothing was sent: the permission for this destination has to be given anew.")
        self._passage = passage
        self._secrets = tuple(secrets)
        self._inner = inner or httpx2.AsyncHTTPTransport(trust_env=False)
        self._max = max_response_bytes

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        place = self._permitted(request.url)
        redaction = Redaction(*self._secrets, *_sent_secrets(request))
        request.headers["accept-encoding"] = "identity"
        body = await request.aread()
        entry = self._written_down(request, body)
        async with self._answered(request, place, body, entry) as response:
            assert isinstance(response.stream, httpx2.AsyncByteStream)
            packed = await body_of(response.headers, response.stream, self._max)
        status, cleaned = cleaned_reply(response.status_code, packed, redaction)
        headers = cleaned_headers(response.headers, redaction)
        return httpx2.Response(status, headers=headers, content=cleaned, request=request)

    def _written_down(self, request: httpx2.Request, body: bytes) -> str:
        """The ledger's entry for a request, on disk before it leaves."""
        destination = self._passage.permission.destination
        path = request.url.path[:_LONGEST_PATH]
        return self._passage.ledger.sending(
            Sending(
                user=self._passage.permission.user,
                host=destination.host,
                model=destination.model,
                purpose=f"{self._passage.purpose}: {request.method} {path}",
                size=len(body),
                sha256=body_digest(body),
                deidentification=self._passage.deidentification,
            )
        )

    @asynccontextmanager
    async def _answered(
        self, request: httpx2.Request, place: Address, body: bytes, entry: str
    ) -> AsyncIterator[httpx2.Response]:
        """The answer to a request, closed at the end; what came of it is in the ledger."""
        try:
            response = await self._sent(request, place, body)
        except asyncio.CancelledError:
            self._passage.ledger.outcome(entry, "cancelled")
            raise
        except Exception as error:
            self._passage.ledger.outcome(entry, type(error).__name__)
            raise
        self._passage.ledger.outcome(entry, str(response.status_code))
        try:
            yield response
        finally:
            await response.aclose()

    async def _sent(self, request: httpx2.Request, place: Address, body: bytes) -> httpx2.Response:
        """Send over https to the name, whose certificate is checked, and over http to checked addresses."""
        if place.scheme == "https" or place.ip is not None:
            return await self._inner.handle_async_request(request)
        *others, last = await _addresses(place)
        for ip in others:
            try:
                return await self._inner.handle_async_request(_pinned(request, ip, body))
            except httpx2.ConnectError:
                continue
        return await self._inner.handle_async_request(_pinned(request, last, body))

    def _permitted(self, url: httpx2.URL) -> Address:
        """The address of a request. Raises RequestError when it is not the permitted one."""
        try:
            place = address_of(f"{url.scheme}://{url.netloc.decode('ascii')}")
        except UserError as error:
            raise RequestError("A request to an address that no server can have was stopped.") from error
        if place.origin != self._passage.permission.destination.origin:
            raise RequestError("A request to another place than the permitted one was stopped.")
        return place

    async def aclose(self) -> None:
        await self._inner.aclose()


def _sent_secrets(request: httpx2.Request) -> tuple[Secret, ...]:
    """What a request shows to the server that nobody else may see."""
    shown = [request.headers.get("x-goog-api-key", ""), request.headers.get("authorization", "")]
    return tuple(Secret(text.rpartition(" ")[2]) for text in shown if text)


async def _addresses(place: Address) -> list[str]:
    """The addresses of a name that plain http may be sent to: this computer's, or the private network's.

    A name can be made to lead anywhere; all that it leads to is checked, and the request goes to what was
    checked. Raises RequestError when one of the addresses is outside, httpx2.ConnectError when there is none.
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(place.name, place.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpx2.ConnectError("the name was not found") from error
    addresses = list(dict.fromkeys(str(row[4][0]) for row in found))
    inside = is_loopback if place.is_this_computer else is_private
    if not addresses or not all(_is_inside(address, inside) for address in addresses):
        raise RequestError(
            "Nothing was sent: the name of the server leads to an address outside of its network, and the "
            "way there is not encrypted."
        )
    return addresses


def _is_inside(address: str, inside: Callable[[IPAddress], bool]) -> bool:
    try:
        return inside(ipaddress.ip_address(address))
    except ValueError:  # with a network interface, as link-local addresses have
        return False


def _pinned(request: httpx2.Request, ip: str, body: bytes) -> httpx2.Request:
    """The request to one address; the header Host still names the server."""
    return httpx2.Request(
        request.method,
        request.url.copy_with(host=ip),
        headers=request.headers,
        content=body,
        extensions=request.extensions,
    )


def guarded_client(passage: SendContext, *secrets: Secret) -> httpx2.AsyncClient:
    """A client over a guarded transport: no redirects, no proxies of the environment, no cookies kept.

    `secrets` are the keys that it sends; they are removed from what comes back.
    """
    return httpx2.AsyncClient(
        transport=GuardedTransport(passage, secrets=secrets),
        follow_redirects=False,
        trust_env=False,
        timeout=None,
    )
