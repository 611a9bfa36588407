"""Recordings that were moved: offered where one is missing, found by content, used on confirmation only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.core.study.moved_recordings import is_missing
from app.ui.dialogs.moved import MovedDialog
from app.ui.session.session import Session
from app.ui.views.worklist import WorklistView
from tests.media import write_recording
from tests.ui.session_cases import QuickReader, opened, quick, recording_path

__all__ = ["quick", "recording_path"]


@pytest.fixture
def session(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path, tmp_path: Path
) -> Iterator[Session]:
    """A study of two recordings, the second of which was moved and renamed after it was added."""
    second = write_recording(tmp_path / "second.mp4", frames=12)
    with opened(qtbot, recording_path) as session:
        look = session.study.access()
        assert look is not None
        with qtbot.waitSignal(session.worklist._adding.ended):
            session.worklist.add_recordings((second,))
        (tmp_path / "archive").mkdir()
        second.rename(tmp_path / "archive" / "renamed.mp4")
        yield session


@pytest.fixture
def dialog(qtbot: QtBot, session: Session) -> MovedDialog:
    dialog = MovedDialog(session)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def search(qtbot: QtBot, dialog: MovedDialog, folder: Path) -> None:
    with qtbot.waitSignal(dialog.work.ended):
        dialog.search_in(folder)


def missing(session: Session) -> bool:
    look = session.study.access()
    assert look is not None
    with look.open() as study:
        return is_missing(study, study.recordings()[1].id)


def test_what_was_found_is_used_on_confirmation_only(
    qtbot: QtBot, session: Session, dialog: MovedDialog, tmp_path: Path
) -> None:
    assert not dialog.apply.isEnabled()
    search(qtbot, dialog, tmp_path)
    assert [Path(dialog.list.item(0).text()).name] == ["renamed.mp4"]
    assert dialog.outcome.text() == "1 of 1 missing recordings found."
    assert missing(session), "looking changes nothing"
    with qtbot.waitSignal(dialog.work.ended):
        dialog.apply.click()
    assert not missing(session)
    assert not dialog.apply.isEnabled()
    search(qtbot, dialog, tmp_path)
    assert dialog.outcome.text() == "All recordings of this study are where they were."


def test_nothing_is_found_elsewhere(qtbot: QtBot, dialog: MovedDialog, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    search(qtbot, dialog, tmp_path / "empty")
    assert dialog.outcome.text() == "0 of 1 missing recordings found."
    assert not dialog.apply.isEnabled()


def test_the_worklist_offers_the_search_for_a_missing_recording(qtbot: QtBot, session: Session) -> None:
    view = WorklistView(session)
    qtbot.addWidget(view)
    session.study.read_again()
    qtbot.waitUntil(lambda: len(view.model.rows) == 2)
    view.table.activated.emit(view.table.model().index(1, 0))
    qtbot.waitUntil(lambda: session.status.offer is not None)
    assert session.status.offer is not None
    with qtbot.waitSignal(session.requests.moved):
        session.status.offer.accept()
