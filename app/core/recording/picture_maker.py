"""Conversion of decoded frames to images for display: size, pixel aspect, orientation, colours."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame
from av.video.reformatter import Colorspace, Interpolation, VideoReformatter

from app.core.recording.display_matrix import DisplayOrientation

PixelFormat = Literal["bgr24", "bgra"]
ImageArray = npt.NDArray[np.uint8]

_CHANNELS: dict[str, int] = {"bgr24": 3, "bgra": 4}
_UNSPECIFIED = 2
"""AVCOL_SPC_UNSPECIFIED."""


def fit_size(width: int, height: int, box_width: int, box_height: int) -> tuple[int, int]:
    """The largest size with the aspect ratio `width`:`height` inside a box, in pixels, at least 1 × 1."""
    scale = min(box_width / max(width, 1), box_height / max(height, 1))
    return max(round(width * scale), 1), max(round(height * scale), 1)


class PictureMaker:
    """A converter to images of one size and pixel format, which keeps its scaler between frames."""

    def __init__(
        self, size: tuple[int, int], orientation: DisplayOrientation, pixel_format: PixelFormat
    ) -> None:
        """`size` is that of the displayed image in pixels."""
        self.size = size
        self._turns = -orientation.rotation // 90 % 4
        self._mirrored = orientation.mirrored
        self._format = pixel_format
        self._scaler = VideoReformatter()

    def image(self, frame: VideoFrame) -> ImageArray:
        """(height, width, 3 or 4) uint8, C-contiguous, owned by the caller."""
        width, height = self.size if self._turns % 2 == 0 else self.size[::-1]
        scaled = self._scaler.reformat(
            frame,
            width,
            height,
            self._format,
            src_colorspace=_colours(frame),
            interpolation=Interpolation.BILINEAR,
        )
        image = _pixels(scaled, _CHANNELS[self._format], shared=scaled is frame)
        placed = image[:, ::-1] if self._mirrored else image
        return np.ascontiguousarray(np.rot90(placed, self._turns))


def _colours(frame: VideoFrame) -> Colorspace | None:
    """The colour space of a frame; high definition without a stated one is BT.709 (ITU-R BT.709-6), for which
    the scaler would assume BT.601."""
    if int(frame.colorspace) == _UNSPECIFIED and frame.height >= 720:
        return Colorspace.ITU709
    return None


def _pixels(frame: VideoFrame, channels: int, *, shared: bool) -> ImageArray:
    plane: Any = frame.planes[0]
    rows = np.frombuffer(plane, np.uint8).reshape(frame.height, plane.line_size)
    image = rows[:, : frame.width * channels].reshape(frame.height, frame.width, channels)
    return image.copy() if shared or not image.flags.c_contiguous else image
