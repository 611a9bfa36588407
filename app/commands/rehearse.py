"""`semioscope rehearse`: what a model's server takes, found with generated media of full size."""

from __future__ import annotations

import argparse

from app.commands import arguments
from app.commands.doubt_options import DOUBT
from app.commands.interruption import cancelled_by_signals
from app.commands.model_options import (
    MODELS,
    add_model_options,
    choice_of,
    prompts_of,
    refuse_options,
    remember_private_origin,
)
from app.commands.model_reading import key_of
from app.commands.terminal import ProgressLine, one_line
from app.core.settings import account_author

_OF_RECORDINGS = (
    *(
        "plan",
        "ask_refused_again",
        "i_have_authority",
        "part",
        "tell_event",
        "tell_earlier",
        "keep_clips",
        "long",
    ),
    *("transcript_model", "most_cost", *DOUBT),
)
"""Options that would change nothing: a rehearsal asks about one generated segment, and makes no reading."""


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "rehearse",
        help="ask a model with generated pictures and sound, and say what its server leaves out",
        description="Asks a model what it would be asked about one segment, with generated pictures and "
        "sound of the real number and size; nothing of any recording is sent. The tokens that the server "
        "counts tell whether it drops frames or cuts what its context does not hold, and what to change "
        "there. It takes about as many tokens as three segments.",
        epilog="Exit code 1 when the model does not answer or does not take everything. "
        "docs/model_readers.md",
    )
    parser.add_argument("--reader", choices=MODELS, required=True, help="which kind of model")
    add_model_options(parser, without=_OF_RECORDINGS)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from app.core.readers.models.rehearsal import rehearse
    from app.core.readers.models.rehearsal_phrases import rehearsal_lines

    refuse_options(args, _OF_RECORDINGS, "is for recordings; a rehearsal sends none.")
    choice, sets = prompts_of(args, choice_of(args))
    key = key_of(choice)
    if args.private_network:
        remember_private_origin(choice)
    with cancelled_by_signals() as cancel, ProgressLine() as report:
        found = rehearse(choice, key, account_author(), prompt_sets=sets, report=report, cancel=cancel)
    for line in rehearsal_lines(found, choice):
        print(one_line(line))
    return 0 if found.passed else 1
