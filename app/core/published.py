"""What has been published of models on each feature: a caution, never this product's own accuracy."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

FILE_NAME = "published_f1.csv"

_NO_SUCH_MODELS = frozenset({"feature", "n", "positives", "always_yes_f1", "cnn", "vivit"})
"""Columns that are no multimodal language model: counts, the trivial answer, the trained baselines."""


@dataclass(frozen=True, slots=True)
class Published:
    """The scores of one feature (arXiv 2605.03352): `best` is the best model's F1, `always_yes` that of
    answering *yes* to everything; `recordings` were scored, `positives` of them showed the feature."""

    feature: str
    recordings: int
    positives: int
    best: float
    always_yes: float

    @property
    def sentence(self) -> str:
        """The caution in plain words."""
        better = "" if self.best > self.always_yes else " No model did better than that."
        return (
            f"Published scores of such models for this feature: F1 {_short(self.best)} at best; "
            f"always saying yes scores {_short(self.always_yes)}.{better}"
        )


def published(feature: str) -> Published | None:
    """What was published for a feature; None when nothing was."""
    return _table().get(feature)


@cache
def _table() -> dict[str, Published]:
    text = resources.files("app.core").joinpath(FILE_NAME).read_text(encoding="utf-8")
    return {row["feature"]: _published(row) for row in csv.DictReader(text.splitlines())}


def _published(row: dict[str, str]) -> Published:
    scores = [float(value) for name, value in row.items() if name not in _NO_SUCH_MODELS and value]
    return Published(
        row["feature"],
        int(row["n"]),
        int(row["positives"]),
        max(scores),
        float(row["always_yes_f1"]),
    )


def _short(score: float) -> str:
    """`.41`, as such scores are written."""
    return f"{score:.2f}".removeprefix("0")
