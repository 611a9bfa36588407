"""Of an export that was killed nothing is left after the next start, and never anything of somebody else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from app.core import exports
from app.core.atomic import has_unfinished, remove_unfinished, unfinished_folder
from app.core.exports import exporting_to, remove_left_by_killed_programs
from app.core.folders import settings_folder

pytestmark = pytest.mark.skipif(os.name == "nt", reason="by locks, which there are others of")

_KILLED = """
    import os, signal, sys
    from pathlib import Path
    from app.core import atomic
    from app.core.exports import exporting_to
    out = Path(sys.argv[1])
    atomic._take_mode = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    with exporting_to(out.parent):
        atomic.write_atomically(out, b"half of a table")
"""


def test_what_a_killed_export_left_goes_at_the_next_start(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(_KILLED), tmp_path / "out.csv"],
        check=False, cwd=Path(__file__).parents[2], env={**os.environ},
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL
    assert has_unfinished(tmp_path)
    (tmp_path / ".semioscope-somebody").write_bytes(b"mine")
    remove_left_by_killed_programs(settings_folder())
    assert [path.name for path in tmp_path.iterdir()] == [".semioscope-somebody"]
    assert list((settings_folder() / exports.FOLDER).iterdir()) == []


def test_what_is_under_way_stays(tmp_path: Path) -> None:
    with exporting_to(tmp_path), unfinished_folder(tmp_path / "copy.mp4") as place:
        (place / "part.mp4").write_bytes(b"x")
        remove_left_by_killed_programs(settings_folder())
        remove_unfinished(tmp_path)
        assert (place / "part.mp4").exists()
        assert len(list((settings_folder() / exports.FOLDER).iterdir())) == 1
    assert list(tmp_path.iterdir()) == []
    assert list((settings_folder() / exports.FOLDER).iterdir()) == []


def test_a_folder_that_a_killed_program_left_is_removed_and_no_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "held").write_bytes(b"mine")
    folder = tmp_path / "folder"
    folder.mkdir()
    left = folder / ".semioscope-0123456789abcdef"
    left.mkdir()
    (left / "held").write_bytes(b"")
    (left / "link").symlink_to(outside)
    (folder / ".semioscope-fedcba9876543210").symlink_to(outside)
    remove_unfinished(folder)
    assert [path.name for path in folder.iterdir()] == [".semioscope-fedcba9876543210"]
    assert (outside / "held").read_bytes() == b"mine"


@pytest.mark.parametrize("content", [b"", b"\0", b"/nowhere/at/all", b"x" * 40_000])
def test_a_note_that_makes_no_sense_does_no_harm(content: bytes) -> None:
    place = settings_folder() / exports.FOLDER
    place.mkdir()
    (place / "0123456789abcdef").write_bytes(content)
    (place / "notes.txt").write_bytes(b"mine")
    remove_left_by_killed_programs(settings_folder())
    assert (place / "notes.txt").exists()
