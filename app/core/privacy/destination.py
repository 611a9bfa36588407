"""Destinations of sending, and the terms of each kind of service as text for people."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from app.core.errors import UserError
from app.core.privacy.address import Address


class ServiceKind(StrEnum):
    """The kind of service at a destination."""

    GEMINI_API = "gemini_api"
    VERTEX_AI = "vertex_ai"
    OTHER_SERVER = "own_server"
    THIS_MACHINE = "this_machine"
    FOLDER = "folder"
    REQUEST_FILE = "request_file"


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms to agree to before anything is sent; a changed text has a new `version`."""

    version: str
    title: str
    text: str
    allows_patients: bool


TERMS: dict[ServiceKind, Terms] = {
    ServiceKind.GEMINI_API: Terms(
        "2026-12",
        "Gemini Developer API (a cloud service of Google)",
        "The terms of this service exclude clinical practice on every tier. What is sent on the free tier "
        "may be read by people and used to improve products. A clip that is asked about many times can be "
        "kept there meanwhile, for up to an hour. In its batch mode (semioscope overnight) what is sent and "
        "what is answered can stay there for two days. Recordings of patients do not belong here: use "
        "Vertex AI under your hospital's contract or a server of your own.",
        allows_patients=False,
    ),
    ServiceKind.VERTEX_AI: Terms(
        "2026-11",
        "Vertex AI (a cloud service of Google, under your hospital's contract)",
        "What is sent is processed in the Google Cloud project and region named in the settings, under the "
        "contract that your hospital has made for it. Ask your data protection officer whether that "
        "contract covers recordings of patients. The right to send is fetched from "
        "oauth2.googleapis.com with this computer's Google credentials.",
        allows_patients=True,
    ),
    ServiceKind.OTHER_SERVER: Terms(
        "1",
        "A server at the address in the settings",
        "What is sent goes to this address over the network. Whoever runs that server can see it. "
        "Make sure that it is run by your hospital or under its contract.",
        allows_patients=True,
    ),
    ServiceKind.THIS_MACHINE: Terms(
        "1",
        "A server on this computer",
        "What is sent stays on this computer, with the program that answers at this address.",
        allows_patients=True,
    ),
    ServiceKind.FOLDER: Terms(
        "1",
        "A folder for training a model elsewhere",
        "What is written shows patients: their movements, their faces where a feature of the face is asked "
        "about, and their voices. A model that is trained on it can give parts of it back. Take it only "
        "where your hospital's contract and the patients' consent cover training.",
        allows_patients=True,
    ),
    ServiceKind.REQUEST_FILE: Terms(
        "1",
        "A file of requests to a model on another computer",
        "What is written shows patients: their movements, their faces where a feature of the face is asked "
        "about, and their voices. Anybody with the file can see it. Carry it only to a computer that is run "
        "by your hospital or under its contract, and delete it there when the results are back.",
        allows_patients=True,
    ),
}


_HERE = (ServiceKind.THIS_MACHINE, ServiceKind.FOLDER, ServiceKind.REQUEST_FILE)


@dataclass(frozen=True, slots=True)
class Destination:
    """One model at one server: `scheme` (https or http), `host` as `name:port` in lower case, `model`.

    A permission holds for all of these together: one for https does not hold for http.
    """

    service: ServiceKind
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
        """The destination as text, which includes a remark when the connection is not encrypted."""
        return f"{self.origin} (not encrypted)" if self._can_be_read_on_the_way else self.host

    @property
    def key_name(self) -> str:
        """The name of its key in the vault, which differs by scheme: a key for https is never sent over
        http."""
        return self.origin if self._can_be_read_on_the_way else self.host

    @property
    def _can_be_read_on_the_way(self) -> bool:
        """Whether the connection is unencrypted and leaves this computer."""
        return self.scheme != "https" and self.service not in _HERE


def server_at(address: Address, model: str, private_origins: Collection[str] = ()) -> Destination:
    """The destination of a server that is not a vendor's service.

    Plain http is accepted only on this computer, and for addresses that the person has confirmed to be in a
    private network (`private_origins` contains the origin), because others could read it. Raises UserError
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
    service = ServiceKind.THIS_MACHINE if local else ServiceKind.OTHER_SERVER
    return Destination(service, address.host, model, address.scheme)


class UnconfirmedError(UserError):
    """Plain http to a server that has not been confirmed to be in a private network."""

    def __init__(self, address: Address) -> None:
        super().__init__(
            f"What is sent to {address.origin} is not encrypted: use an address that starts with https://, "
            "or confirm that this server is in the hospital's own network (in the model's settings, or with "
            "--private-network)."
        )
