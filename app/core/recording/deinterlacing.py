"""Deinterlacing of frames."""

from __future__ import annotations

import logging
from fractions import Fraction

import av
from av.error import BlockingIOError as NothingYet
from av.error import EOFError as NothingMore
from av.filter import Graph
from av.video.frame import VideoFrame

logger = logging.getLogger(__name__)

_FILTERS = ("bwdif", "yadif")
"""Filters in order of preference; both use the frames before and after."""


class Deinterlacer:
    """A deinterlacer of single frames with their neighbours; it keeps its filter for consecutive frames."""

    def __init__(self) -> None:
        self._name = next((name for name in _FILTERS if name in av.filter.filters_available), None)
        self._graph: Graph | None = None
        self._made_for: tuple[int, int, str] | None = None
        self._pushed = -2
        self._given = -2

    def frame(
        self, number: int, before: VideoFrame | None, frame: VideoFrame, after: VideoFrame | None
    ) -> VideoFrame:
        """The deinterlaced frame with this number; `frame` itself on failure."""
        form = _form(frame)
        if self._name is None or any(_form(other) != form for other in (before, after) if other is not None):
            return frame
        follows = self._pushed == number and self._given == number - 1 and self._made_for == form
        try:
            if self._graph is None or not follows:
                self._graph, self._made_for = _graph(self._name, frame), form
                self._push(before or frame, number - 1)
                self._push(frame, number)
                self._pull(number - 1)
            self._push(after or frame, number + 1)
            found = self._pull(number)
        except (av.FFmpegError, ValueError) as error:
            logger.info("A frame could not be deinterlaced: %s", type(error).__name__)
            self._graph = None
            return frame
        return found or frame

    def _push(self, frame: VideoFrame, number: int) -> None:
        frame.pts, frame.time_base = number + 1, Fraction(1, 25)
        self._pushed = number
        if self._graph is not None:
            self._graph.push(frame)

    def _pull(self, number: int) -> VideoFrame | None:
        self._given = number
        found: VideoFrame | None = None
        while self._graph is not None:
            try:
                pulled = self._graph.pull()
            except (NothingYet, NothingMore):
                break
            if isinstance(pulled, VideoFrame):
                found = pulled
        return found


def _form(frame: VideoFrame) -> tuple[int, int, str]:
    return frame.width, frame.height, frame.format.name


def _graph(name: str, frame: VideoFrame) -> Graph:
    graph = Graph()
    base = Fraction(1, 25)
    source = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=base)
    nodes = [source, graph.add(name, "mode=send_frame:parity=auto:deint=all"), graph.add("buffersink")]
    graph.link_nodes(*nodes).configure()
    return graph
