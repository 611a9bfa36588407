"""What one answer by key costs in the window once it is on its way: calls of the program's functions."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import TYPE_CHECKING

import app
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity
from app.core.semiology import FEATURES, Answer, Presence, Span
from app.core.study.study_writer import StudyWriter
from benchmarks.benchmark import Options, Result, Row, at_most, fact, machine
from benchmarks.footage import write_long
from benchmarks.screen import screen
from benchmarks.stage import fresh_home
from benchmarks.window import settle, shown_window, wait_for

if TYPE_CHECKING:
    from app.ui.session.session import Session
    from app.ui.window import Window

SECONDS, KEYS = 20.0, 10
CALLS_BAR = 350.0
_SIZE = (640, 360)
_PROGRAM = str(Path(app.__file__).parent)


def run(options: Options) -> Result:
    """`runs` answers are given with the key Y, each of another feature."""
    keys = options.runs or KEYS
    with screen() as drawn_on, fresh_home(), tempfile.TemporaryDirectory() as folder:
        path = write_long(Path(folder) / "short.mp4", options.seconds or SECONDS, _SIZE)
        with shown_window() as (window, session):
            session.readers.ask_for_new_studies(False)
            session.opening.open(path)
            wait_for(session, lambda: session.sound_detail.waveform is not None, "the waveform")
            session.analysis.cancel()
            wait_for(session, lambda: session.analysis.work is None, "the work to end")
            session.study.keep_reading(_reading(session.opened.duration))
            settle(0.5)
            counted = [_calls_of_a_key(window, session, number) for number in range(keys + 1)][1:]
    return Result("key_press", machine(), _rows(counted), (drawn_on,))


def _reading(duration: float) -> Reading:
    """Somebody else's answers, so that all that is shown of a reader is shown."""
    spans = (Span(1.0, 2.0), Span(duration / 2, duration / 2 + 1.0))
    answers = {one.id: Answer(one.id, Presence.NO, 70, spans, None, "It does not move.") for one in FEATURES}
    identity = RecordingIdentity("short.mp4", "0" * 64, duration)
    return Reading(identity, ReaderIdentity(ReaderKind.PHANTOM, "bench", "1"), answers)


def _calls_of_a_key(window: Window, session: Session, number: int) -> tuple[int, int]:
    """The calls from when the change is on its way until the command returns, and until it is saved and all
    is painted."""
    from PySide6.QtWidgets import QApplication

    saved: list[object] = []  # heard rather than asked for, which would be counted
    session.study.saved.connect(saved.append)
    session.selection.select(FEATURES[number].id)
    settle(0.2)
    with counted_calls(StudyWriter.submit) as calls:
        window.actions_["yes"].trigger()  # what the key does, also where no window can be active
        asked = calls.total()
        while not saved:
            QApplication.processEvents()
        QApplication.processEvents()  # so that what is said of it is painted, too
    session.study.saved.disconnect(saved.append)
    answer = session.answers.mine.answer(FEATURES[number].id)
    if answer.presence is not Presence.YES:
        raise RuntimeError("the key has answered nothing")
    return asked, calls.total()


@contextmanager
def counted_calls(after: Callable[..., object]) -> Iterator[Counter[str]]:
    """Counts calls of functions of the program, by file and name, once `after` has returned."""
    calls: Counter[str] = Counter()
    begun, last = False, after.__code__

    def watch(frame: FrameType, event: str, _what: object) -> None:
        nonlocal begun
        if event == "return" and frame.f_code is last:
            begun = True
        elif event == "call" and begun and frame.f_code.co_filename.startswith(_PROGRAM):
            calls[_name_of(frame.f_code)] += 1

    sys.setprofile(watch)
    try:
        yield calls
    finally:
        sys.setprofile(None)


def _name_of(code: CodeType) -> str:
    return f"{Path(code.co_filename).relative_to(_PROGRAM).as_posix()} {code.co_qualname}"


def _rows(counted: list[tuple[int, int]]) -> tuple[Row, ...]:
    asked, painted = (sorted(one) for one in zip(*counted, strict=True))
    middle = len(counted) // 2
    return (
        at_most("Y until every view that shows it knows it, median", asked[middle], "calls", CALLS_BAR),
        at_most("Y until the views are painted, median", painted[middle], "calls", CALLS_BAR),
        fact("Y until the views are painted, most", painted[-1], "calls"),
    )
