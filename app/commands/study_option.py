"""Studies on the command line: opened to be read or to be changed, also while a window has them open."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.commands.terminal import say
from app.core.errors import UserError
from app.core.study.store import Study

_MOST_FAULTS = 10


def study_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", metavar="STUDY", type=Path, help="the folder of the study")


@contextmanager
def open_study_to_read(folder: Path) -> Iterator[Study]:
    """The study in the folder, which must exist; nothing in it is changed."""
    _check_is_no_file(folder)
    with Study.open_for_viewing(folder) as study, _faults_printed(study):
        study.check_pages()
        yield study


@contextmanager
def open_study_to_change(folder: Path, *, author: str) -> Iterator[Study]:
    """The study in the folder, to be changed in the name of `author`. Raises UserError if it is read-only."""
    from app.core.study.writable_study import writable_study

    _check_is_no_file(folder)
    with writable_study(folder, author=author, create=False) as study, _faults_printed(study):
        yield study


def _check_is_no_file(folder: Path) -> None:
    if folder.is_file():
        raise UserError(
            f"“{folder.name}” is a file; name the folder of its study, which ends in .semioscope."
        )


@contextmanager
def _faults_printed(study: Study) -> Iterator[None]:
    """After the block, print to stderr what could not be read and was left out; of many faults the first."""
    try:
        yield
    finally:
        faults = study.faults()
        shown = faults if len(faults) <= _MOST_FAULTS else faults[: _MOST_FAULTS - 1]
        for fault in shown:
            say(fault)
        if len(faults) > len(shown):
            say(f"{len(faults) - len(shown)} more could not be read.")
