"""A comparison of readers in the file format `semioscope-agreement/1` (docs/formats.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.agreement.comparison import Comparison, FeatureAgreement
from app.core.agreement.figure import Figure
from app.core.agreement.kappa import PairFigures
from app.core.agreement.many_readers import ManyFigures
from app.core.study.blind_readings import AnswersUsed

FORMAT = "semioscope-agreement/1"


def comparisons_to_dict(
    readers: Mapping[str, int],
    pairs: Mapping[tuple[str, str], Comparison],
    together: Mapping[str, ManyFigures],
    used: AnswersUsed = AnswersUsed.LOCKED,
    changed: int = 0,
) -> dict[str, Any]:
    """Everything unrounded; what is not defined is None. `readers` says how many recordings each has read,
    `changed` how many answers were changed after unblinding, `used` whether they count."""
    return {
        "format": FORMAT,
        "answers": used.value,
        "changed_after_unblinding": changed,
        "readers": [{"name": name, "recordings": number} for name, number in readers.items()],
        "pairs": [
            {
                "first": first,
                "second": second,
                "recordings": each.recordings,
                "overall": _pair(each.overall),
                "features": {feature: _feature(found) for feature, found in each.features.items()},
            }
            for (first, second), each in pairs.items()
        ],
        "together": {
            feature: {
                "readers": each.readers,
                "fleiss_kappa": figure_to_dict(each.fleiss),
                "krippendorff_alpha": figure_to_dict(each.alpha),
            }
            for feature, each in together.items()
        },
    }


def figure_to_dict(figure: Figure) -> dict[str, Any]:
    """One figure with everything that it says of itself."""
    return {
        "value": figure.value,
        "interval": None if figure.low is None else [figure.low, figure.high],
        "n": figure.n,
        "flags": [flag.name.lower() for flag in figure.flags],
        "explanation": figure.explanation,
    }


def _pair(figures: PairFigures) -> dict[str, Any]:
    counts = figures.counts
    return {
        "counts": {
            "yes_yes": counts.yes_yes,
            "yes_no": counts.yes_no,
            "no_yes": counts.no_yes,
            "no_no": counts.no_no,
            "not_assessable": counts.not_assessable,
            "unanswered": counts.unanswered,
        },
        "percent_agreement": figure_to_dict(figures.percent),
        "cohen_kappa": figure_to_dict(figures.kappa),
        "gwet_ac1": figure_to_dict(figures.ac1),
        "pabak": figure_to_dict(figures.pabak),
    }


def _feature(found: FeatureAgreement) -> dict[str, Any]:
    return {
        **_pair(found.figures),
        "iou": figure_to_dict(found.overlap.iou),
        "onset_difference": figure_to_dict(found.overlap.onset),
        "offset_difference": figure_to_dict(found.overlap.offset),
        "same_side": figure_to_dict(found.side),
        "sides": {f"{one.value}_{other.value}": number for (one, other), number in found.sides.items()},
    }
