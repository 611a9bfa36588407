"""Which model was chosen and how it is asked: remembered without its key, in a file of its own."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from app.core.atomic import write_atomically
from app.core.bounded_json import read_json
from app.core.enhance.clips import ClipOptions
from app.core.enhance.enhancement import Enhancement
from app.core.errors import UserError
from app.core.folders import settings_folder
from app.core.plain_text import plain
from app.core.privacy.address import address_of
from app.core.readers.models.prices import Price, own_price
from app.core.readers.models.provider import Capabilities
from app.core.readers.models.request_plan import HIGHEST_FPS, LOWEST_FPS, AskingMode

FILE_NAME = "model.json"

_MOST_PRIVATE_ORIGINS = 32
_TEXTS = ("provider", "model", "base_url", "project", "location", "prompts", "transcript", "tested")
_SWITCHES = ("overlay", "crop", "denoise", "feature_rates", "prefer_video")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model and how it is asked.

    `provider` is a row of `providers.PROVIDERS`, "" while the program is local only; `base_url` is for
    OpenAI-compatible servers, `project` and `location` for Vertex AI; `prompts` names a prompt set;
    `fps` is the sampling rate (Hz), `feature_rates` lets features that need more have it, in shorter windows;
    `limit` is how many requests run at once. `overlay`, `crop` and `denoise` are the enhancements, each of
    which can be switched off; `transcript` is the folder of a speech model, "" for none. `capabilities` is
    what the model was found to take by a test of the connection, `tested` what that test was of. `own_price`
    is what the person says that it costs; it goes before any list price.
    """

    provider: str = ""
    model: str = ""
    base_url: str = ""
    project: str = ""
    location: str = ""
    prompts: str = "expert"
    mode: AskingMode = AskingMode.GROUPED
    enhancements: tuple[Enhancement, ...] = tuple(Enhancement)
    fps: float = 2.0
    limit: int = 4
    prefer_video: bool = False
    feature_rates: bool = False
    overlay: bool = True
    crop: bool = True
    denoise: bool = True
    transcript: str = ""
    capabilities: Capabilities = field(default_factory=Capabilities)
    tested: str = ""
    own_price: Price | None = None
    private_origins: tuple[str, ...] = ()
    """Addresses (scheme, host, port) of which the person said that they are in a private network: plain http
    is sent there."""

    @property
    def target(self) -> str:
        """What a test of the connection is a test of."""
        return " ".join((self.provider, self.base_url, self.project, self.location, self.model))

    @property
    def known_capabilities(self) -> Capabilities:
        """What the model takes; everything as long as nobody has tried."""
        return self.capabilities if self.tested == self.target else Capabilities()

    @property
    def clip_options(self) -> ClipOptions:
        """How the clips are made that the model is shown."""
        return ClipOptions(
            pose=self.overlay, face=self.crop, denoise=self.denoise, transcript=self.transcript
        )

    @property
    def with_private_origin(self) -> ModelChoice:
        """The choice with its address confirmed as one in a private network.

        Raises UserError when the address is none, or is one outside.
        """
        address = address_of(self.base_url)
        if not address.may_be_private:
            raise UserError(f"{address.name} is not an address in a private network.")
        if address.origin in self.private_origins:
            return self
        kept = (*self.private_origins, address.origin)[-_MOST_PRIVATE_ORIGINS:]
        return replace(self, private_origins=kept)

    @property
    def local_only(self) -> bool:
        """Whether no model is set up, so that nothing can leave this machine."""
        return not self.provider


def load_choice(folder: Path | None = None) -> ModelChoice:
    """The remembered choice; local only when there is none or it cannot be read."""
    path = (folder or settings_folder()) / FILE_NAME
    try:
        data = read_json(path.read_bytes())
        if not isinstance(data, dict):
            raise TypeError("not a choice")
        return _from(data)
    except FileNotFoundError:
        return ModelChoice()
    except (OSError, ValueError, TypeError, AttributeError) as error:
        _log.warning("the chosen model could not be read: %s", type(error).__name__)
        return ModelChoice()


def save_choice(choice: ModelChoice, folder: Path | None = None) -> None:
    """Remember a choice. Raises UserError when it cannot be written."""
    text = json.dumps(asdict(choice), indent=2)
    write_atomically((folder or settings_folder()) / FILE_NAME, text.encode(), private=True)


def _from(data: Mapping[str, object]) -> ModelChoice:
    default = ModelChoice()
    if set(data) - {field.name for field in fields(ModelChoice)}:
        _log.info("the chosen model has settings of a newer version")
    texts: dict[str, Any] = {name: str(data.get(name, getattr(default, name))) for name in _TEXTS}
    switches: dict[str, Any] = {name: data.get(name, getattr(default, name)) is True for name in _SWITCHES}
    enhancements = data.get("enhancements", list(default.enhancements))
    fps, limit = data.get("fps", default.fps), data.get("limit", default.limit)
    if not isinstance(enhancements, list) or not isinstance(fps, int | float) or not isinstance(limit, int):
        raise TypeError("not a choice")
    taken = data.get("capabilities", {})
    if not isinstance(taken, dict):
        raise TypeError("not capabilities")
    return ModelChoice(
        **texts,
        **switches,
        mode=AskingMode(str(data.get("mode", default.mode))),
        enhancements=tuple(Enhancement(str(name)) for name in enhancements),
        fps=min(max(float(fps), LOWEST_FPS), HIGHEST_FPS),
        limit=min(max(limit, 1), 16),
        capabilities=Capabilities(
            **{row.name: plain(str(taken.get(row.name, "")), 300) for row in fields(Capabilities)}
        ),
        own_price=own_price(data.get("own_price")),
        private_origins=_origins(data.get("private_origins", [])),
    )


def _origins(rows: object) -> tuple[str, ...]:
    if not isinstance(rows, list):
        raise TypeError("not a list of origins")
    return tuple(str(row) for row in rows[:_MOST_PRIVATE_ORIGINS])
