"""Blind reading in the window's session: asked once, sealed until locked, before and after kept."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidgetItem
from pytestqt.qtbot import QtBot

from app.core.errors import StorageError, UserError
from app.core.folders import cache_folder
from app.core.reading import person
from app.core.semiology import Presence
from app.core.study import recording_study
from app.ui.dialogs.readers import ReadersDialog
from app.ui.session.session import Session
from app.ui.views.blind_question import BlindQuestion
from app.ui.views.elided_label import ElidedLabel
from app.ui.views.seal import ASKING, AT_WORK, NOBODY, SEALED, SealRow
from app.ui.window import Window
from tests.ui.found_widgets import now
from tests.ui.session_cases import QuickReader, at_rest, history, opened, quick, recording_path, saved, stored

__all__ = ["quick", "recording_path"]


def open_asking(qtbot: QtBot, session: Session, path: Path) -> None:
    session.readers.ask_for_new_studies(True)
    session.opening.open(path)
    qtbot.waitUntil(lambda: session.opened.recording is not None)
    at_rest(qtbot, session)


def test_a_new_study_is_sealed_until_somebody_has_said_how(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    with opened(qtbot) as session:
        question = BlindQuestion(session)
        qtbot.addWidget(question)
        open_asking(qtbot, session, recording_path)
        assert session.readers.asking
        assert not question.isHidden()
        assert session.answers.others == ()
        session.answers.answer("tonic", Presence.YES)
        saved(qtbot, session)
        assert session.answers.others == ()
        question.open.click()
        assert session.answers.others == (), "nothing is unsealed before that is on disk"
        saved(qtbot, session)
        assert question.isHidden()
        assert len(session.answers.others) == 1


def test_blind_until_locked_then_before_and_after(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    with opened(qtbot) as session:
        row = SealRow(session)
        qtbot.addWidget(row)
        open_asking(qtbot, session, recording_path)
        session.readers.read_blind(True)
        saved(qtbot, session)
        assert session.answers.my_reading.sealed
        assert not row.isHidden()
        assert now(session.answers.shown) is None
        assert session.consensus.disputes() == ()
        assert "signal" in session.answers.my_reading.withheld
        assert all(row.entry.who == session.readers.me for row in history(session))
        session.answers.answer("clonic", Presence.NO)
        assert session.readers.lock_and_reveal()
        assert session.answers.others == (), "nothing is revealed before the lock is on disk"
        saved(qtbot, session)
        assert row.isHidden()
        assert session.answers.shown is not None
        assert session.answers.my_reading.revealed
        session.answers.answer("clonic", Presence.YES)
        before = session.answers.my_reading.before_reveal("clonic")
        assert before is not None
        assert before.presence is Presence.NO
        assert session.answers.mine.answer("clonic").presence is Presence.YES
        saved(qtbot, session)
        with stored(session) as study:
            (state,) = [one for one in study.readers(1, viewer=None) if one.reader.name == session.readers.me]
        assert state.blind is True


def test_it_is_asked_once_and_the_reader_does_not_read_again(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    with opened(qtbot) as session:
        open_asking(qtbot, session, recording_path)
        session.readers.read_blind(True)
        first = QuickReader.read_count
    with opened(qtbot) as session:
        open_asking(qtbot, session, recording_path)
        assert now(session.answers.my_reading.sealed)
        assert not session.readers.asking
        assert QuickReader.read_count == first


def test_the_demonstration_is_never_blind(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    place = cache_folder() / "demonstration" / "x" / "demonstration.mp4"
    place.parent.mkdir(parents=True)
    shutil.copy(recording_path, place)
    with opened(qtbot) as session:
        open_asking(qtbot, session, place)
        assert not session.answers.my_reading.sealed
        assert len(session.answers.others) == 1


def test_open_reading_that_is_locked_is_not_called_blind(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    with opened(qtbot, recording_path) as session:
        session.answers.answer("tonic", Presence.YES)
        assert session.readers.lock_and_reveal()
        saved(qtbot, session)
        with stored(session) as study:
            (state,) = [one for one in study.readers(1, viewer=None) if one.reader.name == session.readers.me]
        assert state.blind is False


def test_a_long_name_of_a_reader_is_kept_whole(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    name = "Dr. Ada von und zu Langenname, " * 4 + "der Dritte"
    with opened(qtbot, recording_path) as session:
        dialog = ReadersDialog(session)
        qtbot.addWidget(dialog)
        dialog.name.insert(name)
        dialog.accept()
        assert session.readers.me == name


def test_a_name_in_another_spelling_is_remembered_as_that_of_the_known_reader(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    with opened(qtbot, recording_path) as session:
        window = Window(session)
        qtbot.addWidget(window)
        session.answers.answer("clonic", Presence.NO)
        saved(qtbot, session)
        known = session.readers.me
        session.requests.reader.emit(known.upper())
        assert session.readers.me == known
        assert window._memory.settings.author == known


def test_two_people_answer_for_themselves(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    with opened(qtbot, recording_path) as session:
        session.answers.answer("clonic", Presence.NO)
        first = session.readers.me
        assert session.readers.become("Dr. Second")
        assert now(session.answers.others) == (), "nothing is shown before it was read for them"
        saved(qtbot, session)
        assert (
            session.answers.mine.answers.get("clonic") is None
            or session.answers.mine.answer("clonic").presence is None
        )
        session.answers.answer("clonic", Presence.YES)
        names = {other.reader.name for other in session.answers.others}
        assert {first, "signal"} <= names
        assert not session.readers.become("Consensus")
        assert session.readers.me == "Dr. Second"
        assert "Consensus" in session.status.message


def test_what_could_not_be_read_for_the_next_person_is_read_once_it_can_be(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sentence = "The study cannot be read because another program keeps the study busy."

    def busy(*_what: object) -> None:
        raise StorageError(sentence)

    with opened(qtbot, recording_path) as session:
        session.answers.answer("clonic", Presence.NO)
        saved(qtbot, session)
        with monkeypatch.context() as patched:
            patched.setattr(recording_study, "load", busy)
            assert session.readers.become("Dr. Second")
            qtbot.waitUntil(lambda: session.status.message == sentence)
            assert session.answers.others == (), "nothing of the former person is shown"
            assert session.study.read_only
        # No more than what the window's clock does each second.
        session.safekeeping.ask()
        qtbot.waitUntil(lambda: not session.study.read_only)
        assert session.status.message == ""
        assert session.readers.me == "Dr. Second"
        assert session.answers.mine.answers == {}
        session.answers.answer("clonic", Presence.YES)
        saved(qtbot, session)
        with stored(session) as study:
            assert (
                study.reading(1, person("Dr. Second"), viewer=None).answer("clonic").presence is Presence.YES
            )


def test_who_sits_down_twice_in_a_row_sees_only_what_is_theirs(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    with opened(qtbot, recording_path) as session:
        session.answers.answer("clonic", Presence.NO)
        first = session.readers.me
        assert session.readers.become("Dr. Second")
        assert session.readers.become("Dr. Third")
        assert session.answers.others == ()
        saved(qtbot, session)
        assert session.answers.mine.reader.name == "Dr. Third"
        assert session.answers.mine.answers == {}
        assert session.readers.become(first)
        saved(qtbot, session)
        assert session.answers.mine.answer("clonic").presence is Presence.NO


def test_a_dispute_is_decided_with_a_note_and_can_be_undone(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    with opened(qtbot, recording_path) as session:
        session.answers.answer("clonic", Presence.NO)
        assert session.consensus.disputes() == (), "people alone decide, until the study says otherwise"
        session.consensus.set_people_only(False)
        (dispute,) = session.consensus.disputes()
        assert dispute.feature == "clonic"
        assert dispute.spans[0].start == pytest.approx(0.2)
        assert {one.answer.presence for one in dispute.statements} == {Presence.YES, Presence.NO}
        assert session.consensus.decide("clonic", Presence.YES, "both watched it")
        (dispute,) = session.consensus.disputes()
        assert dispute.decided is Presence.YES
        assert dispute.note == "both watched it"
        consensus = next(one for one in session.answers.others if one.reader.name == "Consensus")
        assert consensus.answer("clonic").evidence == session.answers.others[0].answer("clonic").evidence
        session.undoing.undo()
        assert session.consensus.disputes()[0].decided is None


def test_an_explanation_is_rated_and_the_rating_taken_back(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    with opened(qtbot, recording_path) as session:
        session.selection.select("clonic")
        session.ratings.rate(4)
        assert session.ratings.score == 4
        session.selection.select("tonic")
        assert now(session.ratings.score) is None
        session.selection.select("clonic")
        session.ratings.rate(None)
        assert session.ratings.score is None


def test_what_is_sealed_is_said_only_where_there_is_something(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    quick.error = UserError("The analysis stopped.")
    with opened(qtbot) as session:
        row = SealRow(session)
        qtbot.addWidget(row)
        session.readers.ask_for_new_studies(True)
        session.opening.open(recording_path)
        qtbot.waitUntil(lambda: session.opened.recording is not None)
        assert row.words.text() == ASKING
        session.readers.read_blind(True)
        at_rest(qtbot, session)
        assert row.words.text() == NOBODY
        quick.error, quick.wait = None, threading.Event()
        session.analysis.start_again()
        qtbot.waitUntil(lambda: row.words.text() == AT_WORK)
        quick.wait.set()
        qtbot.waitUntil(lambda: bool(session.answers.my_reading.withheld))
        at_rest(qtbot, session)
        assert row.words.text() == f"{SEALED} Already answered: signal."


def test_a_line_that_does_not_fit_is_cut_and_kept_whole_for_a_screen_reader(qtbot: QtBot) -> None:
    label = ElidedLabel()
    qtbot.addWidget(label)
    words = "This computer has no sound output, so the recording plays silently."
    label.setText(words)
    assert QWidgetItem(label).minimumSize().width() < 40 < label.sizeHint().width()
    label.resize(80, 20)
    label.show()
    assert label.text() == words
    drawn = label.grab()
    label.resize(label.sizeHint())
    assert label.grab().width() > drawn.width()
