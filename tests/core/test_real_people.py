"""Healthy people in real rooms: nothing ill is seen in them, and nothing is denied that was not seen.

Where the environment variable SEMIOSCOPE_PEOPLE names a folder, the variants of the clips and their pose
tracks are kept there, as `python -m benchmarks.real_people --folder` keeps them: an interrupted run goes on.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from app.core.enhance.pose import pose_track
from app.core.enhance.pose_track import Doubt
from app.core.enhance.upright_view import turned_back
from app.core.readers.signal.measures.hiding import figure_sizes
from app.core.reading import Reading
from app.core.recording.probe import open_recording
from app.core.semiology import FEATURES, Laterality, Presence
from benchmarks.real_people import FOLDER, PICTURES, Clip, Tally, clips, reading_of, tally, variant_of

CLIPS = clips()

pytestmark = [
    pytest.mark.skipif(
        not CLIPS, reason="the clips of people (shared/media/people) are not beside the repository"
    ),
    pytest.mark.timeout(1800),
]


@cache
def read_all(variant: str, folder: Path) -> list[tuple[Clip, str, Reading]]:
    return [(clip, variant, reading_of(variant_of(FOLDER / clip.name, variant, folder))) for clip in CLIPS]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the variants of the clips and all pose tracks are kept."""
    kept = os.environ.get("SEMIOSCOPE_PEOPLE")
    return Path(kept) if kept else tmp_path_factory.mktemp("people")


@pytest.fixture(autouse=True)
def kept_poses(own_folders: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each clip is looked at once for all tests."""
    assert own_folders.is_dir()
    monkeypatch.setenv("SEMIOSCOPE_HOME", str(folder / "home"))


def test_people_in_short_clips_are_read_as_a_careful_person_would() -> None:
    short = [clip for clip in CLIPS if clip.seconds < 3]
    found = _check([(clip, "plain", reading_of(FOLDER / clip.name)) for clip in short])
    assert found.assessed >= 0.3 * found.answers, "a reader that never says anything is useless"


@pytest.mark.slow
@pytest.mark.parametrize("variant", ["plain", *PICTURES])
def test_people_are_read_as_a_careful_person_would(variant: str, folder: Path) -> None:
    _check(read_all(variant, folder))


def _check(readings: list[tuple[Clip, str, Reading]]) -> Tally:
    found = tally(readings)
    assert len(found.false_yes) <= 1, "\n".join(found.false_yes)
    assert found.unseen_no == ()
    assert found.accepted_share >= 0.97, "\n".join(found.wrong)
    return found


_SWAPPED = {Laterality.LEFT: Laterality.RIGHT, Laterality.RIGHT: Laterality.LEFT}


@pytest.mark.slow
def test_a_mirrored_clip_gives_the_same_answers_with_the_sides_swapped(folder: Path) -> None:
    plain, mirrored = read_all("plain", folder), read_all("mirrored", folder)
    differ = []
    for (clip, _, one), (_, _, other) in zip(plain, mirrored, strict=True):
        for feature in FEATURES:
            before, after = one.answer(feature.id), other.answer(feature.id)
            side = _SWAPPED.get(before.laterality, before.laterality) if before.laterality else None
            if before.presence is not after.presence:
                differ.append(f"{clip.name} {feature.id}: {before.presence} and {after.presence}")
            elif before.presence is Presence.YES and after.laterality is not side:
                differ.append(f"{clip.name} {feature.id}: {before.laterality} and {after.laterality}")
    assert len(differ) <= 0.03 * len(CLIPS) * len(FEATURES), "\n".join(differ)


@pytest.mark.slow
@pytest.mark.parametrize("variant", ["turned_90", "turned_180", "turned_270"])
def test_a_turned_clip_gives_the_same_answers(variant: str, folder: Path) -> None:
    plain, turned = read_all("plain", folder), read_all(variant, folder)
    differ = [
        f"{clip.name} {feature.id}"
        for (clip, _, one), (_, _, other) in zip(plain, turned, strict=True)
        for feature in FEATURES
        if one.answer(feature.id).presence is not other.answer(feature.id).presence
    ]
    assert len(differ) <= 0.01 * len(CLIPS) * len(FEATURES), "\n".join(differ)


@pytest.mark.slow
@pytest.mark.parametrize(("variant", "quarters"), [("turned_90", 1), ("turned_180", 2), ("turned_270", 3)])
def test_a_turned_clip_is_measured_in_the_persons_own_upright_frame(
    variant: str, quarters: int, folder: Path
) -> None:
    source = FOLDER / "asl_eat.mkv"
    plain = pose_track(open_recording(source))
    turned = pose_track(open_recording(variant_of(source, variant, folder)))
    back = turned_back(turned.joints[:, :, :2].reshape(-1, 2), quarters, plain.width, plain.height)
    away = np.hypot(*np.moveaxis(back.reshape(-1, 33, 2) - plain.joints[:, :, :2], 2, 0))
    away = (away / figure_sizes(plain)[:, None])[plain.joints[:, :, 2] > 0.5]
    assert np.median(away) < 0.02
    assert np.percentile(away, 95) < 0.08


@pytest.mark.slow
def test_letters_and_a_table_are_not_followed_and_who_sits_down_later_is_in_doubt() -> None:
    title, room = (pose_track(open_recording(FOLDER / name)) for name in ("no_face.mp4", "onebyone_cut.mp4"))
    assert not title.found.any()
    empty = room.found & ((room.times < 5.5) | ((room.times > 20.0) & (room.times < 22.0)))
    assert empty.mean() < 0.01
    assert room.confirmed[(room.times > 8.0) & (room.times < 18.0)].all()
    assert (room.doubt[room.times > 24.0] != Doubt.NONE).all()
