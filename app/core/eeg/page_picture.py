"""A page of an EEG as a picture: labels, traces, time grid, scale bar, marks, and a footer with all settings.

It needs no window. What is drawn says what it is: gaps are hatched, values that are not settled are pale, and
everything that decides how a trace looks stands below the page.
"""

from __future__ import annotations

import io

import numpy as np

from app.core.eeg.page_content import PageContent, PageMark
from app.core.eeg.page_layout import PageLayout, PictureStyle, lay_out_page
from app.core.eeg.page_lettering import Lettering
from app.core.eeg.page_scale import PageScale
from app.core.eeg.page_strokes import Colour, Image, Stroke, draw_trace, stretch_of
from app.core.eeg.traces import Trace

_FINE = 12_000_000
"""Pixels up to which traces are drawn at twice the size, for smooth lines."""

_FILLED = 0.8
"""The share of its row that a trace without a sensitivity fills."""


def page_png(content: PageContent, style: PictureStyle | None = None) -> bytes:
    """The page as a PNG, which states its resolution and nothing else besides the picture."""
    from PIL import Image as Pictures

    style = style or PictureStyle()
    stream = io.BytesIO()
    dots = (style.dots_per_inch, style.dots_per_inch)
    Pictures.fromarray(draw_page(content, style)).save(stream, "PNG", dpi=dots)
    return stream.getvalue()


def draw_page(content: PageContent, style: PictureStyle | None = None) -> Image:
    """The page as red, green and blue (h, w, 3)."""
    from PIL import Image as Pictures
    from PIL import ImageDraw as Drawing

    style = style or PictureStyle()
    layout = lay_out_page(content, style)
    image = np.full((layout.whole_height, style.width, 3), style.palette.paper, np.uint8)
    area = image[layout.top : layout.top + layout.height, layout.left : layout.left + layout.width]
    area[...] = _traces(content, style, layout)
    picture = Pictures.fromarray(image)
    Lettering(content, style, layout, Drawing.Draw(picture)).write()
    return np.asarray(picture)


def pixels_per_unit(number: int, content: PageContent, style: PictureStyle, spacing: float) -> float:
    """Pixels down the picture for 1 µV of the trace with this number; other units fill their row."""
    trace = content.traces[number]
    if trace.row.unit == "µV":
        scale = PageScale(style.dots_per_inch, content.sensitivity_of(number), content.choice.negative_up)
        return scale.pixels_per_microvolt
    finite = trace.values[np.isfinite(trace.values)]
    largest = float(np.abs(finite - np.median(finite)).max()) if len(finite) else 0.0
    return -_FILLED * spacing / 2 / largest if largest else 0.0


def centre_of(trace: Trace, content: PageContent) -> float:
    """The value that is drawn at the middle of the row: 0, or without a low cut the median of the page."""
    filters = content.choice.filters.get(trace.row.kind)
    finite = trace.values[np.isfinite(trace.values)]
    if (filters is not None and filters.low_cut) or not len(finite):
        return 0.0
    return float(np.median(finite))


def _traces(content: PageContent, style: PictureStyle, layout: PageLayout) -> Image:
    """The part of the picture with gaps, grid and traces."""
    import cv2

    fine = 2 if layout.width * layout.height * 4 <= _FINE * 2 else 1
    area = np.full((layout.height * fine, layout.width * fine, 3), style.palette.paper, np.uint8)
    per_second = area.shape[1] / float(content.seconds)
    _hatch_gaps(area, content, style, per_second)
    for tick in content.ticks:
        x = round(tick.seconds * per_second)
        area[:, x : x + fine] = style.palette.grid
    stretch = stretch_of(content.start, content.seconds, layout.width)
    thickness = max(round(0.2 * style.per_mm * fine), fine)
    for number, (trace, middle) in enumerate(zip(content.traces, layout.middles, strict=True)):
        scale = pixels_per_unit(number, content, style, layout.spacing) * fine
        shift = middle * fine - centre_of(trace, content) * scale
        colour = _blend(style.palette.soft, style.palette.paper, 0.6) if trace.row.has_bad else (
            style.palette.side(trace.row.side)
        )  # fmt: skip
        colours = colour, _blend(colour, style.palette.paper, 0.3)
        draw_trace(area, trace, stretch, Stroke(shift, scale, colours, thickness))
    for mark in content.marks:
        x = round(mark.seconds * per_second)
        wide = (3 if mark.strong else 1) * fine
        area[:, max(x - wide // 2, 0) : x - wide // 2 + wide] = _mark_colour(mark, style)
    if fine == 1:
        return area
    smaller = cv2.resize(area, (layout.width, layout.height), interpolation=cv2.INTER_AREA)
    return np.asarray(smaller, np.uint8)


def _hatch_gaps(area: Image, content: PageContent, style: PictureStyle, per_second: float) -> None:
    """Diagonal lines over stretches without a signal."""
    rows = np.arange(len(area))[:, None]
    step = max(round(2.4 * style.per_mm * area.shape[1] / style.width), 4)
    for begin, end in content.gaps:
        first, last = round(begin * per_second), round(end * per_second)
        columns = np.arange(first, last)[None]
        part = area[:, first:last]
        part[...] = _blend(style.palette.grid, style.palette.paper, 0.35)
        part[(rows + columns) % step < max(step // 8, 1)] = style.palette.grid


def _mark_colour(mark: PageMark, style: PictureStyle) -> Colour:
    return style.palette.mark if mark.strong else _blend(style.palette.soft, style.palette.paper, 0.6)


def _blend(colour: Colour, paper: Colour, share: float) -> Colour:
    red, green, blue = (round(p + (c - p) * share) for c, p in zip(colour, paper, strict=True))
    return red, green, blue
