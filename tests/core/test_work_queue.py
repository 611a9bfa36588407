"""The queue of analyses: order, pausing, taking out, trying again, its file, programs that are killed."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import account_file
from app.core.account_file import DAMAGES
from app.core.batch.queue_orders import (
    AnalysisOrder,
    AnalysisOrders,
    OrderState,
    keep_orders,
    kept_orders,
    orders_for,
    queue_folder,
    taken_up_orders,
)
from app.core.batch.work_queue import WorkQueue
from app.core.errors import UserError
from app.core.folders import queue_file
from app.core.jobs import CancelToken, EitherToken
from app.core.regular_file import read_at_most
from app.core.study.history_search import HistoryFilter
from app.core.study.store import Study
from app.core.study.writer_lock import WriterLock
from tests.core.batch_cases import CountingReading
from tests.core.queue_cases import all_orders, study_of, work_off

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEMIOSCOPE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def order(number: int, study: str = "/s") -> AnalysisOrder:
    return AnalysisOrder(Path(study), number, f"r{number}.mp4", "f", 10.0)


def names(queue: WorkQueue, state: OrderState) -> list[str]:
    return [row.name for row in queue.view().orders.rows if row.state is state]


def queue_of(study: Path) -> WorkQueue:
    queue = WorkQueue(jobs=2)
    queue.add(orders_for(study, all_orders(study)))
    return queue


def test_every_order_is_read_once_and_kept_in_its_study(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    studies = [study_of(tmp_path, "a.mp4", "b.mp4"), study_of(tmp_path / "x", "c.mp4", "unreadable.mp4")]
    queue, reading = WorkQueue(), CountingReading()
    for study in studies:
        queue.add(orders_for(study, all_orders(study)))
        queue.add(orders_for(study, all_orders(study)))
    work_off(queue, reading)
    assert reading.asked == {"a.mp4": 1, "b.mp4": 1, "c.mp4": 1, "unreadable.mp4": 1}
    assert names(queue, OrderState.DONE) == ["a.mp4", "b.mp4", "c.mp4"]
    (failed,) = [row for row in queue.view().orders.rows if row.state is OrderState.FAILED]
    assert failed.reason == "This recording cannot be read."
    (kept,) = kept_orders().rows
    assert (kept.number, kept.state) == (failed.number, OrderState.FAILED), "it can be tried again"
    with Study.open_for_viewing(studies[0]) as first:
        assert [one.answer("tonic").explanation for one in first.readings(2, viewer=None)] == ["b.mp4"]


def test_what_failed_is_tried_again_in_the_same_run(tmp_path: Path) -> None:
    queue, reading = queue_of(study_of(tmp_path, "unreadable.mp4", "b.mp4")), CountingReading()
    work_off(queue, reading)
    queue.try_again(frozenset(row.id for row in queue.view().orders.rows))
    work_off(queue, reading)
    assert reading.asked == {"unreadable.mp4": 2, "b.mp4": 1}


def test_a_paused_queue_begins_nothing(tmp_path: Path) -> None:
    queue, reading = queue_of(study_of(tmp_path, "a.mp4")), CountingReading()
    queue.pause(True)
    work_off(queue, reading)
    assert not reading.asked
    queue.pause(False)
    keep_orders(queue.view().orders)  # else it would ask, as after a start
    work_off(queue, reading)
    assert reading.asked == {"a.mp4": 1}


def test_one_is_taken_out_while_it_runs_and_the_others_go_on(tmp_path: Path) -> None:
    queue = queue_of(study_of(tmp_path, "a.mp4", "b.mp4", "c.mp4"))
    queue.jobs = 1

    class Removing(CountingReading):
        def __call__(self, unit, report, cancel):  # type: ignore[no-untyped-def]
            if unit.recording.name == "b.mp4":
                self.asked["b.mp4"] += 1
                (row,) = [row for row in queue.view().orders.rows if row.name == "b.mp4"]
                queue.remove(frozenset({row.id}))
                cancel.check()
            return super().__call__(unit, report, cancel)

    reading = Removing()
    work_off(queue, reading)
    assert names(queue, OrderState.DONE) == ["a.mp4", "c.mp4"]
    with Study.open_for_viewing(queue.view().orders.rows[0].study) as study:
        assert not study.readings(2, viewer=None)


def test_another_recording_under_the_same_number_is_not_read(tmp_path: Path) -> None:
    study = study_of(tmp_path, "a.mp4")
    queue, reading = WorkQueue(), CountingReading()
    queue.add(
        AnalysisOrder(row.study, row.number, row.name, "0" * 64, 3.0)
        for row in orders_for(study, frozenset({1}))
    )
    work_off(queue, reading)
    assert not reading.asked
    assert "no longer has this recording" in queue.view().orders.rows[0].reason


def test_a_study_that_is_gone_fails_alone(tmp_path: Path) -> None:
    queue, reading = WorkQueue(), CountingReading()
    queue.add((order(1, str(tmp_path / "nowhere.semioscope")),))
    queue.add(orders_for(study_of(tmp_path, "a.mp4"), frozenset({1})))
    work_off(queue, reading)
    assert [row.state for row in queue.view().orders.rows] == [OrderState.FAILED, OrderState.DONE]


def test_one_program_at_a_time_works_off_the_queue() -> None:
    lock = WriterLock.acquire(queue_folder())
    assert lock is not None
    with pytest.raises(UserError, match="Another window"):
        WorkQueue().run(CountingReading(), lambda: None, CancelToken())
    lock.release()


def test_a_token_of_two_is_set_with_either() -> None:
    first, second = CancelToken(), CancelToken()
    either = EitherToken(first, second)
    assert not either.wait(0.01)
    second.cancel()
    assert either.cancelled
    assert either.wait(10.0)


@given(st.lists(st.integers(1, 6), max_size=6), st.integers(-6, 6), st.integers(0, 6))
def test_moving_keeps_every_order_and_what_runs_in_its_place(chosen: list[int], by: int, runs: int) -> None:
    orders = AnalysisOrders().added(order(number) for number in range(6)).settled(runs, OrderState.RUNNING)
    moved = orders.moved(chosen, by)
    assert sorted(row.id for row in moved.rows) == [1, 2, 3, 4, 5, 6]
    if 1 <= runs <= 6:
        assert moved.rows[runs - 1].id == runs
    waiting = {*chosen} - {runs}
    still = [row.id for row in moved.rows if row.id in waiting]
    assert still == sorted(waiting), "what moves keeps its sequence"


def test_one_place_earlier_and_later() -> None:
    orders = AnalysisOrders().added(order(number) for number in range(4))
    assert [row.id for row in orders.moved((3,), -1).rows] == [1, 3, 2, 4]
    assert [row.id for row in orders.moved((1, 2), 1).rows] == [3, 1, 2, 4]
    assert [row.id for row in orders.moved((3, 4), -9).rows] == [3, 4, 1, 2]
    assert [row.id for row in orders.moved((1, 2), 9).rows] == [3, 4, 1, 2]


def test_what_ran_waits_again_after_the_program_has_ended() -> None:
    orders = AnalysisOrders(paused=True).added(order(number) for number in range(3))
    orders = orders.settled(1, OrderState.DONE).settled(2, OrderState.RUNNING)
    keep_orders(orders.settled(3, OrderState.FAILED, "Gone."))
    found = kept_orders()
    assert found.paused
    assert [(row.number, row.state, row.reason) for row in found.rows] == [
        (1, OrderState.WAITING, ""),
        (2, OrderState.FAILED, "Gone."),
    ]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"format": "semioscope-queue/1", "orders": 3}', '{"format": "other", "orders": []}'],
)
def test_a_damaged_file_is_laid_aside(text: str) -> None:
    queue_folder()
    queue_file().write_text(text)
    with pytest.raises(DAMAGES):
        kept_orders()
    orders, said = taken_up_orders()
    (aside,) = queue_file().parent.glob("orders.unreadable-*.json")
    assert (orders, f"laid aside as “{aside.name}”" in said) == (AnalysisOrders(), True)
    queue_file().write_text("another")
    assert "orders.unreadable-" in taken_up_orders()[1]
    assert aside.read_text() == text


@pytest.mark.parametrize(("failing", "kept"), [(1, True), (2, True), (1000, False)])
def test_a_healthy_file_that_cannot_be_read_for_a_moment_is_not_laid_aside(
    monkeypatch: pytest.MonkeyPatch, failing: int, kept: bool
) -> None:
    keep_orders(AnalysisOrders().added((order(1),)))
    before, left = queue_file().read_bytes(), [failing]

    def read(path: Path, largest: int) -> bytes:
        if left[0]:
            left[0] -= 1
            raise PermissionError(13, "Permission denied")
        return read_at_most(path, largest)

    monkeypatch.setattr(account_file, "read_at_most", read)
    if kept:
        assert [row.number for row in taken_up_orders()[0].rows] == [1]
    else:
        with pytest.raises(UserError, match="It stays as it is"):
            taken_up_orders()
    assert [*queue_file().parent.iterdir()] == [queue_file()]
    assert queue_file().read_bytes() == before


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_in_its_place_is_laid_aside_and_waited_for_by_nobody() -> None:
    queue_folder()
    os.mkfifo(queue_file())
    orders, said = taken_up_orders()
    assert orders == AnalysisOrders()
    assert "laid aside" in said
    (aside,) = queue_file().parent.iterdir()
    assert aside.is_fifo()


def test_rows_that_are_no_orders_are_left_out() -> None:
    keep_orders(AnalysisOrders().added((order(1),)))
    data = json.loads(queue_file().read_text())
    good = data["orders"][0]
    wrong = [3, {}, {**good, "number": "1"}, {**good, "study": None}, {**good, "duration": True}]
    queue_file().write_text(json.dumps({**data, "orders": [*wrong, good]}))
    assert [row.number for row in kept_orders().rows] == [1]


def killed_at_random(tmp_path: Path, count: int, kills: int) -> None:
    """Each is kept in the study once, whenever the program is killed; nothing is lost or read again."""
    study = study_of(tmp_path, *(f"r{number:02}.mp4" for number in range(count)))
    log, chance = tmp_path / "log", random.Random(5)
    log.touch()
    command = [sys.executable, "-m", "tests.core.queue_cases", str(log)]
    environment = {**os.environ, "SEMIOSCOPE_HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT)}

    def start(*further: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([*command, *further], cwd=ROOT, env=environment)

    further = [str(study)]
    for _kill in range(kills):
        program, before = start(*further), len(log.read_text().split())
        wanted = min(before + chance.choice((0, 1, 2)), count)
        while program.poll() is None and len(log.read_text().split()) < max(wanted, before + 1):
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.05))
        program.send_signal(signal.SIGKILL)
        program.wait()
        further = [] if queue_file().exists() and kept_orders().rows else further
    assert start(*further).wait() == 0
    assert not kept_orders().left
    results = sorted((study / "semioscope-batch" / "results").glob("*.json"))
    assert len(results) == count
    with Study.open_for_viewing(study) as opened:
        for number in range(1, count + 1):
            assert len(opened.readings(number, viewer=None)) == 1
            wanted_rows = HistoryFilter(recording_id=number)
            kept = [
                row
                for row in opened.history_page(wanted_rows, limit=50, viewers=()).rows
                if row.entry.why == "batch"
            ]
            assert len(kept) == 1, "it was kept twice"


def test_a_program_that_is_killed_reads_each_once(tmp_path: Path) -> None:
    killed_at_random(tmp_path, 5, 2)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_program_that_is_killed_ten_times_reads_each_of_twenty_once(tmp_path: Path) -> None:
    killed_at_random(tmp_path, 20, 10)


def test_where_the_orders_are_kept_is_written_once() -> None:
    sources = (ROOT / "app").rglob("*.py")
    holders = [source.name for source in sources if '"orders.json"' in source.read_text(encoding="utf-8")]
    assert holders == ["folders.py"], "the window looks there without loading the queue"
