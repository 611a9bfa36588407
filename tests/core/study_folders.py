"""A small study on disk, what its folder holds, and SQL that somebody else runs on it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.core.semiology import Presence
from app.core.study.store import Study
from tests.core.study_cases import Clip, tick


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "clip.semioscope"
    with Study.open(place, author="Ana") as study:
        tick(study, study.recording(Clip(tmp_path / "clip.mp4")), "tonic", Presence.YES)
    return place


def folder_contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


PLANTED_VIEW = """
ALTER TABLE recordings RENAME TO kept;
CREATE VIEW recordings AS WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)
    SELECT x AS id, printf('%d', x) AS fingerprint FROM c WHERE x < 0;
"""


def execute_sql(folder: Path, sql: str) -> None:
    with closing(sqlite3.connect(folder / "study.sqlite")) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.executescript(sql)
