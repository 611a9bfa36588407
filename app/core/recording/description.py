"""The description of a recording from its index: duration, gaps, tracks and warnings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from app.core.recording.decoding import PictureForm
from app.core.recording.demux import camera_track
from app.core.recording.index import FloatArray, PacketIndex, StreamIndex
from app.core.recording.index_cache import RecordingFacts, TrackFacts
from app.core.recording.recording import AudioStream, PictureTrack, Recording, VideoStream, Warning  # noqa: A004
from app.core.recording.sparse_time import is_thin
from app.core.recording.unreadable import UnreadableStretch, unreadable_stretches, unreadable_words
from app.core.semiology import Span
from app.core.times import length_text, stretch

_EXPECTED_DAMAGE = 2
"""Damaged packets, one per stream, that are normal where parts were joined or cut off."""

_OWN_LENGTHS = frozenset({"mov,mp4,m4a,3gp,3g2,mj2", "avi"})
"""Containers that state a duration per stream; others state one for the whole file."""

_GAP = 1.0
_GAP_STEPS = 10
"""A gap is longer than these seconds and this multiple of the usual frame interval."""

_MOST_NAMED = 4
"""The most gaps or tracks that a warning lists individually."""


def recording_of(path: Path, name: str, index: PacketIndex, facts: RecordingFacts) -> Recording:
    """The recording at `path`, by its index and further facts; `name` is its fingerprint."""
    times = index.video.times[index.order]
    lengths = index.video.lengths[index.order]
    steps = np.diff(times)
    step = float(np.median(steps[steps > 0])) if (steps > 0).any() else float(lengths[-1]) or 0.04
    # A track without any packet that can be heard is omitted.
    held = [number for number, track in enumerate(index.tracks) if track.shown.any()]
    heard = [number for number in held if not is_thin(index.tracks[number])]
    index = replace(index, tracks=tuple(index.tracks[number] for number in heard))
    tracks = tuple(_audio(index.tracks[at], facts.tracks[number]) for at, number in enumerate(heard))
    audio = tracks[0] if tracks else None
    end = float(times[-1]) + (float(lengths[-1]) if 0 < lengths[-1] < 10 * step else step)
    duration = max(end, *(track.start + track.duration for track in tracks), 0.0)
    width, height = displayed_size(facts.form)
    form = facts.form
    video = VideoStream(
        facts.video_codec,
        width,
        height,
        times,
        max(round(1.0 / step, 6), 1e-6),
        form.orientation,
        form.interlaced,
    )
    gaps = _gaps(times, step, end, duration)
    unreadable = unreadable_stretches(index)
    extent = _extent(index.container, end - float(times[0]), duration)
    return Recording(
        path=path,
        name=path.name,
        fingerprint=name,
        duration=duration,
        video=video,
        audio=audio,
        warnings=_warnings(
            index, facts, audio, gaps, extent, unreadable=unreadable, thin=len(heard) < len(held)
        ),
        index=index,
        tracks=tracks,
        started_at=facts.started_at,
        gaps=gaps,
        unreadable=unreadable,
        pictures=facts.pictures,
        picture=facts.picture,
        default_picture=camera_track([one.packets for one in facts.pictures]),
    )


def _gaps(times: FloatArray, step: float, end: float, duration: float) -> tuple[Span, ...]:
    """The gaps of the picture: before the first of the frame `times`, after the last frame, which lasts until
    `end`, and where a frame is late relative to the usual `step`."""
    least = max(_GAP, _GAP_STEPS * step)
    rows = np.flatnonzero(np.diff(times) > least)
    between = [Span(float(times[row]) + step, float(times[row + 1])) for row in rows]
    edges = [Span(0.0, float(times[0])), *between, Span(end, max(duration, end))]
    return tuple(span for span in edges if span in between or span.duration > least)


def _extent(container: str, picture: float, whole: float) -> float:
    """The duration (s) to compare with the header's: of the picture, or of the whole file where the header
    states that."""
    return picture if container in _OWN_LENGTHS else max(picture, whole)


def displayed_size(form: PictureForm) -> tuple[int, int]:
    """Width and height in pixels after pixel aspect and rotation, without loss of stored lines or columns."""
    width = round(form.width * form.aspect) if form.aspect >= 1 else form.width
    height = form.height if form.aspect >= 1 else round(form.height / form.aspect)
    return (height, width) if form.orientation.rotation % 180 else (width, height)


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
    index: PacketIndex,
    facts: RecordingFacts,
    audio: AudioStream | None,
    gaps: tuple[Span, ...],
    extent: float,
    *,
    unreadable: tuple[UnreadableStretch, ...],
    thin: bool,
) -> tuple[Warning, ...]:
    found: list[Warning] = []
    truncated = facts.declared > extent + max(0.5, 0.02 * facts.declared)
    if truncated:
        found.append(
            Warning(
                "truncated",
                f"The file ends early: {length_text(extent)} of {length_text(facts.declared)} can be shown.",
            )
        )
    if facts.unfilled:
        size = f"{facts.unfilled / 1e6:,.0f} MB"
        found.append(
            Warning("unfilled", f"The last {size} of the file hold nothing: space that was never filled.")
        )
    if unreadable:
        found.append(Warning("unreadable", unreadable_words(unreadable)))
    if gaps:
        found.append(Warning("no_picture", _gap_words(gaps)))
    if len(facts.pictures) > 1 or facts.hidden:
        found.append(Warning("other_pictures", _other_pictures(facts)))
    if facts.form.orientation.askew:
        found.append(
            Warning(
                "turned_askew",
                "The file asks for its picture to be turned by an odd angle or slanted; it is shown upright.",
            )
        )
    if thin:
        found.append(Warning("sound_unreadable", "Sound with hours of almost no data is left out."))
    elif audio is None and facts.unreadable_sound:
        found.append(
            Warning("sound_unreadable", "The sound is damaged or stored in a form that cannot be decoded.")
        )
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


def _gap_words(gaps: tuple[Span, ...]) -> str:
    stretches = [stretch(gap.start, gap.end) for gap in gaps[:_MOST_NAMED]]
    more = len(gaps) - len(stretches)
    return f"There is no picture {', '.join(stretches)}{f' and in {more} more stretches' if more else ''}."


def _other_pictures(facts: RecordingFacts) -> str:
    """The sentence about further pictures in the file and the displayed one."""
    others = [track for number, track in enumerate(facts.pictures) if number != facts.picture]
    named = [_picture_words(track) for track in others[:_MOST_NAMED]]
    if len(others) > len(named):
        named.append(f"{len(others) - len(named)} more")
    if facts.hidden:
        named.append(f"{facts.hidden} that cannot be decoded")
    which = f"number {facts.picture + 1} of {len(facts.pictures)}"
    return f"The file holds more than one picture; {which} is shown. Not shown: {', '.join(named)}."


def _picture_words(track: PictureTrack) -> str:
    title = f" “{track.title}”" if track.title else ""
    kind = "a still picture" if track.packets <= 1 else f"{track.packets} pictures"
    return f"{kind}{title} ({track.codec}, {track.width}×{track.height})"
