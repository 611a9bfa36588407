"""`semioscope join`: labels that a study keeps without a video are joined with the video of their name."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands import arguments
from app.commands.interruption import cancelled_by_signals
from app.commands.label_options import names_argument
from app.commands.study_option import open_study_to_change, open_study_to_read, study_argument
from app.commands.terminal import ProgressLine, one_line, say
from app.commands.viewer_options import unsealed_argument
from app.core.errors import UserError
from app.core.reading import person
from app.core.recording.open_errors import check_file
from app.core.settings import account_author
from app.core.study.viewer import SealedFrom, Unsealed

if TYPE_CHECKING:
    from app.core.exchange.join_labels import JoinPlan
    from app.core.exchange.joined_readings import Settlement
    from app.core.study.store import Study
    from app.core.study.viewer import Viewer

SIDES = ("video", "labels", "neither")
_NONE = "No labels have the name of a video."
_NOT_AWAITED = "No labels wait for “{}”, so it was not added."


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
    me = account_author()
    if not (args.keep or args.videos or args.unsealed):
        with open_study_to_read(args.study) as study:
            return _show(study, SealedFrom((person(me),)), args, frozenset())
    with open_study_to_change(args.study, author=me) as study:
        added = _add(study, args)
        if args.videos and not added:
            print(_NONE)
            return 0
        viewer = _viewer(study, args, me)
        return (_keep if args.keep else _show)(study, viewer, args, added)


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


def _viewer(study: Study, args: argparse.Namespace, me: str) -> Viewer:
    from app.core.study.viewer import settle_seal

    viewer: Viewer = Unsealed() if args.unsealed else SealedFrom((person(me),))
    settle_seal(study, viewer, 0, "join labels")
    return viewer


def _add(study: Study, args: argparse.Namespace) -> frozenset[int]:
    """Add the videos for which labels wait; the numbers of these and of those that the study had before."""
    from app.core.evaluation.label_tables import names_in
    from app.core.exchange.label_joins import awaited_videos
    from app.core.recording.identity import fingerprint

    for path in args.videos:
        check_file(path)
    contents: dict[str, Path] = {}
    for path in args.videos:
        contents.setdefault(fingerprint(path), path)
    known = {row.fingerprint for row in study.recordings()}
    again = [path for content, path in contents.items() if content in known]
    if again:  # under a new name or in a new place, perhaps, which the study then has
        _read(study, again)
    new = [path for content, path in contents.items() if content not in known]
    waiting = awaited_videos(study, (path.name for path in new), names_in(args.names))
    for doubt in waiting.doubts:
        say(doubt)
    wanted = [path for path, is_awaited in zip(new, waiting.awaited, strict=True) if is_awaited]
    for path in new:
        if path not in wanted:
            say(_NOT_AWAITED.format(path.name))
    if wanted:
        _read(study, wanted)
    return frozenset(row.id for row in study.recordings() if row.fingerprint in contents)


def _read(study: Study, paths: Sequence[Path]) -> None:
    from app.core.study.add_recordings import add_recordings

    with cancelled_by_signals() as cancel, ProgressLine() as report:
        add_recordings(study, paths, report=report, cancel=cancel)


def _seen(study: Study, viewer: Viewer, args: argparse.Namespace, added: frozenset[int]) -> list[JoinPlan]:
    """What is proposed, of the videos that were named alone where there are any."""
    from app.core.evaluation.label_tables import names_in
    from app.core.exchange.join_labels import look_at_joins

    seen = look_at_joins(study, viewer, names_in(args.names), _settlement(args))
    for doubt in seen.doubts:
        say(doubt)
    return [one for one in seen.plans if not added or one.join.video.id in added]


def _settlement(args: argparse.Namespace) -> Settlement:
    from app.core.exchange.joined_readings import Prefer, Settlement

    meant = {"video": Prefer.EARLIER, "labels": Prefer.LATER, "neither": Prefer.NEITHER}
    return Settlement(otherwise=meant.get(args.on_contradiction))


def _show(study: Study, viewer: Viewer, args: argparse.Namespace, added: frozenset[int]) -> int:
    plans = _seen(study, viewer, args, added)
    for plan in plans:
        if plan.refusal:
            _print_refusal(plan, plan.refusal)
        else:
            _print_plan(plan)
    print("Nothing was joined; --keep joins this." if plans else _NONE)
    return 0


def _keep(study: Study, viewer: Viewer, args: argparse.Namespace, added: frozenset[int]) -> int:
    from app.core.exchange.join_labels import describe_join, join_labels

    plans, done = _seen(study, viewer, args, added), 0
    for plan in plans:
        try:
            join_labels(study, viewer, plan.join, _settlement(args))
        except UserError as error:
            _print_refusal(plan, str(error))
            continue
        _print_plan(plan)
        print(one_line(describe_join(plan.join)))
        done += 1
    print(f"Joined: {done} of {len(plans)}." if plans else _NONE)
    return 0 if done == len(plans) else 1


def _print_plan(plan: JoinPlan) -> None:
    join = plan.join
    print(one_line(f"{join.labels.name} → {join.video.name}: {plan.moved}"))
    for one in plan.unsettled:
        print(one_line(f"  contradiction: {one.describe()}"))
    for remark in plan.remarks:
        say(remark)
    if plan.unsettled:
        say("--on-contradiction video, labels or neither says which is meant.")


def _print_refusal(plan: JoinPlan, why: str) -> None:
    say(f"“{plan.join.labels.name}” was left as it is. {why}")
