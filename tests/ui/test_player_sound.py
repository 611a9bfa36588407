"""Sound: the ring, the tempo, and an output whose device is missing, fails or works."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.core.playback import sound as sound_module
from app.core.playback.clock import Course
from app.core.playback.device import NO_DEVICE, Device, Unavailable
from app.core.playback.hearing import Hearing
from app.core.playback.sound import DEVICE_LOST, NO_ANSWER, SOUND_BROKEN, SoundOutput
from app.core.playback.stretch import course_sound
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording
from app.core.recording.samples import SoundReader
from tests.media import beeps, tone, write_recording
from tests.ui.sound_cases import RATE, FakeDevice, course_samples, until


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    return open_recording(write_recording(tmp_path / "a.mp4", sound=tone(2)))


def test_output_plays_a_course_and_counts_what_was_heard(recording: Recording) -> None:
    device = FakeDevice()
    told: list[str] = []
    sound = SoundOutput(recording, told.append, make_device=lambda _: device)
    try:
        sound.prepare(Course(0.5, 1.0, 2.0))
        until(lambda: sound._ring is not None)
        assert not device.take(480).any()
        sound.release()
        assert sound.heard() == 0.0
        assert np.abs(device.take(4800)).max() > 0.3
        until(lambda: sound.heard() == pytest.approx(0.1))
        sound.set_hearing(Hearing(muted=True))
        assert not device.take(4800).any()
        until(lambda: sound.heard() == pytest.approx(0.2))
        sound.set_hearing(Hearing())
        sound.stop()
        assert not device.take(480).any()
        sound.prepare(Course(0.0, 2.0, 2.0))
        sound.release()
        until(lambda: np.abs(device.take(480)).max() > 0.3)
    finally:
        sound.close()
    assert device.closed
    assert told == []


def unavailable(_name: str | None) -> Device:
    raise Unavailable(NO_DEVICE)


def test_missing_device_is_told_once_and_gives_the_clock_away(recording: Recording) -> None:
    told: list[str] = []
    sound = SoundOutput(recording, told.append, make_device=unavailable)
    try:
        for _ in range(3):
            sound.prepare(Course(0.0, 1.0, 2.0))
            sound.release()
            until(lambda: sound.heard() is None)
    finally:
        sound.close()
    assert told == [NO_DEVICE]


def test_lost_device_is_told_and_tried_again(recording: Recording) -> None:
    devices: list[FakeDevice] = []

    def make(_name: str | None) -> Device:
        devices.append(FakeDevice())
        return devices[-1]

    told: list[str] = []
    sound = SoundOutput(recording, told.append, make_device=make)
    try:
        sound.prepare(Course(0.0, 1.0, 2.0))
        sound.release()
        until(lambda: sound._ring is not None)
        devices[0].take(480)
        devices[0].lost = True
        assert sound.heard() is None
        assert told == [DEVICE_LOST]
        sound.prepare(Course(0.0, 1.0, 2.0))
        sound.release()
        until(lambda: len(devices) == 2 and devices[1].ring is not None)
        assert devices[0].closed
        assert np.abs(devices[1].take(4800)).max() > 0.3
        assert sound.heard() is not None
        assert told == [DEVICE_LOST, ""]
    finally:
        sound.close()


def test_a_device_that_does_not_answer_never_plays_late(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound_module, "_SLOW_TO_OPEN", 0.1)
    monkeypatch.setattr(sound_module, "_FIRST_RETRY", 0.02)
    devices: list[FakeDevice] = []

    def make(_name: str | None) -> Device:
        devices.append(FakeDevice())
        devices[-1]._calls = 0
        return devices[-1]

    told: list[str] = []
    sound = SoundOutput(recording, told.append, make_device=make, look_again=lambda: None)
    try:
        sound.prepare(Course(0.0, 1.0, 2.0))
        sound.release()
        until(lambda: sound.heard() is None)
        assert told == [NO_ANSWER]
        until(lambda: len(devices) == 2)
        assert devices[0].closed
        devices[1]._calls = 1000
        until(lambda: told == [NO_ANSWER, ""])
        sound.prepare(Course(1.0, 1.0, 2.0))
        sound.release()
        until(lambda: devices[1].ring is not None)
        assert np.abs(devices[1].take(4800)).max() > 0.3
    finally:
        sound.close()


def test_sound_that_is_ready_too_late_is_left_out(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound_module, "_SLOW_TO_OPEN", 0.1)
    go_on = threading.Event()

    def slowly(*rest: Any) -> Any:
        go_on.wait(60)
        return course_sound(*rest)

    monkeypatch.setattr(sound_module, "course_sound", slowly)
    served: list[object] = []

    class Watched(SoundOutput):
        def _served(self, reader: SoundReader, task: Any) -> None:
            super()._served(reader, task)
            served.append(task)

    device = FakeDevice()
    told: list[str] = []
    sound = Watched(recording, told.append, make_device=lambda _: device)
    try:
        until(lambda: sound._device is not None)
        sound.prepare(Course(0.0, 1.0, 2.0))
        sound.release()
        until(lambda: sound.heard() is None)
        go_on.set()
        until(lambda: len(served) == 1)
        assert device.ring is None, "it would be heard late"
        assert sound.heard() is None
        sound.prepare(Course(0.5, 1.0, 2.0))
        assert device.ring is None
        sound.release()
        until(lambda: device.ring is not None)
        assert sound.heard() == 0.0
    finally:
        go_on.set()
        sound.close()
    assert told == []


def test_recording_that_has_gone_is_told(recording: Recording) -> None:
    told: list[str] = []
    sound = SoundOutput(recording, told.append, make_device=FakeDevice)
    try:
        recording.path.unlink()
        sound.prepare(Course(0.0, 1.0, 2.0))
        sound.release()
        until(lambda: sound.heard() is None)
    finally:
        sound.close()
    assert told == [SOUND_BROKEN]


def test_missing_portaudio_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Missing:
        def find_spec(self, name: str, *_rest: object) -> None:
            if name == "sounddevice":
                raise OSError("PortAudio library not found")

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Missing(), *sys.meta_path])
    with pytest.raises(Unavailable, match="PortAudio"):
        Device()


def test_device_that_comes_back_is_found_again(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound_module, "_FIRST_RETRY", 0.02)
    there: list[bool] = []
    looked: list[int] = []

    def make(_name: str | None) -> Device:
        if not there:
            raise Unavailable(NO_DEVICE)
        return FakeDevice()

    told: list[str] = []
    sound = SoundOutput(recording, told.append, make_device=make, look_again=lambda: looked.append(1))
    try:
        until(lambda: len(looked) >= 2)
        assert told == [NO_DEVICE]
        there.append(True)
        until(lambda: told == [NO_DEVICE, ""])
        sound.prepare(Course(0.0, 1.0, 2.0))
        sound.release()
        until(lambda: sound._ring is not None)
    finally:
        sound.close()


def test_outputs_are_looked_for_at_rest_and_while_it_plays(recording: Recording) -> None:
    devices: list[FakeDevice] = []
    looked: list[bool] = []

    def make(_name: str | None) -> Device:
        devices.append(FakeDevice())
        return devices[-1]

    def look_again() -> None:
        looked.append(all(device.closed for device in devices))

    told: list[str] = []
    found: list[int] = []
    sound = SoundOutput(recording, told.append, make_device=make, look_again=look_again)
    try:
        until(lambda: len(devices) == 1)
        sound.look_for_outputs(lambda: found.append(1))
        until(lambda: found == [1])
        assert looked == [True], "PortAudio ends the streams that are open"
        assert len(devices) == 2
        sound.prepare(Course(0.0, 1.0, 2.0))
        sound.release()
        until(lambda: devices[1].ring is not None)
        sound.look_for_outputs(lambda: found.append(2))
        sound.prepare(Course(0.1, 1.0, 2.0))
        sound.release()
        until(lambda: found == [1, 2] and devices[2].ring is not None)
        assert looked == [True, True]
        assert np.abs(devices[2].take(4800)).max() > 0.3
    finally:
        sound.close()
    assert told == []


def test_chosen_device_is_opened_and_volume_lowers_it(recording: Recording) -> None:
    devices: list[FakeDevice] = []

    def make(name: str | None) -> Device:
        devices.append(FakeDevice(name))
        return devices[-1]

    sound = SoundOutput(recording, lambda _: None, make_device=make)
    try:
        until(lambda: len(devices) == 1)
        sound.set_hearing(Hearing(volume=0.25, device="headphones"))
        sound.prepare(Course(0.0, 1.0, 2.0))
        sound.release()
        until(lambda: len(devices) == 2 and devices[1].ring is not None)
        assert devices[0].closed
        assert devices[1].name == "headphones"
        assert np.abs(devices[1].take(4800)).max() == pytest.approx(0.1, abs=0.02)
        assert sound.level == pytest.approx(0.1, abs=0.02)
    finally:
        sound.close()


def test_snippet_is_short_and_the_newest_wins(recording: Recording) -> None:
    device = FakeDevice()
    sound = SoundOutput(recording, lambda _: None, make_device=lambda _: device)
    try:
        for seconds in (0.3, 0.9, 1.2):
            sound.snippet(seconds)
        until(lambda: device.ring is not None)
        played = device.take(RATE // 2)
        loud = np.flatnonzero(np.abs(played[:, 0]) > 0.01)
        assert 0.06 < (loud[-1] - loud[0]) / RATE < 0.081
    finally:
        sound.close()


def test_offset_moves_the_sound_against_the_picture(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "a.mkv", sound=beeps(2, [1.0]), sound_codec="pcm_s16le")
    recording = open_recording(path)
    for offset, at in ((0.0, 0.5), (0.3, 0.8), (-0.2, 0.3)):
        heard = course_samples(recording, Course(0.5, 1.0, 2.0), 1.2, offset=offset)
        loud = np.flatnonzero(np.abs(heard[:, 0]) > 0.3)
        assert loud[0] / RATE == pytest.approx(at, abs=0.005)


_PLAY = """
import sys, time
from pathlib import Path
from app.core.recording.probe import open_recording
from app.core.playback.clock import Course
from app.core.playback.sound import SoundOutput
told = []
sound = SoundOutput(open_recording(Path(sys.argv[1])), told.append)
sound.prepare(Course(0.0, 1.0, 9.0)); sound.release()
deadline = time.monotonic() + 60
while (sound.heard() or 0.0) < 0.5 and not told and time.monotonic() < deadline: time.sleep(0.01)
print(told, sound.heard()); sound.close()
sys.exit(1 if told or not sound._device is None else 0)
"""


@pytest.mark.skipif(sys.platform != "linux" or not shutil.which("pulseaudio"), reason="needs pulseaudio")
def test_sound_is_heard_through_a_real_device(tmp_path: Path) -> None:
    """A sound server with a separate null sink: PortAudio, its callback, and the counter are real."""
    recorded = write_recording(tmp_path / "a.mp4", frames=150, sound=tone(6))
    home = tmp_path / "h"
    home.mkdir(mode=0o700)
    (home / ".asoundrc").write_text("pcm.!default { type pulse }\nctl.!default { type pulse }\n")
    environment = os.environ | {"HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
    environment.pop("PULSE_SERVER", None)
    socket = home / "s"
    environment["PULSE_SERVER"] = f"unix:{socket}"
    modules = [f"--load=module-native-protocol-unix socket={socket}", "--load=module-null-sink rate=48000"]
    command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", *modules]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as server:
        try:
            deadline = time.monotonic() + 60
            while not socket.exists() and server.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)
            if not socket.exists():
                pytest.skip("the sound server did not start here")
            played = subprocess.run(
                [sys.executable, "-c", _PLAY, str(recorded)],
                env=environment | {"PYTHONPATH": str(Path(__file__).parents[2])},
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
        finally:
            server.terminate()
    if NO_DEVICE in played.stdout:
        pytest.skip("PortAudio here has no way to the sound server (libasound2-plugins)")
    assert played.returncode == 0, played.stdout + played.stderr


def test_no_thread_outlives_the_output(recording: Recording) -> None:
    SoundOutput(recording, lambda _: None, make_device=FakeDevice).close()
    assert "sound" not in {thread.name for thread in threading.enumerate()}
