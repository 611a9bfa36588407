"""What the end-to-end tests share: a separate screen and a short phantom."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.screen import virtual_screen
from tests.e2e.program import PATIENCE, ROOT, undrivable


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give a test of this folder, which waits several times, longer than others have."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here) and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(4 * PATIENCE))


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """The name of an X display that nothing else draws on; ended by its process id."""
    why_not = undrivable()
    if why_not:
        pytest.skip(f"the real window cannot be driven here: {why_not}")
    with virtual_screen(1440, 900) as name:
        yield name


@pytest.fixture(scope="session")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight seconds of the demonstration's course, small."""
    return _rendered(tmp_path_factory.mktemp("phantom") / "event 1.mp4", "8", "25")


@pytest.fixture(scope="session")
def brief(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds of it, at few frames a second."""
    return _rendered(tmp_path_factory.mktemp("brief") / "brief.mp4", "3", "15")


def _rendered(path: Path, seconds: str, rate: str) -> Path:
    options = ["--seed", "7", "--demonstration", "--duration", seconds, "--size", "480x270", "--fps", rate]
    done = subprocess.run(
        [sys.executable, "-m", "app", "phantom", *options, "--out", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return path
