"""Models of several people's poses: assembled from mediapipe's wheel, or ready-made in a bundled program."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from app.core.enhance import pose_bundle


def test_a_ready_made_one_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pose_bundle, "resource", lambda name: tmp_path / name)
    (tmp_path / pose_bundle.FILE_NAME).write_bytes(b"ready-made")
    assert pose_bundle.pose_bundle() == b"ready-made"


def test_without_one_it_is_assembled_of_both_models() -> None:
    # In a separate process, as always: mediapipe is never imported where a window may be opened.
    code = "import sys; from app.core.enhance.pose_bundle import assembled_pose_bundle as made; "
    code += "sys.stdout.buffer.write(made())"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    with zipfile.ZipFile(BytesIO(done.stdout)) as archive:
        assert archive.namelist() == ["pose_detector.tflite", "pose_landmarks_detector.tflite"]
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
