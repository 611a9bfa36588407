"""A model's reading of a recording from the command line: plan, permission, key, run, storing."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands.model_options import choice_of, prompts_of, remember_private_origin
from app.commands.study_option import open_study_to_read
from app.commands.terminal import one_line, say
from app.core.errors import UserError
from app.core.jobs import CancelToken, Report
from app.core.plural import plural
from app.core.privacy.gate import allow
from app.core.privacy.keys import KeyVault, parse_secret
from app.core.readers.models.marked_event import event_marked_by
from app.core.readers.models.model_choice import clip_options_of
from app.core.readers.models.model_work import planned
from app.core.readers.models.reading_range import EventTimes
from app.core.readers.models.run_phrases import (
    ceiling_words,
    corrected_words,
    cost_words,
    kept_words,
    over_context,
    takes_many,
    used_words,
)
from app.core.readers.models.who_is_shown import deidentification, who_is_shown
from app.core.reading import person
from app.core.recording.presentation import Orientation, presentation_from_dict
from app.core.settings import account_author, load_settings
from app.core.study.database import FILE_NAME
from app.core.study.hidden_places import NO_PLACES, HiddenPlaces
from app.core.study.named_places import remember_opened
from app.core.study.place import study_folder_for
from app.core.times import clock

if TYPE_CHECKING:
    from app.core.clips.clip import Clip
    from app.core.picture_box import Box
    from app.core.privacy.destination import Destination
    from app.core.privacy.keys import Secret
    from app.core.readers.models.model_choice import ModelChoice
    from app.core.readers.models.model_run import RunOutcome
    from app.core.readers.models.read_recording import ModelQuestion
    from app.core.readers.models.reader import Plan
    from app.core.reading import Reading
    from app.core.recording.recording import Recording
    from app.core.study.store import Study


def print_plan(args: argparse.Namespace, report: Report, cancel: CancelToken) -> None:
    """Print what would be sent, where to and under which terms. Nothing is sent or written."""
    from app.core.readers.models.moving_windows import knows_windows

    recording, folder = _recording(args, report, cancel)
    plan = _plan(args, recording, folder, cancel)
    destination, cost, family = plan.destination, plan.estimate, plan.choice.model_family
    print(one_line(f"{recording.name} · {recording.duration:.1f} s · to {_where(destination)}"))
    print(f"{destination.terms.text}\n")
    if not knows_windows(plan.choice, recording, plan.patient):
        print("At most: which short windows are asked about is known once the pose is, which is found first.")
    print(f"What is sent: {deidentification(clip_options_of(plan.choice))}.\n")
    for request in plan.requests:
        span = request.segment.span
        names = (
            request.features[0].name if len(request.features) == 1 else f"{len(request.features)} features"
        )
        rate = "" if request.enhancement == "sound" else f" at {request.fps:.3g} fps"
        rate += " with the picture" if request.with_picture else ""
        kept = " · answered already" if _answered(plan, request.key) else ""
        times = f"{clock(span.start, tenths=False)}–{clock(span.end, tenths=False)}"
        print(f"  {times}  {request.enhancement.value}{rate}: {names}{kept}")
    print(
        f"\nServed as: {family.name}.\n"
        f"{plural(cost.requests, 'request')} · about {cost.size / 1e6:.1f} MB · "
        f"about {cost.tokens_in} tokens in and {cost.tokens_out} out"
        f"{corrected_words(cost.correction)}{over_context(cost, family)}"
        f" · price {one_line(cost.cost_text)}{kept_words(cost)}{ceiling_words(plan.choice)} · "
        f"about {clock(cost.seconds, tenths=False)} min. Nothing was sent."
    )


def read(args: argparse.Namespace, report: Report, cancel: CancelToken) -> tuple[Reading, RunOutcome]:
    """Let the model read, and keep its reading in the study.

    Raises UserError before any work when the authority is missing, the choice is not complete, there is no
    key or the study cannot be written.
    """
    from app.core.readers.models.providers import provider_of
    from app.core.readers.models.read_recording import read_recording
    from app.core.readers.models.sweep_readings import sweep_study
    from app.core.study.writable_study import writable_study

    choice, _prompts = prompts_of(args, choice_of(args))
    destination = provider_of(choice).destination(choice)
    if not args.i_have_authority:
        raise UserError(without_authority(destination))
    key = key_of(choice)
    if args.private_network:
        remember_private_origin(choice)
    recording, folder = _recording(args, report, cancel)
    with writable_study(folder) as study:
        sweep_study(folder)
        number = study.recording(recording)
        question = _question(args, recording, _kept_in(study, number, places=choice.cover_text))
        reading, outcome = read_recording(
            study,
            recording,
            question,
            lambda place: allow(folder, place, account_author()),
            key,
            report=report,
            cancel=cancel,
            with_plan=lambda plan: _check_plan(plan, question, long_too=args.long),
            with_clips=print_who_is_shown,
        )
        study.set_sha256(number, reading.recording.sha256)
        study.keep_reading(number, reading)
    return reading, outcome


def _question(args: argparse.Namespace, recording: Recording, kept: _KeptOfRecording) -> ModelQuestion:
    """What is asked of a recording, of which the study has kept this."""
    from app.core.readers.models.read_recording import ModelQuestion

    return ModelQuestion(
        *prompts_of(args, choice_of(args)),
        args.patient or kept.box,
        kept.places,
        refused_again=args.ask_refused_again,
        event=kept.event,
        orientation=_orientation(recording),
    )


def _check_plan(plan: Plan, question: ModelQuestion, *, long_too: bool) -> None:
    """Say which places are not covered, and what a long reading costs, which was accepted or is refused."""
    if plan.uncovered:
        print(one_line(plan.uncovered), file=sys.stderr)
    asked = planned(plan, question.asked_again(plan))
    if takes_many(asked) and not long_too:
        raise UserError(
            f"This is a long reading: {cost_words(asked)}. Nothing was sent; --long reads it, --part reads "
            "less of it."
        )


def print_who_is_shown(clips: Sequence[Clip]) -> None:
    """Print who can be recognised in clips, on stderr."""
    for subject, words in who_is_shown(clips):
        print(one_line(f"{subject}: {words}"), file=sys.stderr)


def print_failures(outcome: RunOutcome) -> int:
    """Print the tokens used and what failed, on stderr; exit code 1 when running again would ask for it
    again."""
    if outcome.remark:
        print(one_line(outcome.remark), file=sys.stderr)
    if outcome.used.replies:
        print(one_line(used_words(outcome.used, outcome.price)), file=sys.stderr)
    for failed in outcome.failed:
        print(one_line(f"{failed.request}: {failed.reason}"), file=sys.stderr)
    again = len({failed.request for failed in outcome.failed if failed.again})
    if again:
        say(
            f"{plural(again, 'request')} without an answer; what was answered is kept, and the same command "
            "asks for the rest."
        )
    elif outcome.failed:
        say("some answers were refused; --ask-refused-again asks for those once more.")
    return 1 if again else 0


def _recording(args: argparse.Namespace, report: Report, cancel: CancelToken) -> tuple[Recording, Path]:
    """The recording, and the folder of its study."""
    from app.core.recording.probe import open_recording

    recording = open_recording(args.file, report=report, cancel=cancel)
    remember_opened(recording.path)
    return recording, args.study or study_folder_for(recording.path, recording.fingerprint)


def _plan(args: argparse.Namespace, recording: Recording, folder: Path, cancel: CancelToken) -> Plan:
    from app.core.readers.models.moving_windows import knows_windows, most_windows_of, windows_that_move

    choice = choice_of(args)
    question = _question(args, recording, _kept_of(folder, recording, places=choice.cover_text))
    known = knows_windows(question.choice, recording, question.patient)
    return question.plan(folder, recording, cancel, windows_that_move if known else most_windows_of)


@dataclass(frozen=True, slots=True)
class _KeptOfRecording:
    """What a study keeps of a recording: the patient's box, places to cover, the person's marks."""

    box: Box | None = None
    places: HiddenPlaces = field(default_factory=dict)
    event: EventTimes = field(default_factory=EventTimes)


def _kept_of(folder: Path, recording: Recording, *, places: bool) -> _KeptOfRecording:
    """What a study keeps that is there already; none is made. `places` as in `_kept_in`."""
    if not (folder / FILE_NAME).is_file():
        return _KeptOfRecording()
    with open_study_to_read(folder) as study:
        numbers = (row.id for row in study.recordings() if row.fingerprint == recording.fingerprint)
        known = next(numbers, None)
        return _KeptOfRecording() if known is None else _kept_in(study, known, places=places)


def _kept_in(study: Study, number: int, *, places: bool) -> _KeptOfRecording:
    """What the study keeps of its recording of this number, with the `places` that clips cover. Raises
    UserError where these are wanted and cannot be read."""
    return _KeptOfRecording(
        study.patient_box(number),
        study.places_to_cover(number) if places else NO_PLACES,
        event_marked_by(study, number, person(account_author())),
    )


def _orientation(recording: Recording) -> Orientation:
    """How the person turned or mirrored the picture in the window."""
    look = load_settings().looks.get(recording.fingerprint, {})
    return presentation_from_dict(look).orientation


def _answered(plan: Plan, key: str) -> bool:
    return (plan.folder / f"{key}.json").is_file()


def key_of(choice: ModelChoice) -> Secret | None:
    """The key with which a model is asked, as `keys_of`."""
    (key,) = keys_of((choice,)).values()
    return key


def keys_of(choices: Iterable[ModelChoice]) -> dict[str, Secret | None]:
    """The keys of models by the place that each opens: from the vault, else from the environment, where no
    child process finds it afterwards. Raises UserError as `key_to_ask`."""
    from app.core.readers.models.key_to_ask import key_to_ask
    from app.core.readers.models.providers import provider_of

    vault = KeyVault()
    given: dict[str, str] = {}
    keys: dict[str, Secret | None] = {}
    for choice in choices:
        row = provider_of(choice)
        if row.environment and row.environment not in given:
            given[row.environment] = os.environ.pop(row.environment, "")
        name = row.destination(choice).key_name
        keys[name] = key_to_ask(
            choice,
            partial(_kept_or_given, vault, given.get(row.environment, "")),
            f"keep one with the window, or set {row.environment} for this run.",
        )
    return keys


def _kept_or_given(vault: KeyVault, given: str, opens: str) -> Secret | None:
    """The key of the vault, or else that of the environment, also where what the vault holds is no key."""
    try:
        kept = vault.key(opens)
    except UserError:
        if not given:
            raise
        kept = None
    return kept or (parse_secret(given) if given else None)


def _where(destination: Destination) -> str:
    return f"{destination.model} at {destination.shown}, {destination.terms.title}"


def without_authority(destination: Destination) -> str:
    """The sentence that nothing was sent because nobody said that it may be."""
    return (
        f"Nothing was sent to {_where(destination)}. {destination.terms.text} If you have the authority to "
        "send this recording there under these terms, say so with --i-have-authority."
    )
