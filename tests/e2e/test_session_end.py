"""The end of a session waits for no question, and what is being made then leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.atomic import has_unfinished
from tests.e2e.program import PATIENCE, ROOT
from tests.media import write_recording

PROGRAM = """
import os, signal, sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
from app.core.atomic import unfinished_folder
from app.core.semiology import Span
from app.ui import main
from app.ui.dialogs import deidentify
from app.ui.window import Window

recording, out, how = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]

def make(*order):
    with unfinished_folder(order[-2].out) as folder:
        (folder / "0.mp4").write_bytes(b"half of a clip")
        while True:
            order[-1].cancel.check()

deidentify.prepare_clips_of = make

def end_of_session():
    if how == "desktop":
        QCoreApplication.sendEvent(QApplication.instance(), QEvent(QEvent.Type.Quit))
    elif how == "windows":
        QApplication.instance().aboutToQuit.emit()
    else:
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGHUP)

def step():
    window = next(one for one in QApplication.topLevelWidgets() if isinstance(one, Window))
    dialog = window.findChild(deidentify.DeidentifyDialog)
    if window.session.opened.recording is None:
        return
    if dialog is None:
        window.actions_["deidentify"].trigger()
        window.findChild(deidentify.DeidentifyDialog).write_to(out, Span(0.0, 1.0))
    elif any(out.parent.glob(".*/0.mp4")):
        timer.stop()
        window.close()
        (box,) = window.findChildren(QMessageBox)
        print(box.text(), flush=True)
        QTimer.singleShot(0, end_of_session)

application = main.Application("semioscope")
timer = QTimer()
timer.timeout.connect(step)
timer.start(50)
sys.exit(main.run_window(recording))
"""


@pytest.mark.parametrize(
    "how",
    [
        "desktop",
        "windows",
        pytest.param("signals", marks=pytest.mark.skipif(sys.platform == "win32", reason="no such signals")),
    ],
)
def test_the_end_of_a_session_waits_for_no_question(tmp_path: Path, how: str) -> None:
    recording, made, home = tmp_path / "recording" / "a.mp4", tmp_path / "made", tmp_path / "home"
    for folder in (recording.parent, made, home):
        folder.mkdir()
    write_recording(recording)
    environment = os.environ | {"SEMIOSCOPE_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(recording), str(made / "clip.mp4"), how],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.stdout == "Stop making the clip?\n", done.stderr
    assert done.returncode == 0, done.stderr
    assert not has_unfinished(made)
    assert list(made.iterdir()) == []
