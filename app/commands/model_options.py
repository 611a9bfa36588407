"""The options of `analyze` for models, and the choice of a model that they make."""

from __future__ import annotations

import argparse
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands import arguments
from app.commands.doubt_options import DOUBT, doubt_arguments, doubt_of
from app.core.account_file import UnreadableFileError
from app.core.errors import UserError
from app.core.readers.models.families import FAMILIES
from app.core.readers.models.model_choice import (
    LONGEST_DEADLINE,
    SHORTEST_DEADLINE,
    ModelChoice,
    asks_about_picture,
    load_choice,
    looks_twice,
    repeats_of,
    save_choice,
    stored_choice,
    with_private_origin,
)
from app.core.readers.models.prompt_files import prompt_sets, read_prompts
from app.core.readers.models.rate_cost import times_everywhere
from app.core.readers.models.reading_range import parse_range
from app.core.readers.models.request_plan import AskingMode
from app.core.timeline.clock_text import TIME_FORMS

if TYPE_CHECKING:
    from app.core.readers.models.prompts import PromptSet

MODELS = ("gemini", "vertex", "openai")
"""The readers that are models, as `--reader` takes them: the rows of `providers.PROVIDERS`."""

ENHANCEMENTS = ("pose", "pose-beside", "face", "denoise", "transcript")
COVERED = ("bystanders", "patient")
MODES = ("grouped", "per-feature")

_VALUES = ("base_url", "model", "family", "project", "location", "fps", "deadline", "most_cost")
"""Options that go into the choice as they are."""
MOVING, EVERYWHERE = "moving", "everywhere"
_ONLY_MODELS = (
    *(*DOUBT, *_VALUES, "mode", "prompts", "enhance", "cover", "transcript_model", "feature_rates", "video"),
    *("part", "tell_event", "tell_earlier", "picture_with_sound", "keep_clips", "cover_text"),
)

_SWITCHES = ("private_network", "plan", "long", "ask_refused_again", "i_have_authority")
ONE_RECORDING = ("part", "tell_event")
"""Options that only mean something for one recording."""


def add_model_options(parser: argparse.ArgumentParser, without: Collection[str] = ()) -> None:
    """Options without a default: what is not given is what the settings of the model say.

    The help shows none of those in `without`, which `refuse_options` refuses by name.
    """
    group = parser.add_argument_group(
        "models", "What is not given is taken from the window's settings when they are for the same provider."
    )
    group.add_argument("--base-url", metavar="URL", help="address of the server (usually ends in /v1)")
    group.add_argument(
        "--private-network",
        action="store_true",
        help="the server at --base-url is in a private network, so that plain http:// may be sent to it",
    )
    group.add_argument("--model", metavar="NAME", help="name of the model")
    group.add_argument(
        "--family",
        metavar="FAMILY",
        choices=tuple(FAMILIES),
        help=f"how the model is served, where its name does not tell: {', '.join(FAMILIES)}",
    )
    group.add_argument("--project", metavar="ID", help="Google Cloud project, for vertex")
    group.add_argument("--location", metavar="REGION", help="Google Cloud location, for vertex")
    group.add_argument("--mode", choices=MODES, help="one request for each enhancement (grouped) or feature")
    group.add_argument(
        "--prompts",
        metavar="SET",
        help="expert, plain, ilae, study (as arXiv 2605.03352 asked), or a file with a set of prompts",
    )
    _add_part_options(group)
    group.add_argument(
        "--enhance",
        metavar="LIST",
        type=enhancements,
        help="what is done to picture and sound: pose or pose-beside, face, denoise, transcript with commas "
        "between, or none",
    )
    group.add_argument(
        "--cover",
        metavar="LIST",
        type=covered,
        help="whose heads are covered: bystanders, and patient in clips for limb and body features, or none",
    )
    add_text_option(group)
    group.add_argument("--transcript-model", metavar="DIR", help="folder of a speech model for transcripts")
    group.add_argument("--fps", metavar="HZ", type=sampling_rate, help="frames a second that are shown (2)")
    group.add_argument(
        "--deadline",
        metavar="TIME",
        type=deadline,
        help=f"the longest time for one request, repeats included (240 s): {TIME_FORMS}",
    )
    group.add_argument(
        "--most-cost",
        metavar="AMOUNT",
        type=arguments.positive,
        help="ask no more in this run once this could be passed, in the currency of the model's price; for a "
        "batch as a whole; asking for the rest is another run",
    )
    group.add_argument(
        "--feature-rates",
        nargs="?",
        const=MOVING,
        choices=(MOVING, EVERYWHERE),
        help="show what needs more frames at a higher rate, in shorter windows: where the pose moves quickly "
        f"(whose pose is found first), or everywhere ({times_everywhere()} times the tokens)",
    )
    doubt_arguments(group)
    group.add_argument(
        "--video", action="store_true", default=None, help="send a server videos instead of pictures"
    )
    group.add_argument(
        "--ask-refused-again",
        action="store_true",
        help="ask once more also where an earlier answer had to be refused",
    )
    group.add_argument("--plan", action="store_true", help="print what would be sent, and stop")
    group.add_argument(
        "--i-have-authority",
        action="store_true",
        help="you may send this recording to that destination under its terms; without this nothing is sent",
    )
    for action in group._group_actions:
        if action.dest in without:
            action.help = argparse.SUPPRESS


def add_text_option(group: argparse._ArgumentGroup) -> None:
    """Whether what can be read in the picture is covered."""
    group.add_argument(
        "--cover-text",
        action=argparse.BooleanOptionalAction,
        help="cover text in the picture, such as names and dates, and the places drawn to be covered (on)",
    )


def refuse_options(args: argparse.Namespace, without: Collection[str], reason: str) -> None:
    """Raise UserError with the reason when an option that has no effect is given."""
    given = next((name for name in without if getattr(args, name)), None)
    if given is not None:
        raise UserError(f"--{given.replace('_', '-')} {reason}")


def _add_part_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--part",
        metavar="PART",
        help="what is read: whole, event:SECONDS (a margin around onset and end as you marked them), or a "
        "span as 60-120 or 1:00-2:00.5",
    )
    group.add_argument(
        "--tell-event",
        action=argparse.BooleanOptionalAction,
        help="tell the model when the event begins and ends, as you marked it",
    )
    group.add_argument(
        "--tell-earlier",
        action=argparse.BooleanOptionalAction,
        help="tell the model what it found in earlier segments, which are then asked about first",
    )
    group.add_argument(
        "--keep-clips",
        action=argparse.BooleanOptionalAction,
        help="let Gemini keep a clip while several requests ask about it, where that saves (on)",
    )
    group.add_argument(
        "--picture-with-sound",
        action=argparse.BooleanOptionalAction,
        help="show the picture along with the sound where the model takes both",
    )
    group.add_argument(
        "--long",
        action="store_true",
        help="read although it takes many requests; without this such a reading only says what it costs",
    )


def refuse_one_recording_options(args: argparse.Namespace) -> None:
    """Raise UserError when an option that only means something for one recording is given for several."""
    given = next((name for name in ONE_RECORDING if getattr(args, name) is not None), None)
    if given is not None:
        raise UserError(f"--{given.replace('_', '-')} is for one recording: use it with semioscope analyze.")


def refuse_model_options(args: argparse.Namespace) -> None:
    """Raise UserError when an option for models is given with another reader."""
    given = [name for name in _ONLY_MODELS if getattr(args, name) is not None]
    given += [name for name in _SWITCHES if getattr(args, name)]
    if given:
        option = "--" + given[0].replace("_", "-")
        raise UserError(f"{option} is for models; choose one with --reader {', '.join(MODELS)}.")


def choice_of(args: argparse.Namespace) -> ModelChoice:
    """The choice of a model that the options make on top of the settings'."""
    kept = load_choice()
    choice = kept if kept.provider == args.reader else ModelChoice(provider=args.reader)
    choice = replace(choice, private_origins=kept.private_origins)
    values = {name: getattr(args, name) for name in _VALUES if getattr(args, name) is not None}
    if args.mode is not None:
        values["mode"] = AskingMode(args.mode.replace("-", "_"))
    if args.feature_rates:
        values |= {"feature_rates": True, "two_passes": args.feature_rates == MOVING}
    if args.video:
        values["prefer_video"] = True
    if args.transcript_model is not None:
        values["transcript"] = args.transcript_model
    if args.part is not None:
        values["range"] = parse_range(args.part).text
    if args.picture_with_sound is not None:
        values["with_picture"] = args.picture_with_sound
    for name in ("tell_event", "tell_earlier", "keep_clips", "cover_text"):
        if getattr(args, name) is not None:
            values[name] = getattr(args, name)
    if args.cover is not None:
        values |= {f"cover_{name}": name in args.cover for name in COVERED}
    choice = replace(choice, **values, **doubt_of(args))
    _refuse_what_has_no_effect(args, choice)
    if args.family is not None and choice.model_family.id != args.family:
        raise UserError(f"“{args.family}” is not a family of models that --reader {args.reader} can have.")
    if args.private_network:
        choice = with_private_origin(choice)
    return choice if args.enhance is None else _enhanced(choice, args.enhance)


def _refuse_what_has_no_effect(args: argparse.Namespace, choice: ModelChoice) -> None:
    if args.tell_earlier and looks_twice(choice):
        raise UserError(
            f"--tell-earlier does not go with --feature-rates {MOVING}: where quick movements are looked at "
            "once more, a prompt says nothing of earlier segments."
        )
    if args.wordings and repeats_of(choice) < 2:
        raise UserError("--wordings are taken in turn by repeats: give --confidence repeats as well.")
    if args.picture_with_sound and not asks_about_picture(choice):
        raise UserError(
            "--picture-with-sound does not go with settings that ask about the sound alone: ask about pose "
            "or face as well, under “Set up a model”."
        )


def remember_private_origin(choice: ModelChoice) -> None:
    """Keep in the settings what `--private-network` confirmed, and nothing else of the choice; nothing where
    they cannot be read, which is said anyway."""
    try:
        kept = stored_choice()
    except UnreadableFileError:
        return
    if kept.private_origins != choice.private_origins:
        save_choice(replace(kept, private_origins=choice.private_origins))


def _enhanced(choice: ModelChoice, wanted: frozenset[str]) -> ModelChoice:
    from app.core.enhance.transcript import check_transcript

    if "transcript" in wanted:
        check_transcript(choice.transcript)
    return replace(
        choice,
        overlay=bool({"pose", "pose-beside"} & wanted),
        beside="pose-beside" in wanted,
        crop="face" in wanted,
        denoise="denoise" in wanted,
        transcript=choice.transcript if "transcript" in wanted else "",
    )


def prompts_of(args: argparse.Namespace, choice: ModelChoice) -> tuple[ModelChoice, dict[str, PromptSet]]:
    """The choice with its set of prompts by name, and the sets there are, one from a file among them."""
    sets = prompt_sets()
    if args.prompts is None or args.prompts in sets:
        return replace(choice, prompts=args.prompts or choice.prompts), sets
    path = Path(args.prompts)
    try:
        prompts = read_prompts(path)
    except (OSError, UnicodeDecodeError) as error:
        known = ", ".join(sets)
        raise UserError(
            f"“{path.name}” is neither a set of prompts ({known}) nor a file with one."
        ) from error
    return replace(choice, prompts=prompts.name), sets | {prompts.name: prompts}


def enhancements(text: str) -> frozenset[str]:
    """Names of enhancements with commas between, or `none`."""
    return _named(text, ENHANCEMENTS)


def covered(text: str) -> frozenset[str]:
    """Whose heads are covered, with commas between, or `none`."""
    return _named(text, COVERED)


def _named(text: str, known: tuple[str, ...]) -> frozenset[str]:
    named = frozenset(part.strip() for part in text.split(",") if part.strip()) - {"none"}
    unknown = sorted(named - set(known))
    if unknown or not text.strip():
        raise argparse.ArgumentTypeError(f"not of {', '.join(known)} or none: {', '.join(unknown)}")
    return named


def sampling_rate(text: str) -> float:
    """Frames a second, 0.2–30."""
    value = arguments.positive(text)
    if not 0.2 <= value <= 30:
        raise argparse.ArgumentTypeError("must be 0.2 to 30")
    return value


def deadline(text: str) -> float:
    """The longest time for one request, in seconds."""
    value = arguments.length(text)
    if not SHORTEST_DEADLINE <= value <= LONGEST_DEADLINE:
        raise argparse.ArgumentTypeError(f"must be {SHORTEST_DEADLINE:g} to {LONGEST_DEADLINE:g}")
    return value
