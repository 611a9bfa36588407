"""Opening of recordings: streams of the file and times of all frames."""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream as AvVideoStream

from app.core.errors import UserError
from app.core.jobs import CancelToken, Report, no_report
from app.core.recording.array_cache import cache_path, load_arrays, save_arrays
from app.core.recording.container import open_container
from app.core.recording.decoding import MOST_PIXELS, DecodingTrial, PictureForm, try_decoding
from app.core.recording.demux import WITH_TABLES, Demuxed, demux
from app.core.recording.description import recording_of
from app.core.recording.display_matrix import UPRIGHT
from app.core.recording.filled import filled_bytes
from app.core.recording.identity import fingerprint
from app.core.recording.index import Int64Array, PacketIndex, StreamIndex
from app.core.recording.index_cache import RecordingFacts, from_arrays, to_arrays
from app.core.recording.mp4_index import demux_by_tables
from app.core.recording.mp4_limits import fault_of_tables
from app.core.recording.open_errors import check_file, explain_refusal
from app.core.recording.packet_walk import PacketWalk
from app.core.recording.readable_bytes import ReadableBytes, never_check, readable_bytes
from app.core.recording.recording import Recording
from app.core.recording.start_time import started_at
from app.core.recording.stream_choice import choose_streams, is_decodable, picture_track, track_facts

logger = logging.getLogger(__name__)

_VERSION = 5
"""Part of the cache's key, to be raised whenever the index or its meaning changes."""

_HEAD = 24
"""Packets decoded on opening, from the first keyframe on, to find those that produce frames."""

_LONGEST_SEARCH = 5.0
"""The longest search (s) for the next packet of a file whose tables say where it is."""

_LONGEST_HEAD = 2500
"""The most packets decoded until the first frame."""

_SHORTEST_STEP, _LEAST_APART = 0.0005, 0.1
"""The shortest time (s) between two pictures, of which no camera records more in a second; and the share of
pictures that come later than that after the one before: streams arrive in bursts of one time."""


def open_recording(
    path: Path,
    *,
    picture: int | None = None,
    report: Report = no_report,
    cancel: CancelToken | None = None,
) -> Recording:
    """The recording at `path`, with its packet index (cached). `picture` is the number of the picture track
    to show, by default the camera's.

    Raises UserError when the file cannot be read or has no picture, Cancelled.
    """
    path = Path(path)
    check_file(path)
    try:
        name = fingerprint(path)
    except OSError as error:
        raise UserError(f"“{path.name}” cannot be read; it may be in use or not permitted.") from error
    known = _cached(_key(name, picture))
    if known is None:
        known = _build_index(path, picture, report, cancel)
        save_arrays("index", _key(name, picture), to_arrays(*known))
    return recording_of(path, name, *known)


def _key(name: str, picture: int | None) -> str:
    return f"{name}-{_VERSION}" + ("" if picture is None else f"-picture{picture}")


def is_known(path: Path) -> bool:
    """Whether the index of this recording is in the cache, so that it opens fast."""
    try:
        return cache_path("index", _key(fingerprint(path), None)).exists()
    except OSError:
        return False


def _cached(key: str) -> tuple[PacketIndex, RecordingFacts] | None:
    arrays = load_arrays("index", key)
    if arrays is None:
        return None
    try:
        return from_arrays(arrays)
    except (KeyError, ValueError, IndexError, TypeError):
        logger.warning("A stored packet index was damaged and is built again")
        return None


def _build_index(
    path: Path, picture: int | None, report: Report, cancel: CancelToken | None
) -> tuple[PacketIndex, RecordingFacts]:
    with _source(path, cancel) as source, _opened(path, source) as container:
        pictures, sound = choose_streams(container)
        if not pictures:
            raise UserError(_no_picture(path, container))
        found = _packets(path, container, source, picture, report=report, cancel=cancel)
        cuts = [] if source is None else source.cuts
        if found.video is None:
            raise UserError(
                f"“{path.name}” holds no picture that can be shown; it may be cut off or damaged."
            )
        video = pictures[found.picture]
        if video.codec_context.width * video.codec_context.height > MOST_PIXELS:
            raise UserError(f"The pictures of “{path.name}” are larger than this program can show.")
        facts = RecordingFacts(
            video_codec=video.codec_context.name,
            form=PictureForm(0, 0, 1.0, UPRIGHT),
            tracks=tuple(
                track_facts(track)
                for track in sound
                if any(index.stream == track.index for index in found.tracks)
            ),
            declared=_declared(container, video),
            corrupt=found.corrupt + found.errors,
            unreadable_sound=not sound and len(container.streams.audio) > 0,
            started_at=None,
            pictures=tuple(map(picture_track, pictures, found.counts)),
            picture=found.picture,
            hidden=sum(not is_decodable(stream) for stream in container.streams.video),
            unfilled=path.stat().st_size - filled_bytes(path),
        )
        container_name, metadata = container.format.name, dict(container.metadata)
    left_out = np.array(cuts, np.int64).reshape(-1, 3)
    index, form = _order(path, container_name, found, left_out, report=report, cancel=cancel)
    return index, replace(facts, form=form, started_at=started_at(metadata, _end(index)))


def _end(index: PacketIndex) -> float:
    """The end of the last displayed packet in seconds on the clock."""
    streams = (index.video, *index.tracks)
    return max(float((one.times + one.lengths)[one.shown].max(initial=0.0)) for one in streams)


def _source(path: Path, cancel: CancelToken | None) -> AbstractContextManager[ReadableBytes | None]:
    """What libav reads the file through; None for a file whose own tables say where its packets are."""
    try:
        return readable_bytes(path, never_check if cancel is None else cancel.check)
    except OSError as error:
        raise UserError(explain_refusal(path)) from error


def _opened(path: Path, source: ReadableBytes | None = None) -> InputContainer:
    if fault := fault_of_tables(path, [] if source is None else source.cuts):
        raise UserError(f"“{path.name}” is damaged: {fault}.")
    try:
        container = open_container(path, patience=_LONGEST_SEARCH, source=source)
    except (av.FFmpegError, OSError, UnicodeError) as error:
        raise UserError(explain_refusal(path)) from error
    if source is not None:
        source.opened()
    return container


def _packets(
    path: Path,
    container: InputContainer,
    source: ReadableBytes | None,
    picture: int | None,
    *,
    report: Report,
    cancel: CancelToken | None,
) -> Demuxed:
    """All packets of a newly opened container."""
    pictures, sound = choose_streams(container)
    if container.format.name != WITH_TABLES or source is not None:
        return demux(container, pictures, sound, report, cancel, picture=picture, source=source)
    found = demux_by_tables(container, path, pictures, sound, picture=picture)
    if found is not None:
        return found
    with _opened(path) as anew:
        return demux(anew, *choose_streams(anew), report, cancel, picture=picture)


def _no_picture(path: Path, container: InputContainer) -> str:
    if any(not is_decodable(stream) for stream in container.streams.video):
        return f"The picture of “{path.name}” is stored in a form that this program cannot decode."
    if len(container.streams.audio):
        return f"“{path.name}” holds sound but no picture; a recording needs a picture."
    return f"“{path.name}” holds no picture."


def _declared(container: InputContainer, video: AvVideoStream) -> float:
    """The duration (s) in the header; 0 for formats whose headers only guess."""
    if container.format.name in {"mpegts", "mpeg"}:
        return 0.0
    if video.duration is not None and video.time_base is not None:
        return float(video.duration * video.time_base)
    return container.duration / av.time_base if container.duration else 0.0


def _order(
    path: Path,
    container: str,
    found: Demuxed,
    cuts: Int64Array,
    *,
    report: Report,
    cancel: CancelToken | None,
) -> tuple[PacketIndex, PictureForm]:
    """The index with the packets that produce frames in display order, and the form of the picture."""
    video = found.video
    if video is None:
        raise TypeError("no picture")
    with PacketWalk(path, container, video, cuts) as walk:
        first_key = int(np.argmax(video.key)) if video.key.any() else 0
        head = try_decoding(walk, min(len(video), first_key + _HEAD))
        if head.form is None and head.tried < len(video):
            head = try_decoding(walk, min(len(video), _LONGEST_HEAD), report, cancel)
        if head.form is None:
            raise UserError(f"The picture of “{path.name}” cannot be decoded; the file is damaged.")
        if _needs_full_trial(video, head):
            video = _from_trial(video, try_decoding(walk, len(video), report, cancel))
        else:
            video = _without_silent(video, head)
    rows = np.flatnonzero(video.shown)
    rows = rows[np.argsort(video.times[rows], kind="stable")]
    if len(rows) > 2 and np.mean(np.diff(video.times[rows]) >= _SHORTEST_STEP) < _LEAST_APART:
        raise UserError(f"“{path.name}” is damaged: nearly all of its pictures have the same time.")
    origin = float(video.times[rows[0]])
    for track in found.tracks:
        if track.shown.any():
            origin = min(origin, float(track.times[track.shown].min()))
    moved = replace(video, times=video.times - origin)
    return (
        PacketIndex(
            container=container,
            video=moved,
            order=rows.astype(np.int64),
            tracks=tuple(replace(track, times=track.times - origin) for track in found.tracks),
            jumps=found.jumps - origin,
            cuts=cuts,
        ),
        head.form,
    )


def _needs_full_trial(video: StreamIndex, head: DecodingTrial) -> bool:
    """Whether packet times are not those of the frames: AVI with reordered frames, whose packets have no
    presentation times, and pictures whose two fields are two packets."""
    times = video.times[list(head.rows)]
    unordered = bool((np.diff(times) < 0).any())
    expected = video.shown[: head.tried].sum()
    first_key = int(np.argmax(video.key)) if video.key.any() else 0
    leading = int((video.times[: head.tried] < video.times[first_key]).sum())
    return unordered or len(head.rows) < 0.7 * (expected - leading)


def _without_silent(video: StreamIndex, head: DecodingTrial) -> StreamIndex:
    """The index without packets at the start that produced no frame, such as those with missing
    references."""
    shown = video.shown.copy()
    shown[: head.tried] = False
    shown[list(head.rows)] = True
    return replace(video, shown=shown)


def _from_trial(video: StreamIndex, trial: DecodingTrial) -> StreamIndex:
    """The index with the sorted packet times assigned to the frames in the order of output."""
    rows = np.array(trial.rows, np.int64)
    shown = np.zeros(len(video), np.bool_)
    shown[rows] = True
    times = video.times.copy()
    times[rows] = np.sort(video.times[rows])
    return replace(video, shown=shown, times=times)
