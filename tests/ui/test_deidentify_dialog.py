"""The dialog of de-identified clips: nothing has a name before the sheet was confirmed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from app.core.atomic import has_unfinished
from app.core.deidentify import prepared_clips
from app.core.deidentify.clip_choice import choice_from_dict
from app.core.picture_box import Box
from app.core.privacy.ledger import Ledger
from app.core.semiology import Presence, Span
from app.core.study.edits import SetHiddenPlaces
from app.core.study.hidden_places import PREFIX
from app.ui.dialogs.deidentify import FEATURES, NAME, RANGE, SEIZURE, DeidentifyDialog
from app.ui.memory import Memory
from app.ui.session.session import Session
from tests.core.deidentified_cases import make_clips
from tests.ui.deidentify_cases import dialog_of, memory, session
from tests.ui.session_cases import opened, quick, recording_path, saved, stored

__all__ = ["memory", "quick", "recording_path", "session"]


def prepared(qtbot: QtBot, dialog: DeidentifyDialog, out: Path) -> Any:
    """Make the clips; the dialog that shows their sheets."""
    span = dialog.chosen_span()
    assert span is not None
    dialog.write_to(out, span)
    qtbot.waitUntil(lambda: dialog.check is not None and dialog.check.isVisible())
    return dialog.check


def jobs_noted(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The jobs of the process that makes clips, which works as before."""
    jobs: list[Any] = []

    def note(module: str, job: Any, **rest: Any) -> bytes:
        jobs.append(job)
        return make_clips(module, job, **rest)

    monkeypatch.setattr(prepared_clips, "run_process", note)
    return jobs


def rows(session: Session) -> list[str]:
    assert session.study.folder is not None
    return [entry.outcome for entry in Ledger(session.study.folder).entries()]


def test_a_clip_is_kept_when_its_sheet_was_confirmed(
    qtbot: QtBot, session: Session, memory: Memory, tmp_path: Path
) -> None:
    dialog, out = dialog_of(qtbot, session, memory), tmp_path / NAME
    check = prepared(qtbot, dialog, out)
    assert not out.exists()
    assert rows(session) == []
    assert not check.sheet.pixmap().isNull()
    qtbot.waitUntil(check.keep.isEnabled)
    check.keep.click()
    qtbot.waitUntil(out.exists)
    qtbot.waitUntil(lambda: not dialog.work.running)
    assert "Written" in dialog.outcome.text()
    assert rows(session) == ["written"]
    assert not has_unfinished(tmp_path)


@pytest.mark.parametrize("how", ["discard", "close"])
def test_a_clip_that_is_not_confirmed_is_gone(
    qtbot: QtBot, session: Session, memory: Memory, tmp_path: Path, how: str
) -> None:
    dialog, out = dialog_of(qtbot, session, memory), tmp_path / NAME
    check = prepared(qtbot, dialog, out)
    {"discard": check.discard.click, "close": dialog.close}[how]()
    assert not out.exists()
    assert not has_unfinished(tmp_path)
    assert rows(session) == []


def test_places_that_were_drawn_are_covered_and_in_the_ledger(
    qtbot: QtBot, session: Session, memory: Memory, tmp_path: Path
) -> None:
    qtbot.waitUntil(lambda: session.playback.image is not None)
    dialog = dialog_of(qtbot, session, memory)
    assert not dialog.drawing.remove.isEnabled()
    middle = dialog.drawing.places.rect().center()
    qtbot.mousePress(dialog.drawing.places, Qt.MouseButton.LeftButton, pos=middle)
    qtbot.mouseRelease(dialog.drawing.places, Qt.MouseButton.LeftButton, pos=middle + QPoint(60, 40))
    assert "1 place that you drew" in dialog.drawing.drawn.text()
    assert dialog.drawing.remove.isEnabled()
    check = prepared(qtbot, dialog, tmp_path / NAME)
    qtbot.waitUntil(check.keep.isEnabled)
    check.keep.click()
    qtbot.waitUntil(lambda: rows(session) == ["written"])
    assert session.study.folder is not None
    [entry] = Ledger(session.study.folder).entries()
    assert "also covered: 50,50–" in entry.sending.deidentification


def test_below_the_raw_picture_stands_that_faces_are_covered_later(
    qtbot: QtBot, session: Session, memory: Memory
) -> None:
    dialog = dialog_of(qtbot, session, memory)
    about, picture = dialog.drawing.about, dialog.drawing.places
    assert about.text().endswith("faces and text are covered when the clip is made.")
    qtbot.waitUntil(lambda: about.isVisible() and about.y() >= picture.y() + picture.height())
    assert about.height() >= about.heightForWidth(about.width()), "it is not cut"


def draw(qtbot: QtBot, dialog: DeidentifyDialog) -> None:
    places = dialog.drawing.places
    middle = places.rect().center()
    qtbot.mousePress(places, Qt.MouseButton.LeftButton, pos=middle)
    qtbot.mouseRelease(places, Qt.MouseButton.LeftButton, pos=middle + QPoint(60, 40))


def test_places_are_remembered_with_the_recording_and_undone_in_the_next_dialog(
    qtbot: QtBot, session: Session, memory: Memory
) -> None:
    qtbot.waitUntil(lambda: session.playback.image is not None)
    dialog = dialog_of(qtbot, session, memory)
    draw(qtbot, dialog)
    draw(qtbot, dialog)
    drawn = dialog.drawing.places.places
    dialog.close()
    again = dialog_of(qtbot, session, memory)
    assert again.drawing.places.places == drawn
    assert "2 places" in again.drawing.drawn.text()
    again.activateWindow()
    again.drawing.slider.setFocus()
    qtbot.waitUntil(again.drawing.slider.hasFocus)
    qtbot.keyClick(again.drawing.slider, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert again.drawing.places.places == drawn[:1]
    again.drawing.undo.click()
    assert again.drawing.places.places == ()
    assert not again.drawing.undo.isEnabled()


def test_places_stand_in_the_study_as_one_change_that_the_window_undoes(
    qtbot: QtBot, session: Session, memory: Memory
) -> None:
    qtbot.waitUntil(lambda: session.playback.image is not None)
    recording = session.opened.recording
    assert recording is not None
    dialog = dialog_of(qtbot, session, memory)
    draw(qtbot, dialog)
    draw(qtbot, dialog)
    drawn = dialog.drawing.places.places
    dialog.close()
    saved(qtbot, session)
    with stored(session) as study:
        assert study.hidden_places(1) == {recording.picture_key: drawn}
        assert [row.subject for row in study.history(viewer=None)].count("hidden_places") == 1
        assert study.verify_history() == ()
    session.undoing.undo()
    saved(qtbot, session)
    assert session.study.content.hidden_places == {}
    again = dialog_of(qtbot, session, memory)
    assert again.drawing.places.places == ()
    again.close()
    session.undoing.redo()
    saved(qtbot, session)
    last = dialog_of(qtbot, session, memory)
    assert last.drawing.places.places == drawn


def test_a_window_that_cannot_write_covers_what_the_study_keeps(
    qtbot: QtBot, session: Session, memory: Memory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = session.opened.recording
    assert recording is not None
    place, further = Box(0.1, 0.2, 0.3, 0.4), Box(0.5, 0.5, 0.9, 0.9)
    places = {recording.picture_key: (place,), "mirrored": (further, place)}
    session.study.apply(lambda: SetHiddenPlaces(session.study.opened(), {}, places))
    saved(qtbot, session)
    jobs = jobs_noted(monkeypatch)
    with opened(qtbot, recording.path) as second:
        assert second.study.read_only
        dialog = dialog_of(qtbot, second, memory)
        assert dialog.drawing.places.places == (place,)
        assert "on another picture of this recording, and not covered: 2." in dialog.drawing.drawn.text()
        folder = second.study.folder
        second.picture.drawn_covers.of(folder, recording, (place,), can_keep=False).add(further)
        prepared(qtbot, dialog, tmp_path / NAME)
        assert choice_from_dict(jobs[0]["choice"]).covers == (place, further)
        dialog.close()
        assert dialog_of(qtbot, second, memory).drawing.places.places == (place, further)


def test_a_place_that_somebody_else_adds_is_covered_and_stays(
    qtbot: QtBot, session: Session, memory: Memory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is added while the dialog is open, in which nothing is drawn at first."""
    recording = session.opened.recording
    assert recording is not None
    place, further, mine = Box(0.1, 0.2, 0.3, 0.4), Box(0.5, 0.5, 0.9, 0.9), Box(0.0, 0.0, 0.1, 0.1)
    number, key = session.study.opened(), recording.picture_key
    session.study.apply(lambda: SetHiddenPlaces(number, {}, {key: (place,)}))
    saved(qtbot, session)
    jobs: list[Any] = []

    def note(module: str, job: Any, **rest: Any) -> bytes:
        jobs.append(job)
        return make_clips(module, job, **rest)

    monkeypatch.setattr(prepared_clips, "run_process", note)
    dialog = dialog_of(qtbot, session, memory)
    added = SetHiddenPlaces(number, {key: (place,)}, {key: (place, further)})
    session.study.apply(lambda: added)
    saved(qtbot, session)
    prepared(qtbot, dialog, tmp_path / NAME)
    assert choice_from_dict(jobs[0]["choice"]).covers == (place, further)
    dialog.close()
    saved(qtbot, session)
    with stored(session) as study:
        assert study.hidden_places(number) == {key: (place, further)}

    again = dialog_of(qtbot, session, memory)
    session.study.apply(lambda: SetHiddenPlaces(number, added.after, added.before))
    saved(qtbot, session)
    again.drawing.places._covers.add(mine)
    again.close()
    saved(qtbot, session)
    with stored(session) as study:
        assert study.hidden_places(number) == added.before, "the change of another is not written over"


def test_a_place_that_was_taken_away_is_not_covered(
    qtbot: QtBot, session: Session, memory: Memory, tmp_path: Path
) -> None:
    recording = session.opened.recording
    assert recording is not None
    places = {recording.picture_key: (Box(0.1, 0.2, 0.3, 0.4),)}
    session.study.apply(lambda: SetHiddenPlaces(session.study.opened(), {}, places))
    saved(qtbot, session)
    dialog = dialog_of(qtbot, session, memory)
    dialog.drawing.remove.click()
    check = prepared(qtbot, dialog, tmp_path / NAME)
    qtbot.waitUntil(check.keep.isEnabled)
    check.keep.click()
    qtbot.waitUntil(lambda: rows(session) == ["written"])
    assert session.study.folder is not None
    [entry] = Ledger(session.study.folder).entries()
    assert "also covered" not in entry.sending.deidentification


def test_a_place_that_somebody_takes_away_meanwhile_is_covered_and_told(
    qtbot: QtBot, session: Session, memory: Memory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A window that cannot write goes on showing it."""
    recording = session.opened.recording
    assert recording is not None
    number, places = session.study.opened(), {recording.picture_key: (Box(0.1, 0.2, 0.3, 0.4),)}
    session.study.apply(lambda: SetHiddenPlaces(number, {}, places))
    saved(qtbot, session)
    jobs = jobs_noted(monkeypatch)
    with opened(qtbot, recording.path) as second:
        assert second.study.read_only
        dialog = dialog_of(qtbot, second, memory)
        check = prepared(qtbot, dialog, tmp_path / NAME)
        assert "taken out of the study" not in check.found.text()
        check.discard.click()
        session.study.apply(lambda: SetHiddenPlaces(number, places, {}))
        saved(qtbot, session)
        check = prepared(qtbot, dialog, tmp_path / NAME)
        assert choice_from_dict(jobs[1]["choice"]).covers == places[recording.picture_key]
        assert "Still covered: 1 place that somebody has taken out of the study" in check.found.text()
        check.discard.click()


def test_no_clip_is_made_without_places_that_cannot_be_read(
    qtbot: QtBot, session: Session, memory: Memory, tmp_path: Path
) -> None:
    recording, folder = session.opened.recording, session.study.folder
    assert recording is not None
    assert folder is not None
    with closing(sqlite3.connect(folder / "study.sqlite", timeout=60)) as connection:
        name = f"{PREFIX}{recording.fingerprint}"
        connection.execute("INSERT INTO settings VALUES (?, ?)", (name, '{"a": [[0, 0, 2, 1]]}'))
        connection.commit()
    dialog = dialog_of(qtbot, session, memory)
    span = dialog.chosen_span()
    assert span is not None
    dialog.write_to(tmp_path / NAME, span)
    qtbot.waitUntil(lambda: "cannot be read, so nothing was made" in dialog.outcome.text())
    assert dialog.check is None
    assert not (tmp_path / NAME).exists()


def test_the_frame_on_which_is_drawn_is_chosen_and_the_player_goes_back(
    qtbot: QtBot, session: Session, memory: Memory
) -> None:
    qtbot.waitUntil(lambda: session.playback.image is not None)
    session.playback.seek(0.4)
    dialog = dialog_of(qtbot, session, memory)
    slider = dialog.drawing.slider
    assert slider.value() == 400
    dialog.start_at.setText("0.2")
    dialog.end_at.setText("1.2")
    dialog.end_at.editingFinished.emit()
    assert (slider.minimum(), slider.maximum()) == (200, 1199)
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_End)
    assert session.playback.cursor == pytest.approx(1.199)
    assert dialog.drawing.time.text() == "00:01.199"
    dialog.close()
    assert session.playback.cursor == pytest.approx(0.4)


def test_every_sheet_has_to_be_seen(qtbot: QtBot, session: Session, memory: Memory, tmp_path: Path) -> None:
    for feature in ("tonic", "clonic"):
        session.labels.add_span(feature, Span(0.4, 0.8))
        session.answers.answer(feature, Presence.YES)
    saved(qtbot, session)
    dialog = dialog_of(qtbot, session, memory)
    dialog.stretch.setCurrentIndex(dialog.stretch.findData(FEATURES))
    check = prepared(qtbot, dialog, tmp_path / NAME)
    assert not check.keep.isVisible()
    qtbot.waitUntil(check.next.isEnabled)
    check.next.click()
    assert check.keep.isVisible()
    qtbot.waitUntil(check.keep.isEnabled)
    check.keep.click()
    qtbot.waitUntil(lambda: len(rows(session)) == 2 and not dialog.work.running)
    assert {path.name for path in tmp_path.glob("de-*")} == {
        "de-identified clip-tonic.mp4",
        "de-identified clip-clonic.mp4",
    }


def test_without_an_onset_there_is_a_sentence(
    qtbot: QtBot, session: Session, memory: Memory, tmp_path: Path
) -> None:
    dialog = dialog_of(qtbot, session, memory)
    dialog.stretch.setCurrentIndex(dialog.stretch.findData(SEIZURE))
    dialog.write_to(tmp_path / NAME, Span(0.0, 1.0))
    qtbot.waitUntil(lambda: "onset" in dialog.outcome.text())
    assert not has_unfinished(tmp_path)


def test_a_range_is_checked_where_it_is_typed(qtbot: QtBot, session: Session, memory: Memory) -> None:
    dialog = dialog_of(qtbot, session, memory)
    assert dialog.chosen_span() is not None
    for start, end, said in (
        ("x", "1", "not times"),
        ("1", "0:01", "nothing between"),
        ("9", "99", "ends at"),
    ):
        dialog.start_at.setText(start)
        dialog.end_at.setText(end)
        assert dialog.chosen_span() is None
        assert said in dialog.outcome.text()


def test_choices_are_remembered_and_the_name_says_nothing(
    qtbot: QtBot, session: Session, memory: Memory, tmp_path: Path
) -> None:
    dialog = DeidentifyDialog(session, memory)
    qtbot.addWidget(dialog)
    dialog.voice.setCurrentIndex(dialog.voice.findData("shift"))
    assert "shifted back" in dialog.about.text()
    prepared(qtbot, dialog, tmp_path / NAME).discard.click()
    again = DeidentifyDialog(session, memory)
    qtbot.addWidget(again)
    assert again.voice.currentData() == "shift"
    assert again.stretch.currentData() == RANGE
    assert session.opened.recording is not None
    assert Path(session.opened.recording.name).stem not in NAME
