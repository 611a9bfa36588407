"""The start of the bundled program, run by Python as the bundle runs it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.core.program_source import ROOT

ENTRY = ROOT / "installer" / "bundle_entry.py"
_WITHOUT_CONSOLE = f"""
import os, runpy, sys
sys.stdout = sys.stderr = None
sys.argv = ["semioscope", *sys.argv[1:]]
try:
    runpy.run_path({str(ENTRY)!r}, run_name="__main__")
except SystemExit as end:
    os.write(1, f"ended with {{end.code}}".encode())
"""


def run(*words: str, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SEMIOSCOPE_HOME": str(home)}
    return subprocess.run(
        [sys.executable, *words], env=environment, capture_output=True, text=True, check=False, timeout=120
    )


def test_only_processes_of_the_program_are_run(tmp_path: Path) -> None:
    done = run(str(ENTRY), "-P", "-m", "http.server", home=tmp_path)
    assert done.returncode == 1
    assert "http.server is not a process of Semioscope" in done.stderr
    # Without a job it ends at the first line that it reads: it was reached.
    done = run(str(ENTRY), "-P", "-m", "app.core.recording.waveform_process", home=tmp_path)
    assert "json" in done.stderr


def test_without_a_console_it_ends_as_it_would_with_one(tmp_path: Path) -> None:
    done = run("-c", _WITHOUT_CONSOLE, "probe", str(tmp_path / "none.mp4"), home=tmp_path)
    assert done.stdout == "ended with 1", done.stderr


_FOUND = """
import ctypes.util, runpy, sys
entry = runpy.run_path(sys.argv[1])
sys.executable = sys.argv[2]
entry["_find_own_libraries"]()
entry["_do_without_console"]()
print(ctypes.util.find_library("portaudio"), sys.executable, sep="\\n")
"""


def test_its_own_libraries_and_its_program_with_a_console_are_found(tmp_path: Path) -> None:
    inside = tmp_path / "_internal"
    inside.mkdir()
    library = inside / "libportaudio.so.2"
    library.touch()
    beside = tmp_path / "semioscope-command.exe"
    shutil.copy(library, beside)
    done = run("-c", _FOUND, str(ENTRY), str(tmp_path / "semioscope.exe"), home=tmp_path)
    assert done.stdout.splitlines() == [str(library), str(beside)], done.stderr


_STARTED = """
import os, runpy, sys
runpy.run_path(sys.argv[1])["_give_others_their_libraries"]()
left = sorted(name for name in os.environ if name.startswith(("_PYI_", "LD_")))
print(left, os.environ.get("LD_LIBRARY_PATH"))
"""


def test_programs_that_it_starts_do_not_get_its_libraries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_PYI_ARCHIVE_FILE", "/opt/semioscope/semioscope")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/semioscope/_internal")
    assert run("-c", _STARTED, str(ENTRY), home=tmp_path).stdout == "[] None\n"
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/semioscope/_internal:/of/site")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/of/site")
    assert run("-c", _STARTED, str(ENTRY), home=tmp_path).stdout == "['LD_LIBRARY_PATH'] /of/site\n"
