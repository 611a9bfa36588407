"""The theme: contrasts, colours that can be distinguished, glyphs of different shapes."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from app.core.presence_text import PRESENCE_GLYPHS, PRESENCE_NAMES
from app.core.reading import ReaderKind
from app.core.semiology import Presence
from app.ui.theme import THEMES, Mode, Theme, body_font, contrast, draw_presence, small_font

GROUNDS = ("window", "panel", "raised", "hover", "selection")
WORDS_ON_GROUNDS = ("text", "muted", "mine", "signal", "reference", "caution")


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#ffffff", "#777777") == contrast("#777777", "#ffffff")


@pytest.mark.parametrize("theme", THEMES.values(), ids=[mode.value for mode in THEMES])
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("colour", WORDS_ON_GROUNDS)
def test_words_can_be_read(theme: Theme, ground: str, colour: str) -> None:
    assert contrast(getattr(theme, colour), getattr(theme, ground)) >= 4.5


@pytest.mark.parametrize("theme", THEMES.values(), ids=[mode.value for mode in THEMES])
def test_what_can_be_clicked_can_be_seen(theme: Theme) -> None:
    assert min(contrast(theme.edge, getattr(theme, ground)) for ground in GROUNDS) >= 3.0
    assert contrast(theme.panel, theme.mine) >= 4.5, "the word on a chosen answer"
    assert contrast(theme.text, theme.caution_ground) >= 4.5
    assert contrast(theme.caution, theme.caution_ground) >= 4.5
    assert contrast(theme.cursor, theme.panel) >= 4.5


@pytest.mark.parametrize("theme", THEMES.values(), ids=[mode.value for mode in THEMES])
def test_readers_can_be_told_apart_without_seeing_red_or_green(theme: Theme) -> None:
    """After Viénot, Brettel and Mollon (1999): what a protanope or deuteranope sees still differs."""
    for blind in (_protanope, _deuteranope):
        seen = [blind(colour) for colour in (theme.mine, theme.signal, theme.reference)]
        for one, other in itertools.combinations(seen, 2):
            parts = [(a ** (1 / 2.2), b ** (1 / 2.2)) for a, b in zip(one, other, strict=True)]
            assert sum((a - b) ** 2 for a, b in parts) ** 0.5 > 0.15


def test_every_reader_has_a_colour() -> None:
    for theme in THEMES.values():
        colours = {kind: theme.reader(kind) for kind in ReaderKind}
        assert colours[ReaderKind.PERSON] == theme.mine
        assert colours[ReaderKind.SIGNAL] == colours[ReaderKind.MODEL] == theme.signal
        assert colours[ReaderKind.PHANTOM] == theme.reference


def test_every_presence_has_its_own_glyph_word_and_shape(qtbot: QtBot) -> None:
    answers = (*Presence, None)
    assert len({PRESENCE_GLYPHS[answer] for answer in answers}) == 4
    assert len({PRESENCE_NAMES[answer] for answer in answers}) == 4
    assert len({_painted(answer) for answer in answers}) == 4
    assert _painted(Presence.YES) != _painted(Presence.YES, suggestion=True)


def test_figures_are_of_one_width(qtbot: QtBot) -> None:
    assert small_font().pointSizeF() < body_font().pointSizeF()


def _painted(presence: Presence | None, *, suggestion: bool = False) -> bytes:
    image = QImage(24, 24, QImage.Format.Format_RGB32)
    image.fill(QColor("#000000"))
    painter = QPainter(image)
    draw_presence(painter, QRectF(0, 0, 24, 24), presence, "#ffffff", suggestion=suggestion)
    painter.end()
    return bytes(image.constBits())


def _linear(colour: str) -> list[float]:
    shown = QColor(colour)
    parts = (shown.redF(), shown.greenF(), shown.blueF())
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def _protanope(colour: str) -> list[float]:
    red, green, blue = _linear(colour)
    yellow = 0.11238 * red + 0.88762 * green
    return [yellow, yellow, max(0.0, 0.00401 * (red - green) + blue)]


def _deuteranope(colour: str) -> list[float]:
    red, green, blue = _linear(colour)
    yellow = 0.29275 * red + 0.70725 * green
    return [yellow, yellow, max(0.0, blue - 0.02234 * (red - green))]


def test_both_modes_are_there() -> None:
    assert set(THEMES) == {Mode.DARK, Mode.LIGHT}
    assert THEMES[Mode.DARK].dark
    assert not THEMES[Mode.LIGHT].dark
