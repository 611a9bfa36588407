"""The strip over an EEG page: montage, page, sensitivity, filters, and what the filters do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QToolButton,
    QWidget,
)

from app.core.eeg.display_choices import file_sensitivities
from app.core.eeg.filter_words import filter_description
from app.core.eeg.filters import HIGH_CUTS, LOW_CUTS, MAINS, time_constant
from app.core.eeg.page_scale import (
    PAGE_SECONDS,
    PAPER_SPEED,
    SENSITIVITIES,
    seconds_across,
    sensitivity_text,
    speed_of,
)
from app.core.plain_text import plain
from app.core.plural import plural
from app.ui.session.eeg_display import unit_of
from app.ui.session.session import Session
from app.ui.theme import small_font
from app.ui.views.combo_box import ComboBox
from app.ui.views.eeg_page import EegPageView
from app.ui.views.elided_label import ElidedLabel
from app.ui.views.tool_tip import tool_tip

Choices = Sequence[tuple[str, object]]
"""Texts of a list and what each means."""

_TIME_CONSTANTS = (0.016, 0.16, 0.53, 1.6)
PAPER = "paper"
_NARROWEST, _LEAST_OF_LONG = 52, 120
"""Pixels to which a list may shrink on a small screen, and to which one may that shows a long text."""
_BETWEEN = 8
"""Pixels between the choices and the filters in one line."""


class ChoiceList(ComboBox):
    """A list of standard values which also shows one that is not among them."""

    def __init__(self, name: str, chosen: Callable[[object], None]) -> None:
        super().__init__()
        self._values: list[object] = []
        self._texts: list[str] = []
        self.setAccessibleName(name)
        self.setToolTip(tool_tip(name))
        self.setFont(small_font())
        self.setMaximumWidth(244)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMaxVisibleItems(30)
        self.activated.connect(lambda number: chosen(self._values[number]))

    def show_value(self, choices: Choices, value: object, text: str) -> None:
        """List the choices with `value` (written as `text` if it is not among them) as the present one."""
        known = list(choices)
        if value not in [one for _, one in known]:
            known.insert(0, (text, value))
        self._values = [one for _, one in known]
        texts = [words for words, _ in known]
        if texts != self._texts:
            self._texts = texts
            self.clear()
            self.addItems(texts)
        self.setCurrentIndex(self._values.index(value))
        self.setToolTip(tool_tip(f"{self.accessibleName()}: {self.currentText()}"))
        self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        """Room for the present text, unless it is long."""
        metrics, hint = self.fontMetrics(), super().sizeHint()
        widest = max((metrics.horizontalAdvance(text) for text in self._texts), default=0)
        least = hint.width() - widest + 2 + metrics.horizontalAdvance(self.currentText())
        return QSize(min(max(least, _NARROWEST), _LEAST_OF_LONG), hint.height())

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # turning over the strip must not change a filter unnoticed


class EegToolbar(QWidget):
    """Shows and changes what the page is made by; nothing is stored here."""

    def __init__(self, session: Session, page: EegPageView) -> None:
        super().__init__()
        self._display = session.eeg
        self._page = page
        self.setAccessibleName("EEG settings")
        display = self._display
        self.montage = self._list("Montage", lambda value: display.choose_montage(str(value)))
        self.length = self._list("Length of the page", self._choose_length)
        self.kind = self._list("Kind of channel that is changed", self._choose_kind)
        self.sensitivity = self._list("Sensitivity", self._choose_sensitivity)
        self.low_cut = self._list("Low cut", lambda value: display.set_filters(low_cut=value))
        self.high_cut = self._list("High cut", lambda value: display.set_filters(high_cut=value))
        self.notch = self._list("Notch", lambda value: display.set_filters(notch=value))
        # The time constants widen its list only.
        self.low_cut.view().setMinimumWidth(self.low_cut.fontMetrics().horizontalAdvance("0.016 Hz (10 s)__"))
        self.low_cut.setFixedWidth(84)
        self.words = ElidedLabel()
        """The filters in plain words, for the foot of the page."""
        self.words.setFont(small_font())
        self.words.setAccessibleName("Filters of the page")
        self.more = QToolButton(self)
        self.more.setText("More")
        self.more.setAccessibleName("More of the display")
        self.more.setToolTip("Polarity, colours, scrolling, phase")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._unread = ""
        self._lines = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._choices, self._filters = QHBoxLayout(), QHBoxLayout()
        self._lay_out()
        for changed in (display.file_changed, display.rows_changed):
            changed.connect(self.show_all)
        display.scale_changed.connect(self._show_scale)
        display.row_chosen.connect(self.show_all)
        display.position.resized.connect(self._show_resized)
        display.pages.first_read.connect(self._show_words)
        for moved in (display.traces_changed, display.position.moved):
            moved.connect(self._show_unread)
        self.show_all()

    def set_menu(self, menu: QMenu) -> None:
        """What the button at the end opens."""
        self.more.setMenu(menu)

    def _list(self, name: str, chosen: Callable[[object], None]) -> ChoiceList:
        def then(value: object) -> None:
            chosen(value)
            self.show_all()
            self._page.setFocus()

        return ChoiceList(name, then)

    def _lay_out(self) -> None:
        for choice in (self.montage, self.length, self.kind, self.sensitivity):
            self._choices.addWidget(choice)
        for name, choice in (("Low cut", self.low_cut), ("High cut", self.high_cut), ("Notch", self.notch)):
            label = QLabel(name)
            label.setFont(small_font())
            label.setBuddy(choice)
            self._filters.addWidget(label)
            self._filters.addWidget(choice)
            self._filters.addSpacing(4)
        self._filters.addStretch(1)
        for line in (self._choices, self._filters):
            line.setSpacing(4)
            self._lines.addLayout(line)
        self._lines.setSpacing(_BETWEEN)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(8, 2, 6, 2)
        self._row.setSpacing(4)
        self._row.addLayout(self._lines, 1)
        self._row.addWidget(self.more, 0, Qt.AlignmentFlag.AlignTop)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The filters stand below the other choices where one line is too narrow for all of them."""
        super().resizeEvent(event)
        choices, filters = self._line_widths()
        in_one = event.size().width() >= choices + _BETWEEN + filters + self._beside_lines()
        self._lines.setDirection(
            QBoxLayout.Direction.LeftToRight if in_one else QBoxLayout.Direction.TopToBottom
        )
        self._lines.setSpacing(_BETWEEN if in_one else 2)
        # The layout was arranged before this, for the former lines.
        self._row.activate()

    def minimumSizeHint(self) -> QSize:
        least = max(self._line_widths()) + self._beside_lines()
        return QSize(least, super().minimumSizeHint().height())

    def _line_widths(self) -> tuple[int, int]:
        """The least widths of the choices and of the filters."""
        return self._choices.minimumSize().width(), self._filters.minimumSize().width()

    def _beside_lines(self) -> int:
        margins = self.contentsMargins()
        return margins.left() + margins.right() + 8 + 6 + 4 + self.more.sizeHint().width()

    def show_all(self) -> None:
        """Show what is chosen now."""
        if self._display.file is None:
            return
        self._show_montages()
        self._show_length()
        self._show_kinds()
        self._show_values()
        self._show_words()

    def _show_resized(self) -> None:
        if self._display.file is not None:
            self._show_length()
            self._show_words()

    def _show_scale(self) -> None:
        if self._display.file is not None:
            self._show_values()
            self._show_words()

    def _show_montages(self) -> None:
        display = self._display
        good = [(plain(one.montage.title, 60), one) for one in display.montages if one.montage]
        title = display.montage.title
        names = {one.name for _, one in good if one.montage == display.montage}
        value = next(iter(names), title)
        self.montage.show_value([(text, one.name) for text, one in good], value, plain(title, 60))

    def _show_length(self) -> None:
        seconds = self._display.position.seconds
        paper = f"{PAPER_SPEED:g} mm/s ({self._paper_seconds():g} s)"
        choices: list[tuple[str, object]] = [(page_text(one), one) for one in PAGE_SECONDS]
        self.length.show_value([*choices, (paper, PAPER)], seconds, f"{seconds:g} s")
        speed = speed_of(seconds, self._page.canvas().plot.width(), self._page.dots_per_inch)
        self.length.setToolTip(tool_tip(f"{self.length.toolTip()}; {speed:.3g} mm/s on this screen"))

    def _paper_seconds(self) -> float:
        width = self._page.canvas().plot.width()
        return max(round(seconds_across(width, self._page.dots_per_inch), 1), PAGE_SECONDS[0])

    def _show_kinds(self) -> None:
        kinds = list(dict.fromkeys(row.kind for row in self._display.rows))
        self.kind.setVisible(len(kinds) > 1)
        kind = self._display.kind
        self.kind.show_value([(one.value, one) for one in kinds], kind, kind.value)

    def _show_values(self) -> None:
        display = self._display
        kind, choices = display.kind, display.choices
        filters, value = choices.filters[kind], file_sensitivities(choices, display.of_file)[kind]
        unit = unit_of(display, kind)
        steps = [(sensitivity_text(one, unit, short=True), one) for one in SENSITIVITIES]
        self.sensitivity.show_value(steps, value, sensitivity_text(value, unit, short=True))
        self.sensitivity.setToolTip(tool_tip(f"Sensitivity: {sensitivity_text(value, unit)}"))
        for choice, cuts, cut in (
            (self.low_cut, LOW_CUTS, filters.low_cut),
            (self.high_cut, HIGH_CUTS, filters.high_cut),
            (self.notch, MAINS, filters.notch),
        ):
            texts = [("off", None), *((_cut_text(one, choice is self.low_cut), one) for one in cuts)]
            choice.show_value(texts, cut, f"{cut:g} Hz" if cut else "off")

    def _show_unread(self) -> None:
        position = self._display.position
        start, seconds = Fraction(position.start), Fraction(position.seconds)
        words = self._display.pages.unread_words(start, seconds)
        if words != self._unread:
            self._unread = words
            self._show_words()

    def _show_words(self) -> None:
        display = self._display
        kind, loaded = display.kind, display.pages.loaded and not display.pages.in_pieces
        rate = next((float(row.rate) for row in display.rows if row.kind is kind), None)
        filters = display.choices.filters_of(kind)
        words = (
            f"{kind.value}: {filter_description(filters, rate, loaded=loaded)}" if rate is not None else ""
        )
        if self._unread:
            words = f"{self._unread} · {words}"
        if envelope := display.pages.envelope_words():
            words += f" · {envelope}"
        if display.missing:
            words += f" · {plural(len(display.missing), 'row')} not shown (menu of a name)"
        if display.of_file.hidden:
            words += f" · {len(display.of_file.hidden)} hidden"
        self.words.setText(words)
        self.words.setToolTip(tool_tip(words))

    # what is chosen

    def _choose_length(self, value: object) -> None:
        seconds = self._paper_seconds() if value == PAPER else value
        assert isinstance(seconds, float)
        self._display.position.set_length(seconds)

    def _choose_kind(self, value: object) -> None:
        display = self._display
        rows = zip(display.keys, display.rows, strict=True)
        display.choose_row(next(key for key, row in rows if row.kind is value))

    def _choose_sensitivity(self, value: object) -> None:
        assert isinstance(value, float)
        self._display.set_sensitivity(value)


def page_text(seconds: float) -> str:
    """`10 s`, `5 min`, `4 h`."""
    if seconds < 60:
        return f"{seconds:g} s"
    return f"{seconds / 60:g} min" if seconds < 3600 else f"{seconds / 3600:g} h"


def _cut_text(hertz: float, low: bool) -> str:
    if low and hertz in _TIME_CONSTANTS:
        return f"{hertz:g} Hz ({time_constant(hertz):.1g} s)"
    return f"{hertz:g} Hz"
