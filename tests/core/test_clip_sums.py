"""Clips are what they were when they were made, or they are neither shown nor sent."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from app.core.clips.clip import (
    INDEX_NAME,
    ClipOptions,
    ClipSpec,
    clip_file,
    clips_from_json,
    clips_to_send,
    stored_clips,
)
from app.core.clips.clip_preparation import prepare_clips
from app.core.enhance.enhancement import Enhancement
from app.core.errors import UserError
from app.core.jobs import CancelToken
from app.core.readers.models.clip_folder import ClipFolder
from app.core.readers.models.request_plan import requests
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording
from app.core.semiology import Span
from tests.media import tone, write_recording

PLAIN = ClipOptions(pose=False, face=False, denoise=False, side=64, cover_bystanders=False)
PIECES = (
    ClipSpec("0000-pose", Span(0.0, 2.0), Enhancement.POSE, 2.0),
    ClipSpec("0000-sound", Span(0.0, 2.0), Enhancement.SOUND, 2.0),
)


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    path = tmp_path_factory.mktemp("clips") / "event.mp4"
    return open_recording(write_recording(path, frames=50, sound=tone(2.0)))


@pytest.fixture
def folder(recording: Recording, tmp_path: Path) -> Path:
    place = tmp_path / "study" / "readings" / "0123456789abcdef" / "clips"
    prepare_clips(recording, PIECES, place, options=PLAIN)
    return place


def made_of(folder: Path) -> dict[str, object]:
    return clips_from_json((folder / INDEX_NAME).read_bytes())[1]


def test_every_file_has_its_sum_and_is_for_its_owner_alone(folder: Path) -> None:
    clips = stored_clips(folder)
    assert clips is not None
    assert all(clip.checkable and clip.files for clip in clips)
    assert clips_to_send(folder, made_of(folder)) == clips
    if os.name != "nt":
        assert not [path for path in folder.rglob("*") if path.is_file() and path.stat().st_mode & 0o077]


def test_a_changed_file_is_neither_shown_nor_sent(folder: Path, recording: Recording) -> None:
    clips = stored_clips(folder)
    assert clips is not None
    clip = clips[0]
    name = clip.pictures[0][1]
    content = bytearray((folder / name).read_bytes())
    content[-1] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(UserError, match="was changed after this clip was made"):
        clip_file(folder, clip, name)
    assert clips_to_send(folder, made_of(folder)) is None
    anew = prepare_clips(recording, PIECES, folder, options=PLAIN)
    assert clip_file(folder, anew[0], name) != bytes(content)


@pytest.mark.parametrize("kind", [os.symlink, os.link])
def test_a_file_that_is_a_link_is_neither_shown_nor_sent(folder: Path, tmp_path: Path, kind: object) -> None:
    clips = stored_clips(folder)
    assert clips is not None
    name = clips[0].pictures[0][1]
    outside = tmp_path / "outside.jpg"
    outside.write_bytes((folder / name).read_bytes())  # even with the very same content
    (folder / name).unlink()
    kind(outside, folder / name)  # type: ignore[operator]
    assert clips_to_send(folder, made_of(folder)) is None
    with pytest.raises(UserError, match="link"):
        clip_file(folder, clips[0], name)


def test_clips_of_an_earlier_version_are_shown_and_made_anew_before_they_are_sent(
    folder: Path, recording: Recording
) -> None:
    data = json.loads((folder / INDEX_NAME).read_text())
    for row in data["clips"]:
        del row["sums"]
    (folder / INDEX_NAME).write_text(json.dumps(data))
    clips = stored_clips(folder)
    assert clips is not None
    assert not any(clip.checkable for clip in clips)
    assert clip_file(folder, clips[0], clips[0].files[0])
    assert clips_to_send(folder, data["made_of"]) is None
    request = next(one for one in requests(2.0) if one.spec == clips[0].spec)
    with pytest.raises(UserError, match="not sent"):
        ClipFolder(folder, clips, PLAIN).media(request, CancelToken())
    assert all(clip.checkable for clip in prepare_clips(recording, PIECES, folder, options=PLAIN))


def test_a_folder_of_clips_that_is_a_link_is_replaced_and_not_emptied(
    folder: Path, recording: Recording, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    folder.rename(outside)
    folder.symlink_to(outside)
    before = sorted(path.name for path in outside.iterdir())
    assert stored_clips(folder) is None
    prepare_clips(recording, PIECES, folder, options=PLAIN)
    assert sorted(path.name for path in outside.iterdir()) == before
    assert not folder.is_symlink()


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"format": "semioscope-clips/1", "clips": [1], "made_of": {}}', "\xff", "{"]
)
def test_a_list_that_makes_no_sense_is_none(folder: Path, text: str) -> None:
    (folder / INDEX_NAME).write_bytes(text.encode("latin-1"))
    assert stored_clips(folder) is None
    assert clips_to_send(folder, {}) is None
