"""Scores in the file format of `semioscope evaluate --json` (docs/formats.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.agreement.figure import Figure
from app.core.agreement.scores import Scores

_FIGURES = ("accuracy", "precision", "recall", "f1", "always_yes_f1")


def scores_to_dict(scores: Mapping[str, Mapping[str, Scores]]) -> dict[str, Any]:
    """Scores by reader's name and feature, unrounded; what is not defined is None."""
    return {
        "readings": {
            name: {"features": {feature: _feature(each) for feature, each in features.items()}}
            for name, features in scores.items()
        }
    }


def _feature(scores: Scores) -> dict[str, Any]:
    figures: dict[str, Figure] = {name: getattr(scores, name) for name in _FIGURES}
    counts = scores.counts
    return {
        "n": scores.n,
        "positives": scores.positives,
        **{name: each.value for name, each in figures.items()},
        "true_positives": counts.yes_yes,
        "false_negatives": counts.yes_no,
        "false_positives": counts.no_yes,
        "true_negatives": counts.no_no,
        "not_assessable": counts.not_assessable,
        "unanswered": counts.unanswered,
        "intervals": {
            name: None if each.low is None else [each.low, each.high] for name, each in figures.items()
        },
        "flags": {name: [flag.name.lower() for flag in each.flags] for name, each in figures.items()},
    }
