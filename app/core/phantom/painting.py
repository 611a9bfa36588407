"""Painting primitives: projection of scene points to pixels, outlines and shaded shapes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from app.core.phantom.script import Colour, Viewpoint

Image = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float64]
Fixed = npt.NDArray[np.int32]
"""(n, 2) pixels in sixteenths, as the polygon painter takes them."""

SCENE_HEIGHT = 480.0
"""Height of the scene in its own units; its origin is the middle of the top edge."""

_SHIFT = 4
_FIXED = float(1 << _SHIFT)
_ARC = np.column_stack(
    [np.cos(np.linspace(-np.pi / 2, np.pi / 2, 11)), np.sin(np.linspace(-np.pi / 2, np.pi / 2, 11))]
)


@dataclass(frozen=True, slots=True)
class Canvas:
    """A picture with the homography `matrix` (3, 3) from scene units to its pixels; `scale` in pixels per
    unit."""

    image: Image
    matrix: Points
    scale: float

    def pixels(self, points: Points) -> Points:
        """(n, 2) scene points as (n, 2) pixels."""
        flat = points @ self.matrix[:, :2].T + self.matrix[:, 2]
        return np.asarray(flat[:, :2] / flat[:, 2:3])

    def fixed(self, points: Points) -> Fixed:
        return fixed(self.pixels(points))

    def fill(self, points: Points, colour: Sequence[float]) -> None:
        """Paint a filled, anti-aliased polygon of (n, 2) scene points."""
        cv2.fillPoly(self.image, [self.fixed(points)], colour, cv2.LINE_AA, _SHIFT)

    def line(self, points: Points, colour: Sequence[float], width: float, closed: bool = False) -> None:
        """Paint an anti-aliased line through (n, 2) scene points, `width` in scene units."""
        thickness = max(1, round(width * self.scale))
        cv2.polylines(self.image, [self.fixed(points)], closed, colour, thickness, cv2.LINE_AA, _SHIFT)


def as_image(picture: npt.NDArray[Any]) -> Image:
    """The picture as 8-bit values, without a copy where it is one already."""
    return np.asarray(picture, dtype=np.uint8)


def fixed(points: Points) -> Fixed:
    """Pixels (n, 2) in sixteenths."""
    return np.asarray(np.rint(points * _FIXED), dtype=np.int32)


def polygon(image: Image, pixels: Points, colour: Sequence[float]) -> None:
    """Paint a filled, anti-aliased polygon of (n, 2) pixels."""
    cv2.fillPoly(image, [fixed(pixels)], colour, cv2.LINE_AA, _SHIFT)


def blur(image: Image, sigma: float) -> Image:
    """The picture blurred by a Gaussian of `sigma` pixels."""
    return as_image(cv2.GaussianBlur(image, (0, 0), sigma))


def canvas_matrix(camera: Viewpoint, size: tuple[int, int]) -> tuple[Points, float]:
    """The homography from scene units to pixels for a picture of `size` (width, height), and its scale."""
    width, height = size
    scale = height / SCENE_HEIGHT * camera.zoom
    turn = np.deg2rad(camera.roll)
    cos, sin = np.cos(turn), np.sin(turn)
    middle = SCENE_HEIGHT / 2
    centre = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, -middle], [0.0, 0.0, 1.0]])
    rotate = np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [camera.off_axis / 500.0, 0.0, 1.0]])
    place = np.array(
        [
            [scale, 0.0, width / 2 + camera.shift_x * height],
            [0.0, scale, height / 2 + camera.shift_y * height],
            [0.0, 0.0, 1.0],
        ]
    )
    return place @ rotate @ centre, scale


def shade(colour: Colour, amount: float) -> tuple[float, float, float]:
    """The colour made lighter (amount > 0, towards white) or darker (amount < 0, towards a warm dark)."""
    if amount >= 0:
        return (
            colour[0] + (255 - colour[0]) * amount,
            colour[1] + (255 - colour[1]) * amount,
            colour[2] + (255 - colour[2]) * amount,
        )
    keep = 1 + amount
    return (colour[0] * keep, colour[1] * keep, colour[2] * (keep + 0.1 * (1 - keep)))


def mix_colours(first: Colour, second: Colour, share: float) -> Colour:
    """The first colour with `share` of the second."""
    blue, green, red = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return blue, green, red


def shifted(points: Points, x: float, y: float) -> Points:
    """The point or points (…, 2) shifted by (x, y)."""
    return np.asarray(points + np.array((x, y), dtype=np.float64))


def capsule_outline(start: Points, end: Points, start_radius: float, end_radius: float) -> Points:
    """(n, 2) outline of a tapered rod with round ends."""
    across, along = float(end[0] - start[0]), float(end[1] - start[1])
    length = (across * across + along * along) ** 0.5 or 1.0
    cos, sin = across / length, along / length
    far = _ARC @ np.array([[cos, sin], [-sin, cos]])
    return np.concatenate([end + far * end_radius, start - far * start_radius])


@lru_cache(maxsize=16)
def _circle(count: int) -> Points:
    t = np.linspace(0.0, 2 * np.pi, count, endpoint=False)
    return np.column_stack([np.cos(t), np.sin(t)])


def ellipse_outline(centre: Points, radius_x: float, radius_y: float, count: int = 28) -> Points:
    """(count, 2) outline of an upright ellipse."""
    return np.asarray(centre + _circle(count) * (radius_x, radius_y))


@lru_cache(maxsize=64)
def _neighbours(count: int, closed: bool) -> npt.NDArray[np.intp]:
    """(segments, 4) indices of the four control points of each segment of a curve through `count` points."""
    starts = np.arange(count if closed else count - 1)[:, None]
    around = starts + np.arange(-1, 3)
    return around % count if closed else np.clip(around, 0, count - 1)


@lru_cache(maxsize=16)
def _basis(steps: int) -> Points:
    """(steps, 4) weights of the four points along a segment (Catmull-Rom)."""
    t = np.linspace(0.0, 1.0, steps, endpoint=False)
    return 0.5 * np.column_stack(
        [-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, -(t**2) + t**3]
    )


def smooth_curve(points: Points, closed: bool = True, steps: int = 6) -> Points:
    """A Catmull-Rom curve through (n, 2) points, `steps` points to a segment."""
    flat = (_basis(steps) @ points[_neighbours(len(points), closed)]).reshape(-1, 2)
    return flat if closed else np.concatenate([flat, points[-1:]])


_SHARES = np.array([1.0, 0.95, 0.88, 0.80, 0.71, 0.61, 0.50, 0.38, 0.26, 0.14])
_TONES = np.array([-0.40, -0.27, -0.18, -0.11, -0.05, 0.0, 0.04, 0.075, 0.105, 0.13])


@lru_cache(maxsize=16)
def _layers(count: int) -> list[tuple[float, float]]:
    """The relative size and the tone of each of `count` nested layers, outermost first."""
    chosen = np.linspace(0, len(_SHARES) - 1, count).round().astype(int)
    return [(float(_SHARES[k]), float(_TONES[k])) for k in chosen]


def chain(
    canvas: Canvas,
    points: Sequence[Points],
    radii: Sequence[float],
    colour: Colour,
    light: Points,
    *,
    layers: int = 8,
) -> None:
    """Paint a shaded limb of one or more segments through `points`, as one round shape without seams.

    It consists of nested rods, lighter towards `light` (a unit vector in the picture).
    """
    chosen = _layers(layers)
    shares = np.array([share for share, _ in chosen])[:, None, None]
    shift = light * (1 - shares) * 0.45
    segments = []
    for a, b, ra, rb in zip(points, points[1:], radii, radii[1:], strict=False):
        full = capsule_outline(a, b, ra, rb)
        half = len(full) // 2
        ends = np.concatenate([np.broadcast_to(b, (half, 2)), np.broadcast_to(a, (half, 2))])
        size = np.concatenate([np.full((half, 1), rb), np.full((half, 1), ra)])
        nested = ends + shares * (full - ends) + shift * size
        segments.append(canvas.fixed(nested.reshape(-1, 2)).reshape(len(chosen), -1, 2))
    for number, (_, tone) in enumerate(chosen):
        colour_here = shade(colour, tone)
        for segment in segments:
            cv2.fillPoly(canvas.image, [segment[number]], colour_here, cv2.LINE_AA, _SHIFT)


def rod(  # noqa: PLR0917 - the same order of parameters as `chain`
    canvas: Canvas,
    start: Points,
    end: Points,
    radii: tuple[float, float],
    colour: Colour,
    light: Points,
    *,
    layers: int = 6,
) -> None:
    """Paint a `chain` of one segment."""
    chain(canvas, (start, end), radii, colour, light, layers=layers)


def blob(
    canvas: Canvas, outline: Points, colour: Colour, light: Points, *, layers: int = 6, depth: float = 1.0
) -> None:
    """Paint a shaded rounded shape: nested copies of its outline, lighter towards the light."""
    centre = outline.mean(axis=0)
    radius = float(np.abs(outline - centre).max())
    for share, tone in _layers(layers):
        inner = centre + (outline - centre) * share + light * (1 - share) * 0.3 * radius
        canvas.fill(inner, shade(colour, tone * depth))
