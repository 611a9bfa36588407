"""Clips of a recording, made in one pass over it. Imports cv2: for the clip process only."""

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

from app.core.clips.clip import Clip, ClipOptions, ClipSpec, sampling_times
from app.core.enhance.denoise import SOUND_RATE, QuietSearch, denoise
from app.core.enhance.enhancement import Enhancement
from app.core.enhance.face_crop import FaceCrop, face_crop
from app.core.enhance.pose_track import SKELETON, Joint, PoseTrack
from app.core.enhance.transcript import Transcriber, transcriber
from app.core.recording.frames import FrameReader
from app.core.recording.recording import Recording
from app.core.recording.samples import read_samples, sound_runs

ShareReport = Callable[[float], None]
"""Receives the completed share of the work (0–1)."""
Image = npt.NDArray[np.uint8]

JPEG_QUALITY = 85
VISIBLE = 0.3
"""The lowest visibility of a joint that is drawn: a guess must not look like a fact."""
AUDIBLE = 1e-4
"""The highest peak (of 1) of a microphone that was off, in contrast to a silent patient."""
NO_PICTURE = "The recording has no picture."
NO_SOUND = "The recording has no sound."
NO_FACE = "The patient's face was not seen in this stretch."
SILENT = "There is no sound at all in this stretch."
LEFT_COLOUR, RIGHT_COLOUR, MIDDLE_COLOUR = (60, 190, 255), (255, 170, 60), (235, 235, 235)
"""BGR colours of the patient's left side, right side, and of lines between them."""


def make_clips(
    recording: Recording,
    track: PoseTrack | None,
    specs: tuple[ClipSpec, ...],
    *,
    options: ClipOptions,
    folder: Path,
    step: ShareReport = lambda _share: None,
) -> tuple[Clip, ...]:
    """Make all clips in `folder`; `step` receives the completed share.

    Each frame is decoded once for all clips that sample it.
    """
    seen = tuple(filter(_is_picture, specs))
    heard = [spec for spec in specs if not _is_picture(spec)]
    report_pictures, report_sound = _combine_progress(step, 0.8, 0.2)
    # In parallel: decoding and encoding release Python's lock most of the time.
    with ThreadPoolExecutor(1, thread_name_prefix="sound") as executor:
        sounds = executor.submit(
            lambda: tuple(_make_sound_clips(recording, heard, options, folder, report_sound))
        )
        clips = (
            *_make_picture_clips(
                recording, track, seen, options=options, folder=folder, step=report_pictures
            ),
        )
        clips += sounds.result()
    step(1.0)
    return tuple(sorted(clips, key=lambda clip: clip.name))


def _combine_progress(step: ShareReport, *weights: float) -> tuple[ShareReport, ...]:
    """Progress reports for weighted parts of the work, usable from several threads, as reports of the
    whole."""
    shares = [0.0] * len(weights)
    lock = threading.Lock()

    def report_share(number: int, done: float) -> None:
        with lock:
            shares[number] = done * weights[number]
            step(sum(shares))

    return tuple(partial(report_share, number) for number in range(len(weights)))


def _is_picture(spec: ClipSpec) -> bool:
    return spec.enhancement is not Enhancement.SOUND


def _make_picture_clips(
    recording: Recording,
    track: PoseTrack | None,
    specs: tuple[ClipSpec, ...],
    *,
    options: ClipOptions,
    folder: Path,
    step: ShareReport,
) -> Iterator[Clip]:
    """The picture clips; each is written while it is decoded, so that memory does not grow with its
    length."""
    if recording.video is None:
        for spec in specs:
            yield Clip(spec.name, spec.enhancement, spec.span, spec.fps, 0.0, NO_PICTURE, unusable=NO_PICTURE)
        return
    if not specs:
        return
    moments = _sampled_times(specs)
    last = {spec.name: max(sampling_times(spec.span, spec.fps)) for spec in specs}
    waiting = {spec.name: spec for spec in specs}
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


def _sampled_times(specs: tuple[ClipSpec, ...]) -> list[tuple[float, set[str]]]:
    """Every sampled time (s), in order, with the names of the clips that sample it."""
    wanted: dict[int, tuple[float, set[str]]] = {}
    for spec in specs:
        for moment in sampling_times(spec.span, spec.fps):
            wanted.setdefault(round(moment * 1000), (moment, set()))[1].add(spec.name)
    return [wanted[key] for key in sorted(wanted)]


class _PictureClip:
    """One picture clip while it is made."""

    def __init__(self, spec: ClipSpec, track: PoseTrack | None, options: ClipOptions, folder: Path) -> None:
        self._spec = spec
        self._track = track
        self._options = options
        self._folder = folder
        self._crop: FaceCrop | None = None
        self._film: _Mp4Writer | None = None
        self._pictures: list[tuple[int, str]] = []
        self._seen = 0
        if track is not None and spec.enhancement is Enhancement.FACE and options.face:
            self._crop = face_crop(track, spec.span.start, spec.span.end)

    def add(self, moment: float, image: Image) -> None:
        """Add the whole picture at `moment` seconds."""
        if self._crop is not None:
            shown = crop_square(image, self._crop.at(moment), self._options.face_side)
            self._seen += self._crop.seen_at(moment)
        else:
            shown, found = self._whole(moment, image)
            self._seen += found
        name = f"{self._spec.name}-{len(self._pictures):03d}.jpg"
        coded, jpeg = cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        if not coded:
            raise ValueError("a picture could not be written as JPEG")
        (self._folder / name).write_bytes(jpeg.tobytes())
        if self._film is None:
            self._film = _Mp4Writer(
                self._folder / self._video, shown.shape[1], shown.shape[0], self._spec.fps
            )
        self._film.add(shown)
        self._pictures.append((round((moment - self._spec.span.start) * 1000), name))

    @property
    def _video(self) -> str:
        return f"{self._spec.name}.mp4"

    @property
    def _is_face(self) -> bool:
        return self._spec.enhancement is Enhancement.FACE

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
        """The finished clip, whose files are complete."""
        self.close()
        seen = self._seen / len(self._pictures)
        # A face that was never found cannot be judged; a body without a skeleton still can.
        hidden = self._is_face and self._track is not None and self._seen == 0
        return Clip(
            self._spec.name,
            self._spec.enhancement,
            self._spec.span,
            self._spec.fps,
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


def crop_square(image: Image, place: tuple[int, int, int], side: int) -> Image:
    """The square `place` (left, top, side in pixels) of the image scaled to `side`; black outside the
    picture."""
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


class _Mp4Writer:
    """A writer of an MP4 (H.264) without metadata from BGR images of one size at `fps` (Hz)."""

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


def _make_sound_clips(
    recording: Recording,
    specs: list[ClipSpec],
    options: ClipOptions,
    folder: Path,
    step: ShareReport,
) -> Iterator[Clip]:
    if recording.audio is None:
        for spec in specs:
            yield Clip(spec.name, spec.enhancement, spec.span, spec.fps, 0.0, NO_SOUND, unusable=NO_SOUND)
        return
    if not specs:
        return
    search = QuietSearch(SOUND_RATE)
    if options.denoise:
        for _, sounds in sound_runs(recording, SOUND_RATE):
            for sound in sounds:
                search.add(sound)
    profile = search.found()
    transcribe = transcriber(options.transcript) if options.transcript else _no_transcript
    for number, spec in enumerate(specs):
        part = read_samples(recording, spec.span.start, spec.span.end, rate=SOUND_RATE)
        yield _make_sound_clip(spec, part, profile, options=options, folder=folder, transcribe=transcribe)
        step((number + 1) / len(specs))


def _no_transcript(_sound: npt.NDArray[np.float32]) -> str:
    return ""


def _make_sound_clip(
    spec: ClipSpec,
    part: npt.NDArray[np.float32],
    profile: npt.NDArray[np.float32] | None,
    *,
    options: ClipOptions,
    folder: Path,
    transcribe: Transcriber,
) -> Clip:
    sound, raw = f"{spec.name}.wav", f"{spec.name}-raw.wav"
    cleaned = denoise(part, SOUND_RATE, profile)
    write_sound(folder / sound, cleaned)
    write_sound(folder / raw, part)
    heard = float(np.abs(part).max(initial=0.0)) > AUDIBLE
    return Clip(
        spec.name,
        spec.enhancement,
        spec.span,
        spec.fps,
        float(heard),
        _sound_note(heard, options, profile is not None),
        sound=sound,
        raw_sound=raw,
        transcript=transcribe(part) if heard else "",
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
    """Write mono sound (−1…1) as a 16-bit WAV at `SOUND_RATE` Hz."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SOUND_RATE)
        file.writeframes((np.clip(sound, -1.0, 1.0) * 32_767).astype("<i2").tobytes())


def _even(value: float) -> int:
    return max(2, round(value / 2) * 2)
