"""Readings in separate files: one file, or a folder of them; and their scores against a reference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from app.core.agreement.comparison import group_by_reader
from app.core.agreement.scores import Scores, evaluate
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


def score_files(reference: Iterable[Path], readings: Iterable[Path]) -> dict[str, Mapping[str, Scores]]:
    """The scores of each reader against the reference readings, by the reader's name and the feature.

    Raises UserError when a file cannot be read, or none of the readings is of a recording of the reference.
    """
    truth = read_readings(reference)
    scores = {
        name: evaluate(truth, found) for name, found in group_by_reader(read_readings(readings)).items()
    }
    if not any(_is_matched(each) for each in scores.values()):
        raise UserError("None of the readings is of a recording that the reference has.")
    return scores


def _is_matched(scores: Mapping[str, Scores]) -> bool:
    return any(each.n + each.counts.not_assessable + each.counts.unanswered for each in scores.values())
