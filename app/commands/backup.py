"""`semioscope backup`: today's copy of a study, checked, and which copies there are."""

from __future__ import annotations

import argparse

from app.commands import arguments
from app.commands.study import study_argument, study_to_change, study_to_look_at


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "backup",
        help="today's copy of a study",
        description="Copies a study into its folder “backups”, once a day (UTC), checks the copy, and "
        "removes daily copies but the last of 7 days and of 4 weeks before. Also while a window has it open.",
        epilog="A copy is a whole study: put into a folder of its own as study.sqlite it can be opened.",
    )
    study_argument(parser)
    parser.add_argument("--list", action="store_true", help="show the copies and make none")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    if args.list:
        with study_to_look_at(args.study) as study:
            for one in study.backups():
                print(f"{one.at:%Y-%m-%d %H:%M} UTC  {one.what:<3}  {one.path}")
        return 0
    with study_to_change(args.study, author="semioscope") as study:
        made = study.back_up_if_due()
        latest = made or next(one.path for one in study.backups())
    print(latest)
    return 0
