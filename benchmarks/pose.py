"""Pose and face over a recording, against a bare mediapipe loop over the same frames."""

from __future__ import annotations

from app.core.enhance.pose import pose_track
from app.core.recording.probe import open_recording
from benchmarks.benchmark import Options, Result, fact, machine, within
from benchmarks.stage import alternated, fresh_home, phantom_file, run_python, seconds_of

SECONDS, RUNS, SIZE = 20.0, 3, (854, 480)
BAR = 1.3


def run(options: Options) -> Result:
    """Both from the start of their process, imports included; medians of alternated runs."""
    path = phantom_file(options.seconds or SECONDS, SIZE, options.report)

    def ours() -> float:
        with fresh_home():
            recording = open_recording(path)
            return seconds_of(lambda: pose_track(recording))

    def bare() -> float:
        return seconds_of(lambda: run_python(["-m", "benchmarks.bare_mediapipe", str(path)]))

    mine, floor = alternated(options.runs or RUNS, (ours, bare), "Finding pose and face", options.report)
    video = open_recording(path).video
    assert video is not None
    return Result(
        "pose",
        machine(),
        (
            within(f"pose and face over {video.n} frames, {SIZE[0]}×{SIZE[1]}", mine, "s", floor, BAR),
            fact("frames a second", video.n / mine, "Hz", floor=video.n / floor),
        ),
        ("The floor is mediapipe's pose (full) and face mesh over every frame, decoded by PyAV.",),
    )
