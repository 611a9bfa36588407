"""The trained signal reader against the rules that it learns from, on phantoms whose seeds it has not seen.

Each seed is a patient with one recording. Every seed is judged by a model that was chosen, fitted, calibrated
and given its threshold without it, as `semioscope train` judges. The tracks come straight from the scripts
(`scripted_tracks.py`): clean measures of many patients in minutes.

As a module it does the same with drawn phantoms, a minute or two of work for each, which are kept in DIR:
`python -m benchmarks.trained --drawn 200 --folder DIR`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from app.core.evaluation.calibration import calibration_error, reliability
from app.core.evaluation.labels import LabelledCase, labels_of_reading
from app.core.jobs import Progress, Report, no_report
from app.core.phantom.random_course import random_script
from app.core.phantom.sound import phantom_sound
from app.core.phantom.truth import truth
from app.core.readers.signal.measures.measures import measure
from app.core.readers.signal.reader import SOUND_RATE, reading_of_measures
from app.core.readers.trained.signal_inputs import is_yes_by_rule, signal_inputs
from app.core.semiology import FEATURES
from app.core.training.fitting import judge_feature
from app.core.training.signal_source import SignalCase, SignalSource
from app.core.training.training_scores import cross_validated_scores
from app.core.training.training_set import (
    MeasuredFile,
    TrainingCase,
    too_little,
    training_cases,
    training_task,
)
from benchmarks.benchmark import Options, Result, Row, at_least, at_most, fact, machine
from benchmarks.scripted_tracks import scripted_track
from benchmarks.signal import Case, case

SEEDS, SECONDS, FPS = 200, 30.0, 15.0
_FIRST = 21001
_DRAWN_RATE = 48_000
_BETTER, _CALIBRATED = 0.02, 0.05

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """One feature: the figures on unseen seeds, and the probabilities behind them with the truth."""

    feature: str
    scores: dict[str, float]
    probability: Array
    truth: Array


def seed_case(seed: int, number: int, seconds: float) -> TrainingCase:
    """The phantom of a seed as a case of the patient `number`."""
    script = replace(random_script(seed, seconds), fps=FPS)
    sound = resample_poly(phantom_sound(script, _DRAWN_RATE), 1, _DRAWN_RATE // SOUND_RATE)
    found = Case(str(seed), scripted_track(script), sound.astype(np.float32), truth(script))
    return measured_case(found, number)


def measured_case(found: Case, number: int) -> TrainingCase:
    """A phantom's track and sound as a case of the patient `number`."""
    measures = measure(found.track, found.sound)
    reading = reading_of_measures(found.truth.recording, found.track, measures)
    inputs = SignalCase(signal_inputs(measures, reading))
    labels = LabelledCase(found.name, found.name, labels_of_reading(found.truth))
    return TrainingCase(labels, MeasuredFile(found.name, f"{number:064}", inputs), number)


def judge(cases: Sequence[TrainingCase], report: Report) -> list[Judged]:
    """Every feature of which there is enough."""
    source = SignalSource()
    found = []
    for at, feature in enumerate(feature.id for feature in FEATURES):
        report(Progress(f"Judging {feature}", at / len(FEATURES)))
        task = training_task(cases, feature)
        if too_little(task) is not None:
            continue
        rules = np.array(
            [is_yes_by_rule(feature, _inputs(case).inputs.rules) for case in training_cases(cases, feature)]
        )
        judged = judge_feature(task, source.candidates(feature))
        scores = cross_validated_scores(judged, task.truth, rules)
        found.append(Judged(feature, scores, judged.probability, task.truth))
    return found


def _inputs(case: TrainingCase) -> SignalCase:
    assert isinstance(case.file.inputs, SignalCase)
    return case.file.inputs


def rows_of(found: Sequence[Judged]) -> list[Row]:
    """Mean F1 beside the rules', calibration, and F1 feature by feature."""
    trained, rules, trivial = (
        float(np.mean([one.scores[name] for one in found])) for name in ("f1", "rules_f1", "always_yes_f1")
    )
    probability, true = (
        np.concatenate([getattr(one, name) for one in found]) for name in ("probability", "truth")
    )
    known = np.isfinite(probability)
    error = calibration_error(reliability(probability[known], true[known]))
    return [
        at_least("mean F1, trained, unseen seeds", trained, "", rules + _BETTER, floor=rules),
        fact("mean F1, always yes", trivial, ""),
        at_most("calibration error, all features", error, "", _CALIBRATED),
        fact("features with enough seeds to be trained", float(len(found)), ""),
        *(fact(f"F1 {one.feature}", one.scores["f1"], "", floor=one.scores["rules_f1"]) for one in found),
    ]


def run(options: Options) -> Result:
    """Make the phantoms' tracks, judge, compare. `options.runs` is the number of seeds."""
    count, seconds = options.runs or SEEDS, options.seconds or SECONDS
    cases = []
    for number in range(count):
        options.report(Progress(f"Seed {number + 1} of {count}", number / count))
        cases.append(seed_case(_FIRST + number, number, seconds))
    found = judge(cases, options.report)
    notes = (
        f"{count} seeds of {seconds:.0f} s with lookalikes, {FPS:.0f} pictures a second, tracks straight "
        "from the scripts. The floor is the rules' F1; a rule that cannot assess a case does not say yes.",
        "Phantoms are drawings: no accuracy found on them carries over to a patient.",
    )
    return Result("trained", machine(), tuple(rows_of(found)), notes)


def _of_drawn(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description="The same on phantoms that are drawn and looked for.")
    parser.add_argument("--drawn", type=int, required=True, help="how many seeds")
    parser.add_argument("--duration", type=float, default=SECONDS)
    parser.add_argument("--folder", type=Path, required=True)
    chosen = parser.parse_args(arguments)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    drawn = (
        case(replace(random_script(_FIRST + number, chosen.duration), fps=FPS), chosen.folder)
        for number in range(chosen.drawn)
    )
    found = judge([measured_case(one, number) for number, one in enumerate(drawn)], no_report)
    for row in rows_of(found) if found else ():
        beside = "" if row.floor is None else f", rules {row.floor:.3f}"
        sys.stdout.write(f"{row.what}: {row.value:.3f}{beside}\n")
    sys.stdout.write(f"{len(found)} features had enough seeds\n")


if __name__ == "__main__":
    _of_drawn(sys.argv[1:])
