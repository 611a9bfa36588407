"""The bundle does the whole job where there is no Python, no network and no right to write anywhere."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.bundle.bare_system import HOME, LONGEST, USER, BareSystem
from tests.bundle.conftest import ROOT, built, new_system

pytestmark = [pytest.mark.bundle, pytest.mark.timeout(3 * LONGEST)]

PROGRAM = "/opt/semioscope/semioscope"
OF_ROOT = "/usr/sbin:/usr/bin:/sbin:/bin"
PATIENT = f"{HOME}/patient.mp4"
DRAW = ("--seed", "5", "--duration", "12", "--size", "480x270", "--fps", "15")


def semioscope(bare: BareSystem, *words: str, **more: Any) -> str:
    """What a finished command printed; anything but success fails the test with what it said."""
    done = bare.run(PROGRAM, *words, **more)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def patient(bare: BareSystem) -> Path:
    """A recording that the bundle has drawn in the home of the account."""
    semioscope(bare, "phantom", *DRAW, "--out", PATIENT, "--eeg", f"{HOME}/patient.edf")
    return bare.inside(PATIENT)


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


def until(condition: Callable[[], Any], what: str) -> Any:
    """What the condition gives once it holds."""
    end = time.monotonic() + LONGEST
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.2)
    pytest.fail(f"never: {what}")


def test_there_is_no_python_and_no_network(bare: BareSystem) -> None:
    found = bare.run("/bin/sh", "-c", "command -v cat; command -v python; command -v python3")
    assert [Path(line).name for line in found.stdout.splitlines()] == ["cat"]
    interfaces = bare.run("/bin/cat", "/proc/net/dev").stdout.splitlines()[2:]
    assert [line.split(":")[0].strip() for line in interfaces] == ["lo"]
    done = bare.run("/bin/sh", "-c", f"touch {HOME}/x && touch {PROGRAM} /etc/x")
    assert done.stderr.count("Permission denied") == 2, "only the account's own folder can be written"


def test_the_answers_are_those_of_the_source(bare: BareSystem, patient: Path, tmp_path: Path) -> None:
    semioscope(bare, "analyze", PATIENT, "--json", f"{HOME}/there.json")
    there = answers_of(bare.inside(f"{HOME}/there.json"))
    assert there == read_here(patient, tmp_path)
    assert any(answer["presence"] == "yes" for answer in there.values())


def test_it_reports_prints_and_exports(bare: BareSystem, patient: Path) -> None:
    study = f"{HOME}/patient.semioscope"
    semioscope(bare, "analyze", PATIENT, "--study", study)
    semioscope(bare, "report", PATIENT, "--study", study, "--out", f"{HOME}/page.html")
    semioscope(bare, "report", PATIENT, "--study", study, "--out", f"{HOME}/page.pdf")
    assert "data:image/jpeg" in bare.inside(f"{HOME}/page.html").read_text(encoding="utf-8")
    assert bare.inside(f"{HOME}/page.pdf").read_bytes().startswith(b"%PDF")
    semioscope(bare, "export", study, "--format", "xlsx-wide", "--out", f"{HOME}/labels.xlsx", "--unsealed")
    assert bare.inside(f"{HOME}/labels.xlsx").read_bytes().startswith(b"PK")
    told = json.loads(semioscope(bare, "eeg", "probe", f"{HOME}/patient.edf", "--json"))
    assert told["duration"] == pytest.approx(12.0, abs=1.0)


def test_faces_are_covered_by_the_models_of_the_bundle(bare: BareSystem, patient: Path) -> None:
    done = bare.run(
        PROGRAM, "deidentify", PATIENT, "--from", "0", "--to", "2", "--out", f"{HOME}/covered.mp4"
    )
    # A person has to look at the doubtful frames before the clip gets its name.
    assert "covered.unconfirmed.mp4” is not confirmed" in done.stderr
    assert bare.inside(f"{HOME}/covered.unconfirmed.mp4").stat().st_size > 10_000


def test_a_killed_analysis_process_is_a_sentence(bare: BareSystem, patient: Path) -> None:
    command = bare.command(PROGRAM, "analyze", PATIENT, "--patient", "0.1,0,0.9,1")
    running = subprocess.Popen(command, env=bare.environment(), stderr=subprocess.PIPE, text=True)
    os.kill(
        until(lambda: process_with("app.core.enhance.pose_process"), "an analysis process"), signal.SIGKILL
    )
    _, said = running.communicate(timeout=LONGEST)
    assert running.returncode == 1
    assert "can be reviewed without it, or analysed again" in said
    assert "Traceback" not in said


def process_with(words: str) -> int | None:
    """The number of a process of the user with these words in its command, outside of its namespace."""
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if place.stat().st_uid == USER and words in (place / "cmdline").read_text():
                return int(place.name)
        except OSError:
            continue
    return None


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
    opened = subprocess.Popen(
        [*watch, *bare.command(PROGRAM, "open", PATIENT)], env=bare.environment(DISPLAY=screen)
    )
    until(lambda: opened.poll() is not None or visible_window(screen, "patient"), "a window")
    assert opened.poll() is None, "the window opened"
    window = visible_window(screen, "patient")
    keys(screen, window, "Tab")
    studies = lambda: list(bare.inside(HOME).glob("*.semioscope/study.sqlite"))  # noqa: E731
    until(studies, "a study")
    until(lambda: answered_by(screen, window, bare), "an answer of the reviewer on disk")
    keys(screen, window, "ctrl+q")
    assert opened.wait(LONGEST) == 0
    assert bare.files() == before, "nothing outside the account and temporary folders was touched"
    assert not re.findall(r".*AF_INET.*", trace.read_text())


def visible_window(screen: str, name: str) -> str:
    found = subprocess.run(
        ["xdotool", "search", "--onlyvisible", "--name", name],
        env={**os.environ, "DISPLAY": screen},
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()
    return found[0] if found else ""


def keys(screen: str, window: str, key: str) -> None:
    environment = {**os.environ, "DISPLAY": screen}
    subprocess.run(["xdotool", "windowfocus", "--sync", window], env=environment, check=False)
    subprocess.run(["xdotool", "key", "--clearmodifiers", key], env=environment, check=True)


def answered_by(screen: str, window: str, bare: BareSystem) -> bool:
    """Press Y, and say whether the study holds an answer of the person."""
    keys(screen, window, "y")
    done = bare.run(
        PROGRAM,
        "export",
        f"{HOME}/patient.semioscope",
        "--format",
        "json",
        "--out",
        f"{HOME}/all.json",
        "--unsealed",
    )
    return done.returncode == 0 and '"reviewer"' in bare.inside(f"{HOME}/all.json").read_text()


def test_the_package_is_installed_and_leaves_nothing_when_it_is_removed(tmp_path: Path) -> None:
    package = built(".deb")
    system = new_system(tmp_path / "root")
    before = system.files()
    system.inside("/tmp/semioscope.deb").write_bytes(package.read_bytes())
    done = system.run("/usr/bin/dpkg", "--install", "/tmp/semioscope.deb", user=0, PATH=OF_ROOT)
    assert done.returncode == 0, done.stderr
    assert "semioscope" in system.run("/usr/bin/semioscope", "--version").stdout
    assert system.run("/usr/bin/semioscope", "demo", "--report", f"{HOME}/demo").returncode == 0
    done = system.run("/usr/bin/dpkg", "--purge", "semioscope", user=0, PATH=OF_ROOT)
    assert done.returncode == 0, done.stderr
    left = {name for name in set(system.files()) - set(before) if not name.startswith("var/lib/dpkg")}
    assert left == set()
