"""`semioscope experiment`: a grid of readers over recordings, as a file says."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands import arguments
from app.commands.batch import (
    add_batch_options,
    keys_of_models,
    print_outcome,
    print_plan,
    run_choice,
    whose_marks,
)
from app.commands.label_options import named_source, study_for_viewers
from app.commands.model_options import MODELS, add_model_options, choice_of
from app.commands.terminal import one_line, say
from app.commands.viewer_options import sealed_arguments
from app.core.errors import UserError
from app.core.readers.models.model_choice import load_choice
from app.core.readers.models.prompt_files import prompt_sets
from app.core.study.blind_readings import AnswersUsed, describe_changed

if TYPE_CHECKING:
    from app.core.batch.choose_reader import Chosen
    from app.core.batch.experiment_file import Experiment
    from app.core.evaluation.labels import ReaderLabels
    from app.core.readers.models.model_choice import ModelChoice


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "experiment",
        help="a grid of readers, arms, prompts, ways of asking and repeats over recordings",
        description="Runs readers × enhancement arms × sets of prompts × ways of asking × repeats over "
        "recordings, as a TOML file says, and keeps a manifest of versions, hashes and seeds beside the "
        "results. Run it again to go on after any interruption.",
        epilog="docs/experiments.md. Research use; not a medical device.",
    )
    parser.add_argument("file", metavar="FILE|NAME", nargs="?", help="the file, or the name of a ready one")
    parser.add_argument("source", metavar="DIR|LIST|STUDY", nargs="?", type=Path, help="the recordings")
    parser.add_argument("--list", action="store_true", help="list the ready experiments, and stop")
    parser.add_argument(
        "--model-reader", choices=MODELS, help="the provider of readers that the file calls “model”"
    )
    parser.add_argument(
        "--reference", metavar="[NAME=]PATH",
        help="what is right, for experiments that choose a reader, as `evaluate` takes it",
    )  # fmt: skip
    add_batch_options(parser)
    arguments.study_argument(parser, "keep the readings in the study in this folder as well")
    add_model_options(parser)
    sealed_arguments(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from app.core.batch.recording_list import default_results, is_study, listed_recordings
    from app.core.batch.run_batch import BatchChoice
    from app.core.batch.run_experiment import finish_experiment

    if args.list:
        return _list_ready()
    if args.file is None or args.source is None:
        raise UserError("Give the file of the experiment and the recordings; --list names ready files.")
    experiment = _experiment(args)
    study = args.study or (args.source if is_study(args.source) else None)
    keys = keys_of_models(experiment.readers, study, args)
    out = args.out or default_results(args.source)
    recordings = listed_recordings(args.source, study=args.study, named=args.named_recordings)
    marks = whose_marks(args, experiment.marks)
    choice = BatchChoice(recordings, experiment.readers, out, study, args.jobs, marks)
    if args.plan:
        return print_plan(choice)
    outcome = run_choice(choice, keys, args)
    reference = None if args.reference is None else lambda: _reference(args)
    chosen = finish_experiment(experiment, outcome, out, reference)
    _print_chosen(experiment, chosen)
    return print_outcome(outcome, out)


def _list_ready() -> int:
    from app.core.batch.experiment_file import about_ready

    for name, about in about_ready():
        print(one_line(f"{name}: {about}"))
    return 0


def _experiment(args: argparse.Namespace) -> Experiment:
    from app.core.batch.experiment_file import find_experiment, read_experiment

    return read_experiment(find_experiment(args.file), _chosen(args), prompt_sets(), args.marks or "")


def _chosen(args: argparse.Namespace) -> ModelChoice:
    """The model that is set up, with the options on top."""
    kept = load_choice()
    provider = args.model_reader or kept.provider
    return choice_of(argparse.Namespace(**{**vars(args), "reader": provider})) if provider else kept


def _reference(args: argparse.Namespace) -> ReaderLabels:
    from app.core.evaluation.label_sources import LabelShelf, reference_labels

    shelf = LabelShelf({}, lambda folder: study_for_viewers(folder, args), AnswersUsed.LOCKED)
    labels = reference_labels(shelf, (named_source(args.reference),))
    for sentence in describe_changed(labels.changed, shelf.used):
        say(sentence)
    return labels


def _print_chosen(experiment: Experiment, chosen: Chosen | None) -> None:
    if experiment.choose is None:
        return
    if chosen is None:
        say("--reference is needed to choose a reader; none was chosen.")
        return
    for name, score in chosen.development.items():
        print(one_line(f"development, mean F1 {_shown(score)}: {name}"))
    print(one_line(f"Chosen: {chosen.name}; on the test patients mean F1 {_shown(chosen.test_f1)}."))


def _shown(score: float | None) -> str:
    return "–" if score is None else f"{score:.3f}"
