"""The manifest of an experiment: everything that is needed to say what was run, and to run it again."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from app import __version__
from app.core.agreement.figure import RESAMPLES, SEED
from app.core.batch.batch_reader import BatchReader
from app.core.batch.experiment_file import Experiment
from app.core.batch.summary import BatchOutcome
from app.core.readers.models.prompts import PromptSet

FORMAT = "semioscope-experiment/1"
_PACKAGES = ("numpy", "scipy", "av", "mediapipe", "onnxruntime", "opencv-contrib-python", "scikit-learn")
"""Libraries on which answers or figures rest."""


def manifest(experiment: Experiment, outcome: BatchOutcome, chosen: Mapping[str, Any] | None) -> bytes:
    """The manifest as JSON; without a moment in it, so that the same experiment gives the same."""
    data = {
        "format": FORMAT,
        "experiment": experiment.name,
        "file_sha256": hashlib.sha256(experiment.text.encode()).hexdigest(),
        "file": experiment.text,
        "program": __version__,
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in _PACKAGES},
        "seeds": {"bootstrap": SEED, "resamples": RESAMPLES},
        "readers": [_reader(reader) for reader in experiment.readers],
        "marks": experiment.marks if any(one.needs_marks for one in experiment.readers) else None,
        "results": _results(experiment.readers, outcome),
        "chosen": chosen,
    }
    return (json.dumps(data, indent=2, ensure_ascii=True, allow_nan=False) + "\n").encode()


def _reader(reader: BatchReader) -> dict[str, Any]:
    """A reader with the hash of everything that it is asked."""
    return {
        "name": reader.name,
        "asked": json.loads(reader.asked),
        "sha256": hashlib.sha256(reader.asked.encode()).hexdigest(),
        "prompts": None if reader.prompts is None else _prompts(reader.prompts),
        "wordings": [_prompts(one) for one in reader.wordings],
        "repeat": reader.repeat,
        "blind": reader.blind,
    }


def _prompts(prompts: PromptSet) -> dict[str, str]:
    return {"name": prompts.name, "version": prompts.version, "sha256": prompts.hash}


def _results(readers: Sequence[BatchReader], outcome: BatchOutcome) -> list[dict[str, str]]:
    order = {reader.name: place for place, reader in enumerate(readers)}
    rows = sorted(outcome.rows, key=lambda row: (row.recording, order.get(row.reader, 0), row.key))
    return [
        {
            "recording": row.recording,
            "reader": row.reader,
            "result": row.key,
            **({"failed": row.reason} if row.reason else {}),
        }
        for row in rows
    ]


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
