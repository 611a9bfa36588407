"""Lines for fine-tuning from the window: attested first, written through the gate, remembered."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.core.batch.export_question_lines import LINES
from app.core.clips.clip import ClipOptions
from app.core.privacy.ledger import Ledger
from app.core.reading import Reading, RecordingIdentity, person
from app.core.semiology import Answer, Presence, Span
from app.ui.dialogs.lines_preview import LinesPreviewDialog
from app.ui.dialogs.question_lines import QuestionLinesDialog
from app.ui.memory import Memory
from app.ui.session.session import Session
from tests.core.test_question_lines import clips
from tests.media import write_recording
from tests.ui.session_cases import QuickReader, opened, quick

__all__ = ["clips", "quick"]

EVA = person("Eva")


@pytest.fixture
def session(
    qtbot: QtBot, quick: type[QuickReader], clips: list[ClipOptions], tmp_path: Path
) -> Iterator[Session]:
    with opened(qtbot, write_recording(tmp_path / "Erika.mp4", frames=75)) as session:
        access = session.study.access()
        assert access is not None
        with access.open() as study:
            answers = {"tonic": Answer("tonic", Presence.YES, 90, (Span(0.5, 1.25),), None, "stiff")}
            study.keep_reading(1, Reading(RecordingIdentity("Erika.mp4", "", 3.0), EVA, answers))
        yield session


def shown(qtbot: QtBot, session: Session, memory: Memory) -> QuestionLinesDialog:
    dialog = QuestionLinesDialog(session, memory)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: not dialog.work.running)
    return dialog


def choose_eva(dialog: QuestionLinesDialog) -> None:
    dialog.reader.setCurrentIndex(dialog.reader.findData("Eva"))
    assert dialog.reader.currentData() == "Eva"


def test_nothing_is_written_before_a_person_has_attested(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    dialog = shown(qtbot, session, Memory())
    choose_eva(dialog)
    assert not dialog.begin.isEnabled()
    dialog.write_to(tmp_path / "lines")
    assert not dialog.work.running
    assert not (tmp_path / "lines").exists()
    dialog.attested.setChecked(True)
    assert dialog.begin.isEnabled()


def test_lines_are_written_with_a_row_in_the_ledger_and_the_choice_is_kept(
    qtbot: QtBot, session: Session, clips: list[ClipOptions], tmp_path: Path
) -> None:
    memory, out = Memory(), tmp_path / "lines"
    dialog = shown(qtbot, session, memory)
    choose_eva(dialog)
    dialog.attested.setChecked(True)
    dialog.covered.setCurrentIndex(1)
    dialog.fps.setValue(4.0)
    dialog.explanations.setChecked(True)
    assert dialog.cover_text.isChecked()
    dialog.cover_text.setChecked(False)
    with qtbot.waitSignal(dialog.work.ended):
        dialog.write_to(out)
    text = (out / LINES).read_text("utf-8")
    assert all(json.loads(line) for line in text.splitlines())
    assert "stiff" in text
    assert (clips[0].cover_bystanders, clips[0].cover_patient, clips[0].cover_text) == (True, False, False)
    assert "answered by Eva" in dialog.outcome.text()
    assert dialog.show_folder.isVisible()
    folder = session.study.folder
    assert folder is not None
    assert [row.sending.purpose for row in Ledger(folder).entries()] == ["export"]
    again = shown(qtbot, session, memory)
    assert (again.covered.currentData(), again.fps.value(), again.explanations.isChecked()) == (
        "bystanders", 4.0, True,
    )  # fmt: skip
    assert not again.cover_text.isChecked()
    assert not again.attested.isChecked(), "what is attested is never remembered"


def test_a_folder_that_holds_something_is_refused_with_a_sentence(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    dialog = shown(qtbot, session, Memory())
    choose_eva(dialog)
    dialog.attested.setChecked(True)
    with qtbot.waitSignal(dialog.work.ended):
        dialog.write_to(tmp_path)
    assert "name a new or an empty folder" in dialog.outcome.text()


def test_what_is_sealed_from_anybody_cannot_be_chosen(qtbot: QtBot, session: Session) -> None:
    session.readers.read_blind(True)
    qtbot.waitUntil(lambda: session.answers.my_reading.sealed)
    dialog = shown(qtbot, session, Memory())
    assert dialog.reader.findData("Eva") < 0
    dialog.attested.setChecked(True)
    assert dialog.begin.isEnabled() is (dialog.reader.count() > 0)


def previewed(qtbot: QtBot, dialog: QuestionLinesDialog) -> LinesPreviewDialog:
    dialog.preview.click()
    qtbot.waitUntil(lambda: bool(dialog.findChildren(LinesPreviewDialog)))
    (preview,) = dialog.findChildren(LinesPreviewDialog)
    return preview


def test_the_lines_are_looked_at_one_by_one_before_anything_leaves(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    dialog = shown(qtbot, session, Memory())
    choose_eva(dialog)
    assert not dialog.attested.isChecked()
    preview = previewed(qtbot, dialog)
    rows = [preview.lines.item(row).text() for row in range(preview.lines.count())]
    assert rows == ["00:00–00:03  Tonic"]
    assert "stiff" not in preview.answer.toPlainText(), "explanations are left out unless they are asked for"
    assert json.loads(preview.answer.toPlainText())["presence"] == "yes"
    assert json.loads(preview.answer.toPlainText())["evidence"] == [{"start": 0.5, "end": 1.25}]
    assert preview.question.toPlainText()
    assert preview.place.text() == "1 of 1"
    assert not preview.next.isEnabled()
    folder = session.study.folder
    assert folder is not None
    assert Ledger(folder).entries() == (), "nothing has left"
    assert any(folder.rglob("*.mp4")), "the very clips that would be handed on"
    dialog.attested.setChecked(False)
    preview.close()
    # A walk passes over folders that go meanwhile, a search by pattern does not.
    qtbot.waitUntil(lambda: not any(name.endswith(".mp4") for *_, names in os.walk(folder) for name in names))
    assert not dialog.begin.isEnabled(), "having looked is not having attested"


def test_the_preview_steps_through_lines_and_plays_the_clip_of_each(qtbot: QtBot, session: Session) -> None:
    access = session.study.access()
    assert access is not None
    with access.open() as study:
        answers = {name: Answer(name, Presence.NO) for name in ("tonic", "clonic", "verbal_responsiveness")}
        study.keep_reading(1, Reading(RecordingIdentity("Erika.mp4", "", 3.0), EVA, answers))
    dialog = shown(qtbot, session, Memory())
    choose_eva(dialog)
    preview = previewed(qtbot, dialog)
    count = preview.lines.count()
    assert count == 3
    seen = []
    for _line in range(count):
        seen.append(preview.panel.clips.currentRow())
        preview.next.click()
    assert preview.lines.currentRow() == count - 1, "it stays at the last one"
    assert len({*seen}) > 1, "a line of sound has another clip than one of pictures"
    preview.before.click()
    assert preview.place.text() == "2 of 3"


def test_the_preview_of_one_recording_is_not_left_open_over_another(qtbot: QtBot, session: Session) -> None:
    dialog = shown(qtbot, session, Memory())
    choose_eva(dialog)
    preview = previewed(qtbot, dialog)
    session.answers.seal_changed.emit()
    qtbot.waitUntil(lambda: not preview.isVisible())
