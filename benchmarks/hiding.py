"""Real faces on real bodies: how much of a face is left uncovered, and how long hiding takes."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from app.core.deidentify.face_check import FaceDoubt
from app.core.deidentify.still_shown import SHOWN, likeness
from app.core.enhance.detectors import FaceDetector
from app.core.hiding.cells import CELLS_PER_HEAD, body_cell, coarse_cell
from app.core.hiding.covers import covered
from app.core.hiding.face_detector import CUT_OFF, SEARCH_PIXELS, TURNS, CenterFace, FaceEye, FoundFace
from app.core.hiding.figure import body_in
from app.core.hiding.picture_hider import HiddenPicture, PictureHider, hide_frames
from app.core.jobs import Progress
from benchmarks.benchmark import Options, Result, Row, at_least, at_most, fact, machine
from benchmarks.composites import (
    FOLDER,
    Body,
    Case,
    FacePatch,
    Image,
    Mask,
    bodies_and_faces,
    clips_of_composites,
    composite,
)
from benchmarks.kept_results import KeptResults

SIZES = (12, 18, 28, 42, 64, 110, 200, 400)
"""Height of the face in pixels."""
PLACES = ("chest", "belly", "arm", "beside")
LIGHTS = ("day", "dim", "infrared")
LEAST, SEED = 2_000, 7
FULL_HD, SPEED_FRAMES, SPEED_BAR = (1920, 1080), 90, 0.25


@dataclass(slots=True)
class Tally:
    """What was counted over the composites; areas in pixels; `left` names those with a face uncovered."""

    tried: int = 0
    made: int = 0
    searched: int = 0
    whole: int = 0
    area: int = 0
    uncovered: int = 0
    uncovered_pictures: int = 0
    seen_before: int = 0
    seen_after: int = 0
    left: list[str] = field(default_factory=list)

    def add(self, name: str, found: Mapping[str, int]) -> None:
        """Count one composite, whose `found` has fields of this class."""
        for key, value in found.items():
            setattr(self, key, getattr(self, key) + value)
        if found["uncovered"]:
            self.left.append(name)


class NoFaces:
    """A detector that finds nothing, to see what cells and track hide without one."""

    def find(self, image: Image) -> tuple[FoundFace, ...]:
        return ()


def run(options: Options) -> Result:
    """`runs` bounds the number of composites; `seconds` the time they may take: then the first of a random
    order are measured. `only` takes those whose name holds it. Each is kept: an interrupted run goes on."""
    if not FOLDER.is_dir():
        note = "The clips of people (shared/media/people) are not beside the repository."
        return Result("hiding", machine(), (), (note,))
    standing, faces = bodies_and_faces(options.report)
    every = _cases(len(standing), len(faces))
    cases = [case for case in every if options.only in str(case)][: options.runs or None]
    cpu, wall, frames = _speed(standing[0])
    kept = KeptResults("hiding", again=options.again)
    tally = _tally(cases, standing, faces, options, kept)
    subset = () if tally.tried == len(every) else (f"A subset: {tally.tried} of {len(every)} composites.",)
    left = tuple(f"Left uncovered: {case}" for case in tally.left)
    return Result("hiding", machine(), _rows(tally, cpu, wall, frames), (*NOTES, *subset, *kept.note, *left))


def _rows(tally: Tally, cpu: float, wall: float, frames: int) -> tuple[Row, ...]:
    return (
        at_least("composites of a real face on a real body", tally.made, "", LEAST),
        at_most("area of the faces left uncovered", _share(tally.uncovered, tally.area), "%", 0.0),
        at_most("pictures with any of it", tally.uncovered_pictures, "", 0.0),
        at_most(
            "faces that another detector finds in the hidden picture, where they still show",
            tally.seen_after,
            "",
            0.0,
        ),
        fact("faces that it finds before", tally.seen_before, ""),
        fact("pictures that need a detector: cells and track alone do not hide the face", tally.searched, ""),
        fact("of these coarse as a whole", _share(tally.whole, tally.searched), "%"),
        fact(f"processor time a frame, {FULL_HD[0]}×{FULL_HD[1]}, {frames} frames", cpu, "s"),
        at_most("time a frame", wall, "s", SPEED_BAR),
    )


NOTES = (
    "12 turns × 8 heights (12–400 px) × 4 places × 3 lights on 2 bodies; a pixel of a face is uncovered when "
    "it is under no cover and the picture has cells there smaller than a third of that face.",
    "What cells and track alone hide is not searched, because a search only adds covers and doubt.",
    "The other detector is mediapipe's, full range, on the quarter turn in which the face is most upright.",
    "Time a frame: 30 frames a second, searched every quarter of a second, without decoding and encoding.",
)


def _share(part: float, whole: float) -> float:
    return 100.0 * part / whole if whole else 0.0


def _cases(bodies_: int, faces: int) -> list[Case]:
    """Every combination, in an order in which any beginning has all turns at all sizes equally often."""
    rng = np.random.default_rng(SEED)
    combined = itertools.product(TURNS, SIZES, PLACES, LIGHTS, range(bodies_))
    cases = [Case(*each, face=int(rng.integers(faces))) for each in combined]
    shuffled = [cases[number] for number in rng.permutation(len(cases))]
    taken: Counter[tuple[int, int]] = Counter()
    rounds = []
    for case in shuffled:
        rounds.append(taken[case.turn, case.size])
        taken[case.turn, case.size] += 1
    return [shuffled[number] for number in np.argsort(rounds, kind="stable")]


def _tally(
    cases: Sequence[Case],
    standing: Sequence[Body],
    faces: Sequence[FacePatch],
    options: Options,
    kept: KeptResults,
) -> Tally:
    of_clips = clips_of_composites()
    tally, begun, eye = Tally(), time.monotonic(), CenterFace(pixels=SEARCH_PIXELS, cut_off=CUT_OFF)
    with closing(FaceDetector()) as other:
        for number, case in enumerate(cases):
            if options.seconds is not None and time.monotonic() - begun > options.seconds:
                break
            options.report(Progress("Hiding faces on bodies", number / len(cases)))
            measure = partial(_measured, case, standing[case.body], faces[case.face], eye, other)
            tally.add(str(case), kept.result(f"{case} of {of_clips}", measure))
    return tally


def _measured(case: Case, body: Body, patch: FacePatch, eye: FaceEye, other: FaceDetector) -> dict[str, int]:
    """What is counted of one composite; nothing where its face is out of the picture."""
    image, face = composite(case, body, patch)
    if not face.any():
        return {"tried": 1, "uncovered": 0}
    made = PictureHider(body.track, eye=NoFaces()).hide(image, body.seconds)
    uncovered = face & _open(case, body, made)
    searched = bool(uncovered.any())
    if searched:  # the face is searched for when it is not hidden without that
        made = PictureHider(body.track, eye=eye).hide(image, body.seconds)
        uncovered = face & _open(case, body, made)
    return {
        "tried": 1,
        "made": 1,
        "searched": searched,
        "whole": searched and made.whole,
        "area": int(face.sum()),
        "uncovered": int(uncovered.sum()),
        "uncovered_pictures": bool(uncovered.any()),
        "seen_before": _seen(other, case, image, image, face),
        "seen_after": _seen(other, case, made.image, image, face),
    }


def _open(case: Case, body: Body, made: HiddenPicture) -> Mask:
    """(h, w) where there is no cover and cells are smaller than a third of the case's face."""
    over, least = covered(made.heads, made.image), case.size / CELLS_PER_HEAD
    cells = np.full(over.shape, coarse_cell(made.image, (head.size for head in made.heads)))
    if not made.whole:
        cells[body_in(body.track, body.row, made.image)] = body_cell(made.image)
    return np.asarray(~over & (cells < least))


def _seen(detector: FaceDetector, case: Case, image: Image, before: Image, face: Mask) -> bool:
    """Whether the detector finds a face whose middle lies on `face`, where the picture shows what was there
    before: a cover with a figure drawn across it is taken for a face too."""
    quarters = -round(case.turn / 90) % 4
    turned, as_before = (_turned(each, quarters) for each in (image, before))
    there = np.rot90(face, quarters)
    return any(
        there[min(int(y), there.shape[0] - 1), min(int(x), there.shape[1] - 1)]
        and likeness(turned, as_before, FaceDoubt(x, y, size, 1.0)) >= SHOWN
        for x, y, size in detector.find(np.ascontiguousarray(turned[:, :, ::-1]))
        if x >= 0 and y >= 0
    )


def _turned(image: Image, quarters: int) -> Image:
    return np.asarray(np.ascontiguousarray(np.rot90(image, quarters)), np.uint8)


def _speed(body: Body) -> tuple[float, float, int]:
    """Processor time and time (s) a frame over some seconds of full HD, and how many frames."""
    import cv2

    image = np.asarray(cv2.resize(body.image, FULL_HD), dtype=np.uint8)

    def film() -> Iterator[tuple[float, Image]]:
        for number in range(SPEED_FRAMES):
            yield body.seconds + number / 30.0, image

    hider = PictureHider(body.moved_to([body.seconds + number / 30.0 for number in range(SPEED_FRAMES)]))
    cpu, wall = time.process_time(), time.monotonic()
    frames = sum(1 for _ in hide_frames(film(), hider))
    return (time.process_time() - cpu) / frames, (time.monotonic() - wall) / frames, frames
