"""What is heard through a real device: PulseAudio with a separate null sink, whose monitor is recorded.

`python -m tests.ui.real_device SCENE FOLDER` plays a scene and prints what was found as JSON; code 3 with a
sentence when there can be no sound server here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QApplication

from app.core.clips.clip import Clip
from app.core.clips.sound_clips import write_sound
from app.core.enhance.enhancement import Enhancement
from app.core.enhance.noise_profile import noise_profile
from app.core.playback.device import sound_devices
from app.core.readers.models.reading_state import Preview
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording
from app.core.semiology import Span
from app.ui.dialogs.preview import PreviewPanel
from app.ui.player.player import Player
from app.ui.session.session import Session
from benchmarks.sound_server import RATE, Microphone, NoServer, sound_server
from benchmarks.sync import _run_for as run_for
from benchmarks.sync import _run_until as run_until
from tests.media import SOUND_RATE, numbered_picture, tone, write_recording

NO_SERVER = 3


class Heard:
    """Records the monitor; stretches are named by the moments (`time.perf_counter`) they lie between."""

    def __init__(self) -> None:
        self._microphone = Microphone()
        self.begun = time.perf_counter()

    def close(self) -> None:
        self._samples, self._times = self._microphone.close(self.begun, time.perf_counter())

    def between(self, begun: float, ended: float) -> NDArray[np.float32]:
        return self._samples[(self._times > begun) & (self._times < ended)]

    def level(self, begun: float, ended: float) -> float:
        """dB of full scale of the louder half of it, since a busy computer has gaps; −120 is silence."""
        part = self.between(begun, ended).astype(np.float64)
        power = np.sort((part[: len(part) // 480 * 480].reshape(-1, 480) ** 2).mean(axis=1))
        return float(10 * np.log10(power[len(power) // 2 :].mean() + 1e-12))

    def quietest(self, begun: float, ended: float) -> float:
        """dB of full scale of its quietest 0.1 s; a server on a busy computer plays on for a while."""
        part = self.between(begun, ended).astype(np.float64)
        step = RATE // 10
        power = (part[: len(part) // step * step].reshape(-1, step) ** 2).mean(axis=1)
        return float(10 * np.log10(power.min() + 1e-12))

    def pitches(self, begun: float, ended: float) -> list[int]:
        """The pitches in Hz, to 50, that are within 9 dB of the loudest one."""
        by_step = self._powers(begun, ended)
        loud = np.flatnonzero(by_step > by_step.max() / 8)
        return [
            int(step) * 50 for step in loud if step and by_step[step] == by_step[step - 1 : step + 2].max()
        ]

    def loudest_pitch(self, begun: float, ended: float) -> int:
        """The pitch in Hz, to 50, of a single tone: the gaps of a busy computer add others beside it."""
        return int(np.argmax(self._powers(begun, ended))) * 50

    def _powers(self, begun: float, ended: float) -> NDArray[np.float64]:
        """The power of each 50 Hz."""
        part = self.between(begun, ended)
        power = np.abs(np.fft.rfft(part * np.hanning(len(part)))) ** 2
        steps = np.round(np.fft.rfftfreq(len(part), 1 / RATE) / 50).astype(int)
        return np.bincount(steps, weights=power).astype(np.float64)


def played(recording: Recording) -> Player:
    player = Player()
    seen: list[int] = []
    player.frame_shown.connect(lambda *_: seen.append(1))
    player.open(recording)
    run_until(lambda: bool(seen))
    run_until(lambda: _runs(player))  # a null sink takes up to two seconds until it asks for samples
    player.play()
    run_until(lambda: player.position > 0.3)
    return player


def _runs(player: Player) -> bool:
    device = player.sound._output._device if player.sound._output is not None else None
    return device is not None and device.running


def stretch(seconds: float) -> tuple[float, float]:
    """Let it play; what is heard between the two moments given belongs to it."""
    begun = time.perf_counter()
    run_for(seconds)
    return begun + 0.25, time.perf_counter() - 0.05


def denoised(folder: Path) -> dict[str, Any]:
    """Noise, with the sound switched to and fro."""
    seconds = 12
    hiss = 0.05 * np.random.default_rng(4).standard_normal(seconds * SOUND_RATE)
    hiss[8 * SOUND_RATE :] *= 4  # so that the rest is a quiet stretch
    recording = open_recording(
        write_recording(folder / "a.mov", frames=25 * seconds, sound=hiss.astype(np.float32))
    )
    profile = noise_profile(recording)
    player, heard = played(recording), Heard()
    run_for(0.5)
    places = []
    stretches = []
    for reduced in (None, profile, None):
        before, at = player.position, time.perf_counter()
        player.sound.set_denoised(reduced)
        run_for(0.05)
        places.append(player.position - before - (time.perf_counter() - at))
        stretches.append(stretch(1.5))
    heard.close()
    player.close()
    return {"levels": [heard.level(*one) for one in stretches], "strayed": max(map(abs, places))}


def comes_back(folder: Path) -> dict[str, Any]:
    """The only output goes while the recording plays, and comes again."""
    recording = open_recording(write_recording(folder / "a.mov", frames=25 * 40, sound=tone(40)))
    player = played(recording)
    told: list[str] = []
    player.sound.silent.connect(told.append)
    _pulse("unload-module", "module-null-sink")
    run_until(lambda: bool(told))
    before, at = player.position, time.perf_counter()
    run_for(1.5)
    strayed = player.position - before - (time.perf_counter() - at)
    _pulse("load-module", "module-null-sink", "sink_name=nowhere", f"rate={RATE}")
    run_until(lambda: told[-1] == "", 20.0)
    heard = Heard()
    run_for(1.0)
    found = stretch(1.5)
    playing = player.playing
    heard.close()
    player.close()
    return {"told": told, "strayed": strayed, "playing": playing, "pitches": heard.pitches(*found)}


def choices(folder: Path) -> dict[str, Any]:
    """Tracks, channels, volume, mute and output, one after the other."""
    recording = open_recording(_with_tracks(folder / "a.mov"))
    player, heard = played(recording), Heard()
    run_for(0.3)

    def after(change: Callable[[], None]) -> dict[str, Any]:
        change()
        begun, ended = stretch(1.0)
        return {"between": (begun, ended), "meter": player.sound.level}

    def unmute() -> None:
        player.sound.set_muted(False)
        player.sound.set_volume(1.0)

    def second_track() -> None:
        player.set_track(1)
        run_for(0.5)

    steps = {
        "all": after(lambda: None),
        "second channel": after(lambda: player.sound.set_channel(1)),
        "all again": after(lambda: player.sound.set_channel(None)),
        "half as loud": after(lambda: player.sound.set_volume(0.5)),
        "muted": after(lambda: player.sound.set_muted(True)),
        "back": after(unmute),
        "second track": after(second_track),
    }
    names = sound_devices()
    other = next(name for name in names if "elsewhere" in name)
    player.sound.set_device(other)
    run_for(2.5)
    steps["another output"] = after(lambda: None)
    found: list[int] = []
    player.sound.outputs_found.connect(lambda: found.append(1))
    _add_output("later")
    before = sound_devices()
    player.sound.look_for_outputs()
    run_until(lambda: bool(found))
    come = [name for name in sound_devices() if name not in before]
    player.sound.set_device(come[0] if come else None)
    run_until(lambda: _runs(player))
    steps["an output that has come"] = after(lambda: None)
    heard.close()
    player.close()
    return {
        name: {
            "level": heard.level(*step["between"]),
            "pitches": heard.pitches(*step["between"]) if heard.level(*step["between"]) > -100 else [],
            "meter": step["meter"],
        }
        for name, step in steps.items()
    }


def preview(folder: Path) -> dict[str, Any]:
    """A clip as a model hears it, and as it was recorded."""
    time_ = np.arange(4 * 16_000) / 16_000
    for name, pitch in (("a.wav", 500), ("a-raw.wav", 900)):
        write_sound(folder / name, (0.4 * np.sin(2 * np.pi * pitch * time_)).astype(np.float32))
    clip = Clip(
        "a", Enhancement.SOUND, Span(0, 4), 1.0, 1.0, sound="a.wav", raw_sound="a-raw.wav", enhanced=True
    )
    session = Session()
    panel = PreviewPanel(session, Preview(folder, (clip,), {}, as_video=False))
    panel.show()
    run_until(lambda: panel._clip is not None)
    heard, found = Heard(), {}
    for choice in (0, 1):
        panel.which_sound.setCurrentIndex(choice)
        panel.slider.setValue(0)
        panel.toggle()
        run_until(lambda: panel.position > 0.2)
        begun, ended = stretch(1.2)
        found[choice] = (begun, ended, panel.position)
        panel.toggle()
        paused = time.perf_counter()
        run_for(1.0)
    quiet = (paused, time.perf_counter())
    session.sound.set_volume(0.1)
    panel.slider.setValue(0)
    panel.toggle()
    run_until(lambda: panel.position > 0.2)
    soft = stretch(1.0)
    panel.close_panel()
    heard.close()
    session.close()
    return {
        "sent": heard.loudest_pitch(*found[0][:2]),
        "recorded": heard.loudest_pitch(*found[1][:2]),
        "level": heard.level(*found[0][:2]),
        "soft": heard.level(*soft),
        "paused": heard.quietest(*quiet),
        "said": panel.said.text(),
    }


def _pulse(*words: str) -> None:
    subprocess.run(["pactl", *words], check=True, capture_output=True, timeout=10)


def _add_output(name: str) -> None:
    """A way to the sink `nowhere` under another name, as if it had been plugged in."""
    with (Path(os.environ["HOME"]) / ".asoundrc").open("a") as file:
        file.write(f"pcm.{name} {{ type pulse device nowhere }}\n")


def _with_tracks(path: Path) -> Path:
    """A stereo track of 400 Hz on the left and 700 Hz on the right, and a mono one of 1100 Hz."""
    tracks = [("stereo", (400.0, 700.0)), ("mono", (1100.0,))]
    with av.open(str(path), "w") as output:
        picture: Any = output.add_stream("libx264", rate=25)
        picture.width, picture.height, picture.pix_fmt = 128, 96, "yuv420p"
        voices: list[Any] = []
        for layout, _ in tracks:
            voice: Any = output.add_stream("pcm_s16le", rate=SOUND_RATE)
            voice.layout = layout
            voices.append(voice)
        for number in range(25 * 24):
            frame = av.VideoFrame.from_ndarray(numbered_picture(number), format="rgb24")
            output.mux(picture.encode(frame))
        output.mux(picture.encode(None))
        for voice, (layout, pitches) in zip(voices, tracks, strict=True):
            sound = np.stack([tone(24, pitch) for pitch in pitches], axis=1)
            scaled = np.rint(sound * 32_767).astype(np.int16)
            for at in range(0, len(scaled), 4800):
                piece = np.ascontiguousarray(scaled[at : at + 4800].reshape(1, -1))
                block = av.AudioFrame.from_ndarray(piece, format="s16", layout=layout)
                block.sample_rate, block.pts = SOUND_RATE, at
                output.mux(voice.encode(block))
            output.mux(voice.encode(None))
    return path


SCENES = {scene.__name__: scene for scene in (denoised, comes_back, choices, preview)}


def main(name: str, folder: Path) -> int:
    application = QApplication([])
    assert application is not None
    try:
        with sound_server() as place:
            with (place.parent / ".asoundrc").open("a") as file:
                file.write("pcm.elsewhere { type pulse device elsewhere }\n")
            _pulse("load-module", "module-null-sink", "sink_name=elsewhere", f"rate={RATE}")
            if name == "comes_back":
                _pulse("unload-module", "module-null-sink")
                _pulse("load-module", "module-null-sink", "sink_name=nowhere", f"rate={RATE}")
            else:
                _pulse("set-default-sink", "nowhere")
            if not sound_devices():
                raise NoServer("PortAudio here has no way to the sound server (libasound2-plugins)")
            sys.stdout.write(json.dumps(SCENES[name](folder)) + "\n")
    except NoServer as reason:
        sys.stdout.write(str(reason))
        return NO_SERVER
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
