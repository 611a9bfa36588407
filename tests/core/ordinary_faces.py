"""The face of a healthy person as a face mesh that trembles, leans and is never quite even."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from app.core.enhance.pose_track import FACE_COLUMN, FACE_POINTS

if TYPE_CHECKING:
    from tests.core.ordinary_people import Person

Floats = npt.NDArray[np.float64]


def face_points(person: Person, chance: np.random.Generator, unit: float, head: Floats) -> Floats:
    """(n, points, 3) px; `unit` is half of the distance between the outer corners of the eyes."""
    n = len(person.t)
    points = np.zeros((n, len(FACE_POINTS), 3))

    def put(index: int, x: float | Floats, y: float | Floats, z: float = 0.0) -> None:
        points[:, FACE_COLUMN[index]] = np.stack(np.broadcast_arrays(x, y, np.full(n, z)), axis=1)

    jaw = person.jaw
    uneven = chance.normal(0, 0.03)
    smile_uneven = chance.normal(0, 0.22)
    for outer, inner, iris, tops, bottoms, sign in (
        (33, 133, 468, (159, 158, 160), (145, 153, 144), -1),
        (263, 362, 473, (386, 385, 387), (374, 380, 373), 1),
    ):
        put(outer, sign * 1.0, 0)
        put(inner, sign * 0.33, 0)
        put(iris, sign * 0.66 + 0.66 * person.gaze[:, 0], 0.66 * person.gaze[:, 1])
        squint = 1 - 0.3 * np.clip(person.smile, 0, 1)
        for top, bottom in zip(tops, bottoms, strict=True):
            put(top, sign * 0.66, -0.12 * person.lid * squint)
            put(bottom, sign * 0.66, 0.1 * person.lid * squint)
    for index, y, z in ((168, 0.0, -0.2), (6, 0.2, -0.4), (4, 0.9, -1.0), (2, 1.0, -0.7), (10, -1.3, 0.0)):
        put(index, 0, y, z)
    put(13, 0, 1.44 - 0.05 * jaw, -0.5)
    put(14, 0, 1.46 + 0.32 * jaw, -0.5)
    put(152, 0, 2.3 + 0.4 * jaw, -0.1)
    for index, sign in ((291, 1), (61, -1), (425, 1), (205, -1), (411, 1), (187, -1)):
        drawn = 0.22 * person.smile * (1 + sign * smile_uneven) - 0.08 * person.pucker
        put(index, sign * (0.55 + 0.5 * sign * uneven + drawn), 1.46 + 0.1 * jaw - 0.9 * drawn, -0.3)
    offset = chance.normal(0, 10)
    turned = _turned(points, person.yaw + offset, person.pitch)
    bias = chance.normal(0, 0.0012)
    for index, sign in ((291, 1), (61, -1), (425, 1), (205, -1)):
        turned[:, FACE_COLUMN[index], 0] += bias * (person.yaw + offset) * sign
    place = np.concatenate([head, np.zeros((n, 1))], 1)[:, None]
    return np.asarray(turned * unit + _tremble(person, chance, unit, n) + place)


def _turned(points: Floats, yaw: Floats, pitch: Floats) -> Floats:
    a, b = np.radians(yaw)[:, None], np.radians(pitch)[:, None]
    x, y, z = np.moveaxis(points, 2, 0)
    x, z = x * np.cos(a) - z * np.sin(a), x * np.sin(a) + z * np.cos(a)
    y, z = y * np.cos(b) - z * np.sin(b), y * np.sin(b) + z * np.cos(b)
    near = 1 / (1 + z / 14)
    return np.stack([x * near, y * near, z], axis=2)


def _tremble(person: Person, chance: np.random.Generator, unit: float, n: int) -> Floats:
    """(n, points, 3) px: each point by itself, and the whole lower face together as a mesh does."""
    fps = 1 / float(np.median(np.diff(person.t)))
    keep = np.exp(-1 / (0.08 * fps))
    size = float(chance.uniform(0.004, 0.02))
    noise = np.zeros((n, len(FACE_POINTS), 3))
    modes = chance.normal(0, 1, (3, len(FACE_POINTS), 3))
    state, common = np.zeros(noise.shape[1:]), np.zeros(3)
    for row in range(n):
        state = keep * state + np.sqrt(1 - keep**2) * chance.normal(0, 1, state.shape)
        common = keep * common + np.sqrt(1 - keep**2) * chance.normal(0, 1, 3)
        noise[row] = size * (0.6 * state + 0.35 * np.tensordot(common, modes, 1))
    return noise * unit
