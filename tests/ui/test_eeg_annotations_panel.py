"""The panel of the EEG's annotations: listed, filtered, gone to, made part of my reading."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from pytestqt.qtbot import QtBot

from app.core.eeg.annotation_search import AnnotationKind, AnnotationList, ListedAnnotation
from app.core.eeg.displayed_file import annotations_apart
from app.core.eeg.eeg_recording import Annotation
from app.core.eeg.sync import SAME_CLOCK, Sync
from app.core.study.edits import LockReading
from app.core.study.marks import Mark, MarkKind
from app.core.study.stored_eeg import AgreedSync
from app.ui.session.session import Session
from app.ui.views.eeg_annotations import EegAnnotationsView
from app.ui.views.eeg_annotations_model import AnnotationModel
from app.ui.views.timeline import TimelineView
from tests.ui.eeg_cases import IN_SYNC, attach, write_eeg
from tests.ui.session_cases import saved
from tests.ui.shown_session import a_recording, shown_session

NOTES = (
    (10.0, "Video start"),
    (14.52, "Spasm <b>left</b>"),
    (31.0, "Photic 12 Hz"),
    (45.5, "arm \u202eraised"),
    (300.0, "far away"),
)


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path) -> Iterator[Session]:
    """A minute of recording, which begins 10 s after the EEG."""
    with shown_session(tmp_path, a_recording(tmp_path, 60.0)) as one:
        attach(qtbot, one, write_eeg(tmp_path / "night.edf", seconds=310, notes=NOTES), IN_SYNC)
        yield one


@pytest.fixture
def view(qtbot: QtBot, session: Session) -> EegAnnotationsView:
    made = EegAnnotationsView(session)
    qtbot.addWidget(made)
    made.resize(440, 400)
    made.show()
    qtbot.waitUntil(lambda: len(made.model.rows) == len(NOTES))
    return made


def texts(view: EegAnnotationsView) -> list[str]:
    return [row.text for row in view.model.rows]


def choose(view: EegAnnotationsView, number: int) -> None:
    view.table.setCurrentIndex(view.model.index(number, 0))


def test_each_row_says_both_times_and_shows_text_as_it_is(view: EegAnnotationsView) -> None:
    cells = [[view.model.index(row, column).data() for column in range(4)] for row in range(5)]
    assert cells[0] == ["00:00.0", "10:00:10", "video", "Video start"]
    assert cells[1] == ["00:04.5", "10:00:14", "seizure", "Spasm <b>left</b>"]
    assert cells[3][3] == "arm raised"
    tip = view.model.index(1, 3).data(Qt.ItemDataRole.ToolTipRole)
    assert "&lt;b&gt;" in tip


def test_text_kind_and_range_filter(qtbot: QtBot, session: Session, view: EegAnnotationsView) -> None:
    view.text.setText("ARM")
    qtbot.waitUntil(lambda: texts(view) == ["arm raised"])
    view.text.clear()
    view.kind.setCurrentText("technical")
    view.kind.activated.emit(view.kind.currentIndex())
    qtbot.waitUntil(lambda: texts(view) == ["Photic 12 Hz"])
    view.kind.setCurrentIndex(0)
    view.range.setCurrentText("in the recording")
    view.range.activated.emit(view.range.currentIndex())
    qtbot.waitUntil(lambda: len(view.model.rows) == 4)
    view.range.setCurrentText("on the page")
    view.range.activated.emit(view.range.currentIndex())
    qtbot.waitUntil(lambda: texts(view) == ["Video start", "Spasm <b>left</b>"])
    session.eeg.position.go_to(295.0)
    qtbot.waitUntil(lambda: texts(view) == ["far away"])
    view.text.setText("nothing like it")
    qtbot.waitUntil(lambda: "No annotation matches" in view.words.text())
    view.button.click()
    qtbot.waitUntil(lambda: len(view.model.rows) == len(NOTES))


def test_a_click_and_enter_go_there(qtbot: QtBot, session: Session, view: EegAnnotationsView) -> None:
    box = view.table.visualRect(view.model.index(2, 0))
    qtbot.mouseClick(view.table.viewport(), Qt.MouseButton.LeftButton, pos=middle(box))
    assert session.playback.cursor == pytest.approx(21.0)
    assert session.eeg.position.contains(31.0)
    choose(view, 4)
    qtbot.keyClick(view.table, Qt.Key.Key_Return)
    assert session.playback.cursor == pytest.approx(21.0), "there is no picture of it"
    assert session.eeg.position.contains(300.0)
    assert "outside of the recording" in session.status.line


def test_keys_make_it_part_of_my_reading_and_undo_takes_it_back(
    qtbot: QtBot, session: Session, view: EegAnnotationsView
) -> None:
    choose(view, 1)
    qtbot.keyClick(view.table, Qt.Key.Key_I, Qt.KeyboardModifier.ShiftModifier)
    choose(view, 2)
    qtbot.keyClick(view.table, Qt.Key.Key_O, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(view.table, Qt.Key.Key_P, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(view.table, Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
    mine = session.answers.my_reading
    onset, phase, end = sorted(mine.marks, key=lambda mark: (mark.seconds, mark.kind != MarkKind.PHASE))
    assert onset.kind is MarkKind.ONSET
    assert onset.seconds == pytest.approx(4.52, abs=0.05)
    assert (phase.kind, phase.label) == (MarkKind.PHASE, "Photic 12 Hz")
    assert end == Mark(MarkKind.END, phase.seconds)
    assert mine.note(session.selection.feature) == "0:21.0 Photic 12 Hz"
    for _edit in range(4):
        session.undoing.undo()
    assert session.answers.my_reading.marks == ()
    assert session.answers.my_reading.note(session.selection.feature) == ""
    saved(qtbot, session)


def test_the_menu_and_the_buttons_do_the_same(
    qtbot: QtBot, session: Session, view: EegAnnotationsView
) -> None:
    choose(view, 1)
    view.menu_of(view.model.rows[1]).actions()[0].trigger()
    assert [mark.kind for mark in session.answers.my_reading.marks] == [MarkKind.ONSET]
    session.undoing.undo()
    list(view.uses.values())[2].click()
    assert [mark.label for mark in session.answers.my_reading.marks] == ["Spasm <b>left</b>"]
    saved(qtbot, session)


def test_a_locked_reading_refuses_in_a_sentence(
    qtbot: QtBot, session: Session, view: EegAnnotationsView
) -> None:
    session.study.apply(lambda: LockReading(session.study.opened(), session.study.me))
    saved(qtbot, session)
    choose(view, 1)
    qtbot.keyClick(view.table, Qt.Key.Key_I, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: "locked" in session.status.message)
    qtbot.waitUntil(lambda: session.answers.my_reading.marks == ())
    saved(qtbot, session)


def test_it_follows_the_sync_and_goes_with_the_eeg(
    qtbot: QtBot, session: Session, view: EegAnnotationsView
) -> None:
    choose(view, 2)
    (eeg,) = session.attached_eeg.files
    session.attached_eeg.set_sync(eeg, AgreedSync(Sync(-9.0)))
    qtbot.waitUntil(lambda: view.model.rows[0].start == 1.0)
    assert view.chosen == view.model.rows[2], "what was chosen still is"
    session.attached_eeg.detach(eeg)
    qtbot.waitUntil(lambda: view.words.text() == "No EEG is attached")
    assert not view.table.isVisible()
    with qtbot.waitSignal(session.eeg.attach_wanted):
        view.button.click()
    saved(qtbot, session)


def test_more_rows_are_added_below_when_the_end_is_reached(qtbot: QtBot, view: EegAnnotationsView) -> None:
    model = AnnotationModel(view)
    rows = tuple(ListedAnnotation(float(n), None, "spike", AnnotationKind.OTHER) for n in range(1000))
    model.show(AnnotationList(rows[:100], 900), None, SAME_CLOCK)
    assert model.rowCount() == 100
    with qtbot.waitSignal(model.more_wanted):
        model.fetchMore(model.index(-1, -1))
    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.rowsInserted):
        model.show(AnnotationList(rows, 0), None, SAME_CLOCK)
    assert (model.rowCount(), model.canFetchMore(model.index(-1, -1))) == (1000, False)


def test_the_timeline_shows_them_and_says_which(qtbot: QtBot, session: Session) -> None:
    timeline = TimelineView(session)
    qtbot.addWidget(timeline)
    timeline.resize(900, 400)
    x = timeline.scale_of_time.x(4.52)
    assert "Spasm <b>left</b>" in timeline.words_at(QPointF(x, 18))
    assert "Spasm" not in timeline.words_at(QPointF(x + 40, 18))
    area = QRect(round(x) - 4, 14, 9, 7)
    with_mark = timeline.grab(area).toImage()
    session.attached_eeg.detach(session.attached_eeg.files[0])
    assert timeline.grab(area).toImage() != with_mark
    saved(qtbot, session)


def test_the_timeline_shows_where_the_page_is(qtbot: QtBot, session: Session) -> None:
    timeline = TimelineView(session)
    qtbot.addWidget(timeline)
    timeline.resize(900, 400)
    session.eeg.position.set_length(2.0)
    session.eeg.position.go_to(session.eeg.file.sync.to_eeg(1.0) if session.eeg.file else 0.0)
    image, scale = timeline.grab().toImage(), timeline.scale_of_time
    ground = image.pixelColor(round(scale.x(4.0)), 0)
    assert image.pixelColor(round(scale.x(2.0)), 0) != ground
    assert image.pixelColor(round(scale.x(0.9)), 0) == ground
    assert image.pixelColor(round(scale.x(3.1)), 0) == ground


def test_of_many_in_one_pixel_one_is_painted() -> None:
    many = [Annotation(number * 1_000_000, None, "x") for number in range(100_000)]
    shown = annotations_apart(many, 10.0, 20.0, 0.5)
    assert len(shown) == 21
    assert [one.onset for one in shown[:2]] == [10.0, 10.5]


def middle(box: QRect) -> QPoint:
    return box.center()
