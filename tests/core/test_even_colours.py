"""The colours of the spectrogram: equal steps of level are equal steps of lightness."""

from __future__ import annotations

import numpy as np
import pytest

from app.core.timeline.even_colours import even_scale


def _lightness(colour: int) -> float:
    """Of Oklab, from sRGB."""
    bytes_ = np.array([(colour >> shift) & 255 for shift in (16, 8, 0)]) / 255.0
    linear = np.where(bytes_ <= 0.04045, bytes_ / 12.92, ((bytes_ + 0.055) / 1.055) ** 2.4)
    lms = np.cbrt(
        np.array(
            [
                [0.4122214708, 0.5363325363, 0.0514459929],
                [0.2119034982, 0.6806995451, 0.1073969566],
                [0.0883024619, 0.2817188376, 0.6299787005],
            ]
        )
        @ linear
    )
    return float(np.array([0.2104542553, 0.7936177850, -0.0040720468]) @ lms)


@pytest.mark.parametrize("dark", [True, False])
def test_lightness_changes_evenly(dark: bool) -> None:
    steps = np.diff([_lightness(colour) for colour in even_scale(dark=dark)[::15]])
    assert (steps > 0).all() if dark else (steps < 0).all()
    assert np.ptp(steps) < 0.15 * np.abs(steps).mean()
