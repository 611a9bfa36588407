"""Timing, sides, confidence and repetitions in the JSON of `semioscope evaluate`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from app.core.evaluation.calibration import Calibration
from app.core.evaluation.evaluate_readings import AnswerDetails
from app.core.evaluation.rated_explanations import ExplanationFigures
from app.core.evaluation.repeats import RepeatedReader
from app.core.evaluation.scoring import Estimate
from app.core.evaluation.segment_rules import MergedFigures
from app.core.evaluation.sequences import OrderFigures, SequenceFigures
from app.core.evaluation.timing_and_sides import FeatureSides, FeatureTiming, TimingFigures


def details_to_dict(details: AnswerDetails) -> dict[str, Any]:
    """Everything by feature, unrounded; times in s."""
    return {
        "timing": {feature: _timing(each) for feature, each in details.timing.items()},
        "sides": {feature: _sides(each) for feature, each in details.sides.items()},
        "confidence": {feature: _calibration(each) for feature, each in details.confidence.items()},
        "sequence": None if details.sequence is None else _sequence(details.sequence),
        "first_movement": {
            "region": None if details.first.region is None else _sides(details.first.region),
            "side": None if details.first.side is None else _sides(details.first.side),
        },
        "explanations": {feature: _rated(each) for feature, each in details.explanations.items()},
        "merging": {feature: _merged(each) for feature, each in details.merging.items()},
    }


def interval_to_list(estimate: Estimate) -> list[float] | None:
    """The bounds, None where they are not known."""
    if estimate.low is None or estimate.high is None:
        return None
    return [estimate.low, estimate.high]


def repeated_to_dict(repeated: RepeatedReader) -> dict[str, Any]:
    """The repetitions of a reader by feature."""
    features = {
        feature: {
            "n": each.n,
            "flips": _value(each.flips),
            "f1": {"lowest": each.lowest, "mean": each.mean, "highest": each.highest, "sd": each.deviation},
        }
        for feature, each in repeated.features.items()
    }
    return {"readings": list(repeated.readings), "features": features}


def _value(estimate: Estimate) -> dict[str, Any]:
    return {"value": estimate.value, "interval": interval_to_list(estimate)}


def _timing(timing: FeatureTiming) -> dict[str, Any]:
    return {"n": timing.n, **_times(timing.reader), "constant": _times(timing.constant)}


def _times(figures: TimingFigures) -> dict[str, Any]:
    return {
        "iou": _value(figures.iou),
        "onset_error": _value(figures.onset_error),
        "end_error": _value(figures.end_error),
    }


def _sides(sides: FeatureSides) -> dict[str, Any]:
    return {"n": sides.n, "same": _value(sides.same), "chance": sides.chance, "constant": sides.constant}


def _sequence(found: SequenceFigures) -> dict[str, Any]:
    return {
        "n": found.n,
        "features": found.features,
        **_order(found.reader),
        "constant": _order(found.constant),
    }


def _order(figures: OrderFigures) -> dict[str, Any]:
    return {"pairs": _value(figures.pairs), "subsequence": _value(figures.subsequence)}


def _rated(found: ExplanationFigures) -> dict[str, Any]:
    return {
        "n": found.n,
        "distribution": {str(score): count for score, count in found.distribution.items()},
        "mean": _value(found.mean),
        "faithful": _value(found.faithful),
        "rated_by_several": found.shared,
        "alpha": found.alpha,
    }


def _merged(found: MergedFigures) -> dict[str, Any]:
    return {
        "n": found.n,
        "any": _value(found.any_segment),
        "chosen": _value(found.chosen),
        "gain": _value(found.gain),
        "rules": dict(found.rules),
    }


def _calibration(found: Calibration) -> dict[str, Any]:
    return {
        "n": found.n,
        "brier": _value(found.brier),
        "expected_calibration_error": found.ece,
        "prevalence_brier": found.prevalence_brier,
        "platt_brier": found.platt_brier,
        "platt_expected_calibration_error": found.platt_ece,
        "curve": [asdict(one) for one in found.curve],
    }
