"""Studies of other versions in the bundle: an older one is copied before it changes, a newer one refused."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.core.study.schema import STEPS, version_of
from tests.bundle.bare_system import HOME, LONGEST, USER, BareSystem
from tests.bundle.bundled_program import refused, semioscope
from tests.core.test_study_versions import STUDIES

pytestmark = [pytest.mark.bundle, pytest.mark.timeout(2 * LONGEST)]


def stored(bare: BareSystem, name: str, version: int) -> Path:
    """A study as the first version kept it, which says that it is of `version`; its database."""
    folder = bare.inside(f"{HOME}/{name}")
    folder.mkdir()
    path = folder / "study.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((STUDIES / "version_1.sql").read_text(encoding="utf-8"))
        connection.execute(f"PRAGMA user_version = {version}")
    for one in (folder, path):
        os.chown(one, USER, USER)
    return path


def version(path: Path) -> int:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_an_older_study_is_copied_before_it_is_changed(bare: BareSystem) -> None:
    path = stored(bare, "older.semioscope", 1)
    semioscope(bare, "rename", f"{HOME}/older.semioscope", "Renamed")
    assert version(path) == version_of(STEPS)
    assert 1 in [version(copy) for copy in (path.parent / "backups").glob("*.sqlite")]


def test_a_newer_study_is_refused_and_left_as_it_is(bare: BareSystem) -> None:
    path = stored(bare, "newer.semioscope", version_of(STEPS) + 1)
    before = path.read_bytes()
    said = refused(bare, "rename", f"{HOME}/newer.semioscope", "Renamed")
    assert "made with a newer version of Semioscope; nothing was changed" in said
    assert path.read_bytes() == before
