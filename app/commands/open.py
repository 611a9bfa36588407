"""`semioscope` and `semioscope open`: the window."""

from __future__ import annotations

import argparse
import gc
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands.display import has_display
from app.core.errors import UserError

if TYPE_CHECKING:
    from app.commands import arguments


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "open",
        help="open the window (the default)",
        description="Opens the window, with FILE on that recording or study.",
    )
    parser.add_argument(
        "file", metavar="FILE", type=Path, nargs="?",
        help="the recording; or a study, by its folder or by the study.sqlite in it",
    )  # fmt: skip
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    if not has_display():
        raise UserError(
            "There is no display to open the window on; `semioscope analyze FILE` and "
            "`semioscope report FILE --out HTML` do without one."
        )
    return open_window(args.file)


def open_window(file: Path | None) -> int:
    """Run the window until it is closed."""
    # What is imported and composed now stays until the end: the window's collector passes over it.
    gc.disable()
    from app.ui.main import run_window

    return run_window(file)
