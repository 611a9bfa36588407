"""Second opening of an analysed recording: until its answers are shown, beside decoding a first frame."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from benchmarks.benchmark import Options, Result, at_most, fact, machine
from benchmarks.screen import screen
from benchmarks.stage import alternated, fresh_home, phantom_file, seconds_of
from benchmarks.window import answered, open_and_analyse, shown_window, wait_for

SECONDS, RUNS, SIZE = 20.0, 5, (1280, 720)
BAR = 0.5


def run(options: Options) -> Result:
    """In one process, each opening in a separate window; medians."""
    source = phantom_file(options.seconds or SECONDS, SIZE, options.report)
    with screen() as drawn_on, fresh_home(), tempfile.TemporaryDirectory() as folder:
        path = Path(shutil.copy(source, folder))
        with shown_window() as (_window, session):
            open_and_analyse(session, path)
        answers, picture, floor = alternated(
            options.runs or RUNS,
            (lambda: _answers_shown(path), lambda: _picture_shown(path), lambda: _first_frame(path)),
            "Opening again",
            options.report,
        )
    return Result(
        "reopen",
        machine(),
        (
            at_most("second opening until the answers are shown", answers, "s", BAR, floor=floor),
            fact("second opening until the first frame is shown", picture, "s", floor=floor),
        ),
        ("The floor is opening the file with PyAV and decoding its first frame.", drawn_on),
    )


def _answers_shown(path: Path) -> float:
    """Seconds from the intent until the checklist is painted with the reader's answers."""
    from app.ui.views.checklist import ChecklistView

    with shown_window() as (window, session):
        checklist = window.findChild(ChecklistView)
        assert isinstance(checklist, ChecklistView)

        def work() -> None:
            session.opening.open(path)
            wait_for(session, lambda: answered(session), "the kept answers")
            checklist.repaint()

        return seconds_of(work)


def _picture_shown(path: Path) -> float:
    with shown_window() as (_window, session):

        def work() -> None:
            session.opening.open(path)
            wait_for(session, lambda: session.playback.image is not None, "the first frame")

        return seconds_of(work)


def _first_frame(path: Path) -> float:
    import av

    def work() -> None:
        with av.open(str(path)) as container:
            next(container.decode(video=0))

    return seconds_of(work)
