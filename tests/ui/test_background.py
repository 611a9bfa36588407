"""Work in background threads: what is delivered and in which order, and how all of it ends at once."""

from __future__ import annotations

import logging
import threading
from functools import partial

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.core.errors import UserError
from app.core.jobs import Progress, Task
from app.ui.session.background import Background, close_all


class Told:
    """What a runner has delivered, in order."""

    def __init__(self, runner: Background) -> None:
        self.kinds: list[tuple[str, object]] = []
        for kind in ("progressed", "posted", "done", "failed"):
            getattr(runner, kind).connect(lambda what, kind=kind: self.kinds.append((kind, what)))
        runner.ended.connect(lambda: self.kinds.append(("ended", None)))


def until_cancelled(task: Task) -> None:
    task.cancel.wait(60)
    task.cancel.check()


def test_everything_is_delivered_in_its_order(qtbot: QtBot) -> None:
    runner = Background("work")
    told, half = Told(runner), Progress("half", 0.5)

    def work(task: Task) -> str:
        task.report(half)
        task.post("found")
        return "result"

    with qtbot.waitSignal(runner.ended):
        runner.start(work)
    assert told.kinds == [("progressed", half), ("posted", "found"), ("done", "result"), ("ended", None)]
    assert not runner.running


def test_a_new_work_drops_what_the_former_finds(qtbot: QtBot) -> None:
    runner = Background("work")
    told = Told(runner)
    runner.start(until_cancelled)
    with qtbot.waitSignal(runner.ended):
        runner.start(lambda _task: 2)
    assert told.kinds == [("done", 2), ("ended", None)]


def test_an_error_for_people_is_its_sentence_and_a_bug_is_logged_without_values(
    qtbot: QtBot, expected_errors: pytest.LogCaptureFixture
) -> None:
    runner = Background("work")
    told = Told(runner)

    def fails(error: Exception) -> None:
        raise error

    with qtbot.waitSignal(runner.ended):
        runner.start(lambda _task: fails(UserError("The file is gone.")))
    with expected_errors.at_level(logging.ERROR), qtbot.waitSignal(runner.ended):
        runner.start(lambda _task: fails(ValueError("Mrs. Smith")), "search")
    sentences = [str(what) for kind, what in told.kinds if kind == "failed"]
    assert sentences[0] == "The file is gone."
    assert "stopped the search" in sentences[1]
    assert "ValueError" in expected_errors.text
    assert "Smith" not in expected_errors.text + sentences[1]


def test_all_work_is_stopped_before_any_is_waited_for(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, other = QObject(), QObject()
    runners = [Background("one", owner), Background("two", owner), Background("three", other)]
    told = [Told(runner) for runner in runners]
    begun = [threading.Event() for _ in runners]

    def work(number: int, task: Task) -> None:
        begun[number].set()
        until_cancelled(task)

    for number, runner in enumerate(runners):
        runner.start(partial(work, number))
    assert all(event.wait(60) for event in begun)
    deadlines: list[float] = []
    join = Background.join

    def joined(runner: Background, deadline: float) -> None:
        assert not any(one.running for one in runners)
        deadlines.append(deadline)
        join(runner, deadline)

    monkeypatch.setattr(Background, "join", joined)
    close_all(owner, other)
    assert len(set(deadlines)) == 1
    assert len(deadlines) == 3
    assert not [
        thread for thread in threading.enumerate() if thread.name.split()[0] in {"one", "two", "three"}
    ]
    qtbot.wait(0)
    assert [one.kinds for one in told] == [[], [], []]


def test_one_at_a_time_starts_no_thread_beside_one_that_hangs(qtbot: QtBot) -> None:
    """As each change starts a reading of the study, which a share that hangs never ends."""
    runner = Background("work", one_at_a_time=True)
    told, answers, began = Told(runner), threading.Event(), list[int]()

    def work(number: int, _task: Task) -> int:
        began.append(number)
        assert answers.wait(60)
        return number

    before = threading.active_count()
    for number in range(5):
        runner.start(partial(work, number))
    qtbot.waitUntil(lambda: began == [0])
    assert threading.active_count() == before + 1
    with qtbot.waitSignal(runner.ended):
        answers.set()
    assert began == [0, 4]
    assert told.kinds == [("done", 4), ("ended", None)]
    with qtbot.waitSignal(runner.ended):
        runner.start(partial(work, 5))
    assert began[-1] == 5


def test_what_is_dropped_is_not_begun(qtbot: QtBot) -> None:
    runner = Background("work", one_at_a_time=True)
    answers, began = threading.Event(), list[str]()

    def hang(_task: Task) -> None:
        assert answers.wait(60)

    runner.start(hang)
    runner.start(lambda _task: began.append("second"))
    runner.drop()
    answers.set()
    runner.close()
    assert began == []


def test_long_work_gives_back_the_memory_that_it_leaves(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = threading.Event()
    monkeypatch.setattr("app.ui.session.background._LONG", 0.0)
    monkeypatch.setattr("app.ui.session.background.give_back_freed_memory", given.set)
    runner = Background("work")
    with qtbot.waitSignal(runner.ended):
        runner.start(lambda task: task.cancel.wait(0.01))
    runner.close()
    assert given.is_set()
