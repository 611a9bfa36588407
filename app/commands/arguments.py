"""Arguments that several subcommands take; invalid values are usage errors."""

from __future__ import annotations

import argparse
import math
import re
from pathlib import Path
from typing import Protocol

from app.core.picture_box import Box
from app.core.semiology import FEATURES
from app.core.timeline.clock_text import TIME_FORMS, parse_clock

_IDS = {feature.id for feature in FEATURES}


class Subparsers(Protocol):
    """The interface of what `ArgumentParser.add_subparsers` gives, whose class is private."""

    def add_parser(
        self,
        name: str,
        *,
        help: str,  # noqa: A002 - argparse calls it so
        description: str,
        epilog: str | None = None,
    ) -> argparse.ArgumentParser: ...


def recording_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="the recording")


def patient_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--patient",
        metavar="L,T,R,B",
        type=patient_box,
        help="the box in the picture that holds the patient, as shares of its width and height: "
        "0.2,0,0.8,1 (default: the person who is tracked longest)",
    )


def study_argument(parser: argparse.ArgumentParser, purpose: str) -> None:
    parser.add_argument("--study", metavar="DIR", type=Path, help=purpose)


def patient_box(text: str) -> Box:
    """`L,T,R,B`, each 0–1, left < right and top < bottom."""
    try:
        left, top, right, bottom = (float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"not four numbers with commas between: {text!r}") from None
    try:
        return Box(left, top, right, bottom)
    except ValueError:
        raise argparse.ArgumentTypeError("left < right and top < bottom, each between 0 and 1") from None


def features(text: str) -> tuple[str, ...]:
    """Ids of features with commas between, in the order of the checklist."""
    named = {part.strip() for part in text.split(",") if part.strip()}
    unknown = sorted(named - _IDS)
    if unknown:
        valid = ", ".join(feature.id for feature in FEATURES)
        raise argparse.ArgumentTypeError(f"unknown feature {', '.join(unknown)}; the features are {valid}")
    return tuple(feature.id for feature in FEATURES if feature.id in named)


def time(text: str) -> float:
    """A time in seconds, not negative, in any of the forms that the program writes."""
    return _time(text, 0.0)


def time_within(text: str, most: float) -> float:
    """A time of either sign, at most `most` seconds from 0."""
    value = _time(text, -most)
    if value > most:
        raise argparse.ArgumentTypeError(f"must be at most {most:,.0f} seconds from 0")
    return value


def length(text: str) -> float:
    """A length of time above zero, in seconds, in any of the forms of a time."""
    value = _time(text, 0.0)
    if value == 0:
        raise argparse.ArgumentTypeError("must be above 0")
    return value


_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?", re.ASCII)
"""A number as programs write it: 1e-05, 14.998998998999."""


def _time(text: str, least: float) -> float:
    sign, unsigned = (-1.0, text[1:]) if text.startswith(("-", "−")) else (1.0, text)
    parsed = parse_clock(unsigned)
    if parsed is not None:
        value = sign * parsed
    elif _NUMBER.fullmatch(text):
        value = float(text)
    else:
        raise argparse.ArgumentTypeError(f"not a time: {text!r}; write {TIME_FORMS}")
    if not math.isfinite(value) or value < least:
        raise argparse.ArgumentTypeError(f"must be a time from {least:,.0f} s on: {TIME_FORMS}")
    return value


def number(text: str) -> float:
    """A number, not negative."""
    return _number(text, least=0.0)


def positive(text: str) -> float:
    """A number above zero."""
    value = _number(text, least=0.0)
    if value == 0:
        raise argparse.ArgumentTypeError("must be above 0")
    return value


def within(text: str, most: float) -> float:
    """A number of either sign, of at most `most`."""
    value = _number(text, least=-most)
    if value > most:
        raise argparse.ArgumentTypeError(f"must be a number up to {most:g}")
    return value


def size(text: str) -> tuple[int, int]:
    """`WxH` in pixels, each even (H.264 halves colour) and 64–7680."""
    try:
        width, height = (int(part) for part in text.lower().split("x"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"not WIDTHxHEIGHT: {text!r}") from None
    if not all(64 <= side <= 7680 and side % 2 == 0 for side in (width, height)):
        raise argparse.ArgumentTypeError("width and height must be even, 64 to 7680")
    return width, height


def _number(text: str, *, least: float) -> float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not a number: {text!r}") from None
    if not math.isfinite(value) or value < least:
        raise argparse.ArgumentTypeError(f"must be a number from {least:g}")
    return value
