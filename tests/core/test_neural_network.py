"""Neural networks run on this computer and report to no other that they do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.hiding.centerface_model import centerface_model
from app.core.neural_network import load_network

ROOT = Path(__file__).parents[2]
RECEIVER = b"events.data.microsoft.com"
"""Where onnxruntime from 1.29 on sends what it notes."""


def test_one_module_imports_onnxruntime() -> None:
    importing = [
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / "app").rglob("*.py"))
        if "import onnxruntime" in path.read_text(encoding="utf-8")
        or "from onnxruntime" in path.read_text(encoding="utf-8")
    ]
    assert importing == ["app/core/neural_network.py"]


def test_the_installed_onnxruntime_knows_no_receiver_of_reports() -> None:
    import onnxruntime

    libraries = [path for path in Path(onnxruntime.__file__).parent.rglob("*") if ".so" in path.name]
    assert libraries
    assert [path.name for path in libraries if RECEIVER in path.read_bytes()] == []


def test_an_onnxruntime_that_would_report_is_told_not_to_before_it_is_imported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In a separate process: a library reads it once."""
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
    lines = """
import os, sys
class Seen:
    def find_spec(self, name, path=None, target=None):
        if name == "onnxruntime":
            print("told" if os.environ.get("ORT_DISABLE_TELEMETRY") == "1" else "not told")
sys.meta_path.insert(0, Seen())
from app.core.hiding.face_detector import CenterFace
CenterFace()
"""
    done = subprocess.run(
        [sys.executable, "-c", lines], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.split("\n") == ["told", ""]


def test_a_network_runs_on_as_many_threads_as_asked_for() -> None:
    options = load_network(centerface_model(), threads=1).get_session_options()
    assert options.intra_op_num_threads == 1
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"
