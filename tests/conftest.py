"""What every test has: separate folders, never those of the person who runs it."""

from __future__ import annotations

import gc
import itertools
import logging
import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Before NumPy is loaded, and for every process that a test starts: the threads of its library of linear
# algebra wait for each other in a loop, on the processors that the other processes of tests need.
for _threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

# How fast the machine is must not decide a test, nor which examples are drawn: they are the same in every
# run. `--hypothesis-profile semioscope-search` draws new ones.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("semioscope-search", _PATIENT)
settings.register_profile("semioscope", _PATIENT, derandomize=True)
settings.load_profile("semioscope")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Load all tests without looking for cycles, and pass over what was loaded from then on.

    Modules, tests and libraries are some million objects that stay until the end: each look at all of them
    takes half a second, in every process of tests again and again.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()


LONGEST_FIRST = (
    "test_real_people.py",
    "test_deidentify_process.py",
    "test_experiment.py",
    "test_cli_model_runs.py",
    "test_real_device.py",
    "test_exchange.py",
    "test_teaching_practice.py",
    "test_teaching_command.py",
    "test_contrast.py",
    "test_hiding_phantom.py",
)
"""With tests of ten seconds and more, the longest first: one at the end would keep one processor busy and
leave the other."""

_PARTS = (Path(__file__).parent / "e2e",)
"""Folders whose tests share a screen and drawn recordings, which every process of tests would make anew."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file together that share what was made once for all of them; the others go to
    whichever process is free, the longest first."""
    for item in items:
        grouped = item.get_closest_marker("xdist_group") is not None
        if item.path.parent in _PARTS:
            item.add_marker(pytest.mark.xdist_group(item.path.parent.name))
        elif not grouped and isinstance(item, pytest.Function) and _shares(item):
            item.add_marker(pytest.mark.xdist_group(item.path.name))
    items.sort(key=turn_of)  # stable: otherwise in the order of the files


def turn_of(item: pytest.Item) -> int:
    """When a test is given to a process of tests: long ones, then the long groups of whole folders, then the
    other groups, before the many that are short."""
    if item.path.name in LONGEST_FIRST:
        return LONGEST_FIRST.index(item.path.name)
    if item.path.parent in _PARTS:
        return len(LONGEST_FIRST)
    return len(LONGEST_FIRST) + (1 if item.get_closest_marker("xdist_group") is not None else 2)


def _shares(item: pytest.Function) -> bool:
    known = item._fixtureinfo.name2fixturedefs.values()
    if any(fixture.scope == "module" for fixtures in known for fixture in fixtures):
        return True
    return any(
        hasattr(value, "cache_info") and value.__module__ == item.module.__name__
        for value in vars(item.module).values()
    )


_NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the folders below. `mktemp` for each would read the names of all before it."""
    return tmp_path_factory.mktemp("homes")


@pytest.fixture(autouse=True)
def own_folders(homes: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Settings, caches and logs go to a folder of this test alone."""
    home = homes / str(next(_NUMBERS))
    home.mkdir(0o700)
    monkeypatch.setenv("SEMIOSCOPE_HOME", str(home))
    yield home
    for handler in [one for one in logging.root.handlers if getattr(one, "semioscope", False)]:
        # A command would log into the folder of this test for as long as the process lives.
        logging.root.removeHandler(handler)
        handler.close()
