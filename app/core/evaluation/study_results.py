"""The results of a study as one person may see them: the readers scored, and their numbers as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.core.agreement.study_readings import answered_readings, visible_recordings
from app.core.errors import UserError
from app.core.evaluation.confusion import Abstentions
from app.core.evaluation.evaluate_readings import Evaluation, evaluate_labels, with_sources
from app.core.evaluation.label_sources import LabelShelf, NamedSource, reader_labels, reference_labels
from app.core.jobs import CancelToken
from app.core.study.blind_readings import AnswersUsed
from app.core.study.store import Study
from app.core.study.viewer import Viewer


@dataclass(frozen=True, slots=True)
class ResultsChoice:
    """Who is right (None: the study's usual reference, else the first reader), what counts as an
    abstention, and which answers count of those who read blind."""

    reference: str | None = None
    abstentions: Abstentions = Abstentions.STUDY
    used: AnswersUsed = AnswersUsed.LOCKED


@dataclass(frozen=True, slots=True)
class StudyResults:
    """The evaluation, everybody who can be the reference, and the number in the study of each recording of
    the grid."""

    evaluation: Evaluation
    readers: tuple[str, ...]
    numbers: tuple[int, ...]


def results_of_study(
    study: Study, viewer: Viewer, choice: ResultsChoice, *, cancel: CancelToken
) -> StudyResults:
    """Every reader whose answers the viewer may see, scored against the reference. Raises UserError when
    there are not two of them; Cancelled."""

    @contextmanager
    def opened(_folder: Path) -> Iterator[tuple[Study, Viewer]]:
        yield study, viewer

    visible = answered_readings(visible_recordings(study, viewer, used=choice.used))
    if len({one.reader.exact_key for one in visible}) < 2:
        # Without a number: how many others have read would tell of what is sealed.
        raise UserError(
            "Results need two readers whose answers you may see: who is right, and who is judged by it. "
            "What is sealed from you counts once you have locked your reading."
        )
    shelf = LabelShelf({}, opened, choice.used)
    found = shelf.of(study.folder)
    cancel.check()
    names = tuple(labels.reader for labels in found.labels)
    reference = choice.reference if choice.reference in names else found.usual or names[0]
    source = NamedSource(study.folder, reference)
    right = reference_labels(shelf, [source])
    readers = reader_labels(shelf, [NamedSource(study.folder)], [source])
    evaluation = with_sources(evaluate_labels(right, readers, choice.abstentions), shelf)
    cancel.check()
    return StudyResults(evaluation, names, tuple(_numbers(study, evaluation)))


def _numbers(study: Study, evaluation: Evaluation) -> Iterator[int]:
    numbers: Mapping[str, int] = {row.fingerprint: row.id for row in study.recordings()}
    for case in evaluation.grid.cases:
        yield numbers[case.fingerprint]
