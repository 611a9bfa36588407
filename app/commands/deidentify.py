"""`semioscope deidentify`: a clip in which faces, text and voices are hidden, and that says nothing else."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands import arguments, hiding_options, viewer_options
from app.commands.interruption import cancelled_by_signals
from app.commands.result_options import check_new, result_option
from app.commands.terminal import ProgressLine, say
from app.core.errors import UserError
from app.core.exports import is_one_of
from app.core.folders import settings_folder
from app.core.settings import account_author
from app.core.timeline.clock_text import TIME_FORMS

if TYPE_CHECKING:
    from app.core.deidentify.clip_choice import ClipStretch
    from app.core.picture_box import Box
    from app.core.recording.recording import Recording
    from app.core.study.store import Study


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "deidentify",
        help="a clip in which faces, text and voices are hidden",
        description="Writes an MP4 of the recording or a part of it with heads and burned-in text covered, "
        "the voice removed, and no metadata. A second detector then searches the clip for faces, and a sheet "
        "of its most doubtful frames has to be looked at and confirmed before the clip gets its name.",
        epilog="Without a terminal the clip and its sheet are put next to the name as .unconfirmed; look at "
        "the sheet and run the command again with --confirm. Detectors miss faces and text: the sheet shows "
        "some frames, not all. Research use; not a medical device.",
    )
    arguments.recording_argument(parser)
    result_option(parser, "--out", "F", "the clip to write (MP4)", required=True, whole=False)
    _add_stretch(parser)
    hiding_options.hiding_arguments(parser)
    parser.add_argument(
        "--confirm", action="store_true",
        help="give the clip that waits its name, after you have looked at its sheet; nothing is made",
    )  # fmt: skip
    arguments.study_argument(
        parser,
        "the study that knows the patient's box, the places to cover, the seizure and the features; without "
        "it the places alone are taken from the recording's study, where it has one",
    )
    parser.add_argument("--reader", metavar="NAME", help="whose seizure or features; default: a person's")
    viewer_options.sealed_arguments(parser)
    arguments.patient_argument(parser)
    parser.set_defaults(run=run)


def _add_stretch(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from", dest="start", metavar="TIME", type=arguments.time, help=f"where it begins: {TIME_FORMS}"
    )
    parser.add_argument(
        "--to", dest="end", metavar="TIME", type=arguments.time, help="where it ends, in the same forms"
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--seizure", action="store_true", help="from the onset to the end that are marked")
    which.add_argument(
        "--each-feature", action="store_true",
        help="a clip of the longest evidence of each feature answered yes, which is added to its name",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    from app.core.deidentify.clip_ledger import ClipLedger, check_aside
    from app.core.deidentify.prepared_clips import ENDING, prepare_deidentified, target_of
    from app.core.recording.probe import open_recording

    _check(args)
    with cancelled_by_signals() as cancel:
        with ProgressLine() as report:
            recording = open_recording(args.file, report=report, cancel=cancel)
            known = _of_study(args, recording) if args.study else _beside_study(args, recording)
            targets = tuple(target_of(args.out, one) for one in known.stretches)
            check_new(args, targets, (ENDING,))
            if args.confirm:
                return _confirm(args, targets)
            if not sys.stdin.isatty():
                check_aside(targets)
            choice = hiding_options.hiding_choice(args, known.places)
            prepared = prepare_deidentified(
                recording,
                known.stretches,
                choice,
                args.out,
                ClipLedger(_ledger_folder(args), account_author(), choice),
                patient=args.patient or known.patient,
                report=report,
                cancel=cancel,
            )
        with prepared:
            return hiding_options.settle_clips(prepared, replace=args.replace)


def _check(args: argparse.Namespace) -> None:
    if not args.study and (args.seizure or args.each_feature or args.reader or args.viewer or args.unsealed):
        raise UserError("--seizure, --each-feature, --reader, --viewer and --unsealed need --study.")
    if (args.seizure or args.each_feature) and (args.start is not None or args.end is not None):
        raise UserError("Give either --from and --to, or --seizure, or --each-feature.")
    _check_name(args.file, args.out, says=not (args.each_feature or args.confirm))


def _check_name(recording: Path, out: Path, *, says: bool) -> None:
    """Refuse the recording itself before it is opened; if it `says` so, name the clip with its ending."""
    from app.core.deidentify.prepared_clips import ENDING, OVER_ITSELF

    if is_one_of(out, (recording,)):
        raise UserError(OVER_ITSELF)
    if says and out.suffix.lower() != ENDING:
        say(f"A clip is an MP4, so “{out.name}” becomes “{out.name}{ENDING}”.")


def _ledger_folder(args: argparse.Namespace) -> Path:
    return args.study if args.study else settings_folder()


@dataclass(frozen=True, slots=True)
class _KnownToStudy:
    """The stretches; of a study also the box of the patient, and the places that are to be covered."""

    stretches: tuple[ClipStretch, ...]
    patient: Box | None = None
    places: tuple[Box, ...] = ()


def _chosen(args: argparse.Namespace, recording: Recording) -> tuple[ClipStretch, ...]:
    from app.core.deidentify.clip_choice import chosen_stretch

    return (chosen_stretch(recording, args.start, args.end),)


def _of_study(args: argparse.Namespace, recording: Recording) -> _KnownToStudy:
    with viewer_options.open_study(args) as study:
        number = study.recording(recording)
        box, places = study.patient_box(number), hiding_options.kept_places(study, number, recording)
        if not (args.seizure or args.each_feature):
            return _KnownToStudy(_chosen(args, recording), box, places)
        return _KnownToStudy(_read(args, study, number, recording), box, places)


def _beside_study(args: argparse.Namespace, recording: Recording) -> _KnownToStudy:
    """What the options alone say, and the places that the recording's own study keeps, where there is one."""
    chosen = _chosen(args, recording)
    return _KnownToStudy(chosen, places=() if args.confirm else hiding_options.own_places(args, recording))


def _read(
    args: argparse.Namespace, study: Study, number: int, recording: Recording
) -> tuple[ClipStretch, ...]:
    from app.core.deidentify.stretches_of_study import feature_stretches, seizure_stretch

    find = seizure_stretch if args.seizure else feature_stretches
    viewer = viewer_options.viewer_of(study, args)
    found = find(study, number, viewer, recording.duration, reader=args.reader)
    viewer_options.print_seal(found.seal)
    return found.stretches


def _confirm(args: argparse.Namespace, targets: tuple[Path, ...]) -> int:
    from app.core.deidentify.clip_ledger import confirm_waiting

    folder = _ledger_folder(args)
    hiding_options.confirm_clips(targets, lambda one: confirm_waiting(folder, one, replace=args.replace))
    return 0
