"""Where something could be sent, and the terms under which that place takes it, in plain words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from app.core.errors import UserError
from app.core.privacy.address import Address


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
        "2026-11",
        "Vertex AI (a cloud service of Google, under your hospital's contract)",
        "What is sent is processed in the Google Cloud project and region named in the settings, under the "
        "contract that your hospital has made for it. Ask your data protection officer whether that "
        "contract covers recordings of patients. The right to send is fetched from "
        "oauth2.googleapis.com with this computer's Google credentials.",
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
    """One place a model answers from: `scheme` (https or http), `host` as `name:port` in lower case, `model`.

    All of it together is the place: what was allowed for https does not hold for http.
    """

    service: Service
    host: str
    model: str
    scheme: str = "https"

    @property
    def terms(self) -> Terms:
        return TERMS[self.service]

    @property
    def origin(self) -> str:
        """Scheme, name and port, for example `https://gpu.hospital:443`."""
        return f"{self.scheme}://{self.host}"

    @property
    def shown(self) -> str:
        """Where that is, in words; they say so when the way there is not encrypted."""
        return f"{self.origin} (not encrypted)" if self._can_be_read_on_the_way else self.host

    @property
    def key_name(self) -> str:
        """What the key of this place is called in the vault; a key for https never goes out over http."""
        return self.origin if self._can_be_read_on_the_way else self.host

    @property
    def _can_be_read_on_the_way(self) -> bool:
        """Whether anyone between here and there can read what is sent."""
        return self.scheme != "https" and self.service is not Service.THIS_MACHINE


def server_at(address: Address, model: str, private_origins: Collection[str] = ()) -> Destination:
    """The destination of a server that is not a vendor's own service.

    Anyone on the way can read plain http, so it is taken only on this computer, and where the person has
    confirmed that the address is in a private network (`private_origins` holds its origin). Raises UserError
    otherwise.
    """
    local = address.is_this_computer
    if address.scheme == "http" and not local:
        if not address.may_be_private:
            raise UserError(
                "A server outside the hospital's own network needs an address that starts with https://."
            )
        if address.origin not in private_origins:
            raise UnconfirmedError(address)
    service = Service.THIS_MACHINE if local else Service.OWN_SERVER
    return Destination(service, address.host, model, address.scheme)


class UnconfirmedError(UserError):
    """Plain http to a server of which nobody has said that it is in a private network."""

    def __init__(self, address: Address) -> None:
        super().__init__(
            f"What is sent to {address.origin} is not encrypted: use an address that starts with https://, "
            "or confirm that this server is in the hospital's own network (in the model's settings, or with "
            "--private-network)."
        )
        self.address = address
