"""Covering in the window: settings with their effects, and who can be recognised before anything is sent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.core.clips.clip import Clip
from app.core.clips.people_shown import PeopleShown
from app.core.clips.text_shown import TextShown
from app.core.picture_box import Box
from app.core.readers.models import reader
from app.core.readers.models.model_choice import clip_options_of
from app.core.readers.models.reading_state import Planned, Preview
from app.core.readers.models.who_is_shown import NO_TEXT
from app.core.study.edits import SetHiddenPlaces
from app.ui.dialogs.gate import GateDialog
from app.ui.dialogs.model_questions import QuestionsPage
from app.ui.dialogs.model_settings import ModelSettingsDialog
from app.ui.dialogs.preview import PreviewDialog
from app.ui.session.session import Session
from tests.ui.model_cases import (
    clips_made,
    kept_choice,
    no_vault,
    prepared,
    quick,
    recording_path,
    service,
    session,
)

__all__ = ["clips_made", "no_vault", "quick", "recording_path", "service", "session"]


def labels(widget: Any) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget)]


def shown_preview(qtbot: QtBot, session: Session, text: TextShown | None = None) -> tuple[Planned, Preview]:
    """The plan and its clips, in which a bystander was covered, and this as text."""
    prepared(qtbot, session)
    assert session.models.planned is not None
    assert session.models.prepared is not None
    preview = session.models.prepared.preview
    people = PeopleShown(4, 4, 0, 3, 1)
    clips = tuple(
        replace(clip, people=people, text=text) if clip.pictures else clip for clip in preview.clips
    )
    return session.models.planned, replace(preview, clips=clips)


BOX = Box(0.1, 0.1, 0.4, 0.2)
WORDS = (
    "Can be recognised: the face is shown in 2 of 2 picture clips.",
    "Heads were found and covered in 6 of 8 pictures. In 2 covering was not certain; all but the patient is "
    "coarse there. A head that was not found is not covered.",
    "Can be recognised, the patient's and others', in 1 sound clip (1 with a transcript).",
    NO_TEXT,
)


def test_the_gate_says_who_can_be_recognised(qtbot: QtBot, session: Session) -> None:
    planned, preview = shown_preview(qtbot, session)
    gate = GateDialog(session, planned, preview)
    qtbot.addWidget(gate)
    gate.show()
    assert set(WORDS) <= set(labels(gate))
    assert [name for name in labels(gate) if name in {"Patient", "Others", "Voices", "Text"}] == [
        "Patient",
        "Others",
        "Voices",
        "Text",
    ]
    gate.reject()


def test_the_gate_says_what_of_text_was_covered(qtbot: QtBot, session: Session) -> None:
    planned, preview = shown_preview(qtbot, session, TextShown(4, 4, 0.05))
    gate = GateDialog(session, planned, preview)
    qtbot.addWidget(gate)
    gate.show()
    words = "Looked for and covered: up to 5% of a picture in 8 of 8 pictures."
    assert f"{words} Text that was not found is not covered." in labels(gate)
    gate.reject()


def test_places_that_a_person_drew_go_along(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = session.opened.recording
    assert recording is not None
    places = {recording.picture_key: (BOX,)}
    assert session.study.apply(lambda: SetHiddenPlaces(session.study.opened(), {}, places), done="kept")
    given: list[tuple[Box, ...]] = []
    make = vars(reader)["prepare_clips"]

    def prepare(*args: Any, drawn: tuple[Box, ...], **rest: Any) -> tuple[Clip, ...]:
        given.append(drawn)
        clips: tuple[Clip, ...] = make(*args, **rest)
        return clips

    monkeypatch.setattr(reader, "prepare_clips", prepare)
    prepared(qtbot, session)
    assert given == [(BOX,)]
    session.models.chosen.choose(replace(session.models.chosen.choice, cover_text=False))
    prepared(qtbot, session)
    assert given == [(BOX,), ()]


def test_the_preview_says_the_same(qtbot: QtBot, session: Session) -> None:
    _, preview = shown_preview(qtbot, session)
    dialog = PreviewDialog(session, preview)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    assert set(WORDS) <= set(labels(dialog))
    dialog.reject()


def test_covering_is_set_with_its_effect_and_remembered(qtbot: QtBot, session: Session) -> None:
    dialog = ModelSettingsDialog(session)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    page = dialog.questions
    assert page.cover_bystanders.isChecked()
    assert not page.cover_patient.isChecked()
    assert page.cover_text.isChecked()
    text = "\n".join(label.text() for label in page.findChildren(QLabel))
    assert "Features of the face are still read from the face crop." in text
    page.cover_patient.click()
    page.cover_bystanders.click()
    assert "The model cannot read then what clocks, labels and monitors show" in text
    page.cover_text.click()
    dialog.accept()
    assert (kept_choice(session).cover_bystanders, kept_choice(session).cover_patient) == (False, True)
    options = clip_options_of(session.models.chosen.choice)
    assert (options.cover_bystanders, options.cover_patient, options.cover_text) == (False, True, False)
    again = QuestionsPage(session, kept_choice(session))
    qtbot.addWidget(again)
    assert (again.cover_bystanders.isChecked(), again.cover_patient.isChecked()) == (False, True)
    assert not again.cover_text.isChecked()


@pytest.mark.parametrize("name", ["cover_bystanders", "cover_patient", "cover_text"])
def test_a_reading_with_another_covering_is_another_reading(
    name: str, qtbot: QtBot, session: Session
) -> None:
    planned, _ = shown_preview(qtbot, session)
    plan = planned.plan
    changes: Any = {name: not getattr(plan.choice, name)}
    other = replace(plan, choice=replace(plan.choice, **changes))
    assert other.folder != plan.folder
    assert other.what["clips"] != plan.what["clips"]
