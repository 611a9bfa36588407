"""A reader trained on the recordings and answers of a study, as one person may see them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.core.agreement.study_readings import (
    answered_readings,
    default_reference,
    possible_references,
    visible_recordings,
)
from app.core.atomic import write_atomically
from app.core.errors import UserError
from app.core.evaluation.label_sources import NamedSource
from app.core.jobs import CancelToken, Report
from app.core.plain_text import plain
from app.core.plural import plural
from app.core.reader_names import name_readers
from app.core.readers.trained.trained_reader_file import TrainedReaderFile, trained_reader_to_json
from app.core.semiology import FEATURE
from app.core.study.named_places import OpenablePlaces
from app.core.study.place import named_path
from app.core.study.store import Study
from app.core.study.viewer import Viewer
from app.core.training.signal_source import SignalSource
from app.core.training.train_reader import TrainingChoice, train_reader

FIGURES = ("f1", "rules_f1", "always_yes_f1", "auc", "calibration_error")
FIGURE_HEAD = ("n", "Yes", "Patients", "F1", "Rules", "Always yes", "AUC", "Calibration error")


@dataclass(frozen=True, slots=True)
class StudyTraining:
    """What is learned from a study: whose answers, which features, and what the reader is called."""

    labels: str
    features: tuple[str, ...]
    name: str


@dataclass(frozen=True, slots=True)
class StudyTrained:
    """A reader that was trained on a study, and sentences on what was left out."""

    reader: TrainedReaderFile
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrainedFigures:
    """A feature's cells below `FIGURE_HEAD`, judged on unseen patients; or why it was not trained."""

    feature: str
    cells: tuple[str, ...]
    refused: str = ""


@dataclass(frozen=True, slots=True)
class TrainedOnStudy:
    """The reader that was written, its figures, and sentences on it and on what was left out."""

    path: Path
    figures: tuple[TrainedFigures, ...]
    sentences: tuple[str, ...]


def possible_labels(study: Study, viewer: Viewer) -> tuple[str, ...]:
    """The readers from whose answers the viewer may let a reader learn, the usual reference first."""
    found = possible_references(visible_recordings(study, viewer))
    usual = default_reference(found, study.settings().reference)
    return tuple(sorted(found, key=lambda name: name != usual))


def train_on_study(
    study: Study, viewer: Viewer, choice: StudyTraining, *, report: Report, cancel: CancelToken
) -> StudyTrained:
    """Train and judge on unseen patients; nothing is written.

    Raises UserError when a feature is wanted of which there is too little everywhere, or no patient is named;
    Cancelled.
    """
    recordings, left_out = _recordings(study, viewer, choice.labels)

    @contextmanager
    def opened(_folder: Path) -> Iterator[tuple[Study, Viewer]]:
        yield study, viewer

    outcome = train_reader(
        TrainingChoice(recordings, (NamedSource(study.folder, choice.labels),), choice.name),
        SignalSource(choice.features),
        opened,
        report=report,
        cancel=cancel,
    )
    return StudyTrained(outcome.reader, (*left_out, *outcome.remarks))


def keep_trained(trained: StudyTrained, out: Path) -> TrainedOnStudy:
    """Write the reader to `out`. Raises UserError."""
    reader = trained.reader
    write_atomically(out, trained_reader_to_json(reader).encode("ascii"))
    sentences = (*_sentences(reader), *trained.remarks)
    return TrainedOnStudy(out, tuple(trained_figures(reader)), sentences)


def _recordings(study: Study, viewer: Viewer, labels: str) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """The files of the recordings that this reader has answered, and sentences on those that are left out."""
    found = visible_recordings(study, viewer)
    names = name_readers(one.reader for one in answered_readings(found))
    wanted = {
        each.number
        for each in found
        if any(names.get(one.reader.exact_key) == labels for one in each.readings)
    }
    places, paths, missing = OpenablePlaces(study.folder), [], 0
    for row in study.recordings():
        path = named_path(row.path, study.folder) if row.has_video else None
        if row.id in wanted and path is not None and places.allow(path):
            paths.append(path)
        elif row.id in wanted:
            missing += 1
    if not paths:
        raise UserError(f"None of the recordings that “{plain(labels, 60)}” has answered can be opened.")
    rest = (f"{missing} answered recordings have no file that may be opened; left out.",) if missing else ()
    return tuple(paths), rest


def trained_figures(reader: TrainedReaderFile) -> Iterator[TrainedFigures]:
    """The figures by cross-validation, feature by feature, then what was not trained and why."""
    for feature, each in reader.features.items():
        found, scores = each.training, each.training.scores
        counts = (str(found.positives + found.negatives), str(found.positives), str(found.patients))
        yield TrainedFigures(feature, (*counts, *_texts([scores.get(name) for name in FIGURES])))
    for feature, why in reader.refused.items():
        yield TrainedFigures(feature, (), plain(why, 300))


def _texts(values: Sequence[float | None]) -> list[str]:
    return ["–" if value is None else f"{value:.2f}" for value in values]


def _sentences(reader: TrainedReaderFile) -> Iterator[str]:
    trained, refused = len(reader.features), len(reader.refused)
    f1, rules = reader.mean_score("f1"), reader.mean_score("rules_f1")
    means = "" if f1 is None or rules is None else f" Mean F1 {f1:.2f}, the rules {rules:.2f}."
    yield (
        f"{plural(trained, 'feature')} trained on {plural(len(reader.recordings), 'recording')} of "
        f"{plural(reader.patients, 'patient')} and judged on unseen patients.{means}"
    )
    if refused:
        names = ", ".join(FEATURE[feature].name for feature in reader.refused)
        yield f"Not trained: {names}."
