"""The settings of models: terms, addresses, keys, the test of the connection."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from app.commands.model_options import add_model_options
from app.core.enhance.enhancement import Enhancement
from app.core.privacy.destination import TERMS, ServiceKind
from app.core.readers.models.model_choice import ModelChoice, clip_options_of, known_capabilities
from app.core.readers.models.rate_cost import times_everywhere
from app.ui.dialogs.model_settings import ModelSettingsDialog
from app.ui.session.chosen_model import LOCAL
from app.ui.session.session import Session
from tests.loopback import Answer
from tests.loopback import Service as Loopback
from tests.ui.model_cases import (
    CANARY,
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


@pytest.fixture
def settings(qtbot: QtBot, session: Session) -> Iterator[ModelSettingsDialog]:
    dialog = ModelSettingsDialog(session)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    yield dialog
    dialog.reject()


def test_the_terms_are_told_before_anything_else(settings: ModelSettingsDialog) -> None:
    page = settings.connection
    for number, name in enumerate(("", "gemini", "vertex", "openai")):
        assert page.providers.itemData(number) == name
    page.providers.setCurrentIndex(1)
    assert TERMS[ServiceKind.GEMINI_API].text in page.terms.text()
    assert page.terms.textFormat() is Qt.TextFormat.PlainText
    page.providers.setCurrentIndex(2)
    assert "project and a location" in page.terms.text()
    page.edits["project"].setText("p")
    page.edits["location"].setText("europe-west4")
    page.edits["location"].editingFinished.emit()
    assert TERMS[ServiceKind.VERTEX_AI].text in page.terms.text()
    assert not page.key.isVisible()


def test_a_choice_is_remembered_when_saved(qtbot: QtBot, settings: ModelSettingsDialog) -> None:
    page, questions = settings.connection, settings.questions
    page.models.setEditText("other")
    questions.limit.setValue(7)
    questions.fps.setValue(1.5)
    next(iter(questions.asked.values())).setChecked(False)
    assert kept_choice(settings._session).model == "tiny-vl"
    settings.accept()
    kept = kept_choice(settings._session)
    assert (kept.model, kept.limit, kept.fps) == ("other", 7, 1.5)
    assert [one.value for one in kept.enhancements] == ["face", "sound"]
    assert settings.result() == QDialog.DialogCode.Accepted


def test_arms_and_the_set_of_the_study_are_chosen_and_kept(settings: ModelSettingsDialog) -> None:
    page = settings.questions
    assert not page.enhanced[Enhancement.POSE].isChecked(), "the picture as recorded comes first"
    assert not page.beside.isEnabled()
    page.enhanced[Enhancement.POSE].setChecked(True)
    page.beside.setChecked(True)
    page.with_picture.setChecked(False)
    page.tell_earlier.setChecked(False)
    page.prompts.setCurrentIndex(page.prompts.findData("study"))
    assert not page.mode.isEnabled(), "one feature a request"
    page.prompts.setCurrentIndex(page.prompts.findData("plain"))
    assert page.mode.isEnabled()
    settings.accept()
    kept = kept_choice(settings._session)
    assert (kept.overlay, kept.beside, kept.with_picture, kept.tell_earlier) == (True, True, False, False)
    assert clip_options_of(kept).beside
    assert not clip_options_of(replace(kept, overlay=False)).beside


def test_the_picture_goes_along_with_the_sound_only_where_it_is_asked_about(
    settings: ModelSettingsDialog,
) -> None:
    page = settings.questions
    assert page.with_picture.isEnabled()
    page.asked[Enhancement.POSE].setChecked(False)
    assert page.with_picture.isEnabled()
    page.asked[Enhancement.FACE].setChecked(False)
    assert not page.with_picture.isEnabled()


def test_local_only_again(session: Session, settings: ModelSettingsDialog) -> None:
    settings.connection.providers.setCurrentIndex(0)
    settings.accept()
    assert kept_choice(settings._session) == ModelChoice(limit=1)
    assert session.models.chosen.where == LOCAL


def test_what_is_missing_is_said_and_nothing_is_saved(settings: ModelSettingsDialog) -> None:
    settings.connection.edits["base_url"].setText("http://example.org/v1")
    settings.accept()
    assert "https://" in settings.problem.text()
    assert settings.isVisible()


def test_plain_http_is_confirmed_for_one_address(settings: ModelSettingsDialog) -> None:
    page = settings.connection
    place = page.edits["base_url"]

    def typed(address: str) -> None:
        place.setText(address)
        place.editingFinished.emit()

    assert page.private.isHidden(), "this computer needs no confirmation"
    for elsewhere in ("http://16909060/v1", "https://10.0.0.5/v1"):
        typed(elsewhere)
        assert page.private.isHidden()
    typed("http://10.0.0.5:8443/v1")
    assert page.private.isVisible()
    assert "confirm" in page.terms.text()
    settings.accept()
    assert "confirm" in settings.problem.text()
    page.private.click()
    assert TERMS[ServiceKind.OTHER_SERVER].text in page.terms.text()
    typed("http://10.0.0.6:8443/v1")
    assert page.private.isVisible()
    assert not page.private.isChecked()
    typed("http://10.0.0.5:8443/v1")
    assert page.private.isChecked()
    settings.accept()
    assert kept_choice(settings._session).private_origins == ("http://10.0.0.5:8443",)


def test_a_key_is_hidden_kept_forgotten_and_never_in_the_settings(
    qtbot: QtBot, session: Session, settings: ModelSettingsDialog, own_folders: Path, service: Loopback
) -> None:
    page = settings.connection
    assert page.key.echoMode() is QLineEdit.EchoMode.Password
    qtbot.waitUntil(lambda: "kept for this run only" in page.key_state.text())
    page.key.setText(CANARY)
    settings.accept()
    qtbot.waitUntil(lambda: not settings.isVisible())
    assert page.key.text() == ""
    host = f"127.0.0.1:{service.port}"
    key = session.models.chosen.keys.key(host)
    assert key is not None
    assert key.reveal() == CANARY
    files = [path for path in own_folders.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if CANARY.encode() in path.read_bytes()]
    page.forget.click()
    qtbot.waitUntil(lambda: "No key for" in page.key_state.text())
    assert session.models.chosen.keys.key(host) is None


def test_testing_the_connection_tells_what_the_model_takes(
    qtbot: QtBot, session: Session, settings: ModelSettingsDialog, service: Loopback
) -> None:
    def deaf(path: str, body: bytes) -> Answer | None:
        return (400, {}, b"{}") if b"input_audio" in body else None

    service.before = deaf
    settings.connection.test.click()
    qtbot.waitUntil(lambda: "Pictures" in settings.connection.found.text())
    found = settings.connection.found.text()
    assert "✓ Pictures: yes" in found
    assert "✕ Sound: no." in found
    models = settings.connection.models
    assert [models.itemText(number) for number in range(models.count())] == ["tiny-vl", "other"]
    settings.accept()
    assert known_capabilities(kept_choice(settings._session)).sound
    prepared(qtbot, session)
    assert session.models.planned is not None
    assert len(session.models.planned.left) == 2, "sound is not asked about"


def test_a_test_that_is_stopped_keeps_what_was_found_first(
    qtbot: QtBot, settings: ModelSettingsDialog, service: Loopback
) -> None:
    page = settings.connection
    lines: list[str] = []

    def stop() -> None:
        if "whole question" in page.found.text() and not lines:
            lines.append(page.found.text())
            page.test.click()

    page._session.models.chosen.trial.progressed.connect(stop)
    page.test.click()
    qtbot.waitUntil(lambda: bool(lines) and page.test.text() == "Test connection", timeout=60_000)
    assert "✓ Pictures: yes" in page.found.text()
    assert "…" not in page.found.text()
    assert settings.choice().tested == settings.choice().target


def test_a_ceiling_and_a_time_limit_are_remembered_in_the_currency_of_the_price(
    qtbot: QtBot, settings: ModelSettingsDialog
) -> None:
    price = settings.connection.price
    assert price.ceiling is None
    assert not price.most.isEnabled()
    price.limited.setChecked(True)
    price.most.setValue(2.5)
    price.own.setChecked(True)
    price.currency.setText("EUR")
    assert price.most.text().endswith("EUR")
    settings.questions.deadline.setValue(900)
    settings.accept()
    qtbot.waitUntil(lambda: not settings.isVisible())
    assert (kept_choice(settings._session).most_cost, kept_choice(settings._session).deadline) == (2.5, 900.0)


def test_a_rehearsal_asks_what_the_other_page_says(
    qtbot: QtBot, settings: ModelSettingsDialog, service: Loopback
) -> None:
    settings.questions.fps.setValue(0.5)
    settings.questions.asked[Enhancement.FACE].setChecked(False)
    settings.questions.asked[Enhancement.SOUND].setChecked(False)
    settings.connection.test.click()
    qtbot.waitUntil(lambda: "Pose, " in settings.connection.found.text(), timeout=60_000)
    assert "15 pictures" in settings.connection.found.text()
    assert "cannot be found" in settings.connection.found.text(), "the loopback counts no tokens"


def test_a_test_of_a_dead_address_ends_in_a_sentence(qtbot: QtBot, settings: ModelSettingsDialog) -> None:
    settings.connection.edits["base_url"].setText("http://127.0.0.1:9/v1")
    settings.connection.test.click()
    qtbot.waitUntil(lambda: settings.connection.found.text().startswith("✕"))


def test_what_is_missing_is_pointed_at(settings: ModelSettingsDialog) -> None:
    page = settings.connection
    page.providers.setCurrentIndex(3)
    page.edits["base_url"].clear()
    page.edits["base_url"].editingFinished.emit()
    settings.pages.setCurrentWidget(settings.doubt)
    settings.accept()
    assert settings.problem.text() == "The server's address is missing: fill in “Address”."
    assert settings.pages.currentWidget() is page
    assert settings.focusWidget() is page.edits["base_url"]
    assert page.edits["base_url"].placeholderText().startswith("e.g. ")
    page.models.setFocus()
    page.test.click()
    assert page.found.text() == page.terms.text() == "The server's address is missing: fill in “Address”."
    assert settings.focusWidget() is page.edits["base_url"]
    page.providers.setCurrentIndex(2)
    page.edits["project"].setText("p")
    settings.accept()
    assert settings.problem.text().endswith("fill in “Project” and “Location”.")
    assert settings.focusWidget() is page.edits["location"]


def test_the_cost_of_higher_rates_is_one_figure(settings: ModelSettingsDialog) -> None:
    words = " ".join(label.text() for label in settings.doubt.findChildren(QLabel))
    parser = argparse.ArgumentParser()
    add_model_options(parser)
    times = times_everywhere()
    assert 10 < times < 30
    assert f"everywhere takes {times} times." in words
    assert f"everywhere ({times} times the tokens)" in " ".join(parser.format_help().split())
