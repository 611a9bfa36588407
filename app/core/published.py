"""Published scores of models for each feature, shown as a caution and never as this product's accuracy."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

FILE_NAME = "published_f1.csv"

_NO_SUCH_MODELS = frozenset({"feature", "n", "positives", "always_yes_f1", "cnn", "vivit"})
"""Columns other than multimodal language models: counts, the trivial answer, trained baselines."""


@dataclass(frozen=True, slots=True)
class Published:
    """The published scores of one feature (arXiv 2605.03352): `best` is the best model's F1, `always_yes`
    that of always answering *yes*; `recordings` were scored, of which `positives` showed the feature."""

    feature: str
    recordings: int
    positives: int
    best: float
    always_yes: float

    @property
    def sentence(self) -> str:
        """The caution as text."""
        better = "" if self.best > self.always_yes else " No model did better than that."
        return (
            f"Published scores of such models for this feature: F1 {_short(self.best)} at best; "
            f"always saying yes scores {_short(self.always_yes)}.{better}"
        )


def published(feature: str) -> Published | None:
    """The published scores of a feature; None without any."""
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
    """The score in the form `.41`."""
    return f"{score:.2f}".removeprefix("0")
