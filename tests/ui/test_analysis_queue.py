"""The queue of analyses in the window: it goes on behind other recordings, is asked about, and is shown."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.core.batch.queue_orders import AnalysisOrders, keep_orders, kept_orders, orders_for, queue_folder
from app.core.batch.unit import Unit, UnitReading
from app.core.folders import queue_file
from app.core.jobs import CancelToken, Progress, Report
from app.core.reading import Reading
from app.core.settings import load_settings, save_settings
from app.core.study.study_news import CHANGED_ELSEWHERE
from app.ui.dialogs.queue import QueueDialog
from app.ui.memory import Memory
from app.ui.session.session import Session
from app.ui.views.queue_bar import QueueBar
from app.ui.views.worklist import WorklistView
from app.ui.views.worklist_model import QUEUE
from tests.core.batch_cases import CountingReading
from tests.media import write_recording
from tests.ui.session_cases import QuickReader, at_rest, is_open, opened, quick, saved

__all__ = ["quick"]


class HeldReading(CountingReading):
    """Reads when it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def __call__(self, unit: Unit, report: Report, cancel: CancelToken) -> Reading:
        report(Progress("Reading", 0.25))
        while not self.go.is_set():
            cancel.check()
            cancel.wait(0.01)
        return super().__call__(unit, report, cancel)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> HeldReading:
    reading = HeldReading()

    def read(_self: UnitReading, unit: Unit, report: Report, cancel: CancelToken) -> Reading:
        return reading(unit, report, cancel)

    monkeypatch.setattr(UnitReading, "__call__", read)
    return reading


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    return [
        write_recording(tmp_path / f"{name}.mp4", frames=12 + place)
        for place, name in enumerate(("a", "b", "unreadable"))
    ]


@pytest.fixture
def session(
    qtbot: QtBot, quick: type[QuickReader], held: HeldReading, files: list[Path]
) -> Iterator[Session]:
    with opened(qtbot, files[0]) as session:
        with qtbot.waitSignal(session.worklist._adding.ended):
            session.worklist.add_recordings(tuple(files[1:]))
        yield session


def folder_of(session: Session) -> Path:
    folder = session.study.folder
    assert folder is not None
    return folder


def states(session: Session) -> list[str]:
    view = session.analysis.queue.view
    return [] if view is None else [row.state.value for row in view.orders.rows]


def test_it_goes_on_while_another_recording_is_opened(
    qtbot: QtBot, session: Session, held: HeldReading, files: list[Path]
) -> None:
    session.analysis.queue.order(folder_of(session), frozenset({1, 2, 3}))
    qtbot.waitUntil(lambda: states(session) == ["running", "waiting", "waiting"])
    session.worklist.go_to(2)
    qtbot.waitUntil(lambda: is_open(session, files[1]))
    held.go.set()
    qtbot.waitUntil(lambda: states(session) == ["done", "done", "failed"])
    assert held.asked == {"a.mp4": 1, "b.mp4": 1, "unreadable.mp4": 1}
    qtbot.waitUntil(lambda: any("b.mp4" in one.answer("tonic").explanation for one in session.answers.others))


def test_a_narrow_worklist_shows_how_far_the_queue_is_uncut(
    qtbot: QtBot, session: Session, held: HeldReading
) -> None:
    bar = QueueBar(session)
    qtbot.addWidget(bar)
    session.analysis.queue.order(folder_of(session), frozenset({1, 2, 3}))
    qtbot.waitUntil(lambda: states(session) == ["running", "waiting", "waiting"])
    session.analysis.queue.pause(True)
    assert bar.words.text() == "Analyses: 0 of 3 · finishing what runs, then paused"
    bar.words.resize(bar.words.width_of(bar.words.text()), 20)
    assert bar.words.shown == bar.words.text()
    bar.words.resize(bar.words.width_of("Analyses: 0 of 3 · fin"), 20)
    assert bar.words.shown == "Analyses: 0 of 3"


def test_answers_that_the_program_has_found_are_said_to_arrive(
    qtbot: QtBot, session: Session, held: HeldReading
) -> None:
    said: list[str] = []
    session.status.line_changed.connect(lambda: said.append(session.status.line))
    session.analysis.queue.order(folder_of(session), frozenset({2}))
    held.go.set()
    qtbot.waitUntil(lambda: states(session) == ["done"])
    session.safekeeping.ask()
    saved(qtbot, session)
    assert "the signal reader's answers of 1 recording arrived" in said
    assert CHANGED_ELSEWHERE not in said


def test_the_worklist_shows_each_state(qtbot: QtBot, session: Session, held: HeldReading) -> None:
    view = WorklistView(session)
    qtbot.addWidget(view)
    view.resize(420, 300)
    view.show()
    view.read()
    qtbot.waitUntil(lambda: len(view.model.rows) == 3)
    assert view.table.isColumnHidden(QUEUE)

    def shown() -> list[str]:
        return [view.model.index(row, QUEUE).data() for row in range(3)]

    session.analysis.queue.order(folder_of(session), frozenset({1, 2, 3}))
    qtbot.waitUntil(lambda: shown() == ["25%", "1.", "2."])
    assert not view.table.isColumnHidden(QUEUE)
    held.go.set()
    qtbot.waitUntil(lambda: shown() == ["✓", "✓", "failed"])
    assert "cannot be read" in view.model.index(2, QUEUE).data(3)


def test_what_waits_is_moved_taken_out_and_tried_again(
    qtbot: QtBot, session: Session, held: HeldReading
) -> None:
    dialog = QueueDialog(session, Memory(), 2)
    qtbot.addWidget(dialog)
    dialog.show()
    session.analysis.queue.order(folder_of(session), frozenset({1, 2, 3}))
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 3 and states(session)[0] == "running")

    def names() -> list[str]:
        model = dialog.table.model()
        return [str(model.index(row, 0).data()) for row in range(model.rowCount())]

    dialog.table.selectRow(2)
    dialog.first.click()
    qtbot.waitUntil(lambda: names() == ["a.mp4", "unreadable.mp4", "b.mp4"])
    assert len(dialog.selected) == 1, "what moves stays selected"
    dialog.table.selectRow(0)
    dialog.out.click()
    qtbot.waitUntil(lambda: states(session) == ["running", "waiting"])
    held.go.set()
    qtbot.waitUntil(lambda: states(session) == ["failed", "done"])
    assert held.asked["a.mp4"] == 0
    dialog.table.clearSelection()
    dialog.again.click()
    qtbot.waitUntil(lambda: held.asked["unreadable.mp4"] == 2 and "failed" in states(session))
    dialog.clear.click()
    qtbot.waitUntil(lambda: states(session) == ["failed"])
    dialog.close()


def test_what_is_left_waits_for_an_answer_or_goes_on_as_the_setting_says(
    qtbot: QtBot, session: Session, held: HeldReading
) -> None:
    keep_orders(AnalysisOrders().added(orders_for(folder_of(session), frozenset({2}))))
    held.go.set()
    session.analysis.queue.begin_if_left()
    qtbot.waitUntil(lambda: session.status.offer is not None)
    offer = session.status.offer
    assert offer is not None
    assert offer.sentence == "1 analysis is left from the last time."
    assert states(session) == ["waiting"]
    offer.accept()
    qtbot.waitUntil(lambda: states(session) == ["done"])
    session.analysis.queue.close()
    assert not kept_orders().rows
    keep_orders(AnalysisOrders().added(orders_for(folder_of(session), frozenset({2}))))
    save_settings(replace(load_settings(), queue_asks=False))
    session.status.make_offer(None)
    session.analysis.queue.begin_if_left()
    qtbot.waitUntil(lambda: states(session) == ["done"])
    assert session.status.offer is None


def test_a_list_that_cannot_be_read_is_laid_aside_which_is_said(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue_folder()
    queue_file().write_text("{")
    said: list[str] = []
    monkeypatch.setattr(session.status, "show_message", said.append)
    session.analysis.queue.begin_if_left()
    qtbot.waitUntil(lambda: bool(said))
    session.analysis.queue.pause(True)
    session.analysis.queue.pause(False)
    assert ["orders.unreadable-" in one for one in said] == [True]


def test_an_analysis_that_another_recording_interrupts_is_queued(
    qtbot: QtBot, session: Session, held: HeldReading, quick: type[QuickReader], files: list[Path]
) -> None:
    held.go.set()
    session.analysis.hands_on = True
    quick.wait = threading.Event()
    session.analysis.start_again()
    qtbot.waitUntil(lambda: session.analysis.work is not None)
    session.worklist.go_to(2)
    qtbot.waitUntil(lambda: is_open(session, files[1]))
    quick.wait.set()
    qtbot.waitUntil(lambda: states(session) == ["done"])
    assert held.asked == {"a.mp4": 1}


def test_a_recording_whose_analysis_has_ended_is_not_queued_by_opening_others(
    qtbot: QtBot, session: Session, held: HeldReading, files: list[Path]
) -> None:
    """Opening another file runs in the background too, and a third may be chosen meanwhile."""
    held.go.set()
    session.analysis.hands_on = True
    at_rest(qtbot, session)
    session.opening.open(files[1])
    session.opening.open(files[0])
    qtbot.waitUntil(lambda: is_open(session, files[0]))
    at_rest(qtbot, session)
    assert states(session) == []
    assert held.asked == {}


def test_nothing_of_it_begins_once_it_is_closed(qtbot: QtBot, session: Session, held: HeldReading) -> None:
    queue = session.analysis.queue
    queue.begin()
    queue.close()
    queue.begin()
    queue.begin_if_left()
    assert not [one.name for one in threading.enumerate() if "queue of analyses" in one.name]


def test_a_view_that_was_on_its_way_does_not_bring_back_what_was_changed(
    qtbot: QtBot, session: Session, held: HeldReading
) -> None:
    queue = session.analysis.queue
    queue.order(folder_of(session), frozenset({1, 2, 3}))
    qtbot.waitUntil(lambda: states(session) == ["running", "waiting", "waiting"])
    before = queue.view
    assert before is not None
    last = before.orders.rows[2].id
    queue.move(frozenset({last}), -1)
    queue._on_posted(before)
    assert queue.view is not None
    assert queue.view.orders.rows[1].id == last


def test_why_one_failed_is_read_without_a_pointer(qtbot: QtBot, session: Session, held: HeldReading) -> None:
    dialog = QueueDialog(session, Memory(), 2)
    qtbot.addWidget(dialog)
    dialog.show()
    held.go.set()
    session.analysis.queue.order(folder_of(session), frozenset({1, 2, 3}))
    qtbot.waitUntil(lambda: states(session) == ["done", "done", "failed"])
    assert dialog.whole.text() == ""
    dialog.table.selectRow(2)
    assert "cannot be read" in dialog.whole.text()
    dialog.table.selectAll()
    assert dialog.whole.text() == ""
