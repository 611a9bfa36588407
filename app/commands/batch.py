"""`semioscope batch`: readers over many recordings, resumable after any interruption."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands import arguments
from app.commands.analysis import reader_choice
from app.commands.interruption import cancelled_by_signals
from app.commands.join import suggest
from app.commands.model_options import (
    MODELS,
    add_model_options,
    choice_of,
    prompts_of,
    refuse_model_options,
)
from app.commands.terminal import ProgressLine, one_line, say
from app.core.errors import UserError
from app.core.plural import plural
from app.core.readers.local_readers import LOCAL_READERS, with_absolute_path
from app.core.readers.models.spending import SpendingLimit
from app.core.reading import person
from app.core.settings import account_author

if TYPE_CHECKING:
    from app.core.batch.batch_reader import BatchReader
    from app.core.batch.marked_events import WhoseMarks
    from app.core.batch.run_batch import BatchChoice
    from app.core.batch.summary import BatchOutcome
    from app.core.batch.unit import ModelAccess, RunJob, UnitReading
    from app.core.privacy.keys import Secret

    Keys = dict[str, Secret | None]

_MOST_JOBS = 64
_MOST_LINES = 20


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "batch",
        help="readers over many recordings",
        description="Lets readers answer the 20 features of many recordings: those in a folder, in a table "
        "with a column “path” or “recording”, or in a study. What is finished is kept at once and is never "
        "done again: run the same command again after any interruption.",
        epilog="Results are readings (JSON) that `semioscope evaluate` takes. Exit code 1 when anything "
        "failed. docs/batch.md. Research use; not a medical device.",
    )
    parser.add_argument("source", metavar="DIR|LIST|STUDY", type=Path, help="the recordings")
    parser.add_argument(
        "--reader", type=reader_choice(*MODELS), action="append", default=[],
        metavar="{" + ",".join((*LOCAL_READERS, *MODELS)) + ",trained:FILE}",
        help="who answers (signal); can be repeated",
    )  # fmt: skip
    add_batch_options(parser)
    arguments.study_argument(parser, "keep the readings in the study in this folder as well")
    add_model_options(parser)
    parser.set_defaults(run=run)


def add_batch_options(parser: argparse.ArgumentParser) -> None:
    """Where results are kept, and what runs the readings."""
    parser.add_argument(
        "--out", metavar="DIR", type=Path, help="the folder of the results (default: beside the recordings)"
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--jobs", metavar="N", type=_jobs, default=1, help="readings at once, a process each (1)"
    )
    where.add_argument(
        "--dask", metavar="ADDRESS",
        help="run local readers on the Dask cluster whose scheduler is there, such as tcp://host:8786 "
        "(semioscope[cluster])",
    )  # fmt: skip
    parser.add_argument(
        "--marks", metavar="NAME",
        help="by whose marks of onset and end models are asked (--part event, --tell-event): a reader of the "
        "study, or Reference (yours)",
    )  # fmt: skip
    parser.add_argument(
        "--resume", action="store_true", help="go on with a batch; an error when none was begun there"
    )
    parser.add_argument(
        "--named-recordings", action="store_true",
        help="of a study: open recordings wherever the study says that they are",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    from app.core.batch.recording_list import default_results, is_study, listed_recordings
    from app.core.batch.run_batch import BatchChoice

    readers = _readers(args)
    study = args.study or (args.source if is_study(args.source) else None)
    keys = keys_of_models(readers, study, args)
    recordings = listed_recordings(args.source, study=args.study, named=args.named_recordings)
    out = args.out or default_results(args.source)
    choice = BatchChoice(recordings, readers, out, study, args.jobs, whose_marks(args, args.marks))
    if args.plan:
        return print_plan(choice)
    outcome = run_choice(choice, keys, args)
    suggest(study)
    return print_outcome(outcome, out)


def whose_marks(args: argparse.Namespace, name: str | None) -> WhoseMarks | None:
    """By whose marks models are asked, by default those of who asks: in the study whose recordings are read,
    else in that of `--study`."""
    from app.core.batch.marked_events import WhoseMarks
    from app.core.batch.recording_list import is_study

    folder = args.source if is_study(args.source) else args.study
    asks = account_author()
    return None if folder is None else WhoseMarks(folder, name or asks, person(asks))


def keys_of_models(readers: Sequence[BatchReader], study: Path | None, args: argparse.Namespace) -> Keys:
    """The keys of the models among the readers, by the name of what each opens; none for a plan, which sends
    nothing. To be called before recordings are looked at: raises UserError without a study, the authority or
    a key."""
    from app.commands.model_reading import keys_of, without_authority
    from app.core.readers.models.providers import provider_of

    choices = [reader.choice for reader in readers if reader.choice is not None]
    if args.plan or not choices:
        return {}
    if study is None:
        raise UserError("A model is asked only with a study, whose ledger says what was sent: give --study.")
    for one in choices:
        place = provider_of(one).destination(one)
        if not args.i_have_authority:
            raise UserError(without_authority(place))
    return keys_of(choices)


def run_choice(choice: BatchChoice, keys: Keys, args: argparse.Namespace) -> BatchOutcome:
    """Run a batch as the options say, with the keys of its models. Raises UserError, Cancelled."""
    from app.core.batch.results import has_results
    from app.core.batch.run_batch import run_batch

    if args.resume and not has_results(choice.results):
        raise UserError(f"No batch was begun in “{choice.results.name}”; leave --resume out to begin one.")
    with (
        cancelled_by_signals() as cancel,
        ProgressLine() as report,
        _reading(choice, keys, args) as (read, jobs),
    ):
        return run_batch(replace(choice, jobs=jobs), read, report=report, cancel=cancel)


def print_plan(choice: BatchChoice) -> int:
    """Print what would be read, and what models would be asked."""
    from app.core.batch.batch_reader import ceiling_of
    from app.core.batch.plan_batch import describe_plan, plan_batch

    with cancelled_by_signals() as cancel, ProgressLine() as report:
        planned = plan_batch(choice, report=report, cancel=cancel)
    print(f"{plural(len(choice.recordings), 'recording')}, {plural(len(choice.readers), 'reader')}:")
    for reader in choice.readers:
        where = ""
        if reader.choice is not None:
            from app.core.readers.models.providers import provider_of

            place = provider_of(reader.choice).destination(reader.choice)
            where = f" · sent to {place.shown}, {place.terms.title}"
        print(one_line(f"  {reader.name}{where}"))
        for sentence in describe_plan(planned.get(reader.asked)):
            print(one_line(f"    {sentence}"))
    ceiling = ceiling_of(choice.readers)
    if ceiling is not None:
        print(f"All of it together stops before it passes {ceiling:.2f}.")
    print(one_line(f"Results: {choice.results}. Nothing was read."))
    return 0


def print_outcome(outcome: BatchOutcome, out: Path) -> int:
    """Print what became of the batch; exit code 1 when anything failed."""
    from app.core.batch.summary import describe_batch

    head, *reasons = describe_batch(outcome)
    print(one_line(f"{head} Results: {out}"))
    for reason in reasons[:_MOST_LINES]:
        say(reason)
    if len(reasons) > _MOST_LINES:
        say(f"{len(reasons) - _MOST_LINES} more in summary.csv.")
    return 1 if outcome.failures else 0


def _readers(args: argparse.Namespace) -> tuple[BatchReader, ...]:
    """Raises UserError for options that fit no reader, or several."""
    from app.core.batch.batch_reader import BatchReader, model_reader

    kinds = tuple(dict.fromkeys(args.reader or ["signal"]))
    models = [kind for kind in kinds if kind in MODELS]
    if not models:
        plan, args.plan = args.plan, False  # which is for every batch
        refuse_model_options(args)
        args.plan = plan
    if len(models) > 1:
        raise UserError("Several models with settings belong in the file of an experiment.")
    readers = []
    for kind in kinds:
        if kind not in models:
            readers.append(BatchReader(with_absolute_path(kind)))
            continue
        named = argparse.Namespace(**{**vars(args), "reader": kind})
        choice, sets = prompts_of(named, choice_of(named))
        readers.append(model_reader(choice, sets, args.marks or account_author()))
    if args.marks is not None and not any(reader.needs_marks for reader in readers):
        raise UserError("--marks is for models that are asked by them: give --part event or --tell-event.")
    return tuple(readers)


@contextmanager
def _reading(choice: BatchChoice, keys: Keys, args: argparse.Namespace) -> Iterator[tuple[UnitReading, int]]:
    """What reads a unit, and how many at once. Raises UserError."""
    from app.core.batch.unit import UnitReading
    from app.core.batch.work_process import run_work

    with ExitStack() as stack:
        run_job: RunJob = run_work
        jobs = args.jobs
        if args.dask is not None:
            from app.core.batch.dask_engine import dask_cluster

            run_job, jobs = stack.enter_context(dask_cluster(args.dask))
        models = stack.enter_context(_models(choice, keys)) if keys else None
        yield UnitReading(run_job, models), jobs


@contextmanager
def _models(choice: BatchChoice, keys: Keys) -> Iterator[ModelAccess]:
    """What asks models. Raises UserError when the study cannot be written."""
    from app.core.batch.batch_reader import ceiling_of
    from app.core.batch.unit import ModelAccess, folder_of_copies
    from app.core.privacy.gate import allow
    from app.core.readers.models.sweep_readings import sweep_study
    from app.core.study.writable_study import writable_study

    folder = choice.study
    assert folder is not None  # as `keys_of_models` has seen
    ceiling = ceiling_of(choice.readers)
    spending = None if ceiling is None else SpendingLimit(ceiling)
    with writable_study(folder) as study:
        sweep_study(folder)
        yield ModelAccess(
            study,
            lambda place: allow(folder, place, account_author()),
            keys,
            folder_of_copies(choice.results),
            spending,
        )


def _jobs(text: str) -> int:
    """A number of readings at once."""
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_JOBS:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to {_MOST_JOBS}")
    return int(text)
