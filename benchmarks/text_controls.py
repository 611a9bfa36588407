"""Controls for planted texts that are read although every one of their strokes is covered.

Readers of text read words into noise too. Whether a find is one of these is decided by pictures of the same
place in which the text was never drawn: recordings of the same kind of background, with another seed and
without any text, encoded the same way. The same moments of them are cut at the same place and covered twice,
with the very cover of the find and with a plain box about it: a word that the outline of a cover spells would
be read in the controls with that cover, but not in those with the box.

The rule, set before any control was read: a find counts as chance only if no stroke is left uncovered at any
moment, and each reader that found it reads the same words, at no fewer moments, in at least 1 of 20 controls
with the same cover *and* in at least 1 of 20 with the box. That is a Monte Carlo test at 5 %: were the hidden
text without effect, the find would be one of 21 recordings that are alike, and more striking than all others
once in 21 times (4.8 %). A find that is more striking than all its controls stays counted as readable, and so
does one that chance gives in fewer than about 1 of 20 pictures: the rule rather accuses.

Decoys say how often words are read that are not there: names which were never written in a scene, looked for
in its covered pictures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path

import cv2
import numpy as np

from app.core.recording.probe import open_recording
from benchmarks.planted_text import NAMES, Mask, PlantedScene, pictures, text_at
from benchmarks.scene_file import FRAMES, MOMENTS, RATE, cut, frames_of, write_scene
from benchmarks.text_readers import read_by_each, reads

CONTROLS = 20


class Control(StrEnum):
    """What covers the place in a control: the cover of the find, or a plain box about it."""

    SAME = "same"
    BOX = "box"


def is_chance(found: Mapping[str, int], controls: Mapping[str, Sequence[Mapping[str, int]]]) -> bool:
    """Whether a find is unremarkable: `found` is at how many moments each reader read it, `controls` the same
    of each control by its kind. No stroke of the text is left uncovered."""
    return all(
        any(one[reader] >= moments for one in controls[kind])
        for reader, moments in found.items()
        if moments
        for kind in Control
    )


def control_counts(
    folder: Path, scene: PlantedScene, place: int, name: str, readers: Sequence[str]
) -> dict[str, list[dict[str, int]]]:
    """By the kind of control, for each control at how many moments each of these readers reads the text of
    that place; its covers are in `folder` under `name`, and the pictures are kept there."""
    plant = scene.plants[place]
    counts = {kind.value: [dict.fromkeys(readers, 0) for _ in range(CONTROLS)] for kind in Control}
    names = [f"{name}-{number:02d}" for number in range(CONTROLS)]
    for number in range(CONTROLS):
        _make_control(folder, scene, place, name, number)
    for kind in Control:
        for frame in MOMENTS:
            text = text_at(plant, frame / RATE)
            for reader, read in read_by_each(_folder_of(folder, kind, frame), names, readers).items():
                for one, said in zip(counts[kind], (read[name] for name in names), strict=True):
                    one[reader] += reads(text, said)
    return counts


def _make_control(folder: Path, scene: PlantedScene, place: int, name: str, number: int) -> None:
    """Write the covered places of a control at all moments, in both kinds."""
    plant = scene.plants[place]
    seed = int(np.random.default_rng([scene.seed, number]).integers(1 << 30))
    bare = PlantedScene(scene.background, seed, ())
    path = folder / f"control-{name}-{number}.mp4"
    write_scene(path, (picture for _, picture in pictures(bare, FRAMES, rate=RATE)))
    for frame, shown in frames_of(open_recording(path)):
        there = cut(shown.image, plant)
        mean = shown.image.mean(axis=(0, 1)).astype(np.uint8)
        same = kept_cover(folder, frame, name)
        for kind, mask in ((Control.SAME, same), (Control.BOX, plain_box(same))):
            made = there.copy()
            made[mask] = mean
            target = _folder_of(folder, kind, frame)
            target.mkdir(exist_ok=True)
            cv2.imwrite(str(target / f"{name}-{number:02d}.png"), made)
    path.unlink()


def _folder_of(folder: Path, kind: Control, frame: int) -> Path:
    return folder / f"control-{kind}-{frame}"


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
