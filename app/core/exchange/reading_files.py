"""Readings in separate files: one file, or a folder of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from app.core.errors import UserError
from app.core.exchange.codec import load
from app.core.reading import Reading, from_json


def read_readings(paths: Iterable[Path]) -> list[Reading]:
    """Every reading of these files and folders (`*.json`). Raises UserError naming the file."""
    found: list[Reading] = []
    for path in paths:
        files = sorted(path.glob("*.json")) if path.is_dir() else [path]
        if not files:
            raise UserError(f"The folder “{path.name}” holds no readings (*.json).")
        found += [_reading(file) for file in files]
    return found


def _reading(path: Path) -> Reading:
    content = load(path).content
    try:
        return from_json(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UserError(f"“{path.name}” is not text in UTF-8.") from error
    except UserError as error:
        raise UserError(f"“{path.name}”: {error}") from error
