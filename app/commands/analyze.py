"""`semioscope analyze`: the 20 answers of a reader as a table, and as JSON."""

from __future__ import annotations

import argparse
import sys

from app.commands import arguments, model_reading
from app.commands.analysis import analyse, print_limits, reader_choice
from app.commands.backbone_option import backbone_option
from app.commands.interruption import cancelled_by_signals
from app.commands.join import suggest
from app.commands.json_output import write_json_to
from app.commands.model_options import MODELS, add_model_options, refuse_model_options
from app.commands.result_options import STDOUT, result_option
from app.commands.terminal import ProgressLine, format_answers, one_line, summarise
from app.core.reading import Reading, to_json
from app.core.report.phrases import caution, reader_name


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "analyze",
        help="answer the 20 features of a recording",
        description="Answers the 20 semiology features of a recording, each with evidence and a reason.",
        epilog="The answers are suggestions to be confirmed by a person. Research use; not a medical device.",
    )
    arguments.recording_argument(parser)
    parser.add_argument(
        "--reader",
        type=reader_choice(*MODELS),
        metavar="NAME",
        default="signal",
        help="who answers: signal and trained:FILE (of semioscope train) need no network; gemini, vertex "
        "and openai (or alike) are models",
    )
    what = "write the reading to this file; - writes it to stdout and the table to stderr"
    result_option(parser, "--json", "OUT", what)
    arguments.study_argument(parser, "keep the reading in the study in this folder")
    arguments.patient_argument(parser)
    backbone_option(parser)
    add_model_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    if args.reader not in MODELS:
        refuse_model_options(args)
        _write(_local_reading(args), args)
        suggest(args.study)
        return 0
    if args.plan:
        with cancelled_by_signals() as cancel, ProgressLine() as report:
            model_reading.print_plan(args, report, cancel)
        return 0
    with cancelled_by_signals() as cancel, ProgressLine() as report:
        reading, outcome = model_reading.read(args, report, cancel)
    _write(reading, args)
    suggest(args.study)
    return model_reading.print_failures(outcome)


def _local_reading(args: argparse.Namespace) -> Reading:
    with cancelled_by_signals() as cancel, ProgressLine() as report:
        analysed = analyse(
            args.file,
            reader=args.reader,
            patient=args.patient,
            study_folder=args.study,
            report=report,
            cancel=cancel,
            backbone=args.backbone,
        )
    print_limits(analysed)
    return analysed.reading


def _write(reading: Reading, args: argparse.Namespace) -> None:
    print_answers(reading, to_stderr=args.json == STDOUT)
    write_json_to(args, to_json(reading))


def print_answers(reading: Reading, *, to_stderr: bool = False) -> None:
    """Print the table of answers with who gave them."""
    stream = sys.stderr if to_stderr else sys.stdout
    name = one_line(f"{reader_name(reading.reader)} {reading.reader.version}")
    print(f"{one_line(reading.recording.name)} · {reading.recording.duration:.1f} s · {name}\n", file=stream)
    print(format_answers(reading), file=stream)
    print(f"{summarise(reading)}. Suggestions to be confirmed; not a medical device.", file=stream)
    if caution(reading.reader):
        print(caution(reading.reader), file=stream)
