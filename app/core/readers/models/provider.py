"""The protocol of all providers of models: a request with its material, and a reply or an error.

To add a provider, write a class with this protocol and add a row to `providers.PROVIDERS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

MOST_TOKENS = 1_000_000_000
"""The limit of a plausible count of tokens."""


@dataclass(frozen=True, slots=True)
class ClipPicture:
    """One frame of a clip: `milliseconds` from its start, `jpeg` its bytes."""

    milliseconds: int
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class Material:
    """The complete content of a request; nothing else is sent.

    `video` is MP4 (H.264) sampled at `fps` (Hz), `sound` is WAV; `schema` is the JSON Schema of the answer.
    `transcript`, `enhanced` (whether skeleton, crop or denoising are included) and `remarks` (how else the
    clip was made) are used in the prompt.
    """

    prompt: str
    schema: Mapping[str, Any]
    pictures: tuple[ClipPicture, ...] = ()
    video: bytes | None = None
    fps: float = 2.0
    sound: bytes | None = None
    transcript: str = ""
    enhanced: bool = True
    remarks: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply: the raw text, the name that the model reports, and token counts where the server states
    them."""

    text: str
    served_model: str
    tokens_in: int | None = None
    tokens_out: int | None = None


def plausible_count(value: object) -> int | None:
    """The number of tokens that a server states; None for anything else than a plausible number."""
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return value if isinstance(value, int) and is_whole and 0 <= value < MOST_TOKENS else None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Supported kinds of media: for each "" if supported, else the reason why not."""

    pictures: str = ""
    video: str = ""
    sound: str = ""
    schema: str = ""


class Provider(Protocol):
    """One model at one destination. To be used inside one event loop."""

    async def ask(self, material: Material) -> Reply:
        """The reply to one request. Raises BusyError when it may be sent again, else RequestError."""
        ...

    async def models(self) -> tuple[str, ...]:
        """The names of the offered models. Raises as `ask`."""
        ...

    async def tidy(self) -> None:
        """Delete files of earlier runs at the provider; those that cannot be deleted stay in the ledger."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...
