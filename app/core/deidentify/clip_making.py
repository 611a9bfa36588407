"""A de-identified clip of one stretch of a recording. Imports cv2: for the process that makes clips only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.core.deidentify.clip_choice import FaceHiding, HidingChoice
from app.core.deidentify.clip_writer import SOUND_RATE, ClipWriter, Samples
from app.core.enhance.pose_track import PoseTrack
from app.core.errors import UserError
from app.core.hiding.burned_in_text import ShareReport, text_in
from app.core.hiding.covered_places import CoveredPlaces, CoveredShare, covered_boxes
from app.core.hiding.face_memory import FaceMemory
from app.core.hiding.picture_hider import Appearance, PictureHider, hide_frames
from app.core.hiding.voices import VoiceHiding, hide_voices
from app.core.recording.frames import FrameReader
from app.core.recording.recording import Recording, VideoStream
from app.core.recording.samples import SoundReader
from app.core.semiology import Span

Image = npt.NDArray[np.uint8]
_LONGEST = 1920
"""Pixels of the longer side of a clip: larger pictures are made smaller."""
_APPEARANCES = {FaceHiding.COVER: Appearance.COVERED, FaceHiding.FIGURE: Appearance.FIGURE}


@dataclass(frozen=True, slots=True)
class MadeClip:
    """A clip that was written: the numbers of its frames in the recording, how many of them had to be coarse
    as a whole, and the most that is covered as text or by hand in one, as a share of the picture."""

    numbers: tuple[int, ...]
    coarse: int
    covered: float

    @property
    def frames(self) -> int:
        return len(self.numbers)


def clip_size(video: VideoStream) -> tuple[int, int]:
    """The width and height of the pictures in a clip, in pixels."""
    factor = min(_LONGEST / max(video.width, video.height), 1.0)
    return max(round(video.width * factor), 2), max(round(video.height * factor), 2)


def text_of_stretch(recording: Recording, span: Span, report: ShareReport) -> CoveredPlaces:
    """Where text is burned in over the recording or over the stretch `span`, and when."""
    size = clip_size(_video(recording))
    whole = Span(0.0, recording.duration)
    spans = (whole,) if span == whole else (whole, span)
    found = CoveredPlaces()
    for number, one in enumerate(spans):
        part = partial(_report_part, report, number, len(spans))
        found = found.joined(text_in(recording, one, size=size, report=part))
    return found


def _report_part(report: ShareReport, number: int, parts: int, share: float) -> None:
    report((number + share) / parts)


def write_clip(
    recording: Recording,
    span: Span,
    choice: HidingChoice,
    path: Path,
    *,
    track: PoseTrack | None,
    text: CoveredPlaces,
    report: ShareReport,
) -> MadeClip:
    """Write the clip of `span` to `path`; `text` is covered, and so are the places of the choice.

    Raises UserError when the recording has no picture or cannot be read.
    """
    video = _video(recording)
    size = clip_size(video)
    memory = FaceMemory(recording)
    drawn = covered_boxes(choice.covers)
    appearance = _APPEARANCES[choice.faces]
    hider = PictureHider(track, appearance=appearance, text=text, drawn=drawn, memory=memory)
    covered = CoveredShare(text.joined(drawn), size)
    numbers, coarse = list[int](), 0
    with (
        frames_of_clips(recording) as reader,
        ClipWriter(path, size, rate=video.rate, sound=_sound(recording, span, choice.voice)) as writer,
    ):
        for seconds, hidden in hide_frames(_pictures(reader, span, numbers), hider):
            writer.add(max(seconds - span.start, 0.0), hidden.image)
            coarse += int(hidden.whole)
            covered.see(seconds)
            report(min((seconds - span.start) / max(span.duration, 1e-3), 1.0))
        if not numbers:
            raise UserError(f"The picture of “{recording.name}” cannot be decoded here.")
        writer.finish(span.duration)
    memory.save()
    return MadeClip(tuple(numbers), coarse, covered.most)


def _pictures(reader: FrameReader, span: Span, numbers: list[int]) -> Iterator[tuple[float, Image]]:
    """The time (s) and picture of each frame of the span; its number is added to `numbers`."""
    for frame in reader.frames(span.start, span.end):
        numbers.append(frame.number)
        yield frame.time, frame.image


def frames_of_clips(recording: Recording) -> FrameReader:
    """A reader of the recording's frames as large as they are in clips. Raises UserError."""
    return FrameReader(recording, clip_size(_video(recording)))


def _video(recording: Recording) -> VideoStream:
    if recording.video is None:
        raise UserError(f"“{recording.name}” has no picture, so there is no clip to make of it.")
    return recording.video


def _sound(recording: Recording, span: Span, voice: VoiceHiding) -> Iterator[Samples] | None:
    """The sound of the stretch with its voices hidden; None where the clip has no sound track."""
    if voice is VoiceHiding.REMOVE or recording.audio is None:
        return None
    return hide_voices(_recorded_sound(recording, span), SOUND_RATE, voice)


def _recorded_sound(recording: Recording, span: Span) -> Iterator[Samples]:
    length = round(span.duration * SOUND_RATE)
    with SoundReader(recording) as reader:
        for block in reader.blocks(span.start, SOUND_RATE, 1):
            if block.first >= length:
                return
            yield block.samples[: length - block.first, 0]
