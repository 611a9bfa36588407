"""The script of the offline zip: what it does not replace."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.core.program_source import ROOT


@pytest.mark.parametrize("name", ["letter.txt", "pyvenv.cfg"])
def test_a_folder_of_something_else_is_left_as_it_is(tmp_path: Path, name: str) -> None:
    """An environment of another program is cleared as little as a folder of letters."""
    (tmp_path / name).write_text("mine", encoding="utf-8")
    command = [sys.executable, str(ROOT / "installer" / "offline_install.py"), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 1
    assert "holds something else" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [name]
