"""The choice of a file's streams: the camera's picture, other pictures, and usable sound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from av.audio.stream import AudioStream as AvAudioStream
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream as AvVideoStream

from app.core.plain_text import plain
from app.core.recording.index_cache import TrackFacts
from app.core.recording.recording import PictureTrack

_NO_CAMERA = Disposition.attached_pic | Disposition.still_image | Disposition.timed_thumbnails
"""The dispositions of covers, stills and thumbnails."""

_LOWEST_RATE, _HIGHEST_RATE, _MOST_CHANNELS = 1_000, 768_000, 64
"""The range of sampling rates (Hz) and the most channels of sound."""

_STILLS = frozenset({"png", "bmp", "gif", "tiff", "webp", "jpegls"})
"""Still picture codecs, which cameras do not use."""

_EMPTY_TITLES = frozenset({"SoundHandler", "VideoHandler", "Core Media Audio", "Core Media Video"})
"""Default track titles of writers, which carry no information."""

_GOOGLE = "ISO Media file produced by Google Inc."


def choose_streams(
    container: InputContainer,
) -> tuple[tuple[AvVideoStream, ...], tuple[AvAudioStream, ...]]:
    """All decodable picture tracks except covers and thumbnails, and all decodable sound tracks. Beside a
    picture with a finer clock none is taken that counts in whole seconds, as libav does without a valid one.
    """
    pictures = [s for s in container.streams.video if is_decodable(s) and not s.disposition & _NO_CAMERA]
    finer = [stream for stream in pictures if not _counts_in_seconds(stream)]
    return (
        tuple(finer or pictures),
        tuple(s for s in container.streams.audio if is_decodable(s) and _is_believable(s)),
    )


def _is_believable(stream: AvAudioStream) -> bool:
    """Whether rate, channels and clock are plausible: with a rate of 1 Hz, or a clock of whole seconds, a few
    bytes would make hours of sound."""
    context = stream.codec_context
    if _counts_in_seconds(stream):
        return False
    return _LOWEST_RATE <= context.sample_rate <= _HIGHEST_RATE and 0 < context.channels <= _MOST_CHANNELS


def _counts_in_seconds(stream: AvVideoStream | AvAudioStream) -> bool:
    return stream.time_base is not None and stream.time_base >= 1


def likely_camera(pictures: Sequence[AvVideoStream]) -> AvVideoStream | None:
    """The presumed picture track of the camera by the header; None without a picture."""

    def is_still(stream: AvVideoStream) -> bool:
        return stream.frames == 1 or stream.codec_context.name in _STILLS

    moving = [stream for stream in pictures if not is_still(stream)]
    drawn = [stream for stream in moving if stream.codec_context.name != "mjpeg"]
    return next(iter((*drawn, *moving, *pictures)), None)


def is_decodable(stream: AvVideoStream | AvAudioStream) -> bool:
    """Whether libav has a decoder for it."""
    context: Any = stream.codec_context  # None when libav has no decoder, contrary to the stubs
    return context is not None


def picture_track(stream: AvVideoStream, packets: int) -> PictureTrack:
    """The description of a picture track by its header and its number of packets."""
    context = stream.codec_context
    title, _ = _words(stream)
    return PictureTrack(context.name, context.width, context.height, packets, title)


def track_facts(track: AvAudioStream) -> TrackFacts:
    """The description of a sound track by its header."""
    context = track.codec_context
    return TrackFacts(context.name, context.sample_rate, context.channels, *_words(track))


def _words(stream: AvVideoStream | AvAudioStream) -> tuple[str, str]:
    """The title and the language of a track, "" where not stated."""
    words = stream.metadata
    title = words.get("title") or words.get("handler_name") or ""
    language = words.get("language") or ""
    said = title not in _EMPTY_TITLES and title != _GOOGLE
    return plain(title, 80) if said else "", "" if language == "und" else plain(language, 12)
