"""Controls for planted texts that are read although every one of their strokes is covered.

Readers of text read words into noise too. Whether a find is one of these is decided by more pictures of its
place, each the middle of a recording as long as the one of the find and encoded the same way: of later
moments of the same scene, with the text, under the cover of the find; of the same moments of recordings of
the same kind of background, with other seeds and without any text, under the very same cover; and of these
under a plain box about it, because the outline of a cover may spell letters.

The rule, set before any of these pictures was read: a find counts as chance only if

1. no stroke of the text is left uncovered at any moment of the recording, and
2. each reader that found it reads the words not significantly more often in the 60 pictures with the text
   than in the 60 without it under the same cover (Fisher's exact test, one-sided, p > 0.05), and
3. reads them in at least 1 of the 60 with a plain box.

Otherwise it counts as readable. What this test can see: where the words are read in 13 % of the pictures
without the text, it finds a leak that lifts the rate to 30 % with a power of 67 % (to 25 %: only 43 %; to
35 %: 85 %; to 40 %: 95 %); where there is no leak it claims one in 3 % of cases.

Decoys say how often words are read that are not there: names which were never written in a scene, looked for
in its covered pictures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path

import cv2
import numpy as np

from app.core.recording.frames import FrameReader
from app.core.recording.probe import open_recording
from benchmarks.planted_text import NAMES, Mask, Picture, PlantedScene, pictures, text_at
from benchmarks.scene_file import FRAMES, MIDDLE, MOMENTS, RATE, cut, write_scene
from benchmarks.text_readers import read_by_each, reads

PICTURES = 60
_SURE = 0.05
Counts = Mapping[str, Mapping[str, int]]
"""By `Shown`, and by the name of a reader, in how many of the pictures it reads the text."""


class Shown(StrEnum):
    """What the pictures of a place show: the text under its cover, or no text under that cover or a box."""

    TEXT = "with the text"
    COVER = "without it under the same cover"
    BOX = "without it under a plain box"


def is_chance(bare: float, finders: Iterable[str], counts: Counts) -> bool:
    """Whether a find is one that chance gives: `bare` is the largest share of its strokes that is left
    uncovered, `finders` who read it; `counts` is looked at only where nothing is left uncovered."""
    return bare == 0 and all(
        chance_of(counts, reader) > _SURE and counts[Shown.BOX][reader] > 0 for reader in finders
    )


def chance_of(counts: Counts, reader: str) -> float:
    """p of Fisher's exact test that a reader reads the words more often where the text is than where not."""
    from scipy.stats import fisher_exact

    read = [counts[shown][reader] for shown in (Shown.TEXT, Shown.COVER)]
    table = np.array([[one, PICTURES - one] for one in read])
    return float(fisher_exact(table, alternative="greater").pvalue)


def control_counts(folder: Path, scene: PlantedScene, place: int, name: str) -> dict[str, dict[str, int]]:
    """`Counts` of the text of that place and of all readers that are installed; its covers are in `folder`
    under `name`, and the pictures are kept there."""
    texts = {}
    for number in range(PICTURES):
        texts[f"{name}-{number:02d}"] = text_at(scene.plants[place], (_start(number) + MIDDLE) / RATE)
        _make_pictures(folder, scene, place, name, number)
    return {
        shown.value: {
            reader: sum(reads(text, read[one]) for one, text in texts.items())
            for reader, read in read_by_each(_folder_of(folder, shown), texts).items()
        }
        for shown in Shown
    }


def _start(number: int) -> int:
    """The frame of a scene with which the recording of a picture begins: after the recording of the find."""
    return FRAMES * (number + 1)


def _make_pictures(folder: Path, scene: PlantedScene, place: int, name: str, number: int) -> None:
    """Write the covered place once for each of `Shown`, with the cover of one of the moments of the find."""
    seed = int(np.random.default_rng([scene.seed, number]).integers(1 << 30))
    cover = kept_cover(folder, MOMENTS[number % len(MOMENTS)], name)
    path = folder / f"control-{name}-{number}.mp4"
    written = _middle_of(path, scene, number)
    empty = _middle_of(path, PlantedScene(scene.background, seed, ()), number)
    for shown, image, mask in (
        (Shown.TEXT, written, cover),
        (Shown.COVER, empty, cover),
        (Shown.BOX, empty, plain_box(cover)),
    ):
        made = cut(image, scene.plants[place]).copy()
        made[mask] = image.mean(axis=(0, 1)).astype(np.uint8)
        target = _folder_of(folder, shown)
        target.mkdir(exist_ok=True)
        cv2.imwrite(str(target / f"{name}-{number:02d}.png"), made)


def _middle_of(path: Path, scene: PlantedScene, number: int) -> Picture:
    """The middle picture of a recording of that scene, which is written to `path` for a while."""
    write_scene(path, (picture for _, picture in pictures(scene, FRAMES, rate=RATE, start=_start(number))))
    with FrameReader(open_recording(path)) as reader:
        image = reader.frame(MIDDLE).image
    path.unlink()
    return image


def _folder_of(folder: Path, shown: Shown) -> Path:
    return folder / f"control-{shown.name.lower()}"


def plain_box(cover: Mask) -> Mask:
    """The upright box about what covers the middle line of a place; nothing where nothing does."""
    _, labels = cv2.connectedComponents(cover.astype(np.uint8), connectivity=8)
    middle = labels[labels.shape[0] // 2]
    rows, columns = np.nonzero(np.isin(labels, middle[middle > 0]))
    made = np.zeros_like(cover)
    if len(rows):
        made[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1] = True
    return made


def keep_cover(folder: Path, frame: int, name: str, cover: Mask) -> None:
    """Write the cover (h, w) of the place of a text at a moment."""
    target = folder / f"cover-{frame}"
    target.mkdir(exist_ok=True)
    cv2.imwrite(str(target / f"{name}.png"), cover.astype(np.uint8) * 255)


def kept_cover(folder: Path, frame: int, name: str) -> Mask:
    """The inverse of `keep_cover`."""
    read = cv2.imread(str(folder / f"cover-{frame}" / f"{name}.png"), cv2.IMREAD_GRAYSCALE)
    if read is None:
        raise FileNotFoundError(f"no cover of {name}")
    return np.asarray(read > 0, np.bool_)


def decoys_of(scene: PlantedScene, *, written: bool = False) -> tuple[str, ...]:
    """The names of which no text of the scene holds one; or, if `written`, those that are in one."""
    there = " ".join(plant.text for plant in scene.plants).lower()
    return tuple(name for name in NAMES if (name.lower() in there) == written)
