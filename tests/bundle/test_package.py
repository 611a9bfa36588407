"""The Debian package: installed, opened by a double click, removed without leaving anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bundle.bare_system import DESKTOP, HOME, LONGEST, BareSystem
from tests.bundle.bundled_program import EEG, PATIENT, STUDY, Window
from tests.bundle.conftest import DRAW, built, new_system, screen_of

pytestmark = [pytest.mark.bundle, pytest.mark.timeout(3 * LONGEST)]

OF_ROOT = "/usr/sbin:/usr/bin:/sbin:/bin"
STUDY_KIND = "application/x-semioscope-study"
KEPT_FOR_THE_ACCOUNT = (
    ".config/semioscope",
    ".cache/semioscope",
    ".local/state/semioscope",
    ".local/share/semioscope",
)


def of_root(system: BareSystem, *words: str) -> None:
    done = system.run(*words, user=0, PATH=OF_ROOT)
    assert done.returncode == 0, done.stderr


def test_it_is_opened_by_a_double_click_and_leaves_nothing_when_it_is_removed(
    tmp_path: Path,
) -> None:
    package = built(".deb")
    system = new_system(tmp_path / "root", DESKTOP)
    before = system.files()
    system.inside("/tmp/semioscope.deb").write_bytes(package.read_bytes())
    of_root(system, "/usr/bin/dpkg", "--install", "/tmp/semioscope.deb")
    assert "semioscope" in system.run("/usr/bin/semioscope", "--version").stdout
    drawn = system.run("/usr/bin/semioscope", "phantom", *DRAW, "--out", PATIENT, "--eeg", EEG)
    assert drawn.returncode == 0, drawn.stderr

    with screen_of(system) as screen:
        for path in (PATIENT, f"{STUDY}/study.sqlite"):  # the first makes the study
            # The opener ends before the program, and with the first process its whole namespace.
            window = Window(system, screen, program=("/bin/sh", "-c", f"gio open {path}; sleep {LONGEST}"))
            window.answer()
            window.keys("ctrl+q")
            window.wait_until_gone()
            window.end()
    told = system.run("/usr/bin/gio", "info", "-a", "standard::content-type", f"{STUDY}/study.sqlite").stdout
    assert STUDY_KIND in told
    copies = list(system.inside(f"{STUDY}/backups").glob("*.sqlite"))
    assert copies
    copy = f"{STUDY}/backups/{copies[0].name}"
    assert STUDY_KIND not in system.run("/usr/bin/gio", "info", "-a", "standard::content-type", copy).stdout

    of_root(system, "/usr/bin/dpkg", "--purge", "semioscope")
    left = {name for name in set(system.files()) - set(before) if not name.startswith("var/lib/dpkg")}
    assert left == set()
    home = system.inside(HOME)
    files = {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()}
    of_the_system = (".cache/fontconfig/", ".cache/mesa_shader_cache/")  # of any program with a window
    asked_for = ("patient.mp4", "patient.edf", "patient.semioscope/", "all.json", *KEPT_FOR_THE_ACCOUNT)
    assert {name for name in files if not name.startswith((*asked_for, *of_the_system))} == set()
