"""`semioscope agreement --faithfulness`: how persons have rated a reader's explanations."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from app.commands import viewer_options
from app.commands.terminal import one_line
from app.core.agreement.faithfulness_sheet import NAMES
from app.core.semiology import FEATURE

if TYPE_CHECKING:
    from app.core.agreement.faithfulness import RatingSummary
    from app.core.agreement.rating_queue import Faithfulness, RatingQueue


def faithfulness_text(args: argparse.Namespace) -> tuple[str, str]:
    """The tables and the JSON of what `args` ask for. Raises UserError."""
    from app.core.agreement.faithfulness_json import faithfulness_to_dict
    from app.core.agreement.rate_explanations import summarise_reader

    with viewer_options.open_study(args) as study:
        found = summarise_reader(
            study,
            viewer_options.viewer_of(study, args),
            reader=args.reader,
            reference=args.reference,
            rater=args.rater,
        )
    viewer_options.print_seal(found.seal)
    data = faithfulness_to_dict(
        found.reader, found.reference, list(found.raters), found.queue, found.faithfulness
    )
    heading = (
        f"{one_line(found.reader)}, where {one_line(found.reference)} says so too; rated by "
        f"{', '.join(map(one_line, found.raters)) or 'nobody yet'}"
    )
    tables = _table(found.queue, found.faithfulness)
    return f"{heading}\n{tables}", json.dumps(data, indent=1, ensure_ascii=False)


def _table(found: RatingQueue, said: Faithfulness) -> str:
    lines = [f"  {'':<26}{'n':>5}{'1':>5}{'2':>5}{'3':>5}{'4':>5}{'5':>5}{'mean':>7}{'≥ 3':>7}  95 %"]
    lines.append(_row("All", said.overall))
    lines += [_row(outcome.value.replace("_", " "), each) for outcome, each in said.outcomes.items()]
    lines += [_row(FEATURE[feature].name, each) for feature, each in said.features.items()]
    lines.append(f"  {said.overall.faithful.n} ratings of {len(found.items)} explanations in the queue;")
    lines.append(f"  {said.outside} of others and {said.outdated} of earlier texts are not counted.")
    lines += [
        f"  {NAMES[one]}: as the explanation says in {yes} of {n} sheets"
        for one, (yes, n) in said.particulars.items()
    ]
    short = sum(found.missing.values())
    if short:
        lines.append(f"  {short} true negatives fewer than true positives were to be had.")
    return "\n".join(lines)


def _row(name: str, each: RatingSummary) -> str:
    share, mean = each.faithful, each.mean
    share_text = "–" if share.value is None else f"{share.value:.0%}"
    interval = "" if share.low is None or share.high is None else f"{share.low:.0%}…{share.high:.0%}"
    scores = "".join(f"{number:>5}" for number in each.distribution.values())
    return (
        f"  {name:<26}{share.n:>5}{scores}{'–' if mean.value is None else f'{mean.value:.1f}':>7}"
        f"{share_text:>7}  {interval}"
    )
