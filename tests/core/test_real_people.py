"""Healthy people in real rooms: nothing ill is seen in them, and nothing is denied that was not seen."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from app.core.reading import Reading
from app.core.semiology import FEATURES, Laterality, Presence
from tests.core.real_people import FOLDER, PICTURES, Clip, clips, reading_of, tally, variant_of

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
    """Where the variants of the clips are written."""
    return tmp_path_factory.mktemp("people")


def test_people_in_short_clips_are_read_as_a_careful_person_would() -> None:
    short = [clip for clip in CLIPS if clip.seconds < 3]
    _check([(clip, "plain", reading_of(FOLDER / clip.name)) for clip in short])


@pytest.mark.slow
@pytest.mark.parametrize("variant", ["plain", *PICTURES])
def test_people_are_read_as_a_careful_person_would(variant: str, folder: Path) -> None:
    _check(read_all(variant, folder))


def _check(readings: list[tuple[Clip, str, Reading]]) -> None:
    found = tally(readings)
    assert len(found.false_yes) <= 1, "\n".join(found.false_yes)
    assert found.unseen_no == ()
    assert found.accepted_share >= 0.97, "\n".join(found.wrong)


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
