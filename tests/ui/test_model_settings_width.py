"""*Set up a model* needs no scrolling sideways, whichever provider is chosen."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.readers.models.model_choice import ModelChoice, save_choice
from app.core.readers.models.providers import PROVIDERS
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
        dialog.resize(dialog.sizeHint())
        qtbot.wait(50)
        assert dialog.connection.horizontalScrollBar().maximum() == 0
        dialog.close()
