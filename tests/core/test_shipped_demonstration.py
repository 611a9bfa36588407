"""A bundled program copies its demonstration and the analysis of it instead of drawing them."""

from __future__ import annotations

from pathlib import Path

import pytest

import app
from app.core.folders import cache_folder
from app.core.phantom import demonstration_file
from app.core.phantom.demonstration import demo_script
from app.core.phantom.demonstration_file import demonstration_eeg_file, demonstration_recording
from app.core.phantom.render import render_phantom
from app.core.phantom.script import PhantomScript
from app.core.phantom.shipped_demonstration import ship_demonstration, take_shipped_demonstration
from app.core.study.place import study_folder_for


@pytest.fixture
def resources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The resources of a program with a demonstration, which is drawn fast; the cache is empty."""
    whole = demo_script(duration=12.0)
    script = PhantomScript(whole.seed, whole.duration, whole.events, fps=2.0, size=(160, 90))
    monkeypatch.setattr(demonstration_file, "demo_script", lambda: script)
    package = tmp_path / "installed" / "app"
    monkeypatch.setattr(app, "__file__", str(package / "__init__.py"))
    monkeypatch.setenv("SEMIOSCOPE_HOME", str(tmp_path / "builder"))
    drawn = demonstration_recording()
    pose = cache_folder() / "pose" / "key.npz"
    pose.parent.mkdir(exist_ok=True)
    pose.write_bytes(b"computed of it")
    ship_demonstration(drawn, package / "resources")
    monkeypatch.setenv("SEMIOSCOPE_HOME", str(tmp_path / "user"))
    return package / "resources"


def test_it_is_copied_with_its_analysis_and_not_drawn(
    resources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        demonstration_file, "render_phantom", lambda *_rest: pytest.fail(render_phantom.__name__)
    )
    file = demonstration_recording()
    assert cache_folder() in file.parents
    (shipped,) = (resources / "demonstration" / "recording").iterdir()
    assert file.read_bytes() == (shipped / file.name).read_bytes()
    assert demonstration_eeg_file(file).read_bytes() == (shipped / "demonstration.edf").read_bytes()
    assert (cache_folder() / "pose" / "key.npz").read_bytes() == b"computed of it"
    assert (study_folder_for(file) / "study.sqlite").exists()


def test_no_study_is_shipped(resources: Path) -> None:
    names = {path.name for path in resources.rglob("*") if path.is_file()}
    assert names == {"demonstration.mp4", "demonstration.edf", "truth.json", "eeg_truth.json", "key.npz"}


def test_that_of_another_version_is_not_taken(resources: Path) -> None:
    assert not take_shipped_demonstration(cache_folder() / "demonstration" / "other" / "demonstration.mp4")
    assert not (cache_folder() / "demonstration").exists()


def test_a_copy_that_broke_off_is_made_again(resources: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (shipped,) = (resources / "demonstration" / "recording").iterdir()
    place = cache_folder() / "demonstration" / shipped.name
    place.mkdir(parents=True)
    (place / "demonstration.edf").write_bytes(b"half of")
    file = demonstration_recording()
    assert demonstration_eeg_file(file).read_bytes() == (shipped / "demonstration.edf").read_bytes()
