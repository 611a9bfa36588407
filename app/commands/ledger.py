"""`semioscope ledger`: what left this machine, from one study or in tests of a connection."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from app.commands import arguments
from app.commands.console import write_json
from app.commands.terminal import one_line
from app.core.errors import UserError
from app.core.folders import STUDY_FILE, settings_folder
from app.core.plural import plural
from app.core.privacy import ledger as ledgers
from app.core.privacy.ledger import Ledger, LedgerEntry


def register(subparsers: arguments.Subparsers) -> None:
    parser = subparsers.add_parser(
        "ledger",
        help="print what left this machine",
        description="Prints every request that left this machine: when, by whom, where to, how much. "
        "It was written down before it was sent.",
    )
    parser.add_argument(
        "study",
        metavar="STUDY",
        type=Path,
        nargs="?",
        help="the study's folder (without it: the tests of the connection, which hold no recording)",
    )
    parser.add_argument("--json", action="store_true", help="the ledger as JSON on stdout")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    ledger = Ledger(_folder(args.study))
    if args.json:
        write_json(ledger.to_json())
        return 0
    contents = ledger.contents()
    entries, left = contents.entries, contents.orphans
    for entry in entries:
        print(_line(entry))
    size = sum(entry.sending.size for entry in entries) / 1e6
    print(
        f"{plural(len(entries), 'request')}, {size:.1f} MB."
        if entries
        else "Nothing has left this machine from here."
    )
    for file in left:
        print(one_line(f"Listed as left with the provider: {file.id} at {file.host}, since {file.time}"))
    if contents.unread:
        lines = plural(contents.unread, "line")
        print(f"Not shown because it cannot be read: {lines} of the ledger.", file=sys.stderr)
    return 0


def _folder(study: Path | None) -> Path:
    if study is None:
        return settings_folder()
    if not study.is_dir():
        raise UserError(f"There is no folder “{study.name}”.")
    if not any((study / name).exists() for name in (STUDY_FILE, ledgers.FILE_NAME)):
        raise UserError(f"There is no study in the folder “{study.name}”.")
    return study


def _line(entry: LedgerEntry) -> str:
    sent = entry.sending
    parts = (
        entry.time[:19].replace("T", " "),
        sent.user,
        f"{sent.model} at {sent.host}",
        sent.purpose,
        f"{sent.size / 1e6:.2f} MB",
        f"sha256 {sent.sha256[:12]}…",
        sent.deidentification,
        entry.outcome,
    )
    return one_line(" · ".join(parts))
