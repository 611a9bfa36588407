"""What the tests of the study share: recordings that need no media, and a writer in a separate process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from app.core.errors import UserError
from app.core.reading import ReaderIdentity, ReaderKind
from app.core.semiology import FEATURES, Answer, Presence, Span
from app.core.study.change_requests import ApplyEdits
from app.core.study.edits import SetAnswer
from app.core.study.saving import Outcome, Saved
from app.core.study.store import Study
from app.core.study.study_writer import StudyWriter

ANA = ReaderIdentity(ReaderKind.PERSON, "Ana", "1")
SIGNAL = ReaderIdentity(ReaderKind.SIGNAL, "signal", "1", {"rules": "a"})
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Clip:
    """A recording as the study sees it."""

    path: Path
    fingerprint: str = "f" * 64
    duration: float = 60.0

    @property
    def name(self) -> str:
        return self.path.name


def tick(study: Study, recording: int, feature: str, after: Presence | None) -> Answer:
    """Answer a feature as Ana, from whatever the study says now."""
    before = study.reading(recording, ANA, viewer=None).answer(feature)
    answer = Answer(feature, after)
    study.apply(SetAnswer(recording, ANA, before, answer))
    return answer


def presence(study: Study, recording: int, feature: str) -> Presence | None:
    return study.reading(recording, ANA, viewer=None).answer(feature).presence


def start_writer(
    folder: Path,
    count: int,
    *,
    name: str = "Ana",
    shared: bool = False,
    queued: bool = False,
    under: tuple[str, ...] = (),
) -> subprocess.Popen[str]:
    """A process that ticks `count` times and prints each tick's number once it is acknowledged.

    With `queued` it writes in a separate thread, and several ticks are always on their way.
    """
    how = "queued" if queued else "shared" if shared else "window"
    return subprocess.Popen(
        [*under, sys.executable, __file__, str(folder), str(count), name, how],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def numbered(number: int) -> tuple[str, Answer]:
    """The answer that tick `number` gives; the number is its explanation."""
    feature = FEATURES[number % len(FEATURES)].id
    spans = tuple(Span(float(start), start + 0.5) for start in range(number % 4))
    return feature, Answer(feature, list(Presence)[number % 3], number % 101, spans, None, str(number))


def acknowledged_but_missing(study: Study, recording: int, name: str, acknowledged: list[int]) -> list[int]:
    """The numbers that a writer heard are kept and that the study does not have."""
    rows = [row for row in study.history(recording, viewer=None) if row.who == name]
    kept = {int(json.loads(row.new)["explanation"]) for row in rows}
    return [number for number in acknowledged if number not in kept]


def _write(folder: Path, count: int, name: str, *, shared: bool) -> None:
    reader = ReaderIdentity(ReaderKind.PERSON, name, "1")
    with Study.open(folder, author=name, shared=shared) as study:
        recording = study.recording(Clip(folder.parent / "clip.mp4"))
        answers = dict(study.reading(recording, reader, viewer=None).answers)
        for number in range(count):
            feature, after = numbered(number)
            edit = SetAnswer(recording, reader, answers.get(feature, Answer(feature)), after)
            _apply(study, edit, number)
            answers[feature] = after
            os.write(1, f"{number}\n".encode())


def _apply(study: Study, edit: SetAnswer, number: int) -> None:
    for _attempt in range(3):
        try:
            study.apply(edit)
        except UserError as error:
            os.write(1, f"refused {number}: {error}\n".encode())
        else:
            return
    raise SystemExit("refused three times")


ON_THEIR_WAY = 8


def _write_queued(folder: Path, count: int, name: str) -> None:
    reader = ReaderIdentity(ReaderKind.PERSON, name, "1")
    woken = threading.Semaphore(0)
    writer = StudyWriter(lambda: Study.open(folder, author=name), woken.release, author=name)

    def until(there: Callable[[], object]) -> None:
        while not there():
            woken.acquire()
            writer.deliver_outcomes()

    opened: list[int] = []
    clip = Clip(folder.parent / "clip.mp4")
    writer.ask(lambda study: study.recording(clip), opened.append, _give_up)
    until(lambda: opened)
    answers: dict[str, Answer] = {}
    for number in range(count):
        feature, after = numbered(number)
        edit = SetAnswer(opened[0], reader, answers.get(feature, Answer(feature)), after)
        answers[feature] = after
        writer.submit(ApplyEdits((edit,)), partial(_say, number))
        until(lambda: len(writer.pending()) < ON_THEIR_WAY)
    until(lambda: not writer.pending())
    writer.close(60.0)


def _say(number: int, outcome: Outcome) -> None:
    if not isinstance(outcome, Saved):
        raise SystemExit(f"tick {number} was not saved")
    os.write(1, f"{number}\n".encode())


def _give_up(error: UserError) -> None:
    raise SystemExit(str(error))


if __name__ == "__main__":
    if sys.argv[4] == "queued":
        _write_queued(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
    else:
        _write(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], shared=sys.argv[4] == "shared")
