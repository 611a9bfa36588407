"""Sound through a real device, by numbers: what `real_device` has recorded from it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.core.playback.sound import DEVICE_LOST
from tests.ui.real_device import NO_SERVER

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs PulseAudio")


def scene(name: str, folder: Path) -> dict[str, Any]:
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-m", "tests.ui.real_device", name, str(folder)],
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": root},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode == NO_SERVER:
        pytest.skip(done.stdout.strip())
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_the_noise_falls_when_the_sound_is_denoised(tmp_path: Path) -> None:
    found = scene("denoised", tmp_path)
    raw, clean, again = found["levels"]
    assert clean < raw - 8.0
    assert again == pytest.approx(raw, abs=2.0)
    assert found["strayed"] < 0.25, "the place jumped"


def test_the_picture_goes_on_without_the_output_and_sound_comes_back_with_it(tmp_path: Path) -> None:
    found = scene("comes_back", tmp_path)
    assert found["told"] == [DEVICE_LOST, ""]
    assert abs(found["strayed"]) < 0.2
    assert found["playing"]
    assert found["pitches"] == [450]


def test_track_channel_volume_mute_and_output(tmp_path: Path) -> None:
    found = scene("choices", tmp_path)
    pitches = {name: step["pitches"] for name, step in found.items()}
    assert pitches == {
        "all": [400, 700],
        "second channel": [700],
        "all again": [400, 700],
        "half as loud": [400, 700],
        "muted": [],
        "back": [400, 700],
        "second track": [1100],
        "another output": [],
        "an output that has come": [1100],
    }
    assert found["half as loud"]["level"] == pytest.approx(found["all"]["level"] - 6.0, abs=1.0)
    assert found["back"]["level"] == pytest.approx(found["all"]["level"], abs=1.0)
    assert found["all"]["meter"] == pytest.approx(0.4, abs=0.05)
    assert found["half as loud"]["meter"] == pytest.approx(0.2, abs=0.03)
    assert found["muted"]["meter"] == 0.0
    assert found["another output"]["meter"] == pytest.approx(0.4, abs=0.05)


def test_a_preview_is_heard_as_sent_and_as_recorded(tmp_path: Path) -> None:
    found = scene("preview", tmp_path)
    assert found["sent"] == 500
    assert found["recorded"] == 900
    assert found["soft"] == pytest.approx(found["level"] - 20.0, abs=1.5)
    assert found["paused"] < -80
    assert found["said"] == ""
