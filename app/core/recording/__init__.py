"""Recordings and their clock: opening, packet index, frames, sound samples, waveform, spectrogram."""

from app.core.recording.file_watch import FileNews, FileState, FileWatch
from app.core.recording.first_picture import FirstPicture, first_picture
from app.core.recording.frames import Frame, FrameReader
from app.core.recording.identity import content_sha256
from app.core.recording.probe import open_recording
from app.core.recording.recording import AudioStream, Recording, VideoStream, Warning  # noqa: A004
from app.core.recording.samples import SoundReader, read_samples, sound_blocks
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
