"""What every provider of models offers: one question with its material, one reply or a reason why not.

Adding a provider is one file with a class of this shape and one row in `run.PROVIDERS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Picture:
    """One frame of a clip: `milliseconds` from its start, `jpeg` its bytes."""

    milliseconds: int
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that one request holds; nothing else is sent.

    `video` is MP4 (H.264) sampled at `fps` (Hz), `sound` is WAV; `schema` is the JSON Schema of the answer.
    """

    prompt: str
    schema: Mapping[str, Any]
    pictures: tuple[Picture, ...] = ()
    video: bytes | None = None
    fps: float = 2.0
    sound: bytes | None = None

    @property
    def size(self) -> int:
        """Bytes of media in it, each kind counted once although a provider sends pictures or video."""
        return sum(len(picture.jpeg) for picture in self.pictures) + len(self.sound or b"")


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
        """Send one request. Raises BusyError when it may be sent again, WireError otherwise."""
        ...

    async def close(self) -> None:
        """Give connections back and remove what was left with the provider."""
        ...
