"""What the account's settings keep of the queue of analyses: no names, nothing done, for nobody else."""

from __future__ import annotations

import json
import stat
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from app.core.batch import queue_names, work_queue
from app.core.batch.queue_names import RecordingKey
from app.core.batch.queue_orders import (
    AnalysisOrders,
    OrderState,
    keep_orders,
    kept_orders,
    orders_for,
    queue_folder,
)
from app.core.batch.unit import Unit
from app.core.batch.work_queue import WorkQueue
from app.core.errors import Cancelled, UserError
from app.core.folders import queue_file
from app.core.jobs import CancelToken, Report
from app.core.reading import Reading
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
    kept = kept_orders().rows
    assert [row.name for row in kept] == ["", ""]
    assert "“the recording” cannot be read." in [row.reason for row in kept]
    shown = names_shown()
    assert sorted(shown) == ["Mustermann.mp4", "b.mp4"]


def test_another_recording_under_the_number_lends_no_name(orders: AnalysisOrders) -> None:
    change_rows(lambda rows: (rows[0] | {"fingerprint": "another"}, rows[1] | {"study": "/gone"}), orders)
    assert names_shown() == ["", ""]


@pytest.mark.parametrize("study", ["/with\0nothing", "/gone"])
def test_a_study_that_cannot_be_opened_costs_the_others_nothing(orders: AnalysisOrders, study: str) -> None:
    (one, other) = orders.rows
    change_rows(lambda rows: (rows[0] | {"study": study}, rows[1]), orders)
    queue, reading = WorkQueue(), CountingReading()
    work_off(queue, reading)
    assert reading.asked == {other.name: 1}
    assert [row.state for row in queue.view().orders.rows] == [OrderState.FAILED, OrderState.DONE], one


def test_a_share_that_hangs_does_not_hold_up_the_queue(
    orders: AnalysisOrders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").mkdir()
    other = study_of(tmp_path / "other", "new.mp4")
    keep_orders(orders.settled(1, OrderState.FAILED, "Gone.").settled(2, OrderState.FAILED, "Gone."))
    came, go_on = threading.Event(), threading.Event()

    def hangs(_folder: Path) -> dict[RecordingKey, str]:
        came.set()
        assert go_on.wait(60)
        return {}

    monkeypatch.setattr(queue_names, "names_in", hangs)
    queue, reading = WorkQueue(), CountingReading()
    queue.add(orders_for(other, all_orders(other)))
    work_off(queue, reading)
    assert came.is_set()
    go_on.set()
    assert reading.asked == {"new.mp4": 1}
    assert len(kept_orders().rows) == 2


def test_no_study_is_opened_before_a_person_says_so(
    orders: AnalysisOrders, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_orders(orders)
    looked: list[Path] = []
    monkeypatch.setattr(queue_names, "names_in", looked.append)
    run_until_kept(WorkQueue(asks=True))
    assert looked == []


def test_what_is_laid_aside_is_said_and_never_removed() -> None:
    queue_folder()
    queue_file().write_text('{"format": "semioscope-queue/9"}')
    queue = WorkQueue()
    run_until_kept(queue)
    (aside,) = queue_file().parent.glob("orders.unreadable-*.json")
    assert f"laid aside as “{aside.name}”" in queue.view().remark
    assert aside.read_text() == '{"format": "semioscope-queue/9"}'


def test_a_file_that_can_be_neither_read_nor_laid_aside_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    queue_folder()
    queue_file().write_text("{")

    def refused(*_names: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "rename", refused)
    with pytest.raises(UserError, match="It stays as it is"):
        WorkQueue().run(CountingReading(), lambda: None, CancelToken())
    assert queue_file().read_text() == "{"


def test_a_reason_of_an_earlier_version_loses_the_name_once_although_the_study_is_gone(
    orders: AnalysisOrders,
) -> None:
    failed = {"study": "/gone", "name": "record", "state": "failed", "reason": "“record” cannot be read."}
    change_rows(lambda rows: (rows[0] | failed,), orders)
    for _start in range(3):
        (row,) = kept_orders().rows
        assert row.reason == "“the recording” cannot be read."
        keep_orders(AnalysisOrders((row,)).named({row.id: "record"}))
        assert "“record”" not in queue_file().read_text()


def test_earlier_versions_find_a_name_in_every_row(orders: AnalysisOrders) -> None:
    keep_orders(orders)
    assert [row["name"] for row in json.loads(queue_file().read_text())["orders"]] == ["", ""]


def test_a_reason_with_the_name_is_kept_without_it_when_the_queue_did_not_know_the_name(
    orders: AnalysisOrders, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_orders(orders)
    monkeypatch.setattr(queue_names, "names_in", lambda _folder: {})

    class Naming(CountingReading):
        def __call__(self, unit: Unit, report: Report, cancel: CancelToken) -> Reading:
            raise UserError(f"“{unit.recording.name}” is too short.")

    work_off(WorkQueue(), Naming())
    assert "Mustermann" not in queue_file().read_text()
    assert {row.reason for row in kept_orders().rows} == {"“the recording” is too short."}


def test_what_could_not_be_written_is_tried_again(
    orders: AnalysisOrders, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue, tried = WorkQueue(), 0
    queue.add(orders.rows)
    queue.pause(True)

    def full(now: AnalysisOrders) -> None:
        nonlocal tried
        tried += 1
        if tried == 1:
            raise UserError("The disk is full.")
        keep_orders(now)

    monkeypatch.setattr(work_queue, "keep_orders", full)
    run_until_kept(queue)
    assert tried == 2
    assert len(kept_orders().rows) == 2


def change_rows(change: Callable[[list[Any]], Iterable[object]], orders: AnalysisOrders) -> None:
    """Keep the orders, and change the rows in their file."""
    keep_orders(orders)
    data = json.loads(queue_file().read_text())
    queue_file().write_text(json.dumps(data | {"orders": list(change(data["orders"]))}))


def names_shown() -> list[str]:
    """The names that a queue shows of what was kept, once all studies were asked for them."""
    queue, cancel = WorkQueue(), CancelToken()
    queue.pause(True)
    studies = {row.study for row in kept_orders().rows}
    whole, asked = queue._name_all, set[Path]()

    def name_all(study: Path, names: Mapping[RecordingKey, str]) -> None:
        whole(study, names)
        asked.add(study)
        if asked == studies:
            cancel.cancel()

    queue._name_all = name_all  # type: ignore[method-assign]
    with pytest.raises(Cancelled):
        queue.run(CountingReading(), lambda: None, cancel)
    return [row.name for row in queue.view().orders.rows]


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
