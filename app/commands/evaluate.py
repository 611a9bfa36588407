"""`semioscope evaluate`: readings scored against a reference."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands import arguments
from app.commands.terminal import one_line
from app.core.atomic import check_writable, write_atomically
from app.core.semiology import FEATURES

if TYPE_CHECKING:
    from app.core.agreement.scores import Scores

STDOUT = Path("-")


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "evaluate",
        help="score readings against a reference",
        description="Scores readings (JSON) against reference readings of the same recordings, feature by "
        "feature: accuracy, precision, recall and F1 with 95 % intervals, beside always answering yes.",
        epilog="What either side could not assess or left open is counted apart, never as no.",
    )
    parser.add_argument(
        "--reference", metavar="READING", type=Path, action="append", required=True,
        help="a reference reading, or a folder of them; can be repeated",
    )  # fmt: skip
    parser.add_argument(
        "readings", metavar="READING", type=Path, nargs="+", help="readings to score, or folders of them"
    )
    parser.add_argument(
        "--json", metavar="OUT", type=Path, help="write the scores to this file; - writes them to stdout"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from app.core.agreement.scores_json import scores_to_dict
    from app.core.exchange.reading_files import score_files

    if args.json and args.json != STDOUT:
        check_writable(args.json)
    scores = score_files(args.reference, args.readings)
    text = json.dumps(scores_to_dict(scores), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    if args.json == STDOUT:
        sys.stdout.write(text)
        return 0
    for name, each in scores.items():
        print(one_line(name))
        print(_table(each))
    if args.json:
        write_atomically(args.json, text.encode("utf-8", "replace"))
    return 0


def _table(scores: Mapping[str, Scores]) -> str:
    lines = [f"  {'':<26}{'n':>5}{'yes':>5}{'accuracy':>10}{'precision':>11}{'recall':>8}{'F1':>7}"
             f"  {'95 %':<12}{'always yes':>11}"]  # fmt: skip
    for feature in FEATURES:
        each = scores[feature.id]
        values = (each.accuracy.value, each.precision.value, each.recall.value, each.f1.value)
        accuracy, precision, recall, f1 = (_number(value) for value in values)
        interval = "" if each.f1.low is None else f"{each.f1.low:.2f}–{each.f1.high:.2f}"
        lines.append(
            f"  {feature.name:<26}{each.n:>5}{each.positives:>5}{accuracy:>10}{precision:>11}{recall:>8}"
            f"{f1:>7}  {interval:<12}{_number(each.always_yes_f1.value):>11}"
        )
    return "\n".join(lines)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
