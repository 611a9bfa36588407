"""`--format`: the format of a file of another program, by its id or the plain name of its usual form."""

from __future__ import annotations

import argparse

from app.core.exchange.format_names import FORMAT_NAMES, PLAIN_NAMES


def format_option(parser: argparse.ArgumentParser, further: str, what: str) -> None:
    """The option, which gives the id of a format or `further`, the id of one that only this command has."""
    accepted = (*FORMAT_NAMES, *PLAIN_NAMES, further)

    def format_id(text: str) -> str:
        if text not in accepted:
            raise argparse.ArgumentTypeError(f"unknown format {text!r}; give one of {', '.join(accepted)}")
        return PLAIN_NAMES.get(text, text)

    usual = ", ".join(f"{plain} is {full}" for plain, full in PLAIN_NAMES.items())
    parser.add_argument(
        "--format", metavar="{" + ",".join(accepted) + "}", type=format_id, required=True,
        help=f"{what} ({usual})",
    )  # fmt: skip
