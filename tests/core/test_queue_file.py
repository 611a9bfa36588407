"""What the account's settings keep of the queue of analyses: no names, nothing done, for nobody else."""

from __future__ import annotations

import json
import stat
import sys
import threading
from pathlib import Path

import pytest

from app.core.batch.queue_orders import (
    AnalysisOrders,
    OrderState,
    keep_orders,
    kept_orders,
    orders_for,
    queue_folder,
    with_names,
)
from app.core.batch.work_queue import WorkQueue
from app.core.errors import Cancelled
from app.core.folders import queue_file
from app.core.jobs import CancelToken
from tests.core.batch_cases import CountingReading
from tests.core.queue_cases import all_orders, study_of, work_off


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEMIOSCOPE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def orders(tmp_path: Path) -> AnalysisOrders:
    study = study_of(tmp_path, "Mustermann.mp4", "b.mp4")
    return AnalysisOrders().added(orders_for(study, all_orders(study)))


def test_names_are_not_in_the_file_and_are_taken_from_the_study(orders: AnalysisOrders) -> None:
    named = {row.id: row.name for row in orders.rows}
    assert "Mustermann.mp4" in named.values()
    first = next(id_ for id_, name in named.items() if name == "Mustermann.mp4")
    keep_orders(orders.settled(first, OrderState.FAILED, "“Mustermann.mp4” cannot be read."))
    assert "Mustermann" not in queue_file().read_text()
    found = with_names(kept_orders())
    assert sorted(row.name for row in found.rows) == ["Mustermann.mp4", "b.mp4"]
    assert "“the recording” cannot be read." in [row.reason for row in found.rows]


def test_another_recording_under_the_number_lends_no_name(orders: AnalysisOrders) -> None:
    keep_orders(orders)
    data = json.loads(queue_file().read_text())
    data["orders"][0]["fingerprint"] = "another"
    data["orders"][1]["study"] = "/gone"
    queue_file().write_text(json.dumps(data))
    assert [row.name for row in with_names(kept_orders()).rows] == ["", ""]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_the_account_alone_can_read_it(orders: AnalysisOrders) -> None:
    queue_folder()
    queue_file().write_text("{}")
    queue_file().chmod(0o644)
    keep_orders(orders)
    assert stat.S_IMODE(queue_file().stat().st_mode) == 0o600
    assert stat.S_IMODE(queue_file().parent.stat().st_mode) == 0o700


def test_nothing_is_left_of_what_is_done(orders: AnalysisOrders) -> None:
    queue = WorkQueue()
    queue.add(orders.rows)
    work_off(queue, CountingReading())
    assert not queue_file().exists()


def test_a_queue_that_is_paused_stays_so() -> None:
    keep_orders(AnalysisOrders(paused=True))
    assert kept_orders().paused
    keep_orders(AnalysisOrders())
    assert not queue_file().exists()


def test_names_of_earlier_versions_go_when_the_queue_is_taken_up(orders: AnalysisOrders) -> None:
    keep_orders(orders)
    data = json.loads(queue_file().read_text())
    data["orders"] = [row | {"name": "Mustermann.mp4"} for row in data["orders"]]
    queue_file().write_text(json.dumps(data))
    run_until_kept(WorkQueue(asks=True))
    assert "Mustermann" not in queue_file().read_text()
    assert len(kept_orders().rows) == 2


def test_what_is_taken_out_just_before_the_end_is_removed(orders: AnalysisOrders) -> None:
    queue = WorkQueue()
    queue.add(orders.rows)
    queue.pause(True)
    run_until_kept(queue, lambda: queue.remove(frozenset(row.id for row in orders.rows)))
    assert not kept_orders().rows


def run_until_kept(queue: WorkQueue, last: object = None) -> None:
    """Run the queue until it has written what it has; `last` is done when it is being cancelled."""
    cancel, calls = _Ends(last), []

    def changed() -> None:
        calls.append(threading.current_thread())
        cancel.armed = len(calls) > 1  # the second call is after writing

    with pytest.raises(Cancelled):
        queue.run(CountingReading(), changed, cancel)


class _Ends(CancelToken):
    """Is cancelled at the first step after it was armed, and something is done just before."""

    def __init__(self, last: object) -> None:
        super().__init__()
        self.armed, self._last = False, last

    def check(self) -> None:
        if self.armed and not self.cancelled:
            if callable(self._last):
                self._last()
            self.cancel()
        super().check()
