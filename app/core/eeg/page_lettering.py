"""The texts of a picture of an EEG page: labels, times, marks, scale bar, footer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from app.core.eeg.channel_kind import ChannelKind
from app.core.eeg.page_content import PageContent
from app.core.eeg.page_layout import (
    MARGIN_MM,
    SCALE_MM,
    SCALE_WIDE_MM,
    TIMES_MM,
    PageLayout,
    PictureStyle,
)
from app.core.eeg.page_scale import DEFAULT_SENSITIVITY, PageScale, scale_bar
from app.core.eeg.page_text import FontSizes, fitted_text, fonts_of

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw


class Lettering:
    """The texts of a picture, its scale bar and the frame of the traces."""

    def __init__(
        self, content: PageContent, style: PictureStyle, layout: PageLayout, draw: ImageDraw
    ) -> None:
        self._content, self._style, self._layout, self._draw = content, style, layout, draw
        self._sizes = FontSizes.of(style.dots_per_inch)
        self._fonts = fonts_of(self._sizes)

    def write(self) -> None:
        self._labels()
        self._times()
        self._flags()
        self._gaps()
        self._scale()
        self._footer()

    def _labels(self) -> None:
        """The names of the rows; where rows are close, only as many as there is room for."""
        layout, palette = self._layout, self._style.palette
        every = max(math.ceil(self._sizes.small * 1.05 / layout.spacing), 1)
        room = layout.left - round(MARGIN_MM * self._style.per_mm) * 2
        for number, (trace, middle) in enumerate(zip(self._content.traces, layout.middles, strict=True)):
            if number % every:
                continue
            text = fitted_text(f"{'× ' if trace.row.has_bad else ''}{trace.row.name}",
                               self._fonts.label, room)  # fmt: skip
            colour = palette.soft if trace.row.has_bad else palette.side(trace.row.side)
            place = (layout.left - MARGIN_MM * self._style.per_mm, layout.top + middle)
            self._draw.text(place, text, colour, self._fonts.label, anchor="rm")

    def _times(self) -> None:
        layout, palette = self._layout, self._style.palette
        per_second = layout.width / float(self._content.seconds)
        y = layout.top + layout.height + 0.8 * self._style.per_mm
        taken = -1e9
        for tick in self._content.ticks:
            half = self._fonts.small.getlength(tick.text) / 2
            x = layout.left + tick.seconds * per_second
            if x - half < taken or x + half > self._style.width:
                continue
            self._draw.text((x, y), tick.text, palette.soft, self._fonts.small, anchor="mt")
            taken = x + half + 2.0 * self._style.per_mm

    def _flags(self) -> None:
        """The words of the marks above the traces, strong ones first; none over another."""
        layout, palette = self._layout, self._style.palette
        per_second = layout.width / float(self._content.seconds)
        taken: list[tuple[float, float]] = []
        for mark in sorted(self._content.marks, key=lambda one: (not one.strong, one.seconds)):
            text = fitted_text(mark.text, self._fonts.label, layout.width * 0.3)
            wide = self._fonts.label.getlength(text) + self._style.per_mm
            x = min(layout.left + mark.seconds * per_second, self._style.width - wide)
            if any(x < end and x + wide > begin for begin, end in taken):
                continue
            taken.append((x, x + wide))
            colour = palette.mark if mark.strong else palette.soft
            self._draw.text(
                (x, layout.top - self._style.per_mm), text, colour, self._fonts.label, anchor="ls"
            )

    def _gaps(self) -> None:
        layout, per_second = self._layout, self._layout.width / float(self._content.seconds)
        for begin, end in self._content.gaps:
            if (end - begin) * per_second > self._fonts.label.getlength("no EEG") * 1.4:
                place = layout.left + (begin + end) / 2 * per_second, layout.top + layout.height / 2
                self._draw.text(place, "no EEG", self._style.palette.soft, self._fonts.label, anchor="mm")

    def _scale(self) -> None:
        """The scale bar of the EEG, or of the first kind that is shown in µV, below the traces on the
        right."""
        kind = _scaled_kind(self._content)
        if kind is None:
            return
        layout, mm = self._layout, self._style.per_mm
        sensitivity = self._content.choice.sensitivities.get(kind, DEFAULT_SENSITIVITY[kind])
        bar = scale_bar(
            PageScale(self._style.dots_per_inch, sensitivity),
            layout.width / float(self._content.seconds),
            tallest=SCALE_MM * mm,
            widest=SCALE_WIDE_MM * mm / 2,
        )
        right = layout.left + layout.width
        bottom = layout.whole_height - MARGIN_MM * mm
        palette, width = self._style.palette, max(round(0.35 * mm), 2)
        self._draw.line([(right, bottom - bar.height), (right, bottom)], palette.ink, width)
        self._draw.line([(right - bar.width, bottom), (right, bottom)], palette.ink, width)
        for number, text in enumerate((f"{bar.microvolts:g} µV", _time_text(bar.seconds))):
            place = right - mm, bottom - mm - (1 - number) * self._sizes.line
            self._draw.text(place, text, palette.ink, self._fonts.small, anchor="rs")

    def _footer(self) -> None:
        layout, mm = self._layout, self._style.per_mm
        y = layout.top + layout.height + (TIMES_MM + MARGIN_MM) * mm
        for line in layout.footer:
            self._draw.text((MARGIN_MM * mm, y), line, self._style.palette.soft, self._fonts.small)
            y += self._sizes.line


def _scaled_kind(content: PageContent) -> ChannelKind | None:
    kinds = [trace.row.kind for trace in content.traces if trace.row.unit == "µV"]
    return next(
        (kind for kind in (ChannelKind.EEG, ChannelKind.DEPTH) if kind in kinds), next(iter(kinds), None)
    )


def _time_text(seconds: float) -> str:
    return f"{seconds:g} s" if seconds < 120 else f"{seconds / 60:g} min"
