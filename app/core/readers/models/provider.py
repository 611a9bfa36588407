"""The protocol of all providers of models: a request with its material, and a reply or an error.

To add a provider, write a class with this protocol and add a row to `providers.PROVIDERS`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from app.core.readers.models.verdict_tokens import VerdictShare


OfKept = tuple[int, int, float]
"""The tokens that were taken from what a service keeps, those put there, and the latter times the hours for
which they may be kept."""
NOTHING_KEPT: OfKept = (0, 0, 0.0)

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
    `most_tokens` limits an answer of which only the count of tokens is of interest, 0 for the usual limit.
    `transcript`, `enhanced` (whether skeleton, crop or denoising are included), `remarks` (how else the clip
    was made), `with_picture` (whether the picture goes along with the sound) and `upright` (whether the
    picture is turned with the head up) are used in the prompt.
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
    with_picture: bool = False
    upright: bool = False
    temperature: float | None = None
    """The temperature instead of the family's, where that takes one."""
    verdict_tokens: bool = False
    """Whether the probabilities of the verdicts' tokens are asked for."""
    most_tokens: int = 0
    kept: str = ""
    """The service's name of what it keeps, in which the media and the beginning of the prompt stand already;
    "" where everything is sent."""


@dataclass(frozen=True, slots=True)
class OfferedModel:
    """A model in a server's list: `owner` is what the server says of itself there ("" for nothing), `context`
    the most tokens of one request (0 where it does not say)."""

    name: str
    owner: str = ""
    context: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply: the raw text, the name that the model reports, and token counts where the server states
    them."""

    text: str
    served_model: str
    tokens_in: int | None = None
    tokens_out: int | None = None
    verdicts: tuple[VerdictShare, ...] = ()
    """The shares of the verdicts by their tokens, where the server gives them."""
    tokens_taken: int = 0
    """How many of the tokens in were taken from what the service keeps."""
    tokens_put: int = 0
    """How many tokens were put there for this request and the ones after it."""
    token_hours: float = 0.0
    """These times the hours for which they may be kept."""

    @property
    def of_kept(self) -> OfKept:
        """What was taken from what the service keeps, put there, and for how many token hours."""
        return self.tokens_taken, self.tokens_put, self.token_hours


@dataclass(frozen=True, slots=True)
class TokensUsed:
    """The tokens that a server counted for the `replies` in which it states them."""

    replies: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    of_kept: OfKept = NOTHING_KEPT
    """As of one reply."""

    def and_of(self, replies: Iterable[Reply]) -> TokensUsed:
        """These tokens and those of further replies."""
        more = tokens_used(replies)
        return TokensUsed(
            self.replies + more.replies,
            self.tokens_in + more.tokens_in,
            self.tokens_out + more.tokens_out,
            _sums((self.of_kept, more.of_kept)),
        )


def tokens_used(replies: Iterable[Reply]) -> TokensUsed:
    """The sum of the stated tokens."""
    stated = [reply for reply in replies if reply.tokens_in is not None]
    tokens_in = sum(reply.tokens_in or 0 for reply in stated)
    tokens_out = sum(reply.tokens_out or 0 for reply in stated)
    return TokensUsed(len(stated), tokens_in, tokens_out, _sums(reply.of_kept for reply in stated))


def _sums(rows: Iterable[OfKept]) -> OfKept:
    taken, put, token_hours = NOTHING_KEPT
    for row in rows:
        taken, put, token_hours = taken + row[0], put + row[1], token_hours + row[2]
    return taken, put, token_hours


def plausible_count(value: object) -> int | None:
    """The number of tokens that a server states; None for anything else than a plausible number."""
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return value if isinstance(value, int) and is_whole and 0 <= value < MOST_TOKENS else None


def plausible_hours(value: object) -> float:
    """A stored number of token hours; 0 for anything else than a plausible number."""
    return float(value) if isinstance(value, int | float) and 0 <= value < MOST_TOKENS else 0.0


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

    async def models(self) -> tuple[OfferedModel, ...]:
        """The offered models. Raises as `ask`."""
        ...

    async def tidy(self) -> None:
        """Delete files of earlier runs at the provider; those that cannot be deleted stay in the ledger."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


@dataclass(frozen=True, slots=True)
class KeptContent:
    """What a service keeps for further requests: its `name` there and its `tokens`, None where not stated."""

    name: str
    tokens: int | None


@runtime_checkable
class ClipKeeper(Protocol):
    """A provider whose service can keep media and the beginning of a prompt for several requests."""

    async def keep(self, material: Material, seconds: float) -> KeptContent:
        """Put the media and the prompt of `material` there for so long. Raises as `Provider.ask`, and
        UserError where the lists of it cannot be written."""
        ...

    async def release(self, names: Iterable[str], patience: float) -> None:
        """Delete what was kept, within `patience` seconds; what could not be deleted stays in the ledger."""
        ...

    async def release_all(self, patience: float) -> None:
        """As `release` for all that was put there, also where the service did not say that it keeps it."""
        ...


class WithoutServer:
    """What a provider that stands for files on this computer needs besides `ask`."""

    async def models(self) -> tuple[OfferedModel, ...]:
        """None: files offer no models."""
        return ()

    async def tidy(self) -> None:
        """Do nothing: no files are uploaded."""

    async def close(self) -> None:
        """Do nothing: there is no connection."""
