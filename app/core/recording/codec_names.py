"""What the ways of coding picture and sound are called outside of the library that decodes them."""

from __future__ import annotations

_NAMES = {
    "av1": "AV1",
    "libdav1d": "AV1",
    "h264": "H.264",
    "hevc": "H.265",
    "mjpeg": "Motion JPEG",
    "mpeg1video": "MPEG-1",
    "mpeg2video": "MPEG-2",
    "mpeg4": "MPEG-4",
    "msmpeg4v2": "MPEG-4",
    "msmpeg4v3": "MPEG-4",
    "vc1": "VC-1",
    "vp8": "VP8",
    "vp9": "VP9",
    "wmv1": "WMV",
    "wmv2": "WMV",
    "wmv3": "WMV",
    "aac": "AAC",
    "ac3": "AC-3",
    "eac3": "E-AC-3",
    "flac": "FLAC",
    "mp1float": "MP1",
    "mp2": "MP2",
    "mp2float": "MP2",
    "mp3": "MP3",
    "mp3float": "MP3",
    "opus": "Opus",
    "libopus": "Opus",
    "vorbis": "Vorbis",
    "wmav1": "WMA",
    "wmav2": "WMA",
}


def codec_name(codec: str) -> str:
    """The name of a codec as people know it, by its decoder's; a rare one keeps the latter."""
    return "PCM" if codec.startswith("pcm_") else _NAMES.get(codec, codec)
