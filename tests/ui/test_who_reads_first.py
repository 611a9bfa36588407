"""A study of several persons asks at its start who reads, and shows and keeps nothing before that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.core.readers.models.model_choice import ModelChoice
from app.core.reading import person
from app.core.semiology import Answer, Presence
from app.core.study.edits import SetAnswer
from app.core.study.store import Study
from app.ui.dialogs.deidentify import DeidentifyDialog
from app.ui.dialogs.exchange import WorkDialog
from app.ui.dialogs.export_labels import ExportDialog
from app.ui.dialogs.report import ReportDialog
from app.ui.dialogs.run_plan import RunPlanDialog
from app.ui.session.readers import WHO_FIRST
from app.ui.session.recording_analysis import WHO_READS
from app.ui.session.session import Session
from app.ui.views.comparison import ComparisonView
from app.ui.views.consensus import ConsensusView
from app.ui.views.explanation import ExplanationView
from app.ui.views.reader_question import ReaderQuestion
from app.ui.views.status_bar import StatusBar
from app.ui.window import Window
from tests.ui.found_widgets import displayed
from tests.ui.model_cases import clips_made
from tests.ui.session_cases import SIGNAL, QuickReader, at_rest, opened, quick, recording_path, saved, stored

__all__ = ["clips_made", "quick", "recording_path"]


def answered_by(folder: Path, *names: str) -> None:
    for name in names:
        with Study.open(folder, author=name, create=False, shared=True) as study:
            study.apply(SetAnswer(1, person(name), Answer("tonic"), Answer("tonic", Presence.NO)))


@pytest.fixture
def folder(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> Path:
    """The study of a recording that Ana and Ben have read."""
    with opened(qtbot, recording_path) as session:
        saved(qtbot, session)
        assert session.study.folder is not None
        folder = session.study.folder
    answered_by(folder, "Ana", "Ben")
    return folder


@pytest.fixture
def window(qtbot: QtBot, folder: Path, recording_path: Path) -> Iterator[Window]:
    """A window in which the recording has just been opened."""
    with opened(qtbot) as session:
        window = Window(session)
        qtbot.addWidget(window)
        window.show()
        session.opening.open(recording_path)
        qtbot.waitUntil(lambda: session.opened.recording is not None)
        yield window
        window.close_unasked()


def question_of(window: Window) -> ReaderQuestion:
    found = window.findChild(ReaderQuestion)
    assert isinstance(found, ReaderQuestion)
    return found


def people_in(session: Session) -> dict[str, Presence | None]:
    with stored(session) as study:
        readings = [one for one in study.readings(1, viewer=None) if one.reader.kind.value == "person"]
    return {one.reader.name: one.answer("tonic").presence for one in readings}


def test_nothing_is_shown_answered_or_decided_before(qtbot: QtBot, window: Window) -> None:
    session = window.session
    assert session.readers.candidates == ("Ana", "Ben")
    assert question_of(window).isVisible()
    assert not session.answers.others, "what one may see depends on who looks"
    assert session.study.access() is None, "nor do lists and comparisons guess it"
    session.answering.answer(Presence.YES)
    assert "who reads" in session.status.message
    assert not session.consensus.decide("tonic", Presence.YES, "")
    assert not session.ratings.rate_explanation(SIGNAL, "tonic", 3)
    session.undoing.undo()
    session.readers.lock_and_reveal()
    saved(qtbot, session)
    assert people_in(session) == {"Ana": Presence.NO, "Ben": Presence.NO}


def test_nothing_is_analysed_before_whatever_is_asked_or_opened(
    qtbot: QtBot, window: Window, tmp_path: Path
) -> None:
    """What is found would be shown, although it is not known yet whom it is sealed from."""
    session, broken = window.session, tmp_path / "broken.mp4"
    broken.write_bytes(b"no video")
    QuickReader.read_count = 0
    session.analysis.start_again()
    assert session.status.message == WHO_READS
    session.opening.open(broken)
    qtbot.waitUntil(lambda: "broken.mp4" in session.status.message and session.opened.recording is not None)
    qtbot.waitUntil(lambda: session.analysis.work is None and not session.analysis.runner.running)
    assert session.readers.candidates
    assert QuickReader.read_count == 0
    assert not session.answers.others


def test_who_has_said_so_reads(qtbot: QtBot, window: Window) -> None:
    session, question = window.session, question_of(window)
    (ben,) = [one for one in question.choices if one.text() == "Ben"]
    ben.click()
    qtbot.waitUntil(lambda: session.study.recording_number == 1)
    assert session.readers.me == "Ben"
    assert not session.readers.candidates
    assert not question.isVisible()
    qtbot.waitUntil(lambda: session.study.access() is not None)
    at_rest(qtbot, session)
    session.selection.select("tonic")
    session.answering.answer(Presence.YES)
    saved(qtbot, session)
    assert people_in(session) == {"Ana": Presence.NO, "Ben": Presence.YES}


def test_it_can_be_said_at_the_head_of_the_column(qtbot: QtBot, window: Window) -> None:
    session = window.session
    session.requests.reader.emit("Ben")
    qtbot.waitUntil(lambda: session.study.recording_number == 1)
    qtbot.waitUntil(lambda: len(session.answers.my_reading.people) > 1)
    assert not question_of(window).isVisible(), "it is not asked again"


def test_the_name_of_the_account_must_be_said_too(qtbot: QtBot, window: Window) -> None:
    session, question = window.session, question_of(window)
    me = session.readers.me
    assert question.choices[0].text() == me
    question.choices[0].click()
    qtbot.waitUntil(lambda: session.study.recording_number == 1)
    assert session.readers.me == me


def test_it_is_asked_once_for_a_study(qtbot: QtBot, window: Window, recording_path: Path) -> None:
    session = window.session
    question_of(window).choices[1].click()
    qtbot.waitUntil(lambda: session.study.recording_number == 1)
    at_rest(qtbot, session)
    with qtbot.waitSignal(session.opened.recording_changed):
        session.opening.open(recording_path)
    assert not session.readers.candidates


def test_a_session_that_nobody_asks_goes_on(qtbot: QtBot, folder: Path, recording_path: Path) -> None:
    with opened(qtbot, recording_path) as session:
        assert not session.readers.candidates
        assert len(session.answers.others) == 3


def words_of(widget: QWidget) -> str:
    return " ".join(label.text() for label in widget.findChildren(QLabel))


def test_nothing_is_said_of_answers_before(qtbot: QtBot, window: Window) -> None:
    consensus = displayed(qtbot, ConsensusView(window.session))
    bar = displayed(qtbot, StatusBar(window.session))
    assert consensus.head.text() == WHO_FIRST
    assert "answered" not in words_of(bar)
    assert "No reader has answered" not in words_of(displayed(qtbot, ExplanationView(window.session)))
    assert window.session.readers.become("Ana")
    qtbot.waitUntil(lambda: "answered" in words_of(bar))
    qtbot.waitUntil(lambda: consensus.head.text() != WHO_FIRST)


def test_what_is_empty_before_says_why(qtbot: QtBot, window: Window) -> None:
    view = displayed(qtbot, ComparisonView(window.session))
    assert view.sentence.text() == WHO_FIRST
    assert window.session.readers.become("Ana")
    qtbot.waitUntil(lambda: view.sentence.text() != WHO_FIRST)


def test_no_model_is_asked_before_and_the_plan_is_made_after(
    qtbot: QtBot, window: Window, clips_made: list[Path]
) -> None:
    session = window.session
    session.models.chosen.choose(ModelChoice("openai", "tiny-vl", "http://127.0.0.1:1/v1"))
    window.actions_["ask_model"].trigger()
    assert session.status.message == WHO_FIRST
    plan = displayed(qtbot, RunPlanDialog(session))
    assert plan.work.text() == WHO_FIRST
    assert session.readers.become("Ana")
    qtbot.waitUntil(plan.ask.isEnabled)
    assert clips_made
    plan.close()


@pytest.mark.parametrize("name", ["Ana", "me", "new"])
def test_the_question_goes_when_it_is_answered_in_another_place(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path, name: str
) -> None:
    with opened(qtbot, recording_path) as session:
        window = Window(session)
        qtbot.addWidget(window)
        window.show()
        session.readers.read_blind(False)
        saved(qtbot, session)
        assert session.study.folder is not None
        answered_by(session.study.folder, "Ana", "Ben")
        session.safekeeping.ask()
        qtbot.waitUntil(lambda: not question_of(window).isHidden())
        if name == "new":
            session.readers.become("Cem")
        else:
            session.requests.reader.emit(session.readers.me if name == "me" else name)
        qtbot.waitUntil(question_of(window).isHidden)
        saved(qtbot, session)
        assert question_of(window).isHidden()
        window.close_unasked()


@pytest.mark.parametrize(
    "make",
    [
        lambda window: DeidentifyDialog(window.session, window._memory),
        lambda window: ReportDialog(window.session),
        lambda window: ExportDialog(window.session),
    ],
    ids=["clip", "report", "export"],
)
def test_no_dialog_asks_for_a_place_before(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch, make: Callable[[Window], WorkDialog]
) -> None:
    asked: list[object] = []

    def ask(*given: object) -> tuple[str, str]:
        asked.append(given)
        return "", ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    dialog = displayed(qtbot, make(window))
    dialog.begin.click()
    assert dialog.outcome.text() == WHO_FIRST
    assert not asked


def test_nothing_is_added_to_the_study_before(window: Window, tmp_path: Path) -> None:
    window.session.worklist.add_recordings((tmp_path / "further.mp4",))
    assert window.session.status.message == WHO_FIRST
