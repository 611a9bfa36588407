"""The options `--viewer` and `--unsealed` of commands that read a study, and the notice of what is sealed."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from app.commands.study_option import open_study_to_change, open_study_to_read
from app.commands.terminal import say
from app.core.settings import account_author
from app.core.study.blind_readings import AnswersUsed
from app.core.study.viewer import Unsealed, describe_seal, every_reader, reader_named

if TYPE_CHECKING:
    from app.core.study.store import Study
    from app.core.study.viewer import Seal, Viewer


def sealed_arguments(parser: argparse.ArgumentParser) -> None:
    """`--viewer` and `--unsealed`."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--viewer", metavar="NAME",
        help="for whom (default: all human readers of the study, so that nothing that is sealed from one of "
        "them, who reads blind and has not locked yet, is in it)",
    )  # fmt: skip
    unsealed_argument(which)


def unsealed_argument(parser: argparse._ActionsContainer) -> None:
    """`--unsealed`."""
    parser.add_argument(
        "--unsealed", action="store_true",
        help="also what is sealed; that this was done, when and by whom is written into the study's history",
    )  # fmt: skip


def answers_argument(parser: argparse.ArgumentParser) -> None:
    """`--answers`."""
    parser.add_argument(
        "--answers", choices=[one.value for one in AnswersUsed], default=AnswersUsed.LOCKED.value,
        help="of readers of a study who read blind: as they were locked (locked, the default), or as they "
        "are now, with what was changed after the others' answers were seen (now)",
    )  # fmt: skip


@contextmanager
def open_study(args: argparse.Namespace) -> Iterator[Study]:
    """The study, opened to be read; with `--unsealed` to be written as well. Raises UserError."""
    opening: AbstractContextManager[Study] = open_study_to_read(args.study)
    if args.unsealed:
        opening = open_study_to_change(args.study, author=account_author())
    with opening as study:
        yield study


def viewer_of(study: Study, args: argparse.Namespace) -> Viewer:
    """For whom the study is read: all its readers, or as `--viewer` or `--unsealed` say. Raises UserError."""
    if args.unsealed:
        return Unsealed()
    return every_reader(study) if args.viewer is None else reader_named(study, args.viewer)


def print_left_out(seals: Iterable[Seal], remarks: Iterable[str] = ()) -> None:
    """Print to stderr what was left out as sealed, and further remarks."""
    for seal in seals:
        print_seal(seal)
    for remark in remarks:
        say(remark)


def print_seal(seal: Seal) -> None:
    """Print to stderr what was left out as sealed, or given all the same."""
    for sentence in describe_seal(seal):
        say(sentence)
    if seal.withheld:
        say("--unsealed gives them too and notes it in the study.")
