"""Short twitches found with windows at 15 Hz where the pose moves, against such windows everywhere: tokens by
the family's formula, and how many of the windows with a twitch are asked about."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from app.core.enhance.enhancement import Enhancement
from app.core.enhance.pose import pose_track
from app.core.jobs import CancelToken, Progress
from app.core.phantom.render import render_phantom
from app.core.phantom.script import Event, PhantomScript
from app.core.readers.models.families import FAMILIES, ClipForm
from app.core.readers.models.request_plan import (
    WINDOW_RATE,
    Serving,
    estimate,
    most_windows,
    rate_windows,
    requests,
)
from app.core.readers.models.segments import SAMPLING_RATE, Segment
from app.core.readers.models.where_to_look import choose_windows
from app.core.recording.probe import open_recording
from app.core.semiology import Laterality, Span
from benchmarks.benchmark import Options, Result, at_least, at_most, fact, machine
from benchmarks.stage import fresh_home

SECONDS, RUNS = 120.0, 4
SIZE, FPS = (640, 360), 15.0
APART = 30.0
"""Seconds with one twitch of an arm and one of the face."""
SHORT = 1.2
"""Seconds of a twitch: two to five jerks, which two pictures a second cannot show."""
_KINDS = {
    Enhancement.POSE: ("clonic", 3.5),
    Enhancement.FACE: ("face_twitching", 4.0),
}
"""By enhancement the kind of event and its rate in Hz."""
_FAMILY = "qwen2.5-vl"


def run(options: Options) -> Result:
    """Phantoms that lie still but for short twitches of an arm, and of the face."""
    seconds, runs = options.seconds or SECONDS, options.runs or RUNS
    tokens = _tokens(seconds, {})
    everywhere, rows = _tokens(seconds, None), []
    hit = {enhancement: [0, 0] for enhancement in _KINDS}
    asked, most = 0.0, 0.0
    with fresh_home(), tempfile.TemporaryDirectory() as folder:
        for seed in range(1, runs + 1):
            options.report(Progress(f"Phantom {seed} of {runs}", (seed - 1) / runs))
            script = _script(seed, seconds)
            path = Path(folder) / f"{seed}.mp4"
            render_phantom(script, path)
            track = pose_track(
                open_recording(path), patient=None, report=lambda _one: None, cancel=CancelToken()
            )
            windows = rate_windows(seconds, WINDOW_RATE)
            chosen = choose_windows(track, windows, most_windows(seconds, SAMPLING_RATE), frozenset(_KINDS))
            for enhancement, (kind, _rate) in _KINDS.items():
                for event in script.of_kind(kind):
                    hit[enhancement][0] += _is_hit(event, windows, chosen[enhancement])
                    hit[enhancement][1] += 1
            used = _tokens(seconds, chosen)
            asked, most = asked + used / runs, max(most, used / tokens)
    for enhancement, (found, there) in hit.items():
        rows.append(
            at_least(f"twitches shown at {WINDOW_RATE:g} Hz: {enhancement.value}", found / there, "", 1.0)
        )
    return Result(
        "two_passes",
        machine(),
        (
            fact("tokens of the plain pass", tokens, "tokens"),
            fact("tokens with windows everywhere", everywhere, "tokens", floor=tokens),
            fact("tokens with two passes, on average", asked, "tokens", floor=tokens),
            at_most("tokens with two passes against the plain pass, at most", most, "", 3.0),
            *rows,
        ),
        (
            f"{runs} phantoms of {seconds:g} s, with a twitch of {SHORT} s of an arm and one of the face in "
            f"each {APART:g} s. Nothing is asked: what a model sees in them is not measured.",
        ),
    )


def _tokens(seconds: float, chosen: object) -> int:
    """Tokens in of a plan; `chosen` {} is the plain pass, None windows everywhere."""
    form = Serving(FAMILIES[_FAMILY], ClipForm.FRAMES)
    plan = requests(
        seconds,
        enhancements=frozenset(_KINDS),
        feature_rates=chosen != {},
        chosen=None if not isinstance(chosen, dict) or not chosen else chosen,
    )
    return estimate(plan, limit=1, serving=form).tokens_in


def _script(seed: int, seconds: float) -> PhantomScript:
    step = APART / 2
    events = []
    for number in range(int(seconds / step)):
        kind, rate = _KINDS[(Enhancement.POSE, Enhancement.FACE)[number % 2]]
        start = step * (number + 0.3) + seed * 0.37 % (step / 3)
        side = (Laterality.LEFT, Laterality.RIGHT)[(number // 2 + seed) % 2]
        events.append(Event(kind, Span(start, start + SHORT), side, rate, rate, seed=seed * 10 + number))
    return replace(PhantomScript(seed, seconds, tuple(events)), size=SIZE, fps=FPS)


def _is_hit(event: Event, windows: tuple[Segment, ...], chosen: tuple[int, ...]) -> bool:
    """Whether a chosen window holds half of the event or more."""
    half = event.span.duration / 2
    return any(
        min(window.span.end, event.span.end) - max(window.span.start, event.span.start) >= half
        for window in windows
        if window.number in chosen
    )
