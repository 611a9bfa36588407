"""The journal of a run of a model: its requests and replies on disk, so that nothing is asked twice.

Each run has a folder: `run.json` identifies the run, `<request>.json` holds the raw reply to each answered
request, `<request>.aside-1.json` a reply that was replaced by another. A crash loses at most the requests in
progress.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from app.core.bounded_json import read_json
from app.core.containment import LeadsOutsideError, check_inside, read_inside, write_inside
from app.core.errors import UserError
from app.core.readers.models.provider import Reply, plausible_count, plausible_hours
from app.core.readers.models.verdict_tokens import VerdictShare
from app.core.semiology import FEATURE, Presence
from app.core.study.readings_folder import READINGS

RUN_FILE = "run.json"
CLIPS = "clips"
"""The folder of the media inside that of a reading."""
_unsaved: dict[Path, Reply] = {}
"""By file, the replies that the disk did not take: they were paid for, and are stored with the next run."""

_LARGEST = 8 << 20
"""The largest file in a reading's folder in bytes; a reply has at most half of that."""


class Journal:
    """The journal of one run in `folder`, which is created if necessary.

    `what` holds everything that determines the answers (recording, model, hash of the prompts, mode,
    enhancement). Raises UserError when the folder holds a different run.
    """

    def __init__(self, folder: Path, what: Mapping[str, str]) -> None:
        self._folder = folder
        check_inside(folder, _study_of(folder))
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        run = folder / RUN_FILE
        if not os.path.lexists(run):
            write_inside(run, _study_of(run.parent), json.dumps(dict(what), indent=2).encode())
        elif (found := read_row(run)) is None:
            raise UserError(
                f"What was asked before cannot be read: {READINGS}/{folder.name}/{RUN_FILE} is damaged. "
                "Move that folder away to ask anew."
            )
        elif found != dict(what):
            raise UserError("This folder holds the answers to other questions; start a new reading.")

    def reply(self, request: str) -> Reply | None:
        """The stored reply to a request; None when it has to be asked (again)."""
        unsaved = _unsaved.get(self._folder / f"{request}.json")
        if unsaved is not None:
            with contextlib.suppress(UserError):
                self.keep(request, unsaved)
            return unsaved
        data = read_row(self._folder / f"{request}.json")
        if data is None:
            return None
        text, served = data.get("text"), data.get("served_model")
        tokens_in, tokens_out = (value if isinstance(value, int) else None for value in _counts(data))
        if not isinstance(text, str) or not isinstance(served, str):
            return None
        taken, put = (plausible_count(data.get(name)) or 0 for name in ("tokens_taken", "tokens_put"))
        hours = plausible_hours(data.get("token_hours"))
        return Reply(text, served, tokens_in, tokens_out, _verdicts(data.get("verdicts")), taken, put, hours)

    def keep(self, request: str, reply: Reply) -> None:
        """Store a reply, synced to disk on return.

        Raises UserError when the disk does not take it; it is kept in memory then.
        """
        path = self._folder / f"{request}.json"
        _unsaved[path] = reply
        self._write(path.name, reply)
        _unsaved.pop(path, None)

    def keep_aside(self, request: str, reply: Reply) -> None:
        """Store a reply that is replaced by another one."""
        taken = {path.name for path in self._folder.glob("*.aside-*.json")}
        names = (f"{request}.aside-{number}.json" for number in itertools.count(1))
        self._write(next(name for name in names if name not in taken), reply)

    def _write(self, name: str, reply: Reply) -> None:
        text = json.dumps(asdict(reply), ensure_ascii=False)
        # A server can send a lone surrogate; it is replaced instead of losing the reply.
        path = self._folder / name
        write_inside(path, _study_of(self._folder), text.encode("utf-8", errors="replace"))


def _counts(data: dict[str, object]) -> tuple[object, object]:
    return data.get("tokens_in"), data.get("tokens_out")


def _verdicts(rows: object) -> tuple[VerdictShare, ...]:
    """The stored shares of verdicts; those that are malformed are left out."""
    found = []
    for row in rows if isinstance(rows, list) else ():
        try:
            share = float(row["share"])
            if row["feature"] in FEATURE and 0 <= share <= 1:
                found.append(VerdictShare(row["feature"], Presence(row["presence"]), share))
        except (KeyError, TypeError, ValueError):
            continue
    return tuple(found)


def read_row(path: Path) -> dict[str, object] | None:
    """The object in a file of a reading's folder; None without a readable one."""
    try:
        data = read_json(read_inside(path, _study_of(path.parent), largest=_LARGEST), largest=_LARGEST)
    except (OSError, ValueError, LeadsOutsideError):
        return None
    return data if isinstance(data, dict) else None


def _study_of(folder: Path) -> Path:
    """The study's folder for a reading's folder, STUDY/readings/READING."""
    return folder.parents[1]
