"""Ratings of a queue in the file format `semioscope-faithfulness/1` (docs/formats.md)."""

from __future__ import annotations

from typing import Any

from app.core.agreement.comparison_json import figure_to_dict
from app.core.agreement.faithfulness import RatingSummary
from app.core.agreement.rating_queue import Faithfulness, RatingQueue

FORMAT = "semioscope-faithfulness/1"


def faithfulness_to_dict(
    reader: str, reference: str, raters: list[str], found: RatingQueue, said: Faithfulness
) -> dict[str, Any]:
    """Everything unrounded; what is not defined is None."""
    return {
        "format": FORMAT,
        "reader": reader,
        "reference": reference,
        "raters": raters,
        "queue": len(found.items),
        "missing_true_negatives": dict(found.missing),
        "outside_queue": said.outside,
        "outdated": said.outdated,
        "sheet": {one.value: {"yes": yes, "n": n} for one, (yes, n) in said.particulars.items()},
        "overall": _summary(said.overall),
        "outcomes": {outcome.value: _summary(each) for outcome, each in said.outcomes.items()},
        "features": {feature: _summary(each) for feature, each in said.features.items()},
    }


def _summary(each: RatingSummary) -> dict[str, Any]:
    return {
        "distribution": {str(score): number for score, number in each.distribution.items()},
        "mean": figure_to_dict(each.mean),
        "faithful": figure_to_dict(each.faithful),
    }
