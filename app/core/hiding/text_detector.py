"""A second opinion on letters: a network that has learned where text is in pictures.

PaddleOCR's detector PP-OCRv4 (Apache-2.0), after Liao et al., "Real-Time Scene Text Detection with
Differentiable Binarization", AAAI 2020; its file is in the wheel of `rapidocr-onnxruntime`.
Imports cv2: for the processes that make pictures only.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from app.core.hiding.installed_models import installed_file, network_session

_Grey = npt.NDArray[np.float32]

_PACKAGE, _FILE = "rapidocr-onnxruntime", "ch_PP-OCRv4_det_infer.onnx"
_MISSING = (
    "The detector of text is missing from this installation, so names in a picture cannot be covered. "
    "Install Semioscope anew."
)
_FAILED = (
    "The detector of text cannot be started, so names in a picture cannot be covered. "
    "Install Semioscope anew."
)
_LONGEST, _MOST_LARGER, _SMALL = 1920, 2.0, 640
"""Pixels of the longer side of what the network sees, where that is at most twice the picture's; and a second
time, for large letters."""
_GRID = 32
_SURROUNDINGS, _SPREAD_OF = 12.0, 18.0
"""Standard deviations (px) of the surroundings whose mean and contrast are made the same everywhere."""
_FAINTEST, _GAIN, _MIDDLE = 4.0, 50.0, 128.0
"""Grey levels below which a contrast is hardly raised; the contrast and the mean that all get."""


class TextDetector:
    """The network, loaded once. Raises UserError where it cannot be loaded."""

    def __init__(self, *, threads: int = 2) -> None:
        model = installed_file(_PACKAGE, _FILE, _MISSING).read_bytes()
        # Of a picture of 1920 px the network would keep 600 MB for the next one.
        self._session = network_session(model, threads, _FAILED, keep_memory=False)

    def likelihood(self, grey: _Grey) -> _Grey:
        """(h, w) 0–1, how likely each pixel of a grey picture (h, w; 0–255) is amid a line of text.

        Faint text counts like strong text.
        """
        even = evened(grey)
        large = min(_LONGEST / max(grey.shape), _MOST_LARGER)
        sizes = {large, min(_SMALL / max(grey.shape), large)}
        return np.asarray(np.maximum.reduce([self._seen(even, factor) for factor in sizes]), np.float32)

    def large(self, grey: _Grey) -> _Grey:
        """The same, of large letters alone, in a tenth of the time."""
        return self._seen(evened(grey), min(_SMALL / max(grey.shape), _MOST_LARGER))

    def _seen(self, even: _Grey, factor: float) -> _Grey:
        """What the network says of the picture that is scaled by `factor`."""
        height, width = even.shape
        size = tuple(max(round(side * factor / _GRID), 1) * _GRID for side in (width, height))
        way = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
        shown = np.asarray(cv2.resize(even, size, interpolation=way), np.float32) / 127.5 - 1.0
        values = np.ascontiguousarray(np.broadcast_to(shown, (1, 3, *shown.shape)))
        said = self._session.run(None, {self._session.get_inputs()[0].name: values})[0][0, 0]
        return np.asarray(cv2.resize(said, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def evened(grey: _Grey) -> _Grey:
    """The picture with the same brightness and the same contrast everywhere (0–255)."""
    off = grey - cv2.GaussianBlur(grey, (0, 0), _SURROUNDINGS)
    contrast = np.sqrt(cv2.GaussianBlur(off**2, (0, 0), _SPREAD_OF))
    return np.asarray(np.clip(_MIDDLE + _GAIN * off / (contrast + _FAINTEST), 0.0, 255.0), np.float32)
