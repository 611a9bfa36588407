"""The bundle in a bare system; `make test-bundle` builds the one and makes the other."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.bundle.bare_system import LIBRARIES, BareSystem, make_bare_system, what_is_missing
from tests.bundle.bundled_program import EEG, PATIENT, semioscope

ROOT = Path(__file__).parent.parent.parent
SIZE = "1280x800x24"
DRAW = ("--seed", "5", "--duration", "12", "--size", "480x270", "--fps", "15")


def built(ending: str) -> Path:
    """The file of that ending that was built; without one its tests are skipped."""
    found = sorted((ROOT / "dist").glob(f"semioscope*{ending}"))
    if not found:
        pytest.skip(f"no bundle was built (make bundle): dist/semioscope*{ending}")
    return found[-1]


def new_system(folder: Path, packages: Sequence[str] = LIBRARIES) -> BareSystem:
    """A bare system with these packages; without the means its tests are skipped."""
    if missing := what_is_missing():
        pytest.skip(missing)
    return make_bare_system(folder, ROOT / "build" / "bundle", packages)


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> BareSystem:
    """A bare system with the archive unpacked as /opt/semioscope."""
    return with_bundle(new_system(tmp_path_factory.mktemp("bare") / "root"))


def with_bundle(system: BareSystem) -> BareSystem:
    """The system with the archive unpacked as /opt/semioscope."""
    archive = built(".tar.xz")
    place = system.inside("/opt/semioscope")
    place.mkdir()
    unpack = ["tar", "--extract", f"--file={archive}", f"--directory={place}", "--strip-components=1"]
    subprocess.run(unpack, check=True)
    return system


@pytest.fixture(scope="session")
def patient(bare: BareSystem) -> Path:
    """A recording that the bundle has drawn in the home of the account, with an EEG beside it."""
    semioscope(bare, "phantom", *DRAW, "--out", PATIENT, "--eeg", EEG)
    return bare.inside(PATIENT)


@pytest.fixture
def screen(bare: BareSystem) -> Iterator[str]:
    """A virtual screen that the bare system reaches; its name."""
    with screen_of(bare) as name:
        yield name


@contextmanager
def screen_of(system: BareSystem) -> Iterator[str]:
    """A virtual screen for a while, which the system reaches through a file; gives its name."""
    sockets = system.inside("/tmp/.X11-unix")
    sockets.mkdir(parents=True, exist_ok=True)
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", SIZE, "-nolisten", "tcp", "-ac", "-noreset", "-r"],
        pass_fds=[write],
    )
    os.close(write)
    with os.fdopen(read, encoding="ascii") as said:  # the number and the end of its line are written apart
        number = said.readline().strip()
    socket = sockets / f"X{number}"
    socket.unlink(missing_ok=True)
    os.link(f"/tmp/.X11-unix/X{number}", socket)
    try:
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()
        socket.unlink(missing_ok=True)
