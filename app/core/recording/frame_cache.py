"""A cache of decoded frames for stepping."""

from __future__ import annotations

from av.video.frame import VideoFrame

_MOST = 240
"""The most cached frames, however small."""


class KeptFrames:
    """Decoded frames by number, limited in bytes; those farthest from the wanted one are dropped first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._frames: dict[int, VideoFrame] = {}
        self._bytes = 0
        self._largest = 1

    def limit(self, most: int, wanted: int) -> None:
        """Keep at most so many bytes from now on, those nearest to `wanted`."""
        self._limit = most
        self._drop(wanted)

    def get(self, number: int) -> VideoFrame | None:
        return self._frames.get(number)

    def nearest(self, number: int) -> tuple[int, VideoFrame] | None:
        """The last cached frame before `number`, else the first after it; None when empty."""
        before = [kept for kept in self._frames if kept <= number]
        found = max(before) if before else min(self._frames, default=None)
        return (found, self._frames[found]) if found is not None else None

    @property
    def room(self) -> int:
        """The number of frames that fit, by the largest so far."""
        size = self._largest
        return min(max(self._limit // size - 2, 1), _MOST) if size > 1 else 8

    def put(self, number: int, frame: VideoFrame, wanted: int) -> None:
        old = self._frames.pop(number, None)
        self._bytes += _bytes(frame) - (_bytes(old) if old is not None else 0)
        self._frames[number] = frame
        self._largest = max(_bytes(frame), self._largest)
        self._drop(wanted)

    def _drop(self, wanted: int) -> None:
        while len(self._frames) > 1 and (self._bytes > self._limit or len(self._frames) > _MOST):
            low, high = min(self._frames), max(self._frames)
            far = low if wanted - low >= high - wanted else high
            self._bytes -= _bytes(self._frames.pop(far))

    def clear(self) -> None:
        self._frames.clear()
        self._bytes = 0


def _bytes(frame: VideoFrame) -> int:
    return max(sum(plane.buffer_size for plane in frame.planes), 1)
