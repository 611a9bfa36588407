"""Reading of frames by time: sequentially, backwards and at random, exact to the frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream as AvVideoStream

from app.core.closing import Closing
from app.core.errors import UserError
from app.core.recording.decoding import decode_packet, mark_packet, prepare_decoder, row_of
from app.core.recording.deinterlacing import Deinterlacer
from app.core.recording.frame_cache import KeptFrames
from app.core.recording.packet_walk import PacketWalk
from app.core.recording.picture_maker import ImageArray, PictureMaker, PixelFormat
from app.core.recording.recording import Recording, VideoStream

_MIB = 1 << 20
_FARTHEST_NEIGHBOUR = 50
"""Keyframes before and frames after a damaged stretch among which a replacement is searched."""

_DEEPEST_DELAY = 64
"""The largest delay (frames) of a decoder's output, by reordering and threads."""

_BACKWARD_STEPS = 8
"""A request at most this many frames before the last one counts as stepping backwards."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One frame: `time` in seconds on the recording's clock, `number` from 0 in the order shown, `image`
    (h, w, 3 or 4) uint8, C-contiguous, as displayed."""

    time: float
    number: int
    image: ImageArray


class Interrupted(Exception):  # noqa: N818 - not an error: a newer wish has come
    """Raised during decoding when the reader's `interrupt` returns True; the reader remains usable."""


class FrameReader(Closing):
    """A reader of the frames of one recording, for use by the thread that opened it.

    `size` is the width and height of the images in pixels (default: display size), `keep` the bytes of
    decoded frames that are cached for stepping; `interrupt` is called during decoding and ends it with
    `Interrupted` if True. `deinterlace` is whether frames are deinterlaced (default: as the stream states).
    Frames that cannot be decoded are skipped: the previous frame stays on screen, and `damaged` counts them.
    """

    def __init__(
        self,
        recording: Recording,
        size: tuple[int, int] | None = None,
        pixel_format: PixelFormat = "bgr24",
        *,
        keep: int = 48 * _MIB,
        interrupt: Callable[[], bool] | None = None,
        deinterlace: bool | None = None,
    ) -> None:
        """Open the recording. Raises UserError when it has no picture or can no longer be read."""
        if recording.video is None:
            raise UserError(f"“{recording.name}” holds no picture.")
        self._name = recording.name
        self._video: VideoStream = recording.video
        self._index = recording.index.video
        self._order = recording.index.order
        self._number = recording.index.number
        self._starts = recording.index.starts
        self._key_numbers = np.sort(self._number[self._starts][self._number[self._starts] >= 0])
        self._format = pixel_format
        self.set_size(size)
        self._store = KeptFrames(keep)
        self._interrupt = interrupt
        self._fields: Deinterlacer | None = None
        self.set_deinterlace(deinterlace)
        self._walk = PacketWalk(recording.path, recording.index.container, self._index, recording.index.cuts)
        self._stream = self._as_picture(self._walk.go_to(0))
        self._begin = 0  # the row where decoding began
        self._fed = -1  # the row that went into the decoder last
        self._out = -1  # the number that came out last
        self._skipped = -1  # the highest number that was skipped
        self._alone = False  # whether a single frame is wanted
        self._kept_from = 0  # the lowest number that `keep_before` is keeping
        self._ended = False
        self._last = -1
        self._broken: set[int] = set()

    def set_size(self, size: tuple[int, int] | None) -> None:
        """Change the size of images; None for the display size."""
        video = self._video
        self._maker = PictureMaker(size or (video.width, video.height), video.orientation, self._format)

    def set_deinterlace(self, on: bool | None) -> None:
        """Switch deinterlacing; None for as the stream states."""
        wanted = self._video.interlaced if on is None else on
        if wanted != (self._fields is not None):
            self._fields = Deinterlacer() if wanted else None

    def keep_at_most(self, keep: int) -> None:
        """Cache so many bytes of decoded frames from now on; of more those farthest from the last one go."""
        self._store.limit(keep, self._last)

    @property
    def damaged(self) -> int:
        """The number of frames that could not be decoded so far."""
        return len(self._broken)

    def close(self) -> None:
        self._store.clear()
        self._walk.close()

    def frame_at(self, seconds: float, *, alone: bool = False) -> Frame:
        """The frame displayed at `seconds`; the first one before its start.

        `alone` is faster for a time far from the last one, but continuing from there restarts decoding.
        Raises UserError when no frame near it can be decoded.
        """
        return self.frame(self._video.number_at(seconds), alone=alone)

    def frame(self, number: int, *, alone: bool = False) -> Frame:
        """The frame with this number, or the nearest decodable one before it (else after it)."""
        number = min(max(number, 0), self._video.n - 1)
        if self._fields is not None and number > 0:
            self._decoded(number - 1)
        self._alone = alone and self._fields is None
        try:
            found = self._near(number)
        finally:
            self._alone = False
        if found is None:
            raise UserError(f"The picture of “{self._name}” cannot be decoded here.")
        return self._made(*found)

    def keyframe_near(self, seconds: float) -> Frame:
        """The keyframe nearest to `seconds`, which is decoded fastest."""
        exact = self._video.number_at(seconds)
        if self._store.get(exact) is not None or len(self._key_numbers) == 0:
            return self.frame(exact)
        times = self._video.times[self._key_numbers]
        number = int(self._key_numbers[int(np.argmin(np.abs(times - seconds)))])
        decoded = self._store.get(number) or self._only(number)
        return self._made(number, decoded, woven=True) if decoded is not None else self.frame(number)

    def frames(self, start: float = 0.0, end: float | None = None) -> Iterator[Frame]:
        """The frames displayed from `start` until before `end` (default: the last), each once."""
        if end is not None and end <= start:
            return
        first = self._video.number_at(start)
        stop = self._video.n if end is None else int(np.searchsorted(self._video.times, end - 1e-6))
        for number in range(first, max(stop, first + 1)):
            decoded = self._decoded(number)
            if decoded is not None:
                yield self._made(number, decoded)

    def keep_before(self, number: int) -> None:
        """Decode and cache the frames before `number`, so that stepping back is immediate."""
        room = self._store.room
        while (missing := self._nearest_missing(number, max(number - room // 2, 0))) is not None:
            start = self._start_before(missing, 0)
            running = not self._ended and self._begin == start and self._out < missing
            if not running or self._skipped >= self._kept_from:
                self._kept_from = max(number - room, int(self._number[start]), 0)
                self._restart(start)
                running = False
            if self._run(missing, self._kept_from, number) is None:
                if running:
                    self._ended = True
                else:
                    self._broken.add(missing)

    def _nearest_missing(self, number: int, first: int) -> int | None:
        """The last number from `first` on and before `number` that is not cached."""
        missing = (n for n in range(number - 1, first - 1, -1) if n not in self._broken)
        return next((n for n in missing if self._store.get(n) is None), None)

    def _made(self, number: int, decoded: VideoFrame, *, woven: bool = False) -> Frame:
        if self._fields is not None and not woven:
            after = self._decoded(number + 1) if number + 1 < self._video.n else None
            decoded = self._fields.frame(number, self._store.get(number - 1), decoded, after)
        self._last = number
        return Frame(float(self._video.times[number]), number, self._maker.image(decoded))

    def _near(self, number: int) -> tuple[int, VideoFrame] | None:
        decoded = self._decoded(number)
        if decoded is not None:
            return number, decoded
        # Damaged: use a decodable frame near it.
        for reach in (0, _FARTHEST_NEIGHBOUR):
            self._restart(self._start_before(number, 1 + reach))
            self._run(min(number + reach, self._video.n - 1), 0)
            near = self._store.nearest(number)
            if near is not None and (near[0] <= number or reach):
                return near
        return None

    def _decoded(self, number: int) -> VideoFrame | None:
        """The decoded frame; None when it is damaged."""
        known = self._store.get(number)
        if known is not None or number in self._broken:
            return known
        backwards = self._last - _BACKWARD_STEPS <= number < self._last
        first = self._first_to_keep(number) if backwards else number
        if self._on_the_way(number):
            decoded = self._run(number, first)
            if decoded is not None:
                return decoded
            if self._begin <= self._start_before(number, 1):
                return self._last_try(number)
        for attempt in (0, 1, 4):
            start = self._start_before(min(first, number), attempt)
            self._restart(start)
            decoded = self._run(number, first)
            if decoded is not None:
                return decoded
            if start == 0:
                break
        return self._last_try(number)

    def _last_try(self, number: int) -> VideoFrame | None:
        """A frame that was not produced. At a damaged last packet libav discards all pending frames, so the
        frame is requested before that packet is decoded."""
        decoded: VideoFrame | None = None
        if self._ended and number > self._video.n - _DEEPEST_DELAY:
            before, self._alone = self._alone, True
            try:
                self._restart(self._start_before(number, 0))
                decoded = self._run(number, number)
            finally:
                self._alone = before
        if decoded is None:
            self._broken.add(number)
        return decoded

    def _first_to_keep(self, number: int) -> int:
        """The first frame of the group of `number` that fits into the cache, for stepping back."""
        group = int(self._number[self._start_before(number, 0)])
        return min(max(number - self._store.room, group, 0), number)

    def _on_the_way(self, number: int) -> bool:
        """Whether continuing the running decoder reaches `number` fastest."""
        if self._ended or self._fed < 0 or number <= max(self._out, self._skipped):
            return False
        return self._start_before(number, 0) <= self._fed + 1

    def _start_before(self, number: int, back: int) -> int:
        """The row from which `number` can be decoded, `back` keyframes earlier than should be necessary.

        A frame that is shown before the keyframe that precedes it in the file (open GOP) refers to frames
        of the group before, so decoding begins one keyframe earlier.
        """
        row = int(self._order[number])
        at = int(np.searchsorted(self._starts, row, side="right")) - 1
        if self._starts[at] != row and self._index.times[row] < self._index.times[self._starts[at]]:
            at -= 1
        return int(self._starts[max(at - back, 0)])

    def _restart(self, row: int) -> None:
        stream = self._walk.go_to(row)
        if stream is not self._stream:
            self._stream = self._as_picture(stream)
        self._stream.codec_context.flush_buffers()
        self._begin, self._fed, self._out, self._skipped, self._ended = row, row - 1, -1, -1, False

    @staticmethod
    def _as_picture(stream: object) -> AvVideoStream:
        if not isinstance(stream, AvVideoStream):
            raise TypeError("not a picture")
        prepare_decoder(stream)
        return stream

    def _run(self, number: int, first: int, wanted: int | None = None) -> VideoFrame | None:
        """Decode until `number` is produced; cache frames from `first` on, nearest to `wanted`.

        Frames before `first` that no other frame refers to are not decoded.
        """
        wanted = number if wanted is None else wanted
        context = self._stream.codec_context
        found: VideoFrame | None = None
        while found is None and self._out < number and not self._ended and not self._is_past(number):
            if self._interrupt is not None and self._interrupt():
                raise Interrupted
            row, packet = next(self._walk, (-1, None))
            if packet is None:
                self._ended = True
            elif row < self._begin:
                continue
            else:
                self._fed = row
                shown = self._number[row]
                skips = 0 <= shown < first
                context.skip_frame = "NONREF" if skips else "DEFAULT"
                self._skipped = max(self._skipped, int(shown)) if skips else self._skipped
                mark_packet(packet, row)
            for frame in decode_packet(self._stream, packet):
                brought = row_of(frame)
                if brought is None or self._number[brought] < 0:
                    continue
                shown = int(self._number[brought])
                self._out = max(self._out, shown)
                if shown >= first:
                    self._store.put(shown, frame, wanted)
                if shown == number:
                    found = frame
            if self._alone and found is None and packet is not None and row >= self._order[number]:
                # All necessary packets are in the decoder: flushing it is enough.
                found = self._emptied(number)
        return found

    def _emptied(self, number: int) -> VideoFrame | None:
        """The frame `number` after flushing the decoder; None when it is not among them."""
        found: VideoFrame | None = None
        for frame in decode_packet(self._stream, None):
            if row_of(frame) == self._order[number]:
                self._store.put(number, frame, number)
                found = frame
        self._ended = True
        return found

    def _is_past(self, number: int) -> bool:
        """Whether enough packets were decoded to have produced `number`."""
        return self._fed > self._begin and int(self._number[self._fed]) > number + _DEEPEST_DELAY

    def _only(self, number: int) -> VideoFrame | None:
        """A single keyframe, without decoding frames before or after it."""
        row = int(self._order[number])
        self._restart(row)
        found: VideoFrame | None = None
        self._stream.codec_context.skip_frame = "DEFAULT"
        for at, packet in self._walk:
            if at < row:
                continue
            mark_packet(packet, at)
            frames = decode_packet(self._stream, packet) + decode_packet(self._stream, None)
            found = next((frame for frame in frames if row_of(frame) == row), None)
            break
        self._stream.codec_context.flush_buffers()
        self._ended = True
        if found is not None:
            self._store.put(number, found, number)
        return found
