"""`semioscope agreement --faithfulness`: how persons have rated a reader's explanations."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from app.commands import sealed
from app.commands.terminal import one_line
from app.core.errors import UserError
from app.core.semiology import FEATURE

if TYPE_CHECKING:
    from app.core.agreement.faithfulness import RatingSummary
    from app.core.agreement.rating_queue import Faithfulness, RatingQueue
    from app.core.reading import Reading
    from app.core.study.ratings import KeptRating


def faithfulness_text(args: argparse.Namespace) -> tuple[str, str]:
    """The tables and the JSON of what `args` ask for. Raises UserError."""
    from app.core.agreement import of_study
    from app.core.agreement.faithfulness_json import faithfulness_to_dict
    from app.core.agreement.rating_queue import faithfulness, rating_queue

    with sealed.opened(args) as study:
        recordings, left_out = sealed.read(study, args)
        sealed.settle(study, args, left_out, "agreement --faithfulness")
        explaining, judging = of_study.explaining(recordings), of_study.judging(recordings)
        name = args.reader or _only(explaining)
        readings = of_study.named(explaining, name, "reader with explanations")
        reference = args.reference or of_study.usual_reference(judging, study.settings().reference)
        if reference is None:
            raise UserError(f"Say with --reference who is right: {', '.join(judging) or 'nobody has read'}.")
        right = of_study.named(judging, reference, "reader to hold them against")
        ratings = _of_reader(study.ratings(), readings)
    if args.rater:
        ratings = [one for one in ratings if one.rater.name == args.rater]
    raters = sorted({one.rater.name for one in ratings})
    found = rating_queue(recordings, right, readings)
    said = faithfulness(found, ratings)
    data = faithfulness_to_dict(name, reference, raters, found, said)
    heading = f"{one_line(name)}, where {one_line(reference)} says so too; rated by " + (
        ", ".join(map(one_line, raters)) or "nobody yet"
    )
    return f"{heading}\n{_table(found, said)}", json.dumps(data, indent=1, ensure_ascii=False)


def _only(explaining: dict[str, list[Reading]]) -> str:
    if len(explaining) == 1:
        return next(iter(explaining))
    known = ", ".join(explaining)
    raise UserError(
        f"Say with --reader whose explanations: {known}." if known else "Nobody has explained an answer here."
    )


def _of_reader(ratings: tuple[KeptRating, ...], readings: list[Reading]) -> list[KeptRating]:
    key = readings[0].reader.exact_key
    return [one for one in ratings if one.explained.reader.exact_key == key]


def _table(found: RatingQueue, said: Faithfulness) -> str:
    lines = [f"  {'':<26}{'n':>5}{'1':>5}{'2':>5}{'3':>5}{'4':>5}{'5':>5}{'mean':>7}{'≥ 3':>7}  95 %"]
    lines.append(_row("All", said.overall))
    lines += [_row(outcome.value.replace("_", " "), each) for outcome, each in said.outcomes.items()]
    lines += [_row(FEATURE[feature].name, each) for feature, each in said.features.items()]
    lines.append(f"  {said.overall.faithful.n} ratings of {len(found.items)} explanations in the queue;")
    lines.append(f"  {said.outside} of others and {said.outdated} of earlier texts are not counted.")
    short = sum(found.missing.values())
    if short:
        lines.append(f"  {short} true negatives fewer than true positives were to be had.")
    return "\n".join(lines)


def _row(name: str, each: RatingSummary) -> str:
    share, mean = each.faithful, each.mean
    told = "–" if share.value is None else f"{share.value:.0%}"
    interval = "" if share.low is None or share.high is None else f"{share.low:.0%}…{share.high:.0%}"
    scores = "".join(f"{number:>5}" for number in each.distribution.values())
    return (
        f"  {name:<26}{share.n:>5}{scores}{'–' if mean.value is None else f'{mean.value:.1f}':>7}"
        f"{told:>7}  {interval}"
    )
