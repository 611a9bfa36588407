"""Labels without a video: proposed when their video is opened or added, joined by a person, undone in one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.core.reading import person
from app.core.semiology import Answer, Presence
from app.core.study.edits import SetAnswer
from app.core.study.place import study_folder_for
from app.core.study.store import Study
from app.ui.dialogs.join_labels import JoinLabelsDialog
from app.ui.session.proposed_joins import LOOK
from app.ui.session.session import Session
from tests.media import write_recording
from tests.ui.found_widgets import box_in, pick
from tests.ui.session_cases import QuickReader, opened, quick, saved, stored

__all__ = ["quick"]

YES, NO = Presence.YES, Presence.NO
BO = person("Bo")


def label(study: Study, name: str, *, presence: Presence = YES) -> int:
    number = study.recording_without_video(name)
    study.apply(SetAnswer(number, BO, Answer("tonic"), Answer("tonic", presence)))
    return number


@pytest.fixture
def session(qtbot: QtBot, quick: type[QuickReader], tmp_path: Path) -> Iterator[Session]:
    """The study has labels of the recording that is opened (`P01_bed`) and of another one."""
    path = write_recording(tmp_path / "P01_bed.mp4", frames=12)
    with Study.open(study_folder_for(path), author="Ward") as study:
        label(study, "p01_BED")
        label(study, "P02_bed")
    with opened(qtbot, path) as session:
        yield session


def shown(qtbot: QtBot, session: Session) -> JoinLabelsDialog:
    dialog = JoinLabelsDialog(session)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: not dialog.work.running)
    return dialog


def texts(dialog: JoinLabelsDialog) -> list[tuple[str, ...]]:
    table = dialog.table
    items = [[table.item(row, at) for at in range(table.columnCount())] for row in range(table.rowCount())]
    return [tuple(item.text() for item in row if item is not None) for row in items]


def names(session: Session) -> list[str]:
    with stored(session) as study:
        return [row.name for row in study.recordings()]


def answer(session: Session) -> Presence | None:
    found = [one for one in session.answers.others if one.reader.name == "Bo"]
    return found[0].answer("tonic").presence if found else None


def test_they_are_offered_once_and_nothing_is_joined_by_itself(qtbot: QtBot, session: Session) -> None:
    qtbot.waitUntil(lambda: session.status.offer is not None)
    offer = session.status.offer
    assert offer is not None
    assert (offer.label, "“p01_BED”" in offer.sentence) == (LOOK, True)
    assert names(session) == ["p01_BED", "P02_bed", "P01_bed.mp4"]
    with qtbot.waitSignal(session.requests.join_labels):
        offer.accept()
    session.status.make_offer(None)
    with qtbot.waitSignal(session.study.reread):
        session.study.read_again()
    answered: list[object] = []
    session.study.ask(lambda study: study.folder, answered.append)
    qtbot.waitUntil(lambda: bool(answered))
    assert session.status.offer is None, "what somebody has closed stays closed"


def test_what_is_added_later_is_offered_too(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    qtbot.waitUntil(lambda: session.status.offer is not None)
    session.status.make_offer(None)
    session.worklist.add_recordings((write_recording(tmp_path / "P02_BED.mp4", frames=13),))
    qtbot.waitUntil(lambda: session.status.offer is not None)
    offer = session.status.offer
    assert offer is not None
    assert "“P02_bed”" in offer.sentence


def test_it_is_seen_first_then_joined_and_undone_in_the_window(qtbot: QtBot, session: Session) -> None:
    dialog = shown(qtbot, session)
    assert texts(dialog) == [("p01_BED", "P01_bed.mp4", "1 answer of Bo")]
    assert dialog.begin.text() == "Join 1"
    with qtbot.waitSignal(session.study.reread):
        dialog.begin.click()
    qtbot.waitUntil(lambda: not dialog.work.running)
    assert "undo takes that back" in dialog.outcome.text()
    assert texts(dialog) == []
    assert not dialog.begin.isEnabled()
    assert answer(session) is YES
    assert names(session) == ["P02_bed", "P01_bed.mp4"]
    with qtbot.waitSignal(session.study.recordings_changed):
        session.undoing.undo()
    saved(qtbot, session)
    assert sorted(names(session)) == ["P01_bed.mp4", "P02_bed", "p01_BED"]
    qtbot.waitUntil(lambda: answer(session) is None)


def test_a_contradiction_waits_for_a_choice_and_an_unticked_join_for_nothing(
    qtbot: QtBot, session: Session
) -> None:
    access = session.study.access()
    assert access is not None
    with access.open() as study:
        study.apply(SetAnswer(3, BO, Answer("tonic"), Answer("tonic", NO)))
    dialog = shown(qtbot, session)
    assert dialog.sides.isVisible()
    assert not dialog.begin.isEnabled()
    dialog.ticks[0].setCheckState(Qt.CheckState.Unchecked)
    assert not dialog.sides.isVisible()
    dialog.ticks[0].setCheckState(Qt.CheckState.Checked)
    pick(box_in(dialog.sides, 0), 2)
    assert dialog.begin.isEnabled()
    with qtbot.waitSignal(session.study.reread):
        dialog.begin.click()
    qtbot.waitUntil(lambda: not dialog.work.running)
    with stored(session) as study:
        assert study.reading(3, BO, viewer=None).answer("tonic").presence is YES


def test_a_table_of_names_finds_others(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_text("name,file\nP02_bed,0017.mp4\n", "utf-8")
    session.worklist.add_recordings((write_recording(tmp_path / "0017.mp4", frames=13),))
    qtbot.waitUntil(lambda: "0017.mp4" in names(session))
    dialog = shown(qtbot, session)
    assert [row[1] for row in texts(dialog)] == ["P01_bed.mp4"]
    dialog.use_names(path)
    qtbot.waitUntil(lambda: not dialog.work.running)
    assert [row[1] for row in texts(dialog)] == ["P01_bed.mp4", "0017.mp4"]
