"""Writing of a seekable copy of a recording that is damaged, has no index, or is slow to seek in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import OutputContainer

from app.core.atomic import put_in_place, remove_unfinished, unfinished_folder
from app.core.errors import UserError
from app.core.exports import exporting_to, is_one_of
from app.core.jobs import CancelToken, Progress, Report, TimeEstimate, no_report
from app.core.recording.display_matrix import UPRIGHT
from app.core.recording.frames import FrameReader
from app.core.recording.index import NONE, FloatArray, Int64Array, StreamIndex
from app.core.recording.packet_walk import PacketWalk
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording
from app.core.recording.samples import Samples, SoundReader
from app.core.recording.sparse_time import BREAK

_TICKS = 90_000
_SOUND_RATE = 48_000
_FRAME = 1024
"""Samples per frame of the encoder."""
_LONGEST_STEP = 1.0
_LOST = 3600.0
"""A copy shorter by more seconds than this could not represent the gaps."""
_LONGEST_GROUP = 4.0
"""The longest time (s) between keyframes with fast seeking."""

_COPIED_PICTURES = frozenset({"h264", "hevc", "mpeg4"})
_COPIED_SOUNDS = frozenset({"aac", "mp3", "ac3", "alac"})
_QUALITY = {"preset": "veryfast", "crf": "17", "bf": "0"}
"""Encoder settings for visually lossless quality."""


@dataclass(frozen=True, slots=True)
class CopyResult:
    """The written copy: `path`, and whether `picture` and `sound` had to be re-encoded."""

    path: Path
    picture: bool
    sound: bool


def needs_copy(recording: Recording) -> bool:
    """Whether a seekable copy would help, because of damage or keyframes far apart."""
    return _is_damaged(recording) or _longest_group(recording) > _LONGEST_GROUP


def write_seekable_copy(
    recording: Recording,
    out: Path,
    report: Report = no_report,
    cancel: CancelToken | None = None,
    *,
    kept: Iterable[Path] = (),
    replace: bool = True,
) -> CopyResult:
    """Write a copy of `recording` as an MP4 with fast seeking: index in front, frames at the same times on
    the same clock, time jumps removed.

    Intact streams are copied unchanged; a picture that is damaged, not supported by MP4 or with keyframes far
    apart is re-encoded with one keyframe per second. The recording itself and the files `kept`, the others of
    its study, are never overwritten; `out` is written atomically, and without `replace` only where
    nothing is. Raises UserError, Cancelled.
    """
    _check(recording, out, kept)
    picture = not _picture_can_be_copied(recording)
    sound = recording.audio is not None and not _sound_can_be_copied(recording)
    remove_unfinished(out.parent)
    with exporting_to(out.parent), unfinished_folder(out) as folder:
        part = folder / "part.mp4"
        try:
            with av.open(str(part), "w", options={"movflags": "faststart"}) as output:
                _write(output, recording, picture=picture, sound=sound, report=report, cancel=cancel)
        except OSError as error:
            why = error.strerror or "the disk may be full"
            raise UserError(f"The copy could not be written: {why}.") from error
        _check_copy(part, recording)
        try:
            put_in_place(part, out, replace=replace)
        except OSError as error:
            raise UserError(f"The copy could not be written: {error.strerror or error}.") from error
    return CopyResult(out, picture, sound)


def _check(recording: Recording, out: Path, kept: Iterable[Path]) -> None:
    if out.exists() and out.samefile(recording.path):
        raise UserError("A copy is never written over the recording itself; choose another name.")
    if is_one_of(out, kept):
        raise UserError(f"“{out.name}” is a recording of the study; choose another name.")
    if not out.parent.is_dir():
        raise UserError(f"The folder for “{out.name}” does not exist.")


def _check_copy(part: Path, recording: Recording) -> None:
    """Check the copy by reading it before it is moved into place. Raises UserError."""
    copied = open_recording(part)
    expected = recording.video.n if recording.video is not None else 0
    if copied.video is None or copied.video.n < 0.5 * expected:
        raise UserError(f"“{recording.name}” is too damaged for a copy.")
    if recording.duration - copied.duration > _LOST:
        # An MP4 cannot represent a step of more than some hours.
        raise UserError(f"“{recording.name}” has gaps that are too long for a copy.")


def _picture_can_be_copied(recording: Recording) -> bool:
    video, index = recording.video, recording.index
    if video is None or video.codec not in _COPIED_PICTURES or _is_damaged(recording):
        return False
    if video.orientation != UPRIGHT or (index.video.pts == NONE).any():
        return False
    if _longest_group(recording) > _LONGEST_GROUP:
        return False
    return bool(index.video.shown.all()) and index.container not in _UNCLEAN


def _is_damaged(recording: Recording) -> bool:
    return bool({warning.code for warning in recording.warnings} & _FAULTS)


def _longest_group(recording: Recording) -> float:
    """The longest time (s) between two keyframes. Gaps without frames count as short, because there is
    nothing to decode in them."""
    if recording.video is None:
        return 0.0
    steps = np.minimum(np.diff(recording.video.times), _LONGEST_STEP)
    elapsed = np.concatenate([[0.0], np.cumsum(steps)])
    numbers = recording.index.number[recording.index.starts]
    keys = elapsed[np.sort(numbers[numbers >= 0])]
    return float(np.diff(np.append(keys, elapsed[-1])).max(initial=0.0))


_FAULTS = frozenset({"damaged", "time_jump", "truncated"})
_UNCLEAN = frozenset({"mpeg", "avi", "flv"})
"""Containers whose packets lack times that MP4 needs, so that streams are always re-encoded."""


def _sound_can_be_copied(recording: Recording) -> bool:
    audio, index = recording.audio, recording.index.audio
    if audio is None or index is None or audio.codec not in _COPIED_SOUNDS:
        return False
    clean = not _is_damaged(recording) and recording.index.container not in _UNCLEAN
    return clean and bool(index.shown.all())


def _write(
    output: OutputContainer,
    recording: Recording,
    *,
    picture: bool,
    sound: bool,
    report: Report,
    cancel: CancelToken | None,
) -> None:
    sources: list[Iterator[Any]] = []
    sources.append(
        _encoded_picture(output, recording) if picture else _copied_packets(output, recording, "video")
    )
    if recording.audio is not None:
        sources.append(
            _encoded_sound(output, recording) if sound else _copied_packets(output, recording, "audio")
        )
    estimate, reported = TimeEstimate(), 0.0
    for packet in _in_order(sources):
        if cancel is not None:
            cancel.check()
        output.mux(packet)
        done = min(_seconds(packet) / max(recording.duration, 1e-3), 1.0)
        if done - reported > 0.01:
            reported = done
            report(Progress("Writing a seekable copy", done, estimate.remaining(done)))


def _seconds(packet: Any) -> float:
    return float((packet.dts if packet.dts is not None else packet.pts or 0) * packet.time_base)


def _in_order(sources: list[Iterator[Any]]) -> Iterator[Any]:
    """The packets of all sources merged by time; each source is sorted."""
    heads = [next(source, None) for source in sources]
    while any(head is not None for head in heads):
        place = min((i for i, head in enumerate(heads) if head is not None), key=lambda i: _seconds(heads[i]))
        yield heads[place]
        heads[place] = next(sources[place], None)


def _copied_packets(output: OutputContainer, recording: Recording, kind: str) -> Iterator[Any]:
    """The packets of a stream with their times on the recording's clock."""
    index = recording.index.video if kind == "video" else recording.index.audio
    if index is None:
        return iter(())
    walk = PacketWalk(recording.path, recording.index.container, index, recording.index.cuts)
    stream = output.add_stream_from_template(walk.go_to(0))

    def packets() -> Iterator[Any]:
        times = np.rint(_stamps(index, kind) / float(index.time_base)).astype(np.int64)
        order = _decode_times(times)
        with walk:
            for row, found in walk:
                packet: Any = found
                packet.pts, packet.dts = int(times[row]), int(order[row])
                packet.stream = stream
                yield packet

    return packets()


def _stamps(index: StreamIndex, kind: str) -> FloatArray:
    """The start of each packet in seconds on the recording's clock. That of sound includes the encoder delay,
    which the index excludes."""
    if kind == "video" or (index.pts == NONE).any():
        return index.times
    stamps = index.pts * float(index.time_base)
    return np.asarray(stamps + np.median(index.times - stamps), np.float64)


def _decode_times(times: Int64Array) -> Int64Array:
    """The decoding times of the packets: their presentation times sorted, made unique and early enough for
    every packet."""
    places = np.arange(len(times))
    rising = np.minimum.accumulate((np.sort(times) - places)[::-1])[::-1] + places
    return np.asarray(rising - max(int((rising - times).max(initial=0)), 0), np.int64)


def _encoded_picture(output: OutputContainer, recording: Recording) -> Iterator[Any]:
    video = recording.video
    if video is None:
        return iter(())
    size = (video.width // 2 * 2, video.height // 2 * 2)
    stream: Any = output.add_stream(
        "libx264", rate=max(Fraction(round(video.rate * 1000), 1000), Fraction(1))
    )
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = Fraction(1, _TICKS)
    group = max(round(video.rate), 1)
    stream.options = _QUALITY | {"x264-params": f"keyint={group}:min-keyint={group}:scenecut=0"}

    def packets() -> Iterator[Any]:
        last = -1
        with FrameReader(recording, size, "bgr24") as reader:
            for frame in reader.frames():
                picture = av.VideoFrame.from_ndarray(frame.image, format="bgr24")
                last = max(round(frame.time * _TICKS), last + 1)
                picture.pts, picture.time_base = last, Fraction(1, _TICKS)
                yield from stream.encode(picture)
        yield from stream.encode(None)

    return packets()


def _encoded_sound(output: OutputContainer, recording: Recording) -> Iterator[Any]:
    voice: Any = output.add_stream("aac", rate=_SOUND_RATE)
    channels = 1 if recording.audio is not None and recording.audio.channels == 1 else 2
    voice.layout = "mono" if channels == 1 else "stereo"
    voice.bit_rate = 128_000

    def packets() -> Iterator[Any]:
        with SoundReader(recording) as reader:
            for first, samples in _in_frames(reader, channels):
                frame = av.AudioFrame.from_ndarray(
                    np.ascontiguousarray(samples.T), format="fltp", layout=voice.layout.name
                )
                frame.sample_rate, frame.time_base = _SOUND_RATE, Fraction(1, _SOUND_RATE)
                frame.pts = first
                yield from voice.encode(frame)
        yield from voice.encode(None)

    return packets()


def _in_frames(reader: SoundReader, channels: int) -> Iterator[tuple[int, Samples]]:
    """The sound in frames for the encoder, each with the number of its first sample. Long silence is left
    out; the last frame before it is padded."""
    first, rest = 0, np.zeros((0, channels), np.float32)
    for block in reader.blocks(0.0, _SOUND_RATE, channels, longest_silence=BREAK):
        if block.first > first + len(rest):
            if len(rest):
                yield first, np.pad(rest, ((0, _FRAME - len(rest)), (0, 0)))
            first, rest = block.first, rest[:0]
        rest = np.concatenate([rest, block.samples])
        while len(rest) >= _FRAME:
            yield first, rest[:_FRAME]
            first, rest = first + _FRAME, rest[_FRAME:]
    if len(rest):
        yield first, rest
