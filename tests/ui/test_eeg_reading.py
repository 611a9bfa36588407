"""Reading the page in the background: nothing twice, long pages in parts, and what cannot be read is said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from pytestqt.qtbot import QtBot

from app.core.eeg import envelope_tiles
from app.core.eeg.displayed_file import DisplayedFile
from app.core.errors import UserError
from app.ui.session import eeg_pages
from app.ui.session.session import Session
from app.ui.views.eeg_panel import EegPanel
from tests.ui.shown_eeg import (
    LABELS,
    RATE,
    displayed,
    panel_on_screen,
    picture_of,
    read_whole_page,
    write_made_eeg,
)
from tests.ui.shown_session import shown_session


@dataclass(frozen=True, slots=True, eq=False)
class FaultyFile(DisplayedFile):
    """A file of which the stretches in `gone` cannot be read; `reads` are those that were asked for."""

    gone: list[tuple[float, float]] = field(default_factory=list)
    reads: list[tuple[float, float]] = field(default_factory=list)

    def read(self, numbers: Sequence[int], at: Fraction, count: int) -> tuple[npt.NDArray[np.float64], ...]:
        start, end = float(at), float(at + Fraction(count, RATE))
        self.reads.append((start, end))
        if any(start < last and first < end for first, last in self.gone):
            raise UserError("“a.edf” can no longer be read: its drive may have been disconnected.")
        return DisplayedFile.read(self, numbers, at, count)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with shown_session(tmp_path) as session:
        yield session


@pytest.fixture
def file(session: Session, tmp_path: Path) -> Iterator[FaultyFile]:
    times = np.arange(120 * RATE) / RATE
    values = np.tile(20 * np.sin(2 * np.pi * 10 * times), (len(LABELS), 1)).astype(np.float32)
    with displayed(session, write_made_eeg(tmp_path / "a.edf", [(0.0, values)])) as whole:
        session.eeg.show(None)
        faulty = FaultyFile(whole.file, whole.timeline, key="faulty")
        yield faulty


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> EegPanel:
    return panel_on_screen(qtbot, session)


def shown(qtbot: QtBot, session: Session, file: FaultyFile) -> None:
    session.eeg.show(file)
    session.eeg.position.go_to(40.0)
    read_whole_page(qtbot, session)


def at_rest(qtbot: QtBot, session: Session) -> None:
    """Wait until all that is wanted has been read, the pages beside the shown one as well."""
    pages = session.eeg.pages

    def nothing_is_left() -> bool:
        # What is beside the page is begun by a timer, after the page that is there has been painted.
        return not pages._soon.isActive() and not pages._wanted and not pages._runner.running

    qtbot.waitUntil(nothing_is_left)


def test_a_damaged_stretch_costs_itself_and_is_said(
    qtbot: QtBot, session: Session, panel: EegPanel, file: FaultyFile
) -> None:
    file.gone.append((43.0, 44.0))
    shown(qtbot, session, file)
    unread, reason = session.eeg.pages.unread()
    assert reason.startswith("“a.edf” can no longer be read")
    (start, end) = unread[0]
    assert 42 < start <= 43
    assert 44 <= end < 45.5
    assert not session.eeg.problem, "the page is shown, and the video goes on"
    picture_of(panel.page)
    assert " % of this page could not be read" in panel.toolbar.words.toolTip()
    session.eeg.position.turn(1)
    assert "could not be read" not in panel.toolbar.words.toolTip()
    session.eeg.position.turn(-1)
    _, (tile, *_) = session.eeg.pages.shown()
    assert 0.6 < np.isfinite(tile.blocks[0].values).mean() < 0.95


def test_what_could_not_be_read_is_tried_again(
    qtbot: QtBot, session: Session, panel: EegPanel, file: FaultyFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.gone.append((0.0, 120.0))
    shown(qtbot, session, file)
    assert session.eeg.pages.unread()[0]
    file.gone.clear()
    monkeypatch.setattr(eeg_pages, "_AGAIN", 0.0)

    def is_read_when_moved() -> bool:
        session.eeg.position.turn(0.001)  # more than once: a stretch may be in work since it was damaged
        return not session.eeg.pages.unread()[0]

    qtbot.waitUntil(is_read_when_moved)
    assert panel.page.isVisible()


def test_a_zoom_reads_nothing_that_is_known(
    qtbot: QtBot, session: Session, panel: EegPanel, file: FaultyFile
) -> None:
    shown(qtbot, session, file)
    at_rest(qtbot, session)
    file.reads.clear()
    session.eeg.position.set_length(5.0, 45.0)
    plan, tiles = session.eeg.pages.shown()
    assert plan is not session.eeg.pages.plan
    assert tiles, "the known samples are shown meanwhile"
    read_whole_page(qtbot, session)
    at_rest(qtbot, session)
    assert not file.reads
    assert panel.page.isVisible()


def test_a_long_page_says_what_it_shows(
    qtbot: QtBot, session: Session, panel: EegPanel, file: FaultyFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(envelope_tiles, "_MOST_EXACT", 1000)
    monkeypatch.setattr(envelope_tiles, "_MOST_SAMPLES", 8192)
    monkeypatch.setattr(envelope_tiles, "_PIECES", 16)
    shown(qtbot, session, file)
    assert "envelope" not in panel.toolbar.words.toolTip()
    session.eeg.position.set_length(60.0)
    read_whole_page(qtbot, session)
    assert "envelope, 1 s out of every 3.75 s, each run in 1 s" in panel.toolbar.words.toolTip()


def test_tiles_come_prepared_for_the_width_of_the_page(
    qtbot: QtBot, session: Session, panel: EegPanel, file: FaultyFile
) -> None:
    shown(qtbot, session, file)

    def prepared_for(columns: int) -> bool:
        _, tiles = session.eeg.pages.shown()
        return all(tile.columns is not None and tile.columns.low.shape[1] == columns for tile in tiles)

    assert prepared_for(round(panel.page.canvas().plot.width()))
    before = picture_of(panel.page)
    panel.resize(700, 420)
    qtbot.waitUntil(lambda: prepared_for(round(panel.page.canvas().plot.width())))
    assert picture_of(panel.page) != before


def test_of_long_pages_only_what_is_looked_at_is_read(
    qtbot: QtBot, session: Session, panel: EegPanel, file: FaultyFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(envelope_tiles, "_MOST_EXACT", 1000)
    shown(qtbot, session, file)
    page = session.eeg.position
    at_rest(qtbot, session)
    file.reads.clear()
    page.turn(1)
    read_whole_page(qtbot, session)
    at_rest(qtbot, session)
    assert file.reads, "the page that is turned to was not read ahead"
    assert all(page.start - 5 < start and end < page.end + 5 for start, end in file.reads)
    assert panel.page.isVisible()
