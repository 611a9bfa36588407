"""Where something could be sent, and the terms under which that place takes it, in plain words."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from app.core.errors import UserError


class Service(StrEnum):
    """The kind of place."""

    GEMINI_API = "gemini_api"
    VERTEX_AI = "vertex_ai"
    OWN_SERVER = "own_server"
    THIS_MACHINE = "this_machine"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a person agrees to before anything is sent; a changed text has a new `version`."""

    version: str
    title: str
    text: str
    allows_patients: bool


TERMS: dict[Service, Terms] = {
    Service.GEMINI_API: Terms(
        "2026-03",
        "Gemini Developer API (a cloud service of Google)",
        "The terms of this service exclude clinical practice on every tier. What is sent on the free tier "
        "may be read by people and used to improve products. Recordings of patients do not belong here: "
        "use Vertex AI under your hospital's contract or a server of your own.",
        allows_patients=False,
    ),
    Service.VERTEX_AI: Terms(
        "2026-03",
        "Vertex AI (a cloud service of Google, under your hospital's contract)",
        "What is sent is processed in the Google Cloud project and region named in the settings, under the "
        "contract that your hospital has made for it. Ask your data protection officer whether that "
        "contract covers recordings of patients.",
        allows_patients=True,
    ),
    Service.OWN_SERVER: Terms(
        "1",
        "A server at the address in the settings",
        "What is sent goes to this address over the network. Whoever runs that server can see it. "
        "Make sure that it is run by your hospital or under its contract.",
        allows_patients=True,
    ),
    Service.THIS_MACHINE: Terms(
        "1",
        "A server on this computer",
        "What is sent stays on this computer, with the program that answers at this address.",
        allows_patients=True,
    ),
}


@dataclass(frozen=True, slots=True)
class Destination:
    """One place a model answers from; `host` is `name:port` in lower case."""

    service: Service
    host: str
    model: str

    @property
    def terms(self) -> Terms:
        return TERMS[self.service]


def host_of(url: str) -> str:
    """`name:port` of an http(s) address, the port always given.

    Raises UserError when it is not one, or holds a user name or password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}[parts.scheme]
    except (ValueError, KeyError) as error:
        raise UserError("The server's address has to start with https:// or http://.") from error
    if not parts.hostname:
        raise UserError("The server's address has no host name.")
    if parts.username or parts.password:
        raise UserError("The server's address must not hold a user name or password.")
    return f"{parts.hostname.lower()}:{port}"


def own_server(url: str, model: str) -> Destination:
    """The destination of an OpenAI-compatible server.

    Plain http is taken only on this machine and in private networks, because anyone on the way could read it.
    Raises UserError otherwise.
    """
    host = host_of(url)
    name = urlsplit(url).hostname or ""
    local = is_this_machine(name)
    if urlsplit(url).scheme == "http" and not (local or _is_private(name)):
        raise UserError(
            "A server outside the hospital's own network needs an address that starts with https://."
        )
    return Destination(Service.THIS_MACHINE if local else Service.OWN_SERVER, host, model)


def is_this_machine(name: str) -> bool:
    """Whether a host name or address is the loopback."""
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _is_private(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_private
    except ValueError:
        return "." not in name or name.endswith((".local", ".lan", ".internal", ".intranet"))
