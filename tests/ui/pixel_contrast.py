"""Contrast as it is on the screen: pixels of a window that was painted, never the colours of a theme."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QWidget

Pixels = npt.NDArray[np.uint8]
"""(h, w, 3) red, green, blue."""

Colour = npt.NDArray[np.uint8]
"""(3,) red, green, blue."""

_FARTHEST = 21.0
"""The contrast of black on white: given for what has no pixel in the picture."""


def pixels_of(window: QWidget, place: QRect | None = None) -> Pixels:
    """The window, or this part of it, as it is painted, one pixel a point."""
    seen = window.rect() if place is None else place & window.rect()
    image = window.grab(seen).toImage().convertToFormat(QImage.Format.Format_RGB888)
    bits: Any = image.constBits()
    rows = np.frombuffer(bits, np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()


def within(pixels: Pixels, place: QRect) -> Pixels:
    """The pixels of a rectangle, as far as it is in the picture."""
    left, top = max(place.left(), 0), max(place.top(), 0)
    return pixels[top : max(place.bottom() + 1, top), left : max(place.right() + 1, left)]


def ground_of(pixels: Pixels) -> Colour:
    """The most frequent colour."""
    flat = pixels.reshape(-1, 3).astype(np.uint32)
    colours, counts = np.unique(flat @ np.array([1 << 16, 1 << 8, 1], np.uint32), return_counts=True)
    most = int(colours[int(np.argmax(counts))])
    return np.array([most >> 16, most >> 8 & 255, most & 255], np.uint8)


def contrasts(pixels: npt.NDArray[Any], ground: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """The contrast ratio of each pixel with the ground or the pixel at its place, 1–21 (WCAG 2.2)."""
    one, other = _luminance(pixels), _luminance(ground)
    high, low = np.maximum(one, other), np.minimum(one, other)
    return np.asarray((high + 0.05) / (low + 0.05))


def _luminance(pixels: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    parts = np.asarray(pixels, np.float64) / 255.0
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ np.array([0.2126, 0.7152, 0.0722]))


def strongest(pixels: Pixels, ground: npt.NDArray[Any], count: int) -> float:
    """The contrast with the ground that `count` pixels have at least."""
    ratios = np.sort(contrasts(pixels, ground).ravel())
    return float(ratios[-count]) if len(ratios) >= count else 1.0


def text_contrast(pixels: Pixels, place: QRect, colour: QColor) -> float:
    """The contrast of text in this colour with what is around it: of its strongest pixel.

    Only pixels nearer to the colour of the text than to the ground count, so that a line or an icon beside
    it does not; 1.0 where there is none, as of text in the colour of its ground.
    """
    region = within(pixels, place)
    return _ink_contrast(region, ground_of(region), colour) if region.size else _FARTHEST


def sign_contrast(pixels: Pixels, place: QRect, colour: QColor) -> float:
    """The same of a sign, whose ground is what surrounds it."""
    region = within(pixels, place.adjusted(-3, -3, 3, 3))
    if not region.size:
        return _FARTHEST
    edge = np.concatenate([region[0], region[-1], region[:, 0], region[:, -1]])
    return _ink_contrast(region, ground_of(edge), colour)


def _ink_contrast(region: Pixels, ground: Colour, colour: QColor) -> float:
    opaque = colour.alphaF()
    wanted = np.array([colour.red(), colour.green(), colour.blue()]) * opaque + ground * (1 - opaque)
    flat = region.reshape(-1, 3).astype(np.float64)
    ink = flat[np.abs(flat - wanted).sum(axis=1) < np.abs(flat - ground).sum(axis=1)]
    return float(contrasts(ink, ground).max()) if len(ink) else 1.0
