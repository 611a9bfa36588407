"""De-identified clips: faces, text and metadata that are left, and how long 30 s of 1080p30 take."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from app.core.deidentify.clip_choice import HidingChoice, chosen_stretch
from app.core.deidentify.clip_ledger import ClipLedger
from app.core.deidentify.prepared_clips import PreparedClip, prepare_deidentified
from app.core.jobs import CancelToken, Progress, Report, share_of
from app.core.recording.probe import open_recording
from benchmarks.benchmark import Options, Result, Row, at_most, fact, machine
from benchmarks.planted_text import Picture, Plant, PlantedScene, pictures, scenes, text_at
from benchmarks.stage import ROOT, fresh_home, phantom_file, seconds_of

TEXTS, FRAMES, RATE = 200, 12, 4
SECONDS, MOST_SECONDS, MOST_MEMORY = 30.0, 240.0, 1500.0
PEOPLE = ROOT.parent / "shared" / "media" / "people"
_PYTHON = ROOT / "build" / "text-peers" / "venv" / "bin" / "python"
_PROCESS = Path(__file__).with_name("text_peer_process.py")
TESSERACT = shutil.which("tesseract")
_MARGIN = 30
_LIKE = 0.7
"""Likeness of what is read to a planted word from which the word counts as readable."""
_KNOWN = {"major_brand", "minor_version", "compatible_brands", "language", "handler_name"}


def run(options: Options) -> Result:
    """`runs` is how many texts are planted (200), `seconds` the length of the 1080p30 recording (30 s)."""
    with fresh_home(), tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        report = options.report
        texts, notes = _texts(folder, options.runs or TEXTS, share_of(report, 0.0, 0.3))
        people, more = _people(folder, share_of(report, 0.3, 0.8))
        speed = _speed(folder, options.seconds or SECONDS, share_of(report, 0.8, 1.0))
    return Result("deidentify", machine(), (*texts, *people, *speed), (*notes, *more))


# text


def _texts(folder: Path, count: int, report: Report) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    before, after = folder / "before", folder / "after"
    before.mkdir()
    after.mkdir()
    planted: dict[str, Plant] = {}
    shares = []
    for number, scene in enumerate(scenes(count)):
        report(Progress("Planting text", min(len(planted) / count, 1.0)))
        shares.append(_plant(folder, scene, number, planted))
    report(Progress("Reading what is left", 1.0))
    readable, left = _readable(before, planted), _readable(after, planted)
    if readable is None or left is None:
        return (), ("Text was not tried: the reader is not installed (installer/peers.sh text).",)
    what = f"of {len(planted)} planted names and dates"
    rows = (
        fact(f"{what} are readable before", len(readable), ""),
        at_most(f"{what} are readable afterwards", len(left), "", 0),
        fact("of the picture is covered as text", 100 * sum(shares) / len(shares), "%"),
    )
    readers = "rapidocr and tesseract" if TESSERACT else "rapidocr alone; tesseract is not installed"
    notes = (f"Read by {readers}.", *(f"Still readable: {planted[name]}" for name in sorted(left)))
    return rows, notes


def _plant(folder: Path, scene: PlantedScene, number: int, planted: dict[str, Plant]) -> float:
    """Write a recording of the scene, find its text, and keep each text's place before and after; the share
    of the picture that is covered."""
    import cv2
    import numpy as np

    from app.core.hiding.burned_in_text import text_in
    from app.core.recording.frames import FrameReader
    from app.core.semiology import Span

    path = folder / f"scene-{number}.mp4"
    _write(path, (picture for _, picture in pictures(scene, FRAMES, rate=RATE)))
    recording = open_recording(path)
    covers = text_in(recording, Span(0.0, recording.duration))
    with FrameReader(recording) as reader:
        frame = reader.frame(FRAMES // 2)
    image, mask = frame.image, covers.at(frame.time, (frame.image.shape[1], frame.image.shape[0]))
    covered = image.copy()
    if mask is not None:
        covered[mask] = image.mean(axis=(0, 1)).astype(np.uint8)
    for place, plant in enumerate(scene.plants):
        name = f"{number:03d}-{place}"
        planted[name] = plant
        for kind, picture in (("before", image), ("after", covered)):
            cv2.imwrite(str(folder / kind / f"{name}.png"), _cut(picture, plant))
    path.unlink()
    return 0.0 if mask is None else float(mask.mean())


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


def _readable(folder: Path, planted: dict[str, Plant]) -> list[str] | None:
    """The names of the texts of which a word is read; None without the reader."""
    if not _PYTHON.exists():
        return None
    done = subprocess.run(
        [str(_PYTHON), "-P", str(_PROCESS), str(folder)],
        env=os.environ | {"PYTHONPATH": ""},
        capture_output=True,
        check=True,
        timeout=3600,
    )
    read: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    if TESSERACT is not None:
        read = {name: f"{text} {_by_tesseract(folder / f'{name}.png')}" for name, text in read.items()}
    return [name for name, plant in planted.items() if reads(text_at(plant, FRAMES / 2 / RATE), read[name])]


def _by_tesseract(path: Path) -> str:
    """What the second reader, which is of another family, reads in a picture."""
    done = subprocess.run(
        [str(TESSERACT), str(path), "stdout", "--psm", "6"],
        env=os.environ | {"OMP_THREAD_LIMIT": "1"},
        capture_output=True,
        check=True,
        timeout=60,
    )
    return done.stdout.decode(errors="replace")


def reads(planted: str, read: str) -> bool:
    """Whether a word of what was planted is among what was read, a letter or two wrong."""
    words = [word for word in re.findall(r"\w+", planted.lower()) if len(word) >= 4]
    words += re.findall(r"\d\d[.:]\d\d[.:]\d+|\d{4}-\d\d-\d\d", planted)
    found = re.findall(r"[\w.:-]+", read.lower())
    return any(SequenceMatcher(None, word, one).ratio() >= _LIKE for word in words for one in found)


# people


def _people(folder: Path, report: Report) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    files = sorted(path for path in PEOPLE.glob("*.m*") if path.suffix in (".mp4", ".mkv", ".mov"))
    if not files:
        return (), ("Clips of people were not tried: shared/media/people is missing.",)
    checked = suspected = coarse = frames = told = sounds = 0
    notes = []
    for number, path in enumerate(files):
        part = share_of(report, number / len(files), (number + 1) / len(files))
        out = folder / "clip.mp4"
        made = deidentified(path, out, part)
        checked, suspected = checked + made.checked, suspected + made.suspected
        frames, coarse = frames + made.frames, coarse + made.coarse
        told, sounds = told + len(said_by(out)), sounds + (open_recording(out).audio is not None)
        notes.append(
            f"{path.name}: {made.suspected} of {made.checked} frames suspected, {made.coarse} of "
            f"{made.frames} coarse, {made.text:.0%} of the picture covered as text."
        )
    return (
        at_most(
            f"of {checked} frames of {len(files)} clips hold a face, says the second detector",
            suspected,
            "",
            0,
        ),
        at_most("metadata in the clips", told, "", 0),
        at_most("clips with a sound track by default", sounds, "", 0),
        fact(f"of {frames} frames are coarse as a whole", 100 * coarse / frames, "%"),
    ), tuple(notes)


def deidentified(path: Path, out: Path, report: Report) -> PreparedClip:
    """Make the clip of a whole recording and keep it unseen; what was found in it."""
    recording = open_recording(path)
    stretches = (chosen_stretch(recording, None, None),)
    ledger = ClipLedger(out.parent, "benchmark", HidingChoice())
    with prepare_deidentified(
        recording, stretches, HidingChoice(), out, ledger, report=report, cancel=CancelToken()
    ) as prepared:
        prepared.keep()
        return prepared.clips[0]


def said_by(path: Path) -> Sequence[str]:
    """What the file says of itself besides its form."""
    with av.open(str(path)) as container:
        metadata = [container.metadata, *(stream.metadata for stream in container.streams)]
    told = [f"{key}: {value}" for each in metadata for key, value in each.items() if key not in _KNOWN]
    return told + [text.decode() for text in re.findall(rb"x264|Lavc|Lavf", path.read_bytes())]


# speed


def _speed(folder: Path, seconds: float, report: Report) -> tuple[Row, ...]:
    path = phantom_file(seconds, (1920, 1080), report)
    taken = seconds_of(lambda: deidentified(path, folder / "fast.mp4", report))
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000
    return (
        at_most(
            f"{seconds:g} s of 1080p30 with pose, hiding and check",
            taken,
            "s",
            MOST_SECONDS * seconds / SECONDS,
        ),
        at_most("the most memory of a process", memory, "MB", MOST_MEMORY),
    )
