"""An evaluation in the file formats of `semioscope evaluate`: JSON and CSV (docs/formats.md)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from app.core.evaluation.details_json import details_to_dict, interval_to_list, repeated_to_dict
from app.core.evaluation.evaluate_readings import Evaluation
from app.core.evaluation.figures import FIGURES
from app.core.evaluation.labels import LabelState
from app.core.evaluation.paired_test import FeatureTest, PairedTest
from app.core.evaluation.scoring import Estimate, FeatureResult, ReaderResult, Scored
from app.core.exchange.phrases import neutralise_everywhere

_NO, _YES, _UNSURE, _FAILED, _OPEN = LabelState


def evaluation_to_dict(evaluation: Evaluation) -> dict[str, Any]:
    """Everything, unrounded; what is not known is None."""
    return {
        "reference": evaluation.reference,
        "recordings": len(evaluation.grid.cases),
        "patients": evaluation.groups.count,
        "grouped_by": evaluation.groups.by,
        "abstentions": evaluation.abstentions.value,
        "answers": evaluation.used and evaluation.used.value,
        "changed_after_unblinding": evaluation.used and evaluation.changed,
        "readings": {
            name: _reader(result) | details_to_dict(evaluation.details[name])
            for name, result in evaluation.readers.items()
        },
        "repeats": {name: repeated_to_dict(one) for name, one in evaluation.repeats.items()},
        "comparisons": [_pair(pair) for pair in evaluation.pairs],
        "remarks": list(evaluation.remarks),
    }


def _reader(result: ReaderResult) -> dict[str, Any]:
    return {
        "features": {feature: _feature(each) for feature, each in result.features.items()},
        "means": {"macro": _scored(result.macro), "weighted": _scored(result.weighted)},
        "missing_recordings": int(result.reader.missing.sum()),
        "recordings_without_reference": len(result.reader.unmatched),
    }


def _feature(result: FeatureResult) -> dict[str, Any]:
    counts, table = result.counts, result.table
    both = table[:_FAILED, :_FAILED]
    return {
        "n": result.n,
        "positives": result.positives,
        "prevalence": result.prevalence,
        **_scored(result.scored),
        "always_yes_f1": result.scored.baselines["always_yes"]["f1"],
        "averaged_over_classes": result.macro,
        "true_positives": int(counts[_YES, _YES]),
        "false_negatives": int(counts[_YES, _NO]),
        "false_positives": int(counts[_NO, _YES]),
        "true_negatives": int(counts[_NO, _NO]),
        "counts": counts.tolist(),
        "cases": result.cases,
        "coverage": {kind.value: number for kind, number in result.coverage.items()},
        "coverage_share": result.coverage_share,
        "not_assessable": int(both[_UNSURE].sum() + both[:_UNSURE, _UNSURE].sum()),
        "failed": int(table[_FAILED, :_OPEN].sum() + table[:_FAILED, _FAILED].sum()),
        "unanswered": int(table[_OPEN].sum() + table[:_OPEN, _OPEN].sum()),
        "flags": {name: list(_flags(result, each)) for name, each in result.scored.figures.items()},
    }


def _flags(result: FeatureResult, figure: Estimate) -> Iterator[str]:
    if figure.value is None or figure.undefined:
        yield "undefined"
    elif figure.low is None:
        yield "no_spread"
    if result.is_small:
        yield "small_n"


def _scored(scored: Scored) -> dict[str, Any]:
    return {
        **{name: each.value for name, each in scored.figures.items()},
        "intervals": {name: interval_to_list(each) for name, each in scored.figures.items()},
        "baselines": {name: dict(each) for name, each in scored.baselines.items()},
        "best_baseline": scored.best,
        "f1_beyond_baseline": scored.gain.value,
        "f1_beyond_baseline_interval": interval_to_list(scored.gain),
        "beats_baselines": scored.gain.value is not None and scored.gain.value > 0,
        "beats_baselines_surely": scored.gain.low is not None and scored.gain.low > 0,
    }


def _pair(pair: PairedTest) -> dict[str, Any]:
    return {
        "first": pair.first,
        "second": pair.second,
        "features": {feature: _test(each) for feature, each in pair.features.items()},
        "mean": _differences(pair.mean),
    }


def _test(test: FeatureTest) -> dict[str, Any]:
    return {
        "n": test.n,
        "first_only_right": test.first_only,
        "second_only_right": test.second_only,
        "mcnemar_p": test.p,
        "mcnemar_p_holm": test.p_holm,
        **_differences(test.differences),
    }


def _differences(differences: Mapping[str, Estimate]) -> dict[str, Any]:
    return {
        "differences": {name: each.value for name, each in differences.items()},
        "intervals": {name: interval_to_list(each) for name, each in differences.items()},
    }


_COUNTED = (
    "n", "positives", "prevalence", "cases", "answered", "not_assessable", "failed", "unanswered",
)  # fmt: skip


def evaluation_to_csv(evaluation: Evaluation) -> str:
    """A row for each reader and feature, and for each reader's means; unrounded, blank where not known."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    bounds = [f"{name}{end}" for name in FIGURES for end in ("", "_low", "_high")]
    trivial = ("always_yes_f1", "always_no_f1", "prevalence_f1", "f1_beyond_baseline", "mark")
    writer.writerow(("reader", "feature", *_COUNTED, *bounds, *trivial))
    for name, result in evaluation.readers.items():
        reader = neutralise_everywhere(name)
        for feature, each in result.features.items():
            counted = (each.n, each.positives, each.prevalence, each.cases, *each.coverage.values())
            writer.writerow((reader, feature, *counted, *_cells(each.scored)))
        for mean, scored in (("macro mean", result.macro), ("weighted mean", result.weighted)):
            writer.writerow((reader, mean, *[None] * len(_COUNTED), *_cells(scored)))
    return text.getvalue()


def _cells(scored: Scored) -> list[float | str | None]:
    figures = (scored.figures[name] for name in FIGURES)
    bounds = [number for each in figures for number in (each.value, each.low, each.high)]
    trivial = [each["f1"] for each in scored.baselines.values()]
    return [*bounds, *trivial, scored.gain.value, scored.standing.value]
