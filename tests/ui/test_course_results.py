"""Results of a course in the window: the group, each learner, plots, and the page of the tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from app.core.agreement.figure import Figure
from app.core.semiology import Answer, Presence
from app.core.settings import with_recent_course
from app.core.teaching.course import CourseRules, Sitting, TeachingCard
from app.core.teaching.course_file import CourseFolder
from app.core.teaching.course_writing import add_tests, continue_course
from app.core.teaching.learner_log import LearnerAnswer, LearnerLog, LearnerNote
from app.core.teaching.learner_progress import WeekFigure
from app.ui.dialogs.course_results import GROUP, CourseResultsDialog
from app.ui.memory import Memory
from app.ui.session.session import Session
from app.ui.theme import Mode
from tests.core.teaching_courses import (
    MONDAY,
    NO,
    PASSPHRASE,
    YES,
    SteppingClock,
    a_key,
    case_name,
    make_course,
)
from tests.ui.session_cases import opened
from tests.ui.watched_files import opens

FEATURES = ("tonic", "clonic")


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    with opened(qtbot) as session:
        yield session


@pytest.fixture
def memory() -> Iterator[Memory]:
    memory = Memory()
    yield memory
    memory.close()


@pytest.fixture
def dialog(qtbot: QtBot, session: Session, memory: Memory) -> CourseResultsDialog:
    return shown_dialog(qtbot, session, memory)


def shown_dialog(qtbot: QtBot, session: Session, memory: Memory) -> CourseResultsDialog:
    """The dialog, once it has listed the courses and shown the first."""
    dialog = CourseResultsDialog(session, memory)
    qtbot.addWidget(dialog)
    dialog.open()
    qtbot.waitUntil(lambda: not dialog._listing.running and not dialog.work.running)
    return dialog


def a_course(path: Path, passphrase: str | None = None) -> CourseFolder:
    """Fox misses a tonic once and says clonic, a week later all is right; owl has answered both tests."""
    keys = [a_key(Answer("tonic", YES), Answer("clonic", NO)) for _ in range(8)]
    folder = make_course(path, keys, CourseRules(FEATURES), passphrase=passphrase, tested=4)
    if passphrase is None:
        begun = continue_course(path)
        assert begun is not None
        folder = add_tests(begun, 2).folder
        with LearnerLog.open(folder, "owl") as log:
            for sitting in (Sitting.BEFORE, Sitting.AFTER):
                for card in folder.course.tests[sitting]:
                    log.append(LearnerAnswer(card, Answer(card.feature, YES), MONDAY, sitting))
    clock = SteppingClock()
    said: tuple[tuple[int, str, Presence, int | None], ...] = (
        (0, "tonic", NO, 90),
        (0, "clonic", YES, 80),
        (1, "tonic", YES, 90),
    )
    with LearnerLog.open(folder, "<i>fox</i>") as log:
        for number, feature, presence, certain in said:
            card = TeachingCard(case_name(number), feature)
            log.append(LearnerAnswer(card, Answer(feature, presence, certain), clock()))
            clock.step(days=4)
    return folder


def loaded(qtbot: QtBot, dialog: CourseResultsDialog, path: Path, passphrase: str | None = None) -> None:
    dialog.load(path, passphrase)
    qtbot.waitUntil(lambda: not dialog.work.running)


def cells(dialog: CourseResultsDialog, row: int) -> list[str]:
    items = (dialog.scores.item(row, column) for column in range(dialog.scores.columnCount()))
    return ["" if one is None else one.text() for one in items]


def test_the_group_and_its_learners_are_shown(
    qtbot: QtBot, dialog: CourseResultsDialog, tmp_path: Path
) -> None:
    a_course(tmp_path / "c")
    loaded(qtbot, dialog, tmp_path / "c")
    assert [dialog.list.item(row).text() for row in range(3)] == [GROUP, "<i>fox</i>", "owl"]
    assert cells(dialog, 0)[0] == "Clonic"  # the weakest
    assert not dialog.begin.isEnabled()
    dialog.list.setCurrentRow(1)
    assert dialog.summary.text().startswith("33%")
    assert "of 3 cards right, pass mark not reached" in dialog.summary.text()
    assert cells(dialog, 0)[:2] == ["Tonic", "2"]
    assert not dialog.begin.isEnabled()


def test_plots_follow_learner_feature_and_theme(
    qtbot: QtBot, session: Session, dialog: CourseResultsDialog, tmp_path: Path
) -> None:
    a_course(tmp_path / "c")
    loaded(qtbot, dialog, tmp_path / "c")
    assert len(dialog.weeks.plot.listDataItems()) == 2
    dialog.list.setCurrentRow(1)
    (line,) = dialog.weeks.plot.listDataItems()
    assert list(line.getData()[1]) == pytest.approx([0.0, 100.0])
    dialog.feature.setCurrentIndex(dialog.feature.findData("clonic"))
    (line,) = dialog.weeks.plot.listDataItems()
    assert list(line.getData()[1]) == pytest.approx([0.0])
    assert len(dialog.certainty.plot.listDataItems()) == 2
    assert "too certain" in dialog.certain.text()
    session.appearance.set_mode(Mode.LIGHT)
    dialog.list.setCurrentRow(2)
    assert "did not say" in dialog.certain.text()


def test_what_learners_wrote_is_read_as_plain_text(
    qtbot: QtBot, dialog: CourseResultsDialog, tmp_path: Path
) -> None:
    folder = a_course(tmp_path / "c")
    clock = SteppingClock()
    card = TeachingCard(case_name(0), "tonic")
    with LearnerLog.open(folder, "Hen") as log:
        log.append(LearnerAnswer(card, Answer("tonic", NO, explanation="it <b>bent</b>"), clock()))
        clock.step(days=1)
        log.append_note(LearnerNote(card, "too slow\u202e", clock()))
    loaded(qtbot, dialog, tmp_path / "c")
    expected = ["too slow", "it <b>bent</b>"]
    assert notes(dialog) == expected, "the latest first"
    dialog.list.setCurrentRow([one.result.alias for one in dialog.learners].index("Hen") + 1)
    assert notes(dialog) == expected
    dialog.list.setCurrentRow([one.result.alias for one in dialog.learners].index("owl") + 1)
    assert notes(dialog) == []
    assert "No learner wrote" in dialog.noted.text()


def notes(dialog: CourseResultsDialog) -> list[str]:
    items = (dialog.notes.item(row, 4) for row in range(dialog.notes.rowCount()))
    return ["" if one is None else one.text() for one in items]


def test_the_page_of_the_tests_is_written(qtbot: QtBot, dialog: CourseResultsDialog, tmp_path: Path) -> None:
    a_course(tmp_path / "c")
    loaded(qtbot, dialog, tmp_path / "c")
    dialog.list.setCurrentRow(2)
    assert dialog.begin.isEnabled()
    dialog.write_page(tmp_path / "owl.pdf")
    qtbot.waitUntil(lambda: not dialog.work.running)
    assert "Written: owl.pdf" in dialog.outcome.text()
    assert (tmp_path / "owl.pdf").read_bytes().startswith(b"%PDF")
    assert dialog.list.currentRow() == 2


def test_a_test_needs_its_passphrase(qtbot: QtBot, dialog: CourseResultsDialog, tmp_path: Path) -> None:
    a_course(tmp_path / "t", PASSPHRASE)
    loaded(qtbot, dialog, tmp_path / "t", "not the passphrase at all")
    assert dialog.learners == ()
    assert "passphrase" in dialog.outcome.text()
    loaded(qtbot, dialog, tmp_path / "t", PASSPHRASE)
    assert len(dialog.learners) == 1


def test_a_folder_that_is_no_course_is_a_sentence(
    qtbot: QtBot, dialog: CourseResultsDialog, tmp_path: Path
) -> None:
    loaded(qtbot, dialog, tmp_path)
    assert "not the folder of a course" in dialog.outcome.text()
    make_course(tmp_path / "c", [a_key(Answer("tonic", YES))])
    loaded(qtbot, dialog, tmp_path / "c")
    assert "Nobody has answered" in dialog.outcome.text()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="inotify is Linux's")
def test_an_alias_that_looks_like_markup_opens_no_file(
    qtbot: QtBot, dialog: CourseResultsDialog, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    canary = tmp_path / "c.png"
    canary.write_bytes(b"\x89PNG\r\n\x1a\n")
    week = WeekFigure(MONDAY.date(), Figure(0.5, None, None, 2, "half"))
    lines = {"fox": (week,), "<b>owl<img src='c.png'>": (week,)}

    def show() -> None:
        dialog.weeks.show_weeks(lines, intervals=False)
        assert not dialog.weeks.grab().isNull()

    assert opens(canary, show) == 0
    legend = dialog.weeks.plot.getPlotItem().legend
    assert [label.item.toPlainText() for _line, label in legend.items] == list(lines)


def test_the_course_practised_last_is_shown_and_the_recent_ones_are_offered(
    qtbot: QtBot, session: Session, memory: Memory, tmp_path: Path
) -> None:
    for name in ("b", "a"):
        a_course(tmp_path / name)
        memory.replace(with_recent_course(memory.settings, tmp_path / name, "owl"))
    dialog = shown_dialog(qtbot, session, memory)
    offered = [dialog.course.itemText(row) for row in range(dialog.course.count())]
    assert offered == ["Course (a)", "Course (b)"]
    assert dialog.course.currentText() == "Course (a)"
    assert len(dialog.learners) == 2
    dialog.course.setCurrentIndex(1)
    dialog.course.activated.emit(1)
    qtbot.waitUntil(lambda: not dialog.work.running)
    assert dialog.folder is not None
    assert dialog.folder.path == tmp_path / "b"
    assert memory.settings.recent_courses[0] == str(tmp_path / "b"), "offered first the next time"


def test_a_test_is_offered_and_not_unlocked_before_it_is_chosen(
    qtbot: QtBot, session: Session, memory: Memory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_course(tmp_path / "t", PASSPHRASE)
    memory.replace(with_recent_course(memory.settings, tmp_path / "t", "owl"))
    dialog = shown_dialog(qtbot, session, memory)
    assert dialog.course.count() == 1
    assert dialog.learners == ()
    monkeypatch.setattr(QInputDialog, "getText", lambda *_a: ("", False))
    dialog.course.activated.emit(0)
    assert dialog.course.currentIndex() == -1, "no course is shown"
