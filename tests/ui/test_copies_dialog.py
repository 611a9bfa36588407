"""The dialog of copies: listed, checked, restored."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.core.semiology import FEATURES, Presence
from app.core.study.backup import backups
from app.core.study.schema import seed
from app.core.study.store import Study
from app.ui.dialogs.copies import CopiesDialog
from app.ui.session.session import Session
from app.ui.views.consensus import ConsensusView
from app.ui.views.history import HistoryView
from tests.ui.copies_cases import dialog_of, folder_of, quick, recording_path, session, taken_up
from tests.ui.session_cases import at_rest, opened, saved

__all__ = ["quick", "recording_path", "session"]


def words(dialog: CopiesDialog, row: int, column: int) -> str:
    item = dialog.table.item(row, column)
    return item.text() if item is not None else ""


def test_the_copies_are_listed_checked_and_one_is_put_back(qtbot: QtBot, session: Session) -> None:
    session.answers.answer("tonic", Presence.YES)
    saved(qtbot, session)
    session.safekeeping.copy()
    qtbot.waitUntil(lambda: not session.safekeeping._copying.running)
    session.answers.answer("tonic", Presence.NO)
    session.answers.answer("clonic", Presence.NO)
    dialog = dialog_of(qtbot, session)
    assert dialog.table.rowCount() == 1
    assert words(dialog, 0, 1) == "daily"
    assert words(dialog, 0, 6) == "whole"
    assert not dialog.begin.isEnabled(), "nothing is chosen"
    dialog.table.selectRow(0)
    assert dialog.begin.isEnabled()
    assert dialog.chosen is not None
    dialog.restore(dialog.chosen)
    dialog.show()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible(), "the study is away, and would not be taken up again"
    qtbot.waitUntil(lambda: not dialog.work.running and not dialog._checking.running)
    taken_up(qtbot, session)
    assert "was restored." in dialog.outcome.text()
    assert session.answers.mine.answer("tonic").presence is Presence.YES
    assert session.answers.mine.answer("clonic").presence is None
    assert [row.copy.what for row in dialog.copies] == ["replaced", "day"]
    session.answers.answer("clonic", Presence.YES)
    saved(qtbot, session)
    assert session.status.message == ""
    dialog.close()
    with Study.open(folder_of(session), author="x", shared=True) as study:
        assert study.verify_history() == ()


def _empty(copy: Path) -> None:
    """Let a copy be one of before anything was done."""
    with closing(sqlite3.connect(copy)) as connection:
        guard = "SELECT sql FROM sqlite_master WHERE name = 'history_rows_stay'"
        (guard,) = connection.execute(guard).fetchone()
        connection.execute("DROP TRIGGER history_rows_stay")
        for table in ("history", "spans", "answers", "readings", "readers", "settings", "recordings"):
            connection.execute(f"DELETE FROM {table}")
        (study_id,) = connection.execute("SELECT value FROM meta WHERE key = 'study_id'").fetchone()
        connection.execute("UPDATE meta SET value = '0' WHERE key = 'history_seq'")
        connection.execute("UPDATE meta SET value = ? WHERE key = 'history_hash'", (seed(study_id),))
        connection.execute(guard)
        connection.commit()


def test_a_recording_that_the_copy_does_not_have_is_taken_in_again(qtbot: QtBot, session: Session) -> None:
    session.answers.answer("tonic", Presence.YES)
    saved(qtbot, session)
    with Study.open(folder_of(session), author="x", shared=True) as study:
        made = study.back_up_if_due()
    assert made is not None
    _empty(made)
    dialog = dialog_of(qtbot, session)
    dialog.table.selectRow(0)
    assert dialog.chosen is not None
    dialog.restore(dialog.chosen)
    qtbot.waitUntil(lambda: not dialog.work.running)
    taken_up(qtbot, session)
    assert session.answers.mine.answers == {}
    session.answers.answer(FEATURES[0].id, Presence.YES)
    saved(qtbot, session)
    assert session.status.message == ""
    assert session.answers.mine.answer(FEATURES[0].id).presence is Presence.YES
    dialog.close()


def test_a_recording_that_another_program_took_out_is_said_and_nothing_breaks(
    qtbot: QtBot, session: Session
) -> None:
    for feature in FEATURES[:3]:
        session.answers.answer(feature.id, Presence.NO)
    session.readers.read_blind(False)
    saved(qtbot, session)
    panels = [kind(session) for kind in (ConsensusView, HistoryView)]
    for panel in panels:
        qtbot.addWidget(panel)
        panel.show()
    with Study.open(folder_of(session), author="Bo", shared=True) as other:
        other.back_up_if_due()
        _empty(other.backups()[0].path)
        other.restore(other.backups()[0])
    session.safekeeping.ask()
    saved(qtbot, session)
    assert session.status.message.startswith("The study no longer contains this recording")
    for panel in panels:
        assert panel.table.rowCount() == 0
    session.status.show_message("")
    for change in (
        session.undoing.undo,
        session.undoing.redo,
        lambda: session.answers.answer("clonic", Presence.YES),
    ):
        change()
        assert session.status.message.startswith("The study no longer contains this recording")
    session.analysis.start_again()
    at_rest(qtbot, session)
    assert session.answers.mine.answers == {}


def test_a_damaged_copy_says_so_and_cannot_be_put_back(qtbot: QtBot, session: Session) -> None:
    session.safekeeping.copy()
    qtbot.waitUntil(lambda: not session.safekeeping._copying.running)
    (copy,) = backups(folder_of(session))
    copy.path.write_bytes(copy.path.read_bytes()[:5000])
    dialog = dialog_of(qtbot, session)
    dialog.table.selectRow(0)
    assert words(dialog, 0, 6) == "not whole: the file is damaged"
    assert not dialog.begin.isEnabled()
    dialog.close()


def test_in_a_window_that_may_only_look_nothing_is_put_back(
    qtbot: QtBot, session: Session, recording_path: Path
) -> None:
    session.safekeeping.copy()
    qtbot.waitUntil(lambda: not session.safekeeping._copying.running)
    with opened(qtbot, recording_path) as second:
        dialog = dialog_of(qtbot, second)
        dialog.table.selectRow(0)
        assert dialog.chosen is not None
        assert not dialog.begin.isEnabled()
        dialog.close()
    at_rest(qtbot, session)


def test_the_study_is_copied_on_request(qtbot: QtBot, session: Session) -> None:
    session.safekeeping.copy_now()
    assert session.status.line == "copying the study"
    qtbot.waitUntil(lambda: session.status.line.startswith("copied "))
    dialog = dialog_of(qtbot, session)
    assert words(dialog, 0, 1) == "on request"
    dialog.copying.click()
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 2 and not dialog._checking.running)
    assert dialog.outcome.text().startswith("The study was copied ")
    dialog.close()


def test_a_copy_that_takes_long_holds_up_nobody(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = dialog_of(qtbot, session)
    dialog.show()
    copies, may_end = threading.Event(), threading.Event()

    def slow(*_what: object) -> tuple[str, ...]:
        copies.set()
        may_end.wait(60)
        return ("copied",)

    monkeypatch.setattr("app.ui.dialogs.copies._copy_now", slow)
    dialog.copying.click()
    qtbot.waitUntil(copies.is_set)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    may_end.set()
