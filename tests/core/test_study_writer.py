"""A study written in a separate thread: in order, never in the way, saved only when it is on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.errors import StorageError, UserError
from app.core.reading import Reading, RecordingIdentity
from app.core.semiology import Answer, Presence
from app.core.study.change_requests import ApplyEdits, KeepReading, Reveal, SetSha256, StepHistory
from app.core.study.edits import LockReading, SetAnswer
from app.core.study.history import Operation
from app.core.study.saving import Refused, Saved
from app.core.study.store import Study
from tests.core.study_cases import ANA, SIGNAL
from tests.core.study_writing import Disk, Window, disk, folder, stored, tick, window

__all__ = ["disk", "folder", "window"]

YES, NO = Presence.YES, Presence.NO


def test_a_change_is_called_saved_only_once_another_program_finds_it(
    window: Window, folder: Path, disk: Disk
) -> None:
    disk.hang()
    window.submit(tick(window.recording, "tonic", None, YES))
    assert disk.reached.wait(60)
    window.writer.deliver_outcomes()
    assert window.outcomes() == []
    assert window.writer.unsaved().count == len(window.writer.pending()) == 1
    disk.answer()
    window.settle()
    ((_request, outcome),) = window.said
    assert isinstance(outcome, Saved)
    assert [change.seq for change in outcome.changes] == [1]
    assert stored(folder).answer("tonic").presence is YES
    assert window.writer.unsaved().requests == ()


def test_a_disk_that_hangs_keeps_nobody_waiting_and_the_order_is_kept(window: Window, disk: Disk) -> None:
    disk.hang()
    chain = [(None, YES), (YES, NO), (NO, YES), (YES, None)]
    requests = [tick(window.recording, "tonic", *pair) for pair in chain]
    for request in requests:
        window.submit(request)
    heard: list[Reading] = []
    errors: list[UserError] = []
    window.writer.ask(
        lambda study: study.reading(window.recording, ANA, viewer=None), heard.append, errors.append
    )
    window.writer.retry()
    assert disk.reached.wait(60)
    assert window.writer.pending() == window.writer.unsaved().requests == tuple(requests)
    assert window.writer.close(0.0).sentence() == (
        "4 changes are not saved yet. The disk or share that holds the study does not answer."
    )
    assert not window.writer.has_ended()
    disk.answer()
    window.settle()
    assert window.saved() == requests
    window.until(lambda: heard or errors)
    assert heard[0].answer("tonic").presence is None
    assert window.writer.has_ended(60)


def test_what_a_failing_disk_did_not_take_waits_in_order_and_is_saved_at_the_next_try(
    window: Window, folder: Path, disk: Disk
) -> None:
    disk.away = True
    for feature in ("tonic", "clonic"):
        window.submit(tick(window.recording, feature, None, YES))
        window.until(lambda: window.said)
        window.said.clear()
    unsaved = window.writer.unsaved()
    assert unsaved.sentence() == (
        "2 changes are not saved yet. "
        "The change was not kept because the disk or share that holds the study failed."
    )
    assert window.reading().answers == {}, "a question is answered meanwhile"
    assert len(window.writer.pending()) == 2
    disk.away = False
    window.writer.retry()
    window.settle()
    assert window.outcomes()[-2:] == ["Saved", "Saved"]
    assert {name for name, one in stored(folder).answers.items() if one.presence is YES} == {
        "tonic", "clonic",
    }  # fmt: skip


def test_the_next_change_tries_again_what_waits(window: Window, disk: Disk) -> None:
    disk.failures = [1]
    window.submit(first := tick(window.recording, "tonic", None, YES))
    window.until(lambda: window.said)
    window.submit(second := tick(window.recording, "tonic", YES, NO))
    window.settle()
    assert window.outcomes() == ["Waiting", "Saved", "Saved"]
    assert window.saved() == [first, second]


@pytest.mark.parametrize("anew", [False, True])
def test_a_change_that_was_committed_although_it_failed_is_not_made_twice(
    window: Window, disk: Disk, *, anew: bool
) -> None:
    disk.failures = [2]
    window.submit(tick(window.recording, "tonic", None, YES))
    window.until(lambda: window.said)
    if anew:
        window.writer.retry()
    window.submit(tick(window.recording, "tonic", YES, NO))
    window.settle()
    assert window.outcomes() == ["Waiting", "Saved", "Saved"]
    assert [row.operation for row in window.ask(lambda study: study.history(viewer=None))] == ["edit", "edit"]


def test_a_change_that_only_says_the_same_as_an_earlier_one_is_made_at_the_next_try(
    window: Window, disk: Disk
) -> None:
    for pair in ((None, YES), (YES, None)):
        window.submit(tick(window.recording, "tonic", *pair))
    window.settle()
    disk.failures = [1]
    window.submit(tick(window.recording, "tonic", None, YES))
    window.until(lambda: "Waiting" in window.outcomes())
    window.writer.retry()
    window.settle()
    assert window.reading().answer("tonic").presence is YES
    assert len(window.ask(lambda study: study.history(viewer=None))) == 3


@pytest.mark.parametrize("anew", [False, True])
def test_an_undo_that_was_committed_although_it_failed_undoes_nothing_more(
    window: Window, disk: Disk, *, anew: bool
) -> None:
    for feature in ("tonic", "clonic"):
        window.submit(tick(window.recording, feature, None, YES))
    window.settle()
    disk.failures = [2]
    window.submit(StepHistory(Operation.UNDO, window.recording))
    window.until(lambda: "Waiting" in window.outcomes())
    if anew:
        window.writer.retry()
    window.submit(SetSha256(window.recording, "a" * 64))
    window.settle()
    found = window.reading()
    assert (found.answer("tonic").presence, found.answer("clonic").presence) == (YES, None)


def test_a_conflict_is_refused_with_what_builds_on_it_and_the_rest_is_saved(
    window: Window, folder: Path, disk: Disk
) -> None:
    with Study.open(folder, author="Ana", shared=True) as other:
        other.apply_all(tick(window.recording, "tonic", None, NO).edits)
    disk.hang()
    window.submit(tick(window.recording, "tonic", None, YES))
    window.submit(tick(window.recording, "tonic", YES, None))
    window.submit(tick(window.recording, "clonic", None, YES))
    window.submit(StepHistory(Operation.UNDO, window.recording))
    disk.answer()
    window.settle()
    assert window.outcomes() == ["Refused", "Refused", "Refused", "Saved"]
    refusals = [outcome for _request, outcome in window.said if isinstance(outcome, Refused)]
    assert str(refusals[0].error).startswith("This was changed meanwhile by another program")
    assert str(refusals[0].error).endswith("2 later changes that build on it were not saved either.")
    assert [one.with_another for one in refusals] == [False, True, True]
    found = stored(folder)
    assert (found.answer("tonic").presence, found.answer("clonic").presence) == (NO, YES)


def test_what_was_asked_before_the_refusal_was_told_fails_with_it(window: Window, folder: Path) -> None:
    """A reading is not locked and revealed on top of an answer that was not saved."""
    with Study.open(folder, author="Ana", shared=True) as other:
        other.apply_all(tick(window.recording, "tonic", None, NO).edits)
    window.submit(tick(window.recording, "tonic", None, YES))
    window.woken.get(timeout=60)  # it is refused, and nobody has heard so
    window.submit(ApplyEdits((LockReading(window.recording, ANA),)))
    window.submit(Reveal(window.recording, ANA))
    window.submit(KeepReading(window.recording, Reading(RecordingIdentity("", "", 0.0), SIGNAL, {})))
    window.settle()
    assert window.outcomes() == ["Refused", "Refused", "Refused", "Saved"]
    window.submit(ApplyEdits((LockReading(window.recording, ANA),)))
    window.settle()
    assert window.outcomes()[-1] == "Saved"


def test_undo_and_redo_come_to_what_was_asked_for_just_before(window: Window, disk: Disk) -> None:
    disk.hang()
    edit = tick(window.recording, "tonic", None, YES)
    back = (edit.edits[0].inverse(),)
    window.submit(edit)
    window.submit(StepHistory(Operation.UNDO, window.recording, back))
    window.submit(StepHistory(Operation.REDO, window.recording, edit.edits))
    window.submit(StepHistory(Operation.UNDO, window.recording, back))
    window.submit(tick(window.recording, "tonic", None, NO))
    window.submit(StepHistory(Operation.REDO, window.recording, edit.edits))
    disk.answer()
    window.settle()
    assert window.outcomes() == ["Saved"] * 6
    expected = [outcome.as_expected for _request, outcome in window.said if isinstance(outcome, Saved)]
    assert expected == [True] * 5 + [False], "a new edit leaves nothing to be redone"
    assert window.reading().answer("tonic").presence is NO


def test_an_undo_of_a_group_that_was_committed_although_it_failed_takes_back_that_group(
    window: Window, disk: Disk
) -> None:
    ticks = [tick(window.recording, feature, None, YES).edits[0] for feature in ("tonic", "clonic")]
    window.submit(tick(window.recording, "ictal_vocalization", None, YES))
    window.submit(ApplyEdits(tuple(ticks)))
    window.settle()
    disk.failures = [2]
    expected = tuple(edit.inverse() for edit in reversed(ticks))
    window.submit(StepHistory(Operation.UNDO, window.recording, expected))
    window.until(lambda: window.outcomes()[-1] == "Waiting")
    window.writer.retry()
    window.settle()
    outcome = window.said[-1][1]
    assert isinstance(outcome, Saved)
    assert outcome.as_expected
    assert outcome.group.operation is Operation.UNDO
    assert outcome.group.count == 2
    assert set(window.reading().answers) == {"ictal_vocalization"}


def test_a_fault_of_the_program_is_told_logged_and_the_next_change_is_saved(
    window: Window, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def faulty(*_arguments: object, **_named: object) -> None:
        raise RuntimeError("a fault")

    with monkeypatch.context() as patch:
        patch.setattr(Study, "apply_all", faulty)
        window.submit(tick(window.recording, "tonic", None, YES))
        window.settle()
    assert "a fault" in caplog.text
    window.submit(tick(window.recording, "clonic", None, YES))
    window.settle()
    assert window.outcomes() == ["Refused", "Saved"]


def test_a_recording_that_left_the_study_is_told_in_a_sentence(window: Window) -> None:
    window.submit(tick(window.recording + 1, "tonic", None, YES))
    window.settle()
    ((_request, outcome),) = window.said
    assert isinstance(outcome, Refused)
    assert str(outcome.error) == "The study no longer contains this recording; open it again."
    with pytest.raises(UserError, match="no longer contains this recording"):
        window.ask(lambda study: study.patient_box(window.recording + 1))


def test_each_change_is_made_by_who_sat_there_when_it_was_asked_for(window: Window, disk: Disk) -> None:
    disk.hang()
    window.submit(tick(window.recording, "tonic", None, YES))
    window.writer.author = "Bo"
    window.submit(tick(window.recording, "clonic", None, YES))
    disk.answer()
    window.settle()
    assert [row.who for row in window.ask(lambda study: study.history(viewer=None))] == ["Ana", "Bo"]


def test_a_whole_edit_group_is_saved_or_not(window: Window, folder: Path) -> None:
    edits = (
        SetAnswer(window.recording, ANA, Answer("tonic"), Answer("tonic", YES)),
        SetAnswer(window.recording, ANA, Answer("clonic", NO), Answer("clonic", YES)),
    )
    window.submit(ApplyEdits(edits))
    window.settle()
    assert window.outcomes() == ["Refused"]
    assert stored(folder).answers == {}


def test_an_error_of_the_disk_can_be_told_from_a_refusal() -> None:
    assert issubclass(StorageError, UserError)
