"""Makes the pieces of a recording in one pass over it. Imports cv2: in the clip process only."""

from __future__ import annotations

import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from app.core.enhance.clips import Clip, ClipOptions, Piece, sampling_times
from app.core.enhance.denoise import denoised, quiet_stretch
from app.core.enhance.enhancement import Enhancement
from app.core.enhance.face_crop import FaceCrop, face_crop
from app.core.enhance.pose_track import SKELETON, Joint, PoseTrack
from app.core.recording.frames import FrameReader
from app.core.recording.recording import Recording
from app.core.recording.samples import read_samples

Image = npt.NDArray[np.uint8]

SOUND_RATE = 16_000
JPEG_QUALITY = 85
VISIBLE = 0.3
"""Visibility below which a joint is not drawn: a guess would be shown as a fact."""
LEFT_COLOUR, RIGHT_COLOUR, MIDDLE_COLOUR = (60, 190, 255), (255, 170, 60), (235, 235, 235)
"""BGR: the patient's own left, right, and what joins them."""


def make_clips(
    recording: Recording,
    track: PoseTrack | None,
    pieces: tuple[Piece, ...],
    *,
    options: ClipOptions,
    folder: Path,
    step: Callable[[float], None] = lambda _share: None,
) -> tuple[Clip, ...]:
    """Write all pieces into `folder`; `step` is told the share that is done.

    The picture is decoded once for all pieces that are sampled at the same moment.
    """
    shown = [_Shown(piece, recording, track, options, folder) for piece in pieces if _is_picture(piece)]
    heard = [piece for piece in pieces if not _is_picture(piece)]
    moments = _moments([one.piece for one in shown])
    if moments and recording.video is not None:
        with FrameReader(recording) as reader:
            for number, (moment, names) in enumerate(moments):
                image = np.asarray(reader.frame_at(moment).image)
                for one in shown:
                    if one.piece.name in names:
                        one.add(moment, image)
                step(0.9 * (number + 1) / len(moments))
    clips = [one.finish() for one in shown] + list(_sounds(recording, heard, options, folder))
    step(1.0)
    return tuple(sorted(clips, key=lambda clip: clip.name))


def _is_picture(piece: Piece) -> bool:
    return piece.enhancement is not Enhancement.SOUND


def _moments(pieces: list[Piece]) -> list[tuple[float, set[str]]]:
    """Every moment that is sampled, in order, with the names of the pieces that want it."""
    wanted: dict[int, tuple[float, set[str]]] = {}
    for piece in pieces:
        for moment in sampling_times(piece.span, piece.fps):
            wanted.setdefault(round(moment * 1000), (moment, set()))[1].add(piece.name)
    return [wanted[key] for key in sorted(wanted)]


@dataclass(slots=True)
class _Shown:
    """One piece of the picture while it is made."""

    piece: Piece
    recording: Recording
    track: PoseTrack | None
    options: ClipOptions
    folder: Path
    _crop: FaceCrop | None = None
    _images: list[Image] = field(default_factory=list)
    _pictures: list[tuple[int, str]] = field(default_factory=list)
    _seen: int = 0

    def __post_init__(self) -> None:
        if self.track is not None and self.piece.enhancement is Enhancement.FACE and self.options.face:
            self._crop = face_crop(self.track, self.piece.span.start, self.piece.span.end)

    def add(self, moment: float, image: Image) -> None:
        if self._crop is not None:
            shown = cropped(image, self._crop.at(moment), self.options.face_side)
            self._seen += self._crop.seen_at(moment)
        else:
            shown, found = self._whole(moment, image)
            self._seen += found
        name = f"{self.piece.name}-{len(self._pictures):03d}.jpg"
        coded, jpeg = cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        if not coded:
            raise ValueError("a picture could not be written as JPEG")
        (self.folder / name).write_bytes(jpeg.tobytes())
        self._images.append(shown)
        self._pictures.append((round((moment - self.piece.span.start) * 1000), name))

    def _whole(self, moment: float, image: Image) -> tuple[Image, bool]:
        factor = min(1.0, self.options.side / max(image.shape[:2]))
        size = (_even(image.shape[1] * factor), _even(image.shape[0] * factor))
        small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        row = self.track.row_at(moment) if self.track is not None else None
        if self.track is None or row is None or not self.track.found[row]:
            return small, False
        if self.piece.enhancement is Enhancement.FACE:
            return small, bool(self.track.face_found[row])
        if self.options.pose:
            scale = np.array([size[0] / self.track.width, size[1] / self.track.height, 1.0], np.float32)
            draw_skeleton(small, self.track.joints[row] * scale)
        return small, True

    def finish(self) -> Clip:
        video = f"{self.piece.name}.mp4"
        seen = self._seen / len(self._pictures) if self._pictures else 0.0
        if self._images:
            write_video(self.folder / video, self._images, self.piece.fps)
        return Clip(
            self.piece.name,
            self.piece.enhancement,
            self.piece.span,
            self.piece.fps,
            seen,
            self._note(seen),
            video if self._images else None,
            tuple(self._pictures),
        )

    def _note(self, seen: float) -> str:
        if self.recording.video is None:
            return "The recording has no picture."
        if self.piece.enhancement is Enhancement.FACE:
            where = "" if self._crop is not None else "; the whole picture is shown"
            return f"The face was seen in {seen:.0%} of the pictures{where}."
        return f"The patient was found in {seen:.0%} of the pictures."


def cropped(image: Image, place: tuple[int, int, int], side: int) -> Image:
    """The square at `place` (left, top, side in pixels) scaled to `side`; black beyond the picture."""
    left, top, size = place
    height, width = image.shape[:2]
    square = np.zeros((size, size, 3), np.uint8)
    x0, x1 = max(left, 0), min(left + size, width)
    y0, y1 = max(top, 0), min(top + size, height)
    if x0 < x1 and y0 < y1:
        square[y0 - top : y1 - top, x0 - left : x1 - left] = image[y0:y1, x0:x1]
    way = cv2.INTER_AREA if size > side else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(square, (side, side), interpolation=way), dtype=np.uint8)


def draw_skeleton(image: Image, joints: npt.NDArray[np.float32]) -> None:
    """Draw the patient's skeleton into `image`; joints (33, 3) in its pixels, with visibility."""
    thickness = max(2, round(max(image.shape[:2]) / 320))
    for first, second in SKELETON:
        if min(joints[first, 2], joints[second, 2]) >= VISIBLE:
            start, end = _point(joints[first]), _point(joints[second])
            cv2.line(image, start, end, _colour(first, second), thickness, cv2.LINE_AA)


def _point(joint: npt.NDArray[np.float32]) -> tuple[int, int]:
    return int(np.clip(joint[0], -32_000, 32_000)), int(np.clip(joint[1], -32_000, 32_000))


def _colour(first: Joint, second: Joint) -> tuple[int, int, int]:
    sides = {joint.name.split("_")[0] for joint in (first, second)}
    if sides == {"LEFT"}:
        return LEFT_COLOUR
    return RIGHT_COLOUR if sides == {"RIGHT"} else MIDDLE_COLOUR


def write_video(path: Path, images: list[Image], fps: float) -> None:
    """MP4 (H.264) of BGR images of one size at `fps` (Hz), with no metadata."""
    with av.open(str(path), "w", format="mp4", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1000))
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": "23", "preset": "veryfast"}
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        for image in images:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode(None))


def _sounds(recording: Recording, pieces: list[Piece], options: ClipOptions, folder: Path) -> Iterator[Clip]:
    if not pieces:
        return
    whole = read_samples(recording, rate=SOUND_RATE) if recording.audio is not None else None
    profile = quiet_stretch(whole, SOUND_RATE) if whole is not None and options.denoise else None
    for piece in pieces:
        if whole is None:
            yield Clip(
                piece.name, piece.enhancement, piece.span, piece.fps, 0.0, "The recording has no sound."
            )
            continue
        part = whole[round(piece.span.start * SOUND_RATE) : round(piece.span.end * SOUND_RATE)]
        sound, raw = f"{piece.name}.wav", f"{piece.name}-raw.wav"
        cleaned = denoised(part, SOUND_RATE, profile)
        write_sound(folder / sound, cleaned)
        write_sound(folder / raw, part)
        heard = float(np.abs(part).max(initial=0.0)) > 1e-4
        yield Clip(
            piece.name,
            piece.enhancement,
            piece.span,
            piece.fps,
            float(heard),
            _sound_note(heard, options, profile is not None),
            sound=sound,
            raw_sound=raw,
        )


def _sound_note(heard: bool, options: ClipOptions, has_profile: bool) -> str:
    if not heard:
        return "This stretch is silent."
    if not options.denoise:
        return "The sound is as recorded."
    if not has_profile:
        return "The sound is as recorded: there is no quiet stretch to learn its noise from."
    return "The noise of a quiet stretch of the recording was reduced."


def write_sound(path: Path, sound: npt.NDArray[np.float32]) -> None:
    """WAV, mono, 16 bit, `SOUND_RATE` Hz."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SOUND_RATE)
        file.writeframes((np.clip(sound, -1.0, 1.0) * 32_767).astype("<i2").tobytes())


def _even(value: float) -> int:
    return max(2, round(value / 2) * 2)
