"""`semioscope backup`: makes today's copy of a study, lists its copies, or restores one."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands import arguments
from app.commands.interruption import cancelled_by_signals
from app.commands.study_option import open_study_to_change, study_argument
from app.core.jobs import no_report
from app.core.settings import account_author

if TYPE_CHECKING:
    from app.core.study.restoring import InspectedCopy


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "backup",
        help="copy a study, list its copies, or restore one",
        description="Copies a study into its folder “backups”, once a day (UTC), and checks the copy. The "
        "window also copies it every hour while it is changed and when it is closed. Of 24 hours, 7 days and "
        "4 weeks before them one copy each is kept; a copy is removed only when another whole copy of the "
        "study holds its last change. It can be used while a window has the study open.",
        epilog="A copy is a whole study: put into an empty folder as study.sqlite it can be opened.",
    )
    study_argument(parser)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--list", action="store_true", help="show and check the copies, and make none")
    which.add_argument(
        "--restore", metavar="NAME",
        help="restore the copy of this name, as --list shows it, also when the study's files are damaged; "
        "the study as it is now is kept first, and the history records it. Not while a window has the study "
        "open: restore it there",
    )  # fmt: skip
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    if args.list:
        _list(args.study)
    elif args.restore is not None:
        _restore(args.study, args.restore)
    else:
        from app.core.study.access import PROGRAM

        with open_study_to_change(args.study, author=PROGRAM) as study:
            made = study.back_up_if_due()
            latest = made or next(one.path for one in study.backups())
        print(latest)
    return 0


def _list(folder: Path) -> None:
    from app.core.study.study_copies import describe_linked, list_copies

    with cancelled_by_signals() as cancel:
        listed = list_copies(folder, lambda _copy: None, report=no_report, cancel=cancel)
    for looked in listed.copies:
        print(describe_copy(looked, foreign=looked.copy.path in listed.foreign))
    if listed.linked:
        print(describe_linked(listed.linked))
    elif not listed.copies:
        print("There are no copies yet.")


def describe_copy(looked: InspectedCopy, *, foreign: bool = False) -> str:
    """One copy on one line: when, what for, how large, what is in it, whether it is whole, its name."""
    what = (
        f"not whole: {looked.fault}"
        if looked.fault
        else f"whole, {_count(looked.changes, 'change')}, {_count(looked.answers, 'answer')}"
    )
    what += ", of another study" if foreign else ""
    copy = looked.copy
    return f"{copy.at:%Y-%m-%d %H:%M} UTC  {copy.what:<8}  {looked.size:>12,} bytes  {what}  {copy.path}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _restore(folder: Path, name: str) -> None:
    from app.core.study.study_copies import copy_named, describe_restored, restore_copy

    copy = copy_named(folder, name)
    for sentence in describe_restored(restore_copy(folder, copy, account_author(), report=no_report)):
        print(sentence)
