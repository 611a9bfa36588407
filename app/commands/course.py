"""`semioscope course`: courses for teaching, made from a study or drawn, and what learners achieved."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands import arguments, hiding_options, viewer_options
from app.commands.interruption import cancelled_by_signals
from app.commands.json_output import write_json_to
from app.commands.result_options import result_option
from app.commands.study_option import study_argument
from app.commands.terminal import ProgressLine, say
from app.core.errors import Cancelled, UserError
from app.core.plain_text import plain
from app.core.plural import plural
from app.core.semiology import FEATURES
from app.core.teaching.case_key import LONGEST_NOTE
from app.core.teaching.course import CourseRules, FeedbackTime
from app.core.teaching.course_file import FILE_NAME, LONGEST_SESSION, open_course
from app.core.teaching.lookalike_choice import LookalikeChoice, choices_of_rows
from app.core.timeline.clock_text import TIME_FORMS

if TYPE_CHECKING:
    from app.core.deidentify.prepared_clips import PreparedClips
    from app.core.teaching.course import TeachingCourse
    from app.core.teaching.course_file import CourseFolder
    from app.core.teaching.course_order import CourseOrder, PlannedOrder
    from app.core.teaching.learner_progress import LearnerProgress

_LARGEST_PASSPHRASE = 4096
_OUT = "the course to write: an empty folder, or a new one, to whose name .semioscope-course is added"


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "course",
        help="make courses for teaching, and see what learners achieved",
        description="A course is a folder of clips with sealed keys: learners answer first and see the key "
        "then. docs/teaching.md says what the seal protects against and what not.",
        epilog="Research use; not a medical device.",
    )
    inner = parser.add_subparsers(dest="course_command", required=True, metavar="WHAT")
    _register_make(inner)
    _register_phantom(inner)
    _register_results(inner)


def _register_make(inner: arguments.Subparsers) -> None:
    parser = inner.add_parser(
        "make",
        help="a course from a study",
        description="Makes a course of the recordings of a study that a reader has answered. Each becomes a "
        "de-identified clip whose sheet has to be looked at and confirmed, as with deidentify.",
        epilog="Without a terminal the clips wait as .unconfirmed; look at the sheets in clips/ and "
        "run the command again with --confirm.",
    )
    study_argument(parser)
    parser.add_argument(
        "--key",
        metavar="READER",
        required=True,
        help="whose answers are the key, or consensus, or truth (of drawn patients)",
    )
    parser.add_argument(
        "--features", metavar="a,b", type=arguments.features, help="what is asked (default: all features)"
    )
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help=_OUT)
    parser.add_argument("--title", metavar="TEXT", help="its title (default: the name of the folder)")
    _add_rules(parser)
    parser.add_argument(
        "--foil", metavar="READER", help="a model or program whose answers are shown after the learner's own"
    )
    parser.add_argument(
        "--notes",
        metavar="FILE.csv",
        type=Path,
        help="a recording's name and your note in each row",
    )
    parser.add_argument(
        "--lookalikes",
        metavar="FILE.csv",
        type=Path,
        help="what learners compare a key with: a recording (empty: every one), a feature, another recording "
        "that only looks like it, and from and to in seconds if need be, in each row",
    )
    parser.add_argument(
        "--passphrase-from", metavar="FILE", type=Path,
        help="make it a test, whose keys only the first line of this file opens (default: for practice)",
    )  # fmt: skip
    parser.add_argument(
        "--drawn", action="store_true",
        help="take clips as they are: only of drawn patients whose truth is in the study",
    )  # fmt: skip
    parser.add_argument(
        "--confirm",
        action="store_true",
        help="keep the clips that wait; you have seen their sheets",
    )
    hiding_options.hiding_arguments(parser)
    viewer_options.sealed_arguments(parser)
    parser.set_defaults(run=run_make)


def _add_rules(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--feedback", choices=("at_once", "at_end"), default="at_once", help="when keys are shown"
    )
    parser.add_argument("--hints", action="store_true", help="definitions may be looked up before the answer")
    parser.add_argument("--pass-mark", metavar="P", type=arguments.number, default=80.0, help="percent right")
    parser.add_argument(
        "--session", metavar="N", type=int, default=20, help="cards of a session (default: 20)"
    )
    parser.add_argument(
        "--test-cards", metavar="N", type=int, default=0,
        help="cards of the tests before and after; twice as many recordings are kept for them"
        " (default: none)",
    )  # fmt: skip


def _register_phantom(inner: arguments.Subparsers) -> None:
    parser = inner.add_parser(
        "phantom",
        help="the first course, of drawn patients",
        description="Draws patients with features and lookalikes, keyed by the truth. The course can be used "
        "after its first case; run again, an interrupted one is continued.",
    )
    parser.add_argument("--cases", metavar="N", type=int, default=40, help="how many (default: 40)")
    parser.add_argument(
        "--duration",
        metavar="TIME",
        type=arguments.length,
        default=40.0,
        help=f"how long each is: {TIME_FORMS}",
    )
    parser.add_argument("--size", metavar="WxH", type=arguments.size, help="pixels (default: 854x480)")
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help=_OUT)
    parser.set_defaults(run=run_phantom)


def _register_results(inner: arguments.Subparsers) -> None:
    parser = inner.add_parser(
        "results",
        help="what learners achieved, by alias",
        description="Scores the answers of all aliases in a course; of a test by its passphrase.",
    )
    parser.add_argument("course", metavar="DIR", type=Path, help="the course")
    result_option(parser, "--json", "F", "write them as JSON; - for stdout, no text then")
    parser.add_argument("--passphrase-from", metavar="FILE", type=Path, help="its first line opens a test")
    parser.add_argument("--alias", metavar="A", help="of one learner alone")
    what = "write the tests of --alias as a page, HTML or PDF by its ending"
    result_option(parser, "--pdf", "F.pdf", what)
    parser.set_defaults(run=run_results)


def run_make(args: argparse.Namespace) -> int:
    from app.core.teaching.course_order import finish_order, plan_order

    order = _order(args)
    with viewer_options.open_study(args) as study:
        planned = plan_order(study, viewer_options.viewer_of(study, args), order)
    viewer_options.print_seal(planned.plan.seal)
    if not _settle_clips(args, planned, order):
        return hiding_options.NOT_CONFIRMED
    course = finish_order(order, planned.plan).course
    print(f"{_size(course)}: {order.path}")
    return 0


def _order(args: argparse.Namespace) -> CourseOrder:
    from app.core.teaching.course_order import CourseOrder
    from app.core.teaching.course_writing import course_path

    path = course_path(args.out)
    return CourseOrder(
        path,
        args.title or path.name.removesuffix(path.suffix),
        args.key,
        _rules(args),
        None if args.drawn else hiding_options.hiding_choice(args),
        foil=args.foil,
        notes=_notes(args.notes),
        test_size=args.test_cards,
        passphrase=_passphrase(args),
        lookalikes=_lookalikes(args.lookalikes),
    )


def _rules(args: argparse.Namespace) -> CourseRules:
    if not 1 <= args.session <= LONGEST_SESSION:
        raise UserError(f"A session has 1 to {LONGEST_SESSION} cards.")
    if args.pass_mark > 100:
        raise UserError("The pass mark is a percentage from 0 to 100.")
    if args.test_cards < 0:
        raise UserError("A test has no fewer than 0 cards.")
    features = args.features or tuple(feature.id for feature in FEATURES)
    feedback = FeedbackTime(args.feedback)
    return CourseRules(features, feedback, args.hints, args.pass_mark / 100, args.session)


def _settle_clips(args: argparse.Namespace, planned: PlannedOrder, order: CourseOrder) -> bool:
    """Whether every clip is in place: taken, made and confirmed, or confirmed now. Raises UserError."""
    from app.core.teaching.case_clips import copy_drawn_clips, make_case_clips
    from app.core.teaching.study_course import clip_of

    if args.confirm:
        _confirm(planned, order)
        return True
    with cancelled_by_signals() as cancel, ProgressLine() as report:
        if order.hiding is None:
            copy_drawn_clips(planned.sources, order.path, report=report, cancel=cancel)
            return True
        waiting = make_case_clips(
            planned.sources, order.path, order.hiding, _settle, report=report, cancel=cancel
        )
    for clip in waiting:
        if not clip.found:  # of an earlier run
            print(f"Waits to be confirmed: look at {clip.sheet}", file=sys.stderr)
    return all(clip_of(order.path, source.case).is_file() for source in planned.sources)


def _confirm(planned: PlannedOrder, order: CourseOrder) -> None:
    from app.core.teaching.case_clips import check_places, confirm_case_clip
    from app.core.teaching.study_course import clip_of

    check_places(planned.sources, order.path)
    cases = {clip_of(order.path, source.case): source.case for source in planned.sources}

    def confirm(target: Path) -> Path:
        confirm_case_clip(order.path, cases[target])
        return target

    hiding_options.confirm_clips(cases, confirm)


def _settle(prepared: PreparedClips, remark: str) -> None:
    if remark:
        say(f"“{prepared.clips[0].target.name}”: {remark}")
    hiding_options.settle_clips(prepared, replace=True)


def _notes(path: Path | None) -> dict[str | int, str]:
    """The notes in a table, by the recording's name."""
    from app.core.exchange.codec import load
    from app.core.exchange.csv_file import csv_rows

    notes: dict[str | int, str] = (
        {row[0]: row[1] for row in csv_rows(load(path)) if len(row) > 1} if path else {}
    )
    for name, note in notes.items():
        if len(note) > LONGEST_NOTE:
            raise UserError(f"The note on “{name}” is longer than {LONGEST_NOTE} characters.")
    return notes


def _lookalikes(path: Path | None) -> tuple[LookalikeChoice, ...]:
    from app.core.exchange.codec import load
    from app.core.exchange.csv_file import csv_rows

    return choices_of_rows(tuple(csv_rows(load(path)))) if path else ()


def _passphrase(args: argparse.Namespace) -> str | None:
    """The first line of the file. Raises UserError."""
    if args.passphrase_from is None:
        return None
    try:
        with args.passphrase_from.open("rb") as file:
            text = file.read(_LARGEST_PASSPHRASE).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"The passphrase in “{args.passphrase_from.name}” cannot be read.") from error
    return str(text).partition("\n")[0].rstrip("\r")


def run_phantom(args: argparse.Namespace) -> int:
    from app.core.teaching.course_writing import course_path
    from app.core.teaching.phantom_course import WHAT_IT_TEACHES, make_phantom_course

    path = course_path(args.out)
    try:
        with cancelled_by_signals() as cancel, ProgressLine() as report:
            course = make_phantom_course(
                path, args.cases, duration=args.duration, size=args.size, report=report, cancel=cancel
            ).course
    except Cancelled:
        _say_what_is_left(path)
        raise
    print(f"{_size(course)}: {path}")
    print(WHAT_IT_TEACHES, file=sys.stderr)
    return 0


def _say_what_is_left(path: Path) -> None:
    if (path / FILE_NAME).is_file():
        course = open_course(path).course
        done = f"{len(course.cases)} of {plural(course.planned, 'case')}"
        say(f"{path} is a course of {done}; run the command again to go on.")


def run_results(args: argparse.Namespace) -> int:
    from app.core.teaching.course_results import result_lines
    from app.core.teaching.learner_progress import progress_of_course
    from app.core.teaching.progress_json import progress_to_dict

    if args.pdf and not args.alias:
        raise UserError("Say whose page it is with --alias.")
    folder = open_course(args.course)
    learners = progress_of_course(folder, _passphrase(args), only=args.alias)
    results = tuple(one.result for one in learners)
    if args.pdf:
        _write_page(args, folder, learners[0])
    if args.json:
        data = progress_to_dict(folder.course, learners)
        text = json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        if write_json_to(args, text):
            return 0
    for line in result_lines(folder.course, results):
        print(plain(line))
    return 0


def _write_page(args: argparse.Namespace, folder: CourseFolder, learner: LearnerProgress) -> None:
    from app.commands.report import pdf_writer
    from app.core.teaching.learner_page import write_learner_page

    with pdf_writer(args.pdf, replace=args.replace) as write_pdf:
        write_learner_page(
            args.pdf, folder.course, learner, datetime.now(UTC), write_pdf, replace=args.replace
        )


def _size(course: TeachingCourse) -> str:
    """How many cases and cards a course has."""
    cards = sum(len(case.asked) for case in course.cases)
    return f"{plural(len(course.cases), 'case')}, {plural(cards, 'card')}"
