"""What is remembered between two runs, and what happens to a file that cannot be understood."""

from __future__ import annotations

import dataclasses
import json
import logging
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from app.core.errors import UserError
from app.core.folders import settings_folder
from app.core.program_log import LogFormatter
from app.core.settings import (
    CHECKS,
    RECENT_LIMIT,
    Settings,
    author_of,
    load_settings,
    save_settings,
    with_recent,
)


def _file() -> Path:
    return settings_folder() / "settings.json"


def test_the_first_run_has_defaults_and_writes_nothing() -> None:
    assert load_settings() == Settings()
    assert list(settings_folder().iterdir()) == []


def test_everything_comes_back() -> None:
    kept = Settings(
        recent=("/a/é.mp4", "/b.mkv"),
        theme="light",
        volume=0.25,
        jump_seconds=10.0,
        overlay_skeleton=False,
        overlay_face=True,
        overlay_trails=True,
        window_geometry="AdnQywADAAA=",
        practice_geometry="AdnQywADAAA=",
        window_state="AAAA/w==",
        eeg_window_state="AAAB/w==",
        studies={"/s/a.semioscope": "/a/é.mp4"},
        study_names={"/s/a.semioscope": "Ward ä"},
        author="Dr. Ana Ríos",
    )
    save_settings(kept)
    assert load_settings() == kept
    assert [path.name for path in settings_folder().iterdir()] == ["settings.json"]


def test_every_setting_is_kept_in_the_file() -> None:
    assert set(CHECKS) == {row.name for row in dataclasses.fields(Settings)} - {"unknown"}


def test_what_a_newer_version_wrote_is_kept() -> None:
    _file().write_text(json.dumps({"volume": 0.5, "gaze": {"on": True}}), encoding="utf-8")
    save_settings(dataclasses.replace(load_settings(), volume=0.75))
    assert json.loads(_file().read_text(encoding="utf-8"))["gaze"] == {"on": True}
    assert load_settings().volume == 0.75


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("volume", 7),
        ("volume", "loud"),
        ("volume", True),
        ("volume", 10**400),
        ("jump_seconds", 0),
        ("theme", "pink"),
        ("theme", ["dark"]),
        ("recent", "a.mp4"),
        ("recent", [1]),
        ("overlay_face", 1),
        ("window_state", "not base64!"),
        ("eeg_window_state", "not base64!"),
        ("study_names", ["a list"]),
        ("author", None),
    ],
)
def test_one_setting_that_makes_no_sense_costs_only_itself(
    name: str, value: object, caplog: pytest.LogCaptureFixture
) -> None:
    wanted = {"author": "Ana", "volume": 0.5} | {name: value}
    _file().write_text(json.dumps(wanted), encoding="utf-8")
    loaded = load_settings()
    assert getattr(loaded, name) == getattr(Settings(), name)
    assert name == "author" or loaded.author == "Ana"
    assert any(f"The setting {name} is invalid" in LogFormatter().format(one) for one in caplog.records)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"\xff\xfe\x00", b'{"volume": NaN}', b"[" * 100_000, b"\x00" * 64]
)
def test_a_damaged_file_is_set_aside_and_said(content: bytes, caplog: pytest.LogCaptureFixture) -> None:
    _file().write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert load_settings() == Settings()
    (kept,) = settings_folder().iterdir()
    assert kept.match("settings.unreadable-*.json")
    assert kept.read_bytes() == content
    assert "set aside" in caplog.text
    save_settings(Settings(author="Ana"))
    assert load_settings().author == "Ana"


def test_a_failed_save_keeps_the_former_file(monkeypatch: pytest.MonkeyPatch) -> None:
    save_settings(Settings(author="Ana"))

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(UserError, match="no space left"):
        save_settings(Settings(author="Bo"))
    assert load_settings().author == "Ana"
    assert [path.name for path in settings_folder().iterdir()] == ["settings.json"]


def test_recent_recordings_are_few_the_latest_first_and_once(tmp_path: Path) -> None:
    state = Settings()
    for number in range(20):
        state = with_recent(state, tmp_path / f"{number}.mp4")
    state = with_recent(state, tmp_path / "15.mp4")
    assert len(state.recent) == RECENT_LIMIT
    assert state.recent[0] == str(tmp_path / "15.mp4")
    assert len(set(state.recent)) == RECENT_LIMIT


def test_an_author_always_has_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert author_of(Settings(author="  Ana ")) == "Ana"

    def nobody() -> str:
        raise KeyError("no such user")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert author_of(Settings()) == "unnamed"


_JSON = strategies.recursive(
    strategies.none()
    | strategies.booleans()
    | strategies.integers()
    | strategies.floats()
    | strategies.text(),
    lambda inner: strategies.lists(inner, max_size=3) | strategies.dictionaries(strategies.text(), inner),
    max_leaves=6,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(strategies.dictionaries(strategies.sampled_from([*CHECKS, "later"]), _JSON))
def test_any_file_loads_and_what_loads_can_be_saved(data: dict[str, object]) -> None:
    _file().write_text(json.dumps(data), encoding="utf-8")
    loaded = load_settings()
    save_settings(loaded)
    assert load_settings() == loaded


def test_folders_of_earlier_versions_are_taken_over_once() -> None:
    former = {
        "eeg_folder": "/eeg",
        "deidentified_clip": {"folder": "/clips", "Sound": "remove"},
        "question_lines": {"folder": 3},
        "teaching": {"folder": "/courses"},
    }
    place = _file()
    place.write_text(json.dumps(former))
    loaded = load_settings()
    assert loaded.folders == {"eeg": "/eeg", "clip": "/clips", "course": "/courses"}
    save_settings(dataclasses.replace(loaded, folders={}))
    assert load_settings().folders == {}, "what was chosen since stays"
