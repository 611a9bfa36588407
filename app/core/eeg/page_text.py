"""Fonts and lines of text for pictures of EEG pages."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont, ImageFont

    Font = FreeTypeFont | ImageFont

_POINTS_PER_INCH = 72.0
_LABEL, _SMALL, _LINE = 8.0, 7.0, 9.5
"""Points."""

_LONGEST = 400


@dataclass(frozen=True, slots=True)
class FontSizes:
    """Sizes in pixels of labels and of small text, and the distance of its lines."""

    label: int
    small: int
    line: int

    @classmethod
    def of(cls, dots_per_inch: float) -> FontSizes:
        """The sizes at a resolution."""
        return cls(*(max(round(points * dots_per_inch / _POINTS_PER_INCH), 6)
                     for points in (_LABEL, _SMALL, _LINE)))  # fmt: skip


@dataclass(frozen=True, slots=True)
class PageFonts:
    """The fonts of labels and of small text."""

    label: Font
    small: Font


@lru_cache(maxsize=16)
def fonts_of(sizes: FontSizes) -> PageFonts:
    """The fonts in these sizes: DejaVu Sans (Latin, Greek and Cyrillic) where it is installed."""
    from PIL import ImageFont

    place = _font_file()
    if place is None:
        return PageFonts(ImageFont.load_default(sizes.label), ImageFont.load_default(sizes.small))
    return PageFonts(ImageFont.truetype(place, sizes.label), ImageFont.truetype(place, sizes.small))


def _font_file() -> Path | None:
    """DejaVu Sans as matplotlib brings it; that library itself is not imported."""
    found = importlib.util.find_spec("matplotlib")
    if found is None or found.origin is None:
        return None
    place = Path(found.origin).parent / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"
    return place if place.is_file() else None


def fitted_text(text: str, font: Font, width: float) -> str:
    """The text on one line, cut with an ellipsis where it is wider than `width` pixels."""
    line = " ".join(text.split())[:_LONGEST]
    if font.getlength(line) <= width:
        return line
    while line and font.getlength(f"{line}…") > width:
        line = line[:-1]
    return f"{line.rstrip()}…"


def wrapped_lines(text: str, font: Font, width: float) -> list[str]:
    """The text in lines of at most `width` pixels, broken between words."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(fitted_text(word, font, width))
    return lines
