"""What is changed in a program that could not read its settings when it began."""

from __future__ import annotations

import dataclasses
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import account_file
from app.core.changed_settings import laid_over, save_changes
from app.core.errors import UserError
from app.core.folders import settings_folder
from app.core.readers.trained.video import backbone_choice
from app.core.readers.trained.video.backbone_choice import chosen_backbone
from app.core.settings import RECENT_LIMIT, Settings, UnreadSettings, load_settings, save_settings

KEPT = Settings(
    author="Ana",
    volume=0.25,
    recent=("/a", "/b"),
    keys={"mirror": ("F12",), "turn": ("F6",)},
    folders={"report": "/reports"},
    looks={"one": {"zoom": 2}, "two": {"zoom": 3}},
    eeg={"filters": {"EEG": [0.5, 70], "ECG": [1, 40]}, "page": 10},
    unknown={"later": 1},
)
BEGUN = UnreadSettings()


def test_only_what_was_changed_replaces_what_was_read() -> None:
    now = replace(BEGUN, jump_seconds=2.0, keys={"turn": ("F7",)}, looks={"one": {"zoom": 9}})
    found = laid_over(KEPT, BEGUN, now)
    assert found == replace(
        KEPT,
        jump_seconds=2.0,
        keys={"mirror": ("F12",), "turn": ("F7",)},
        looks={"two": {"zoom": 3}, "one": {"zoom": 9}},
    )
    assert list(found.looks) == ["two", "one"], "the latest last"


def test_mappings_inside_of_mappings_are_merged_too() -> None:
    shown = replace(BEGUN, eeg={"filters": {"EEG": [1, 30], "ECG": [1, 30]}, "page": 20})
    now = replace(shown, eeg={"filters": {"EEG": [1, 15], "ECG": [1, 30]}, "page": 20})
    found = laid_over(KEPT, shown, now)
    assert found.eeg == {"filters": {"EEG": [1, 15], "ECG": [1, 40]}, "page": 10}


def test_what_was_opened_is_joined_and_what_was_taken_away_goes() -> None:
    many = replace(KEPT, recent=tuple(f"/{number}" for number in range(RECENT_LIMIT)))
    found = laid_over(many, BEGUN, replace(BEGUN, recent=("/new", "/3")))
    assert found.recent[:3] == ("/new", "/3", "/0")
    assert len(found.recent) == RECENT_LIMIT
    assert found.recent.count("/3") == 1
    assert laid_over(KEPT, replace(BEGUN, recent=("/b",)), BEGUN).recent == ("/a",)
    assert laid_over(KEPT, replace(BEGUN, keys={"turn": ()}), BEGUN).keys == {"mirror": ("F12",)}


VALUES = {
    "volume": st.sampled_from([0.0, 0.5]),
    "author": st.sampled_from(["", "Bo"]),
    "go_on": st.booleans(),
}


@given(changed=st.fixed_dictionaries({}, optional=VALUES))
def test_every_other_field_stays(changed: dict[str, object]) -> None:
    found = laid_over(KEPT, BEGUN, replace(BEGUN, **changed))  # type: ignore[arg-type]
    for field in dataclasses.fields(Settings):
        default, given_value = getattr(BEGUN, field.name), changed.get(field.name)
        is_changed = field.name in changed and given_value != default
        assert getattr(found, field.name) == (given_value if is_changed else getattr(KEPT, field.name))


def test_changes_are_saved_once_the_settings_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    save_settings(KEPT)
    file = settings_folder() / "settings.json"
    before = file.read_bytes()
    with monkeypatch.context() as held:
        held.setattr(account_file, "read_at_most", _refuse)
        begun = load_settings()
        now = replace(begun, jump_seconds=2.0)
        with pytest.raises(UserError, match="not saved"):
            save_changes(begun, now)
        assert file.read_bytes() == before
    written = file.stat().st_mtime_ns
    save_changes(begun, begun)
    assert file.stat().st_mtime_ns == written, "nothing was changed"
    save_changes(begun, now)
    assert load_settings() == replace(KEPT, jump_seconds=2.0)


def test_a_network_is_used_where_it_cannot_be_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    save_settings(KEPT)
    monkeypatch.setattr(backbone_choice, "load_backbone", lambda place: ("loaded", place))
    with monkeypatch.context() as held:
        held.setattr(account_file, "read_at_most", _refuse)
        assert chosen_backbone(settings_folder())[0] == "loaded"  # type: ignore[index]
    assert load_settings() == KEPT
    chosen_backbone(settings_folder())
    assert load_settings() == replace(KEPT, video_backbone=str(settings_folder()))


def _refuse(*_args: object) -> bytes:
    raise PermissionError(13, "Permission denied")
