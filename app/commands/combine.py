"""`semioscope combine`: a composite reader, what is seen by one model and what is heard by another."""

from __future__ import annotations

import argparse

from app.commands import arguments
from app.commands.study_option import open_study_to_change, open_study_to_read, study_argument
from app.commands.terminal import one_line
from app.core.errors import UserError
from app.core.plural import plural


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "combine",
        help="a reader of what one model saw and another heard",
        description="Makes a composite reader in a study: the 18 visual features as one model answered them, "
        "the 2 audible ones as another. Both have to have read a recording; their own readings stay. Run it "
        "again after either has read more.",
        epilog="Nothing is sent. Research use; not a medical device.",
    )
    study_argument(parser)
    parser.add_argument("--seen-by", metavar="NAME", help="the model whose visual answers are taken")
    parser.add_argument("--heard-by", metavar="NAME", help="the model whose audible answers are taken")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from app.core.agreement.combined_models import combine_in_study, models_of_study
    from app.core.study.access import PROGRAM

    if args.seen_by is None or args.heard_by is None:
        with open_study_to_read(args.study) as study:
            names = models_of_study(study)
        raise UserError(
            "Name both models with --seen-by and --heard-by. This study has: "
            f"{one_line(', '.join(names)) or 'none'}."
        )
    with open_study_to_change(args.study, author=PROGRAM) as study:
        made = combine_in_study(study, args.seen_by, args.heard_by)
    left = f"; read by one of the two only: {made.left_out}" if made.left_out else ""
    print(one_line(f"{made.name}: {plural(made.recordings, 'recording')}{left}."))
    return 0
