"""A frozen video network in a folder that the user names: an ONNX file and its preprocessing as JSON.

Both come from elsewhere. The JSON is bounded and checked value by value; the network is loaded from memory,
so that it cannot name further files, and nothing but onnxruntime's own operators is run.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.bounded_json import canonical, read_json
from app.core.errors import UserError
from app.core.neural_network import load_network

FORMAT = "semioscope-backbone/1"
PREPROCESSING = "preprocessing.json"
LAYOUTS = ("NCTHW", "NTCHW")
LARGEST_MODEL = 2_000_000_000
"""Bytes; more than onnxruntime takes from memory."""
LARGEST_EMBEDDING = 8192
_LARGEST_JSON = 64 << 10

Pictures = NDArray[np.uint8]
Embedding = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """What the network is shown of a segment.

    `frames` pictures, evenly spread over a segment of `segment_seconds` that shares `overlap_seconds` with
    the next; the shorter side scaled to `resize` pixels, the middle `size` × `size` cut out; red, green and
    blue (0–1) less `mean` over `std`; axes in the order of `layout` (N 1, C colour, T time).
    """

    name: str
    model: str
    frames: int
    size: int
    resize: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    layout: str
    segment_seconds: float = 30.0
    overlap_seconds: float = 5.0


class Backbone:
    """A network that is loaded: `preprocessing`, and `digest`, a hash (16 digits) of both files."""

    def __init__(self, preprocessing: Preprocessing, content: bytes) -> None:
        """Raises UserError when the content is not a network that can be run."""
        self.preprocessing = preprocessing
        text = canonical(asdict(preprocessing)).encode()
        self.digest = hashlib.sha256(hashlib.sha256(content).digest() + text).hexdigest()[:16]
        self._session = _session(preprocessing.model, content)

    def embed(self, pictures: Pictures) -> Embedding:
        """(d,): what the network makes of `frames` pictures (t, size, size, 3) RGB. Raises UserError."""
        given = self._session.get_inputs()[0].name
        try:
            found = self._session.run(None, {given: _network_input(pictures, self.preprocessing)})[0]
        except Exception as error:  # onnxruntime's errors have no common class
            raise UserError(
                f"The network “{self.preprocessing.model}” does not take what {PREPROCESSING} describes: "
                f"{self.preprocessing.layout} of {self.preprocessing.frames} pictures of "
                f"{self.preprocessing.size} pixels."
            ) from error
        embedding = np.asarray(found, dtype=np.float64).ravel()
        if not 0 < len(embedding) <= LARGEST_EMBEDDING or not np.isfinite(embedding).all():
            raise UserError(
                f"The network “{self.preprocessing.model}” gives {len(embedding)} numbers, or numbers that "
                f"are not finite; up to {LARGEST_EMBEDDING} are taken."
            )
        return embedding


def _session(name: str, content: bytes) -> Any:
    try:
        session = load_network(content)
        if len(session.get_inputs()) != 1:
            raise ValueError("more than one input")
    except Exception as error:  # onnxruntime's errors have no common class
        raise UserError(f"“{name}” is not a network in one ONNX file that takes pictures alone.") from error
    return session


def _network_input(pictures: Pictures, preprocessing: Preprocessing) -> NDArray[np.float32]:
    mean, std = (np.array(each, np.float32) for each in (preprocessing.mean, preprocessing.std))
    values = (pictures.astype(np.float32) / 255 - mean) / std
    order = (3, 0, 1, 2) if preprocessing.layout == "NCTHW" else (0, 3, 1, 2)
    return np.ascontiguousarray(values.transpose(order)[None])


def load_backbone(folder: Path) -> Backbone:
    """The network in a folder. Raises UserError."""
    try:
        preprocessing = preprocessing_from_json(_content(folder / PREPROCESSING, _LARGEST_JSON))
    except ValueError as error:
        raise UserError(
            f"“{PREPROCESSING}” in “{folder.name}” is not understood: {error}. docs/baselines.md shows one."
        ) from error
    return Backbone(preprocessing, _content(folder / preprocessing.model, LARGEST_MODEL))


def _content(path: Path, largest: int) -> bytes:
    try:
        if path.stat().st_size > largest:
            raise UserError(f"“{path.name}” is larger than {largest} bytes.")
        return path.read_bytes()
    except OSError as error:
        raise UserError(
            f"“{path.name}” cannot be read in “{path.parent.name}”: {error.strerror or error}."
        ) from error


def preprocessing_from_json(content: bytes) -> Preprocessing:
    """The preprocessing that a file describes. Raises only ValueError."""
    data = read_json(content, largest=_LARGEST_JSON, deepest=4)
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise ValueError(f"its format is not {FORMAT}")
    layout = _text(data, "layout")
    if layout not in LAYOUTS:
        raise ValueError(f"layout is neither {' nor '.join(LAYOUTS)}")
    size = _whole(data, "size", 16, 1024)
    length = _number(data.get("segment_seconds", 30.0), 0.5, 600.0)
    return Preprocessing(
        _text(data, "name"),
        _file_name(data),
        _whole(data, "frames", 1, 256),
        size,
        _whole(data, "resize", size, 2048),
        _colours(data, "mean", -10.0),
        _colours(data, "std", 1e-3),
        layout,
        length,
        _number(data.get("overlap_seconds", 5.0), 0.0, length / 2),
    )


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str) or not 0 < len(value) <= 200:
        raise ValueError(f"{key} is not a short text")
    return value


def _file_name(data: Mapping[str, Any]) -> str:
    """The name of a file in the same folder, never a path."""
    name = _text(data, "model")
    if Path(name).name != name or "\\" in name or not name.endswith(".onnx"):
        raise ValueError("model is not the name of an ONNX file beside it")
    return name


def _whole(data: Mapping[str, Any], key: str, least: int, most: int) -> int:
    value = data.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ValueError(f"{key} is not a whole number from {least} to {most}")
    return value


def _number(value: object, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("a number is missing")
    if not (math.isfinite(value) and least <= value <= most):
        raise ValueError(f"{value:g} is not between {least:g} and {most:g}")
    return float(value)


def _colours(data: Mapping[str, Any], key: str, least: float) -> tuple[float, float, float]:
    values = data.get(key)
    if not isinstance(values, list) or len(values) != 3:
        raise ValueError(f"{key} is not three numbers, for red, green and blue")
    red, green, blue = (_number(value, least, 10.0) for value in values)
    return red, green, blue
