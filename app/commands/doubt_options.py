"""The options for what a model's confidence is and how its segments become one answer."""

from __future__ import annotations

import argparse
from typing import Any

from app.core.errors import UserError
from app.core.readers.models.merge_rule import merge_rule
from app.core.readers.models.model_choice import MOST_TIMES_ASKED
from app.core.semiology import ConfidenceKind

DOUBT = ("confidence", "times_asked", "wordings", "merging")
"""The names of these options, which only models take."""

_KINDS = (ConfidenceKind.STATED, ConfidenceKind.REPEATS, ConfidenceKind.TOKENS)


def doubt_arguments(group: argparse._ActionsContainer) -> None:
    group.add_argument(
        "--confidence",
        choices=[kind.value for kind in _KINDS],
        help="what the model says of itself (stated), the share of repeated questions (repeats), or the "
        "probability of its verdict's token where the server gives one (tokens)",
    )
    group.add_argument(
        "--times-asked", metavar="N", type=_times, help=f"how often for repeats, 2 to {MOST_TIMES_ASKED} (5)"
    )
    group.add_argument(
        "--wordings", metavar="LIST", type=_names, help="further sets of questions that repeats take in turn"
    )
    group.add_argument(
        "--merging",
        metavar="RULE",
        type=_rule,
        help="when segments are a yes: any, “2 segments”, “25%% of segments”, “confidence 80”",
    )


def doubt_of(args: argparse.Namespace) -> dict[str, Any]:
    """The values of a choice that these options give."""
    found = {name: getattr(args, name) for name in DOUBT if getattr(args, name) is not None}
    if "confidence" in found:
        found["confidence"] = ConfidenceKind(found["confidence"])
    return found


def _times(text: str) -> int:
    if not text.isdecimal() or not 2 <= int(text) <= MOST_TIMES_ASKED:
        raise argparse.ArgumentTypeError(f"“{text}” is not a number from 2 to {MOST_TIMES_ASKED}")
    return int(text)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _rule(text: str) -> str:
    try:
        return merge_rule(text).name
    except UserError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
