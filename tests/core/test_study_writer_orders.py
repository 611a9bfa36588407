"""Whatever is asked of the writer, and wherever the disk fails: the study becomes what it would directly."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.semiology import Answer, Presence
from app.core.study.change_requests import ApplyEdits, Request, StepHistory
from app.core.study.edits import Edit, SetAnswer, SetSavedFilter
from app.core.study.edits_made import EditsMade
from app.core.study.history import Operation
from app.core.study.saving import Waiting
from app.core.study.store import Study
from tests.core.study_cases import ANA, Clip
from tests.core.study_writing import Disk, Window

FEATURES = ("tonic", "clonic")
STEPS = {"undo": Operation.UNDO, "redo": Operation.REDO}

Asked = tuple[str, Presence | None]
"""A feature with what is answered, or undo or redo."""

ASKED = st.lists(
    st.tuples(st.sampled_from([*FEATURES, *STEPS]), st.sampled_from([None, *Presence])), max_size=12
)
FAILURES = st.lists(st.sampled_from([0, 0, 1, 2]), max_size=20)


class Asking:
    """What a window asks for, by what it shows: every edit starts from what the one before leads to."""

    def __init__(self, recording: int) -> None:
        self.recording = recording
        self.shown: dict[str, Answer] = {}
        self.made = EditsMade()

    def request(self, asked: Asked) -> Request | None:
        what, presence = asked
        if what in STEPS:
            step = self.made.undo if what == "undo" else self.made.redo
            request = step(self.recording)
            self._show(request.edits if isinstance(request, ApplyEdits) else request.expected)
            return request
        before, after = self.shown.get(what, Answer(what)), Answer(what, presence)
        if before == after:
            return None
        edits = (SetAnswer(self.recording, ANA, before, after),)
        self.made.add(edits)
        self._show(edits)
        return ApplyEdits(edits)

    def _show(self, edits: tuple[Edit, ...]) -> None:
        for edit in edits:
            assert isinstance(edit, SetAnswer)
            self.shown[edit.feature] = edit.after


def directly(folder: Path, sequence: list[Asked]) -> list[tuple[str, ...]]:
    """What the history says after each change was made before the next one was asked for."""
    with Study.open(folder, author="Ana") as study:
        recording = study.recording(Clip(folder.parent / "clip.mp4"))
        for what, presence in sequence:
            if what in STEPS:
                (study.undo if what == "undo" else study.redo)(recording)
                continue
            before, after = study.reading(recording, ANA, viewer=None).answer(what), Answer(what, presence)
            if before != after:
                study.apply(SetAnswer(recording, ANA, before, after))
        return history_of(study)


def history_of(study: Study) -> list[tuple[str, ...]]:
    assert study.verify_history() == ()
    return [
        (row.who, row.operation, row.feature or "", row.old, row.new) for row in study.history(viewer=None)
    ]


@settings(max_examples=60, deadline=None)
@given(sequence=ASKED, failures=FAILURES, queued=st.booleans(), anew=st.booleans())
def test_the_study_becomes_what_the_same_changes_make_of_it_directly(
    sequence: list[Asked], failures: list[int], queued: bool, anew: bool
) -> None:
    with tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        wanted = directly(Path(place) / "direct.semioscope", sequence)
        disk = Disk(patch)
        window = Window(Path(place) / "written.semioscope")
        asking = Asking(window.recording)
        disk.failures = list(failures)
        if queued:
            disk.hang()
        for asked in sequence:
            request = asking.request(asked)
            if request is not None:
                window.submit(request)
        disk.answer()
        settle(window, anew=anew)
        assert window.ask(history_of) == wanted
        assert {name: one for name, one in asking.shown.items() if one != Answer(name)} == dict(
            window.reading().answers
        )
        window.close()


def settle(window: Window, *, anew: bool) -> None:
    """Try again whenever the disk has failed, until nothing waits."""
    seen = 0
    while window.writer.pending():
        window.woken.get(timeout=60)
        window.writer.deliver_outcomes()
        waits = any(isinstance(outcome, Waiting) for _request, outcome in window.said[seen:])
        seen = len(window.said)
        if waits and anew:
            window.writer.retry()
        elif waits:
            window.submit(ApplyEdits(()))


def test_undo_goes_through_filters_and_answers_in_the_order_in_which_they_were_made() -> None:
    made = EditsMade()
    tick = SetAnswer(1, ANA, Answer("tonic"), Answer("tonic", Presence.YES))
    kept = SetSavedFilter("mine", None, "{}")
    made.add((tick,))
    made.add((kept,))
    assert made.undo(1) == ApplyEdits((kept.inverse(),), "undone")
    assert made.undo(1) == StepHistory(Operation.UNDO, 1, (tick.inverse(),))
    assert made.undo(1) == StepHistory(Operation.UNDO, 1), "what was made before is not known here"
    assert made.redo(1) == StepHistory(Operation.REDO, 1, (tick,))
    assert made.redo(1) == ApplyEdits((kept,), "brought back")
    assert made.undo(1) == ApplyEdits((kept.inverse(),), "undone")
    made.add((tick,))
    assert made.redo(1) == StepHistory(Operation.REDO, 1), "a new edit leaves nothing to bring back"
    made.clear()
    assert made.undo(1) == StepHistory(Operation.UNDO, 1)


def test_what_was_made_together_is_undone_and_brought_back_together() -> None:
    made = EditsMade()
    one, other = (
        SetAnswer(1, ANA, Answer(feature), Answer(feature, Presence.YES)) for feature in ("tonic", "clonic")
    )
    made.add((one, other))
    assert made.undo(1) == StepHistory(Operation.UNDO, 1, (other.inverse(), one.inverse()))
    assert made.redo(1) == StepHistory(Operation.REDO, 1, (one, other))
