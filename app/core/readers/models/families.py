"""The families of models: how each is given a clip, what it costs in tokens, and how it is asked.

The table is `families.toml`. A family is chosen by the model's name, or by the person.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import resources
from types import MappingProxyType
from typing import Any

from app.core.readers.models.provider import Capabilities
from app.core.readers.models.time_notation import TimeNotation

UNKNOWN = "unknown"
_NO_OPTIONS: Mapping[str, Any] = MappingProxyType({})


class ClipForm(StrEnum):
    """How a clip is given: one `VIDEO` file, its `FRAMES` as JPEGs that the server takes as one video (vLLM),
    or single `PICTURES`."""

    VIDEO = "video"
    FRAMES = "frames"
    PICTURES = "pictures"


class FormulaKind(StrEnum):
    """`CONSTANT` tokens for each frame, `PATCHES` by the area in squares of `unit` pixels, or `TILES`."""

    CONSTANT = "constant"
    PATCHES = "patches"
    TILES = "tiles"


@dataclass(frozen=True, slots=True)
class TokenFormula:
    """The published number of tokens of pictures.

    `extra` tokens stand around each picture (or step of a video). A video takes `frames_per_step` frames
    together. Sizes are rounded to whole units (up with `round_up`), within the limits in pixels for a picture
    and for a whole video (0 for no limit). `factor` multiplies the result.
    """

    kind: FormulaKind
    tokens: int = 0
    extra: int = 0
    unit: int = 28
    frames_per_step: int = 1
    round_up: bool = False
    fewest_pixels: int = 0
    most_pixels: int = 0
    most_video_pixels: int = 0
    tile: int = 512
    most_side: int = 0
    most_short_side: int = 0
    factor: float = 1.0

    def of(self, frames: int, width: int, height: int, *, as_video: bool) -> int:
        """The tokens of `frames` pictures of this size, given as one video or singly."""
        steps = math.ceil(frames / self.frames_per_step) if as_video else frames
        limit = self.most_pixels
        if as_video and self.most_video_pixels:
            limit = min(limit, self.most_video_pixels // max(frames, 1))
        return steps * (math.ceil(self._picture(width, height, limit) * self.factor) + self.extra)

    def _picture(self, width: int, height: int, limit: int) -> int:
        if self.kind is FormulaKind.CONSTANT:
            return self.tokens
        if self.kind is FormulaKind.TILES:
            return self.tokens * self._tiles(width, height)
        return self._patches(width, height, limit)

    def _patches(self, width: int, height: int, limit: int) -> int:
        """As `smart_resize` of Qwen's processors: rounded to units, then brought within the limits."""
        whole = math.ceil if self.round_up else round
        columns, rows = (max(1, whole(side / self.unit)) for side in (width, height))
        area = columns * rows * self.unit**2
        if limit and area > limit:
            scale = math.sqrt(width * height / limit)
            columns, rows = (max(1, math.floor(side / scale / self.unit)) for side in (width, height))
        elif area < self.fewest_pixels:
            scale = math.sqrt(self.fewest_pixels / (width * height))
            columns, rows = (math.ceil(side * scale / self.unit) for side in (width, height))
        return columns * rows

    def _tiles(self, width: int, height: int) -> int:
        scale = min(1.0, self.most_side / max(width, height), self.most_short_side / min(width, height))
        return math.prod(math.ceil(round(side * scale) / self.tile) for side in (width, height))


@dataclass(frozen=True, slots=True)
class Family:
    """One family of models.

    `names` are patterns of model names; with `providers` the row is also for any name of these (where
    `any_name_of_provider`). `side` and `face_side` are the longer side of a whole picture and the side of a
    face crop in pixels. `together`: picture and sound are taken in one request. `sound` is in tokens a
    second. `context` is the usual limit of a request in tokens (0 where the server's own decides), raised
    by `context_option`. `schema` is `response_format`, or `prompt` for servers that take none. `options` go
    into every request, `frame_options` into one whose clip is given as frames, `picture_options` beside
    each picture; `$frames`, `$fps`, `$indices` and `$seconds` stand for those of the clip. `thought_tokens`
    may be used before the answer. `fewest_kept` is the fewest tokens that the service keeps for further
    requests (0 where it keeps none).
    """

    id: str
    name: str
    names: tuple[str, ...]
    clip: ClipForm
    times: TimeNotation
    side: int
    face_side: int
    formula: TokenFormula
    sound: float = 0.0
    providers: tuple[str, ...] = ()
    any_name_of_provider: bool = False
    takes_pictures: bool = True
    takes_video: bool = True
    takes_sound: bool = True
    together: bool = False
    context: int = 0
    context_option: str = ""
    schema: str = "response_format"
    answer_limit: str = "max_tokens"
    thought_tokens: int = 1024
    options: Mapping[str, Any] = field(default_factory=lambda: _NO_OPTIONS)
    frame_options: Mapping[str, Any] = field(default_factory=lambda: _NO_OPTIONS)
    picture_options: Mapping[str, Any] = field(default_factory=lambda: _NO_OPTIONS)
    fewest_kept: int = 0
    note: str = ""
    sources: tuple[str, ...] = ()

    def fits(self, provider: str, model: str) -> bool:
        """Whether a model of this name belongs to the family."""
        if self.any_name_of_provider and provider in self.providers:
            return True
        return any(re.search(pattern, model, re.IGNORECASE) for pattern in self.names)

    def answer_tokens(self, questions: int) -> int:
        """The limit of tokens of an answer to so many questions, thoughts included."""
        return _TOKENS_AROUND + _MOST_TOKENS_PER_ANSWER * questions + self.thought_tokens

    @property
    def refuses_pictures(self) -> str:
        """The reason why no pictures are sent; "" where they are."""
        return "" if self.takes_pictures else f"{self.name} takes no pictures."

    @property
    def refuses_video(self) -> str:
        """The reason why no video is sent; "" where it is."""
        taken = self.takes_pictures and self.takes_video
        return "" if taken else f"{self.name} takes no video."

    @property
    def refuses_sound(self) -> str:
        """The reason why no sound is sent; "" where it is."""
        return "" if self.takes_sound else f"{self.name} takes no sound."


_TOKENS_AROUND = 256
_MOST_TOKENS_PER_ANSWER = 320
"""60 words of explanation, the keys, and some spans."""


def family_of(provider: str, model: str, chosen: str = "") -> Family:
    """The family of a model: the `chosen` one (an id), else by its name."""
    # A service of one family has no other models, and other servers do not take what that service takes.
    is_service = any(provider in row.providers for row in FAMILIES.values())
    rows = {row.id: row for row in FAMILIES.values() if bool(row.providers) == is_service}
    if chosen in rows:
        return rows[chosen]
    return next((row for row in rows.values() if row.fits(provider, model)), FAMILIES[UNKNOWN])


def clip_form(family: Family, capabilities: Capabilities, *, prefer_video: bool = False) -> ClipForm | None:
    """How a clip is given to a model of the family that takes these kinds of media; None where it takes none
    that the program can send."""
    takes_video = family.takes_video and not capabilities.video
    takes_pictures = family.takes_pictures and not capabilities.pictures
    if not family.takes_pictures:
        return None
    if takes_video and prefer_video:
        return ClipForm.VIDEO
    if takes_video and family.clip is not ClipForm.PICTURES:
        return family.clip
    if takes_pictures:
        return ClipForm.PICTURES
    # A server that accepts no pictures may still accept a video.
    return ClipForm.VIDEO if takes_video else None


def filled_options(options: Mapping[str, Any], frames: int, fps: float) -> dict[str, Any]:
    """Options of the table with the clip's own values."""
    values = {
        "$frames": frames,
        "$fps": fps,
        "$indices": list(range(frames)),
        "$seconds": frames / fps,
    }
    return {key: _filled(value, values) for key, value in options.items()}


def _filled(value: object, values: Mapping[str, Any]) -> Any:
    if isinstance(value, Mapping):
        return {key: _filled(one, values) for key, one in value.items()}
    return values.get(value, value) if isinstance(value, str) else value


def _row(data: Mapping[str, Any]) -> Family:
    formula = {**data["formula"], "kind": FormulaKind(data["formula"]["kind"])}
    lists = {key: tuple(data[key]) for key in ("names", "providers", "sources") if key in data}
    made = {
        **data,
        **lists,
        "clip": ClipForm(data["clip"]),
        "times": TimeNotation(data["times"]),
        "formula": TokenFormula(**formula),
    }
    return Family(**made)


def _built_in() -> dict[str, Family]:
    text = resources.files("app.core.readers.models").joinpath("families.toml").read_text(encoding="utf-8")
    rows: Sequence[Mapping[str, Any]] = tomllib.loads(text)["family"]
    return {row.id: row for row in map(_row, rows)}


FAMILIES: dict[str, Family] = _built_in()
"""All families by id, in the order in which names are compared."""
