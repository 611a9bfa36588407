"""A scale of 256 colours in which equal steps look equal: lightness changes evenly (Oklab, Ottosson 2020)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_ON_DARK, _ON_LIGHT = (0.24, 0.95), (0.97, 0.26)
"""Lightness of the lowest and the highest value: the lowest is near the ground."""

_HUES = (285.0, 95.0)
"""Degrees from dark to light: blue over green to yellow, which colour-blind people can tell apart too."""

_CHROMA = 0.13
_TO_LMS = np.array(
    [
        [1.0, 0.3963377774, 0.2158037573],
        [1.0, -0.1055613458, -0.0638541728],
        [1.0, -0.0894841775, -1.2914855480],
    ]
)
_TO_RGB = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)


@lru_cache(maxsize=4)
def even_scale(*, dark: bool) -> tuple[int, ...]:
    """The colours as opaque ARGB, from the lowest value to the highest, for a dark or a light ground."""
    lightness = np.linspace(*(_ON_DARK if dark else _ON_LIGHT), 256)
    hues = np.radians(np.linspace(*(_HUES if dark else _HUES[::-1]), 256))
    colours = np.zeros((256, 3))
    done = np.zeros(256, bool)
    # Less colourful where the screen has no such colour, so that the lightness is kept.
    for chroma in np.linspace(_CHROMA, 0.0, 27):
        made = _linear_rgb(lightness, chroma * np.cos(hues), chroma * np.sin(hues))
        fits = ((made >= -1e-6) & (made <= 1 + 1e-6)).all(axis=1) & ~done
        colours[fits], done = made[fits], done | fits
    bytes_ = np.rint(255 * _encoded(np.clip(colours, 0, 1))).astype(np.int64)
    return tuple((0xFF000000 | (bytes_ @ np.array([1 << 16, 1 << 8, 1]))).tolist())


def _linear_rgb(lightness: Floats, a: Floats, b: Floats) -> Floats:
    lms = np.column_stack([lightness, a, b]) @ _TO_LMS.T
    return np.asarray(lms**3 @ _TO_RGB.T)


def _encoded(linear: Floats) -> Floats:
    """Linear light as the values of sRGB."""
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
