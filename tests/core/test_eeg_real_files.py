"""Real and odd EEG files next to the repository, held to the truth that was worked out for each."""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import io
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from app import cli

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "media" / "eeg"
TRUTH: dict[str, Any] = (
    json.loads((FOLDER / "truth.json").read_text(encoding="utf-8"))
    if (FOLDER / "truth.json").is_file()
    else {}
)

pytestmark = pytest.mark.skipif(
    not TRUTH, reason="the collection of EEG files (shared/media/eeg) is not beside the repository"
)


@pytest.fixture(scope="module")
def checker() -> ModuleType:
    """The checker that comes with the files, asking this process instead of the installed command."""
    spec = importlib.util.spec_from_file_location("check_eeg", FOLDER / "check_eeg.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.call = _call  # type: ignore[attr-defined]
    return module


def _call(_options: argparse.Namespace, arguments: list[str]) -> tuple[Any, str | None, int]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli.main(["eeg", *arguments])
    if code:
        return None, (err.getvalue().splitlines() or ["no message"])[-1], code
    return json.loads(out.getvalue()), None, 0


@pytest.mark.parametrize("name", TRUTH)
def test_file(checker: ModuleType, name: str) -> None:
    options = argparse.Namespace(folder=str(FOLDER), full=False, signals=2)
    faults, checks = checker.check(options, name, TRUTH[name])
    assert faults == []
    assert checks > 0
