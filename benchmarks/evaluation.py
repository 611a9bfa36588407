"""How long the readers of a large study take to be scored, and how often intervals hold the true figure."""

from __future__ import annotations

import time

import numpy as np

from app.core.agreement.figure import RESAMPLES
from app.core.evaluation.evaluate_readings import Evaluation, evaluate_labels
from app.core.evaluation.figures import figures_of
from app.core.evaluation.labels import FeatureLabel, LabelledCase, LabelState, ReaderLabels
from app.core.evaluation.patients import PatientGroups, intervals, resample
from app.core.jobs import Progress
from app.core.semiology import FEATURES, Answer
from benchmarks.benchmark import Options, Result, Row, at_least, at_most, fact, machine

RECORDINGS, READERS, PATIENTS, BAR = 500, 5, 120, 10.0
STUDIES, OF_A_PATIENT, TRUE_RIGHT = 1000, 4, 0.7


def run(options: Options) -> Result:
    """Made-up labels scored from labels in memory to every figure; then simulated clusters."""
    options.report(Progress(f"{RECORDINGS} recordings, {READERS} readers", 0.0))
    generator = np.random.default_rng(7)
    reference, *readers = (made_up_labels(generator, f"reader {number}") for number in range(READERS + 1))
    begun, before = time.perf_counter(), time.process_time()
    found = evaluate_labels(reference, {labels.reader: labels for labels in readers}, group_by="patient")
    seconds, used = time.perf_counter() - begun, time.process_time() - before
    options.report(Progress("intervals of simulated patients", 0.3))
    rows = [
        at_most(
            f"{RECORDINGS} recordings × {len(FEATURES)} × {READERS} readers, {RESAMPLES:,} resamples",
            seconds, "s", BAR,
        ),
        fact("processor time of the same", used, "s"),
        fact("figures with an interval", float(_intervals_in(found)), ""),
        *_coverage(generator, options.runs or STUDIES),
    ]  # fmt: skip
    return Result("evaluation", machine(), tuple(rows), ("All ten pairs of readers are compared as well.",))


def made_up_labels(generator: np.random.Generator, name: str) -> ReaderLabels:
    """Labels of one reader with blanks and failures, three recordings or more a patient."""
    states = generator.choice(
        len(LabelState), size=(RECORDINGS, len(FEATURES)), p=[0.5, 0.35, 0.05, 0.05, 0.05]
    )
    cases = tuple(
        LabelledCase(
            f"{number}.mp4",
            str(number),
            {
                feature.id: FeatureLabel(LabelState(int(states[number, at])), Answer(feature.id))
                for at, feature in enumerate(FEATURES)
            },
            columns={"patient": str(number % PATIENTS)},
        )
        for number in range(RECORDINGS)
    )
    return ReaderLabels(name, cases)


def _intervals_in(found: Evaluation) -> int:
    features = (one for result in found.readers.values() for one in result.features.values())
    return sum(figure.low is not None for one in features for figure in one.scored.figures.values())


def _coverage(generator: np.random.Generator, studies: int) -> list[Row]:
    """How often the interval of accuracy holds the true one, where a patient's recordings are alike."""
    rows = []
    for patients in (15, 30, 60):
        share = coverage_of_intervals(generator, patients, studies)
        name = (
            f"95 % intervals that hold the true accuracy, {patients} patients with {OF_A_PATIENT} recordings"
        )
        rows += [at_least(name, share, "", 0.93), at_most(f"{name}, at most", share, "", 0.97)]
    return rows


def coverage_of_intervals(generator: np.random.Generator, patients: int, studies: int) -> float:
    """The share of simulated studies whose interval holds the true accuracy.

    Each patient has a rate of right answers from a Beta distribution of mean `TRUE_RIGHT`.
    """
    groups = PatientGroups(np.repeat(np.arange(patients), OF_A_PATIENT), patients, "patient")
    draws, macro = resample(groups), np.zeros(1, dtype=bool)
    held = 0
    for _ in range(studies):
        rates = generator.beta(2.1, 0.9, size=patients)
        right = generator.random((patients, OF_A_PATIENT)) < rates[:, None]
        totals = np.zeros((3, 3, patients, 1))
        totals[1, 1, :, 0], totals[1, 0, :, 0] = right.sum(axis=1), (~right).sum(axis=1)
        found = figures_of(draws @ totals, macro, ("accuracy",))
        low, high = intervals(found.values["accuracy"], patients)
        held += bool(low[0] <= TRUE_RIGHT <= high[0])
    return held / studies
