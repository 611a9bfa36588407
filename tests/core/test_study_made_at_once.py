"""Several programs that make one study at the same moment."""

from __future__ import annotations

import multiprocessing
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from app.core.errors import UserError
from app.core.study import schema
from app.core.study.store import Study


def _open_with_others(folder: Path, studies: int, start: Any, faults: Any) -> None:
    """Open one study after the other, each at the same moment as the other programs."""
    for number in range(studies):
        start.wait()
        try:
            Study.open(folder / f"{number}.semioscope", author="Bo", shared=True).close()
        except UserError as error:
            faults.put(f"{number}: {error}")
    faults.put(None)


def test_programs_that_make_one_study_at_the_same_moment_all_open_it(tmp_path: Path) -> None:
    """Seen before the other program's change was complete, a new study was taken for a foreign file."""
    several, programs = multiprocessing.get_context("spawn"), 4
    start, faults = several.Barrier(programs), several.Queue()
    started = [
        several.Process(target=_open_with_others, args=(tmp_path, 150, start, faults))
        for _ in range(programs)
    ]
    for one in started:
        one.start()
    said: list[str | None] = []
    while said.count(None) < programs:
        said.append(faults.get(timeout=120))
    for one in started:
        one.join(timeout=60)
    assert [one for one in said if one is not None] == []


def test_a_version_is_read_at_one_moment(tmp_path: Path) -> None:
    folder = tmp_path / "a.semioscope"
    Study.open(folder, author="Ana").close()
    with closing(sqlite3.connect(folder / "study.sqlite", isolation_level=None)) as connection:
        asked: list[str] = []
        connection.set_trace_callback(asked.append)
        schema.stored_version(connection)
    assert (asked[0], asked[-1]) == ("BEGIN", "ROLLBACK")
    assert all("PRAGMA" in one for one in asked[1:-1])
