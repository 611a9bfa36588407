"""Pose and face over a recording, against a bare mediapipe loop over the same frames."""

from __future__ import annotations

import os
from collections.abc import Callable
from statistics import median

from app.core.enhance.pose import pose_track
from app.core.recording.probe import open_recording
from benchmarks.benchmark import Options, Result, fact, machine, within
from benchmarks.stage import alternated, fresh_home, phantom_file, run_python, seconds_of

SECONDS, RUNS, SIZE = 20.0, 3, (854, 480)
BAR = 1.3


def run(options: Options) -> Result:
    """Both from the start of their process, imports included; medians of alternated runs."""
    path = phantom_file(options.seconds or SECONDS, SIZE, options.report)
    used: tuple[list[float], list[float]] = ([], [])

    def ours() -> float:
        with fresh_home():
            recording = open_recording(path)
            return seconds_of(lambda: used[0].append(_processor_time(lambda: pose_track(recording))))

    def bare() -> float:
        def work() -> object:
            return run_python(["-m", "benchmarks.bare_mediapipe", str(path)])

        return seconds_of(lambda: used[1].append(_processor_time(work)))

    mine, floor = alternated(options.runs or RUNS, (ours, bare), "Finding pose and face", options.report)
    busy, least = (median(values) for values in used)
    video = open_recording(path).video
    assert video is not None
    return Result(
        "pose",
        machine(),
        (
            within(f"pose and face over {video.n} frames, {SIZE[0]}×{SIZE[1]}", mine, "s", floor, BAR),
            within("processor time of the same", busy, "s", least, BAR),
            fact("frames a second", video.n / mine, "Hz", floor=video.n / floor),
        ),
        ("The floor is mediapipe's pose (full) and face mesh over every frame, decoded by PyAV.",),
    )


def _processor_time(work: Callable[[], object]) -> float:
    """The seconds of processor time that `work` spends in other processes, where both are found."""
    before = os.times()
    work()
    after = os.times()
    return (after.children_user - before.children_user) + (after.children_system - before.children_system)
