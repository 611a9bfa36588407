"""The bundle does the whole job where there is no Python, no network and no right to write anywhere."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.bundle.bare_system import HOME, LONGEST, BareSystem
from tests.bundle.bundled_program import EEG, PATIENT, PROGRAM, STUDY, Window, semioscope
from tests.bundle.conftest import ROOT

pytestmark = [pytest.mark.bundle, pytest.mark.timeout(3 * LONGEST)]


OF_THE_SYSTEM = (
    *("ld-linux-x86-64.so.2", "libc.so.6", "libdl.so.2", "libm.so.6", "libpthread.so.0", "libresolv.so.2"),
    *("librt.so.1", "libEGL.so.1", "libGL.so.1", "libasound.so.2", "libxcb.so.1"),
    *("libwayland-client.so.0", "libwayland-cursor.so.0", "libwayland-egl.so.1"),
)
"""The libraries that are not inside: glibc's, and those of every desktop (docs/installing.md); Wayland's are
needed for Wayland alone."""


def read_here(recording: Path, folder: Path) -> dict[str, Any]:
    """The answers of the program from source."""
    out = folder / "here.json"
    command = [sys.executable, "-m", "app", "analyze", str(recording), "--json", str(out)]
    environment = {**os.environ, "SEMIOSCOPE_HOME": str(folder / "home")}
    subprocess.run(command, check=True, cwd=ROOT, env=environment, timeout=LONGEST, capture_output=True)
    return answers_of(out)


def answers_of(path: Path) -> dict[str, Any]:
    """The 20 answers by feature."""
    answers = {one["feature"]: one for one in json.loads(path.read_text(encoding="utf-8"))["answers"]}
    assert len(answers) == 20
    return answers


def test_there_is_no_python_and_no_network(bare: BareSystem) -> None:
    found = bare.run("/bin/sh", "-c", "command -v cat; command -v python; command -v python3")
    assert [Path(line).name for line in found.stdout.splitlines()] == ["cat"]
    interfaces = bare.run("/bin/cat", "/proc/net/dev").stdout.splitlines()[2:]
    assert [line.split(":")[0].strip() for line in interfaces] == ["lo"]
    done = bare.run("/bin/sh", "-c", f"touch {HOME}/x && touch {PROGRAM} /etc/x")
    assert done.stderr.count("Permission denied") == 2, "only the account's own folder can be written"


def test_it_does_not_say_where_it_was_built(bare: BareSystem) -> None:
    places = (str(ROOT).encode(), str(Path.home()).encode() + b"/")
    files = [
        path for path in bare.inside("/opt/semioscope").rglob("*") if path.suffix in (".json", ".txt", "")
    ]
    small = [path for path in files if path.is_file() and path.stat().st_size < 1_000_000]
    assert small
    assert [path for path in small if any(place in path.read_bytes() for place in places)] == []


def test_the_libraries_inside_need_only_those_of_every_desktop(bare: BareSystem) -> None:
    inside = [path for path in bare.inside("/opt/semioscope").rglob("*.so*") if path.is_file()]
    listed = subprocess.run(["objdump", "-p", *inside], capture_output=True, text=True, check=False).stdout
    needed = set(re.findall(r"NEEDED +(\S+)", listed))
    assert len(needed) > 100
    assert needed - {path.name for path in inside} - set(OF_THE_SYSTEM) == set()


def test_the_answers_are_those_of_the_source(bare: BareSystem, patient: Path, tmp_path: Path) -> None:
    semioscope(bare, "analyze", PATIENT, "--json", f"{HOME}/there.json")
    there = answers_of(bare.inside(f"{HOME}/there.json"))
    assert there == read_here(patient, tmp_path)
    assert any(answer["presence"] == "yes" for answer in there.values())


def test_it_reports_prints_and_exports(bare: BareSystem, patient: Path) -> None:
    semioscope(bare, "analyze", PATIENT, "--study", STUDY)
    semioscope(bare, "report", PATIENT, "--study", STUDY, "--out", f"{HOME}/page.html")
    semioscope(bare, "report", PATIENT, "--study", STUDY, "--out", f"{HOME}/page.pdf")
    assert "data:image/jpeg" in bare.inside(f"{HOME}/page.html").read_text(encoding="utf-8")
    page = bare.inside(f"{HOME}/page.pdf").read_bytes()
    assert page.startswith(b"%PDF")
    assert b"DejaVu" in page, "its text is in a font of the system"
    semioscope(bare, "export", STUDY, "--format", "xlsx-wide", "--out", f"{HOME}/labels.xlsx", "--unsealed")
    assert bare.inside(f"{HOME}/labels.xlsx").read_bytes().startswith(b"PK")
    told = json.loads(semioscope(bare, "eeg", "probe", EEG, "--json"))
    assert told["duration"] == pytest.approx(12.0, abs=1.0)


def test_no_socket_of_the_internet_is_opened(bare: BareSystem, patient: Path, tmp_path: Path) -> None:
    trace = tmp_path / "sockets"
    watch = ["strace", "--follow-forks", "--trace=socket", f"--output={trace}", "--quiet=all"]
    done = bare.run(PROGRAM, "demo", "--report", f"{HOME}/demo", before=watch)
    assert done.returncode == 0, done.stderr
    assert "Drawing the phantom" not in done.stderr, "the demonstration came with the program"
    assert not re.findall(r".*AF_INET.*", trace.read_text())


def test_the_window_opens_is_answered_in_and_closes(bare: BareSystem, patient: Path, screen: str) -> None:
    before = bare.files()
    trace = bare.inside("/tmp/sockets")
    watch = ["strace", "--follow-forks", "--trace=socket", f"--output={trace}", "--quiet=all"]
    window = Window(bare, screen, "open", PATIENT, before=watch)
    window.keys("Tab")
    window.answer()
    window.quit()
    assert bare.files() == before, "nothing outside the account and temporary folders was touched"
    assert not re.findall(r".*AF_INET.*", trace.read_text())
