"""Nothing is painted by threads that the window would wait for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_TASKS = Path("/proc/self/task")
_PAINT = """
import os, sys
import app.ui
from PySide6.QtCore import QLineF
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter, QPen

application = QGuiApplication(sys.argv[:1])
image = QImage(1200, 700, QImage.Format.Format_RGB32)
image.fill(0)
before = len(os.listdir("/proc/self/task"))
painter = QPainter(image)
painter.setRenderHint(QPainter.RenderHint.Antialiasing)
painter.setPen(QPen(QColor(255, 255, 255, 140), 5.5))
painter.drawLine(QLineF(100.5, 50.5, 900.5, 650.5))
painter.end()
print(len(os.listdir("/proc/self/task")) - before)
"""


@pytest.mark.skipif(not _TASKS.is_dir(), reason="threads are counted as Linux lists them")
def test_a_translucent_line_is_painted_by_no_other_thread() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PAINT], capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.returncode, done.stdout) == (0, "0\n"), done.stderr
