"""How a trained feature did on patients that it had not seen, next to rules and always saying yes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.evaluation.calibration import calibration_error, reliability
from app.core.training.fitting import Judged

Array = NDArray[Any]


def cross_validated_scores(judged: Judged, truth: Array, rules: Array | None) -> dict[str, float]:
    """The figures of the cases that were judged, with the names of scikit-learn's; `rules` (c,) is what rules
    say, None where there are none. A rule that cannot assess a case does not say yes."""
    from sklearn import metrics

    known = np.isfinite(judged.probability)
    if not known.any():
        return {}
    right, yes, probability = truth[known], judged.yes[known], judged.probability[known]
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        right, yes, average="binary", zero_division=0
    )
    scores = {
        "f1": f1,
        "precision": precision,
        "recall": recall,
        "brier": metrics.brier_score_loss(right, probability),
        "calibration_error": calibration_error(reliability(probability, right)),
        "always_yes_f1": metrics.f1_score(right, np.ones(len(right)), zero_division=0),
        "judged": float(known.sum()),
    }
    if len(np.unique(right)) > 1:
        scores["balanced_accuracy"] = metrics.balanced_accuracy_score(right, yes)
        scores["auc"] = metrics.roc_auc_score(right, probability)
    if rules is not None:
        scores["rules_f1"] = metrics.f1_score(right, rules[known], zero_division=0)
    return {name: float(value) for name, value in scores.items()}
