"""Options that name a result: nothing that exists is replaced unasked, and what others need never.

Every option that writes a file is made by `result_option`. What it names is checked before the command runs
(`check_results`) or, where names are made from it, by the command itself (`check_new`); it is written whole
or not at all (`write_result`).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from app.core.atomic import check_writable, write_atomically
from app.core.errors import UserError
from app.core.exports import check_free
from app.core.study.result_places import check_not_kept, possible_places

STDOUT = Path("-")
OTHERWISE = "choose another name, or give --replace"


@dataclass(frozen=True, slots=True)
class ResultOption:
    """A result of a command: whether the option is the `whole` path of a file, or names are made from it; and
    the endings of recordings and EEGs that the command writes there."""

    whole: bool
    writes: tuple[str, ...]


class OptionGroup(Protocol):
    """A group of options."""

    def add_argument(self, *names: str, **how: Any) -> argparse.Action: ...


def result_option(
    parser: argparse.ArgumentParser,
    name: str,
    metavar: str,
    what: str,
    *,
    required: bool = False,
    bare: bool = False,
    whole: bool = True,
    writes: tuple[str, ...] = (),
    within: OptionGroup | None = None,
) -> None:
    """An option for a result, in the group `within` if there is one, and `--replace`, once for a command.
    `bare`: without a path it is stdout; `whole` and `writes` as in `ResultOption`."""
    group: OptionGroup = within or parser
    how: dict[str, Any] = {"nargs": "?", "const": STDOUT} if bare else {"required": required}
    action = group.add_argument(name, metavar=metavar, type=Path, help=what, **how)
    results: dict[str, ResultOption] = parser.get_default("results") or {}
    if not results:
        parser.add_argument("--replace", action="store_true", help="replace what has that name already")
    parser.set_defaults(results={**results, action.dest: ResultOption(whole, writes)})


def check_results(args: argparse.Namespace) -> None:
    """Check the results that a command was given, before any of its work. Raises UserError."""
    results: dict[str, ResultOption] = getattr(args, "results", {})
    seen: set[Path] = set()
    for name, option in results.items():
        path: Path | None = getattr(args, name)
        if path is None or path == STDOUT:
            continue
        _, place = possible_places(path)
        if not option.whole:
            continue
        if place in seen:
            raise UserError(f"Two results cannot be the same file, “{path.name}”.")
        seen.add(place)
        check_new(args, (path,), option.writes)


def check_new(args: argparse.Namespace, targets: Iterable[Path], writes: tuple[str, ...] = ()) -> None:
    """Before any work: raises UserError if a file that would be written exists and `--replace` was not given,
    is never replaced, or cannot be written. `writes` as in `check_not_kept`."""
    sources = tuple(_sources(args))
    for target in targets:
        check_not_kept(target, sources, writes)
        if not args.replace and not target.is_dir():
            check_free((target,), OTHERWISE)
        check_writable(target)


def check_folder(folder: Path) -> None:
    """Before any work: raises UserError if nothing can be written into the folder, which may be missing."""
    there = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    if not there.is_dir():
        raise UserError(f"“{there.name}” is a file; give the name of a folder.")
    check_writable(there / "result")


def write_result(args: argparse.Namespace, path: Path, content: bytes, *, private: bool = False) -> None:
    """Write a result, whole or not at all; what came there meanwhile is kept unless it may be replaced.
    Raises UserError."""
    write_atomically(path, content, private=private, replace=args.replace)


def _sources(args: argparse.Namespace) -> Iterator[Path]:
    """Whatever else the command was given that can be a path, also as NAME=PATH and KIND:PATH."""
    for name, value in vars(args).items():
        if name in args.results:
            continue
        for one in value if isinstance(value, (list, tuple)) else (value,):
            if isinstance(one, Path):
                yield one
            elif isinstance(one, str):
                yield from (
                    Path(text) for text in (one, one.partition("=")[2], one.partition(":")[2]) if text
                )
