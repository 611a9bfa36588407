"""Painting of the room and the bed, which do not move."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from app.core.phantom.painting import (
    Canvas,
    Image,
    Points,
    blur,
    canvas_matrix,
    ellipse_outline,
    polygon,
    shade,
    shifted,
    smooth_curve,
)
from app.core.phantom.script import PatientAppearance, Viewpoint


@lru_cache(maxsize=4)
def room_picture(appearance: PatientAppearance, camera: Viewpoint, size: tuple[int, int]) -> Image:
    """The empty room with the bed, (height, width, 3)."""
    width, height = size
    matrix, scale = canvas_matrix(camera, size)
    canvas = Canvas(np.zeros((height, width, 3), np.uint8), matrix, scale)
    _walls(canvas, appearance)
    _furniture(canvas, appearance)
    _bed(canvas, appearance)
    canvas.image[:] = blur(canvas.image, 0.9 * scale)
    _vignette(canvas.image, appearance)
    canvas.image.setflags(write=False)
    return canvas.image


def _box(left: float, top: float, right: float, bottom: float) -> Points:
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], dtype=np.float64)


def _walls(canvas: Canvas, appearance: PatientAppearance) -> None:
    canvas.image[:] = appearance.wall
    canvas.fill(_box(-900, -200, 900, 205), shade(appearance.wall, 0.12))
    canvas.fill(_box(-900, 150, 900, 230), shade(appearance.wall, -0.1))
    canvas.fill(_box(-900, 146, 900, 152), shade(appearance.wall, 0.35))
    floor = (150, 164, 172)
    canvas.fill(_box(-900, 228, 900, 900), floor)
    for y in (262, 310, 376, 468):
        canvas.line(np.array([(-900.0, y), (900.0, y)]), shade(floor, -0.07), 1.2)
    canvas.fill(_box(-900, 222, 900, 231), shade(appearance.wall, -0.28))
    canvas.image[:] = blur(canvas.image, 5.0 * canvas.scale)


def _furniture(canvas: Canvas, appearance: PatientAppearance) -> None:
    _window(canvas, appearance)
    _monitor(canvas)
    _stand(canvas)
    _table(canvas)


def _window(canvas: Canvas, appearance: PatientAppearance) -> None:
    canvas.fill(_box(-418, -30, -288, 118), shade(appearance.wall, 0.5))
    canvas.fill(_box(-410, -30, -296, 110), (238, 232, 214))
    for y in range(-22, 110, 9):
        canvas.fill(_box(-410, y, -296, y + 4.5), (222, 214, 196))
    canvas.line(np.array([(-353.0, -30), (-353, 110)]), shade(appearance.wall, 0.2), 2)


def _monitor(canvas: Canvas) -> None:
    canvas.fill(_box(286, 96, 292, 150), (120, 122, 124))
    canvas.fill(_box(236, 22, 342, 98), (96, 98, 100))
    canvas.fill(_box(241, 27, 337, 93), (44, 40, 34))
    x = np.linspace(246, 318, 60)
    beat = np.exp(-(((x - 246) % 24 - 10) ** 2) / 2.2)
    canvas.line(np.column_stack([x, 46 - 12 * beat]), (120, 200, 130), 1.2)
    canvas.line(np.column_stack([x, 66 - 4 * np.sin((x - 246) / 4.2)]), (200, 180, 90), 1.2)
    canvas.line(np.column_stack([x, 84 - 3 * np.sin((x - 246) / 9.0)]), (110, 170, 220), 1.2)
    for y, colour in ((40, (120, 200, 130)), (62, (200, 180, 90)), (80, (110, 170, 220))):
        canvas.fill(_box(323, y, 333, y + 7), colour)


def _stand(canvas: Canvas) -> None:
    canvas.line(np.array([(-228.0, -40), (-228, 300)]), (176, 180, 184), 4)
    canvas.line(np.array([(-230.0, -40), (-230, 300)]), (206, 210, 214), 1.5)
    bag = smooth_curve(np.array([(-252.0, 6), (-230, 2), (-208, 6), (-209, 58), (-230, 72), (-251, 58)]))
    canvas.fill(bag, (226, 222, 210))
    canvas.fill(bag * [0.9, 0.5] + [-23, 34], (214, 206, 184))
    canvas.line(bag, (196, 194, 186), 1.2, closed=True)


def _table(canvas: Canvas) -> None:
    canvas.fill(_box(262, 196, 384, 330), (164, 178, 188))
    canvas.fill(_box(256, 188, 390, 200), (196, 208, 216))
    for y in (212, 252, 292):
        canvas.fill(_box(270, y, 376, y + 32), (176, 190, 200))
        canvas.fill(_box(312, y + 12, 334, y + 16), (128, 140, 150))
    canvas.fill(_box(340, 160, 364, 189), (214, 206, 190))
    canvas.fill(ellipse_outline(np.array([352.0, 160.0]), 12, 3), (230, 224, 212))


def _bed(canvas: Canvas, appearance: PatientAppearance) -> None:
    headboard = smooth_curve(
        np.array([(-168.0, 40), (-150, 8), (0, 0), (150, 8), (168, 40), (178, 210), (-178, 210)])
    )
    canvas.fill(headboard, (150, 166, 178))
    canvas.fill(headboard * [0.94, 0.94] + [0, 8], (172, 188, 200))
    _rails(canvas)
    mattress = np.array([(-152.0, 50), (-140, 32), (140, 32), (152, 50), (212, 500), (-212, 500)])
    layer = canvas.image.copy()
    sheet = Canvas(layer, canvas.matrix, canvas.scale)
    sheet.fill(shifted(mattress, 0, 6), shade(appearance.bedding, -0.3))
    sheet.fill(mattress, appearance.bedding)
    for x, y, rx, ry, tone in (
        (0, 220, 120, 120, -0.05),
        (-6, 250, 96, 130, -0.1),
        (-6, 330, 104, 130, -0.1),
        (-5, 400, 92, 80, -0.16),
    ):
        sheet.fill(
            ellipse_outline(np.array([x, y], dtype=np.float64), rx, ry), shade(appearance.bedding, tone)
        )
    soft = blur(layer, 9 * canvas.scale)
    _blend(canvas, soft, mattress, 0.6)
    _sheet_folds(canvas, appearance)
    _pillow(canvas, appearance)


def _blend(canvas: Canvas, picture: Image, outline: Points, softness: float) -> None:
    """Blend another picture in inside the outline, with an edge of `softness` scene units."""
    mask = np.zeros(picture.shape[:2], np.uint8)
    polygon(mask, canvas.pixels(outline), (255,))
    mask = blur(mask, max(0.3, softness * canvas.scale))
    share = mask[:, :, None].astype(np.float32) / 255
    canvas.image[:] = (canvas.image * (1 - share) + picture * share).astype(np.uint8)


def _sheet_folds(canvas: Canvas, appearance: PatientAppearance) -> None:
    for side in (-1.0, 1.0):
        for x, y, bend in ((118, 180, 8), (138, 262, -10), (150, 340, 9), (158, 420, -8), (122, 300, 6)):
            fold = smooth_curve(
                np.array([(side * x, y), (side * (x + bend), y + 24), (side * (x + 4), y + 52)]), closed=False
            )
            canvas.line(fold, shade(appearance.bedding, -0.06), 3.0)
            canvas.line(shifted(fold, -2.0, 0), shade(appearance.bedding, 0.4), 2.0)


def _pillow(canvas: Canvas, appearance: PatientAppearance) -> None:
    outline = smooth_curve(
        np.array(
            [
                (-112.0, 44),
                (-60, 26),
                (0, 24),
                (60, 26),
                (112, 44),
                (120, 92),
                (104, 134),
                (0, 146),
                (-104, 134),
                (-120, 92),
            ]
        )
    )
    layer = canvas.image.copy()
    pillow = Canvas(layer, canvas.matrix, canvas.scale)
    pillow.fill(shifted(outline, 0, 7), shade(appearance.bedding, -0.35))
    pillow.fill(outline, shade(appearance.bedding, 0.2))
    centre = outline.mean(axis=0)
    for share, tone in ((0.9, 0.5), (0.72, 0.3), (0.55, -0.02), (0.46, -0.12)):
        pillow.fill(
            centre + (outline - centre) * [share * 0.9, share] + [0, 4], shade(appearance.bedding, tone)
        )
    _blend(canvas, blur(layer, 4 * canvas.scale), outline + np.array([0.0, 3.0]), 2.0)


def _rails(canvas: Canvas) -> None:
    for side in (-1.0, 1.0):
        frame = np.array([(side * 168, 214), (side * 186, 206), (side * 236, 392), (side * 232, 408)])
        canvas.line(smooth_curve(frame, closed=False), (188, 196, 202), 7)
        canvas.line(smooth_curve(shifted(frame, -1.5, -1.5), closed=False), (226, 232, 236), 2.5)
        for y in (250, 296, 346):
            x = side * (168 + (y - 200) * 0.28)
            canvas.line(np.array([(x, y - 2.0), (x - side * 6, y + 46)]), (182, 190, 196), 4)


def _vignette(image: Image, appearance: PatientAppearance) -> None:
    height, width = image.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x = x / width - 0.5
    y = y / height - 0.5
    shade_map = 1.02 - 0.55 * (x**2 + y**2) + 0.1 * appearance.light_side * x * 2
    image[:] = np.clip(image * shade_map[:, :, None], 0, 255).astype(np.uint8)
