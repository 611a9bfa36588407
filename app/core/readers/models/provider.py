"""What every provider of models offers: one question with its material, one reply or a reason why not.

Adding a provider is one file with a class of this shape and one row in `providers.PROVIDERS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class ClipPicture:
    """One frame of a clip: `milliseconds` from its start, `jpeg` its bytes."""

    milliseconds: int
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that one request holds; nothing else is sent.

    `video` is MP4 (H.264) sampled at `fps` (Hz), `sound` is WAV; `schema` is the JSON Schema of the answer.
    `transcript` and `enhanced` (whether skeleton, crop or denoising are in it) go into the prompt's words.
    """

    prompt: str
    schema: Mapping[str, Any]
    pictures: tuple[ClipPicture, ...] = ()
    video: bytes | None = None
    fps: float = 2.0
    sound: bytes | None = None
    transcript: str = ""
    enhanced: bool = True


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the raw text, the model that says it answered, and tokens where they were counted."""

    text: str
    served_model: str
    tokens_in: int | None = None
    tokens_out: int | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a model or server takes, each with the reason when it does not (empty when it does)."""

    pictures: str = ""
    video: str = ""
    sound: str = ""
    schema: str = ""


class Provider(Protocol):
    """One model at one destination. Used inside one asyncio loop."""

    async def ask(self, material: Material) -> Reply:
        """Send one request. Raises BusyError when it may be sent again, RequestError otherwise."""
        ...

    async def models(self) -> tuple[str, ...]:
        """The names of the models that are offered. Raises as `ask`."""
        ...

    async def tidy(self) -> None:
        """Delete what earlier runs left with the provider; what cannot be deleted stays in the ledger."""
        ...

    async def close(self) -> None:
        """Give connections back."""
        ...
