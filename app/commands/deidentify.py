"""`semioscope deidentify`: a clip in which faces, text and voices are hidden, and that says nothing else."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands import arguments, viewer_options
from app.commands.interruption import cancelled_by_signals
from app.commands.terminal import ProgressLine, one_line
from app.core.errors import UserError
from app.core.folders import settings_folder
from app.core.settings import account_author

if TYPE_CHECKING:
    from app.core.deidentify.clip_choice import ClipStretch, HidingChoice
    from app.core.deidentify.prepared_clips import PreparedClips
    from app.core.picture_box import Box
    from app.core.recording.recording import Recording
    from app.core.study.store import Study

NOT_CONFIRMED = 1
"""The exit code when a clip was made and nobody has confirmed it, so that it has no name yet."""


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
    parser.add_argument("--out", metavar="F", type=Path, required=True, help="the clip to write (MP4)")
    _add_stretch(parser)
    _add_hiding(parser)
    parser.add_argument(
        "--confirm", action="store_true",
        help="give the clip that waits its name, after you have looked at its sheet; nothing is made",
    )  # fmt: skip
    arguments.study_argument(parser, "the study that knows the patient's box, the seizure and the features")
    parser.add_argument("--reader", metavar="NAME", help="whose seizure or features; default: a person's")
    viewer_options.sealed_arguments(parser)
    arguments.patient_argument(parser)
    parser.set_defaults(run=run)


def _add_stretch(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", dest="start", metavar="S", type=arguments.seconds, help="the first second")
    parser.add_argument("--to", dest="end", metavar="S", type=arguments.seconds, help="the last second")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--seizure", action="store_true", help="from the onset to the end that are marked")
    which.add_argument(
        "--each-feature", action="store_true",
        help="a clip of the longest evidence of each feature answered yes, which is added to its name",
    )  # fmt: skip


def _add_hiding(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--faces", choices=("cover", "figure"), default="cover",
        help="cover: heads covered, the body softened (default); figure: the skeleton alone",
    )  # fmt: skip
    parser.add_argument(
        "--voice", choices=("remove", "envelope", "shift"), default="remove",
        help="remove: no sound (default); envelope: its level alone, as noise; shift: pitch and formants "
        "shifted, which can be understood and shifted back",
    )  # fmt: skip
    parser.add_argument(
        "--cover", metavar="L,T,R,B", type=arguments.patient_box, action="append", default=[],
        help="a further place that is covered in every frame, as shares of width and height; can be repeated",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    from app.core.deidentify.clip_ledger import ClipLedger
    from app.core.deidentify.prepared_clips import prepare_deidentified
    from app.core.recording.probe import open_recording

    _check(args)
    with cancelled_by_signals() as cancel:
        with ProgressLine() as report:
            recording = open_recording(args.file, report=report, cancel=cancel)
            stretches, patient = _of_study(args, recording) if args.study else _chosen(args, recording)
            if args.confirm:
                return _confirm(args, stretches)
            choice = _choice(args)
            prepared = prepare_deidentified(
                recording,
                stretches,
                choice,
                args.out,
                ClipLedger(_ledger_folder(args), account_author(), choice),
                patient=args.patient or patient,
                report=report,
                cancel=cancel,
            )
        with prepared:
            return _settle(prepared)


def _check(args: argparse.Namespace) -> None:
    if not args.study and (args.seizure or args.each_feature or args.reader or args.viewer or args.unsealed):
        raise UserError("--seizure, --each-feature, --reader, --viewer and --unsealed need --study.")
    if (args.seizure or args.each_feature) and (args.start is not None or args.end is not None):
        raise UserError("Give either --from and --to, or --seizure, or --each-feature.")


def _choice(args: argparse.Namespace) -> HidingChoice:
    from app.core.deidentify.clip_choice import FaceHiding, HidingChoice
    from app.core.hiding.voices import VoiceHiding

    return HidingChoice(FaceHiding(args.faces), VoiceHiding(args.voice), tuple(args.cover))


def _ledger_folder(args: argparse.Namespace) -> Path:
    return args.study if args.study else settings_folder()


_Stretches = tuple["tuple[ClipStretch, ...]", "Box | None"]
"""The stretches, and the box of the patient that the study has."""


def _chosen(args: argparse.Namespace, recording: Recording) -> _Stretches:
    from app.core.deidentify.clip_choice import chosen_stretch

    return (chosen_stretch(recording, args.start, args.end),), None


def _of_study(args: argparse.Namespace, recording: Recording) -> _Stretches:
    with viewer_options.open_study(args) as study:
        number = study.recording(recording)
        box = study.patient_box(number)
        if not (args.seizure or args.each_feature):
            return _chosen(args, recording)[0], box
        return _read(args, study, number, recording), box


def _read(
    args: argparse.Namespace, study: Study, number: int, recording: Recording
) -> tuple[ClipStretch, ...]:
    from app.core.deidentify.stretches_of_study import feature_stretches, seizure_stretch

    find = seizure_stretch if args.seizure else feature_stretches
    viewer = viewer_options.viewer_of(study, args)
    found = find(study, number, viewer, recording.duration, reader=args.reader)
    viewer_options.print_seal(found.seal)
    return found.stretches


def _settle(prepared: PreparedClips) -> int:
    """Ask on a terminal; elsewhere lay the clips aside until they are confirmed."""
    from app.core.deidentify.prepared_clips import CONFIRMING, describe_prepared

    for clip in prepared.clips:
        for sentence in describe_prepared(clip):
            print(one_line(f"{clip.target.name}: {sentence}"), file=sys.stderr)
    if not sys.stdin.isatty():
        _print_waiting(prepared.lay_aside())
        return NOT_CONFIRMED
    print(CONFIRMING, file=sys.stderr)
    for clip in prepared.clips:
        print(one_line(f"Look at {clip.sheet}"), file=sys.stderr)
    answer = input("Keep? Only if nobody can be recognised in any of these pictures [y/N] ")
    if answer.strip().lower() not in ("y", "yes"):
        print("Discarded; nothing was written.", file=sys.stderr)
        return NOT_CONFIRMED
    _print_paths(prepared.keep())
    return 0


def _print_waiting(waiting: Iterable[tuple[Path, Path]]) -> None:
    for clip, sheet in waiting:
        print(
            one_line(f"semioscope: “{clip.name}” is not confirmed. Look at {sheet}, then run this command "
                     "again with --confirm, or delete both."),
            file=sys.stderr,
        )  # fmt: skip


def _confirm(args: argparse.Namespace, stretches: tuple[ClipStretch, ...]) -> int:
    from app.core.deidentify.clip_ledger import confirm_waiting
    from app.core.deidentify.prepared_clips import target_of

    _print_paths(confirm_waiting(_ledger_folder(args), target_of(args.out, one)) for one in stretches)
    return 0


def _print_paths(paths: Iterable[Path]) -> None:
    for path in paths:
        print(path)
