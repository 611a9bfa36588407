"""The answer that a trained feature gives, with its probability, what decided, and how it did in training."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from app.core.plural import plural
from app.core.readers.trained.linear_model import Decided
from app.core.readers.trained.trained_reader_file import FeatureTraining, TrainedFeature, TrainedReaderFile
from app.core.reading import TRAINED_ON, ReaderIdentity, ReaderKind
from app.core.semiology import Answer, Presence, Span

NAMES = {"signal": "trained signal reader", "video": "video baseline"}
SEEN_IN_TRAINING = (
    "This recording is one of those the reader was trained on: its answer says nothing about how good it is."
)


def identity_of(file: TrainedReaderFile) -> ReaderIdentity:
    """The identity of a trained reader: its name, and a hash of all that determines its answers."""
    name = f"{NAMES[file.kind]} {file.name}".strip()
    return ReaderIdentity(
        ReaderKind.SIGNAL,
        name,
        file.digest,
        {"caution": caution_of(file), "inputs": file.inputs, TRAINED_ON: trained_on(file)},
    )


def trained_on(file: TrainedReaderFile) -> str:
    """How many recordings of how many patients it was trained on, and whose labels."""
    recordings, patients = plural(len(file.recordings), "recording"), plural(file.patients, "patient")
    return f"{recordings} of {patients}, labels by {file.labels}"


def caution_of(file: TrainedReaderFile) -> str:
    """What to know before reading its answers."""
    return (
        f"Trained on {trained_on(file)}; on patients it had not seen its mean F1 was "
        f"{_figure(file.mean_score('f1'))}. A suggestion to be confirmed; research use."
    )


def untrained_answer(file: TrainedReaderFile, feature: str) -> Answer:
    """The feature left open, with the reason."""
    reason = file.refused.get(feature, "It was not part of the training.")
    return Answer(feature, explanation=f"Not trained: {reason}")


def trained_answer(
    feature: str,
    trained: TrainedFeature,
    score: float,
    evidence: tuple[Span, ...] = (),
    *,
    decided: str,
    note: str = "",
) -> Answer:
    """The answer by the score of a recording; `evidence` is where a yes was seen, if known, `decided` a
    sentence on what decided."""
    model = trained.model
    probability = model.probability(score)
    is_yes = probability >= model.threshold
    word = "Yes" if is_yes else "No"
    said = f"{word}: probability of yes {probability:.0%}, yes from {model.threshold:.0%} on."
    text = " ".join(part for part in (said, decided, training_text(trained.training), note) if part)
    presence = Presence.YES if is_yes else Presence.NO
    share = probability if is_yes else 1 - probability
    return Answer(feature, presence, round(100 * share), evidence if is_yes else (), None, text)


def decided_text(decided: Sequence[Decided]) -> str:
    """The inputs that decided, each with its value and in which direction it moved the answer."""
    if not decided:
        return ""
    parts = [
        f"{one.name} {'not measured' if math.isnan(one.value) else f'{one.value:.3g}'} "
        f"({'for' if one.added > 0 else 'against'} yes)"
        for one in decided
    ]
    return f"Decided by {'; '.join(parts)}."


def training_text(training: FeatureTraining) -> str:
    """How the feature did on patients that it had not seen, next to rules and always saying yes."""
    scores: Mapping[str, float] = training.scores
    beside = [
        f"{name} {_figure(scores[key])}"
        for key, name in (("rules_f1", "the rules"), ("always_yes_f1", "always yes"))
        if key in scores
    ]
    found = f" ({', '.join(beside)})" if beside else ""
    return (
        f"On unseen patients its F1 was {_figure(scores.get('f1'))}{found}, over "
        f"{plural(training.positives + training.negatives, 'recording')} of "
        f"{plural(training.patients, 'patient')}, "
        f"{training.positives} with yes."
    )


def _figure(value: float | None) -> str:
    return "unknown" if value is None or not math.isfinite(value) else f"{value:.2f}"
