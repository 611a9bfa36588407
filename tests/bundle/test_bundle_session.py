"""The bundle in the session of a desktop: keys in a real vault, sound through a real server of sound."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import correlate

from app.core.playback.clock import Course
from app.core.recording.probe import open_recording
from tests.bundle.bare_system import HOME, LIBRARIES, LONGEST, USER, BareSystem
from tests.bundle.bundled_program import PATIENT, PROGRAM, Window, refused, semioscope, until
from tests.bundle.conftest import DRAW, new_system, screen_of, with_bundle
from tests.ui.sound_cases import RATE, course_samples

pytestmark = [pytest.mark.bundle, pytest.mark.timeout(4 * LONGEST)]

SESSION = ("dbus-daemon", "gnome-keyring", "libsecret-tools", "pulseaudio", "pulseaudio-utils")
"""Debian's packages of a vault and of a server of sound."""
RUNNING = "/tmp/session"
"""The folder of a session's sockets."""

KEY = "AIzaKept0123456789abcdefghijklmnopqrstu"
OPENS = "generativelanguage.googleapis.com:443"
SETTINGS = "Set up a model"
UNLOCKED = (
    *("/usr/bin/dbus-run-session", "--", "/bin/sh", "-c"),
    'printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null; exec "$@"',
    "sh",
)
"""What starts a command in a session whose vault its user has unlocked."""
LOCKED = (*UNLOCKED[:4], 'gnome-keyring-daemon --start --components=secrets >/dev/null; exec "$@"', "sh")

HEARD = f"{HOME}/heard.raw"
AUDIBLE = (
    *("/bin/sh", "-c"),
    "pulseaudio -n --exit-idle-time=-1 --load=module-native-protocol-unix "
    f"--load='module-null-sink sink_name=nowhere rate={RATE}' 2>/dev/null & "
    "until pactl info >/dev/null 2>&1; do sleep 0.1; done; "
    f"parec --device=nowhere.monitor --rate={RATE} --channels=1 --raw --format=s16le >{HEARD} & "
    'exec "$@"',
    "sh",
)
"""What starts a command in a session with an output of sound; what goes out there is recorded."""


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> BareSystem:
    """A bare system with the bundle, what a session runs, and a recording."""
    try:
        system = new_system(tmp_path_factory.mktemp("desk") / "root", (*LIBRARIES, *SESSION))
    except subprocess.CalledProcessError:
        pytest.skip(f"{', '.join(SESSION)} cannot be installed in a bare system here")
    with_bundle(system)
    running = system.inside(RUNNING)
    running.mkdir(mode=0o700)
    os.chown(running, USER, USER)
    semioscope(system, "phantom", *DRAW, "--out", PATIENT)
    return system


@pytest.fixture
def screen_of_desk(desk: BareSystem) -> Iterator[str]:
    """A virtual screen that it reaches; its name."""
    with screen_of(desk) as name:
        yield name


@pytest.fixture
def own_home(desk: BareSystem, tmp_path: Path) -> Iterator[None]:
    """The account's folder as it was, after the test."""
    home, before = desk.inside(HOME), tmp_path / "home"
    subprocess.run(["cp", "--archive", str(home), str(before)], check=True)
    yield
    shutil.rmtree(home)
    subprocess.run(["cp", "--archive", str(before), str(home)], check=True)


def open_settings(window: Window) -> None:
    window.keys("ctrl+shift+p")
    window.type("set up a model", name="Commands")
    window.keys("Return", name="Commands")
    window.keys("Tab", "Tab", name=SETTINGS)  # the provider


def close_settings(window: Window, key: str) -> None:
    window.keys(key, name=SETTINGS)
    until(lambda: not window.shown(SETTINGS), "the end of the settings")


def kept(desk: BareSystem) -> str:
    """The key in the vault, as another program gets it."""
    ask = ("/usr/bin/secret-tool", "lookup", "service", "semioscope", "username", OPENS)
    return desk.run(*UNLOCKED, *ask, XDG_RUNTIME_DIR=RUNNING).stdout


def without_recording(desk: BareSystem, session: tuple[str, ...]) -> str:
    """What is said when a model is to read a recording that is not there: first whether there is a key."""
    model = ("--reader", "gemini", "--model", "gemini-3.8-flash", "--i-have-authority")
    words = ("analyze", f"{HOME}/none.mp4", *model)
    return refused(desk, *words, program=(*session, PROGRAM), XDG_RUNTIME_DIR=RUNNING)


def files_with(text: str, folder: Path) -> list[Path]:
    """The files that hold a text, in one of the encodings in which programs write."""
    forms = [text.encode(), text.encode("utf-16-le")]
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return [path for path in files if any(form in path.read_bytes() for form in forms)]


def holds_part_of(played: NDArray[np.float32], heard: NDArray[np.float64]) -> bool:
    """Whether a second of one sound is in the other, however loud; both at the same rate."""
    if len(heard) <= RATE:
        return False
    sums = np.concatenate([[0.0], np.cumsum(heard**2)])
    loudness = np.sqrt(sums[RATE:] - sums[:-RATE]) + 1.0  # of each second, in steps of 16-bit samples
    parts = (played[start : start + RATE] for start in range(0, len(played) - RATE, RATE))
    return any(
        (correlate(heard, part, "valid") > 0.95 * loudness * np.linalg.norm(part)).any() for part in parts
    )


@pytest.mark.usefixtures("own_home")
def test_a_key_is_kept_in_the_vault_and_nowhere_else(desk: BareSystem, screen_of_desk: str) -> None:
    program = (*UNLOCKED, PROGRAM)
    window = Window(desk, screen_of_desk, "open", PATIENT, program=program, XDG_RUNTIME_DIR=RUNNING)
    open_settings(window)
    window.keys("Down", "Tab", name=SETTINGS)  # the first provider, and its key
    window.type(KEY, name=SETTINGS)
    close_settings(window, "Return")
    window.quit()
    assert kept(desk) == KEY

    # Program and vault have ended; the next ones find it, once the vault is unlocked.
    assert "“none.mp4” was not found" in without_recording(desk, UNLOCKED)
    assert "There is no key for" in without_recording(desk, LOCKED)
    places = (HOME, "/tmp", "/var/tmp", "/run")
    assert [path for place in places for path in files_with(KEY, desk.inside(place))] == []

    window = Window(desk, screen_of_desk, "open", PATIENT, program=program, XDG_RUNTIME_DIR=RUNNING)
    open_settings(window)
    window.keys("Tab", "Tab", "space", name=SETTINGS)  # Forget
    close_settings(window, "Escape")
    window.quit()
    assert kept(desk) == ""
    assert "There is no key for" in without_recording(desk, UNLOCKED)


@pytest.mark.usefixtures("own_home")
def test_sound_arrives_at_the_server_of_sound(desk: BareSystem, screen_of_desk: str) -> None:
    program = (*AUDIBLE, PROGRAM)
    window = Window(desk, screen_of_desk, "open", PATIENT, program=program, XDG_RUNTIME_DIR=RUNNING)
    recording = open_recording(desk.inside(PATIENT))
    played = course_samples(recording, Course(0.0, 1.0, recording.duration), recording.duration).mean(axis=1)

    def heard() -> bool:
        window.keys("space")  # plays, once the recording is open
        time.sleep(3)
        path = desk.inside(HEARD)
        return path.is_file() and holds_part_of(played, np.fromfile(path, np.int16).astype(np.float64))

    until(heard, "the sound of the recording at the output")
    assert "No sound" not in window.log()
    window.quit()
