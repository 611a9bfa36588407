"""The only transport for sending: it checks the permission, writes the ledger and cleans replies.

All providers use it below their client. It connects only to the permitted server, follows no redirects,
writes the ledger before it sends, and returns only replies that are within limits and without keys.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2

from app.core.errors import UserError
from app.core.privacy.address import Address, IPAddress, is_loopback, is_private, parse_address
from app.core.privacy.gate import Permission
from app.core.privacy.keys import Secret
from app.core.privacy.ledger import Ledger, Sending, body_digest
from app.core.privacy.redaction import Redaction
from app.core.readers.models.reply_cleaning import (
    LARGEST_DOWNLOAD,
    MAX_RESPONSE_BYTES,
    clean_headers,
    clean_lines,
    clean_reply,
    read_body,
)
from app.core.readers.models.retrying import RequestError

IMPORTED_LATE = ("httpcore2", "h11", "truststore", "anyio.abc", "anyio.streams.tls", "anyio.to_thread")
"""Modules that the client imports with its first request."""

DOWNLOAD = ":download"
"""The end of the path of a request for a file of results, which is one of JSON lines."""

_LONGEST_PATH = 300

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SendContext:
    """The permission, ledger and texts for all requests through one transport; `reading` is the name of the
    folder of the reading that they are for, "" for none."""

    permission: Permission
    ledger: Ledger
    purpose: str
    deidentification: str
    reading: str = ""


class GuardedTransport(httpx2.AsyncBaseTransport):
    """A transport that sends only to the permitted server, after recording it in the ledger, and cleans
    replies.

    `secrets` and the request's authorization are removed from all replies.
    """

    def __init__(
        self,
        passage: SendContext,
        *,
        secrets: Sequence[Secret] = (),
        inner: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        if not passage.permission.valid:
            raise UserError("Nothing was sent: the permission for this destination has to be given anew.")
        self._passage = passage
        self._secrets = tuple(secrets)
        self._inner = inner or httpx2.AsyncHTTPTransport(trust_env=False)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        place = self._permitted(request.url)
        redaction = Redaction(*self._secrets, *_sent_secrets(request))
        request.headers["accept-encoding"] = "identity"
        body = await request.aread()
        entry = self._written_down(request, body)
        async with self._answered(request, place, body, entry) as response:
            assert isinstance(response.stream, httpx2.AsyncByteStream)
            lines = request.method == "GET" and request.url.path.endswith(DOWNLOAD)
            most = LARGEST_DOWNLOAD if lines else MAX_RESPONSE_BYTES
            packed = await read_body(response.headers, response.stream, most)
        clean = clean_lines if lines else clean_reply
        status, cleaned = clean(response.status_code, packed, redaction)
        headers = clean_headers(response.headers, redaction)
        return httpx2.Response(status, headers=headers, content=cleaned, request=request)

    def _written_down(self, request: httpx2.Request, body: bytes) -> str:
        """The id of the ledger entry of a request, on disk before the request is sent."""
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
        """The response to a request in a context that closes it and records the outcome in the ledger."""
        try:
            response = await self._sent(request, place, body)
        except asyncio.CancelledError:
            self._note_outcome(entry, "cancelled")
            raise
        except Exception as error:
            self._note_outcome(entry, type(error).__name__)
            raise
        try:
            self._note_outcome(entry, str(response.status_code))
            yield response
        finally:
            await response.aclose()

    def _note_outcome(self, entry: str, outcome: str) -> None:
        """Record an outcome. On a full disk the entry stays without one, instead of costing the response."""
        try:
            self._passage.ledger.outcome(entry, outcome)
        except UserError as error:
            _log.warning("the outcome of a request could not be recorded: %s", error)

    async def _sent(self, request: httpx2.Request, place: Address, body: bytes) -> httpx2.Response:
        """The response, over https from the named host (its certificate is checked), over http from a checked
        IP address."""
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
            place = parse_address(f"{url.scheme}://{url.netloc.decode('ascii')}")
        except UserError as error:
            raise RequestError("A request to an address that no server can have was stopped.") from error
        if place.origin != self._passage.permission.destination.origin:
            raise RequestError("A request to a server other than the permitted one was stopped.")
        return place

    async def aclose(self) -> None:
        await self._inner.aclose()


def _sent_secrets(request: httpx2.Request) -> tuple[Secret, ...]:
    """The credentials in a request's headers."""
    shown = [request.headers.get("x-goog-api-key", ""), request.headers.get("authorization", "")]
    return tuple(Secret(text.rpartition(" ")[2]) for text in shown if text)


async def _addresses(place: Address) -> list[str]:
    """The IP addresses of a host to which plain http may be sent: of this computer or a private network.

    A name can resolve to anything, so all its addresses are checked, and the request is sent to a checked
    address. Raises RequestError when one of them is outside, httpx2.ConnectError when there is none.
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
    except ValueError:  # a link-local address with a network interface
        return False


def _pinned(request: httpx2.Request, ip: str, body: bytes) -> httpx2.Request:
    """The request directed to an IP address; its header Host still names the server."""
    return httpx2.Request(
        request.method,
        request.url.copy_with(host=ip),
        headers=request.headers,
        content=body,
        extensions=request.extensions,
    )


def guarded_client(passage: SendContext, *secrets: Secret) -> httpx2.AsyncClient:
    """An HTTP client with a guarded transport: no redirects, no proxies of the environment, no cookies.

    `secrets` are the keys that it sends; they are removed from replies.
    """
    return httpx2.AsyncClient(
        transport=GuardedTransport(passage, secrets=secrets),
        follow_redirects=False,
        trust_env=False,
        timeout=None,
    )
