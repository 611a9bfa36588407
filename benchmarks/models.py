"""Reading with a model: how often it is asked, what its clips cost, how well time is used, what leaks."""

from __future__ import annotations

import io
import json
import logging
import math
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Any

from app.core.clips.clip import ClipOptions
from app.core.clips.clip_preparation import prepare_clips
from app.core.enhance.pose import pose_track
from app.core.errors import UserError
from app.core.jobs import CancelToken, Progress, no_report
from app.core.privacy.gate import allow
from app.core.privacy.keys import Secret
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.provider import ClipPicture, Material
from app.core.readers.models.reader import Plan, hold_reading, model_run, plan_reading, read_with
from app.core.readers.models.request_plan import (
    CHARACTERS_PER_TOKEN,
    AskingMode,
    Request,
    clip_specs,
    requests,
)
from app.core.readers.models.segments import OVERLAP_SECONDS, SEGMENT_SECONDS, segments
from app.core.reading import RecordingIdentity
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording
from app.core.semiology import FEATURES, Span
from benchmarks.benchmark import Options, Result, Row, at_most, fact, machine, within
from benchmarks.loopback import Answer, completion, right_answer, serving
from benchmarks.stage import alternated, phantom_file, run_python, seconds_of

SECONDS, RUNS, SIZE = 120.0, 3, (1920, 1080)
SEGMENTS, ANSWERED_IN, LIMIT = 10, 2.0, 4
DURATION = (SEGMENT_SECONDS - OVERLAP_SECONDS) * (SEGMENTS - 1) + SEGMENT_SECONDS
KEY, PATH = "canary-key-7d1f0c", "canary-path-3b9e"


def run(options: Options) -> Result:
    """Requests, clips, waiting and leaks; `seconds` is the length of the recording whose clips are made."""
    seconds = options.seconds or SECONDS
    rows = (
        *_requests(seconds), *_clips(seconds, options), *_waiting(options), *_told(), *_leaks(options),
    )  # fmt: skip
    return Result(
        "models",
        machine(),
        rows,
        (
            "The floor of the requests is the study's protocol: one for each feature.",
            "The floor of the clips is a bare PyAV loop that decodes every frame and encodes those that a "
            "model is shown, at the same sizes; both are measured with the start of their process.",
            f"The server of the waiting rows answers {ANSWERED_IN:g} s after a question; the floor is "
            f"⌈requests / {LIMIT}⌉ × {ANSWERED_IN:g} s, and where each segment waits for the one before it "
            f"the segments × {ANSWERED_IN:g} s.",
            f"The text on earlier segments is counted where every answer was a yes with its time, over "
            f"{SEGMENTS} segments, by {CHARACTERS_PER_TOKEN:g} characters a token, against the plan's tokens "
            "of text and pictures. What a server's cache of beginnings can take is the text that questions "
            "about the same clip, one feature each, begin with alike.",
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

    looking = _text_search(recording)
    plain()  # so that text is kept, as the pose is
    mine, floor = alternated(options.runs or RUNS, (plain, bare), "Making the clips", options.report)
    what = f"clips of {recording.duration:.0f} s of {SIZE[0]}×{SIZE[1]}, pose and text cached, nobody covered"
    covered = ours(ClipOptions())
    return (
        within(what, mine, "s", floor, 1.5),
        fact("the same as a share of the recording's length", mine / recording.duration, ""),
        fact("with the heads of bystanders covered, as such a share", covered / recording.duration, ""),
        fact("looking for text the first time, as such a share", looking / recording.duration, ""),
    )


def _text_search(recording: Recording) -> float:
    """The seconds in which text is looked for in all of the recording's pieces, none of which is kept."""
    from app.core.clips.text_covers import searched_pieces
    from app.core.hiding.burned_in_text import text_in

    whole = Span(0.0, recording.duration)
    return sum(
        seconds_of(partial(text_in, recording, span))
        for span in (whole, *searched_pieces(recording.duration, (whole,)))
    )


# waiting


class _AnyClip:
    """Thirty seconds as a model gets them, told apart by the name of the clip alone."""

    def __init__(self) -> None:
        self._picture = os.urandom(25_000)

    def cannot_show(self, request: Request) -> str:
        return ""

    def media(self, request: Request, cancel: CancelToken) -> Material:
        first = ClipPicture(0, request.spec.name.encode())
        others = (ClipPicture(number * 500, self._picture) for number in range(1, 60))
        return Material("", {}, (first, *others))


def _waiting(options: Options) -> tuple[Row, ...]:
    options.report(Progress("Waiting for a server", 0.8))
    spent, asked = _read_all(ModelChoice(limit=LIMIT, tell_earlier=False))
    told, _ = _read_all(ModelChoice(limit=LIMIT))
    floor = math.ceil(len(asked) / LIMIT) * ANSWERED_IN
    chained = SEGMENTS * ANSWERED_IN
    what = f"{SEGMENTS} segments, {len(asked)} requests, {LIMIT} at once"
    return (
        within(what, spent, "s", floor, 1.2),
        fact("the same, each segment told what the ones before it found", told, "s", floor=chained),
    )


def _read_all(choice: ModelChoice, seconds: float = ANSWERED_IN) -> tuple[float, list[bytes]]:
    """How long a reading of all segments takes, and what was asked."""
    with tempfile.TemporaryDirectory() as place, serving(_seen, seconds) as (url, bodies):
        return seconds_of(partial(_read, url, Path(place), DURATION, choice)), bodies


def _told() -> tuple[Row, ...]:
    """What telling costs in tokens, and what it leaves of the beginnings that a server can keep."""
    told, plain = (ModelChoice(tell_earlier=tells) for tells in (True, False))
    texts = [[_text_of(body) for body in _read_all(choice, 0.0)[1]] for choice in (told, plain)]
    more, without = (sum(map(len, of)) / CHARACTERS_PER_TOKEN for of in texts)
    longest = max(map(len, texts[0])) - max(map(len, texts[1]))
    planned = _plan("http://127.0.0.1:9/v1", Path("none"), DURATION, plain).estimate.tokens_in
    rows = [
        fact("tokens told of earlier segments, a request on average", (more - without) / len(texts[0]), ""),
        fact("the most of one request", longest / CHARACTERS_PER_TOKEN, ""),
        fact("such tokens as a share of the tokens in", (more - without) / planned, ""),
    ]
    for choice, words in ((plain, "told nothing"), (told, "told what earlier segments found")):
        asked = _read_all(replace(choice, mode=AskingMode.PER_FEATURE), 0.0)[1]
        rows.append(fact(f"text that a server's cache can take, {words}", _shared(asked), ""))
    return tuple(rows)


def _seen(body: bytes) -> Answer:
    """*Yes* to everything that is asked, at one time."""
    _, content = right_answer(body)
    text = json.loads(content)["choices"][0]["message"]["content"]
    answers = json.loads(text)["answers"]
    seen = [one | {"presence": "yes", "evidence": [{"start": 1, "end": 2}]} for one in answers]
    return 200, completion(json.dumps({"answers": seen}))


def _parts_of(body: bytes) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = json.loads(body)["messages"][-1]["content"]
    return parts


def _text_of(body: bytes) -> str:
    return "\n".join(part["text"] for part in _parts_of(body) if part["type"] == "text")


def _shared(bodies: list[bytes]) -> float:
    """The share of the text of questions about one clip with which all of them begin."""
    by_clip: dict[str, list[str]] = {}
    for body in bodies:
        media = [part for part in _parts_of(body) if part["type"] != "text"]
        by_clip.setdefault(json.dumps(media), []).append(_text_of(body))
    alike = sum(_alike(texts) * len(texts) for texts in by_clip.values())
    return alike / sum(len(text) for texts in by_clip.values() for text in texts)


def _alike(texts: list[str]) -> int:
    """With how many characters all of them begin."""
    return sum(
        1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(min(texts), max(texts), strict=False))
    )


def _plan(url: str, folder: Path, duration: float, choice: ModelChoice) -> Plan:
    chosen = replace(choice, provider="openai", model="loopback", base_url=url)
    return plan_reading(chosen, RecordingIdentity("event.mp4", "00" * 32, duration), folder)


def _read(url: str, folder: Path, duration: float, choice: ModelChoice) -> str:
    """A whole reading against the server; everything that it tells."""
    plan = _plan(url, folder, duration, choice)
    permission = allow(folder, plan.destination, "bench")
    with hold_reading(plan):
        try:
            reading, outcome = read_with(
                model_run(plan, _AnyClip()),
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
                told = _read(url, folder, SEGMENT_SECONDS, ModelChoice(limit=LIMIT))
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
