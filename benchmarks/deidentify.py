"""De-identified clips: faces, text and metadata that are left, and how long 30 s of 1080p30 take."""

from __future__ import annotations

import os
import re
import resource
import tempfile
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import av

from app.core.deidentify.clip_choice import HidingChoice, chosen_stretch
from app.core.deidentify.clip_ledger import ClipLedger
from app.core.deidentify.prepared_clips import PreparedClip, prepare_deidentified
from app.core.jobs import CancelToken, Progress, Report, share_of
from app.core.recording.probe import open_recording
from benchmarks.benchmark import Options, Result, Row, at_least, at_most, fact, machine
from benchmarks.kept_results import KeptResults, folder_of_code, name_with_content
from benchmarks.planted_text import (
    Mask,
    Picture,
    Plant,
    PlantedScene,
    pictures,
    scenes,
    strokes_of,
    text_at,
)
from benchmarks.stage import ROOT, fresh_home, phantom_file, seconds_of
from benchmarks.text_readers import installed_readers, readable

TEXTS, FRAMES, RATE = 200, 12, 4
CHANCE = 0.01
OTHER_FRAMES = (2, 10)
"""What was read in the middle frame is looked for again in these, where noise and movement differ."""
SECONDS, MOST_SECONDS, MOST_MEMORY = 30.0, 240.0, 1500.0
PEOPLE = ROOT.parent / "shared" / "media" / "people"
_MARGIN = 30
_KNOWN = {"major_brand", "minor_version", "compatible_brands", "language", "handler_name"}


SPEED, PLANTED = "1080p30", "planted text"
"""What `only` can name besides a clip."""


def run(options: Options) -> Result:
    """`runs` is how many texts are planted (200), `seconds` the length of the 1080p30 recording (30 s).

    `only` takes the parts whose name holds it: `1080p30`, `planted text`, or the file of a clip. Clips and
    scenes with texts are kept: an interrupted run goes on. Time and memory are measured first, always anew.
    """
    kept = KeptResults("deidentify", again=options.again)
    scenes_folder = folder_of_code("planted", "app/core", "benchmarks")
    report, rows, notes = options.report, list[Row](), list[str]()
    seconds = options.seconds or SECONDS
    moving = phantom_file(seconds, (1920, 1080), report) if options.only in SPEED else None
    with fresh_home(), tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if moving is not None:
            rows += _speed(moving, folder, seconds, share_of(report, 0.0, 0.2))
        for found, told in (
            _people(folder, options.only, kept, share_of(report, 0.2, 0.7)),
            _texts(scenes_folder, options, kept, share_of(report, 0.7, 1.0)),
        ):
            rows += found
            notes += told
    subset = (f"A subset: only what is called “{options.only}”.",) if options.only else ()
    return Result("deidentify", machine(), tuple(rows), (*subset, *kept.note, *notes))


# text


def _texts(
    folder: Path, options: Options, kept: KeptResults, report: Report
) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    if options.only not in PLANTED:
        return (), ()
    readers = installed_readers()
    if not readers:
        return (), ("Text was not tried: no reader is installed (installer/peers.sh text, or tesseract).",)
    count = options.runs or TEXTS
    planted: dict[str, Plant] = {}
    bare: dict[str, float] = {}
    shares = []
    for number, scene in enumerate(scenes(count)):
        report(Progress("Planting text", min(0.9 * len(planted) / count, 0.9)))
        planted |= {_name(number, place): plant for place, plant in enumerate(scene.plants)}
        covered, strokes = kept.result(f"scene {number}", partial(_plant, folder, scene, number))
        shares.append(covered)
        bare |= {_name(number, place): share for place, share in enumerate(strokes)}
    report(Progress("Reading what is left", 0.9))
    before = _read_of(folder / "before", planted, FRAMES // 2)
    left, chance = _still_readable(folder, planted, bare)
    what = f"of {len(planted)} planted names and dates"
    rows = (
        at_least("planted names and dates", len(planted), "", TEXTS),
        fact(f"{what} are readable before", len(before), ""),
        at_most(f"{what} are readable afterwards", len(left), "", 0),
        at_most(
            f"{what} are read by chance: all strokes covered, not read at other moments",
            len(chance),
            "",
            CHANCE * len(planted),
        ),
        fact("of the strokes of a text are left uncovered at most", 100 * max(bare.values()), "%"),
        fact("of the picture is covered as text", 100 * sum(shares) / len(shares), "%"),
    )
    missing = "" if len(readers) == 2 else " alone; the other reader is not installed"
    notes = (
        f"Read by {' and '.join(readers)}{missing}.",
        *(f"Still readable: {planted[name]}" for name in sorted(left)),
        *(f"Read by chance: {planted[name]}" for name in sorted(chance)),
    )
    return rows, notes


def _name(scene: int, place: int) -> str:
    return f"{scene:03d}-{place}"


def _plant(folder: Path, scene: PlantedScene, number: int) -> tuple[float, list[float]]:
    """Write a recording of the scene, find its text, and write each text's place before and after; the share
    of the picture that is covered, and for each text the largest share of its strokes that is not."""
    import numpy as np

    from app.core.hiding.burned_in_text import text_in
    from app.core.recording.frames import FrameReader
    from app.core.semiology import Span

    path = folder / f"scene-{number}.mp4"
    _write(path, (picture for _, picture in pictures(scene, FRAMES, rate=RATE)))
    recording = open_recording(path)
    covers = text_in(recording, Span(0.0, recording.duration))
    covered, bare = 0.0, [0.0] * len(scene.plants)
    with FrameReader(recording) as reader:
        for frame in (FRAMES // 2, *OTHER_FRAMES):
            shown = reader.frame(frame)
            mask = covers.at(shown.time, (shown.image.shape[1], shown.image.shape[0]))
            mask = np.zeros(shown.image.shape[:2], bool) if mask is None else mask
            after = shown.image.copy()
            after[mask] = shown.image.mean(axis=(0, 1)).astype(np.uint8)
            bare = [
                max(share, _bare_strokes(plant, frame / RATE, mask))
                for share, plant in zip(bare, scene.plants, strict=True)
            ]
            if frame == FRAMES // 2:
                covered = float(mask.mean())
                _keep(folder / "before", shown.image, scene, number)
                _keep(folder / "after", after, scene, number)
            else:
                _keep(folder / f"after-{frame}", after, scene, number)
    path.unlink()
    return covered, bare


def _keep(folder: Path, picture: Picture, scene: PlantedScene, number: int) -> None:
    """Write the place of each text of the scene."""
    import cv2

    folder.mkdir(exist_ok=True)
    for place, plant in enumerate(scene.plants):
        cv2.imwrite(str(folder / f"{_name(number, place)}.png"), _cut(picture, plant))


def _bare_strokes(plant: Plant, seconds: float, mask: Mask) -> float:
    """The share (0–1) of the strokes of a text that the mask leaves uncovered."""
    strokes = strokes_of(plant, seconds)
    return float((strokes & ~mask).sum() / strokes.sum())


def _cut(picture: Picture, plant: Plant) -> Picture:
    left, top, right, bottom = plant.box
    rows = slice(max(top - _MARGIN, 0), bottom + _MARGIN)
    return picture[rows, max(left - _MARGIN, 0) : right + _MARGIN]


def _write(path: Path, shown: Iterator[Picture]) -> None:
    with av.open(str(path), "w") as output:
        stream: Any = output.add_stream("libx264", rate=RATE, options={"crf": "21", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        for number, picture in enumerate(shown):
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))


def _read_of(folder: Path, planted: dict[str, Plant], frame: int) -> set[str]:
    """The names of the texts that a reader reads in the pictures of that frame."""
    return set(readable(folder, {name: text_at(plant, frame / RATE) for name, plant in planted.items()}))


def _still_readable(
    folder: Path, planted: dict[str, Plant], bare: dict[str, float]
) -> tuple[set[str], set[str]]:
    """The texts that can be read although they are covered, and those that were read by chance.

    A reader of text reads words into noise too. By chance is only what meets both: every stroke of its
    letters lies under the cover at all moments, and no reader finds it at the other ones, where it stands as
    well. A text with strokes that are left is read at every moment, and one finding counts.
    """
    found = _read_of(folder / "after", planted, FRAMES // 2)
    doubtful = {name: plant for name, plant in planted.items() if name in found or bare[name] > 0}
    again = {name for frame in OTHER_FRAMES for name in _read_of(folder / f"after-{frame}", doubtful, frame)}
    chance = {name for name in found if bare[name] == 0} - again
    return (found | again) - chance, chance


# people


def _people(
    folder: Path, only: str, kept: KeptResults, report: Report
) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    every = sorted(PEOPLE.glob("*.m*"), key=lambda path: path.stat().st_size)
    every = [path for path in every if path.suffix in (".mp4", ".mkv", ".mov")]
    if not every:
        return (), ("Clips of people were not tried: shared/media/people is missing.",)
    files = [path for path in every if only in path.name]
    if not files:
        return (), ()
    found = []
    for number, path in enumerate(files):
        part = share_of(report, number / len(files), (number + 1) / len(files))
        found.append(kept.result(name_with_content(path), partial(_of_clip, path, folder / "clip.mp4", part)))
    total = {key: sum(one[key] for one in found) for key in found[0]}
    rows = (
        fact(f"of {len(every)} clips are de-identified", len(files), ""),
        at_most(
            f"of {total['checked']} frames of them show a face of the recording, says the second detector",
            total["suspected"],
            "",
            0,
        ),
        at_most("metadata in the clips", total["told"], "", 0),
        at_most("clips with a sound track by default", total["sounds"], "", 0),
        fact(
            f"of {total['frames']} frames are coarse as a whole", 100 * total["coarse"] / total["frames"], "%"
        ),
    )
    return rows, tuple(
        f"{path.name}: {one['suspected']} of {one['checked']} frames suspected, {one['coarse']} of "
        f"{one['frames']} coarse, {one['text']:.0%} of the picture covered as text."
        for path, one in zip(files, found, strict=True)
    )


def _of_clip(path: Path, out: Path, report: Report) -> dict[str, float]:
    """What is counted of one clip, and the share of the picture that is covered as text."""
    made = deidentified(path, out, report)
    return {
        "checked": made.checked,
        "suspected": made.suspected,
        "frames": made.frames,
        "coarse": made.coarse,
        "text": made.text,
        "told": len(said_by(out)),
        "sounds": open_recording(out).audio is not None,
    }


def deidentified(path: Path, out: Path, report: Report) -> PreparedClip:
    """Make the clip of a whole recording and keep it unseen; what was found in it."""
    recording = open_recording(path)
    stretches = (chosen_stretch(recording, None, None),)
    ledger = ClipLedger(out.parent, "benchmark", HidingChoice())
    with prepare_deidentified(
        recording, stretches, HidingChoice(), out, ledger, report=report, cancel=CancelToken()
    ) as prepared:
        prepared.keep(replace=True)
        return prepared.clips[0]


def said_by(path: Path) -> Sequence[str]:
    """What the file says of itself besides its form."""
    with av.open(str(path)) as container:
        metadata = [container.metadata, *(stream.metadata for stream in container.streams)]
    told = [f"{key}: {value}" for each in metadata for key, value in each.items() if key not in _KNOWN]
    return told + [text.decode() for text in re.findall(rb"x264|Lavc|Lavf", path.read_bytes())]


# speed


def _speed(path: Path, folder: Path, seconds: float, report: Report) -> tuple[Row, ...]:
    """Time, and that of the processors, which does not depend on what else runs; the most memory."""
    before = os.times()
    taken = seconds_of(lambda: deidentified(path, folder / "fast.mp4", report))
    after = os.times()
    spent = sum(after[:4]) - sum(before[:4])
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000
    what = f"{seconds:g} s of 1080p30 with pose, hiding and check"
    return (
        # The start of the detectors takes as long for a short recording.
        at_most(what, taken, "s", MOST_SECONDS) if seconds == SECONDS else fact(what, taken, "s"),
        fact("the same in processor time", spent, "s"),
        at_most("the most memory of a process", memory, "MB", MOST_MEMORY),
    )
