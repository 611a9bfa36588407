"""The chosen model and how it is asked, stored without its key in a separate file of the settings folder."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from app.core.account_file import UnreadableFileError, read_account_file, read_before_writing
from app.core.atomic import write_atomically
from app.core.bounded_json import read_json
from app.core.clips.clip import ClipOptions
from app.core.enhance.enhancement import Enhancement
from app.core.errors import UserError
from app.core.folders import MODEL_CHOICE, settings_folder
from app.core.plain_text import plain
from app.core.privacy.address import parse_address
from app.core.readers.models.families import Family, family_of
from app.core.readers.models.merge_rule import ANY, merge_rule
from app.core.readers.models.prices import Price, personal_price_from
from app.core.readers.models.provider import Capabilities
from app.core.readers.models.reading_range import RangeKind, parse_range
from app.core.readers.models.request_plan import HIGHEST_FPS, LOWEST_FPS, AskingMode
from app.core.semiology import ConfidenceKind

SHORTEST_DEADLINE, LONGEST_DEADLINE = 10.0, 7200.0
"""The range of the time in seconds that one request may take."""

HIGHEST_CEILING = 1_000_000.0
MOST_TIMES_ASKED = 15

_LONGEST_LIST = 32
_TEXTS = (
    *("provider", "model", "base_url", "project", "location", "prompts", "transcript", "tested", "family"),
    "range",
)
_SWITCHES = (
    "overlay",
    "crop",
    "denoise",
    "feature_rates",
    "two_passes",
    "prefer_video",
    "cover_bystanders",
    "cover_patient",
    "cover_text",
    "beside",
    "with_picture",
    "tell_event",
    "tell_earlier",
    "keep_clips",
)
_OFF_BEFORE = dict.fromkeys(("with_picture", "two_passes", "tell_earlier", "keep_clips"), False)
"""Switches that came later and are on by default; settings that do not name them were made without."""
_NOT_COVERED_BEFORE = {"cover_text": False}
"""What is asked from now on covers text unless it was switched off; what was asked before did not."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model and how it is asked.

    `provider` is a row of `providers.PROVIDERS`, "" while the program is local only; `base_url` is for
    OpenAI-compatible servers, `project` and `location` for Vertex AI; `prompts` names a prompt set; `fps`
    is the sampling rate (Hz), `feature_rates` allows higher rates, in shorter windows, for features that
    need them; `limit` is the number of parallel requests, `deadline` the time in seconds that one may take,
    repeats included. `overlay`, `crop` and `denoise` switch the enhancements, `cover_bystanders` and
    `cover_patient` whose heads are covered in the clips, `cover_text` what can be read; `transcript` is the
    folder of a speech model, "" for none. `beside` draws the skeleton over a second picture below the plain
    one, `with_picture` shows the picture along with the sound where the family takes both and the picture is
    asked about, too. `range` is the part that is read, as `ReadingRange.text`; `tell_event` tells when the
    event begins and ends by the marks of the person who asks, `tell_earlier` what earlier segments found.
    `keep_clips` lets the service keep a clip while several requests ask about it, where that saves money.
    `capabilities` are the results of a test of the connection, `tested` identifies its target. `family` is
    the id of a family of models chosen by the person, "" to go by the model's name. `own_price` is a price
    entered by the person, which takes precedence over list prices; `most_cost` is the most that one run may
    cost in that currency, None for no ceiling.
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
    deadline: float = 240.0
    prefer_video: bool = False
    feature_rates: bool = False
    two_passes: bool = True
    """Whether higher rates are asked for only where the pose moves quickly, after a plain pass."""
    overlay: bool = False
    crop: bool = True
    denoise: bool = False
    cover_bystanders: bool = True
    cover_patient: bool = False
    cover_text: bool = True
    transcript: str = ""
    beside: bool = False
    with_picture: bool = True
    range: str = RangeKind.WHOLE.value
    tell_event: bool = False
    tell_earlier: bool = True
    keep_clips: bool = True
    capabilities: Capabilities = field(default_factory=Capabilities)
    tested: str = ""
    family: str = ""
    own_price: Price | None = None
    confidence: ConfidenceKind = ConfidenceKind.STATED
    """What the confidence of an answer is; `SCALED` is nothing that a model can be asked for."""
    times_asked: int = 5
    """How often the same is asked where confidence is a share of repeats; an odd number decides."""
    merging: str = ANY
    """The name of the rule by which segments become one answer (`merge_rule`)."""
    wordings: tuple[str, ...] = ()
    """Further prompt sets that repeats take in turn: their share is then one of paraphrases, too."""
    most_cost: float | None = None
    private_origins: tuple[str, ...] = ()
    """Origins (scheme, host, port) that the person confirmed to be in a private network, where plain http is
    allowed."""

    @property
    def target(self) -> str:
        """An identifier of what a test of the connection tests."""
        parts = (self.provider, self.base_url, self.project, self.location, self.model)
        return " ".join((*parts, self.family) if self.family else parts)

    @property
    def model_family(self) -> Family:
        """The family of the model."""
        return family_of(self.provider, self.model, self.family)

    @property
    def local_only(self) -> bool:
        """Whether no model is set up, so that nothing can leave this machine."""
        return not self.provider


def clip_options_of(choice: ModelChoice) -> ClipOptions:
    """The options of the clips for the model."""
    return ClipOptions(
        pose=choice.overlay,
        face=choice.crop,
        denoise=choice.denoise,
        transcript=choice.transcript,
        side=choice.model_family.side,
        face_side=choice.model_family.face_side,
        cover_bystanders=choice.cover_bystanders,
        cover_patient=choice.cover_patient,
        cover_text=choice.cover_text,
        beside=choice.beside and choice.overlay,
    )


def known_capabilities(choice: ModelChoice) -> Capabilities:
    """The capabilities of the chosen model; all of them while it has not been tested."""
    return choice.capabilities if choice.tested == choice.target else Capabilities()


def asks_about_picture(choice: ModelChoice) -> bool:
    """Whether the picture itself is asked about; where it is not, it does not go along with the sound."""
    return bool({Enhancement.POSE, Enhancement.FACE} & set(choice.enhancements))


def needs_marks(choice: ModelChoice) -> bool:
    """Whether the person's marks of onset and end are used."""
    return choice.tell_event or parse_range(choice.range).kind is RangeKind.EVENT


def looks_twice(choice: ModelChoice) -> bool:
    """Whether chosen windows at a high rate are asked about besides all segments: then these are not in one
    order, and no prompt says what earlier ones found."""
    return choice.feature_rates and choice.two_passes


def repeats_of(choice: ModelChoice) -> int:
    """How often each request is sent."""
    return choice.times_asked if choice.confidence is ConfidenceKind.REPEATS else 1


def for_any_recording(choice: ModelChoice) -> ModelChoice:
    """The choice without what holds for one recording: a part of it, and marks."""
    return replace(choice, range=RangeKind.WHOLE.value, tell_event=False)


def with_private_origin(choice: ModelChoice) -> ModelChoice:
    """The choice with its address confirmed to be in a private network.

    Raises UserError when the address is invalid or not private.
    """
    address = parse_address(choice.base_url)
    if not address.may_be_private:
        raise UserError(f"{address.name} is not an address in a private network.")
    if address.origin in choice.private_origins:
        return choice
    kept = (*choice.private_origins, address.origin)[-_LONGEST_LIST:]
    return replace(choice, private_origins=kept)


def load_choice(folder: Path | None = None) -> ModelChoice:
    """The stored choice; a local-only one when there is none, or it cannot be read."""
    try:
        return stored_choice(folder)
    except UnreadableFileError:
        return ModelChoice()


def stored_choice(folder: Path | None = None) -> ModelChoice:
    """The stored choice; a local-only one when there is none. Raises UnreadableFileError."""
    return read_account_file((folder or settings_folder()) / MODEL_CHOICE, _parsed) or ModelChoice()


def save_choice(choice: ModelChoice, folder: Path | None = None, *, seen: bool = True) -> None:
    """Store a choice. Raises UserError when it cannot be written, or the former one neither read nor set
    aside; and, where the former one was not `seen` because it could not be read, when it can be now."""
    if parse_range(choice.range).kind is RangeKind.SPAN:
        # A span is one of this recording, and would be another stretch of the next one.
        choice = replace(choice, range=RangeKind.WHOLE.value)
    path = (folder or settings_folder()) / MODEL_CHOICE
    former = read_before_writing(path, _parsed)
    if former is not None and not seen:
        raise UserError(
            "The stored settings of the model could not be read when you chose others, and can be read now. "
            "They apply, and were not replaced; set up the model again to change them."
        )
    write_atomically(path, choice_text(choice).encode(), private=True)


def choice_text(choice: ModelChoice) -> str:
    """The choice as a JSON text, which holds no key."""
    return json.dumps(asdict(choice), indent=2)


def choice_from_text(text: str) -> ModelChoice:
    """The inverse of `choice_text`, also of an earlier version. Raises UserError for anything else."""
    try:
        return _choice_in(text.encode(), _OFF_BEFORE | _NOT_COVERED_BEFORE)
    except (ValueError, TypeError, AttributeError) as error:
        raise UserError("What was asked cannot be read.") from error


def _parsed(content: bytes) -> ModelChoice:
    """The choice of a settings file. Raises as `_choice_in`."""
    return _choice_in(content, _OFF_BEFORE)


def _choice_in(content: bytes, before: Mapping[str, object]) -> ModelChoice:
    """The choice, with what was `before` for what it does not name. Raises ValueError, TypeError,
    AttributeError, UserError."""
    data = read_json(content)
    if not isinstance(data, dict):
        raise TypeError("not a choice")
    return _from({**before, **data})


def _from(data: Mapping[str, object]) -> ModelChoice:
    default = ModelChoice()
    if set(data) - {field.name for field in fields(ModelChoice)}:
        _log.info("the chosen model has settings of a newer version")
    texts: dict[str, Any] = {name: str(data.get(name, getattr(default, name))) for name in _TEXTS}
    texts["range"] = _valid_range(texts["range"])
    switches: dict[str, Any] = {name: data.get(name, getattr(default, name)) is True for name in _SWITCHES}
    enhancements = data.get("enhancements", list(default.enhancements))
    if not isinstance(enhancements, list):
        raise TypeError("not a choice")
    taken = data.get("capabilities", {})
    if not isinstance(taken, dict):
        raise TypeError("not capabilities")
    return ModelChoice(
        **texts,
        **switches,
        mode=AskingMode(str(data.get("mode", default.mode))),
        enhancements=tuple(Enhancement(str(name)) for name in enhancements),
        fps=_number(data, "fps", default.fps, LOWEST_FPS, HIGHEST_FPS),
        limit=round(_number(data, "limit", default.limit, 1, 16)),
        deadline=_number(data, "deadline", default.deadline, SHORTEST_DEADLINE, LONGEST_DEADLINE),
        capabilities=Capabilities(
            **{row.name: plain(str(taken.get(row.name, "")), 300) for row in fields(Capabilities)}
        ),
        own_price=personal_price_from(data.get("own_price")),
        most_cost=_most_cost(data.get("most_cost")),
        confidence=ConfidenceKind(str(data.get("confidence", default.confidence))),
        times_asked=_whole(data.get("times_asked", default.times_asked), 2, MOST_TIMES_ASKED),
        merging=merge_rule(str(data.get("merging", default.merging))).name,
        wordings=_texts(data.get("wordings", [])),
        private_origins=_texts(data.get("private_origins", [])),
    )


def _valid_range(text: str) -> str:
    try:
        return parse_range(text).text
    except UserError:
        return RangeKind.WHOLE.value


def _number(data: Mapping[str, object], name: str, default: float, low: float, high: float) -> float:
    """A number of a settings file within its range. Raises TypeError for anything else."""
    value = data.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("not a choice")
    return float(min(max(value, low), high))


def _most_cost(value: object) -> float | None:
    return None if value is None else _number({"most_cost": value}, "most_cost", 0.0, 0.0, HIGHEST_CEILING)


def _whole(value: object, low: int, high: int) -> int:
    """The number within its limits. Raises TypeError when it is none."""
    if not isinstance(value, int):
        raise TypeError("not a whole number")
    return min(max(value, low), high)


def _texts(rows: object) -> tuple[str, ...]:
    if not isinstance(rows, list):
        raise TypeError("not a list of texts")
    return tuple(str(row) for row in rows[:_LONGEST_LIST])
