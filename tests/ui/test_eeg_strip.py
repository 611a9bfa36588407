"""The strip above the EEG: what it chooses, and that its values are whole where it is narrow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox
from pytestqt.qtbot import QtBot

from app.core.eeg.channel_kind import ChannelKind
from app.ui.session.session import Session
from app.ui.views.eeg_panel import EegPanel
from tests.ui.shown_eeg import displayed, flat, panel_on_screen, write_made_eeg
from tests.ui.shown_session import shown_session


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with shown_session(tmp_path) as session:
        yield session


@pytest.fixture
def panel(qtbot: QtBot, session: Session, tmp_path: Path) -> Iterator[EegPanel]:
    with displayed(session, write_made_eeg(tmp_path / "flat.edf", [(0.0, flat(60))])):
        panel = panel_on_screen(qtbot, session)
        session.eeg.choose_montage("as_recorded")
        yield panel


@pytest.mark.usefixtures("themed")
def test_short_values_of_the_strip_are_whole_where_it_is_narrow(session: Session, panel: EegPanel) -> None:
    """At once, before a further turn of the event loop."""
    bar = panel.toolbar
    panel.resize(bar.minimumSizeHint().width(), 420)
    for choice in (bar.length, bar.kind, bar.sensitivity, bar.high_cut, bar.notch):
        option = QStyleOptionComboBox()
        choice.initStyleOption(option)
        field = QStyle.SubControl.SC_ComboBoxEditField
        room = choice.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, choice)
        assert choice.fontMetrics().horizontalAdvance(choice.currentText()) <= room.width()
        assert choice.currentText() in choice.toolTip()


def test_the_strip_chooses_and_shows(session: Session, panel: EegPanel) -> None:
    bar = panel.toolbar
    texts = [bar.montage.itemText(n) for n in range(bar.montage.count())]
    bar.montage.activated.emit(next(n for n, text in enumerate(texts) if text.startswith("Longitudinal")))
    assert session.eeg.keys[0].startswith("Fp1")
    for choice, text in ((bar.low_cut, "1 Hz"), (bar.high_cut, "35 Hz"), (bar.notch, "50 Hz")):
        number = [choice.itemText(n) for n in range(choice.count())].index(text)
        choice.activated.emit(number)
        assert choice.currentText() == text
    filters = session.eeg.choices.filters[ChannelKind.EEG]
    assert (filters.low_cut, filters.high_cut, filters.notch) == (1.0, 35.0, 50.0)
    assert all(one.accessibleName() for one in bar.findChildren(QComboBox))
