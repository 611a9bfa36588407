"""What goes wrong while the bundle is used is said in words: killed processes, no sound, no key, a crash."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.bundle.bare_system import HOME, LONGEST, BareSystem
from tests.bundle.bundled_program import PATIENT, PROGRAM, Window, process_with, refused, until

pytestmark = [pytest.mark.bundle, pytest.mark.timeout(3 * LONGEST)]

POSE = "app.core.enhance.pose_process"
SOUND = f"{HOME}/sound.raw"
SINK = f"""
pcm.!default {{ type plug slave.pcm "kept" }}
pcm.kept {{ type file slave.pcm "null" file "{SOUND}" format "raw" }}
"""


def test_a_killed_analysis_process_is_a_sentence(bare: BareSystem, patient: Path) -> None:
    command = bare.command(PROGRAM, "analyze", PATIENT, "--patient", "0.1,0,0.9,1")
    running = subprocess.Popen(command, env=bare.environment(), stderr=subprocess.PIPE, text=True)
    os.kill(until(lambda: process_with(POSE), "an analysis process"), signal.SIGKILL)
    _, said = running.communicate(timeout=LONGEST)
    assert running.returncode == 1
    assert "can be reviewed without it, or analysed again" in said
    assert "Traceback" not in said


def test_the_window_goes_on_without_its_analysis_process(
    bare: BareSystem, patient: Path, screen: str
) -> None:
    window = Window(bare, screen, "open", PATIENT, SEMIOSCOPE_HOME=f"{HOME}/killed")
    os.kill(until(lambda: process_with(POSE), "an analysis process"), signal.SIGKILL)
    until(lambda: "The analysis process failed" in window.log(), "a line of the log")
    window.keys("Tab")
    window.answer()
    window.quit()


def test_without_a_sound_output_it_plays_silently(bare: BareSystem, patient: Path, screen: str) -> None:
    window = Window(bare, screen, "open", PATIENT, SEMIOSCOPE_HOME=f"{HOME}/silent")
    until(lambda: "No sound" in window.log(), "a line of the log")
    assert "No sound output" in window.log(), "the sound library is there, and says that there is no output"
    window.answer()
    window.quit()


@pytest.fixture
def sink(bare: BareSystem) -> Iterator[Path]:
    """The file into which the sound output of the account writes."""
    settings = bare.inside(f"{HOME}/.asoundrc")
    settings.write_text(SINK, encoding="ascii")
    yield bare.inside(SOUND)
    settings.unlink()
    bare.inside(SOUND).unlink(missing_ok=True)  # it grows faster than a loudspeaker plays


def test_sound_is_played_by_the_library_of_the_bundle(
    bare: BareSystem, patient: Path, screen: str, sink: Path
) -> None:
    window = Window(bare, screen, "open", PATIENT, SEMIOSCOPE_HOME=f"{HOME}/heard")

    def heard() -> bool:
        window.keys("space")  # plays, once the recording is open
        time.sleep(1)
        return sink.is_file() and bool(np.memmap(sink, np.uint8, "r").any())

    until(heard, "samples that are not silence")
    assert "No sound" not in window.log()
    window.quit()


def test_a_crash_is_reported_at_the_next_start(bare: BareSystem, patient: Path, screen: str) -> None:
    # The first process of a namespace outlives signals, so the program is not the first.
    first = Window(bare, screen, program=("/bin/sh", "-c", f"{PROGRAM} open {PATIENT}; exit 0"))
    os.kill(until(lambda: process_with(f"{PROGRAM}\0open"), "the program"), signal.SIGSEGV)
    first.process.wait(LONGEST)
    again = Window(bare, screen, "open", PATIENT)
    again.keys("Tab")
    (report,) = bare.inside(HOME).rglob("crash-*.log")
    stacks = report.read_text(encoding="utf-8")
    assert "Segmentation fault" in stacks
    assert "in run_window" in stacks
    again.quit()
    report.unlink()


def test_the_report_on_the_installation_is_copied(bare: BareSystem, patient: Path, screen: str) -> None:
    window = Window(bare, screen, "open", PATIENT)
    window.keys("ctrl+shift+p")
    window.keys(*"about", "Return", name="Commands")
    window.keys("alt+p", name="About Semioscope")
    report = until(window.clipboard, "a copied text")
    assert report.startswith("Semioscope ")
    assert "(bundle)" in report.splitlines()[0]
    assert "mediapipe 0.10.21" in report
    assert HOME not in report
    window.keys("Escape", name="About Semioscope")
    window.quit()


def test_a_file_manager_gets_the_libraries_of_the_system(
    bare: BareSystem, patient: Path, screen: str
) -> None:
    manager = bare.inside(f"{HOME}/bin/xdg-open")
    manager.parent.mkdir()
    manager.write_text(f'#!/bin/sh\n{{ echo "$@"; env; }} >{HOME}/part && mv {HOME}/part {HOME}/opened\n')
    manager.chmod(0o755)
    window = Window(bare, screen, "open", PATIENT, PATH=f"{HOME}/bin:/usr/bin:/bin")
    window.keys("ctrl+shift+p")
    window.type("show the log folder", name="Commands")
    window.keys("Return", name="Commands")
    opened = bare.inside(f"{HOME}/opened")
    until(opened.is_file, "a file manager")
    folder, *variables = opened.read_text(encoding="utf-8").splitlines()
    assert folder.endswith("/semioscope/log")
    assert [one for one in variables if one.startswith(("LD_", "_PYI_"))] == []
    window.quit()


def test_without_a_vault_and_without_a_key_nothing_is_asked(bare: BareSystem, patient: Path) -> None:
    model = ("--reader", "gemini", "--model", "gemini-3.8-flash", "--i-have-authority")
    said = refused(bare, "analyze", PATIENT, *model)
    assert "There is no key for" in said
    assert "set GEMINI_API_KEY for this run" in said
