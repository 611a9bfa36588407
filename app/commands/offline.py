"""`semioscope offline`: requests to a model as a file for `vllm run-batch`, and its results as readings."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.commands import arguments
from app.commands.interruption import cancelled_by_signals
from app.commands.model_options import (
    ONE_RECORDING,
    add_model_options,
    choice_of,
    prompts_of,
    refuse_one_recording_options,
    refuse_options,
)
from app.commands.model_reading import without_authority
from app.commands.terminal import ProgressLine, one_line, say
from app.core.errors import UserError
from app.core.plural import plural
from app.core.settings import account_author

READER = "vllm-file"
_NOT_HERE = (
    *("base_url", "project", "location", "private_network", "plan", "ask_refused_again", "most_cost", "long"),
    *("deadline", "tell_earlier", "keep_clips", "times_asked", "wordings"),
)


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "offline",
        help="ask a model on another computer through files",
        description="write: what a model would be asked about recordings, as a file that “vllm run-batch -i "
        "FILE -o RESULTS --model NAME” answers on a computer without a network. read: its results as "
        "readings of the study; give the same options as for writing.",
        epilog="No request tells what earlier segments found, because all are answered at once. Exit code 1 "
        "when anything was left out or has no answer. The file shows patients: it is in "
        "the study's ledger, and has to be deleted where it was carried to. docs/model_readers.md",
    )
    parser.add_argument("action", choices=("write", "read"))
    parser.add_argument("source", metavar="DIR|LIST|STUDY", type=Path, help="the recordings")
    parser.add_argument("file", metavar="FILE", type=Path, help="the new file of requests, or the results")
    arguments.study_argument(parser, "the study with the ledger and the readings (default: the source)")
    add_model_options(parser, without=(*_NOT_HERE, *ONE_RECORDING))
    parser.add_argument(
        "--named-recordings", action="store_true",
        help="of a study: open recordings wherever the study says that they are",
    )  # fmt: skip
    parser.set_defaults(run=run, reader=READER)


def run(args: argparse.Namespace) -> int:
    from app.core.batch.recording_list import is_study, listed_recordings
    from app.core.batch.request_files import FileQuestion, read_results, write_requests
    from app.core.privacy.gate import allow
    from app.core.readers.models.model_choice import for_any_recording
    from app.core.readers.models.providers import provider_of
    from app.core.readers.models.sweep_readings import sweep_study
    from app.core.study.writable_study import writable_study

    refuse_options(args, _NOT_HERE, "is for models that are asked directly.")
    refuse_one_recording_options(args)
    choice, sets = prompts_of(args, for_any_recording(choice_of(args)))
    destination = provider_of(choice).destination(choice)
    folder = args.study or (args.source if is_study(args.source) else None)
    if folder is None:
        raise UserError("Name the study whose ledger says what was written: give --study.")
    if args.action == "write" and not args.i_have_authority:
        raise UserError(without_authority(destination))
    listed = listed_recordings(args.source, study=args.study, named=args.named_recordings)
    question = FileQuestion(choice, sets)
    incomplete = False
    with writable_study(folder) as study, cancelled_by_signals() as cancel, ProgressLine() as report:
        sweep_study(folder)
        if args.action == "write":
            made = write_requests(
                study,
                listed,
                question,
                args.file,
                lambda place: allow(folder, place, account_author()),
                report=report,
                cancel=cancel,
            )
            left_out, said = made.left_out, plural(made.lines, "request")
            said += f" about {plural(made.recordings, 'recording')}"
            said += f", {made.size / 1e6:.1f} MB, in {args.file.name}."
        else:
            found = read_results(study, listed, question, args.file, report=report, cancel=cancel)
            said, left_out = f"{plural(found.readings, 'reading')} kept.", found.left_out
            incomplete = bool(found.missing)
            if found.missing:
                said += f" {plural(found.missing, 'request')} without an answer that can be used."
            if found.unread:
                said += f" {plural(found.unread, 'line')} without a result."
    print(one_line(said))
    for name, reason in left_out:
        say(f"{name}: {reason}")
    return 1 if left_out or incomplete else 0
