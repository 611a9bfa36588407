"""Which of the places that a study names are opened by themselves."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from app.core.folders import settings_folder
from app.core.settings import Settings, save_settings
from app.core.study import named_places
from app.core.study.named_places import FILE_NAME, may_open, remember_opened

pytestmark = pytest.mark.skipif(os.name == "nt", reason="places are named differently there")


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "patient" / "event.semioscope"
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize("name", ["event.mp4", "cameras/ceiling.mp4", "event.semioscope/in.mp4", "gone.mp4"])
def test_what_lies_beside_the_study_is_opened(study: Path, name: str) -> None:
    assert may_open(study.parent / name, study)


@pytest.mark.parametrize(
    "name",
    [
        "//198.51.100.7/share/x.mp4",
        "\\\\198.51.100.7\\share\\x.mp4",
        "/net/198.51.100.7/share/x.mp4",
        "/etc/hostname",
        "../x.mp4",
        "/",
        "",
        "../patient-of-another-name/x.mp4",
        "file://198.51.100.7/share/x.mp4",
    ],
)
def test_what_lies_elsewhere_is_not(study: Path, name: str) -> None:
    place = Path(os.path.normpath(study.parent / name)) if name.startswith("..") else Path(name)
    assert not may_open(place, study)


def test_a_place_elsewhere_is_not_even_asked_about(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, *_arguments: object, **_options: object) -> None:
        raise AssertionError(f"{self} was touched")

    place = study.parent.parent / "elsewhere" / "x.mp4"
    with monkeypatch.context() as watched:
        for name in ("stat", "lstat", "open", "resolve", "readlink"):
            original = getattr(Path, name)
            watched.setattr(
                Path,
                name,
                lambda self, *a, _original=original, **o: (
                    refuse(self) if self.is_relative_to(place.parent) else _original(self, *a, **o)
                ),
            )
        assert not may_open(place, study)


def test_no_link_leads_out(study: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.mp4").write_bytes(b"mine")
    (study.parent / "cameras").symlink_to(outside)
    (study.parent / "x.mp4").symlink_to(outside / "x.mp4")
    assert not may_open(study.parent / "cameras" / "x.mp4", study)
    assert not may_open(study.parent / "x.mp4", study)


def test_no_other_disk_is_asked(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(named_places, "mount_points", lambda: (Path("/"), study.parent / "net"))
    assert not may_open(study.parent / "net" / "host" / "x.mp4", study)
    assert not may_open(study.parent / "net", study)
    assert may_open(study.parent / "x.mp4", study)


def test_beside_a_study_in_the_root_of_a_disk_is_not_the_whole_disk() -> None:
    assert may_open(Path("/x.mp4"), Path("/event.semioscope"))
    assert not may_open(Path("/somewhere/x.mp4"), Path("/event.semioscope"))


def test_what_was_opened_before_is_opened_again(study: Path, tmp_path: Path) -> None:
    place = tmp_path / "elsewhere" / "x.mp4"
    assert not may_open(place, study)
    remember_opened(place)
    assert may_open(place, study)
    assert not may_open(place.with_name("y.mp4"), study)
    save_settings(Settings(recent=(str(place.with_name("y.mp4")),)))
    assert may_open(place.with_name("y.mp4"), study)


def test_the_list_is_bounded_and_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(named_places, "MOST_PLACES", 3)
    for number in (1, 2, 3, 4, 2):
        remember_opened(tmp_path / f"{number}.mp4")
    file = settings_folder() / FILE_NAME
    assert [Path(row).name for row in json.loads(file.read_text())] == ["3.mp4", "4.mp4", "2.mp4"]
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("text", ["", "{}", "[1, null]", "[" * 100_000, "\xff"])
def test_a_list_that_makes_no_sense_knows_no_place(study: Path, tmp_path: Path, text: str) -> None:
    (settings_folder() / FILE_NAME).write_bytes(text.encode("latin-1"))
    assert not may_open(tmp_path / "x.mp4", study)
    remember_opened(tmp_path / "x.mp4")
    assert may_open(tmp_path / "x.mp4", study)
