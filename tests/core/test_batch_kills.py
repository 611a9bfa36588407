"""Batches of real phantoms, killed at random: they end, each is read once, the result is the same."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.phantom.random_course import random_script
from app.core.phantom.render import render_phantom

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]
COUNT, KILLS = 20, 10
Written = dict[str, tuple[bytes, int]]
"""Results by name: content, and when they were written."""


@pytest.fixture(scope="module")
def phantoms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("phantoms")
    for seed in range(COUNT):
        script = replace(random_script(seed, features=()), duration=1.0, fps=5.0, size=(192, 144))
        render_phantom(script, folder / f"p{seed:02}.mp4")
    return folder


def _environment(home: Path) -> dict[str, str]:
    return {**os.environ, "SEMIOSCOPE_HOME": str(home)}


def _start(phantoms: Path, out: Path, home: Path, *options: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "app", "batch", str(phantoms), "--out", str(out), *options]
    return subprocess.Popen(
        command, cwd=ROOT, env=_environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


def _end(program: subprocess.Popen[bytes]) -> None:
    _, said = program.communicate(timeout=3000)
    assert program.returncode == 0, said.decode()


def _results(out: Path) -> Written:
    """Every result is whole at any moment, and only whole ones have their names."""
    found = sorted((out / "results").glob("*.json")) if (out / "results").is_dir() else []
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in found}


def _contents(written: Written) -> dict[str, bytes]:
    return {name: content for name, (content, _) in written.items()}


@pytest.fixture(scope="module")
def expected(phantoms: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What a batch gives that nobody disturbs."""
    place = tmp_path_factory.mktemp("expected")
    _end(_start(phantoms, place / "out", place / "home", "--jobs", "2"))
    found = _contents(_results(place / "out"))
    assert len(found) == COUNT
    return found


def test_a_batch_that_is_killed_at_random_ends_with_the_same_result(
    phantoms: Path, expected: dict[str, bytes], tmp_path: Path
) -> None:
    chance, finished = random.Random(12), _results(tmp_path / "out")
    for _kill in range(KILLS):
        program = _start(phantoms, tmp_path / "out", tmp_path / "home", "--jobs", "2")
        wanted = len(finished) + chance.choice((0, 1, 1, 2))
        deadline = time.monotonic() + chance.uniform(0.5, 4) + 60 * (wanted > len(finished))
        while time.monotonic() < deadline and program.poll() is None:
            if len(_results(tmp_path / "out")) >= wanted > len(finished):
                break
            time.sleep(0.05)
        time.sleep(chance.uniform(0, 0.3))
        program.send_signal(signal.SIGKILL)
        program.communicate()
        now = _results(tmp_path / "out")
        assert finished.items() <= now.items(), "what was finished was read again"
        finished = now
    _end(_start(phantoms, tmp_path / "out", tmp_path / "home", "--jobs", "2", "--resume"))
    now = _results(tmp_path / "out")
    assert finished.items() <= now.items()
    assert _contents(now) == expected


@contextmanager
def _cluster(place: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two workers on loopback, each a process with a separate home."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    where = place / "scheduler.json"
    options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(where)]
    processes = [_quiet([*_module("dask_scheduler"), *options], place / "home-s")]
    try:
        _wait_for(where)
        for number in (1, 2):
            worker = [*_module("dask_worker"), "--scheduler-file", str(where), "--host", "127.0.0.1"]
            options = ["--no-nanny", "--nthreads", "1", "--no-dashboard", "--local-directory"]
            local = place / f"local-{number}"
            processes.append(_quiet([*worker, *options, str(local)], place / f"home-{number}"))
        yield _address(where), processes
    finally:
        for process in reversed(processes):
            process.kill()
            process.wait()


def _module(name: str) -> list[str]:
    return [sys.executable, "-m", f"distributed.cli.{name}"]


def _quiet(command: list[str], home: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command, cwd=ROOT, env=_environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _wait_for(path: Path) -> None:
    for _tenth in range(600):
        if path.exists() and path.stat().st_size:
            return
        time.sleep(0.1)
    raise TimeoutError(path)


def _address(scheduler_file: Path) -> str:
    address: str = json.loads(scheduler_file.read_text())["address"]
    return address


def test_on_dask_the_batch_survives_the_loss_of_its_program_and_of_a_worker(
    phantoms: Path, expected: dict[str, bytes], tmp_path: Path
) -> None:
    pytest.importorskip("distributed", reason="needs semioscope[cluster] (requirements-cluster.lock)")
    with _cluster(tmp_path / "cluster") as (address, processes):
        out, home = tmp_path / "out", tmp_path / "home"
        program = _start(phantoms, out, home, "--dask", address)
        while len(_results(out)) < 3 and program.poll() is None:
            time.sleep(0.05)
        program.send_signal(signal.SIGKILL)
        program.communicate()
        finished = _results(out)
        assert 3 <= len(finished) < COUNT
        program = _start(phantoms, out, home, "--dask", address)
        while len(_results(out)) < len(finished) + 3 and program.poll() is None:
            time.sleep(0.05)
        processes[-1].kill()
        _end(program)
        now = _results(out)
    assert finished.items() <= now.items()
    assert _contents(now) == expected
