"""The option `--json` of commands that write a file or stdout, and what is written there."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.commands.console import write_json
from app.core.atomic import check_writable, write_atomically

STDOUT = Path("-")
"""The file that stands for stdout."""


def json_argument(parser: argparse.ArgumentParser, instead: str) -> None:
    """`--json [OUT]`; on stdout it comes `instead` of what the command prints."""
    parser.add_argument(
        "--json", nargs="?", const=STDOUT, metavar="OUT", type=Path,
        help=f"everything as JSON into OUT, or on stdout instead of the {instead}",
    )  # fmt: skip


def check_outputs(*outputs: Path | None) -> None:
    """Before any work: raises UserError when one of the files cannot be written."""
    for out in outputs:
        if out is not None and out != STDOUT:
            check_writable(out)


def write_json_to(out: Path | None, text: str) -> bool:
    """Write a JSON text to `out`, if that was asked for; whether stdout has it, which then holds nothing
    else. Raises UserError."""
    if out == STDOUT:
        write_json(text)
    elif out is not None:
        write_atomically(out, (text.rstrip("\n") + "\n").encode("utf-8", "replace"))
    return out == STDOUT
