"""How learners come on, as JSON beside their results: weeks by feature, and whether their certainty holds."""

from __future__ import annotations

from typing import Any

from app.core.agreement.figure import Figure
from app.core.teaching.course import TeachingCourse
from app.core.teaching.course_results import results_to_dict
from app.core.teaching.learner_certainty import CertaintyBin, LearnerCertainty
from app.core.teaching.learner_progress import ALL_FEATURES, LearnerProgress


def progress_to_dict(course: TeachingCourse, learners: tuple[LearnerProgress, ...]) -> dict[str, Any]:
    """The results of these learners in their file format, with weeks by feature and certainty."""
    data = results_to_dict(course, tuple(one.result for one in learners))
    for row, learner in zip(data["learners"], learners, strict=True):
        row["weeks_by_feature"] = {
            name: [{"week": one.week.isoformat(), **_figure(one.right)} for one in weeks]
            for name, weeks in learner.weeks.items()
            if name != ALL_FEATURES
        }
        row["certainty"] = None if learner.certainty is None else _certainty(learner.certainty)
    return data


def _certainty(found: LearnerCertainty) -> dict[str, Any]:
    return {
        "n": found.n,
        "certainty": found.certainty,
        "right": found.right,
        "brier": found.brier,
        "bands": [_band(one) for one in found.bins],
    }


def _band(one: CertaintyBin) -> dict[str, Any]:
    return {"low": one.low, "high": one.high, "certainty": one.certainty, "right": _figure(one.right)}


def _figure(figure: Figure) -> dict[str, Any]:
    return {"value": figure.value, "low": figure.low, "high": figure.high, "n": figure.n}
