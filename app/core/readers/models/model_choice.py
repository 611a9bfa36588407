"""The chosen model and how it is asked, stored without its key in a separate file of the settings folder."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from app.core.atomic import write_atomically
from app.core.bounded_json import read_json
from app.core.clips.clip import ClipOptions
from app.core.enhance.enhancement import Enhancement
from app.core.errors import UserError
from app.core.folders import settings_folder
from app.core.plain_text import plain
from app.core.privacy.address import parse_address
from app.core.readers.models.prices import Price, personal_price_from
from app.core.readers.models.provider import Capabilities
from app.core.readers.models.request_plan import HIGHEST_FPS, LOWEST_FPS, AskingMode

FILE_NAME = "model.json"

_MOST_PRIVATE_ORIGINS = 32
_TEXTS = ("provider", "model", "base_url", "project", "location", "prompts", "transcript", "tested")
_SWITCHES = (
    "overlay",
    "crop",
    "denoise",
    "feature_rates",
    "prefer_video",
    "cover_bystanders",
    "cover_patient",
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model and how it is asked.

    `provider` is a row of `providers.PROVIDERS`, "" while the program is local only; `base_url` is for
    OpenAI-compatible servers, `project` and `location` for Vertex AI; `prompts` names a prompt set;
    `fps` is the sampling rate (Hz), `feature_rates` allows higher rates, in shorter windows, for features
    that need them; `limit` is the number of parallel requests. `overlay`, `crop` and `denoise` switch the
    enhancements, `cover_bystanders` and `cover_patient` whose heads are covered in the clips; `transcript` is
    the folder of a speech model, "" for none. `capabilities` are the results of a test of the connection,
    `tested` identifies its target. `own_price` is a price entered by the person, which takes precedence over
    list prices.
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
    cover_bystanders: bool = True
    cover_patient: bool = False
    transcript: str = ""
    capabilities: Capabilities = field(default_factory=Capabilities)
    tested: str = ""
    own_price: Price | None = None
    private_origins: tuple[str, ...] = ()
    """Origins (scheme, host, port) that the person confirmed to be in a private network, where plain http is
    allowed."""

    @property
    def target(self) -> str:
        """An identifier of what a test of the connection tests."""
        return " ".join((self.provider, self.base_url, self.project, self.location, self.model))

    @property
    def known_capabilities(self) -> Capabilities:
        """The capabilities of the model; all of them while it has not been tested."""
        return self.capabilities if self.tested == self.target else Capabilities()

    @property
    def clip_options(self) -> ClipOptions:
        """The options of the clips for the model."""
        return ClipOptions(
            pose=self.overlay,
            face=self.crop,
            denoise=self.denoise,
            transcript=self.transcript,
            cover_bystanders=self.cover_bystanders,
            cover_patient=self.cover_patient,
        )

    @property
    def with_private_origin(self) -> ModelChoice:
        """The choice with its address confirmed to be in a private network.

        Raises UserError when the address is invalid or not private.
        """
        address = parse_address(self.base_url)
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
    """The stored choice; a local-only one when there is none or it cannot be read."""
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
    """Store a choice. Raises UserError when it cannot be written."""
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
        own_price=personal_price_from(data.get("own_price")),
        private_origins=_origins(data.get("private_origins", [])),
    )


def _origins(rows: object) -> tuple[str, ...]:
    if not isinstance(rows, list):
        raise TypeError("not a list of origins")
    return tuple(str(row) for row in rows[:_MOST_PRIVATE_ORIGINS])
