"""The kinds of servers of models, and which option of each changes what it takes in one request.

The table is `servers.toml`. A server is recognised by what it says of itself in its list of models.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

UNKNOWN_SERVER = "unknown"


@dataclass(frozen=True, slots=True)
class ServerKind:
    """A kind of server: the settings for the `context` of a request, the number of media `items`, and the
    number of `frames` of a video; "" where it has none. The fields are as in `servers.toml`."""

    id: str
    name: str
    owners: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    context: str = ""
    items: str = ""
    frames: str = ""
    sources: tuple[str, ...] = ()

    def raise_context(self, tokens: int) -> str:
        """What to do so that a request of so many tokens fits, as a sentence."""
        return self._sentence(self.context, tokens=whole_context(tokens))

    def raise_items(self, kind: str, number: int) -> str:
        """What to do so that a request may hold so many `image`, `video` or `audio`."""
        return self._sentence(self.items, kind=kind, frames=number)

    def raise_frames(self) -> str:
        """What to do so that a video keeps all its frames."""
        return self._sentence(self.frames)

    def _sentence(self, setting: str, **values: object) -> str:
        if not setting:
            return ""
        said = setting.format(**values)
        return f"Raise {said}." if self.id == UNKNOWN_SERVER else f"Start {self.name} with {said}."


def whole_context(tokens: int) -> int:
    """The context to set for a request of so many tokens: the next power of two."""
    return 1 << max(12, math.ceil(math.log2(max(tokens, 1))))


def server_kind(owners: Iterable[str], family: str) -> ServerKind:
    """The kind of a server by the owners in its list of models, else by the family of its model."""
    said = {owner.lower() for owner in owners}
    for row in SERVERS:
        if said & set(row.owners):
            return row
    return next((row for row in SERVERS if family in row.families), SERVERS[-1])


_TOO_LONG = re.compile(
    r"(?i)context (?:length|size|window)|maximum model length|max_model_len|n_ctx|session_len|too many tokens"
)
_TOO_MANY = re.compile(r"(?i)at most \d+ (image|video|audio)|(image|video|audio) count \d+ exceeds")


def advice_on_refusal(said: str, kind: ServerKind, tokens: int, frames: int) -> str:
    """What to change on the server after it refused a request of so many tokens and frames in these words; ""
    where they do not tell."""
    many = _TOO_MANY.search(said)
    if many:
        what = (many[1] or many[2]).lower()
        return kind.raise_items(what, frames if what == "image" else 1)
    return kind.raise_context(tokens) if _TOO_LONG.search(said) else ""


def _built_in() -> tuple[ServerKind, ...]:
    text = resources.files("app.core.readers.models").joinpath("servers.toml").read_text(encoding="utf-8")
    rows: Sequence[Mapping[str, Any]] = tomllib.loads(text)["server"]
    return tuple(map(_row, rows))


def _row(data: Mapping[str, Any]) -> ServerKind:
    lists = {key: tuple(value) for key, value in data.items() if isinstance(value, list)}
    return ServerKind(**{**data, **lists})


SERVERS: tuple[ServerKind, ...] = _built_in()
"""All kinds; the last one stands for every other server."""
