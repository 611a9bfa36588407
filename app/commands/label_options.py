"""Options of commands that read labels: where they are, what recordings are called, who the patient is."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands import viewer_options

if TYPE_CHECKING:
    from app.core.evaluation.label_sources import NamedSource
    from app.core.study.store import Study
    from app.core.study.viewer import Viewer


def names_argument(parser: argparse._ActionsContainer) -> None:
    """`--names`."""
    parser.add_argument(
        "--names", metavar="MAP", type=Path,
        help="a table of what a recording is called in one place and in another, a recording in each row",
    )  # fmt: skip


def patient_options(parser: argparse.ArgumentParser, otherwise: str) -> None:
    """`--names` and `--group-by`; `otherwise` says what holds without the latter."""
    names_argument(parser)
    parser.add_argument(
        "--group-by", metavar="COLUMN|PATTERN",
        help="what says who the patient is: a column, or a regular expression of the names such as 'P[0-9]+' "
        f"({otherwise})",
    )  # fmt: skip


def named_source(text: str) -> NamedSource:
    """`NAME=PATH` or `PATH`; a path that is there is never taken for a name with a path."""
    from app.core.evaluation.label_sources import NamedSource

    name, sign, path = text.partition("=")
    if not sign or Path(text).exists():
        return NamedSource(Path(text))
    return NamedSource(Path(path), name)


@contextmanager
def study_for_viewers(folder: Path, args: argparse.Namespace) -> Iterator[tuple[Study, Viewer]]:
    """A study that labels are taken from, and for whom it is read."""
    with viewer_options.open_study(argparse.Namespace(study=folder, unsealed=args.unsealed)) as study:
        yield study, viewer_options.viewer_of(study, args)
