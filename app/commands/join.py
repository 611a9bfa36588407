"""`semioscope join`: labels that a study keeps without a video are joined with the video of their name."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands import arguments
from app.commands.interruption import cancelled_by_signals
from app.commands.label_options import names_argument
from app.commands.study_option import open_study_to_change, open_study_to_read, study_argument
from app.commands.terminal import ProgressLine, one_line, say
from app.commands.viewer_options import unsealed_argument
from app.core.reading import person
from app.core.settings import account_author
from app.core.study.viewer import Unsealed, describe_seal, viewer_of_person

if TYPE_CHECKING:
    from app.core.exchange.join_labels import JoinPlan, SeenJoins
    from app.core.exchange.joined_readings import Settlement
    from app.core.exchange.label_joins import Names
    from app.core.study.store import Study
    from app.core.study.viewer import Viewer

SIDES = ("video", "labels", "neither")
_NONE = "No labels have the name of a video."


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "join",
        help="join labels that a study has without a video with the video of their name",
        description="Shows which labels of a study have no video and the name of one of its videos (case, "
        "folder and extension aside); with --keep all that was said of them is said of the video's "
        "recording, each join one change that can be undone.",
        epilog="A name that fits several recordings is reported and left as it is, never guessed.",
    )
    study_argument(parser)
    parser.add_argument(
        "videos", metavar="VIDEO", nargs="*", type=Path,
        help="videos for which labels wait: they are added to the study, and only their labels are looked "
        "for; others are not added",
    )  # fmt: skip
    names_argument(parser)
    parser.add_argument("--keep", action="store_true", help="join what is shown")
    parser.add_argument(
        "--on-contradiction", choices=SIDES, metavar="SIDE",
        help="where a reader says two things of one feature: what is said with the video, with the labels, "
        "or neither (default: such labels are left as they are, and both sides are shown)",
    )  # fmt: skip
    unsealed_argument(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from app.core.evaluation.label_tables import names_in

    names = names_in(args.names)
    if not (args.keep or args.videos or args.unsealed):
        with open_study_to_read(args.study) as study:
            return _show(study, args, names, frozenset())
    with open_study_to_change(args.study, author=account_author()) as study:
        videos = _add(study, args, names)
        if args.videos and not videos:
            print(_NONE)
            return 0
        return (_keep if args.keep else _show)(study, args, names, videos)


def suggest(study: Path | None) -> None:
    """Say on stderr that labels of a study, if there is one, can be those of a video that it has now."""
    if study is None:
        return
    from app.core.exchange.label_joins import propose_joins

    with open_study_to_read(study) as opened:
        joins = propose_joins(opened).joins
    for join in joins:
        say(join.describe())
    if joins:
        say("“semioscope join” shows what that would change, and joins them.")


def _add(study: Study, args: argparse.Namespace, names: Names) -> frozenset[int]:
    """Add the videos for which labels wait; the numbers of these and of those that the study had before."""
    from app.core.exchange.awaited_videos import add_awaited_videos

    with cancelled_by_signals() as cancel, ProgressLine() as report:
        added = add_awaited_videos(study, args.videos, names, report=report, cancel=cancel)
    for remark in added.remarks:
        say(remark)
    return added.numbers


def _settlement(args: argparse.Namespace) -> Settlement:
    from app.core.exchange.joined_readings import Prefer, Settlement

    meant = {"video": Prefer.EARLIER, "labels": Prefer.LATER, "neither": Prefer.NEITHER}
    return Settlement(otherwise=meant.get(args.on_contradiction))


def _show(study: Study, args: argparse.Namespace, names: Names, videos: frozenset[int]) -> int:
    from app.core.exchange.join_labels import look_at_joins

    seen = look_at_joins(study, _viewer(args), names, _settlement(args), videos)
    _print_seen(seen, lambda _plan: None)
    print("Nothing was joined; --keep joins this." if seen.plans else _NONE)
    return 0


def _keep(study: Study, args: argparse.Namespace, names: Names, videos: frozenset[int]) -> int:
    from app.core.exchange.join_labels import describe_join, join_proposed

    seen = join_proposed(study, _viewer(args), names, _settlement(args), videos)
    _print_seen(seen, lambda plan: print(one_line(describe_join(plan.join))))
    done = sum(not plan.refusal for plan in seen.plans)
    print(f"Joined: {done} of {len(seen.plans)}." if seen.plans else _NONE)
    return 0 if done == len(seen.plans) else 1


def _print_seen(seen: SeenJoins, and_then: Callable[[JoinPlan], None]) -> None:
    """Print each plan, or why there is none; `and_then` prints what follows a plan."""
    _print_beside(seen)
    for plan in seen.plans:
        if plan.refusal:
            _print_refusal(plan)
        else:
            _print_plan(plan)
            and_then(plan)


def _viewer(args: argparse.Namespace) -> Viewer:
    return Unsealed() if args.unsealed else viewer_of_person(person(account_author()))


def _print_beside(seen: SeenJoins) -> None:
    """What is to be known beside the joins: names that fit several, and what is sealed and was given."""
    for sentence in (*seen.doubts, *describe_seal(seen.seal)):
        say(sentence)


def _print_plan(plan: JoinPlan) -> None:
    join = plan.join
    print(one_line(f"{join.labels.name} → {join.video.name}: {plan.moved}"))
    for one in plan.unsettled:
        print(one_line(f"  contradiction: {one.describe()}"))
    for remark in plan.remarks:
        say(remark)
    if plan.unsettled:
        say("--on-contradiction video, labels or neither says which is meant.")


def _print_refusal(plan: JoinPlan) -> None:
    say(f"“{plan.join.labels.name}” was left as it is. {plan.refusal}")
