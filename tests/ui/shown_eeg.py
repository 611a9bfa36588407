"""A session that shows a made recording with a made EEG, and the panel on the screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from app.core.eeg.displayed_file import DisplayedFile
from app.core.eeg.edf_writing import WrittenAnnotation, WrittenChannel, WrittenStretch, write_edf
from app.core.eeg.eeg_file import open_eeg
from app.core.eeg.record_scan import read_recording
from app.core.eeg.sync import SAME_CLOCK, Sync
from app.ui.session.session import Session
from app.ui.views.eeg_page import EegPageView
from app.ui.views.eeg_panel import EegPanel

RATE = 256
BEGAN = datetime(2026, 3, 2, 14, 3, 22)  # noqa: DTZ001 - EDF has local times
LABELS = tuple(f"EEG {name}-REF" for name in ("Fp1", "F3", "C3", "P3", "O1", "Fp2", "F4", "C4", "P4", "O2"))


def flat(seconds: float, channels: int = len(LABELS)) -> npt.NDArray[np.float32]:
    """Nothing at all in every channel."""
    return np.zeros((channels, round(seconds * RATE)), np.float32)


def write_made_eeg(
    path: Path,
    parts: Sequence[tuple[float, npt.NDArray[Any]]],
    *,
    labels: Sequence[str] = LABELS,
    notes: Sequence[WrittenAnnotation] = (),
    unit: str = "uV",
) -> Path:
    """Write stretches (start in seconds, values) as EDF+."""
    channels = [WrittenChannel(label, Fraction(RATE), unit) for label in labels]
    stretches = [WrittenStretch(Fraction(start), tuple(values)) for start, values in parts]
    write_edf(path, channels, stretches, notes, start=BEGAN)
    return path


@contextmanager
def displayed(
    session: Session, path: Path, sync: Sync = SAME_CLOCK, bad: frozenset[str] = frozenset()
) -> Iterator[DisplayedFile]:
    """Show a file; it is closed afterwards."""
    eeg = open_eeg(path)
    try:
        found = read_recording(eeg)
        file = DisplayedFile(eeg, found.timeline, found.annotations, sync, bad, key=path.name)
        session.eeg.show(file)
        yield file
    finally:
        session.eeg.show(None)
        session.eeg.pages.close()
        eeg.contents.close()


def panel_on_screen(qtbot: QtBot, session: Session, width: int = 900, height: int = 420) -> EegPanel:
    """The panel, shown."""
    panel = EegPanel(session)
    qtbot.addWidget(panel)
    panel.resize(width, height)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def read_whole_page(qtbot: QtBot, session: Session) -> None:
    """Wait until the page has been asked for and read."""

    def is_read() -> bool:
        pages = session.eeg.pages
        plan, tiles = pages.shown()
        return plan is not None and plan is pages.plan and bool(tiles) and pages.done >= 1.0

    qtbot.waitUntil(is_read)


def picture_of(page: EegPageView) -> QImage:
    return page.grab().toImage()


def inked(image: QImage, x: int, colour: str, top: int, bottom: int) -> list[int]:
    """The heights between `top` and `bottom` at which a column is painted in about this colour."""
    return [y for y in range(top, bottom) if _distance(image.pixelColor(x, y), QColor(colour)) < 90]


def ink(image: QImage, x: int, colour: str, ground: str, rows: Sequence[int]) -> list[float]:
    """How much of this colour is at these heights of a column, from 0 (ground, or any grey) to 1.

    A line between two pixels is painted in both, each half as strong: the sum is 1 wherever it is.
    """
    none, whole = _blueness(QColor(ground)), _blueness(QColor(colour))
    return [(_blueness(image.pixelColor(x, y)) - none) / (whole - none) for y in rows]


def _blueness(colour: QColor) -> int:
    return colour.blue() - colour.red()


def _distance(first: QColor, second: QColor) -> int:
    return (
        abs(first.red() - second.red())
        + abs(first.green() - second.green())
        + abs(first.blue() - second.blue())
    )
