"""All answers of 2,000 recordings by three readers as cells: opened, scrolled, and each picture saved."""

from __future__ import annotations

import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.core.agreement.answer_map import AnswerMap, SaidState
from app.core.jobs import Progress
from app.core.semiology import FEATURES
from benchmarks.benchmark import Options, Result, Row, at_most, fact, machine
from benchmarks.screen import screen
from benchmarks.stage import fresh_home, seconds_of
from benchmarks.timeline import Moment
from benchmarks.window import shown_window

if TYPE_CHECKING:
    from app.ui.views.answer_heat_map import AnswerHeatMap

RECORDINGS, READERS = 2000, 3
_SIZE = (1400, 420)
_MOVES = 240


def run(options: Options) -> Result:
    """`runs` is the number of scrolls."""
    answers = made_answers()
    what = f"{RECORDINGS} × {len(FEATURES)} × {READERS}"
    with (
        screen() as drawn_on,
        fresh_home(),
        tempfile.TemporaryDirectory() as folder,
        shown_window() as (_, session),
    ):
        from PySide6.QtTest import QTest

        from app.ui.views.answer_heat_map import AnswerHeatMap

        options.report(Progress("Opening", 0.0))
        view = AnswerHeatMap(session)
        view.resize(*_SIZE)
        begun = time.perf_counter()
        view.show_map(answers)
        view.show()
        QTest.qWaitForWindowExposed(view)
        view.viewport().repaint()
        opened = time.perf_counter() - begun
        options.report(Progress("Scrolling", 0.3))
        scrolled = _scrolled(view, options.runs or _MOVES)
        options.report(Progress("Saving", 0.8))
        saved = _saved(answers, Path(folder))
        view.close()
    took, computed = (
        float(np.percentile([getattr(one, name) for one in scrolled], 95)) for name in ("took", "computed")
    )
    rows: list[Row] = [
        at_most(f"{what} opened and painted", opened, "s", 1.0),
        at_most(f"{what} scrolled by a third of a page, 95th percentile", took, "ms", 1000 / 60),
        fact("of it computed by the GUI thread", computed, "ms"),
        *saved,
    ]
    return Result("heat_map", machine(), tuple(rows), (drawn_on,))


def made_answers() -> AnswerMap:
    """Answers as a study has them: a third yes, a few not assessable or unanswered."""
    chance = np.random.default_rng(9)
    kinds = [SaidState.NO, SaidState.YES, SaidState.NOT_ASSESSABLE, SaidState.UNANSWERED]
    states = chance.choice(kinds, (RECORDINGS, len(FEATURES), READERS), p=[0.55, 0.35, 0.06, 0.04])
    names = tuple(f"patient {number // 3:04d} seizure {number % 3 + 1}.mp4" for number in range(RECORDINGS))
    readers = tuple(f"Reader {number}" for number in range(READERS))
    return AnswerMap(readers, tuple(range(RECORDINGS)), names, states.astype(np.uint8))


def _scrolled(view: AnswerHeatMap, moves: int) -> list[Moment]:
    bar, found = view.verticalScrollBar(), []
    for number in range(moves):
        begun, computed = time.perf_counter(), time.thread_time()
        bar.setValue((number * 137) % bar.maximum())
        view.viewport().repaint()
        found.append(Moment((time.perf_counter() - begun) * 1000, (time.thread_time() - computed) * 1000))
    return found


def _saved(answers: AnswerMap, folder: Path) -> list[Row]:
    from app.core.evaluation.agreement_files import write_agreement

    rows = []
    for kind in ("png", "csv"):
        seconds = seconds_of(partial(write_agreement, folder / f"all.{kind}", answers))
        rows.append(fact(f"saved as {kind}", seconds, "s"))
    return rows
