"""A key is nowhere in the window before the answer to it is on disk."""

from __future__ import annotations

import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QObject, Qt, Signal

from app.core.errors import StorageError
from app.core.teaching import learner_log
from app.core.teaching.case_key import CaseKey
from app.core.teaching.course import CourseRules, FeedbackTime
from app.ui.session.practice import PracticeStage
from tests.core.teaching_courses import IDS, NO, generated_keys
from tests.ui.practice_cases import (
    SECRETS,
    TONIC,
    Key,
    PractisingPerson,
    answers,
    clip_course,
    person,
    tonic_keys,
)

__all__ = ["person"]


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(generated_keys(), min_size=1, max_size=3), st.sampled_from(FeedbackTime), st.booleans())
def test_a_key_is_nowhere_in_the_window_before_its_answer_is_on_disk(
    person: PractisingPerson, keys: list[CaseKey], feedback: FeedbackTime, hints: bool
) -> None:
    """Over courses of all kinds: the words of a key stand in no widget, and nothing of it is held or drawn,
    while its card is asked and while its answer is being written."""
    with TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        while_written = watch_writing(person, patch)
        clip_course(Path(place) / "c", keys, CourseRules(IDS, feedback, hints=hints))
        person.begin(Path(place) / "c", length=6)
        asked = answer_everything(person)
        assert asked
        assert len(while_written) > asked
        assert not any("sealed" in words for words in while_written)
        person.practice.leave()


def watch_writing(person: PractisingPerson, patch: pytest.MonkeyPatch) -> list[str]:
    """Gets what the window says each time that a line is about to be written, before it is on disk."""
    onlooker = Onlooker(person)
    append = learner_log._append

    def watched(path: Path, within: Path, row: dict[str, Any]) -> None:
        if not row.get("after_foil"):
            onlooker.wait_for_a_look()
        append(path, within, row)

    patch.setattr(learner_log, "_append", watched)
    return onlooker.seen


class Onlooker(QObject):
    """Looks at a window in its thread, while another one waits."""

    _wanted = Signal(object)

    def __init__(self, person: PractisingPerson) -> None:
        super().__init__(person.window)
        self.seen: list[str] = []
        self._person = person
        self._wanted.connect(self._look, Qt.ConnectionType.QueuedConnection)

    def wait_for_a_look(self) -> None:
        """Called in a background thread."""
        looked = threading.Event()
        self._wanted.emit(looked)
        assert looked.wait(60)

    def _look(self, looked: threading.Event) -> None:
        self.seen.append(said(self._person))
        looked.set()


def answer_everything(person: PractisingPerson) -> int:
    """Answer until the session is over, looking at the window before each answer; how many there were."""
    asked = 0
    while person.sees(PracticeStage.QUESTION):
        asked += 1
        assert "sealed" not in said(person)
        person.press(Key.Key_H, shift=True)
        person.press(Key.Key_L, shift=True)
        person.press(Key.Key_N)
        assert "sealed" not in said(person)
        person.press(Key.Key_Return)
        if (foil := person.practice.foil) is not None:
            assert person.sees(PracticeStage.FOIL)
            assert "sealed" not in said(person).replace(foil.answer.explanation, "")
            person.press(Key.Key_Return)
        if person.sees(PracticeStage.FEEDBACK):
            assert "sealed words" in person.words
            person.press(Key.Key_Return)
    assert person.sees(PracticeStage.OVER)
    assert "sealed" not in said(person)
    return asked


def said(person: PractisingPerson) -> str:
    """All words, and what is drawn in the strip or held by the session of what is shown."""
    practice = person.practice
    drawn = [row.name for row in person.window.strip.rows if row.name == "Key"]
    held = "sealed: held" if practice.expert_spans or practice.feedback or drawn else ""
    held += "sealed: compared" if person.window.comparing else ""
    return person.words + held


def test_an_answer_that_cannot_be_written_shows_no_key_and_is_not_lost(
    person: PractisingPerson, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip_course(tmp_path / "c", tonic_keys(2), TONIC)
    person.begin(tmp_path / "c")

    def full(*_given: object) -> None:
        raise StorageError("The answer could not be kept: the disk is full; it does not count.")

    with monkeypatch.context() as patch:
        patch.setattr(learner_log, "_append", full)
        person.press(Key.Key_N, Key.Key_Return)
        assert person.sees(PracticeStage.QUESTION)
        assert "the disk is full" in person.words
        assert not any(secret in person.words for secret in SECRETS)
        assert person.practice.draft.answer.presence is NO
    person.press(Key.Key_Return)
    assert person.sees(PracticeStage.FEEDBACK)
    assert len(answers(tmp_path / "c")) == 1


def test_nothing_is_written_but_answers(person: PractisingPerson, tmp_path: Path) -> None:
    clip_course(tmp_path / "c", tonic_keys(2), TONIC)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    person.begin(tmp_path / "c")
    person.press(Key.Key_N, Key.Key_Return, Key.Key_Return)
    after = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert {path: path.read_bytes() for path in before} == before
    assert all("learners" in path.parts for path in after - set(before))
