"""What a start loads, and what it leaves behind: a garbage collector that does not look at the program
itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from app.ui import main, window
application = main.Application("semioscope")
window._QUEUE_AFTER = 1_000_000
def look():
    if Path(sys.argv[1]).exists():
        print(*sorted({name.split(".")[0] for name in sys.modules}))
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


def test_the_start_page_is_painted_without_a_library_that_computes(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "SEMIOSCOPE_HOME": str(tmp_path),
        "SEMIOSCOPE_READY_FILE": str(ready),
    }
    command = [sys.executable, "-c", _PAINTED, str(ready)]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert HEAVY & set(ended.stdout.split()) <= STARTS["app.ui.main"]


def test_a_start_loads_no_panel_that_is_hidden_at_first() -> None:
    panels = {f"app.ui.views.{module}" for module, _name in PANELS.values()}
    assert panels <= FILES.keys()
    assert not loads("app.ui.main") & panels
