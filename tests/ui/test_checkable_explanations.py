"""Explanations that can be checked: sentences that play what the model saw, and the sheet beside a rating."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.core.agreement.faithfulness_sheet import sheet_questions
from app.core.enhance.enhancement import Enhancement
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.reading_state import SegmentLine
from app.core.same_names import person_key
from app.core.semiology import FEATURES, Answer, ConfidenceKind, Presence, Span
from app.core.study.rating import Particular, Rating, make_sheet
from app.ui.commands.model_commands import ModelDialogs
from app.ui.dialogs.model_doubt import DoubtPage
from app.ui.dialogs.preview import PreviewDialog, PreviewPanel
from app.ui.session.session import Session
from app.ui.views.explained_sentences import ExplainedSentences
from app.ui.views.rating import RatingRow
from tests.ui.model_cases import clips_made, no_vault, quick, ran, recording_path, service, session
from tests.ui.session_cases import saved

__all__ = ["clips_made", "no_vault", "quick", "recording_path", "service", "session"]

YES = Presence.YES


def line(text: str, clip: str = "0001-pose") -> SegmentLine:
    answer = Answer("clonic", YES, 80, explanation=text)
    return SegmentLine(Span(25, 55), Enhancement.POSE, True, clip, answer, True, None)


def test_a_sentence_with_a_time_plays_what_the_model_saw_then(qtbot: QtBot, session: Session) -> None:
    view = ExplainedSentences(session)
    qtbot.addWidget(view)
    view.show_lines(
        (line("The <b>left</b> arm jerks at 12.5 s. The face & neck are still."), line("Nothing."))
    )
    (button,) = view.buttons()
    assert button.words == "00:37.5  The <b>left</b> arm jerks at 12.5 s."
    button.resize(120, 24)
    view.grab()
    assert button.text().endswith("…  ▸")
    with qtbot.waitSignal(session.models.moment_wanted) as wanted:
        button.click()
    assert wanted.args == ["0001-pose", 37.5]
    view.show_lines((line("It jerks at 2 s.", clip=""),))
    (button,) = view.buttons()
    assert not button.isEnabled()
    view.show_lines((line("It jerks."),))
    assert view.isHidden()
    assert view.buttons() == []


def test_a_moment_is_played_with_the_pictures_that_the_model_saw(qtbot: QtBot, session: Session) -> None:
    ran(qtbot, session)
    qtbot.waitUntil(lambda: session.models.saw.preview is not None)
    preview = session.models.saw.preview
    assert preview is not None
    panel = PreviewPanel(session, preview)
    qtbot.addWidget(panel)
    panel.show()
    clip = preview.clips[0]
    panel.show_clip(clip.name, clip.span.start + 0.5)
    qtbot.waitUntil(lambda: panel.position >= 0.5)
    assert "px" in panel.time.text()
    assert f"{clip.fps:g} a second" in panel.time.text()
    panel.close_panel()


def kept(session: Session) -> list[Rating]:
    return [one.rating for one in session.answers.my_reading.ratings]


def test_the_sheet_is_kept_with_the_rating(qtbot: QtBot, session: Session) -> None:
    ran(qtbot, session)
    session.selection.select("clonic")
    row = RatingRow(session)
    qtbot.addWidget(row)
    side, rhythm = (row.sheet.buttons[one] for one in (Particular.SIDE, Particular.RHYTHM))
    assert row.sheet.buttons[Particular.SUSTAINED].isHidden()
    side.click()
    assert session.ratings.sheet == make_sheet({Particular.SIDE: True})
    assert kept(session) == []
    row.buttons[4].click()
    assert kept(session) == [Rating(4, "", ((Particular.SIDE, True),))]
    rhythm.click()
    rhythm.click()
    both = make_sheet({Particular.SIDE: True, Particular.RHYTHM: False})
    assert kept(session) == [Rating(4, "", both)]
    assert row.sheet.words.text() == "1 of 2 hold"
    row.buttons[2].click()
    assert kept(session) == [Rating(2, "", both)]
    row.buttons[2].click()
    assert kept(session) == []
    assert session.ratings.sheet == both, "it stays while the program runs"
    rhythm.click()
    assert rhythm.text() == "Rhythm?"


def test_every_feature_has_the_questions_that_fit_it() -> None:
    asked = {feature.id: {one.particular for one in sheet_questions(feature.id)} for feature in FEATURES}
    assert asked["clonic"] == {Particular.PART, Particular.SIDE, Particular.RHYTHM}
    assert asked["tonic"] == {Particular.PART, Particular.SIDE, Particular.SUSTAINED}
    assert asked["verbal_responsiveness"] == set()


def test_doubt_is_chosen_on_a_page(qtbot: QtBot, session: Session) -> None:
    choice = ModelChoice(
        confidence=ConfidenceKind.REPEATS, times_asked=7, merging="3 segments", wordings=("plain",)
    )
    page = DoubtPage(session, choice)
    qtbot.addWidget(page)
    assert page.filled(ModelChoice()) == choice
    page.confidence.setCurrentIndex(page.confidence.findData("tokens"))
    assert not page.times_asked.isEnabled()
    page.rule.setCurrentIndex(page.rule.findData("sure"))
    page.amount.setValue(80)
    assert page.filled(ModelChoice()).merging == "confidence 80"
    page.rule.setCurrentIndex(page.rule.findData("any"))
    assert page.amount.isHidden()
    assert page.filled(ModelChoice(prompts="plain")).wordings == ()


def test_a_click_opens_the_clip_at_its_moment(qtbot: QtBot, session: Session) -> None:
    ran(qtbot, session)
    qtbot.waitUntil(lambda: session.models.saw.preview is not None)
    preview = session.models.saw.preview
    assert preview is not None
    window = QWidget()
    qtbot.addWidget(window)
    dialogs = ModelDialogs(window, session)
    clip = preview.clips[0]
    session.models.moment_wanted.emit(clip.name, clip.span.start + 0.5)
    (dialog,) = window.findChildren(PreviewDialog)
    assert dialog.panel.clips.currentRow() == 0
    qtbot.waitUntil(lambda: dialog.panel.position >= 0.5)
    session.models.moment_wanted.emit("gone", 1.0)
    assert dialog.isVisible(), "a clip that is gone opens nothing"
    dialogs.close()


def test_another_spelling_of_a_name_is_the_same_reader(qtbot: QtBot, session: Session) -> None:
    assert session.readers.become("Ben")
    assert session.readers.become("Bo")
    assert session.readers.become("ben ")
    assert session.readers.me == "Ben"
    assert len(session.readers.known) == len({person_key(name) for name in session.readers.known})


def test_what_one_rater_has_begun_is_not_anothers(qtbot: QtBot, session: Session) -> None:
    ran(qtbot, session)
    session.selection.select("clonic")
    session.ratings.answer_sheet(Particular.SIDE, holds=True)
    first = session.readers.me
    assert session.readers.become("Ben")
    saved(qtbot, session)
    assert session.ratings.sheet == ()
    assert session.readers.become(first)
    saved(qtbot, session)
    assert session.ratings.sheet == make_sheet({Particular.SIDE: True})
