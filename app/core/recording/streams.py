"""The streams of a file: which picture is the camera's, which others there are, and what can be heard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from av.audio.stream import AudioStream as AvAudioStream
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream as AvVideoStream

from app.core.plain_text import plain
from app.core.recording.recording import PictureTrack
from app.core.recording.stored import TrackFacts

_NO_CAMERA = Disposition.attached_pic | Disposition.still_image | Disposition.timed_thumbnails
"""What a file itself says to be a cover, a still or a strip of thumbnails."""

_LOWEST_RATE, _HIGHEST_RATE, _MOST_CHANNELS = 1_000, 768_000, 64
"""Of sound: samples a second, and channels."""

_STILLS = frozenset({"png", "bmp", "gif", "tiff", "webp", "jpegls"})
"""Codecs that cameras do not write."""

_EMPTY_TITLES = frozenset({"SoundHandler", "VideoHandler", "Core Media Audio", "Core Media Video"})
"""What writers put where a track's title belongs."""

_GOOGLE = "ISO Media file produced by Google Inc."


def choose_streams(
    container: InputContainer,
) -> tuple[tuple[AvVideoStream, ...], tuple[AvAudioStream, ...]]:
    """All picture tracks that can be decoded and are not said to be covers or thumbnails, and all tracks of
    sound that can be decoded."""
    return (
        tuple(s for s in container.streams.video if is_decodable(s) and not s.disposition & _NO_CAMERA),
        tuple(s for s in container.streams.audio if is_decodable(s) and _is_believable(s)),
    )


def _is_believable(stream: AvAudioStream) -> bool:
    """Whether its header claims what a microphone can have given: with a rate of 1 Hz a few bytes would make
    hours of sound."""
    context = stream.codec_context
    return _LOWEST_RATE <= context.sample_rate <= _HIGHEST_RATE and 0 < context.channels <= _MOST_CHANNELS


def likely_camera(pictures: Sequence[AvVideoStream]) -> AvVideoStream | None:
    """The picture track that is the camera's, as far as the header tells; None without a picture."""

    def is_still(stream: AvVideoStream) -> bool:
        return stream.frames == 1 or stream.codec_context.name in _STILLS

    moving = [stream for stream in pictures if not is_still(stream)]
    drawn = [stream for stream in moving if stream.codec_context.name != "mjpeg"]
    return next(iter((*drawn, *moving, *pictures)), None)


def is_decodable(stream: AvVideoStream | AvAudioStream) -> bool:
    """Whether libav has a decoder for it."""
    context: Any = stream.codec_context  # None when libav has no decoder, which the stubs do not say
    return context is not None


def picture_track(stream: AvVideoStream, packets: int) -> PictureTrack:
    """A picture track as its header and the count of its packets describe it."""
    context = stream.codec_context
    title, _ = _words(stream)
    return PictureTrack(context.name, context.width, context.height, packets, title)


def track_facts(track: AvAudioStream) -> TrackFacts:
    """A track of sound as its header describes it."""
    context = track.codec_context
    return TrackFacts(context.name, context.sample_rate, context.channels, *_words(track))


def _words(stream: AvVideoStream | AvAudioStream) -> tuple[str, str]:
    """The title and the language of a track; empty where the file does not say."""
    words = stream.metadata
    title = words.get("title") or words.get("handler_name") or ""
    language = words.get("language") or ""
    said = title not in _EMPTY_TITLES and title != _GOOGLE
    return plain(title, 80) if said else "", "" if language == "und" else plain(language, 12)
