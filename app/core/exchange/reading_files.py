"""Readings in separate files: one file, or a folder of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from app.core.errors import UserError
from app.core.exchange.codec import Source, is_left_behind, load
from app.core.exchange.text_file import utf8_text
from app.core.reading import FORMAT, Reading, from_json


def read_readings(paths: Iterable[Path]) -> list[Reading]:
    """Every reading of these files and folders (`*.json`). Raises UserError naming the file.

    In a folder hidden files, what is not a regular file, and JSON files that do not say that they are
    readings, are passed over.
    """
    found: list[Reading] = []
    for path in paths:
        if not path.is_dir():
            found.append(_reading(load(path)))
            continue
        files = (file for file in sorted(path.glob("*.json")) if not is_left_behind(file.name))
        sources = [load(file) for file in files if file.is_file()]
        readings = [source for source in sources if FORMAT.encode() in source.content]
        if not readings:
            raise UserError(f"The folder “{path.name}” holds no readings (*.json).")
        found += [_reading(source) for source in readings]
    return found


def _reading(source: Source) -> Reading:
    text = utf8_text(source)
    try:
        return from_json(text)
    except UserError as error:
        raise UserError(f"“{source.name}”: {error}") from error
