"""Where the settings could not be read, no answer is kept before somebody has said who reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.core import account_file
from app.core.folders import settings_folder
from app.core.reading import person
from app.core.semiology import Answer, Presence
from app.core.settings import Settings, load_settings, save_settings
from app.core.study.edits import SetAnswer
from app.core.study.store import Study
from app.ui.session.session import Session
from app.ui.views.reader_question import ReaderQuestion
from app.ui.window import Window
from tests.ui.session_cases import QuickReader, at_rest, opened, quick, recording_path, saved, stored

__all__ = ["quick", "recording_path"]


def _not_readable(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(account_file, "read_at_most", refuse)


def _damaged(_monkeypatch: pytest.MonkeyPatch) -> None:
    (settings_folder() / "settings.json").write_bytes(b'{"author": "Ana", "vol')


def _damaged_before(_monkeypatch: pytest.MonkeyPatch) -> None:
    _damaged(_monkeypatch)
    load_settings()
    save_settings(Settings(volume=0.5))


CAUSES = {"unread": _not_readable, "set aside": _damaged, "set aside in a former run": _damaged_before}


@pytest.fixture
def folder(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> Path:
    """The study of a recording that only Ana has read."""
    with opened(qtbot, recording_path) as session:
        session.readers.read_blind(False)
        saved(qtbot, session)
        assert session.study.folder is not None
        folder = session.study.folder
    with Study.open(folder, author="Ana", create=False, shared=True) as study:
        study.apply(SetAnswer(1, person("Ana"), Answer("tonic"), Answer("tonic", Presence.NO)))
    return folder


@contextmanager
def _window(qtbot: QtBot, path: Path) -> Iterator[Window]:
    with opened(qtbot) as session:
        window = Window(session)
        qtbot.addWidget(window)
        window.show()
        session.opening.open(path)
        qtbot.waitUntil(lambda: session.opened.recording is not None)
        yield window
        window.close_unasked()


def _question(window: Window) -> ReaderQuestion:
    found = window.findChild(ReaderQuestion)
    assert isinstance(found, ReaderQuestion)
    return found


def _people(session: Session) -> set[str]:
    with stored(session) as study:
        return {
            one.reader.name for one in study.readings(1, viewer=None) if one.reader.kind.value == "person"
        }


@pytest.mark.parametrize("cause", CAUSES.values(), ids=CAUSES)
def test_nobody_becomes_a_second_reader_unasked(
    cause: Callable[[pytest.MonkeyPatch], None],
    qtbot: QtBot,
    folder: Path,
    recording_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cause(monkeypatch)
    with _window(qtbot, recording_path) as window:
        session, question = window.session, _question(window)
        assert question.isVisible()
        assert "settings could not be read" in question.words.toolTip()
        session.answering.answer(Presence.YES)
        assert "who reads" in session.status.message
        saved(qtbot, session)
        assert _people(session) == {"Ana"}
        assert question.choices[0].text() == "Ana", "who has read before comes first"
        question.choices[0].click()
        qtbot.waitUntil(lambda: session.study.recording_number == 1)
        assert not question.isVisible()
        assert session.status.line == "answers are kept under the name of Ana"
        at_rest(qtbot, session)
        session.selection.select("clonic")
        session.answering.answer(Presence.YES)
        saved(qtbot, session)
        assert _people(session) == {"Ana"}
        with qtbot.waitSignal(session.opened.recording_changed):
            session.opening.open_again()
        assert not session.readers.candidates, "once said it is known"


def test_in_a_new_study_it_is_asked_too_and_remembered(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _damaged(monkeypatch)
    with _window(qtbot, recording_path) as window:
        assert [one.text() for one in _question(window).choices] == [window.session.readers.me, "New…"]
        window.session.requests.reader.emit("Ana")
        qtbot.waitUntil(lambda: window.session.study.recording_number == 1)
    assert load_settings().author == "Ana"
    with _window(qtbot, recording_path) as window:
        assert not window.session.readers.candidates
        assert window.session.readers.me == "Ana"


def test_without_settings_the_name_of_the_account_is_sure(
    qtbot: QtBot, folder: Path, recording_path: Path
) -> None:
    assert not (settings_folder() / "settings.json").exists()
    with _window(qtbot, recording_path) as window:
        assert not window.session.readers.candidates
        assert window.session.readers.is_sure
