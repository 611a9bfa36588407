"""A tiny video network as ONNX, written byte by byte: the mean of each colour over time and place."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

FRAMES, SIZE = 4, 16


def number(value: int) -> bytes:
    """A number as protobuf writes it."""
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def field(place: int, value: int | str | bytes) -> bytes:
    """A field of a protobuf message: a number, or text or a message with its length."""
    if isinstance(value, int):
        return number(place << 3) + number(value)
    content = value.encode() if isinstance(value, str) else value
    return number(place << 3 | 2) + number(len(content)) + content


def tensor(name: str, shape: Sequence[int]) -> bytes:
    """A named input or output of 32-bit numbers."""
    sides = b"".join(field(1, field(1, side)) for side in shape)
    return field(1, name) + field(2, field(1, field(1, 1) + field(2, sides)))


def node(kind: str, given: str, made: str) -> bytes:
    return field(1, given) + field(2, made) + field(4, kind)


def numbers_elsewhere(place: str) -> bytes:
    """Three numbers that a network is to add, and that stand in the file at `place`."""
    entry = field(1, "location") + field(2, place)
    added = field(1, 3) + field(2, 1) + field(8, "added") + field(13, entry) + field(14, 1)
    both = field(1, "pictures means") + field(1, "added")
    return field(5, added) + field(1, both + field(2, "embedding") + field(4, "Add"))


def network(shape: Sequence[int] = (1, 3, FRAMES, SIZE, SIZE), further: bytes = b"") -> bytes:
    """The network as a model of ONNX; `further` fields of its graph make the embedding of the means."""
    graph = (
        field(1, node("GlobalAveragePool", "pictures", "pooled"))
        + field(1, node("Flatten", "pooled", "pictures means" if further else "embedding"))
        + field(2, "tiny")
        + further
        + field(11, tensor("pictures", shape))
        + field(12, tensor("embedding", (1, shape[1])))
    )
    return field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, 13))


def write_network(folder: Path, **changed: Any) -> Path:
    """A folder with the network and its preprocessing."""
    folder.mkdir(exist_ok=True)
    (folder / "tiny.onnx").write_bytes(network())
    preprocessing = {
        "format": "semioscope-backbone/1",
        "name": "Tiny",
        "model": "tiny.onnx",
        "frames": FRAMES,
        "size": SIZE,
        "resize": 20,
        "mean": [0.0, 0.0, 0.0],
        "std": [1.0, 1.0, 1.0],
        "layout": "NCTHW",
        "segment_seconds": 2.0,
        "overlap_seconds": 0.5,
    }
    text = json.dumps(preprocessing | changed)
    (folder / "preprocessing.json").write_text(text, encoding="utf-8")
    return folder
