"""A recording and its clock: probe, packet index, frames, samples, waveform."""

from app.core.recording.first import FirstPicture, first_picture
from app.core.recording.frames import Frame, FrameReader
from app.core.recording.identity import content_sha256
from app.core.recording.probe import open_recording
from app.core.recording.recording import AudioStream, Recording, VideoStream, Warning  # noqa: A004
from app.core.recording.samples import SoundReader, read_samples, sound_blocks
from app.core.recording.watch import FileNews, FileState, FileWatch
from app.core.recording.waveform import Waveform, build_waveform

__all__ = [
    "AudioStream",
    "FileNews",
    "FileState",
    "FileWatch",
    "FirstPicture",
    "Frame",
    "FrameReader",
    "Recording",
    "SoundReader",
    "VideoStream",
    "Warning",
    "Waveform",
    "build_waveform",
    "content_sha256",
    "first_picture",
    "open_recording",
    "read_samples",
    "sound_blocks",
]
