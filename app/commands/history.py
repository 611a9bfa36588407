"""`semioscope history`: who changed what in a study, when, from what, to what, and why."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from app.commands import arguments, viewer_options
from app.commands.console import write_json
from app.commands.study_option import open_study_to_read, study_argument
from app.commands.terminal import one_line
from app.commands.viewer_options import sealed_arguments
from app.core.errors import UserError
from app.core.reading import person
from app.core.semiology import FEATURE
from app.core.study.history_listing import list_history
from app.core.study.history_search import HistoryFilter

if TYPE_CHECKING:
    from app.core.reading import ReaderIdentity
    from app.core.study.history_search import HistoryRow
    from app.core.study.store import Study


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "history",
        help="who changed what in a study, when and why",
        description="Shows the changes of a study, the latest first, and whether its history is whole.",
        epilog="Exit code 1 when --verify finds the history broken.",
    )
    study_argument(parser)
    parser.add_argument("--recording", metavar="NAME", help="only of the recording of this name")
    parser.add_argument("--reader", metavar="NAME", help="only of the readings of the person of this name")
    parser.add_argument("--who", metavar="NAME", help="only what this author changed")
    parser.add_argument("--feature", choices=tuple(FEATURE), metavar="FEATURE", help="only of this feature")
    parser.add_argument("--text", default="", help="only what holds this text before, after or as reason")
    parser.add_argument("--since", metavar="UTC", help="only since this day or moment: 2026-11-03")
    parser.add_argument("--limit", metavar="N", type=int, default=50, help="at most so many (default: 50)")
    sealed_arguments(parser)
    parser.add_argument("--verify", action="store_true", help="check every row and every answer against it")
    parser.add_argument("--json", action="store_true", help="as JSON, rows as they are kept")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    if args.verify:
        return _verify(args)
    with viewer_options.open_study(args) as study:
        viewer = viewer_options.viewer_of(study, args)
        listed = list_history(study, viewer, _filter(study, args), limit=max(args.limit, 1))
    viewer_options.print_seal(listed.seal)
    if args.json:
        write_json(json.dumps([to_dict(row) for row in listed.rows], ensure_ascii=False))
    else:
        print("\n".join(describe_row(row) for row in listed.rows) if listed.rows else "No change like that.")
    return 0


def _verify(args: argparse.Namespace) -> int:
    with open_study_to_read(args.study) as study:
        study.check()
    print("The history is whole, and every answer agrees with it.")
    return 0


def _person(name: str | None) -> ReaderIdentity | None:
    return None if name is None else person(name)


def _filter(study: Study, args: argparse.Namespace) -> HistoryFilter:
    recording_id = None
    if args.recording is not None:
        found = [row.id for row in study.recordings() if row.name == args.recording]
        if not found:
            raise UserError(f"The study has no recording called “{args.recording}”.")
        recording_id = found[0]
    return HistoryFilter(
        recording_id=recording_id,
        who=args.who,
        reader=_person(args.reader),
        feature=args.feature,
        since=args.since,
        text=args.text,
    )


def describe_row(row: HistoryRow) -> str:
    """One change on one line."""

    entry = row.entry
    about = " · ".join(part for part in (row.recording, row.reader, entry.feature or "") if part)
    why = f" (why: {entry.why})" if entry.why else ""
    return one_line(
        f"{entry.seq} · {entry.at[:19].replace('T', ' ')} · {entry.who}: {row.what} · "
        f"{about}: {row.old or '–'} → {row.new or '–'}{why}"
    )


def to_dict(row: HistoryRow) -> dict[str, Any]:
    """One change as it is kept, with the names that hold now."""
    entry = row.entry
    return {
        "seq": entry.seq,
        "at": entry.at,
        "who": entry.who,
        "operation": entry.operation,
        "subject": entry.subject,
        "recording": row.recording,
        "reader": row.reader,
        "feature": entry.feature,
        "old": json.loads(entry.old),
        "new": json.loads(entry.new),
        "why": entry.why,
    }
