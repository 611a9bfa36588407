"""Makes the pieces of a recording in one pass over it. Imports cv2: in the clip process only."""

from __future__ import annotations

import threading
import wave
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from functools import partial
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from app.core.enhance.clips import Clip, ClipOptions, ClipSpec, sampling_times
from app.core.enhance.denoise import SOUND_RATE, QuietSearch, denoised
from app.core.enhance.enhancement import Enhancement
from app.core.enhance.face_crop import FaceCrop, face_crop
from app.core.enhance.pose_track import SKELETON, Joint, PoseTrack
from app.core.enhance.transcript import Transcriber, transcriber
from app.core.recording.frames import FrameReader
from app.core.recording.recording import Recording
from app.core.recording.samples import read_samples, sound_runs

ShareReport = Callable[[float], None]
"""Takes the share of the work (0–1) that is done."""
Image = npt.NDArray[np.uint8]

JPEG_QUALITY = 85
VISIBLE = 0.3
"""Visibility below which a joint is not drawn: a guess would be shown as a fact."""
AUDIBLE = 1e-4
"""Peak (of 1) up to which sound is a microphone that was off, not a patient who is silent."""
NO_PICTURE = "The recording has no picture."
NO_SOUND = "The recording has no sound."
NO_FACE = "The patient's face was not seen in this stretch."
SILENT = "There is no sound at all in this stretch."
LEFT_COLOUR, RIGHT_COLOUR, MIDDLE_COLOUR = (60, 190, 255), (255, 170, 60), (235, 235, 235)
"""BGR: the patient's own left, right, and what joins them."""


def make_clips(
    recording: Recording,
    track: PoseTrack | None,
    pieces: tuple[ClipSpec, ...],
    *,
    options: ClipOptions,
    folder: Path,
    step: ShareReport = lambda _share: None,
) -> tuple[Clip, ...]:
    """Write all pieces into `folder`; `step` is told the share that is done.

    The picture is decoded once for all pieces that are sampled at the same moment.
    """
    seen = tuple(filter(_is_picture, pieces))
    heard = [piece for piece in pieces if not _is_picture(piece)]
    tell_seen, tell_heard = _together(step, 0.8, 0.2)
    # Beside each other: decoding and encoding leave Python's lock to the sound most of the time.
    with ThreadPoolExecutor(1, thread_name_prefix="sound") as beside:
        sounds = beside.submit(lambda: tuple(_sounds(recording, heard, options, folder, tell_heard)))
        clips = (*_pictures(recording, track, seen, options=options, folder=folder, step=tell_seen),)
        clips += sounds.result()
    step(1.0)
    return tuple(sorted(clips, key=lambda clip: clip.name))


def _together(step: ShareReport, *weights: float) -> tuple[ShareReport, ...]:
    """Steps of parts of the work, from several threads, as steps of the whole, one at a time."""
    shares = [0.0] * len(weights)
    lock = threading.Lock()

    def told(number: int, done: float) -> None:
        with lock:
            shares[number] = done * weights[number]
            step(sum(shares))

    return tuple(partial(told, number) for number in range(len(weights)))


def _is_picture(piece: ClipSpec) -> bool:
    return piece.enhancement is not Enhancement.SOUND


def _pictures(
    recording: Recording,
    track: PoseTrack | None,
    pieces: tuple[ClipSpec, ...],
    *,
    options: ClipOptions,
    folder: Path,
    step: ShareReport,
) -> Iterator[Clip]:
    """The clips of the picture; each is written while it is decoded, so that no length fills the memory."""
    if recording.video is None:
        for piece in pieces:
            yield Clip(
                piece.name, piece.enhancement, piece.span, piece.fps, 0.0, NO_PICTURE, unusable=NO_PICTURE
            )
        return
    if not pieces:
        return
    moments = _moments(pieces)
    last = {piece.name: max(sampling_times(piece.span, piece.fps)) for piece in pieces}
    waiting = {piece.name: piece for piece in pieces}
    making: dict[str, _PictureClip] = {}
    try:
        with FrameReader(recording) as reader:
            for number, (moment, names) in enumerate(moments):
                image = np.asarray(reader.frame_at(moment).image)
                for name in names:
                    if name in waiting:
                        making[name] = _PictureClip(waiting.pop(name), track, options, folder)
                    making[name].add(moment, image)
                for name in [name for name in making if last[name] <= moment + 1e-6]:
                    yield making.pop(name).finish()
                step((number + 1) / len(moments))
    finally:
        for unfinished in making.values():
            unfinished.close()


def _moments(pieces: tuple[ClipSpec, ...]) -> list[tuple[float, set[str]]]:
    """Every moment that is sampled, in order, with the names of the pieces that want it."""
    wanted: dict[int, tuple[float, set[str]]] = {}
    for piece in pieces:
        for moment in sampling_times(piece.span, piece.fps):
            wanted.setdefault(round(moment * 1000), (moment, set()))[1].add(piece.name)
    return [wanted[key] for key in sorted(wanted)]


class _PictureClip:
    """One piece of the picture while it is made."""

    def __init__(self, piece: ClipSpec, track: PoseTrack | None, options: ClipOptions, folder: Path) -> None:
        self._piece = piece
        self._track = track
        self._options = options
        self._folder = folder
        self._crop: FaceCrop | None = None
        self._film: _Film | None = None
        self._pictures: list[tuple[int, str]] = []
        self._seen = 0
        if track is not None and piece.enhancement is Enhancement.FACE and options.face:
            self._crop = face_crop(track, piece.span.start, piece.span.end)

    def add(self, moment: float, image: Image) -> None:
        """Take the whole picture of a moment in."""
        if self._crop is not None:
            shown = cropped(image, self._crop.at(moment), self._options.face_side)
            self._seen += self._crop.seen_at(moment)
        else:
            shown, found = self._whole(moment, image)
            self._seen += found
        name = f"{self._piece.name}-{len(self._pictures):03d}.jpg"
        coded, jpeg = cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        if not coded:
            raise ValueError("a picture could not be written as JPEG")
        (self._folder / name).write_bytes(jpeg.tobytes())
        if self._film is None:
            self._film = _Film(self._folder / self._video, shown.shape[1], shown.shape[0], self._piece.fps)
        self._film.add(shown)
        self._pictures.append((round((moment - self._piece.span.start) * 1000), name))

    @property
    def _video(self) -> str:
        return f"{self._piece.name}.mp4"

    @property
    def _is_face(self) -> bool:
        return self._piece.enhancement is Enhancement.FACE

    def _whole(self, moment: float, image: Image) -> tuple[Image, bool]:
        factor = min(1.0, self._options.side / max(image.shape[:2]))
        size = (_even(image.shape[1] * factor), _even(image.shape[0] * factor))
        small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        row = self._track.row_at(moment) if self._track is not None else None
        if self._track is None or row is None:
            return small, False
        if self._is_face:
            return small, bool(self._track.face_found[row])
        if not self._track.found[row]:
            return small, False
        if self._options.pose:
            scale = np.array([size[0] / self._track.width, size[1] / self._track.height, 1.0], np.float32)
            draw_skeleton(small, self._track.joints[row] * scale)
        return small, True

    def finish(self) -> Clip:
        """What was made; its files are whole."""
        self.close()
        seen = self._seen / len(self._pictures)
        # The face of somebody who was never seen cannot be judged; a body without a skeleton still can.
        hidden = self._is_face and self._track is not None and self._seen == 0
        return Clip(
            self._piece.name,
            self._piece.enhancement,
            self._piece.span,
            self._piece.fps,
            seen,
            self._note(seen),
            self._video,
            tuple(self._pictures),
            unusable=NO_FACE if hidden else "",
            enhanced=self._crop is not None if self._is_face else self._options.pose and self._seen > 0,
        )

    def close(self) -> None:
        if self._film is not None:
            self._film.close()
            self._film = None

    def _note(self, seen: float) -> str:
        if self._track is None:
            return "The picture is as recorded."
        if self._is_face:
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


class _Film:
    """An MP4 (H.264) of BGR images of one size at `fps` (Hz) while it is written, with no metadata."""

    def __init__(self, path: Path, width: int, height: int, fps: float) -> None:
        self._container = av.open(str(path), "w", format="mp4", options={"fflags": "+bitexact"})
        self._stream = self._container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1000))
        self._stream.width, self._stream.height = width, height
        self._stream.pix_fmt = "yuv420p"
        self._stream.options = {"crf": "23", "preset": "veryfast"}
        self._stream.codec_context.flags |= av.codec.context.Flags.bitexact

    def add(self, image: Image) -> None:
        self._container.mux(self._stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))

    def close(self) -> None:
        self._container.mux(self._stream.encode(None))
        self._container.close()


def _sounds(
    recording: Recording,
    pieces: list[ClipSpec],
    options: ClipOptions,
    folder: Path,
    step: ShareReport,
) -> Iterator[Clip]:
    if recording.audio is None:
        for piece in pieces:
            yield Clip(piece.name, piece.enhancement, piece.span, piece.fps, 0.0, NO_SOUND, unusable=NO_SOUND)
        return
    if not pieces:
        return
    search = QuietSearch(SOUND_RATE)
    if options.denoise:
        for _, sounds in sound_runs(recording, SOUND_RATE):
            for sound in sounds:
                search.add(sound)
    profile = search.found()
    write_down = transcriber(options.transcript) if options.transcript else _nothing_written
    for number, piece in enumerate(pieces):
        part = read_samples(recording, piece.span.start, piece.span.end, rate=SOUND_RATE)
        yield _heard(piece, part, profile, options=options, folder=folder, write_down=write_down)
        step((number + 1) / len(pieces))


def _nothing_written(_sound: npt.NDArray[np.float32]) -> str:
    return ""


def _heard(
    piece: ClipSpec,
    part: npt.NDArray[np.float32],
    profile: npt.NDArray[np.float32] | None,
    *,
    options: ClipOptions,
    folder: Path,
    write_down: Transcriber,
) -> Clip:
    sound, raw = f"{piece.name}.wav", f"{piece.name}-raw.wav"
    cleaned = denoised(part, SOUND_RATE, profile)
    write_sound(folder / sound, cleaned)
    write_sound(folder / raw, part)
    heard = float(np.abs(part).max(initial=0.0)) > AUDIBLE
    return Clip(
        piece.name,
        piece.enhancement,
        piece.span,
        piece.fps,
        float(heard),
        _sound_note(heard, options, profile is not None),
        sound=sound,
        raw_sound=raw,
        transcript=write_down(part) if heard else "",
        unusable="" if heard else SILENT,
        enhanced=cleaned is not part,
    )


def _sound_note(heard: bool, options: ClipOptions, has_profile: bool) -> str:
    if not heard:
        return SILENT
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
