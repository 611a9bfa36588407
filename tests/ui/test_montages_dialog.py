"""The editor of montages: it refuses a bad line, saves a good text, deletes only what is personal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from app.core.eeg.montage_folder import known_montages, personal_folder
from app.ui.dialogs.montages import MontagesDialog
from app.ui.session.session import Session
from app.ui.views.eeg_panel import EegPanel
from tests.ui.shown_eeg import displayed, flat, panel_on_screen, write_made_eeg
from tests.ui.shown_session import shown_session

GOOD = 'montage: Few\n\nC3 - P3\nF7 - T7\n"left back" = P3 - O1\n'


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with (
        shown_session(tmp_path) as session,
        displayed(session, write_made_eeg(tmp_path / "a.edf", [(0.0, flat(20))])),
    ):
        yield session


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> EegPanel:
    return panel_on_screen(qtbot, session)


@pytest.fixture
def dialog(session: Session, panel: EegPanel) -> MontagesDialog:
    dialog = MontagesDialog(session, panel)
    dialog.show()
    return dialog


def listed(dialog: MontagesDialog) -> list[str]:
    return [dialog.rows.item(number).text() for number in range(dialog.rows.count())]


def write(dialog: MontagesDialog, text: str) -> None:
    dialog.text.setPlainText(text)
    dialog.check()


def answer(dialog: MontagesDialog, words: str) -> None:
    """Press this button of the question that comes."""

    def press() -> None:
        box = dialog.findChild(QMessageBox)
        assert box is not None
        next(one for one in box.buttons() if one.text() == words).click()

    QTimer.singleShot(0, press)


def test_those_of_the_program_are_only_read(dialog: MontagesDialog, session: Session) -> None:
    assert dialog.montages.currentText() == session.eeg.montage.title
    assert dialog.text.isReadOnly()
    assert dialog.name.isReadOnly()
    assert not dialog.delete.isEnabled()
    assert not dialog.save_button.isEnabled()
    assert any(row.startswith("C3") for row in listed(dialog))


def test_a_bad_line_is_refused_with_its_number_and_reason(qtbot: QtBot, dialog: MontagesDialog) -> None:
    dialog.copy.click()
    assert dialog.save_button.isEnabled()
    dialog.text.setPlainText("montage: Few\n\nC3 - P3\nC3 P3\n")
    qtbot.waitUntil(dialog.problem.isVisible)  # checked without being asked
    assert dialog.problem.text() == "Line 4: a “-” is missing before “P3”."
    (mark,) = dialog.text.extraSelections()
    assert mark.cursor.blockNumber() == 3
    assert not dialog.save_button.isEnabled()
    dialog.save()
    assert not list(personal_folder().glob("*")) if personal_folder().exists() else True
    write(dialog, GOOD)
    assert not dialog.problem.isVisible()
    assert not dialog.text.extraSelections()
    assert dialog.save_button.isEnabled()


def test_the_preview_names_rows_and_what_is_missing(dialog: MontagesDialog) -> None:
    dialog.copy.click()
    write(dialog, GOOD)
    rows = listed(dialog)
    assert [row.split("  ")[0] for row in rows[:2]] == ["C3-P3", "left back"]
    assert rows[2].startswith("F7-T7: ")
    assert dialog.counted.text() == "2 rows of the current EEG, 1 cannot be shown"


def test_a_good_one_is_saved_and_shown_at_once(
    dialog: MontagesDialog, session: Session, panel: EegPanel
) -> None:
    dialog.copy.click()
    dialog.name.setText("few")
    write(dialog, GOOD)
    dialog.save_button.click()
    assert (personal_folder() / "few.txt").read_text(encoding="utf-8") == GOOD
    assert session.eeg.montage.title == "Few"
    assert [row.name for row in session.eeg.rows] == ["C3-P3", "left back"]
    shown = panel.toolbar.montage
    assert shown.currentText() == "Few"
    assert dialog.montages.currentText() == "Few – mine"
    assert not dialog.save_button.isEnabled()
    assert not dialog.changed


def test_no_other_montage_is_overwritten(dialog: MontagesDialog) -> None:
    dialog.copy.click()
    write(dialog, GOOD)
    dialog.name.setText("Laplacian")
    dialog.save()
    assert "already" in dialog.problem.text()
    assert not any(one.is_personal for one in known_montages())


def test_two_duplicates_have_names_and_titles_of_their_own(dialog: MontagesDialog) -> None:
    for _ in range(2):
        dialog.montages.setCurrentIndex(0)
        dialog._leave_for(0)
        dialog.copy.click()
        dialog.save_button.click()
    mine = [one for one in known_montages() if one.is_personal]
    assert len({one.name for one in mine}) == len({one.montage.title for one in mine if one.montage}) == 2


def test_a_personal_one_is_deleted_after_a_question(
    qtbot: QtBot, dialog: MontagesDialog, session: Session, panel: EegPanel
) -> None:
    usual = session.eeg.montage
    dialog.copy.click()
    dialog.name.setText("few")
    write(dialog, GOOD)
    dialog.save_button.click()
    answer(dialog, "Cancel")
    dialog.delete.click()
    qtbot.waitUntil(lambda: dialog.findChild(QMessageBox) is None)
    assert (personal_folder() / "few.txt").exists()
    answer(dialog, "Delete")
    dialog.delete.click()
    qtbot.waitUntil(lambda: not (personal_folder() / "few.txt").exists())
    assert session.eeg.montage == usual
    texts = [panel.toolbar.montage.itemText(number) for number in range(panel.toolbar.montage.count())]
    assert "Few" not in texts


def test_what_is_written_is_not_lost_unasked(qtbot: QtBot, dialog: MontagesDialog) -> None:
    dialog.copy.click()
    write(dialog, GOOD)
    answer(dialog, "Keep writing")
    dialog.reject()
    qtbot.waitUntil(lambda: dialog.findChild(QMessageBox) is None)
    assert dialog.isVisible()
    assert dialog.text.toPlainText() == GOOD
    answer(dialog, "Discard")
    with qtbot.waitSignal(dialog.rejected):
        dialog.reject()
