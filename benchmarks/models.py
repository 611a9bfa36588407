"""Reading with a model: how often it is asked, what its clips cost, how well time is used, what leaks."""

from __future__ import annotations

import io
import logging
import math
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from app.core.clips.clip import ClipOptions
from app.core.clips.clip_preparation import prepare_clips
from app.core.enhance.pose import pose_track
from app.core.errors import UserError
from app.core.jobs import CancelToken, Progress, no_report
from app.core.privacy.gate import allow
from app.core.privacy.keys import Secret
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.provider import ClipPicture, Material
from app.core.readers.models.reader import hold_reading, model_run, plan_reading, read_with
from app.core.readers.models.request_plan import Request, clip_specs, requests
from app.core.readers.models.segments import OVERLAP_SECONDS, SEGMENT_SECONDS, segments
from app.core.reading import RecordingIdentity
from app.core.recording.probe import open_recording
from app.core.semiology import FEATURES
from benchmarks.benchmark import Options, Result, Row, at_most, fact, machine, within
from benchmarks.loopback import Answer, completion, right_answer, serving
from benchmarks.stage import alternated, phantom_file, run_python, seconds_of

SECONDS, RUNS, SIZE = 120.0, 3, (1920, 1080)
SEGMENTS, ANSWERED_IN, LIMIT = 10, 2.0, 4
KEY, PATH = "canary-key-7d1f0c", "canary-path-3b9e"


def run(options: Options) -> Result:
    """Requests, clips, waiting and leaks; `seconds` is the length of the recording whose clips are made."""
    seconds = options.seconds or SECONDS
    rows = (*_requests(seconds), *_clips(seconds, options), _waiting(options), *_leaks(options))
    return Result(
        "models",
        machine(),
        rows,
        (
            "The floor of the requests is the study's protocol: one for each feature.",
            "The floor of the clips is a bare PyAV loop that decodes every frame and encodes those that a "
            "model is shown, at the same sizes; both are measured with the start of their process.",
            f"The server of the waiting row answers {ANSWERED_IN:g} s after a question; the floor is "
            f"⌈requests / {LIMIT}⌉ × {ANSWERED_IN:g} s.",
            "A leak is the key or the recording's folder in anything sent, kept, logged or told, over "
            "answers that are right, cut, wrong, huge, deep, refused, redirected, or echo the key.",
        ),
    )


def _requests(seconds: float) -> tuple[Row, ...]:
    count = len(requests(seconds)) / len(segments(seconds))
    return (at_most("requests for a segment, grouped", count, "requests", 3, floor=len(FEATURES)),)


# clips


def _clips(seconds: float, options: Options) -> tuple[Row, ...]:
    recording = open_recording(phantom_file(seconds, SIZE, options.report))
    pose_track(recording, report=options.report)
    wanted = clip_specs(requests(recording.duration))

    def ours(made_with: ClipOptions) -> float:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place) / "clips"
            return seconds_of(lambda: prepare_clips(recording, wanted, folder, options=made_with))

    def plain() -> float:
        return ours(ClipOptions(cover_bystanders=False))

    def bare() -> float:
        with tempfile.TemporaryDirectory() as place:
            module = ["-m", "benchmarks.bare_clips", str(recording.path), place, str(recording.duration)]
            return seconds_of(lambda: run_python(module))

    mine, floor = alternated(options.runs or RUNS, (plain, bare), "Making the clips", options.report)
    what = f"clips of {recording.duration:.0f} s of {SIZE[0]}×{SIZE[1]}, pose cached, nobody covered"
    covered = ours(ClipOptions())
    return (
        within(what, mine, "s", floor, 1.5),
        fact("the same as a share of the recording's length", mine / recording.duration, ""),
        fact("with the heads of bystanders covered, as such a share", covered / recording.duration, ""),
    )


# waiting


class _SameClip:
    """Thirty seconds as a model gets them, the same for every request."""

    def __init__(self) -> None:
        picture = os.urandom(25_000)
        self._material = Material("", {}, tuple(ClipPicture(number * 500, picture) for number in range(60)))

    def cannot_show(self, request: Request) -> str:
        return ""

    def media(self, request: Request, cancel: CancelToken) -> Material:
        return self._material


def _waiting(options: Options) -> Row:
    options.report(Progress("Waiting for a server", 0.8))
    duration = (SEGMENT_SECONDS - OVERLAP_SECONDS) * (SEGMENTS - 1) + SEGMENT_SECONDS
    with tempfile.TemporaryDirectory() as place, serving(seconds=ANSWERED_IN) as (url, bodies):
        spent = seconds_of(partial(_read, url, Path(place), duration))
        floor = math.ceil(len(bodies) / LIMIT) * ANSWERED_IN
    return within(f"{SEGMENTS} segments, {len(bodies)} requests, {LIMIT} at once", spent, "s", floor, 1.2)


def _read(url: str, folder: Path, duration: float) -> str:
    """A whole reading against the server; everything that it tells."""
    choice = ModelChoice("openai", "loopback", url, limit=LIMIT)
    plan = plan_reading(choice, RecordingIdentity("event.mp4", "00" * 32, duration), folder)
    permission = allow(folder, plan.destination, "bench")
    with hold_reading(plan):
        try:
            reading, outcome = read_with(
                model_run(plan, _SameClip()),
                plan,
                permission,
                Secret(KEY),
                report=no_report,
                cancel=CancelToken(),
            )
        except UserError as error:
            return repr(error)
    return repr((reading, outcome))


# leaks

CORPUS: dict[str, Answer] = {
    "the key in the answer": (200, completion(f'{{"answers": [], "note": "{KEY}"}}')),
    "the key in another form": (200, f'{{"error": "Bearer {KEY}"}}'.encode()),
    "no JSON": (200, b"<html>sign in</html>"),
    "cut": (200, completion("{}")[:40]),
    "bad UTF-8": (200, b'{"choices": "\xff\xfe"}'),
    "deep": (200, b"[" * 50_000),
    "huge": (200, b"x" * 6_000_000),
    "empty": (200, b""),
    "a path": (200, completion(f"file:///{PATH}/seizure.mp4")),
    "redirect": (302, KEY.encode()),
    "bad request": (400, f'{{"error": "{KEY} is wrong"}}'.encode()),
    "no access": (401, f"{KEY} is unknown".encode()),
    "too large": (413, KEY.encode()),
    "no such model": (404, KEY.encode()),
}


def _leaks(options: Options) -> tuple[Row, ...]:
    options.report(Progress("Searching for leaks", 0.9))
    found = {KEY: 0, PATH: 0}
    with tempfile.TemporaryDirectory(prefix=PATH) as place:
        for number, answer in enumerate((None, *CORPUS.values())):
            folder = Path(place) / str(number)
            folder.mkdir()
            with (
                _logged() as log,
                serving(partial(_said, answer)) as (url, sent),
            ):
                told = _read(url, folder, SEGMENT_SECONDS)
            kept = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
            for canary in found:
                traces = (told.encode(), log.getvalue().encode(), *sent)
                # What a server says of a path is its own invention, and is kept as it came.
                traces = (*traces, kept) if canary == KEY or answer is None else traces
                found[canary] += sum(canary.encode() in trace for trace in traces)
    cases = len(CORPUS) + 1
    return (
        at_most(f"the key, over {cases} kinds of answers", found[KEY], "leaks", 0),
        at_most(f"the recording's folder, over {cases} kinds of answers", found[PATH], "leaks", 0),
    )


def _said(answer: Answer | None, body: bytes) -> Answer:
    return answer or right_answer(body)


@contextmanager
def _logged() -> Iterator[io.StringIO]:
    """Everything that is logged meanwhile, at every level."""
    stream = io.StringIO()
    handler, root = logging.StreamHandler(stream), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
