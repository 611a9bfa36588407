"""Setting the clocks by marks: marked apart, previewed, applied as one edit, never lost unasked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.core.eeg.sync import MarkPair, Sync
from app.core.study.stored_eeg import AgreedSync
from app.ui.commands.eeg_clocks import EegClocks
from app.ui.dialogs.set_clocks import SetClocksDialog
from app.ui.session.session import Session
from app.ui.views.eeg_annotations import EegAnnotationsView
from tests.ui.eeg_cases import attach, write_eeg
from tests.ui.found_widgets import cell_text, child
from tests.ui.made_poses import RATE
from tests.ui.session_cases import saved, stored
from tests.ui.shown_session import a_recording, shown_session

HOURS = 2 * 3600.0
TRUTH = Sync(-9.37, 12e-6)
"""How the clocks really are."""
AGREED = AgreedSync(Sync(-12.0), "start times of both files")
FRAME = 1 / RATE


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path) -> Iterator[Session]:
    """Two hours of recording whose EEG is attached with clocks that are 2.6 s off."""
    with shown_session(tmp_path, a_recording(tmp_path, HOURS)) as one:
        notes = ((20.25, "event button"), (100.0, "far away"))
        attach(qtbot, one, write_eeg(tmp_path / "night.edf", seconds=180, notes=notes), AGREED)
        qtbot.waitUntil(lambda: one.eeg.file is not None)
        yield one


@pytest.fixture
def dialog(qtbot: QtBot, session: Session) -> SetClocksDialog:
    made = SetClocksDialog(session)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    made.show()
    qtbot.addWidget(made)
    return made


def press(dialog: SetClocksDialog, what: str) -> None:
    """The button with this accessible name."""
    next(one for one in dialog.findChildren(QPushButton) if one.accessibleName() == what).click()


def mark(session: Session, dialog: SetClocksDialog, picture: float) -> None:
    """Mark what happens in the picture at this moment, where the trace really shows it."""
    session.playback.seek(picture)
    dialog.mark_picture.click()
    session.eeg.position.show(TRUTH.to_eeg(session.clock_marks.picture_moment))
    session.eeg.seek(TRUTH.to_eeg(session.clock_marks.picture_moment))
    dialog.mark_trace.click()


def agreed(session: Session) -> AgreedSync:
    (one,) = session.study.content.eegs
    return one.agreed


def asked(dialog: SetClocksDialog) -> QMessageBox:
    """The question that is open."""
    return next(one for one in dialog.findChildren(QMessageBox) if one.isVisible())


def test_two_marks_with_drift_hold_every_moment_to_a_frame(
    qtbot: QtBot, session: Session, dialog: SetClocksDialog
) -> None:
    assert not dialog.apply.isEnabled()
    mark(session, dialog, 30.0)
    mark(session, dialog, 7000.0)
    dialog.apply.click()
    sync = agreed(session).sync
    assert all(abs(sync.to_eeg(at) - TRUTH.to_eeg(at)) < FRAME / 100 for at in (0.0, 3600.0, HOURS, 86_400.0))
    assert agreed(session).origin == "two pairs of marks"
    assert len(agreed(session).pairs) == 2
    assert sync.drift == pytest.approx(TRUTH.drift, rel=1e-3)
    saved(qtbot, session)
    with stored(session) as study:
        assert study.verify_history() == ()
    session.undoing.undo()
    assert agreed(session) == AGREED
    assert session.eeg.file is not None
    assert session.eeg.file.sync == AGREED.sync
    saved(qtbot, session)


def test_while_the_picture_is_held_a_click_in_the_trace_moves_neither(
    session: Session, dialog: SetClocksDialog
) -> None:
    session.playback.seek(40.0)
    start = session.eeg.position.start
    session.eeg.seek(55.5)
    assert (session.playback.cursor, session.eeg.position.held.point) == (40.0, 55.5)
    session.playback.seek(500.0)
    assert session.eeg.position.start == start, "the page waits for its mark"
    dialog.hold.click()
    session.eeg.seek(60.0)
    assert session.playback.cursor == 48.0, "by the clocks that are agreed"
    assert session.eeg.position.held.point is None


def test_the_table_says_residuals_and_pairs_are_nudged_and_removed(
    session: Session, dialog: SetClocksDialog
) -> None:
    for picture in (30.0, 3000.0, 7000.0):
        mark(session, dialog, picture)
    assert [cell_text(dialog.table, row, 3) for row in range(3)] == ["+0 ms"] * 3
    assert "drift +12.0 µs/s" in dialog.outcome.text()
    assert "± 20 ms at the cursor" in dialog.accuracy.text()
    dialog.table.selectRow(1)
    before = session.clock_marks.draft.pairs[1]
    for _again in range(8):
        press(dialog, "Picture's mark one frame later")
    press(dialog, "Trace's mark one sample earlier")
    after = session.clock_marks.draft.pairs[1]
    assert after.recording == pytest.approx(before.recording + 8 * FRAME)
    assert after.eeg == pytest.approx(before.eeg - 1 / 32)
    assert "do not fit together" in dialog.problem.text()
    press(dialog, "Remove this pair")
    assert dialog.table.rowCount() == 2
    assert dialog.problem.text() == ""


def test_a_preview_is_shown_and_taken_back(qtbot: QtBot, session: Session, dialog: SetClocksDialog) -> None:
    mark(session, dialog, 30.0)
    dialog.preview.click()
    file = session.eeg.file
    assert file is not None
    assert file.sync.offset == pytest.approx(TRUTH.offset, abs=1e-3)
    session.eeg.seek(40.0)
    assert session.playback.cursor == pytest.approx(40.0 + TRUTH.offset, abs=1e-3)
    press(dialog, "All of the EEG one second later")
    assert session.eeg.file is not None
    assert session.eeg.file.sync.offset == pytest.approx(TRUTH.offset + 1.0, abs=1e-3)
    dialog.discard.click()
    assert session.eeg.file.sync == AGREED.sync
    assert agreed(session) == AGREED
    assert not dialog.preview.isChecked()
    saved(qtbot, session)


def test_the_offset_alone_is_moved(qtbot: QtBot, session: Session, dialog: SetClocksDialog) -> None:
    press(dialog, "All of the EEG one second later")
    press(dialog, "All of the EEG one frame earlier")
    dialog.apply.click()
    assert agreed(session).sync.offset == pytest.approx(-11.0 - FRAME)
    assert agreed(session).origin == "start times of both files, moved by hand"
    saved(qtbot, session)


def test_an_annotation_is_one_side_of_a_pair(session: Session, dialog: SetClocksDialog) -> None:
    session.eeg.position.go_to(15.0)
    dialog.fill_annotations()
    assert ["event button" in one.text() for one in dialog.annotations.actions()] == [True]
    dialog.annotations.actions()[0].trigger()
    assert not dialog.apply.isEnabled(), "half a pair is none"
    session.playback.seek(10.0)
    dialog.mark_picture.click()
    assert session.clock_marks.draft.pairs == (MarkPair(20.25, session.clock_marks.picture_moment),)


def test_escape_asks_before_a_mark_is_lost(qtbot: QtBot, session: Session, dialog: SetClocksDialog) -> None:
    mark(session, dialog, 30.0)
    dialog.preview.click()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    asked(dialog).reject()
    assert session.clock_marks.draft.pairs
    dialog.close()
    next(one for one in asked(dialog).buttons() if one.text() == "Discard them").click()
    qtbot.waitUntil(lambda: not session.eeg.position.held.on)
    assert session.clock_marks.draft.pairs == ()
    assert session.eeg.file is not None
    assert (session.eeg.file.sync, session.eeg.position.held.on) == (AGREED.sync, False)


def test_marks_that_cannot_be_right_are_not_applied(session: Session, dialog: SetClocksDialog) -> None:
    session.clock_marks.mark_trace(50.0)
    session.playback.seek(100.0)
    dialog.mark_picture.click()
    session.clock_marks.mark_trace(60.0)
    session.playback.seek(20.0)
    dialog.mark_picture.click()
    assert "another order" in dialog.problem.text()
    assert not dialog.apply.isEnabled()
    assert not session.clock_marks.apply()


def test_marks_stay_with_their_recording_and_eeg(
    qtbot: QtBot, session: Session, dialog: SetClocksDialog
) -> None:
    mark(session, dialog, 30.0)
    (eeg,) = session.attached_eeg.files
    session.attached_eeg.detach(eeg)
    assert dialog.table.rowCount() == 0
    session.undoing.undo()
    assert dialog.table.rowCount() == 1
    saved(qtbot, session)


def test_marks_are_set_from_the_window_whose_closing_asks(qtbot: QtBot, session: Session) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    clocks = EegClocks(window, session)
    by_id = {command.id: command for command in clocks.commands()}
    closed: list[bool] = []
    assert not clocks.asks(lambda: closed.append(True))
    session.playback.seek(20.0)
    by_id["mark_trace"].slot()
    assert session.clock_marks.draft.trace == pytest.approx(32.0), "where the cursor is"
    by_id["mark_picture"].slot()
    opened = child(window, SetClocksDialog)
    assert opened.table.rowCount() == 1
    assert clocks.asks(lambda: closed.append(True))
    next(one for one in asked(opened).buttons() if one.text() == "Discard them").click()
    qtbot.waitUntil(lambda: bool(closed))
    assert closed == [True], "the window goes on closing"
    assert not clocks.asks(lambda: closed.append(True))


def test_an_annotation_of_the_list_is_a_mark(qtbot: QtBot, session: Session) -> None:
    view = EegAnnotationsView(session)
    qtbot.addWidget(view)
    qtbot.waitUntil(lambda: len(view.model.rows) == 2)
    with qtbot.waitSignal(session.clock_marks.dialog_wanted):
        view.menu_of(view.model.rows[0]).actions()[-1].trigger()
    assert session.clock_marks.draft.trace == pytest.approx(20.25)


def test_each_way_of_closing_it_closes_it(qtbot: QtBot, session: Session, dialog: SetClocksDialog) -> None:
    for close in (dialog.cancel.click, dialog.close, lambda: qtbot.keyClick(dialog, Qt.Key.Key_Escape)):
        dialog.show()
        close()
        assert not dialog.isVisible()
