"""What is sealed from somebody who reads blind, on the command line: left out, or given and written down."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from app.commands.study import study_to_change, study_to_look_at
from app.commands.terminal import one_line
from app.core.errors import UserError

if TYPE_CHECKING:
    from app.core.agreement.of_study import RecordingRead
    from app.core.reading import ReaderIdentity
    from app.core.study.store import Study


def sealed_arguments(parser: argparse.ArgumentParser) -> None:
    """`--viewer` and `--unsealed`."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--viewer", metavar="NAME",
        help="for whom (default: all human readers of the study, so that nothing that is sealed from one of "
        "them, who reads blind and has not locked yet, is in it)",
    )  # fmt: skip
    which.add_argument(
        "--unsealed", action="store_true",
        help="also what is sealed; that this was done, when and by whom is written into the study's history",
    )  # fmt: skip


@contextmanager
def opened(args: argparse.Namespace) -> Iterator[Study]:
    """The study to look at; with `--unsealed` to be written into as well. Raises UserError."""
    from app.core.settings import author_of, load_settings

    opening: AbstractContextManager[Study] = study_to_look_at(args.study)
    if args.unsealed:
        opening = study_to_change(args.study, author=author_of(load_settings()))
    with opening as study:
        yield study


def viewers(study: Study, args: argparse.Namespace) -> tuple[ReaderIdentity, ...]:
    """From whom nothing may be given that is sealed from them; () with `--unsealed`."""
    if args.unsealed:
        return ()
    people = study.people()
    meant = tuple(one for one in people if args.viewer in (None, one.name))
    if args.viewer is not None and not meant:
        known = ", ".join(one.name for one in people) or "none"
        raise UserError(f"The study has no human reader “{args.viewer}”; it has {known}.")
    return meant if _read_blind(study) else ()


def _read_blind(study: Study) -> bool:
    """Whether somebody has said that first readings are blind; who answered unasked has read openly."""
    return study.blindness_decided() and study.settings().blind_by_default


def read(study: Study, args: argparse.Namespace) -> tuple[tuple[RecordingRead, ...], int]:
    """Every recording with the readings that may be given, and how many readings were left out."""
    from app.core.agreement.of_study import recordings_read

    meant = viewers(study, args)
    recordings, left_out = [], 0
    for recording in recordings_read(study):
        hidden = study.sealed_readers(recording.number, meant)
        kept = tuple(one for one in recording.readings if one.reader.exact_key not in hidden)
        left_out += len(recording.readings) - len(kept)
        recordings.append(replace(recording, readings=kept))
    return tuple(recordings), left_out


def settle(study: Study, args: argparse.Namespace, left_out: int, purpose: str) -> None:
    """Say how many readings were left out; with `--unsealed` write down how many sealed ones were not.

    To be called before anything is given away.
    """
    if args.unsealed:
        people = study.people() if _read_blind(study) else ()
        given = sum(len(study.sealed_readers(row.id, people)) for row in study.recordings())
        if given:
            study.note_unsealed(purpose, given)
            _say(f"Sealed readings given all the same: {given}; the study's history says so.")
    elif left_out:
        who = ", ".join(one.name for one in viewers(study, args))
        _say(
            f"Readings left out: {left_out}. They are sealed as long as {who} read blind and have not locked "
            "theirs and seen the others'. --unsealed gives them too and notes it in the study."
        )


def _say(sentence: str) -> None:
    print(one_line(f"semioscope: {sentence}"), file=sys.stderr)
