"""The file of a trained reader: `semioscope-trained-reader/1`, JSON that holds numbers and text alone.

A file may come from elsewhere: it is parsed within bounds and checked value by value, and nothing in it is
run or looked up. docs/formats.md describes it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from app.core.bounded_json import canonical
from app.core.readers.trained.checked_values import (
    LONGEST_KEY,
    MOST_COUNTED,
    count_of,
    model_from_dict,
    model_to_dict,
    numbers_by_name,
    object_of,
    read_checked,
    text_of,
)
from app.core.readers.trained.linear_model import LinearModel
from app.core.semiology import FEATURE

FORMAT = "semioscope-trained-reader/1"
LARGEST = 32 << 20
_WHAT = "a trained reader"
KINDS = ("signal", "video")


@dataclass(frozen=True, slots=True)
class FeatureTraining:
    """What a feature was trained on, and how it did on patients that it had not seen.

    `chosen` says which of the candidates was taken; `scores` are the figures by cross-validation, and under
    `rules_…` and `always_yes_…` those of the signal reader's rules and of always saying yes, on the same
    cases.
    """

    positives: int
    negatives: int
    patients: int
    chosen: str
    scores: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class TrainedFeature:
    model: LinearModel
    training: FeatureTraining


@dataclass(frozen=True, slots=True)
class TrainedReaderFile:
    """A trained reader: which `kind`, from which `inputs`, and what it was trained on.

    `recordings` are the SHA-256 of the recordings; patients are only counted. `refused` says by feature why
    it was not trained. `made` is a moment in UTC, `program` the version that trained it, `versions` those of
    the libraries.
    """

    kind: str
    name: str
    inputs: str
    program: str
    made: str
    labels: str
    grouped_by: str
    patients: int
    recordings: tuple[str, ...]
    features: Mapping[str, TrainedFeature]
    refused: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """A hash (16 digits) of everything that determines its answers."""
        models = {key: model_to_dict(each.model) for key, each in sorted(self.features.items())}
        return hashlib.sha256(canonical([self.kind, self.inputs, models]).encode()).hexdigest()[:16]

    def mean_score(self, figure: str) -> float | None:
        """The mean over features of a figure by cross-validation, None where no feature has it."""
        found = [
            each.training.scores[figure] for each in self.features.values() if figure in each.training.scores
        ]
        return sum(found) / len(found) if found else None


def trained_reader_to_json(reader: TrainedReaderFile) -> str:
    """The text of the file."""
    data = {
        "format": FORMAT,
        **{name: getattr(reader, name) for name in _TEXTS},
        "patients": reader.patients,
        "recordings": list(reader.recordings),
        "versions": dict(reader.versions),
        "refused": dict(reader.refused),
        "features": {
            feature: {"training": _training_to_dict(each.training), "model": model_to_dict(each.model)}
            for feature, each in reader.features.items()
        },
    }
    return json.dumps(data, ensure_ascii=True, allow_nan=False) + "\n"


_TEXTS = ("kind", "name", "inputs", "program", "made", "labels", "grouped_by")


def _training_to_dict(training: FeatureTraining) -> dict[str, Any]:
    return asdict(training) | {"scores": dict(training.scores)}


def load_trained_reader(path: Path) -> TrainedReaderFile:
    """The trained reader in a file. Raises UserError for anything else and for a file out of bounds."""
    return read_checked(path, LARGEST, _WHAT, trained_reader_from_dict)


def trained_reader_from_dict(data: Mapping[str, Any]) -> TrainedReaderFile:
    """The reader that the JSON of a file describes. Raises only ValueError."""
    if data.get("format") != FORMAT:
        raise ValueError(f"its format is not {FORMAT}")
    texts = {name: text_of(data, name) for name in _TEXTS}
    if texts["kind"] not in KINDS:
        raise ValueError("it is of an unknown kind")
    features = {
        _feature(key): _trained_feature(object_of(value, key))
        for key, value in object_of(data.get("features"), "features").items()
    }
    refused = object_of(data.get("refused", {}), "refused")
    versions = object_of(data.get("versions", {}), "versions")
    return TrainedReaderFile(
        **texts,
        patients=count_of(data, "patients"),
        recordings=_hashes(data.get("recordings")),
        features=features,
        refused={_feature(key): text_of(refused, key) for key in refused},
        versions={key[:LONGEST_KEY]: text_of(versions, key) for key in list(versions)[:64]},
    )


def _trained_feature(data: Mapping[str, Any]) -> TrainedFeature:
    training = object_of(data.get("training"), "training")
    return TrainedFeature(
        model_from_dict(object_of(data.get("model"), "model")),
        FeatureTraining(
            count_of(training, "positives"),
            count_of(training, "negatives"),
            count_of(training, "patients"),
            text_of(training, "chosen"),
            numbers_by_name(training.get("scores", {}), "scores"),
        ),
    )


def _hashes(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MOST_COUNTED:
        raise ValueError("its recordings are not a list, or too many")
    if not all(isinstance(one, str) and len(one) == 64 and one.isalnum() for one in value):
        raise ValueError("a recording is not named by its SHA-256")
    return tuple(value)


def _feature(key: str) -> str:
    if key not in FEATURE:
        raise ValueError("it names a feature that is not one of the 20")
    return key
