"""The option `--json` of commands that write a file or stdout, and what is written there."""

from __future__ import annotations

import argparse

from app.commands.console import write_json
from app.commands.result_options import STDOUT, result_option, write_result


def json_argument(parser: argparse.ArgumentParser, instead: str) -> None:
    """`--json [OUT]`; on stdout it comes `instead` of what the command prints."""
    what = f"everything as JSON into OUT, or on stdout instead of the {instead}"
    result_option(parser, "--json", "OUT", what, bare=True)


def write_json_to(args: argparse.Namespace, text: str) -> bool:
    """Write a JSON text where `--json` says, if it was given; whether stdout has it, which then holds nothing
    else. Raises UserError."""
    if args.json == STDOUT:
        write_json(text)
    elif args.json is not None:
        write_result(args, args.json, (text.rstrip("\n") + "\n").encode("utf-8", "replace"))
    return bool(args.json == STDOUT)
