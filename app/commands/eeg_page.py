"""`semioscope eeg page`: a page of an EEG file as a picture."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands import arguments
from app.commands.interruption import cancelled_by_signals
from app.commands.result_options import result_option, write_result
from app.commands.terminal import ProgressLine
from app.core.eeg.filters import Filters
from app.core.eeg.montage_folder import find_montage
from app.core.eeg.montages import read_montage
from app.core.errors import UserError
from app.core.timeline.clock_text import TIME_FORMS

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core.eeg.montages import Montage
    from app.core.eeg.page_content import PageChoice
    from app.core.eeg.page_layout import PictureStyle

AT_HELP = f"time after the first sample: {TIME_FORMS}; before it with a sign (--at=-0:05)"


def register(subparsers: arguments.Subparsers, at: Callable[[str], float]) -> None:
    """Add the subcommand; `at` parses a time in seconds, possibly before the first sample."""
    page = subparsers.add_parser(
        "page",
        help="a page as a picture",
        description="Draws a page of an EEG file as PNG: traces in a montage, time grid, scale bar, the "
        "file's annotations, and all settings below it. Seconds count from the first sample.",
        epilog="Who was recorded is not in the picture; annotations are the file's own text and may name "
        "people (--no-annotations leaves them out). Research use; not a medical device.",
    )
    page.add_argument("file", metavar="FILE", type=Path, help="the EEG file")
    page.add_argument("--at", metavar="TIME", type=at, required=True, help=AT_HELP)
    page.add_argument(
        "--seconds", metavar="TIME", type=arguments.length, default=10.0,
        help=f"the length of the page, 10 by default: {TIME_FORMS}",
    )  # fmt: skip
    page.add_argument(
        "--montage", metavar="M", help="name of a montage or its file (default: the first that fits)"
    )
    result_option(page, "--out", "PNG", "the picture to write", required=True)
    _filter_arguments(page)
    page.add_argument(
        "--sensitivity", metavar="UV", type=arguments.positive, default=7.0,
        help="µV/mm of the EEG, 7 by default; other channels in proportion",
    )  # fmt: skip
    page.add_argument("--positive-up", action="store_true", help="draw positive values upwards")
    page.add_argument(
        "--hide", metavar="TRACE", action="append", default=[],
        help="leave this trace out, by its name in the picture; can be repeated",
    )  # fmt: skip
    page.add_argument(
        "--bad", metavar="CHANNEL", action="append", default=[],
        help="this channel is bad: left out of averages, its traces grey; can be repeated",
    )  # fmt: skip
    page.add_argument("--no-annotations", action="store_true", help="leave the file's annotations out")
    page.add_argument("--clock", choices=("day", "seconds"), default="day", help="time of day or seconds")
    page.add_argument("--width", metavar="PX", type=_pixels, default=1920, help="1920 by default")
    page.add_argument("--height", metavar="PX", type=_pixels, help="by default as the rows need it")
    page.add_argument("--dpi", metavar="N", type=_dots, default=150.0, help="dots per inch; 150 by default")
    look = page.add_mutually_exclusive_group()
    look.add_argument("--light", action="store_true", help="on white; this is the default")
    look.add_argument("--dark", action="store_true", help="on black")
    page.set_defaults(run=run_page)


def _filter_arguments(page: argparse.ArgumentParser) -> None:
    filters = page.add_argument_group("filters of the EEG (0: off)")
    filters.add_argument("--low-cut", metavar="HZ", type=arguments.number, default=0.5, help="default 0.5")
    filters.add_argument("--high-cut", metavar="HZ", type=arguments.number, default=70.0, help="default 70")
    filters.add_argument("--notch", metavar="HZ", type=arguments.number, default=0.0, help="50 or 60")
    filters.add_argument(
        "--zero-phase", action="store_true", help="filter forwards and backwards: shifts nothing in time"
    )


def run_page(args: argparse.Namespace) -> int:
    from app.core.eeg.page_of_file import FilePage, draw_page_of_file

    if args.out.suffix.lower() != ".png":
        raise UserError(f"The picture is a PNG: let its name end in .png, not in “{args.out.suffix}”.")
    choice, style = _choice(args), _style(args)
    wanted = FilePage(args.at, args.seconds, args.clock == "day", not args.no_annotations)
    with cancelled_by_signals() as cancel, ProgressLine() as report:
        picture = draw_page_of_file(args.file, wanted, choice, style, report=report, cancel=cancel)
    write_result(args, args.out, picture)
    print(args.out)
    return 0


def _choice(args: argparse.Namespace) -> PageChoice:
    from app.core.eeg.page_content import PageChoice, filters_by_kind, scaled_sensitivities

    if args.low_cut and args.high_cut and args.low_cut >= args.high_cut:
        raise UserError("The low cut must be below the high cut.")
    filters = Filters(
        args.low_cut or None, args.high_cut or None, args.notch or None, zero_phase=args.zero_phase
    )
    return PageChoice(
        _montage(args.montage) if args.montage is not None else None,
        filters_by_kind(filters),
        scaled_sensitivities(args.sensitivity),
        not args.positive_up,
        tuple(args.hide),
        tuple(args.bad),
    )


def _montage(name: str) -> Montage:
    """The montage in a file of this path, else the known one of this name. Raises UserError."""
    return read_montage(Path(name)) if Path(name).is_file() else find_montage(name)


def _style(args: argparse.Namespace) -> PictureStyle:
    from app.core.eeg.page_layout import DARK, LIGHT, PictureStyle

    return PictureStyle(args.width, args.height, args.dpi, DARK if args.dark else LIGHT)


def _pixels(text: str) -> int:
    from app.core.eeg.page_layout import LARGEST, SMALLEST

    value = arguments.positive(text)
    if not (value == int(value) and SMALLEST <= value <= LARGEST):
        raise argparse.ArgumentTypeError(f"must be a whole number from {SMALLEST} to {LARGEST}")
    return int(value)


def _dots(text: str) -> float:
    value = arguments.positive(text)
    if not 50 <= value <= 600:
        raise argparse.ArgumentTypeError("must be 50 to 600")
    return value
