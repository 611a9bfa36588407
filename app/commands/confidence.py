"""`semioscope confidence`: what a reader's confidence is worth in the patients of a study."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from app.commands import arguments, viewer_options
from app.commands.json_output import json_argument, write_json_to
from app.commands.study_option import open_study_to_change, study_argument
from app.commands.terminal import one_line, say
from app.core.plural import plural
from app.core.semiology import FEATURES
from app.core.settings import account_author
from app.core.study.blind_readings import AnswersUsed, describe_changed

if TYPE_CHECKING:
    from app.core.evaluation.scale_study import ReaderDoubt

FORMAT = "semioscope-confidence/1"


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "confidence",
        help="a reader's confidence scaled on a study's own patients, and its answers to black frames",
        description="Scales a reader's confidence by how often its answers were right in other patients of "
        "the study (Platt scaling), and says what the same reader answers to black frames and silence.",
        epilog="The control comes from `semioscope experiment blind-control`. docs/evaluation.md says more.",
    )
    study_argument(parser)
    parser.add_argument("--reader", metavar="NAME", help="whose confidence (default: the only model's)")
    parser.add_argument(
        "--reference", metavar="NAME",
        help="who is right (default: the study's reference, else the consensus, else the only person)",
    )  # fmt: skip
    parser.add_argument(
        "--keep", action="store_true",
        help="keep the scaled readings in the study, beside those they were made of",
    )  # fmt: skip
    json_argument(parser, "table")
    viewer_options.sealed_arguments(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from app.core.evaluation.scale_study import doubt_of_reader, keep_scaled

    opening = (
        open_study_to_change(args.study, author=account_author())
        if args.keep
        else viewer_options.open_study(args)
    )
    with opening as study:
        viewer = viewer_options.viewer_of(study, args)
        found = doubt_of_reader(study, viewer, reader=args.reader, reference=args.reference)
        changed = describe_changed(found.changed, AnswersUsed.LOCKED)
        viewer_options.print_left_out((found.seal,), changed)
        if args.keep:
            count = keep_scaled(study, found)
            say(f"{count} scaled readings are kept in the study.")
    text = json.dumps(_to_dict(found), indent=1, ensure_ascii=False, allow_nan=False)
    if not write_json_to(args, text):
        print(_table(found))
    return 0


def _table(found: ReaderDoubt) -> str:
    scaled = found.scaled
    lines = [f"{one_line(found.reader)} against {one_line(found.reference) or 'no reference'}"]
    if scaled is not None:
        lines.append(
            f"{plural(scaled.recordings, 'recording')} of "
            f"{plural(scaled.patients, 'patient')}, each scaled on the others"
        )
    else:
        lines.append(one_line(found.refusal))
    if found.unknown:
        lines.append(
            f"{plural(found.unknown, 'recording')} without a patient; each counts as one of another patient."
        )
    lines.append(f"  {'':<26}{'n':>5}{'error':>8}{'scaled':>8}  {'fitted on':<14}black frames and silence")
    lines += [_row(found, feature.id, feature.name) for feature in FEATURES]
    if not found.blind:
        lines.append("This reader was not shown black frames: see `semioscope experiment blind-control`.")
    return "\n".join(lines)


def _row(found: ReaderDoubt, feature: str, name: str) -> str:
    one = found.scaled.features.get(feature) if found.scaled is not None else None
    blind = found.blind.get(feature)
    numbers = f"{one.n:>5}{one.before:>8.2f}{one.after:>8.2f}" if one else f"{'–':>5}{'–':>8}{'–':>8}"
    fitted = "" if one is None else "this feature" if one.alone else "all features"
    said = "–" if blind is None else f"{blind.words}; the same as shown in {blind.same} of {blind.both}"
    return f"  {name:<26}{numbers}  {fitted:<14}{said}"


def _to_dict(found: ReaderDoubt) -> dict[str, Any]:
    scaled = found.scaled
    return {
        "format": FORMAT,
        "reader": found.reader,
        "reference": found.reference or None,
        "refusal": found.refusal or None,
        "recordings": scaled.recordings if scaled is not None else None,
        "patients": scaled.patients if scaled is not None else None,
        "without_patient": found.unknown,
        "features": {
            feature: {
                "n": one.n,
                "expected_calibration_error": one.before,
                "scaled_expected_calibration_error": one.after,
                "fitted_alone": one.alone,
            }
            for feature, one in (scaled.features.items() if scaled is not None else ())
        },
        "blind": {
            feature: {"n": one.n, "yes": one.yes, "both": one.both, "same": one.same}
            for feature, one in found.blind.items()
        },
    }
