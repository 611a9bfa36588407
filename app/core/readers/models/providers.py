"""The table of the providers of models."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from app.core.enhance.enhancement import Enhancement
from app.core.errors import UserError
from app.core.privacy.address import parse_address
from app.core.privacy.destination import Destination, ServiceKind, server_at
from app.core.privacy.keys import Secret
from app.core.readers.models import gemini
from app.core.readers.models.families import ClipForm, clip_form
from app.core.readers.models.gemini import Gemini
from app.core.readers.models.gemini_client import VertexProject
from app.core.readers.models.gemini_jobs import GeminiJobs
from app.core.readers.models.google_tokens import credentials_of_this_computer
from app.core.readers.models.guarded_transport import IMPORTED_LATE, SendContext
from app.core.readers.models.missing_setting import MissingSettingError
from app.core.readers.models.model_choice import ModelChoice, known_capabilities
from app.core.readers.models.openai_compatible import OpenAICompatible
from app.core.readers.models.prices import Price, list_price
from app.core.readers.models.provider import Provider

# Project and location become part of an address.
_PROJECT = re.compile(r"[A-Za-z0-9.:_-]{1,100}")
_LONGEST_MODEL = 500
_LOCATION = re.compile(r"[a-z0-9-]{1,50}")

DestinationOf = Callable[[ModelChoice], Destination]
Make = Callable[[ModelChoice, SendContext, Secret | None], Provider]


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """One provider.

    `destination` returns the destination of a choice, or raises UserError for an incomplete one; `make` is
    called inside the event loop; `environment` is the variable from which the command line (never the window)
    reads a key; `needs_key` is whether a key is required; `check_computer` raises UserError when this
    computer lacks what the provider takes from it; `sends_video` whether clips are sent as MP4; `by_file` is
    whether requests are written to a file, which only the command line does; `tried` are the capabilities
    that a test of the connection checks; `library` is imported by `make`; `default_model` is used by a choice
    without a model.
    """

    id: str
    name: str
    destination: DestinationOf
    make: Make
    environment: str = ""
    needs_key: bool = False
    check_computer: Callable[[], object] = lambda: None
    sends_video: bool = False
    tried: tuple[str, ...] = ("video", "sound", "schema")
    library: str = "httpx2"
    default_model: str = ""
    by_file: bool = False

    def load(self) -> None:
        """Import the libraries for requests. It can block other threads for a moment: not during playback."""
        for name in (*IMPORTED_LATE, self.library):
            import_module(name)


def _model(choice: ModelChoice) -> str:
    """The model's name. Raises UserError for an invalid one, which a ledger could not hold."""
    name = choice.model
    if len(name) > _LONGEST_MODEL or any("\ud800" <= letter <= "\udfff" for letter in name):
        raise UserError("The name of the model is too long or holds characters that cannot be sent.")
    return name


def _gemini_destination(choice: ModelChoice) -> Destination:
    """Google's service; at any other address a generic server, to which Google's terms do not apply."""
    model = _model(choice) or gemini.DEFAULT_MODEL
    if not choice.base_url:
        return Destination(ServiceKind.GEMINI_API, gemini.HOST, model)
    address = parse_address(choice.base_url)
    if address.scheme == "https" and address.host == gemini.HOST:
        return Destination(ServiceKind.GEMINI_API, address.host, model)
    return server_at(address, model, choice.private_origins)


def _gemini(choice: ModelChoice, passage: SendContext, key: Secret | None) -> Provider:
    return Gemini(passage, _needed(key), base_url=_gemini_address(choice))


def _needed(key: Secret | None) -> Secret:
    if key is None:
        raise MissingSettingError("Gemini needs a key", "key")
    return key


def _gemini_address(choice: ModelChoice) -> str | None:
    return parse_address(choice.base_url).url if choice.base_url else None


def gemini_jobs(choice: ModelChoice, passage: SendContext, key: Secret | None) -> GeminiJobs:
    """The batch mode of the chosen model; to be made inside the event loop. Raises UserError as
    `check_batch_mode`, and without a key."""
    check_batch_mode(choice)
    return GeminiJobs(passage, _needed(key), base_url=_gemini_address(choice))


def check_batch_mode(choice: ModelChoice) -> None:
    """Raises UserError when the chosen model has no batch mode that this program can use."""
    if choice.provider == "vertex":
        raise UserError(
            "Batch mode on Vertex AI takes its requests from a storage bucket in your Google Cloud project "
            "and leaves its results there; this program has no access to one. Ask directly instead "
            "(semioscope analyze, semioscope batch), or use the Gemini Developer API if its terms allow it."
        )
    if choice.provider != "gemini":
        raise UserError(
            "Only Gemini has a batch mode that this program can use. For a server of your own with vLLM "
            "there is semioscope offline."
        )


def _vertex(choice: ModelChoice) -> VertexProject:
    if not choice.project or not choice.location:
        raise MissingSettingError("Vertex AI needs a project and a location", "project", "location")
    if not (_PROJECT.fullmatch(choice.project) and _LOCATION.fullmatch(choice.location)):
        raise UserError("The project or the location of Vertex AI holds characters that neither can have.")
    return VertexProject(choice.project, choice.location)


def _vertex_destination(choice: ModelChoice) -> Destination:
    return Destination(ServiceKind.VERTEX_AI, _vertex(choice).host, _model(choice) or gemini.DEFAULT_MODEL)


def _vertex_provider(choice: ModelChoice, passage: SendContext, _key: Secret | None) -> Provider:
    return Gemini(passage, _vertex(choice))


def _server_destination(choice: ModelChoice) -> Destination:
    if not choice.base_url:
        raise MissingSettingError("The server's address is missing", "base_url")
    if not choice.model:
        raise UserError("No model of the server is chosen; test the connection to see which ones it has.")
    return server_at(parse_address(choice.base_url), _model(choice), choice.private_origins)


def _file_destination(choice: ModelChoice) -> Destination:
    if not choice.model:
        raise UserError("The name of the model is missing; give the name by which vLLM loads it.")
    return Destination(ServiceKind.REQUEST_FILE, "this computer", _model(choice), "file")


def _no_server(_choice: ModelChoice, _passage: SendContext, _key: Secret | None) -> Provider:
    raise UserError("This model is asked through files: semioscope offline.")


def _server(choice: ModelChoice, passage: SendContext, key: Secret | None) -> Provider:
    return OpenAICompatible(
        parse_address(choice.base_url).url,
        passage,
        key=key,
        capabilities=known_capabilities(choice),
        prefer_video=choice.prefer_video,
        family=choice.model_family,
    )


PROVIDERS: dict[str, ProviderRow] = {
    row.id: row
    for row in (
        ProviderRow(
            "gemini",
            "Gemini Developer API",
            _gemini_destination,
            _gemini,
            environment="GEMINI_API_KEY",
            needs_key=True,
            sends_video=True,
            library="google.genai",
            default_model=gemini.DEFAULT_MODEL,
        ),
        ProviderRow(
            "vertex",
            "Gemini on Vertex AI",
            _vertex_destination,
            _vertex_provider,
            check_computer=credentials_of_this_computer,
            sends_video=True,
            library="google.genai",
            default_model=gemini.DEFAULT_MODEL,
        ),
        ProviderRow(
            "openai",
            "OpenAI-compatible server",
            _server_destination,
            _server,
            environment="OPENAI_API_KEY",
            tried=("pictures", "video", "sound", "schema"),
        ),
        ProviderRow("vllm-file", "vLLM, by a file of requests", _file_destination, _no_server, by_file=True),
    )
}


def provider_of(choice: ModelChoice) -> ProviderRow:
    """The table row of a choice. Raises UserError when no model is set up or the provider is unknown."""
    if choice.local_only:
        raise UserError("No model is set up: this program is local only.")
    row = PROVIDERS.get(choice.provider)
    if row is None:
        raise UserError("The chosen provider of models is not known to this version.")
    return row


def unsupported_enhancements(choice: ModelChoice) -> dict[Enhancement, str]:
    """Enhancements that the chosen model does not support, by its family or the test of the connection, with
    reasons."""
    taken = known_capabilities(choice)
    blind = taken.video if provider_of(choice).sends_video else taken.video and taken.pictures
    family = choice.model_family
    blind, deaf = family.refuses_pictures or blind, family.refuses_sound or taken.sound
    reasons = {Enhancement.POSE: blind, Enhancement.FACE: blind, Enhancement.SOUND: deaf}
    return {enhancement: reason for enhancement, reason in reasons.items() if reason}


def clip_form_of(choice: ModelChoice) -> ClipForm | None:
    """How clips are given to the chosen model; None where it takes none."""
    if provider_of(choice).sends_video:
        return ClipForm.VIDEO
    return clip_form(choice.model_family, known_capabilities(choice), prefer_video=choice.prefer_video)


def price_of(choice: ModelChoice) -> Price | None:
    """The price of the chosen model: that entered by the person, else the list price of the Gemini Developer
    API.

    None for Vertex AI and other servers, whose price is subject to a contract.
    """
    if choice.own_price is not None:
        return choice.own_price
    place = provider_of(choice).destination(choice)
    listed = place.service is ServiceKind.GEMINI_API and place.host == gemini.HOST
    return list_price(place.model) if listed else None
