"""Opening a recording: what is in the file, when each frame is shown, and what is wrong with it."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.stream import AudioStream as AvAudioStream
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream as AvVideoStream

from app.core.errors import UserError
from app.core.jobs import CancelToken, Report, no_report
from app.core.plain_text import plain
from app.core.recording.began import began
from app.core.recording.cache import cache_path, load_arrays, save_arrays
from app.core.recording.container import open_container
from app.core.recording.decoding import Look, Trial, try_decoding
from app.core.recording.demux import Demuxed, demux
from app.core.recording.identity import fingerprint
from app.core.recording.index import FloatArray, PacketIndex, StreamIndex
from app.core.recording.recording import AudioStream, Recording, VideoStream, Warning  # noqa: A004
from app.core.recording.refusal import check_file, refusal
from app.core.recording.stored import Facts, TrackFacts, from_arrays, to_arrays
from app.core.recording.tables import demux_by_tables
from app.core.recording.walk import PacketWalk
from app.core.semiology import Span

logger = logging.getLogger(__name__)

_VERSION = 2
"""Part of the cache's key: raise it whenever the index or its meaning changes."""

_EXPECTED_DAMAGE = 2
"""Packets, one of each stream, that are damaged where parts were joined or cut off."""

_HEAD = 24
"""Packets decoded on opening, from the first keyframe on, to see which of them bring frames."""

_LONGEST_HEAD = 2500
"""Packets that are tried at most until something can be seen."""


_WITH_TABLES = "mov,mp4,m4a,3gp,3g2,mj2"
"""The name that libav has for MP4 and QuickTime files."""

_OWN_LENGTHS = frozenset({_WITH_TABLES, "avi"})
"""Containers that promise a length for each stream; the others promise one for all together."""

_GAP = 1.0
_GAP_STEPS = 10
"""A gap is longer than so many seconds and so many usual steps from frame to frame."""

_EMPTY_TITLES = frozenset({"SoundHandler", "Core Media Audio", "ISO Media file produced by Google Inc."})
"""What writers put where a track's title belongs."""


def open_recording(path: Path, *, report: Report = no_report, cancel: CancelToken | None = None) -> Recording:
    """Open a recording: read its packet index (cached) and find out what can be shown.

    Raises UserError, in one sentence, when the file cannot be read or holds no picture; Cancelled.
    """
    path = Path(path)
    check_file(path)
    try:
        name = fingerprint(path)
    except OSError as error:
        raise UserError(f"“{path.name}” cannot be read; it may be in use or not yours to read.") from error
    known = _cached(name)
    if known is None:
        known = _examine(path, report, cancel)
        save_arrays("index", f"{name}-{_VERSION}", to_arrays(*known))
    return _recording(path, name, *known)


def is_known(path: Path) -> bool:
    """Whether the packets of this recording have been read before, so that it opens in a moment."""
    try:
        return cache_path("index", f"{fingerprint(path)}-{_VERSION}").exists()
    except OSError:
        return False


def _cached(name: str) -> tuple[PacketIndex, Facts] | None:
    arrays = load_arrays("index", f"{name}-{_VERSION}")
    if arrays is None:
        return None
    try:
        return from_arrays(arrays)
    except (KeyError, ValueError, IndexError, TypeError):
        logger.warning("A stored packet index was damaged and is built again")
        return None


def _examine(path: Path, report: Report, cancel: CancelToken | None) -> tuple[PacketIndex, Facts]:
    with _opened(path) as container:
        video, sound = choose_streams(container)
        if video is None:
            raise UserError(_no_picture(path, container))
        found = _packets(path, container, report, cancel)
        if found.video is None:
            raise UserError(
                f"“{path.name}” holds no picture that can be shown; it may be cut off or damaged."
            )
        facts = Facts(
            video_codec=video.codec_context.name,
            look=Look(0, 0, 1.0, 0),
            tracks=tuple(
                _track_facts(track)
                for track in sound
                if any(index.stream == track.index for index in found.tracks)
            ),
            declared=_declared(container, video),
            corrupt=found.corrupt + found.errors,
            unreadable_sound=not sound and len(container.streams.audio) > 0,
            started_at=began(container.metadata),
        )
        container_name = container.format.name
    index, look = _order(path, container_name, found, report, cancel)
    return index, replace(facts, look=look)


def _opened(path: Path) -> InputContainer:
    try:
        return open_container(path)
    except (av.FFmpegError, OSError, UnicodeError) as error:
        raise UserError(refusal(path)) from error


def _packets(path: Path, container: InputContainer, report: Report, cancel: CancelToken | None) -> Demuxed:
    """All packets of a container from which nothing has been read yet."""
    video, sound = choose_streams(container)
    if video is None or container.format.name != _WITH_TABLES:
        return demux(container, video, sound, report, cancel)
    found = demux_by_tables(container, path, video, sound)
    if found is not None:
        return found
    with _opened(path) as anew:
        return demux(anew, *choose_streams(anew), report, cancel)


def choose_streams(container: InputContainer) -> tuple[AvVideoStream | None, tuple[AvAudioStream, ...]]:
    """The first picture and all tracks of sound that can be decoded; a cover image is no picture."""
    video = next(
        (
            stream
            for stream in container.streams.video
            if _decodable(stream) and not stream.disposition & Disposition.attached_pic
        ),
        None,
    )
    return video, tuple(
        s for s in container.streams.audio if _decodable(s) and s.codec_context.sample_rate > 0
    )


def _track_facts(track: AvAudioStream) -> TrackFacts:
    context, words = track.codec_context, track.metadata
    title = words.get("title") or words.get("handler_name") or ""
    language = words.get("language") or ""
    return TrackFacts(
        context.name,
        context.sample_rate,
        context.channels,
        "" if title in _EMPTY_TITLES else plain(title, 80),
        "" if language == "und" else plain(language, 12),
    )


def _decodable(stream: AvVideoStream | AvAudioStream) -> bool:
    context: Any = stream.codec_context  # None when libav has no decoder, which the stubs do not say
    return context is not None


def _no_picture(path: Path, container: InputContainer) -> str:
    if any(not _decodable(stream) for stream in container.streams.video):
        return f"The picture of “{path.name}” is stored in a form that this program cannot decode."
    if len(container.streams.audio):
        return f"“{path.name}” holds sound but no picture; a recording needs a picture."
    return f"“{path.name}” holds no picture."


def _declared(container: InputContainer, video: AvVideoStream) -> float:
    """The seconds that the header promises; 0 where headers only guess."""
    if container.format.name in {"mpegts", "mpeg"}:
        return 0.0
    if video.duration is not None and video.time_base is not None:
        return float(video.duration * video.time_base)
    return container.duration / av.time_base if container.duration else 0.0


def _order(
    path: Path, container: str, found: Demuxed, report: Report, cancel: CancelToken | None
) -> tuple[PacketIndex, Look]:
    """Find the packets that bring frames and the order in which they are shown."""
    video = found.video
    if video is None:
        raise TypeError("no picture")
    with PacketWalk(path, container, video) as walk:
        first_key = int(np.argmax(video.key)) if video.key.any() else 0
        head = try_decoding(walk, min(len(video), first_key + _HEAD))
        if head.look is None and head.tried < len(video):
            head = try_decoding(walk, min(len(video), _LONGEST_HEAD), report, cancel)
        if head.look is None:
            raise UserError(f"The picture of “{path.name}” cannot be decoded; the file is damaged.")
        if _needs_full_trial(video, head):
            video = _from_trial(video, try_decoding(walk, len(video), report, cancel))
        else:
            video = _without_silent(video, head)
    rows = np.flatnonzero(video.shown)
    rows = rows[np.argsort(video.times[rows], kind="stable")]
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
        ),
        head.look,
    )


def _needs_full_trial(video: StreamIndex, head: Trial) -> bool:
    """Whether the packets' own times are not those of the frames: AVI with reordered frames, whose packets
    have no presentation times, and pictures whose two fields are two packets."""
    times = video.times[list(head.rows)]
    unordered = bool((np.diff(times) < 0).any())
    expected = video.shown[: head.tried].sum()
    first_key = int(np.argmax(video.key)) if video.key.any() else 0
    leading = int((video.times[: head.tried] < video.times[first_key]).sum())
    return unordered or len(head.rows) < 0.7 * (expected - leading)


def _without_silent(video: StreamIndex, head: Trial) -> StreamIndex:
    """Packets at the beginning that brought no frame, such as those whose references were cut off."""
    shown = video.shown.copy()
    shown[: head.tried] = False
    shown[list(head.rows)] = True
    return replace(video, shown=shown)


def _from_trial(video: StreamIndex, trial: Trial) -> StreamIndex:
    """Give the frames, in the order they came out, the packets' times in rising order."""
    rows = np.array(trial.rows, np.int64)
    shown = np.zeros(len(video), np.bool_)
    shown[rows] = True
    times = video.times.copy()
    times[rows] = np.sort(video.times[rows])
    return replace(video, shown=shown, times=times)


def _recording(path: Path, name: str, index: PacketIndex, facts: Facts) -> Recording:
    times = index.video.times[index.order]
    lengths = index.video.lengths[index.order]
    steps = np.diff(times)
    step = float(np.median(steps[steps > 0])) if (steps > 0).any() else float(lengths[-1]) or 0.04
    # A track without a single packet that can be heard is no track.
    heard = [number for number, track in enumerate(index.tracks) if track.shown.any()]
    index = replace(index, tracks=tuple(index.tracks[number] for number in heard))
    tracks = tuple(_audio(index.tracks[at], facts.tracks[number]) for at, number in enumerate(heard))
    audio = tracks[0] if tracks else None
    end = float(times[-1]) + (float(lengths[-1]) if 0 < lengths[-1] < 10 * step else step)
    duration = max(end, *(track.start + track.duration for track in tracks), 0.0)
    width, height = displayed_size(facts.look)
    look = facts.look
    video = VideoStream(
        facts.video_codec, width, height, times, round(1.0 / step, 6), look.rotation, look.interlaced
    )
    return Recording(
        path=path,
        name=path.name,
        fingerprint=name,
        duration=duration,
        video=video,
        audio=audio,
        warnings=_warnings(index, facts, audio, _extent(index.container, end - float(times[0]), duration)),
        index=index,
        tracks=tracks,
        started_at=facts.started_at,
        gaps=_gaps(times, step),
    )


def _gaps(times: FloatArray, step: float) -> tuple[Span, ...]:
    """Where the next of the frames' `times` comes late by the measure of `step`, the usual one."""
    rows = np.flatnonzero(np.diff(times) > max(_GAP, _GAP_STEPS * step))
    return tuple(Span(float(times[row]), float(times[row + 1])) for row in rows)


def _extent(container: str, picture: float, whole: float) -> float:
    """The seconds to compare with what the header promises: those of the picture, or of all streams together
    where that is what it promises."""
    return picture if container in _OWN_LENGTHS else max(picture, whole)


def displayed_size(look: Look) -> tuple[int, int]:
    """Width and height in pixels after pixel aspect and rotation; no stored line or column is lost."""
    width = round(look.width * look.aspect) if look.aspect >= 1 else look.width
    height = look.height if look.aspect >= 1 else round(look.height / look.aspect)
    return (height, width) if look.rotation % 180 else (width, height)


def _audio(sound: StreamIndex, facts: TrackFacts) -> AudioStream:
    starts, ends = sound.times[sound.shown], (sound.times + sound.lengths)[sound.shown]
    start = max(float(starts.min()), 0.0)
    return AudioStream(
        facts.codec,
        facts.rate,
        facts.channels,
        start,
        float(ends.max()) - start,
        facts.title,
        facts.language,
    )


def _warnings(
    index: PacketIndex, facts: Facts, audio: AudioStream | None, extent: float
) -> tuple[Warning, ...]:
    found: list[Warning] = []
    truncated = facts.declared > extent + max(0.5, 0.02 * facts.declared)
    if truncated:
        found.append(
            Warning(
                "truncated",
                f"The file ends early: {extent:.1f} s of {facts.declared:.1f} s can be shown.",
            )
        )
    if audio is None and facts.unreadable_sound:
        found.append(Warning("sound_unreadable", "The sound is stored in a form that cannot be decoded."))
    elif audio is None:
        found.append(Warning("no_sound", "This recording has no sound."))
    if len(index.jumps):
        places = "place" if len(index.jumps) == 1 else "places"
        found.append(
            Warning(
                "time_jump",
                f"The file's own clock jumps at {len(index.jumps)} {places}; "
                "the parts are shown one after the other without the gap.",
            )
        )
    if facts.corrupt > _EXPECTED_DAMAGE * (len(index.jumps) + truncated):
        found.append(
            Warning("damaged", "Parts of the file are damaged; some frames may be missing or broken.")
        )
    return tuple(found)
