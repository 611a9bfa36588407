"""Fitting the waves to their rows: by a key, once for a file whose rows would overlap, kept for that file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.core.eeg.channel_kind import ChannelKind
from app.core.eeg.display_choices import file_choices_from_dict, file_choices_to_dict
from app.core.eeg.page_scale import DEFAULT_SENSITIVITY
from app.ui.session.session import Session
from app.ui.views import eeg_overlay
from tests.ui.shown_eeg import LABELS, RATE, displayed, panel_on_screen, read_whole_page, write_made_eeg
from tests.ui.shown_session import shown_session

USUAL = DEFAULT_SENSITIVITY[ChannelKind.EEG]


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with shown_session(tmp_path) as session:
        yield session


def waves(path: Path, microvolts: float) -> Path:
    """A minute of 10 Hz in every channel."""
    times = np.arange(60 * RATE) / RATE
    values = microvolts * np.sin(2 * np.pi * 10 * times + np.arange(len(LABELS))[:, None])
    return write_made_eeg(path, [(0.0, values.astype(np.float32))])


def test_large_waves_are_made_smaller_once_for_their_file(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    panel = panel_on_screen(qtbot, session)
    with displayed(session, waves(tmp_path / "large.edf", 400.0)):
        read_whole_page(qtbot, session)
        qtbot.waitUntil(lambda: session.eeg.sensitivities()[0] > USUAL)
        fitted = session.eeg.sensitivities()[0]
        assert panel.toolbar.sensitivity.currentText() == f"{fitted:g} µV/mm"
        assert session.eeg.choices.sensitivity[ChannelKind.EEG] == USUAL, "other files keep theirs"
        session.eeg.set_sensitivity(2.0)
        session.eeg.position.turn(1)
        read_whole_page(qtbot, session)
        assert session.eeg.sensitivities()[0] == 2.0, "a person's choice stays"
        kept = file_choices_to_dict(session.eeg.of_file)
    assert file_choices_from_dict(kept).sensitivity[ChannelKind.EEG] == 2.0
    with displayed(session, waves(tmp_path / "again.edf", 400.0)):
        session.eeg.recall_file(kept)
        read_whole_page(qtbot, session)
        assert session.eeg.sensitivities()[0] == 2.0


def test_an_unknown_unit_is_said_alike_wherever_a_size_is_shown(
    qtbot: QtBot, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bars: list[str] = []

    def paint(*given: Any) -> float:
        bars.append(given[-1])
        return float(given[2].right())

    monkeypatch.setattr(eeg_overlay, "paint_scale_bar", paint)
    panel = panel_on_screen(qtbot, session)
    times = np.arange(60 * RATE) / RATE
    values = np.sin(2 * np.pi * times)[None, :].astype(np.float32) * 900
    path = write_made_eeg(tmp_path / "flow.edf", [(0.0, values)], labels=["Flow"], unit="n/a")
    with displayed(session, path):
        session.eeg.position.turn(3)  # where its filters have settled
        read_whole_page(qtbot, session)
        panel.fit.fit()
        size = session.eeg.sensitivities()[0]
        assert session.status.line.endswith(f" {size:g} units/mm (unit unknown)")
        sensitivity = panel.toolbar.sensitivity
        assert sensitivity.currentText() == f"{size:g} units/mm"
        assert sensitivity.toolTip() == f"Sensitivity: {size:g} units/mm (unit unknown)"
        panel.page.grab()
        assert set(bars) == {"units"}
        row = session.eeg.keys[0]
        session.eeg.choose_row(row)
        session.eeg_selection.drag(31.0, 33.0, row)
        (amplitude,) = [one for one in eeg_overlay._measures(session.eeg_selection) if "peak" in one]
        assert amplitude.endswith(" units peak to peak (unit unknown)")


def test_large_waves_are_made_smaller_where_the_panel_is_made_for_their_file(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    with displayed(session, waves(tmp_path / "large.edf", 400.0)):
        panel = panel_on_screen(qtbot, session)
        read_whole_page(qtbot, session)
        qtbot.waitUntil(lambda: session.eeg.sensitivities()[0] > USUAL)
        assert panel.toolbar.sensitivity.currentText() == f"{session.eeg.sensitivities()[0]:g} µV/mm"


def test_large_waves_are_made_smaller_where_all_was_read_before_the_panel_is_made(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    with displayed(session, waves(tmp_path / "large.edf", 400.0)):
        read_whole_page(qtbot, session)
        assert session.eeg.sensitivities()[0] == USUAL
        panel = panel_on_screen(qtbot, session)
        qtbot.waitUntil(lambda: session.eeg.sensitivities()[0] > USUAL)
        assert panel.toolbar.sensitivity.currentText() == f"{session.eeg.sensitivities()[0]:g} µV/mm"


def test_large_waves_are_made_smaller_where_all_was_read_while_the_panel_was_hidden(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    panel = panel_on_screen(qtbot, session)
    with displayed(session, waves(tmp_path / "small.edf", 10.0)):
        read_whole_page(qtbot, session)
        panel.page.grab()
        panel.hide()
    with displayed(session, waves(tmp_path / "large.edf", 400.0)):
        read_whole_page(qtbot, session)
        qtbot.wait(50)
        assert session.eeg.sensitivities()[0] == USUAL
        panel.show()
        qtbot.waitUntil(lambda: session.eeg.sensitivities()[0] > USUAL)


def test_small_waves_stay_until_they_are_fitted(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    panel = panel_on_screen(qtbot, session)
    with displayed(session, waves(tmp_path / "small.edf", 10.0)):
        read_whole_page(qtbot, session)
        assert session.eeg.sensitivities()[0] == USUAL
        panel.fit.fit()
        assert session.eeg.sensitivities()[0] < USUAL
        assert "fitted" in session.status.line


def test_a_row_with_its_own_sensitivity_follows_in_proportion(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    panel = panel_on_screen(qtbot, session)
    with displayed(session, waves(tmp_path / "own.edf", 10.0)):
        read_whole_page(qtbot, session)
        session.eeg.change_row_sensitivity(session.eeg.keys[1], -2)
        ratio = session.eeg.sensitivities()[1] / session.eeg.sensitivities()[0]
        panel.fit.fit()
        assert session.eeg.sensitivities()[1] / session.eeg.sensitivities()[0] == pytest.approx(ratio)


def test_without_waves_nothing_is_fitted(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    panel = panel_on_screen(qtbot, session)
    with displayed(session, waves(tmp_path / "flat.edf", 0.0)):
        session.eeg.set_filters(low_cut=None, high_cut=None)
        session.eeg.choose_montage("longitudinal_bipolar")
        read_whole_page(qtbot, session)
        panel.fit.fit()
        assert session.eeg.sensitivities()[0] == USUAL
