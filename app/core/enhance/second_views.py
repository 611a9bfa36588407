"""Other views of a picture in which nobody was found: contrast, turns, and parts of it from nearer."""

from __future__ import annotations

from dataclasses import replace

from app.core.enhance.detector_pictures import Image
from app.core.enhance.upright_view import PixelWindow, View, with_quarters

_FLAT = 45.0
"""Deviation of a picture's values below which local contrast can show more."""
_PARTS = ((0.2, 0.0), (0.0, 0.0), (0.4, 0.0), (0.2, 0.4), (0.0, 0.4), (0.4, 0.4))
"""Left and top of the parts, in shares of the picture; each is 0.6 of its sides."""
_PART = 0.6


class SecondViews:
    """The views in turn, one for each survey, so that the cost of a second look is bounded."""

    def __init__(self, size: tuple[int, int]) -> None:
        self._size = size
        self._number = -1

    def next(self, picture: Image, now: View, first: View) -> View:
        """The next view of `picture` to try after `now`; `first` is the one at the start."""
        views = self._views(picture, now, first)
        self._number = (self._number + 1) % len(views)
        return views[self._number]

    def _views(self, picture: Image, now: View, first: View) -> list[View]:
        whole = replace(now, window=first.window, contrast=False)
        contrast = [replace(whole, contrast=True)] * (2 if float(picture[::8, ::8].std()) < _FLAT else 1)
        turned = [with_quarters(whole, now.quarters + more) for more in (2, 1, 3)]
        parts = [replace(whole, window=self._part(*corner)) for corner in _PARTS]
        if first.window is not None:
            parts = [replace(whole, window=first.window)]
        return [contrast[0], *turned, *contrast[1:], *parts]

    def _part(self, left: float, top: float) -> PixelWindow:
        width, height = self._size
        return (
            int(left * width),
            int(top * height),
            int((left + _PART) * width),
            int((top + _PART) * height),
        )
