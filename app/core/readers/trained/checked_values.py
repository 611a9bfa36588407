"""Values of files from elsewhere, each checked for its type and bounds; and linear models in such files.

All but `read_checked` raise ValueError with a phrase that says what is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from app.core.bounded_json import read_json
from app.core.errors import UserError
from app.core.readers.trained.linear_model import LinearModel
from app.core.regular_file import read_at_most

T = TypeVar("T")

MOST_INPUTS = 8192
MOST_COUNTED = 100_000
MOST_NAMED = 64
LONGEST_TEXT = 800
LONGEST_KEY = 200
_FARTHEST = 1e12
_ARRAYS = ("fill", "mean", "scale", "weights")
_NUMBERS = ("intercept", "slope", "offset", "threshold")


def read_checked(path: Path, largest: int, what: str, made_of: Callable[[Mapping[str, Any]], T]) -> T:
    """What `made_of` gives for the JSON object in a file of at most `largest` bytes; `what` it should be.

    Raises UserError for a file out of bounds, and where `made_of` raises ValueError.
    """
    data = _bounded_content(path, largest, what)
    try:
        return made_of(data)
    except ValueError as error:
        raise UserError(f"“{path.name}” is not {what}: {error}.") from error


def _bounded_content(path: Path, largest: int, what: str) -> dict[str, Any]:
    """The JSON object in a file of at most `largest` bytes; `what` it should be. Raises UserError."""
    try:
        found = read_json(read_at_most(path, largest), largest=largest)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UserError(f"“{path.name}” cannot be read: {reason}.") from error
    except ValueError as error:
        raise UserError(f"“{path.name}” is not {what}: it is not JSON, or too large.") from error
    if not isinstance(found, dict):
        raise UserError(f"“{path.name}” is not {what}: it is not an object of JSON.")
    return found


def object_of(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{what[:40]} is not an object")
    return value


def text_of(data: Mapping[str, Any], key: str) -> str:
    return short_text(data.get(key))


def short_text(value: object) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise ValueError("a text is missing or too long")
    return value


def number_of(data: Mapping[str, Any], key: str) -> float:
    value = data.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{key[:40]} is not a number")
    if not math.isfinite(value) or abs(value) > _FARTHEST:
        raise ValueError(f"{key[:40]} is out of bounds")
    return float(value)


def count_of(data: Mapping[str, Any], key: str) -> int:
    value = data.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_COUNTED:
        raise ValueError(f"{key[:40]} is not a count")
    return value


def numbers_by_name(value: object, what: str) -> dict[str, float]:
    """Named numbers, at most `MOST_NAMED`."""
    data = object_of(value, what)
    if len(data) > MOST_NAMED or any(len(key) > LONGEST_KEY for key in data):
        raise ValueError(f"{what} holds too much")
    return {key: number_of(data, key) for key in data}


def numbers_of(value: object, count: int) -> NDArray[np.float64]:
    """(count,) numbers."""
    if not isinstance(value, list) or len(value) != count:
        raise ValueError("a list has not as many numbers as it should")
    if any(isinstance(one, bool) or not isinstance(one, int | float) for one in value):
        raise ValueError("a list holds something that is not a number")
    found = np.array(value, dtype=np.float64)
    if not np.isfinite(found).all() or (np.abs(found) > _FARTHEST).any():
        raise ValueError("a number is out of bounds")
    return found


def model_to_dict(model: LinearModel) -> dict[str, Any]:
    """A linear model as a dictionary of JSON values."""
    return {
        "inputs": list(model.inputs),
        **{name: getattr(model, name).tolist() for name in _ARRAYS},
        **{name: getattr(model, name) for name in _NUMBERS},
    }


def model_from_dict(data: Mapping[str, Any]) -> LinearModel:
    """The inverse of `model_to_dict`."""
    names = data.get("inputs")
    if not isinstance(names, list) or not 0 < len(names) <= MOST_INPUTS:
        raise ValueError(f"a model has no inputs, or more than {MOST_INPUTS}")
    if len(set(map(str, names))) != len(names):
        raise ValueError("a model names an input twice")
    fill, mean, scale, weights = (numbers_of(data.get(name), len(names)) for name in _ARRAYS)
    if (scale <= 0).any():
        raise ValueError("a scale is not above 0")
    intercept, slope, offset, threshold = (number_of(data, name) for name in _NUMBERS)
    if not 0 <= threshold <= 1:
        raise ValueError("a threshold is not between 0 and 1")
    inputs = tuple(short_text(name) for name in names)
    return LinearModel(inputs, fill, mean, scale, weights, intercept, slope, offset, threshold)
