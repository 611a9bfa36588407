"""1080p30 playback while a model's clips are made, and while it is asked: frames dropped, how long the GUI
thread was blocked."""

from __future__ import annotations

import math
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.jobs import Progress
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.request_plan import AskingMode, requests
from benchmarks.benchmark import Options, Result, Row, fact, machine
from benchmarks.playback import frames_of, played, rows_of
from benchmarks.screen import screen
from benchmarks.stage import ROOT, fresh_home, phantom_file
from benchmarks.window import open_and_analyse, settle, shown_window, wait_for

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.ui.session.session import Session

SECONDS, SIZE = 60.0, (1920, 1080)
LIMIT = 4


def run(options: Options) -> Result:
    """Two playbacks of the same recording; the server is a separate process."""
    seconds = options.seconds or SECONDS
    source = phantom_file(seconds, SIZE, options.report)
    # Every feature by itself, as in the study: the most that is ever sent; spread over the whole playback.
    rounds = math.ceil(len(requests(seconds, mode=AskingMode.PER_FEATURE)) / LIMIT)
    with (
        screen() as drawn_on,
        fresh_home(),
        tempfile.TemporaryDirectory() as folder,
        _server(seconds / rounds) as url,
    ):
        path = Path(shutil.copy(source, folder))
        with shown_window(*SIZE) as (window, session):
            options.report(Progress("Finding the pose that is drawn", 0.0))
            open_and_analyse(session, path)
            choice = ModelChoice("openai", "loopback", url, mode=AskingMode.PER_FEATURE, limit=LIMIT)
            options.report(Progress("Playing while clips are made", 0.1))
            making = _while_made(window, session, choice, seconds)
            options.report(Progress("Playing while a model is asked", 0.5))
            asking = _while_asked(window, session, choice, seconds)
    return Result(
        "asking",
        machine(),
        (*making, *asking),
        (
            drawn_on,
            "Clips are made one after the other for as long as it plays; the model is asked for each feature "
            f"by itself, {LIMIT} at once, by a server in a separate process of the lowest priority.",
        ),
    )


def _while_made(window: QWidget, session: Session, choice: ModelChoice, seconds: float) -> tuple[Row, ...]:
    from app.core.readers.models.reading_stage import ReadingStage

    models = session.models
    made = 0

    def begin() -> None:
        # Another rate every time: clips that are there already would not be made.
        models.chosen.choose(replace(choice, fps=choice.fps + made / 1000))
        models.prepare()

    def go_on() -> None:
        nonlocal made
        if models.stage is ReadingStage.READY and session.playback.playing:
            made += 1
            begin()

    models.run_changed.connect(go_on)
    rows = _measured(window, session, seconds, begin, "while clips are made")
    models.run_changed.disconnect(go_on)
    models.stop()
    wait_for(session, lambda: models.stage is ReadingStage.IDLE, "the end of making clips")
    return (*rows, fact("clips of the whole recording were made meanwhile", made, "times"))


def _while_asked(window: QWidget, session: Session, choice: ModelChoice, seconds: float) -> tuple[Row, ...]:
    from app.core.readers.models.reading_stage import ReadingStage, Status

    models = session.models
    models.chosen.choose(choice)
    models.prepare()
    wait_for(session, lambda: models.stage is ReadingStage.READY, "the clips")
    rows = _measured(window, session, seconds, partial(models.start, allowed=True), "while a model is asked")
    wait_for(session, lambda: models.stage is ReadingStage.IDLE, "the end of the reading")
    answered = sum(cell.status is Status.ANSWERED for cell in models.cells)
    return (*rows, fact("answers that came meanwhile", answered, "requests"))


def _measured(
    window: QWidget, session: Session, seconds: float, begin: Callable[[], None], when: str
) -> tuple[Row, ...]:
    session.playback.seek(0.0, exact=True)
    settle(1.0)
    watch = played(window, session, seconds, begin)
    rows = rows_of(watch, frames_of(session), seconds)
    return tuple(replace(row, what=f"{when}: {row.what}") for row in rows)


@contextmanager
def _server(seconds: float) -> Iterator[str]:
    """A loopback server in a separate process, which ends with its stdin."""
    command = [sys.executable, "-m", "benchmarks.loopback", f"{seconds:g}"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()
