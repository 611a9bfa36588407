"""`semioscope backup`: makes today's copy of a study, lists its copies, or restores one."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands import arguments
from app.commands.study import study_argument, study_to_change
from app.core.errors import UserError

if TYPE_CHECKING:
    from app.core.study.backup import Backup
    from app.core.study.restoring import InspectedCopy


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "backup",
        help="copy a study, list its copies, or restore one",
        description="Copies a study into its folder “backups”, once a day (UTC), and checks the copy. The "
        "window also copies it every hour while it is changed and when it is closed. Of 24 hours, 7 days and "
        "4 weeks before them one copy each is kept; a copy is removed only when another whole copy of the "
        "study holds its last change. It can be used while a window has the study open.",
        epilog="A copy is a whole study: put into a folder of its own as study.sqlite it can be opened.",
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
        with study_to_change(args.study, author="semioscope") as study:
            made = study.back_up_if_due()
            latest = made or next(one.path for one in study.backups())
        print(latest)
    return 0


def _list(folder: Path) -> None:
    from app.core.study.replacing import restorable_copies, study_id_of
    from app.core.study.restoring import copies_of_other_studies, inspect_copy
    from app.core.study.study_files import linked_copies_in

    found = [inspect_copy(copy) for copy in restorable_copies(_there(folder))]
    others = copies_of_other_studies(found, study_id_of(folder))
    for looked in found:
        print(told(looked, foreign=looked.copy.path in others))
    linked = len(linked_copies_in(folder))
    if linked:
        print(
            f"{linked} more {'has a name' if linked == 1 else 'have names'} elsewhere (hard links, as some "
            "backup programs make them), so they are not used: copy the whole folder, and list the copy's."
        )
    elif not found:
        print("There are no copies yet.")


def told(looked: InspectedCopy, *, foreign: bool = False) -> str:
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
    from app.core.settings import author_of, load_settings
    from app.core.study.replacing import restorable_copies, restore_from_copy

    restored = restore_from_copy(
        folder, _named(restorable_copies(_there(folder)), name), author_of(load_settings())
    )
    print(f"The copy {restored.copy.path.name} was restored.")
    print(f"The study as it was before is kept as {restored.kept.name}.")


def _there(folder: Path) -> Path:
    from app.core.study.database import FILE_NAME
    from app.core.study.replacing import restorable_copies

    if not (folder / FILE_NAME).exists() and not restorable_copies(folder):
        raise UserError(f"There is no study in the folder “{folder.name}”.")
    return folder


def _named(copies: tuple[Backup, ...], name: str) -> Backup:
    """The copy of this name; a file that was set aside has that of its folder."""
    wanted = Path(name)
    for copy in copies:
        names = {copy.path.stem, copy.path.name}
        if copy.path.parent.name.startswith("damaged-"):
            names = {copy.path.parent.name}
        if wanted.name in names or wanted.absolute() == copy.path.absolute():
            return copy
    raise UserError(f"The study has no copy “{wanted.name}”; --list shows which there are.")
