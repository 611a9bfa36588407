"""Real faces on real bodies: how much of a face is left uncovered, and how long hiding takes."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from app.core.enhance.detectors import FaceDetector
from app.core.hiding.cells import CELLS_PER_HEAD, body_cell, coarse_cell
from app.core.hiding.covers import covered
from app.core.hiding.face_detector import TURNS, CenterFace
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
    composite,
)

SIZES = (12, 18, 28, 42, 64, 110, 200, 400)
"""Height of the face in pixels."""
PLACES = ("chest", "belly", "arm", "beside")
LIGHTS = ("day", "dim", "infrared")
LEAST, SEED = 2_000, 7
FULL_HD, SPEED_FRAMES, SPEED_BAR = (1920, 1080), 90, 0.25


@dataclass(slots=True)
class Tally:
    """What was counted over the composites; areas in pixels."""

    made: int = 0
    whole: int = 0
    area: int = 0
    uncovered: int = 0
    uncovered_pictures: int = 0
    on_soft_body: int = 0
    seen_before: int = 0
    seen_after: int = 0


def run(options: Options) -> Result:
    """`runs` bounds the number of composites; `seconds` the time they may take: then the first of a random
    order are measured."""
    if not FOLDER.is_dir():
        note = "The clips of people (shared/media/people) are not beside the repository."
        return Result("hiding", machine(), (), (note,))
    standing, faces = bodies_and_faces(options.report)
    cases = _cases(len(standing), len(faces))[: options.runs or None]
    tally = _tally(cases, standing, faces, options)
    cpu, wall, frames = _speed(standing[0])
    return Result("hiding", machine(), _rows(tally, cpu, wall, frames), NOTES)


def _rows(tally: Tally, cpu: float, wall: float, frames: int) -> tuple[Row, ...]:
    return (
        at_least("composites of a real face on a real body", tally.made, "", LEAST),
        at_most("area of the faces left uncovered", _share(tally.uncovered, tally.area), "%", 0.0),
        at_most("pictures with any of it", tally.uncovered_pictures, "", 0.0),
        at_most("faces that another detector finds in the hidden picture", tally.seen_after, "", 0.0),
        fact("faces that it finds before", tally.seen_before, ""),
        fact("area of the faces in the softened body", _share(tally.on_soft_body, tally.area), "%"),
        fact("pictures that were made coarse as a whole", _share(tally.whole, tally.made), "%"),
        fact(f"processor time a frame, {FULL_HD[0]}×{FULL_HD[1]}, {frames} frames", cpu, "s"),
        at_most("time a frame", wall, "s", SPEED_BAR),
    )


NOTES = (
    "12 turns × 8 heights (12–400 px) × 4 places × 3 lights on 2 bodies; a pixel of a face is uncovered when "
    "it is under no cover and the picture has cells there smaller than a third of that face.",
    "The other detector is mediapipe's, full range, in four turns.",
    "Time a frame: 30 frames a second, searched every quarter of a second, without decoding and encoding.",
)


def _share(part: float, whole: float) -> float:
    return 100.0 * part / whole if whole else 0.0


def _cases(bodies_: int, faces: int) -> list[Case]:
    """Every combination, in an order in which any beginning is a fair sample."""
    rng = np.random.default_rng(SEED)
    combined = itertools.product(TURNS, SIZES, PLACES, LIGHTS, range(bodies_))
    cases = [Case(*each, face=int(rng.integers(faces))) for each in combined]
    return [cases[number] for number in rng.permutation(len(cases))]


def _tally(
    cases: Sequence[Case], standing: Sequence[Body], faces: Sequence[FacePatch], options: Options
) -> Tally:
    tally, begun = Tally(), time.monotonic()
    eye = CenterFace()
    with closing(FaceDetector()) as other:
        for number, case in enumerate(cases):
            if options.seconds is not None and time.monotonic() - begun > options.seconds:
                break
            options.report(Progress("Hiding faces on bodies", number / len(cases)))
            body = standing[case.body]
            image, face = composite(case, body, faces[case.face])
            if face.any():
                made = PictureHider(body.track, eye=eye).hide(image, body.seconds)
                _count(tally, case, body, face, made)
                tally.seen_before += _seen(other, image, face)
                tally.seen_after += _seen(other, made.image, face)
    return tally


def _count(tally: Tally, case: Case, body: Body, face: Mask, made: HiddenPicture) -> None:
    over = covered((head for head in made.heads if made.whole or head.sure), made.image)
    soft = np.zeros_like(face) if made.whole else body_in(body.track, body.row, made.image) & ~over
    cell = coarse_cell(made.image, (head.size for head in made.heads), known=True)
    least = case.size / CELLS_PER_HEAD
    open_ = face & ~over & ((soft & (body_cell(made.image) < least)) | (~soft & (cell < least)))
    tally.made += 1
    tally.whole += made.whole
    tally.area += int(face.sum())
    tally.uncovered += int(open_.sum())
    tally.uncovered_pictures += bool(open_.any())
    tally.on_soft_body += int((face & soft).sum())


def _seen(detector: FaceDetector, image: Image, face: Mask) -> bool:
    """Whether the detector finds a face whose middle lies on `face`, in any quarter turn."""
    for quarters in range(4):
        turned = np.ascontiguousarray(np.rot90(image, quarters)[:, :, ::-1])
        there = np.rot90(face, quarters)
        for x, y, _size in detector.find(turned):
            row, column = int(np.clip(y, 0, there.shape[0] - 1)), int(np.clip(x, 0, there.shape[1] - 1))
            if there[row, column]:
                return True
    return False


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
