"""What is said of an installation: where it keeps things, and a report that gives nobody away."""

from __future__ import annotations

import getpass
from pathlib import Path

import pytest

from app import __version__
from app.core.installation import account_folders, installation_report, package_licences


def test_a_report_names_versions_and_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SEMIOSCOPE_HOME", str(tmp_path / "Jane Doe"))
    report = installation_report()
    assert report.startswith(f"Semioscope {__version__} (source or package)\nPython 3.")
    assert "\nmediapipe 0.10" in report
    assert "Jane Doe" not in report
    assert str(Path.home()) not in report
    assert getpass.getuser() not in report.split()


def test_the_folders_of_the_account_are_where_the_account_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SEMIOSCOPE_HOME", str(tmp_path))
    assert [folder.path.parent for folder in account_folders()] == [tmp_path] * 4
    assert account_folders()[-1].holds == "Logs"


def test_every_package_states_its_licence() -> None:
    licences = dict(package_licences())
    assert any(name.startswith("numpy ") and "BSD" in text for name, text in licences.items())
    assert all(0 < len(text) < 200 for text in licences.values())
