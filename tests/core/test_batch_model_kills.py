"""A batch that asks a model is killed in the middle of a reading: the rest is asked, and nothing twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from app.core.readers.models.model_choice import ModelChoice, save_choice
from app.core.reading import person
from tests.core.batch_models import PLAIN, WINDOWS, emu_of, know_pose, mark, options, readings_in
from tests.loopback import Service, served

ROOT = Path(__file__).parents[2]
NULL = "keyring.backends.null.Keyring"
ANA = person("Ana")
MOVING = ("--feature-rates", "moving")
EVENT = ("--part", "event:0", "--tell-event", "--marks", "Ana")
WORDINGS = ("--confidence", "repeats", "--times-asked", "3", "--wordings", "plain,ilae")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


def start(emu: Path, study: Path, service: Service, *more: str) -> subprocess.Popen[bytes]:
    """The batch as a separate program, with the home of this test."""
    command = ["batch", str(emu), "--reader", "openai", "--study", str(study), *options(service), *more]
    environment = {**os.environ, "PYTHON_KEYRING_BACKEND": NULL}
    return subprocess.Popen(
        [sys.executable, "-m", "app", *command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def kept(study: Path) -> int:
    """How many answers are on disk."""
    return sum(path.stem != "run" for path in study.glob("readings/*/*.json"))


@pytest.mark.parametrize(("more", "each"), [(MOVING, PLAIN + WINDOWS), (EVENT, PLAIN), (WORDINGS, 3 * PLAIN)])
def test_what_a_killed_batch_had_answers_to_is_not_asked_again(
    tmp_path: Path, more: tuple[str, ...], each: int
) -> None:
    emu, study = emu_of(tmp_path / "emu", "a", "b"), tmp_path / "all.semioscope"
    for path in emu.iterdir():
        know_pose(path)
        mark(study, path, ANA, 0.5, 1.5)
    with served(Service(seconds=0.3)) as service:
        save_choice(ModelChoice("openai", "tiny-vl", f"{service.url}/v1", limit=1))
        finished = 0
        for stop_at in (2, each + 1):
            program = start(emu, study, service, *more)
            while len(service.asked) <= stop_at and program.poll() is None:
                time.sleep(0.02)
            program.send_signal(signal.SIGKILL)
            program.communicate()
            assert kept(study) >= finished, "no answer is lost"
            finished = kept(study)
        assert 0 < finished < 2 * each
        before = len(service.asked)
        program = start(emu, study, service, *more, "--resume")
        _, said = program.communicate(timeout=900)
        assert program.returncode == 0, said.decode()
        assert len(service.asked) - before == 2 * each - finished
        assert kept(study) == 2 * each
        bodies = Counter(service.bodies)
        again = sum(bodies.values()) - len(bodies)
        assert again <= 2, "at most what was under way at a kill"
        assert len(readings_in(emu / "semioscope-batch")) == 2
