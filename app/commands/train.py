"""`semioscope train`: a reader that learns from a department's own labels."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands import arguments
from app.commands.backbone_option import backbone_option
from app.commands.interruption import cancelled_by_signals
from app.commands.label_options import named_source, patient_options, study_for_viewers
from app.commands.result_options import result_option, write_result
from app.commands.terminal import ProgressLine, one_line
from app.commands.viewer_options import print_left_out, sealed_arguments
from app.core.errors import UserError
from app.core.plural import plural
from app.core.semiology import FEATURE

if TYPE_CHECKING:
    from app.core.readers.trained.trained_reader_file import TrainedReaderFile
    from app.core.training.case_inputs import InputSource

KINDS = ("signal", "video")


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "train",
        help="train a reader on labels of your own",
        description="Trains a reader on recordings and their labels and judges it by cross-validation on "
        "patients it has not seen. The file that is written holds numbers alone and names what it was "
        "trained on; use it with: semioscope analyze --reader trained:FILE RECORDING.",
        epilog="A feature is trained from 15 recordings with yes and 15 with no, of 10 patients. "
        "docs/baselines.md says how. Research use; not a medical device.",
    )
    parser.add_argument(
        "recordings", metavar="RECORDING|FOLDER", nargs="+", type=Path,
        help="recordings, and folders of them",
    )  # fmt: skip
    parser.add_argument(
        "--labels", metavar="[NAME=]PATH", action="append", required=True,
        help="what is right: a table, readings as JSON or a study; NAME chooses a reader; can be repeated",
    )  # fmt: skip
    result_option(parser, "--out", "FILE", "the trained reader (JSON)", required=True)
    parser.add_argument(
        "--reader", choices=KINDS, default="signal",
        help="what it learns from: the measures of pose, face and sound (signal, the default), or pictures "
        "through a frozen network (video)",
    )  # fmt: skip
    parser.add_argument("--name", help="what the reader is called (default: the name of the file)")
    backbone_option(parser)
    patient_options(parser, "default: the column patient; without either nothing is trained")
    sealed_arguments(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from app.core.readers.trained.trained_reader_file import trained_reader_to_json
    from app.core.training.train_reader import TrainingChoice, train_reader

    choice = TrainingChoice(
        tuple(args.recordings),
        tuple(named_source(text) for text in args.labels),
        one_line(args.name or args.out.stem),
        args.names,
        args.group_by,
    )
    with cancelled_by_signals() as cancel, ProgressLine() as report:
        outcome = train_reader(
            choice,
            _source(args),
            lambda folder: study_for_viewers(folder, args),
            report=report,
            cancel=cancel,
        )
    print_left_out(outcome.seals, outcome.remarks)
    write_result(args, args.out, trained_reader_to_json(outcome.reader).encode("ascii"))
    print("\n".join(training_lines(outcome.reader)))
    return 0


def _source(args: argparse.Namespace) -> InputSource:
    from app.core.readers.trained.video.backbone_choice import chosen_backbone
    from app.core.training.signal_source import SignalSource
    from app.core.training.video_source import VideoSource

    if args.reader == "video":
        return VideoSource(chosen_backbone(args.backbone))
    if args.backbone:
        raise UserError("--backbone is for the video baseline: --reader video.")
    return SignalSource()


def training_lines(reader: TrainedReaderFile) -> Iterator[str]:
    """What was learned, and how well, feature by feature."""
    yield (
        f"{one_line(reader.name)}: {plural(len(reader.recordings), 'recording')} of "
        f"{plural(reader.patients, 'patient')} (by "
        f"{one_line(reader.grouped_by)}), labels by {one_line(reader.labels)}; judged on unseen patients."
    )
    yield (
        f"  {'':<26}{'n':>5}{'yes':>5}{'patients':>10}{'F1':>7}{'rules':>7}{'always yes':>12}{'AUC':>7}"
        f"{'ECE':>7}"
    )
    for feature, each in reader.features.items():
        found, scores = each.training, each.training.scores
        figures = [
            _figure(scores.get(name))
            for name in ("f1", "rules_f1", "always_yes_f1", "auc", "calibration_error")
        ]
        yield (
            f"  {FEATURE[feature].name:<26}{found.positives + found.negatives:>5}{found.positives:>5}"
            f"{found.patients:>10}{figures[0]:>7}{figures[1]:>7}{figures[2]:>12}{figures[3]:>7}{figures[4]:>7}"
        )
    for feature, why in reader.refused.items():
        yield f"  {FEATURE[feature].name} was not trained: {one_line(why)}"
    yield "ECE: calibration error. Suggestions to be confirmed; research use, not a medical device."


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
