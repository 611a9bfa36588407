"""The manual page of the command `semioscope`, from the parsers of its subcommands.

python installer/manual_page.py > semioscope.1
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from app import __version__
from app.cli import COMMANDS, program_parser


def main() -> None:
    """Print the page."""
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write("\n".join(_page(program_parser())) + "\n")


def _page(parser: argparse.ArgumentParser) -> Iterator[str]:
    yield f'.TH SEMIOSCOPE 1 "" "Semioscope {__version__}"'
    yield from (".SH NAME", r"semioscope \- review seizure videos with their EEG")
    yield from (".SH SYNOPSIS", r"\fBsemioscope\fR", ".br", r"\fBsemioscope\fR \fICOMMAND\fR ...")
    yield from (".SH DESCRIPTION", "Without arguments the window opens. Research use; not a medical device.")
    yield ".SH COMMANDS"
    subparsers = next(one for one in parser._actions if isinstance(one, argparse._SubParsersAction))
    for name in COMMANDS:
        one = subparsers.choices[name]
        yield from (".TP", rf"\fB{name}\fR", _escaped(one.description or ""))
    yield from (".SH EXIT STATUS", "0 done, 1 the input's fault, 2 usage, 70 a bug (logged), 130 stopped.")


def _escaped(text: str) -> str:
    """Text that roff takes as it is."""
    words = " ".join(text.split()).replace("\\", r"\\").replace("-", r"\-")
    return words.replace("'", r"\(aq").removeprefix(".")


if __name__ == "__main__":
    main()
