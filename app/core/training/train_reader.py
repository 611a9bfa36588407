"""A reader trained on labels: the use case of `semioscope train`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app import __version__
from app.core.errors import UserError
from app.core.evaluation.label_sources import LabelShelf, NamedSource, OpenStudy, reference_labels
from app.core.evaluation.label_tables import names_in
from app.core.evaluation.labels import ReaderLabels
from app.core.jobs import CancelToken, Progress, Report, TimeEstimate, share_of
from app.core.readers.trained.trained_reader_file import (
    FeatureTraining,
    TrainedFeature,
    TrainedReaderFile,
)
from app.core.recording.identity import content_sha256
from app.core.recording.probe import open_recording
from app.core.semiology import FEATURE
from app.core.study.viewer import Seal
from app.core.training.case_inputs import InputSource
from app.core.training.fitting import fit_feature, judge_feature
from app.core.training.one_thread import one_thread
from app.core.training.recording_files import recording_files
from app.core.training.training_scores import cross_validated_scores
from app.core.training.training_set import (
    MeasuredFile,
    TrainingSet,
    label_task,
    patients_of,
    too_little,
    training_cases,
    training_set,
    training_task,
)

_MEASURING = 0.85
"""The share of the work that measuring the recordings is."""
_NO_LABELS = "there are 0 recordings with yes and 0 with no"
_LIBRARIES = ("scikit-learn", "numpy", "scipy")


@dataclass(frozen=True, slots=True)
class TrainingChoice:
    """What is learned from what: recordings and folders of them, where their labels are, what they are
    called there, and what says who the patient is (a column, or a pattern of names)."""

    recordings: tuple[Path, ...]
    labels: tuple[NamedSource, ...]
    name: str
    names: Path | None = None
    group_by: str | None = None


@dataclass(frozen=True, slots=True)
class TrainingOutcome:
    """The trained reader, sentences on what was left out, and what was sealed."""

    reader: TrainedReaderFile
    remarks: tuple[str, ...]
    seals: tuple[Seal, ...]


def train_reader(
    choice: TrainingChoice,
    source: InputSource,
    open_study: OpenStudy,
    *,
    report: Report,
    cancel: CancelToken,
) -> TrainingOutcome:
    """A reader of the source's kind, trained and judged by cross-validation over patients.

    A recording that cannot be read is left out with a remark. Raises UserError when labels cannot be read,
    when nothing says who the patient is and when no feature has enough to learn from; Cancelled.
    """
    names = names_in(choice.names)
    shelf = LabelShelf(names, open_study)
    labels = reference_labels(shelf, choice.labels)
    _check_labels(labels, source, choice.group_by)
    remarks = list(shelf.remarks)
    files = list(
        measured_files(choice.recordings, source, remarks, share_of(report, 0.0, _MEASURING), cancel)
    )
    known = training_set(labels, files, names, choice.group_by)
    rest = share_of(report, _MEASURING, 1.0)
    reader = train_on(known, source, choice.name, labels.reader, report=rest, cancel=cancel)
    return TrainingOutcome(reader, (*remarks, *known.remarks), tuple(shelf.seals))


def _check_labels(labels: ReaderLabels, source: InputSource, group_by: str | None) -> None:
    """Raises UserError, before hours of measuring, when the labels alone cannot be enough."""
    groups = patients_of(labels, group_by)
    reasons = {feature: too_little(label_task(labels, groups, feature)) for feature in source.features}
    if None not in reasons.values():
        raise UserError(_nothing_trained({feature: why or "" for feature, why in reasons.items()}))


def measured_files(
    places: Sequence[Path], source: InputSource, remarks: list[str], report: Report, cancel: CancelToken
) -> Iterator[MeasuredFile]:
    """The recordings measured, one after the other; what cannot be read is added to the remarks."""
    paths = recording_files(places)
    estimate = TimeEstimate()
    for number, path in enumerate(paths):
        cancel.check()
        done, after = number / len(paths), (number + 1) / len(paths)
        report(Progress(f"Measuring {path.name}", done, estimate.remaining(done)))
        try:
            recording = open_recording(path, cancel=cancel)
            inputs = source.measure(recording, report=share_of(report, done, after), cancel=cancel)
            yield MeasuredFile(path.name, content_sha256(path, cancel=cancel), inputs)
        except UserError as error:
            remarks.append(f"{path.name} was left out: {error}")


@one_thread()
def train_on(
    known: TrainingSet, source: InputSource, name: str, labels: str, *, report: Report, cancel: CancelToken
) -> TrainedReaderFile:
    """The reader that the cases teach. Raises UserError when no feature has enough; Cancelled."""
    trained: dict[str, TrainedFeature] = {}
    refused: dict[str, str] = {}
    for number, feature in enumerate(source.features):
        cancel.check()
        report(Progress(f"Training {FEATURE[feature].name}", number / len(source.features)))
        found = _trained(known, source, feature)
        if isinstance(found, str):
            refused[feature] = found
        else:
            trained[feature] = found
    if not trained:
        raise UserError(_nothing_trained(refused))
    report(Progress("Trained", 1.0))
    return TrainedReaderFile(
        source.kind,
        name,
        source.version,
        __version__,
        datetime.now(UTC).isoformat(timespec="seconds"),
        labels,
        known.grouped_by,
        known.patients,
        tuple(sorted(case.file.sha256 for case in known.cases)),
        trained,
        refused,
        {library: version(library) for library in _LIBRARIES},
    )


def _trained(known: TrainingSet, source: InputSource, feature: str) -> TrainedFeature | str:
    """The trained feature, or why it is not."""
    task = training_task(known.cases, feature)
    reason = too_little(task)
    if reason is not None:
        return reason
    candidates = source.candidates(feature)
    fitted = fit_feature(task, candidates)
    if fitted is None:
        return "its patients cannot be split so that both classes are on each side."
    judged = judge_feature(task, candidates)
    scores = cross_validated_scores(judged, task.truth, _rules(known, feature))
    yes = int(task.truth.sum())
    training = FeatureTraining(
        yes, len(task.truth) - yes, len(np.unique(task.patients)), fitted.chosen.name, scores
    )
    return TrainedFeature(fitted.model, training)


def _rules(known: TrainingSet, feature: str) -> npt.NDArray[np.bool_] | None:
    """(c,): what rules say of the cases of `training_task`, in its order."""
    cases = training_cases(known.cases, feature)
    said = [case.file.inputs.rule_says_yes(feature) for case in cases]
    return None if None in said else np.array(said, dtype=bool)


def _nothing_trained(refused: Mapping[str, str]) -> str:
    labelled = {feature: why for feature, why in refused.items() if _NO_LABELS not in why}
    some = list((labelled or refused).items())[:3]
    reasons = " ".join(f"{FEATURE[feature].name}: {why}" for feature, why in some)
    return f"No feature has enough labelled recordings to learn from. {reasons}"
