"""What is still read of names and dates that were planted in drawn scenes, after the program covered them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import partial
from pathlib import Path

from app.core.jobs import Progress, Report
from app.core.recording.probe import open_recording
from benchmarks.benchmark import Options, Row, at_least, at_most, fact
from benchmarks.kept_results import KeptResults
from benchmarks.planted_text import Mask, Picture, Plant, PlantedScene, pictures, scenes, strokes_of, text_at
from benchmarks.scene_file import FRAMES, MIDDLE, MOMENTS, RATE, cut, frames_of, without, write_scene
from benchmarks.text_controls import (
    PICTURES,
    Counts,
    Shown,
    chance_of,
    control_counts,
    decoys_of,
    is_chance,
    keep_cover,
)
from benchmarks.text_readers import installed_readers, read_by_each, readable, reads

TEXTS = 200
CHANCE = 0.01
"""Share of the planted texts that chance may read at most."""
Texts = tuple[tuple[Row, ...], tuple[str, ...]]


def hidden_texts(folder: Path, options: Options, kept: KeptResults, report: Report) -> Texts:
    """The rows and notes of at least `options.runs` texts (200); the pictures are kept in `folder`."""
    readers = installed_readers()
    if not readers:
        return (), ("Text was not tried: no reader is installed (installer/peers.sh text, or tesseract).",)
    count = options.runs or TEXTS
    drawn = dict(enumerate(scenes(count)))
    planted: dict[str, Plant] = {}
    bare: dict[str, float] = {}
    shares = []
    for number, scene in drawn.items():
        report(Progress("Planting text", min(0.9 * len(planted) / count, 0.9)))
        planted |= {name_of(number, place): plant for place, plant in enumerate(scene.plants)}
        covered, strokes = kept.result(f"scene {number}", partial(_plant, folder, scene, number))
        shares.append(covered)
        bare |= {name_of(number, place): share for place, share in enumerate(strokes)}
    report(Progress("Reading what is left", 0.9))
    before = readable(folder / "before", _texts_at(planted, MIDDLE))
    after = read_by_each(folder_at(folder, MIDDLE), planted)
    found = _found(folder, planted, after, bare)
    controls = {
        name: kept.result(f"controls of {name}", partial(_controls, folder, drawn, name))
        for name in found
        if bare[name] == 0
    }
    chance = {
        name for name, finders in found.items() if is_chance(bare[name], finders, controls.get(name, {}))
    }
    what = f"of {len(planted)} planted names and dates"
    rows = (
        at_least("planted names and dates", len(planted), "", TEXTS),
        fact(f"{what} are readable before", len(before), ""),
        at_most(f"{what} are readable afterwards", len(found.keys() - chance), "", 0),
        at_most(
            f"{what} are read by chance: all strokes covered, and read as often where they never were",
            len(chance),
            "",
            CHANCE * len(planted),
        ),
        *_control_rows(readers, controls),
        *_decoy_rows(drawn, after),
        fact("of the strokes of a text are left uncovered at most", 100 * max(bare.values()), "%"),
        fact("of the picture is covered as text", 100 * sum(shares) / len(shares), "%"),
    )
    missing = "" if len(readers) == 2 else " alone; the other reader is not installed"
    notes = (
        f"Read by {' and '.join(readers)}{missing}.",
        *(f"Still readable: {planted[name]}" for name in sorted(found.keys() - chance)),
        *(f"Read by chance: {planted[name]}" for name in sorted(chance)),
        *(_describe(planted[name], found[name], each) for name, each in sorted(controls.items())),
    )
    return rows, notes


def name_of(scene: int, place: int) -> str:
    """The name of a text in files: scene and place in it."""
    return f"{scene:03d}-{place}"


def folder_at(folder: Path, frame: int) -> Path:
    """Where the covered pictures of a frame are."""
    return folder / ("after" if frame == MIDDLE else f"after-{frame}")


def _texts_at(planted: Mapping[str, Plant], frame: int) -> dict[str, str]:
    return {name: text_at(plant, frame / RATE) for name, plant in planted.items()}


def _found(
    folder: Path,
    planted: Mapping[str, Plant],
    after: Mapping[str, Mapping[str, str]],
    bare: Mapping[str, float],
) -> dict[str, frozenset[str]]:
    """The texts that are found, and the readers that find each at any of the moments.

    What is found in the middle frame is looked for at the other moments too, and so is what has strokes that
    are left uncovered.
    """
    found = _readings(_texts_at(planted, MIDDLE), after)
    doubtful = [name for name in planted if found[name] or bare[name] > 0]
    for frame in MOMENTS[1:]:
        texts = _texts_at({name: planted[name] for name in doubtful}, frame)
        for name, finders in _readings(texts, read_by_each(folder_at(folder, frame), texts)).items():
            found[name] |= finders
    return {name: finders for name, finders in found.items() if finders}


def _readings(texts: Mapping[str, str], read: Mapping[str, Mapping[str, str]]) -> dict[str, frozenset[str]]:
    """By its name who reads a text."""
    return {
        name: frozenset(reader for reader, said in read.items() if reads(text, said[name]))
        for name, text in texts.items()
    }


def _controls(folder: Path, drawn: Mapping[int, PlantedScene], name: str) -> dict[str, dict[str, int]]:
    number, place = (int(part) for part in name.split("-"))
    return control_counts(folder, drawn[number], place, name)


def _control_rows(readers: Collection[str], controls: Mapping[str, Counts]) -> Iterator[Row]:
    """In how many pictures each reader reads the words of the covered finds, where they are and where not."""
    for reader in readers:
        for shown in Shown:
            read = sum(counts[shown][reader] for counts in controls.values())
            many = f"of {PICTURES * len(controls)} pictures of covered finds {shown}"
            yield fact(f"{many} {reader} reads the words", read, "")


def _decoy_rows(drawn: Mapping[int, PlantedScene], after: Mapping[str, Mapping[str, str]]) -> Iterator[Row]:
    """How many names are read that were never written in the scene, and how many of those that were written
    at the place: the former is what noise and covers alone give."""
    tried, read, written, still = 0, 0, 0, 0
    for number, scene in drawn.items():
        decoys = decoys_of(scene)
        for place, plant in enumerate(scene.plants):
            said = [each[name_of(number, place)] for each in after.values()]
            there = decoys_of(PlantedScene(scene.background, scene.seed, (plant,)), written=True)
            tried, written = tried + len(decoys), written + len(there)
            read += sum(any(reads(decoy, one) for one in said) for decoy in decoys)
            still += sum(any(reads(one_name, one) for one in said) for one_name in there)
    yield fact(f"of {tried} decoys (names never written in that scene) are read afterwards", read, "")
    yield fact(f"of {written} names that were written there are read afterwards", still, "")


def _describe(plant: Plant, finders: Collection[str], counts: Counts) -> str:
    """What the controls say of a find all of whose strokes are covered."""
    parts = [
        f"{reader}, which {'found' if reader in finders else 'did not find'} it, reads its words in "
        + ", ".join(f"{counts[shown][reader]} of {PICTURES} pictures {shown}" for shown in Shown)
        + f" (p = {chance_of(counts, reader):.2g})"
        for reader in counts[Shown.TEXT]
    ]
    return f"Covered, “{plant.text}”: {'; '.join(parts)}."


def _plant(folder: Path, scene: PlantedScene, number: int) -> tuple[float, list[float]]:
    """Write a recording of the scene, find its text, and write each text's place before and after, and its
    cover; the share of the picture that is covered, and for each text the largest share of its strokes that
    is not."""
    import numpy as np

    from app.core.hiding.burned_in_text import text_in
    from app.core.semiology import Span

    path = folder / f"scene-{number}.mp4"
    write_scene(path, (picture for _, picture in pictures(scene, FRAMES, rate=RATE)))
    recording = open_recording(path)
    covers = text_in(recording, Span(0.0, recording.duration))
    covered, bare = 0.0, [0.0] * len(scene.plants)
    for frame, shown in frames_of(recording):
        mask = covers.at(shown.time, (shown.image.shape[1], shown.image.shape[0]))
        mask = np.zeros(shown.image.shape[:2], bool) if mask is None else mask
        bare = [
            max(share, _bare_strokes(plant, frame / RATE, mask))
            for share, plant in zip(bare, scene.plants, strict=True)
        ]
        if frame == MIDDLE:
            covered = float(mask.mean())
            _keep(folder / "before", shown.image, scene, number)
        _keep(folder_at(folder, frame), without(shown.image, mask), scene, number)
        for place, plant in enumerate(scene.plants):
            keep_cover(folder, frame, name_of(number, place), cut(mask, plant))
    path.unlink()
    return covered, bare


def _keep(folder: Path, picture: Picture, scene: PlantedScene, number: int) -> None:
    """Write the place of each text of the scene."""
    import cv2

    folder.mkdir(exist_ok=True)
    for place, plant in enumerate(scene.plants):
        cv2.imwrite(str(folder / f"{name_of(number, place)}.png"), cut(picture, plant))


def _bare_strokes(plant: Plant, seconds: float, mask: Mask) -> float:
    """The share (0–1) of the strokes of a text that the mask leaves uncovered."""
    strokes = strokes_of(plant, seconds)
    return float((strokes & ~mask).sum() / strokes.sum())
