"""What a study is called: the name that a person gave it, else that of its folder, which stays as it is."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from app.core.errors import UserError
from app.core.plain_text import plain
from app.core.study import rows, setting_table
from app.core.study.place import SUFFIX

STUDY_NAME = "study_name"
"""The setting that holds it."""
LONGEST_NAME = 100
"""Characters, as many as the name of a new study's folder may have."""


def name_of_folder(folder: Path) -> str:
    """What a study in this folder is called as long as nobody has given it a name."""
    if folder.name in ("", ".."):  # the folder in which the program runs, or one above
        folder = folder.resolve()
    return folder.name.removesuffix(SUFFIX)


def given_name(connection: sqlite3.Connection) -> str | None:
    """The name that a person gave the study, None when nobody did.

    What another program wrote there is shortened and loses its control characters here.
    """
    text = setting_table.read_setting(connection, STUDY_NAME, rows.text_from_json)
    return (" ".join(plain(text, LONGEST_NAME).split()) or None) if text is not None else None


def checked_name(text: str) -> str:
    """The text as a name of a study, on one line without spaces round it. Raises UserError."""
    name = " ".join(plain(text, len(text) + 1).split())
    if not name:
        raise UserError("Give the study a name.")
    if len(name) > LONGEST_NAME:
        raise UserError(f"A study's name has at most {LONGEST_NAME} characters; this one has {len(name)}.")
    return name
