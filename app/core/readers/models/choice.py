"""Which model was chosen and how it is asked: remembered without its key, in a file of its own."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from app.core.atomic import write_atomically
from app.core.enhance.enhancement import Enhancement
from app.core.folders import settings_folder
from app.core.readers.models.plan import Mode

FILE_NAME = "model.json"

_TEXTS = ("provider", "model", "base_url", "project", "location")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model and how it is asked.

    `provider` is a row of `providers.PROVIDERS`, "" while the program is local only; `base_url` is for
    OpenAI-compatible servers, `project` and `location` for Vertex AI; `prompts` names a prompt set;
    `fps` is the sampling rate (Hz); `limit` how many requests run at once.
    """

    provider: str = ""
    model: str = ""
    base_url: str = ""
    project: str = ""
    location: str = ""
    prompts: str = "expert"
    mode: Mode = Mode.GROUPED
    enhancements: tuple[Enhancement, ...] = tuple(Enhancement)
    fps: float = 2.0
    limit: int = 4
    prefer_video: bool = False

    @property
    def local_only(self) -> bool:
        """Whether no model is set up, so that nothing can leave this machine."""
        return not self.provider


def load_choice(folder: Path | None = None) -> ModelChoice:
    """The remembered choice; local only when there is none or it cannot be read."""
    path = (folder or settings_folder()) / FILE_NAME
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return _from(data)
    except FileNotFoundError:
        return ModelChoice()
    except (OSError, ValueError, TypeError, AttributeError) as error:
        _log.warning("the chosen model could not be read: %s", type(error).__name__)
        return ModelChoice()


def save_choice(choice: ModelChoice, folder: Path | None = None) -> None:
    """Remember a choice. Raises UserError when it cannot be written."""
    text = json.dumps(asdict(choice), indent=2)
    write_atomically((folder or settings_folder()) / FILE_NAME, text.encode())


def _from(data: Mapping[str, object]) -> ModelChoice:
    texts = {
        name: str(data.get(name, "")) for name in ("provider", "model", "base_url", "project", "location")
    }
    default = ModelChoice()
    known = {field.name for field in fields(ModelChoice)}
    if set(data) - known:
        _log.info("the chosen model has settings of a newer version")
    enhancements = data.get("enhancements", list(default.enhancements))
    fps, limit = data.get("fps", default.fps), data.get("limit", default.limit)
    if not isinstance(enhancements, list) or not isinstance(fps, int | float) or not isinstance(limit, int):
        raise TypeError("not a choice")
    return ModelChoice(
        **texts,
        prompts=str(data.get("prompts", default.prompts)),
        mode=Mode(str(data.get("mode", default.mode))),
        enhancements=tuple(Enhancement(str(name)) for name in enhancements),
        fps=min(max(float(fps), 0.2), 30.0),
        limit=min(max(limit, 1), 16),
        prefer_video=data.get("prefer_video") is True,
    )
