"""An experiment: its grid of readers through the batch, its manifest, and who was chosen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.core.atomic import write_atomically
from app.core.batch.choose_reader import Chosen, choose_reader
from app.core.batch.experiment_file import Experiment
from app.core.batch.manifest import manifest
from app.core.batch.results import MANIFEST
from app.core.batch.summary import BatchOutcome
from app.core.errors import UserError
from app.core.evaluation.label_tables import labels_of_readings
from app.core.evaluation.labels import ReaderLabels
from app.core.reading import Reading, from_json

_RESULTS = "results"


def finish_experiment(
    experiment: Experiment,
    outcome: BatchOutcome,
    results: Path,
    reference: Callable[[], ReaderLabels] | None,
) -> Chosen | None:
    """The reader that was chosen, where the experiment wants that; the manifest is kept with the results.

    Raises UserError; the manifest is kept in any case.
    """
    chosen = None
    try:
        if experiment.choose is not None and reference is not None:
            readers = {one.reader: one for one in labels_of_readings(_readings(outcome, results), {})}
            if not readers:
                raise UserError("There is no reading from which one could be chosen.")
            chosen = choose_reader(reference(), readers, experiment.choose)
    finally:
        said = None if chosen is None else chosen.to_dict()
        write_atomically(results / MANIFEST, manifest(experiment, outcome, said), private=True)
    return chosen


def _readings(outcome: BatchOutcome, results: Path) -> list[Reading]:
    """The readings of this experiment; a folder of results can hold others as well."""
    keys = dict.fromkeys(row.key for row in outcome.rows if not row.reason)
    return [from_json((results / _RESULTS / f"{key}.json").read_text(encoding="utf-8")) for key in keys]
