"""`semioscope overnight`: questions to Gemini as jobs that are answered within a day, at half the price."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands import arguments
from app.commands.interruption import cancelled_by_signals
from app.commands.model_options import (
    MODELS,
    add_model_options,
    choice_of,
    prompts_of,
    refuse_one_recording_options,
    remember_private_origin,
)
from app.commands.model_reading import key_of, print_who_is_shown, without_authority
from app.commands.terminal import ProgressLine, one_line, say
from app.core.errors import UserError
from app.core.plural import plural
from app.core.privacy.gate import allow, find_permission
from app.core.readers.models.run_phrases import used_words
from app.core.settings import account_author

if TYPE_CHECKING:
    from app.core.batch.overnight import OvernightCollected, OvernightSent
    from app.core.batch.overnight_of_study import ShownJob, StopRequest
    from app.core.privacy.destination import Destination
    from app.core.privacy.gate import Permission
    from app.core.readers.models.model_choice import ModelChoice

SEND, COLLECT, CANCEL = "send", "collect", "cancel"
_NOT_HERE = ("ask_refused_again", "long", "tell_earlier", "keep_clips")
_TO_SEND_ALONE = ("plan", "most_cost")


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "overnight",
        help="ask Gemini at half the price, and collect the answers another day",
        description="send: what has no answer yet goes to Gemini's batch mode, which answers within a day at "
        "half the price. collect: the answers so far as readings of the study; give the same options as for "
        "sending. What is over is deleted at the service. cancel: your jobs for this study and model are "
        "stopped at the service; collect them afterwards.",
        epilog="No request tells what earlier segments found, because all are answered at once. A job of "
        "another account, or of a study that was moved or copied, is never asked for. Exit code 1 when "
        "anything was left out or has no answer. docs/model_readers.md",
    )
    parser.add_argument("action", choices=(SEND, COLLECT, CANCEL))
    parser.add_argument("source", metavar="DIR|LIST|STUDY", type=Path, help="the recordings")
    arguments.study_argument(parser, "the study with the ledger and the readings (default: the source)")
    parser.add_argument("--reader", choices=MODELS, default="gemini", help="whose batch mode (gemini)")
    add_model_options(parser)
    parser.add_argument(
        "--named-recordings", action="store_true",
        help="of a study: open recordings wherever the study says that they are",
    )  # fmt: skip
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from app.core.batch.overnight import collect_overnight, overnight_choice, plan_overnight, send_overnight
    from app.core.batch.recording_list import is_study, listed_recordings
    from app.core.batch.request_files import FileQuestion
    from app.core.readers.models.model_choice import for_any_recording
    from app.core.readers.models.providers import provider_of
    from app.core.readers.models.sweep_readings import sweep_study
    from app.core.study.writable_study import writable_study

    _refuse_options(args)
    choice, sets = prompts_of(args, for_any_recording(choice_of(args)))
    overnight_choice(choice)
    destination = provider_of(choice).destination(choice)
    folder = args.study or (args.source if is_study(args.source) else None)
    if folder is None:
        raise UserError("Name the study whose ledger says what was sent: give --study.")
    if args.action == CANCEL:
        return _cancel(args, folder, choice)
    if args.action == SEND and not args.plan and not args.i_have_authority:
        raise UserError(without_authority(destination))
    key = None if args.plan else key_of(choice)
    listed = listed_recordings(args.source, study=args.study, named=args.named_recordings)
    question = FileQuestion(choice, sets)
    if args.private_network and not args.plan:
        remember_private_origin(choice)

    def permit(place: Destination) -> Permission:
        return _permission(folder, place, authority=args.i_have_authority)

    if args.plan:
        with cancelled_by_signals() as cancel, ProgressLine() as report:
            planned, left_out = plan_overnight(folder, listed, question, report=report, cancel=cancel)
        print(one_line(f"{planned.words}. Nothing was sent."))
        return _print_left_out(left_out)
    with writable_study(folder) as study, cancelled_by_signals() as cancel, ProgressLine() as report:
        sweep_study(folder)
        if args.action == SEND:
            sent = send_overnight(
                study, listed, question, permit, key,
                report=report, cancel=cancel, with_clips=print_who_is_shown,
            )  # fmt: skip
            return _print_sent(sent)
        return _print_collected(
            collect_overnight(study, listed, question, permit, key, report=report, cancel=cancel)
        )


def _cancel(args: argparse.Namespace, folder: Path, choice: ModelChoice) -> int:
    """Ask the service to stop every job of this account for the study and the model."""
    from app.core.batch.overnight_of_study import OvernightAccount, OvernightState, shown_jobs
    from app.core.batch.recording_list import is_study
    from app.core.readers.models.providers import provider_of
    from app.core.study.writable_study import writable_study

    if args.source.absolute() != folder.absolute():
        raise UserError("Jobs are cancelled for a study as a whole: name the study, not its recordings.")
    if not is_study(folder):  # opening it would make one
        raise UserError(f"“{folder.name}” is not the folder of a study.")
    place = provider_of(choice).destination(choice)
    with writable_study(folder) as study, cancelled_by_signals() as cancel:
        jobs = [one for one in shown_jobs(study) if one.job.destination == place]
        jobs = [one for one in jobs if one.state is not OvernightState.COLLECTED]
        if not jobs:
            raise UserError("Nothing of this account is under way there: no overnight job can be cancelled.")
        key = key_of(choice)
        _permission(folder, place, authority=args.i_have_authority)
        account = OvernightAccount(account_author(), lambda _name: key)
        return _print_cancelled(account.stop(study, frozenset(one.job.id for one in jobs), cancel))


def _print_cancelled(requests: Iterable[StopRequest]) -> int:
    """Say what was sent of each job that was asked to stop, as it happens, and at the end, also after an
    interruption, what becomes of that: a service takes nothing back."""
    stopped, failed = 0, 0
    try:
        for request in requests:
            if request.failure:
                failed += 1
                print(one_line(request.failure), file=sys.stderr)
            else:
                stopped += 1
                print(_what_was_sent(request.shown), flush=True)
    finally:
        if stopped:
            print(
                f"The service was asked to stop {plural(stopped, 'job')}. What it had been sent by then it "
                "has received, and what it has answered may have to be paid for. semioscope overnight "
                "collect, with the options of sending, keeps those answers and deletes the jobs there."
            )
    return 1 if failed else 0


def _what_was_sent(shown: ShownJob) -> str:
    name, sent = shown.recording or "A recording", shown.job.time[:16]
    asked = plural(len(shown.job.asked), "request")
    return one_line(f"{name}: {asked}, sent on {sent.replace('T', ' ')} UTC")


def _refuse_options(args: argparse.Namespace) -> None:
    for name in (*_NOT_HERE, *(() if args.action == SEND else _TO_SEND_ALONE)):
        if getattr(args, name):
            raise UserError(
                f"--{name.replace('_', '-')} does not go with semioscope overnight {args.action}."
            )
    refuse_one_recording_options(args)


def _permission(folder: Path, place: Destination, *, authority: bool) -> Permission:
    """The permission to send there from this study; with the authority to do so it is given."""
    if authority:
        return allow(folder, place, account_author())
    given = find_permission(folder, place, account_author())
    if given is None:
        raise UserError(f"Nothing was asked or deleted there. {without_authority(place)}")
    return given


def _print_sent(sent: OvernightSent) -> int:
    jobs = plural(sent.jobs, "job")
    print(one_line(f"Sent in {jobs}: {sent.sums.words}." if sent.jobs else "Nothing was sent."))
    if sent.waiting:
        print(f"Waiting in jobs that were sent before: {plural(sent.waiting, 'request')}.")
    if sent.jobs or sent.waiting:
        print("The answers are there within a day: semioscope overnight collect, with the same options.")
    for reason in dict.fromkeys(sent.refused):
        print(one_line(f"{plural(sent.refused.count(reason), 'request')}: {reason}"), file=sys.stderr)
    return _print_left_out(sent.left_out) or (1 if sent.refused else 0)


def _print_collected(found: OvernightCollected) -> int:
    print(f"{plural(found.readings, 'reading')} kept.")
    if found.waiting:
        print(f"Still under way: {plural(found.waiting, 'request')}.")
    if found.missing > found.waiting:
        missing = plural(found.missing - found.waiting, "request")
        print(f"{missing} without an answer; sending again asks for what is missing alone.")
    if found.unread:
        print(f"{plural(found.unread, 'line')} without a result of what was asked.")
    if found.used.replies:
        print(one_line(used_words(found.used, found.price)), file=sys.stderr)
    for words in found.words:
        print(one_line(words), file=sys.stderr)
    if found.left:
        left = plural(found.left, "job")
        say(f"{left} left: under way, of other options, or still to be deleted.")
    return _print_left_out(found.left_out) or (1 if found.missing else 0)


def _print_left_out(left_out: Sequence[tuple[str, str]]) -> int:
    for name, reason in left_out:
        say(f"{name}: {reason}")
    return 1 if left_out else 0
