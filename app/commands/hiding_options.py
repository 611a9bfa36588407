"""How people are hidden in clips and pictures, as options; and clips that a person looks at before they are
kept."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands import arguments
from app.commands.terminal import one_line, say
from app.core.errors import UserError
from app.core.study.hidden_places import places_of_picture
from app.core.study.places_of_recording import own_places_to_cover

if TYPE_CHECKING:
    from app.core.deidentify.clip_choice import HidingChoice
    from app.core.deidentify.prepared_clips import PreparedClips
    from app.core.picture_box import Box
    from app.core.recording.recording import Recording
    from app.core.study.hidden_places import HiddenPlaces
    from app.core.study.store import Study

NOT_CONFIRMED = 1
"""The exit code when a clip was made and nobody has confirmed it, so that it has no name yet."""
_INSTEAD = "Or give the places to cover with --cover and without --study."


def hiding_arguments(parser: argparse.ArgumentParser) -> None:
    """`--faces`, `--voice` and `--cover`."""
    parser.add_argument(
        "--faces", choices=("cover", "figure"), default="cover",
        help="cover: heads covered, the body softened (default); figure: the skeleton alone",
    )  # fmt: skip
    parser.add_argument(
        "--voice", choices=("remove", "envelope", "shift"), default="remove",
        help="remove: no sound (default); envelope: its level alone, as noise; shift: pitch and formants "
        "shifted, which can be understood and shifted back",
    )  # fmt: skip
    cover_argument(parser)


def cover_argument(parser: argparse.ArgumentParser) -> None:
    """`--cover`."""
    parser.add_argument(
        "--cover", metavar="L,T,R,B", type=arguments.patient_box, action="append", default=[],
        help="a further place that is covered in every frame, as shares of width and height; can be repeated",
    )  # fmt: skip


def kept_places(study: Study, number: int, recording: Recording) -> tuple[Box, ...]:
    """The places that are kept for this picture of the recording, reported in a sentence, as are others.
    Raises UserError where they cannot be read."""
    try:
        return _of_picture(study.places_to_cover(number), recording)
    except UserError as error:
        raise UserError(f"{error} {_INSTEAD}") from error


def _of_picture(kept: HiddenPlaces, recording: Recording) -> tuple[Box, ...]:
    places, elsewhere = places_of_picture(kept, recording)
    if places:
        print(f"Places that the study keeps are covered: {len(places)}.", file=sys.stderr)
    if elsewhere:
        print(f"{elsewhere} Give them with --cover.", file=sys.stderr)
    return places


def own_places(args: argparse.Namespace, recording: Recording) -> tuple[Box, ...]:
    """The places that the recording's own study keeps, where there is one. Raises UserError when it cannot be
    read, unless --cover says what is to be covered."""
    try:
        return _of_picture(own_places_to_cover(recording), recording)
    except UserError as error:
        if not args.cover:
            raise UserError(f"{error} {_INSTEAD}") from error
        say(f"{error} Only the places of --cover are covered.")
        return ()


def hiding_choice(args: argparse.Namespace, places: tuple[Box, ...] = ()) -> HidingChoice:
    """The choice that the options make; `places` are covered too."""
    from app.core.deidentify.clip_choice import FaceHiding, HidingChoice
    from app.core.hiding.voices import VoiceHiding

    return HidingChoice(FaceHiding(args.faces), VoiceHiding(args.voice), (*places, *args.cover))


def settle_clips(prepared: PreparedClips, *, replace: bool) -> int:
    """Ask on a terminal; elsewhere lay the clips aside until they are confirmed. What got one of their names
    meanwhile is kept unless it may be `replace`d: then the clips are laid aside too. Raises UserError."""
    from app.core.deidentify.prepared_clips import CONFIRMING, LEGEND, describe_prepared

    for clip in prepared.clips:
        for sentence in describe_prepared(clip):
            print(one_line(f"{clip.target.name}: {sentence}"), file=sys.stderr)
    print(CONFIRMING, LEGEND, file=sys.stderr)
    if not sys.stdin.isatty():
        _print_waiting(prepared.lay_aside())
        return NOT_CONFIRMED
    for clip in prepared.clips:
        print(one_line(f"Look at {clip.sheet}"), file=sys.stderr)
    answer = input("Keep? Only if nobody can be recognised in any of these pictures [y/N] ")
    if answer.strip().lower() not in ("y", "yes"):
        print("Discarded; nothing was written.", file=sys.stderr)
        return NOT_CONFIRMED
    try:
        print_paths(prepared.keep(replace=replace))
    except UserError as error:
        say(str(error))
        for aside, sheet in prepared.lay_aside():
            say(
                f"“{aside.name}” was laid aside with {sheet}. Give this command again with --confirm once "
                "its name is free, or with --replace too."
            )
        return NOT_CONFIRMED
    return 0


def _print_waiting(waiting: Iterable[tuple[Path, Path]]) -> None:
    for clip, sheet in waiting:
        say(
            f"“{clip.name}” is not confirmed. Look at {sheet}, then run this command again with --confirm, "
            "or delete both."
        )


def confirm_clips(targets: Iterable[Path], confirm: Callable[[Path], Path]) -> None:
    """Say of each clip that waits what was found in it and where its sheet is, then `confirm` all. Raises
    UserError, before any clip has its name when one does not wait or has lost its sheet."""
    from app.core.deidentify.clip_ledger import describe_waiting

    waiting = tuple(targets)
    for sentence in [describe_waiting(target) for target in waiting]:
        say(sentence)
    print_paths(confirm(target) for target in waiting)


def print_paths(paths: Iterable[Path]) -> None:
    """Print the clips that were kept, a line each."""
    for path in paths:
        print(path)
