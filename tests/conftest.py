"""What every test has: folders of its own, never those of the person who runs it."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How fast the machine is must not decide a test, nor which examples are drawn: they are the same in every
# run. `--hypothesis-profile semioscope-search` draws new ones.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("semioscope-search", _PATIENT)
settings.register_profile("semioscope", _PATIENT, derandomize=True)
settings.load_profile("semioscope")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """How many tests run at once: one more than there are cores, because some only wait for a program or play
    in real time."""
    return (os.cpu_count() or 1) + 1


_NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the folders below. `mktemp` for each would read the names of all before it."""
    return tmp_path_factory.mktemp("homes")


@pytest.fixture(autouse=True)
def own_folders(homes: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, caches and logs go to a folder of this test alone."""
    home = homes / str(next(_NUMBERS))
    home.mkdir(0o700)
    monkeypatch.setenv("SEMIOSCOPE_HOME", str(home))
    return home
