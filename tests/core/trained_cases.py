"""Recordings made of numbers for what is trained: inputs that hold a signal, patients with several each."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.evaluation.labels import LabelledCase, ReaderLabels, label_of
from app.core.jobs import CancelToken, Report
from app.core.recording.recording import Recording
from app.core.semiology import Answer, Presence
from app.core.training.fitting import Candidate
from app.core.training.training_set import MeasuredFile

Array = NDArray[Any]
FEATURE = "tonic"
INPUTS = 12


@dataclass(frozen=True, slots=True, eq=False)
class NumbersCase:
    """A recording whose inputs are given."""

    values: Array
    rule: bool | None = None

    def names(self, _feature: str) -> tuple[str, ...]:
        return tuple(f"input {number}" for number in range(self.values.shape[1]))

    def rows(self, _feature: str) -> Array:
        return self.values

    def rule_says_yes(self, _feature: str) -> bool | None:
        return self.rule


class NumbersSource:
    """A source that is never asked to measure a recording."""

    kind = "signal"
    version = "numbers/1"
    features: Sequence[str] = (FEATURE, "clonic")

    def measure(self, recording: Recording, *, report: Report, cancel: CancelToken) -> NumbersCase:
        raise AssertionError((recording, report, cancel))

    def candidates(self, _feature: str) -> Sequence[Candidate]:
        return tuple(Candidate(f"first {width}", width, c) for width in (4, INPUTS) for c in (0.1, 1.0))


def sha256_of(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def file_named(name: str, values: Array, rule: bool | None = None) -> MeasuredFile:
    return MeasuredFile(name, sha256_of(name), NumbersCase(np.atleast_2d(values), rule))


def labels_of(answers: dict[str, Presence], patients: dict[str, str] | None = None) -> ReaderLabels:
    """Labels of `FEATURE` by file name."""
    return ReaderLabels(
        "experts",
        tuple(
            LabelledCase(
                name,
                name.removesuffix(".mp4").casefold(),
                {FEATURE: label_of(Answer(FEATURE, presence))},
                columns={"patient": patients[name]} if patients else {},
            )
            for name, presence in answers.items()
        ),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Recordings drawn at random: their labels and their measured files."""

    labels: ReaderLabels
    files: tuple[MeasuredFile, ...]


def drawn(patients: int, each: int, *, seed: int = 3, noise: float = 0.7) -> Drawn:
    """`each` recordings of every patient; the first input says yes, with noise."""
    generator = np.random.default_rng(seed)
    files, answers, who = [], {}, {}
    for patient in range(patients):
        for number in range(each):
            name = f"P{patient:02}_{number}.mp4"
            yes = bool(generator.random() < 0.5)
            values = generator.normal(size=INPUTS)
            values[0] = (1.0 if yes else -1.0) + noise * generator.normal()
            if generator.random() < 0.1:
                values[3] = np.nan
            answers[name] = Presence.YES if yes else Presence.NO
            who[name] = f"patient {patient}"
            files.append(file_named(name, values, bool(values[0] > 0)))
    return Drawn(labels_of(answers, who), tuple(files))
