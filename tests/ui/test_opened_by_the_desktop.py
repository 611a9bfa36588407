"""What a desktop hands over with a double click is opened: a recording, a study by its folder or its file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from app.core.batch.begin_study import begin_study
from app.core.folders import STUDY_FILE
from app.core.jobs import CancelToken, no_report
from tests.core.program_source import ROOT
from tests.media import write_recording

_START = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer, QUrl
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication
from app.ui.main import Application, run_window
from app.ui.window import Window

how, path = sys.argv[1:]
application = Application(sys.argv[0])

def look():
    window = next(one for one in QApplication.topLevelWidgets() if isinstance(one, Window))
    session = window.session
    if session.opened.recording is not None and session.study.folder is not None:
        said = f"{session.opened.recording.path}\\n{session.study.folder}"
    elif session.status.message and session.analysis.work is None:
        said = session.status.message
    else:
        return
    looking.stop()
    print(said)
    window.close()

looking = QTimer()
looking.timeout.connect(look)
looking.start(50)
if how == "event":
    QTimer.singleShot(0, lambda: application.sendEvent(application, QFileOpenEvent(QUrl.fromLocalFile(path))))
run_window(Path(path) if how == "argument" else None)
"""


def opened(how: str, path: Path, home: Path, place: Path = ROOT) -> list[str]:
    """The recording and the folder of the study that the program opens; or what it says."""
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "SEMIOSCOPE_HOME": str(home),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-c", _START, how, str(path)]
    ended = subprocess.run(
        command, cwd=place, env=environment, capture_output=True, text=True, check=True, timeout=120
    )
    return ended.stdout.splitlines()


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A study of two recordings that is not named after either."""
    files = [write_recording(tmp_path / f"P1_{number}.mp4", frames=40 + number) for number in (1, 2)]
    folder = tmp_path / "Friday.semioscope"
    begin_study(folder, files, "{patient}_{event}", "Ana", report=no_report, cancel=CancelToken())
    return folder


@pytest.mark.parametrize("how", ["argument", "event"])
def test_a_study_is_opened_by_its_file_and_by_its_folder(study: Path, tmp_path: Path, how: str) -> None:
    first = [str(tmp_path / "P1_1.mp4"), str(study)]
    assert opened(how, study / STUDY_FILE, tmp_path / "home") == first
    assert opened(how, study, tmp_path / "home") == first


def test_its_file_is_found_from_within_its_folder(study: Path, tmp_path: Path) -> None:
    first = [str(tmp_path / "P1_1.mp4"), str(study)]
    assert opened("argument", Path(STUDY_FILE), tmp_path / "home", place=study) == first


def test_a_recording_is_opened(tmp_path: Path) -> None:
    recording = write_recording(tmp_path / "event.mp4", frames=40)
    expected = [str(recording), str(tmp_path / "event.semioscope")]
    assert opened("argument", recording, tmp_path / "home") == expected
    other = recording.rename(tmp_path / "event.recorded")
    assert opened("argument", other, tmp_path / "home")[0] == str(other)


def test_a_folder_without_a_study_named_like_one_is_a_sentence(tmp_path: Path) -> None:
    other = tmp_path / STUDY_FILE
    other.write_bytes(b"SQLite format 3\0 of another program")
    (said,) = opened("argument", other, tmp_path / "home")
    assert "study" in said


def test_the_desktop_knows_the_file_of_a_study_as_a_kind_of_its_own() -> None:
    linux = ROOT / "installer" / "linux"
    (kind,) = ElementTree.parse(linux / "semioscope.xml").getroot()
    patterns = [one.get("pattern") for one in kind if one.tag.endswith("}glob")]
    assert patterns == [STUDY_FILE]
    entry = (linux / "semioscope.desktop").read_text(encoding="utf-8")
    line = next(line for line in entry.splitlines() if line.startswith("MimeType="))
    assert f"{kind.get('type')};" in line
    assert "Exec=semioscope open %f" in entry
