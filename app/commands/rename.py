"""`semioscope rename`: another name for a study, whose folder stays as it is called."""

from __future__ import annotations

import argparse

from app.commands import arguments
from app.commands.study_option import open_study_to_change, study_argument
from app.commands.terminal import one_line
from app.core.settings import account_author


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "rename",
        help="give a study another name",
        description="Gives a study another name, which start page, window title and reports show. Its folder "
        "is not renamed. The change stands in the study's history.",
    )
    study_argument(parser)
    parser.add_argument("name", metavar="NAME", help="what it is called from now on, at most 100 characters")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from app.core.study.rename_study import rename_open_study

    with open_study_to_change(args.study, author=account_author()) as study:
        renamed = rename_open_study(study, args.name)
    if renamed.before == renamed.after:
        print(f"The study is called “{one_line(renamed.after)}” already.")
    else:
        print(f"“{one_line(renamed.before)}” is called “{one_line(renamed.after)}” now.")
    return 0
