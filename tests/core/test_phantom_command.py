"""`semioscope phantom`: what it writes replaces nothing unasked, also what comes while it draws."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli import main
from app.core.atomic import has_unfinished
from app.core.phantom import render

SHORT = ("phantom", "--seed", "3", "--duration", "1", "--size", "64x64", "--fps", "5")
OTHER = b"somebody's file"


def draw(folder: Path, *further: str) -> int:
    paths = ("--out", str(folder / "a.mp4"), "--truth", str(folder / "a.json"))
    return main([*SHORT, *paths, "--eeg", str(folder / "a.edf"), "--eeg-offset=-2", *further])


def test_all_files_get_their_names_and_nothing_else_is_left(tmp_path: Path) -> None:
    assert draw(tmp_path) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.edf", "a.json", "a.mp4"]
    assert json.loads((tmp_path / "a.json").read_text())["recording"]["name"] == "a.mp4"


@pytest.mark.parametrize("name", ["a.mp4", "a.json", "a.edf"])
def test_a_file_that_is_there_stays(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / name).write_bytes(OTHER)
    assert draw(tmp_path) == 1
    assert "--replace" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_bytes() == OTHER
    assert draw(tmp_path, "--replace") == 0
    assert (tmp_path / name).read_bytes() != OTHER


def test_a_file_that_comes_while_it_is_drawn_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn = render.render_phantom

    def meanwhile(*given: object, **named: object) -> None:
        drawn(*given, **named)  # type: ignore[arg-type]
        (tmp_path / "a.mp4").write_bytes(OTHER)

    monkeypatch.setattr(render, "render_phantom", meanwhile)
    assert draw(tmp_path) == 1
    assert "was not replaced" in capsys.readouterr().err
    assert (tmp_path / "a.mp4").read_bytes() == OTHER
    assert not has_unfinished(tmp_path)
