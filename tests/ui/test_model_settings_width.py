"""*Set up a model* needs no scrolling sideways, whichever provider is chosen."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from app.core.readers.models.model_choice import ModelChoice, save_choice
from app.core.readers.models.providers import PROVIDERS
from app.ui.dialogs.form import lay_out, open_at, sentence
from app.ui.dialogs.model_settings import ModelSettingsDialog
from app.ui.theme import THEMES, Mode, apply
from tests.ui.model_cases import no_vault
from tests.ui.session_cases import opened

__all__ = ["no_vault"]


@pytest.mark.parametrize("provider", [row.id for row in PROVIDERS.values() if not row.by_file])
def test_no_page_scrolls_sideways(qtbot: QtBot, provider: str) -> None:
    save_choice(ModelChoice(provider=provider, model="a-model-1"))
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    apply(application, THEMES[Mode.DARK])
    with opened(qtbot) as session:
        dialog = ModelSettingsDialog(session)
        qtbot.addWidget(dialog)
        dialog.show()
        qtbot.wait(50)
        assert dialog.connection.horizontalScrollBar().maximum() == 0
        dialog.close()


def test_the_form_opens_as_high_as_it_is_meant_to_be(qtbot: QtBot) -> None:
    """A dialog of wrapped texts opens as low as can be by itself, and at most on two thirds of a screen."""
    dialog = QDialog()
    qtbot.addWidget(dialog)
    lay_out(dialog, sentence("A sentence. " * 20))
    room = dialog.screen().availableSize()
    open_at(dialog, QSize(500, room.height()))
    dialog.show()
    assert dialog.height() > 0.9 * room.height() - 48
    assert dialog.height() < room.height()


def test_the_list_of_models_shows_their_whole_names(qtbot: QtBot) -> None:
    name = "a-department/a-model-with-a-very-long-name-of-which-only-the-end-differs-instruct-awq-int4-v2"
    save_choice(ModelChoice(provider="openai", model="a-model-1"))
    with opened(qtbot) as session:
        dialog = ModelSettingsDialog(session)
        qtbot.addWidget(dialog)
        dialog.show()
        models = dialog.connection.models
        models.addItems([name])
        models.showPopup()
        assert models.view().viewport().width() >= models.fontMetrics().horizontalAdvance(name)
        models.hidePopup()
        models.setCurrentIndex(models.findText(name))
        assert models.cuts, "so its tip says it"
        dialog.close()


@pytest.mark.parametrize("mode", THEMES, ids=[mode.value for mode in THEMES])
def test_the_list_of_providers_shows_each_of_them(qtbot: QtBot, mode: Mode) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    apply(application, THEMES[mode])
    with opened(qtbot) as session:
        dialog = ModelSettingsDialog(session)
        qtbot.addWidget(dialog)
        dialog.move(0, 0)
        dialog.show()
        providers = dialog.connection.providers
        for current in range(providers.count()):
            providers.setCurrentIndex(current)
            providers.showPopup()
            rows, room = providers.view(), providers.view().viewport().rect()
            seen = [rows.visualRect(rows.model().index(row, 0)) for row in range(providers.count())]
            assert all(room.contains(one.center()) and room.bottom() >= one.bottom() for one in seen)
            top = rows.mapToGlobal(rows.rect().topLeft()).y()
            assert top > providers.mapToGlobal(providers.rect().center()).y(), "it stands below its field"
            providers.hidePopup()
        dialog.close()
