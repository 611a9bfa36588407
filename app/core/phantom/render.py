"""Rendering of a phantom: single pictures, the sound, and the finished recording with its truth."""

from __future__ import annotations

import hashlib
import json
import math
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from app.core.errors import UserError
from app.core.jobs import CancelToken, Progress, Report, TimeEstimate, no_report
from app.core.phantom.motion import posture_at
from app.core.phantom.painting import Image, as_image
from app.core.phantom.scene import draw_scene
from app.core.phantom.script import PhantomScript
from app.core.phantom.sound import phantom_sound
from app.core.phantom.truth import truth_dict

__all__ = ["phantom_frame", "phantom_sound", "render_phantom"]

SOUND_RATE = 48000
QUANTISER = 21


def phantom_frame(script: PhantomScript, seconds: float) -> Image:
    """The picture at `seconds`: (height, width, 3) uint8, blue, green, red."""
    picture = draw_scene(script, posture_at(script, seconds), seconds)
    return _apply_camera(picture, script, round(seconds * script.fps))


def _apply_camera(picture: Image, script: PhantomScript, number: int) -> Image:
    """The picture as the camera records it: light or infrared, noise, mirrored."""
    appearance = script.appearance
    if appearance.infrared:
        grey = cv2.convertScaleAbs(
            cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), alpha=0.58 * appearance.light, beta=6
        )
        picture = as_image(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR))
    elif appearance.light != 1.0:
        picture = as_image(cv2.convertScaleAbs(picture, alpha=appearance.light))
    if appearance.noise > 0:
        picture = as_image(cv2.add(picture, _grain(script, number), dtype=cv2.CV_8U))
    if appearance.mirrored:
        picture = as_image(cv2.flip(picture, 1))
    return picture


Grains = npt.NDArray[np.int16]


@lru_cache(maxsize=2)
def _grains(seed: int, noise: float, size: tuple[int, int]) -> Grains:
    width, height = size
    generator = np.random.default_rng(seed + 5)
    grains = generator.standard_normal((height + 64, width + 64)) * noise
    return np.repeat(grains.astype(np.int16)[:, :, None], 3, axis=2)


def _grain(script: PhantomScript, number: int) -> Grains:
    """The noise of one picture: a window of a larger field, shifted from picture to picture."""
    width, height = script.size
    field = _grains(script.seed, script.appearance.noise, script.size)
    y, x = (number * 29 + 7) % 64, (number * 43 + 11) % 64
    return field[y : y + height, x : x + width]


def render_phantom(
    script: PhantomScript,
    out: Path,
    truth_path: Path | None = None,
    report: Report = no_report,
    cancel: CancelToken | None = None,
    *,
    quantiser: int = QUANTISER,
) -> None:
    """Write the recording (MP4, H.264 and AAC) to `out` and its truth to `truth_path`.

    `quantiser` is x264's constant rate factor: 6 more halve the size. Both files appear whole or not at all.
    Raises UserError when the folder cannot be written, Cancelled.
    """
    part = out.with_name(f".{out.name}.part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        _write(script, part, quantiser, report, cancel or CancelToken())
        part.replace(out)
        if truth_path is not None:
            _write_truth(script, out, truth_path)
    except OSError as error:
        raise UserError(f"“{out.name}” could not be written: {error.strerror or error}.") from error
    finally:
        if part.is_file():
            part.unlink()


def _write_truth(script: PhantomScript, out: Path, path: Path) -> None:
    with out.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    text = json.dumps(truth_dict(script, out.name, digest), indent=2, ensure_ascii=False, allow_nan=False)
    part.write_text(text + "\n", encoding="utf-8")
    part.replace(path)


def _write(script: PhantomScript, part: Path, quantiser: int, report: Report, cancel: CancelToken) -> None:
    rate = Fraction(script.fps).limit_denominator(1001)
    sound = phantom_sound(script, SOUND_RATE)
    estimate = TimeEstimate()
    with av.open(str(part), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        video = container.add_stream("libx264", rate=rate)
        video.width, video.height = script.size
        video.pix_fmt = "yuv420p"
        video.options = {"preset": "veryfast", "crf": str(quantiser), "g": str(math.ceil(script.fps * 2))}
        audio = container.add_stream("aac", rate=SOUND_RATE, layout="mono")
        audio.bit_rate = 96000
        written = 0
        for number in range(script.frames):
            cancel.check()
            picture = phantom_frame(script, number / script.fps)
            frame = av.VideoFrame.from_ndarray(
                as_image(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420)), "yuv420p"
            )
            frame.pts = number
            frame.time_base = 1 / rate
            container.mux(video.encode(frame))
            due = min(len(sound), round((number + 1) / script.fps * SOUND_RATE))
            written = _write_sound(container, audio, sound, written, due)
            if number % 10 == 0:
                done = number / script.frames
                report(Progress("Drawing the phantom", done, estimate.remaining(done)))
        _write_sound(container, audio, sound, written, len(sound))
        container.mux(video.encode(None))
        container.mux(audio.encode(None))
    report(Progress("Drawing the phantom", 1.0, 0.0))


def _write_sound(
    container: av.container.OutputContainer,
    stream: av.AudioStream,
    sound: npt.NDArray[np.float32],
    start: int,
    end: int,
) -> int:
    if end <= start:
        return start
    frame = av.AudioFrame.from_ndarray(sound[None, start:end], format="fltp", layout="mono")
    frame.sample_rate = SOUND_RATE
    frame.pts = start
    frame.time_base = Fraction(1, SOUND_RATE)
    container.mux(stream.encode(frame))
    return end
