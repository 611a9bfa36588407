"""Personal prompt sets, derived from those of the program, as files in the settings folder."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from pathlib import Path

from app.core.account_file import read_before_writing
from app.core.atomic import write_atomically
from app.core.errors import UserError
from app.core.folders import settings_folder
from app.core.plain_text import plain
from app.core.readers.models.prompts import PROMPT_SETS, PromptSet, prompts_from_json, prompts_to_json
from app.core.regular_file import read_at_most

FOLDER = "prompts"
LONGEST_NAME = 40
_LARGEST = 2**20
"""Bytes of the largest file that is read; twenty questions and the rules are a hundredth of it."""

_NAME = re.compile(r"[\w][\w .-]*")

_log = logging.getLogger(__name__)


def prompt_sets(folder: Path | None = None) -> dict[str, PromptSet]:
    """All prompt sets, those of the program and personal ones, by name; invalid files are ignored and
    logged."""
    sets = dict(PROMPT_SETS)
    for path in sorted(_folder(folder).glob("*.json")):
        try:
            made = read_prompts(path)
            sets.setdefault(_name(made.name), made)
        except (OSError, UnicodeDecodeError, UserError) as error:
            _log.warning("a set of prompts could not be read: %s", type(error).__name__)
    return sets


def read_prompts(path: Path) -> PromptSet:
    """The set in a file. Raises UserError for another file, OSError and UnicodeDecodeError."""
    return _parsed(read_at_most(path, _LARGEST))


def _parsed(content: bytes) -> PromptSet:
    return prompts_from_json(content.decode("utf-8"))


def save_prompts(made: PromptSet, folder: Path | None = None) -> PromptSet:
    """Store and return a personal set, with a new version when its text has changed.

    Raises UserError when the name is one of the program's or not a file name, a question is empty, or what
    the file holds can neither be read nor set aside.
    """
    name = _name(made.name)
    if name in PROMPT_SETS:
        raise UserError(f"“{name}” is a set of the program; give the copy another name.")
    before = prompt_sets(folder).get(name)
    if before is None:
        version = "1"
    elif (before.rules, before.questions) == (made.rules, made.questions):
        version = before.version
    else:
        version = str(int(before.version) + 1) if before.version.isdecimal() else "2"
    kept = replace(made, name=name, version=version)
    prompts_from_json(prompts_to_json(kept))  # raises UserError unless it is complete
    place = _folder(folder)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    read_before_writing(place / f"{name}.json", _parsed)
    write_atomically(place / f"{name}.json", prompts_to_json(kept).encode(), private=True)
    return kept


def _folder(folder: Path | None) -> Path:
    return (folder or settings_folder()) / FOLDER


def _name(name: str) -> str:
    name = plain(name, LONGEST_NAME).strip()
    if not _NAME.fullmatch(name) or name.endswith("."):
        raise UserError("The name of a set of prompts is made of letters, figures, spaces, - and _.")
    return name
