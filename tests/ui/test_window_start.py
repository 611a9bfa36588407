"""What a start loads, and what it leaves behind: a garbage collector that does not look at the program
itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.ui.theme import STYLE
from app.ui.views.late_dock import PANELS
from tests.core.program_source import FILES, ONE_READING, ROOT
from tests.core.test_imports import HEAVY, STARTS, loads

_START = """
import gc
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
application = QApplication([])
def look():
    gc.collect()
    print(gc.isenabled(), gc.get_freeze_count(), len(gc.get_objects()))
    application.quit()
QTimer.singleShot(0, look)
from app.commands.open import open_window
open_window(None)
"""

_PAINTED = """
import builtins
import sys
from pathlib import Path
from PySide6 import QtWidgets
from PySide6.QtCore import QTimer
from app.ui import main, window
application = main.Application("semioscope")
window._QUEUE_AFTER = 1_000_000
def look():
    if Path(sys.argv[1]).exists():
        print(*sorted({name.split(".")[0] for name in sys.modules}))
        print(*sorted(vars(QtWidgets)))
        print(builtins.__import__ is builtins.__orig_import__)
        application.quit()
timer = QTimer()
timer.timeout.connect(look)
timer.start(20)
main.run_window()
"""


def test_the_collector_passes_over_what_was_made_at_the_start(tmp_path: Path) -> None:
    """A look at the whole program takes tens of milliseconds, in which the picture stands still."""
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "SEMIOSCOPE_HOME": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-c", _START], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    enabled, passed_over, looked_at = ended.stdout.split()[-3:]
    assert enabled == "False", "it collects by its own timer"
    assert int(passed_over) > 10 * int(looked_at)


_NOT_SET_UP = frozenset({"QStyle", "QFileDialog", "QInputDialog", "QMessageBox", "QMdiSubWindow"})
"""Kinds of widgets that PySide6 sets up when they are first named: the style with its five hundred values,
dialogs, and what only a search through all kinds of widgets sets up, as for the viewport of a list."""


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> tuple[set[str], set[str], bool]:
    """The packages that a start has loaded when its page is painted, the kinds of widgets set up, and whether
    imports are Python's own."""
    folder = tmp_path_factory.mktemp("start")
    ready = folder / "ready"
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "SEMIOSCOPE_HOME": str(folder),
        "SEMIOSCOPE_READY_FILE": str(ready),
    }
    command = [sys.executable, "-c", _PAINTED, str(ready)]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    packages, widgets, own = ended.stdout.splitlines()[-3:]
    return set(packages.split()), set(widgets.split()), own == "True"


def test_the_start_page_is_painted_without_a_library_that_computes(
    painted: tuple[set[str], set[str], bool],
) -> None:
    packages, _widgets, _own = painted
    assert HEAVY & packages <= STARTS["app.ui.main"]


def test_the_start_page_is_painted_without_kinds_of_widgets_that_it_does_not_show(
    painted: tuple[set[str], set[str], bool],
) -> None:
    _packages, widgets, _own = painted
    assert "QMainWindow" in widgets
    assert not widgets & _NOT_SET_UP


def test_imports_are_without_pyside_once_the_start_page_is_painted(
    painted: tuple[set[str], set[str], bool],
) -> None:
    _packages, _widgets, own = painted
    assert own


_STYLED = """
import sys
from PySide6.QtWidgets import QApplication
from app.ui import main, theme
main.STYLE = sys.argv[1]
application = main.Application("semioscope") if main.STYLE else QApplication(["semioscope"])
print(bool(application.property(theme.HAS_STYLE)), application.style().name())
theme.apply(application, theme.DARK)
application.setStyleSheet("")  # which is a style round the other one
print(application.style().name())
"""


def style_before_and_after(asked: str, of_the_desktop: str) -> list[str]:
    """Whether an application that asks for a style has it, which one, and which one once it has a theme."""
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "QT_STYLE_OVERRIDE": of_the_desktop}
    command = [sys.executable, "-c", _STYLED, asked]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return ended.stdout.splitlines()


@pytest.mark.parametrize("of_the_desktop", ["", "windows"])
def test_the_style_is_fusion_whatever_the_desktop_asks_for(of_the_desktop: str) -> None:
    assert style_before_and_after(STYLE, of_the_desktop) == ["True fusion", "fusion"]


def test_a_style_that_qt_did_not_take_is_set_with_the_theme() -> None:
    assert style_before_and_after("of another release", "windows")[0].startswith("False ")
    assert style_before_and_after("", "windows") == ["False windows", "fusion"]


_WITHOUT_ARGUMENTS = """
import sys
from PySide6.QtWidgets import QApplication
from app.ui import main

def look():
    print(QApplication.instance().arguments())
    sys.exit()

main.log_window_to_file = look
sys.argv.clear()
main.run_window()
"""


def test_the_window_needs_no_name_of_the_program() -> None:
    """An interpreter inside another program has none."""
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", _WITHOUT_ARGUMENTS]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["['semioscope']"]


@ONE_READING
def test_a_start_loads_no_panel_that_is_hidden_at_first() -> None:
    panels = {f"app.ui.views.{module}" for module, _name in PANELS.values()}
    assert panels <= FILES.keys()
    assert not loads("app.ui.main") & panels
