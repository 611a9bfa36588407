"""`semioscope export --format jsonl`: clips, questions and answers for fine-tuning a model elsewhere."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace

from app.commands.interruption import cancelled_by_signals
from app.commands.model_options import add_text_option, covered, sampling_rate
from app.commands.study_option import open_study_to_change
from app.commands.terminal import ProgressLine, one_line
from app.core.errors import UserError
from app.core.plural import plural
from app.core.readers.models.prompt_files import prompt_sets
from app.core.settings import account_author

FORMAT = "jsonl"
ABOUT = "jsonl: lines of clip, question and answer for fine-tuning a model elsewhere, through the gate"
_ONLY_HERE = (
    "prompts",
    "fps",
    "cover",
    "cover_text",
    "with_explanations",
    "named_recordings",
    "i_have_authority",
)


def add_line_options(parser: argparse.ArgumentParser) -> None:
    """The options of this format alone."""
    group = parser.add_argument_group("jsonl", "What is shown and asked; heads are covered as for models.")
    group.add_argument(
        "--prompts", metavar="SET", help="expert (default), plain, ilae, study or a set of yours"
    )
    group.add_argument("--fps", metavar="HZ", type=sampling_rate, help="frames a second of a clip (2)")
    group.add_argument(
        "--cover", metavar="LIST", type=covered,
        help="whose heads are covered: bystanders, and patient in clips for limb and body features, or none "
        "(default: both)",
    )  # fmt: skip
    add_text_option(group)
    group.add_argument(
        "--with-explanations", action="store_true", help="explanations too, which may name people"
    )
    group.add_argument(
        "--named-recordings", action="store_true", help="open recordings wherever the study says they are"
    )
    group.add_argument(
        "--i-have-authority", action="store_true",
        help="these recordings may be written there to train a model; without this nothing is written",
    )  # fmt: skip


def refuse_line_options(args: argparse.Namespace) -> None:
    """Raises UserError when an option of this format is given with another."""
    given = [name for name in _ONLY_HERE if getattr(args, name) not in (None, False)]
    if given:
        raise UserError(f"--{given[0].replace('_', '-')} belongs to --format jsonl.")


def run_lines(args: argparse.Namespace) -> int:
    from app.core.batch.export_question_lines import LinesChoice, export_question_lines, folder_destination
    from app.core.privacy.gate import allow

    place = folder_destination(args.out)
    if not args.i_have_authority:
        raise UserError(
            f"Nothing was written. {place.terms.text} If you have the authority to do so, say so with "
            "--i-have-authority."
        )
    if len(args.reader or ()) > 1:
        raise UserError("--format jsonl writes the answers of one reader.")
    sets = prompt_sets()
    if args.prompts is not None and args.prompts not in sets:
        raise UserError(f"There is no set of prompts “{args.prompts}”; there are {', '.join(sets)}.")
    choice = LinesChoice(reader=args.reader[0] if args.reader else None)
    options = choice.options
    if args.cover is not None:
        options = replace(
            options, cover_bystanders="bystanders" in args.cover, cover_patient="patient" in args.cover
        )
    if args.cover_text is not None:
        options = replace(options, cover_text=args.cover_text)
    choice = replace(
        choice,
        options=options,
        prompts=sets[args.prompts or "expert"],
        fps=args.fps or choice.fps,
        explanations=args.with_explanations,
        named=args.named_recordings,
    )
    user = account_author()
    with (
        open_study_to_change(args.study, author=user) as study,
        cancelled_by_signals() as cancel,
        ProgressLine() as report,
    ):
        written = export_question_lines(
            study,
            choice,
            args.out,
            lambda destination: allow(study.folder, destination, user),
            user,
            report=report,
            cancel=cancel,
        )
    for name, why in written.left_out:
        print(one_line(f"{name} was left out: {why}"), file=sys.stderr)
    lines, recordings = plural(written.lines, "line"), plural(written.recordings, "recording")
    print(one_line(f"{lines} of {recordings}, answered by {written.reader}"))
    print(written.path)
    return 0
