"""What part of the recording a model reads, chosen before anything is made or sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.core.enhance.enhancement import Enhancement
from app.core.readers.models.reading_range import RangeKind
from app.core.readers.models.reading_stage import ReadingStage
from app.core.recording.presentation import Orientation
from app.core.semiology import Span
from app.ui.dialogs.run_plan import RunPlanDialog
from app.ui.session.session import Session
from tests.ui.model_cases import (
    clips_made,
    kept_choice,
    no_vault,
    quick,
    recording_path,
    service,
    session,
)

__all__ = ["clips_made", "no_vault", "quick", "recording_path", "service", "session"]


@pytest.fixture
def dialog(qtbot: QtBot, session: Session) -> Iterator[RunPlanDialog]:
    made = RunPlanDialog(session)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(made)
    made.show()
    yield made
    made.reject()


def is_ready(session: Session) -> bool:
    return session.models.stage is ReadingStage.READY


def choose(dialog: RunPlanDialog, kind: RangeKind) -> None:
    """As a person does with the mouse."""
    number = dialog.part.kind.findData(kind.value)
    dialog.part.kind.setCurrentIndex(number)
    dialog.part.kind.activated.emit(number)


def planned_span(session: Session) -> Span | None:
    assert session.models.planned is not None
    return session.models.planned.plan.part.within


def test_the_fields_of_a_part_leave_each_other_room(qtbot: QtBot, dialog: RunPlanDialog) -> None:
    part = dialog.part
    for kind in RangeKind:
        choose(dialog, kind)
        qtbot.waitUntil(lambda: part.kind.width() == part.width())
    for field in (part.start, part.end):
        assert field.width() > field.fontMetrics().horizontalAdvance("12:34:56.789") + 12


def test_a_span_is_read_of_this_recording_alone(
    qtbot: QtBot, session: Session, dialog: RunPlanDialog
) -> None:
    qtbot.waitUntil(lambda: is_ready(session))
    assert planned_span(session) is None
    dialog.part.start.setText("0:00.5")
    dialog.part.end.setText("0:01.5")
    choose(dialog, RangeKind.SPAN)
    qtbot.waitUntil(lambda: is_ready(session) and planned_span(session) == Span(0.5, 1.5))
    assert kept_choice(session).range == "whole", "another recording is read whole"
    assert session.models.part.span == Span(0.5, 1.5)
    choose(dialog, RangeKind.WHOLE)
    qtbot.waitUntil(lambda: is_ready(session) and planned_span(session) is None)


@pytest.mark.parametrize(("start", "end"), [("", "0:01"), ("x", "y"), ("0:01", "0:00"), ("9:00", "9:30")])
def test_what_is_no_span_is_said_and_changes_nothing(
    qtbot: QtBot, session: Session, dialog: RunPlanDialog, start: str, end: str
) -> None:
    qtbot.waitUntil(lambda: is_ready(session))
    dialog.part.start.setText(start)
    dialog.part.end.setText(end)
    choose(dialog, RangeKind.SPAN)
    assert "two times of the recording" in dialog.part.problem.text()
    assert session.models.part.span is None


def test_the_event_needs_an_onset_and_the_choice_is_remembered(
    qtbot: QtBot, session: Session, dialog: RunPlanDialog
) -> None:
    qtbot.waitUntil(lambda: is_ready(session))
    assert not dialog.part.tell_event.isEnabled(), "nothing is marked"
    choose(dialog, RangeKind.EVENT)
    qtbot.waitUntil(lambda: "onset is not marked" in dialog.work.text())
    assert kept_choice(session).range == "event:10"
    assert not dialog.ask.isEnabled()


def test_only_my_onset_and_end_are_told_and_only_when_i_say_so(qtbot: QtBot, session: Session) -> None:
    session.labels.marks.set("onset", 0.5)
    session.labels.marks.add_phase(1.0, "canary")
    qtbot.waitUntil(lambda: session.models.part.marked.onset is not None)
    dialog = RunPlanDialog(session)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: is_ready(session))
    prepared = session.models.prepared
    assert prepared is not None
    assert not any("The event begins" in text for text in prepared.preview.questions.values())
    dialog.part.tell_event.click()
    qtbot.waitUntil(lambda: is_ready(session) and session.models.prepared is not prepared)
    assert session.models.prepared is not None
    told = session.models.prepared.preview.questions
    assert all("The event begins" in text for text in told.values())
    assert not any("canary" in text for text in told.values())
    assert kept_choice(session).tell_event
    dialog.reject()


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ((Enhancement.FACE, Enhancement.SOUND), {"0000-face", "0000-sound", "0000-pose"}),
        ((Enhancement.SOUND,), {"0000-sound"}),
    ],
    ids=["the face is asked about", "nothing of the picture is asked about"],
)
def test_the_picture_that_goes_along_with_the_sound_is_shown_before_it_is_sent(
    qtbot: QtBot, session: Session, asked: tuple[Enhancement, ...], shown: set[str]
) -> None:
    choice = replace(session.models.chosen.choice, model="Qwen2.5-Omni-7B", enhancements=asked)
    session.models.chosen.choose(choice)
    session.models.prepare()
    qtbot.waitUntil(lambda: is_ready(session))
    prepared = session.models.prepared
    assert prepared is not None
    assert {clip.name for clip in prepared.preview.clips} == shown
    assert ("who speaks" in prepared.preview.questions["0000-sound"]) is ("0000-pose" in shown)
    session.models.forget_plan()


def test_the_view_that_a_person_corrected_is_told(qtbot: QtBot, session: Session) -> None:
    look = session.picture.presentation
    session.picture.present(replace(look, orientation=Orientation(1, mirrored=True)))
    session.models.prepare()
    qtbot.waitUntil(lambda: is_ready(session))
    assert session.models.prepared is not None
    told = session.models.prepared.preview.questions["0000-pose"]
    assert "mirrored" in told
    assert "at the left edge" in told
    session.models.forget_plan()


def test_a_long_reading_says_what_it_costs_first(
    qtbot: QtBot, session: Session, clips_made: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.core.readers.models.run_phrases.MANY_REQUESTS", 2)
    dialog = RunPlanDialog(session)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: session.models.cost_unaccepted)
    assert clips_made == [], "nothing is made"
    assert "long reading" in dialog.work.text()
    assert dialog.ask.text() == "Make the clips"
    assert "requests" in dialog._values[0].text()
    dialog.ask.click()
    qtbot.waitUntil(lambda: is_ready(session))
    assert not session.models.cost_unaccepted
    assert len(clips_made) == 1
    assert dialog.ask.text() == "Ask…"
    dialog.reject()
