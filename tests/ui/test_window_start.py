"""What a start loads, and what it leaves behind: a garbage collector that does not look at the program
itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.ui.views.late_dock import PANELS
from tests.core.test_imports import FILES, HEAVY, ROOT, STARTS, loads

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
def painted(tmp_path_factory: pytest.TempPathFactory) -> tuple[set[str], set[str]]:
    """The packages that a start has loaded when its page is painted, and the kinds of widgets set up."""
    folder = tmp_path_factory.mktemp("start")
    ready = folder / "ready"
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "SEMIOSCOPE_HOME": str(folder),
        "SEMIOSCOPE_READY_FILE": str(ready),
    }
    command = [sys.executable, "-c", _PAINTED, str(ready)]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    packages, widgets = ended.stdout.splitlines()[-2:]
    return set(packages.split()), set(widgets.split())


def test_the_start_page_is_painted_without_a_library_that_computes(
    painted: tuple[set[str], set[str]],
) -> None:
    packages, _widgets = painted
    assert HEAVY & packages <= STARTS["app.ui.main"]


def test_the_start_page_is_painted_without_kinds_of_widgets_that_it_does_not_show(
    painted: tuple[set[str], set[str]],
) -> None:
    _packages, widgets = painted
    assert "QMainWindow" in widgets
    assert not widgets & _NOT_SET_UP


def test_a_start_loads_no_panel_that_is_hidden_at_first() -> None:
    panels = {f"app.ui.views.{module}" for module, _name in PANELS.values()}
    assert panels <= FILES.keys()
    assert not loads("app.ui.main") & panels
