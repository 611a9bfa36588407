"""The places of all parts of a picture of an EEG page, its size and its colours."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.eeg.electrodes import Side
from app.core.eeg.page_content import PageContent
from app.core.eeg.page_footer import footer_lines
from app.core.eeg.page_scale import pixels_per_millimetre
from app.core.eeg.page_strokes import Colour
from app.core.eeg.page_text import FontSizes, fonts_of, wrapped_lines
from app.core.errors import UserError

SMALLEST, LARGEST = 400, 8000
"""Pixels of the width and of the height of a picture."""

_LABELS_MM, _RIGHT_MM, _FLAGS_MM, TIMES_MM, MARGIN_MM = 21.0, 4.0, 6.0, 5.0, 2.0
SCALE_MM, SCALE_WIDE_MM = 12.0, 45.0
"""The room for the scale bar, below the traces on the right."""

_NARROWEST_MM = 25.0
_LEAST_ROWS, _MOST_MM = 10, 250.0


@dataclass(frozen=True, slots=True)
class PagePalette:
    """The colours of a picture. `left` and `right` are the patient's sides, `mark` is the subject's."""

    paper: Colour
    ink: Colour
    soft: Colour
    grid: Colour
    left: Colour
    right: Colour
    mark: Colour

    def side(self, side: Side) -> Colour:
        return {Side.LEFT: self.left, Side.RIGHT: self.right}.get(side, self.ink)


LIGHT = PagePalette(
    paper=(255, 255, 255),
    ink=(29, 31, 34),
    soft=(84, 88, 94),
    grid=(214, 217, 222),
    left=(138, 70, 0),
    right=(0, 84, 150),
    mark=(176, 22, 46),
)
DARK = PagePalette(
    paper=(18, 19, 21),
    ink=(227, 228, 230),
    soft=(164, 168, 174),
    grid=(52, 55, 60),
    left=(233, 174, 76),
    right=(104, 184, 240),
    mark=(255, 118, 128),
)


@dataclass(frozen=True, slots=True)
class PictureStyle:
    """Size in pixels and resolution of a picture; a `height` of None gives each row `row_mm` millimetres.

    At 150 dots per inch, 1920 pixels show 10 s at the usual 30 mm/s.
    """

    width: int = 1920
    height: int | None = None
    dots_per_inch: float = 150.0
    palette: PagePalette = LIGHT
    row_mm: float = 9.0

    @property
    def per_mm(self) -> float:
        """Pixels per millimetre."""
        return pixels_per_millimetre(self.dots_per_inch)


@dataclass(frozen=True, slots=True)
class PageLayout:
    """Where things stand, in pixels: the `left`, `top`, `width` and `height` of the traces, the middles of
    the rows, the space between two, and the lines of text below."""

    left: int
    top: int
    width: int
    height: int
    middles: tuple[float, ...]
    spacing: float
    footer: tuple[str, ...]
    whole_height: int


def lay_out_page(content: PageContent, style: PictureStyle) -> PageLayout:
    """The places of all parts; the footer takes the room that its lines need. Raises UserError for a picture
    that is too narrow."""
    mm = style.per_mm
    sizes = FontSizes.of(style.dots_per_inch)
    margin = round(MARGIN_MM * mm)
    left, top = round(_LABELS_MM * mm), margin + round(_FLAGS_MM * mm)
    width = style.width - left - round(_RIGHT_MM * mm)
    if width < _NARROWEST_MM * mm:
        raise UserError(
            "The picture is too narrow for its resolution: give it more pixels or fewer dots per inch."
        )
    room = style.width - 2 * margin - round(SCALE_WIDE_MM * mm)
    footer = tuple(
        line
        for text in footer_lines(content, width / mm / float(content.seconds))
        for line in wrapped_lines(text, fonts_of(sizes).small, room)
    )
    below = round(TIMES_MM * mm) + max(len(footer) * sizes.line, round(SCALE_MM * mm)) + 2 * margin
    gaps = sum(trace.row.gap for trace in content.traces)
    if style.height is None:
        wanted = min(max(len(content.traces) + gaps / 2, _LEAST_ROWS) * style.row_mm, _MOST_MM) * mm
        height = min(round(wanted), LARGEST - top - below)
    else:
        height = max(style.height - top - below, round(20 * mm))
    spacing = height / (len(content.traces) + gaps / 2)
    middles, at = [], -spacing / 2
    for trace in content.traces:
        at += spacing * (1.5 if trace.row.gap else 1.0)
        middles.append(at)
    return PageLayout(left, top, width, height, tuple(middles), spacing, footer, top + height + below)
