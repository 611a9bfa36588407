"""Fitting the size of the waves to the height of the rows: on request, and once for a file whose rows would
overlap."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from PySide6.QtCore import QObject

from app.core.eeg.channel_kind import ChannelKind
from app.core.eeg.display_choices import file_sensitivities
from app.core.eeg.page_scale import pixels_per_millimetre, sensitivity_text
from app.ui.session.eeg_display import unit_of
from app.ui.session.session import Session
from app.ui.views.eeg_page import EegPageView


class EegFit(QObject):
    """Watches a page for the first time that all of it has been read."""

    def __init__(self, page: EegPageView, session: Session) -> None:
        super().__init__(page)
        self._page = page
        self._session = session
        self._display = session.eeg
        self._first = False
        self._display.file_changed.connect(self._on_file)
        self._display.pages.tile_read.connect(self._fit_first)
        page.shown.connect(self._fit_first)  # all of it may have been read before
        self._key = ""
        self._on_file()  # the panel is made when there is a file

    def fit(self) -> None:
        """Choose the sensitivity of each kind of channel so that its rows do not overlap on this page."""
        from app.core.eeg.sensitivity_fit import WHOLE

        found = self._fitted(WHOLE)
        if not found:
            self._say("There is nothing on this page to fit the waves to")
            return
        self._set(found)
        self._say(f"Waves fitted to their rows: {self._words(found)}")

    def _on_file(self) -> None:
        file = self._display.file
        key = file.key if file is not None else ""
        if key != self._key:
            self._key, self._first = key, bool(key)

    def _fit_first(self) -> None:
        """Smaller waves for a file that is shown first, where they would overlap most of the time."""
        from app.core.eeg.sensitivity_fit import MOSTLY

        display = self._display
        pages = display.pages
        if not self._first or not pages.shown()[1] or pages.done < 1.0 or not self._page.isVisible():
            return
        self._first = False
        if display.of_file.sensitivity:
            return
        wanted = self._fitted(MOSTLY)
        now = file_sensitivities(display.choices, display.of_file)
        larger = {kind: value for kind, value in wanted.items() if value > now[kind]}
        if larger:
            self._set(larger)
            self._say(f"Waves made smaller for their rows: {self._words(larger)}")

    def _set(self, values: Mapping[ChannelKind, float]) -> None:
        for kind, value in values.items():
            self._display.set_sensitivity(value, kind)

    def _fitted(self, share: float) -> Mapping[ChannelKind, float]:
        from app.core.eeg.sensitivity_fit import fitted_sensitivities
        from app.core.eeg.tile_columns import columns_of

        display, page = self._display, self._page
        plan, tiles = display.pages.shown()
        if plan is None or not tiles or not display.rows:
            return {}
        count = max(round(page.canvas().plot.width() * page.devicePixelRatioF()), 1)
        width = Fraction(display.position.seconds) / count
        first = round(display.position.start / float(width))
        own = display.of_file.row_sensitivity
        rows = [
            None if row.has_bad or key in own else row
            for key, row in zip(display.keys, display.rows, strict=True)
        ]
        columns = columns_of(tiles, width, first, count, len(rows))
        height = page.pitch / pixels_per_millimetre(page.dots_per_inch)
        return fitted_sensitivities(columns, rows, height, share)

    def _say(self, words: str) -> None:
        self._session.status.say(words, of_eeg=True)

    def _words(self, found: Mapping[ChannelKind, float]) -> str:
        """The first kind's new sensitivity: the strip shows the others."""
        kind, value = next(iter(found.items()))
        size = sensitivity_text(value, unit_of(self._display, kind))
        return f"{kind.value} {size}" + (" …" if len(found) > 1 else "")
