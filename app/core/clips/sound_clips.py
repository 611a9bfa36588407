"""The sound clips of a recording, cleaned of its steady noise and written down. For the clip process only."""

from __future__ import annotations

import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.core.clips.clip import Clip, ClipOptions, ClipSpec
from app.core.enhance.denoise import SOUND_RATE, QuietSearch, denoise
from app.core.enhance.transcript import Transcriber, transcriber
from app.core.recording.recording import Recording
from app.core.recording.samples import read_samples, sound_runs

AUDIBLE = 1e-4
"""The highest peak (of 1) of a microphone that was off, in contrast to a silent patient."""
NO_SOUND = "The recording has no sound."
SILENT = "There is no sound at all in this stretch."


def make_sound_clips(
    recording: Recording,
    specs: list[ClipSpec],
    options: ClipOptions,
    folder: Path,
    step: Callable[[float], None],
) -> Iterator[Clip]:
    """The sound clips, written into `folder`; `step` receives the completed share (0–1)."""
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
