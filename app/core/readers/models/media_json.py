"""Media as text in JSON, which is written without looking at the media again.

A request has megabytes of pictures. `json` searches each text for what is to be escaped, in one stretch in
which no other thread of the program runs: a picture that is due meanwhile would be dropped from playback.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

_AT_A_TIME = 3 << 15
"""Bytes that are encoded in one stretch; a multiple of 3, so that only the last piece is padded."""


class MediaText(str):
    """Text of base64 and what stands around it in a data URL; nothing in it is to be escaped in JSON."""

    __slots__ = ()


def base64_text(content: bytes) -> MediaText:
    """`content` as base64."""
    return MediaText("".join(_pieces(content)))


def data_url(kind: str, *contents: bytes) -> MediaText:
    """A data URL of this media type; several contents are separated by commas."""
    parts = [f"data:{kind};base64,"]
    for number, content in enumerate(contents):
        parts.extend(["," if number else "", *_pieces(content)])
    return MediaText("".join(parts))


def _pieces(content: bytes) -> Iterator[str]:
    for start in range(0, len(content), _AT_A_TIME):
        yield base64.b64encode(content[start : start + _AT_A_TIME]).decode("ascii")


def json_bytes(body: Mapping[str, Any]) -> bytes:
    """`body` as compact JSON. Raises ValueError for a number that JSON cannot hold."""
    mark = secrets.token_hex(16)  # nothing else in a body can be equal to it
    media: list[bytes] = []

    def without_media(value: Any) -> Any:
        if isinstance(value, MediaText):
            media.append(value.encode("ascii"))
            return mark
        if isinstance(value, Mapping):
            return {key: without_media(inner) for key, inner in value.items()}
        return [without_media(inner) for inner in value] if isinstance(value, list | tuple) else value

    text = json.dumps(without_media(body), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    between = text.encode().split(mark.encode())
    return b"".join(part for pair in zip(between, [*media, b""], strict=True) for part in pair)
