"""For whom a command reads a study: `--viewer` and `--unsealed`, and what is said of what is sealed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from app.commands.study import study_to_change, study_to_look_at
from app.commands.terminal import one_line

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


@contextmanager
def opened(args: argparse.Namespace) -> Iterator[Study]:
    """The study to look at; with `--unsealed` to be written into as well. Raises UserError."""
    from app.core.settings import author_of, load_settings

    opening: AbstractContextManager[Study] = study_to_look_at(args.study)
    if args.unsealed:
        opening = study_to_change(args.study, author=author_of(load_settings()))
    with opening as study:
        yield study


def viewer_of(study: Study, args: argparse.Namespace) -> Viewer:
    """For whom the study is read: all its readers, or as `--viewer` or `--unsealed` say. Raises UserError."""
    from app.core.study.viewer import Unsealed, every_reader, reader_named

    if args.unsealed:
        return Unsealed()
    return every_reader(study) if args.viewer is None else reader_named(study, args.viewer)


def tell(seal: Seal) -> None:
    """Say on stderr what was left out as sealed, or given all the same."""
    from app.core.study.viewer import seal_phrases

    for sentence in seal_phrases(seal):
        print(one_line(f"semioscope: {sentence}"), file=sys.stderr)
    if seal.withheld:
        print("semioscope: --unsealed gives them too and notes it in the study.", file=sys.stderr)
