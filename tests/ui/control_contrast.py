"""How far controls stand out: frames of fields, marks, icons, handles, what shows that something is on or has
the keyboard. A control that is disabled is exempt (WCAG 2.2, 1.4.11), as is a field that can only be read."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QModelIndex, QRect, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QScrollBar,
    QSlider,
    QStyle,
    QStyleOptionButton,
    QStyleOptionSlider,
    QStyleOptionViewItem,
    QWidget,
)

from tests.ui.pixel_contrast import Pixels, contrasts, ground_of, pixels_of, strongest, within

Measured = tuple[float, str, QWidget]
"""A contrast ratio, of what, and whose."""

_MARK = 14
"""Pixels at least that make a mark, a ring or an icon: a line of so many can be seen."""
_AROUND = 3


def controls_of(window: QWidget) -> Iterator[Measured]:
    """What was measured of every control that can be seen and used."""
    pixels = pixels_of(window)
    for widget in window.findChildren(QWidget):
        if is_usable(window, widget):
            yield from _at_rest(window, widget, pixels)
            if isinstance(widget, QAbstractButton) and widget.isCheckable():
                yield _turned_on(window, widget), "on or off", widget
            elif isinstance(widget, QAbstractItemView):
                yield from _ticked_row(window, widget)


def focused_ones(window: QWidget) -> Iterator[Measured]:
    """How much changes where a widget gets the keyboard; of every one that can get it, the first of each kind
    in each part of the window."""
    window.setAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)
    seen: set[tuple[type, int]] = set()
    for widget in window.findChildren(QWidget):
        by_tab = widget.focusPolicy().value & Qt.FocusPolicy.TabFocus.value
        kind = type(widget), id(widget.parentWidget())
        if by_tab and kind not in seen and is_usable(window, widget) and widget.focusProxy() is None:
            ratio = _focused(window, widget)
            if ratio is not None:
                seen.add(kind)
                yield ratio, "keyboard", widget


def is_usable(window: QWidget, widget: QWidget) -> bool:
    """Whether it can be seen in the window, and used."""
    seen = widget.isVisibleTo(window) and not widget.visibleRegion().isEmpty()
    return seen and widget.isEnabled() and widget.window() is window


def place_in(window: QWidget, widget: QWidget, part: QRect | None = None) -> QRect:
    """Where in the window the widget or a part of it is."""
    part = widget.rect() if part is None else part
    return QRect(widget.mapTo(window, part.topLeft()), part.size())


def _at_rest(window: QWidget, widget: QWidget, pixels: Pixels) -> Iterator[Measured]:
    place = place_in(window, widget)
    if _is_field(widget):
        yield _edge(pixels, place), "frame", widget
    elif isinstance(widget, QCheckBox | QRadioButton):
        yield _mark(window, widget, pixels), "mark", widget
    elif isinstance(widget, QAbstractButton) and not widget.text():
        inside = within(pixels, place)
        if inside.size:
            yield strongest(inside, ground_of(inside), _MARK), "icon", widget
    elif isinstance(widget, QScrollBar):
        yield from _scroll_bar(window, widget, pixels)
    elif isinstance(widget, QSlider):
        yield _slider(window, widget, pixels), "handle", widget


def _is_field(widget: QWidget) -> bool:
    within_another = isinstance(widget.parent(), QComboBox | QAbstractSpinBox)
    if isinstance(widget, QLineEdit | QPlainTextEdit):
        return not within_another and not widget.isReadOnly()
    return isinstance(widget, QComboBox | QAbstractSpinBox)


def _edge(pixels: Pixels, place: QRect) -> float:
    """The contrast of the line at the bottom with what is below it."""
    middle = QRect(place.left() + 5, place.bottom(), max(place.width() - 10, 1), 1)
    below = within(pixels, middle.translated(0, _AROUND))
    lines = [within(pixels, middle.translated(0, by)) for by in range(-2, 2)]
    if not below.size:
        return 1.0
    ground = ground_of(below)
    return max(float(contrasts(ground_of(line), ground)) for line in lines if line.size)


def _mark(window: QWidget, button: QCheckBox | QRadioButton, pixels: Pixels) -> float:
    option = QStyleOptionButton()
    button.initStyleOption(option)
    elements = QStyle.SubElement
    box = isinstance(button, QCheckBox)
    element = elements.SE_CheckBoxIndicator if box else elements.SE_RadioButtonIndicator
    mark = place_in(window, button, button.style().subElementRect(element, option, button))
    around = within(pixels, place_in(window, button).adjusted(-_AROUND, -_AROUND, _AROUND, _AROUND))
    return strongest(within(pixels, mark.adjusted(-2, -2, 2, 2)), ground_of(around), _MARK)


def _ticked_row(window: QWidget, view: QAbstractItemView) -> Iterator[Measured]:
    """The box of the first row that can be ticked, empty and ticked; nothing hears of it."""
    model, role = view.model(), Qt.ItemDataRole.CheckStateRole
    can = Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEnabled
    for row in range(model.rowCount() if model is not None else 0):
        index = model.index(row, 0)
        before = index.data(role)
        if before is None or model.flags(index) & can != can or not view.visualRect(index).isValid():
            continue
        place = place_in(window, view.viewport(), _row_box(view, index))
        blocked = model.blockSignals(True)
        for state, what in ((Qt.CheckState.Unchecked, "empty box"), (Qt.CheckState.Checked, "ticked box")):
            model.setData(index, state, role)
            around = pixels_of(window, place.adjusted(-_AROUND, 0, _AROUND, 0))
            yield strongest(pixels_of(window, place), ground_of(around[:, :_AROUND]), 2 * _MARK), what, view
        model.setData(index, before, role)
        model.blockSignals(blocked)
        return


def _row_box(view: QAbstractItemView, index: QModelIndex) -> QRect:
    """Where in a view the box of a row is."""
    option = QStyleOptionViewItem()
    option.initFrom(view)
    option.rect = view.visualRect(index)
    parts = QStyleOptionViewItem.ViewItemFeature
    option.features = parts.HasCheckIndicator | parts.HasDisplay
    option.text = str(index.data())
    return view.style().subElementRect(QStyle.SubElement.SE_ItemViewItemCheckIndicator, option, view)


def _scroll_bar(window: QWidget, bar: QScrollBar, pixels: Pixels) -> Iterator[Measured]:
    """The handle with what it slides on; nothing where there is nothing to scroll."""
    option = QStyleOptionSlider()
    bar.initStyleOption(option)
    control, part = QStyle.ComplexControl.CC_ScrollBar, QStyle.SubControl.SC_ScrollBarSlider
    handle = place_in(window, bar, bar.style().subControlRect(control, option, part, bar))
    inside = within(pixels, handle.adjusted(2, 2, -2, -2))
    if bar.maximum() > bar.minimum() and inside.size:
        whole = within(pixels, place_in(window, bar))
        yield strongest(whole, ground_of(inside), _MARK), "scroll bar", bar


def _slider(window: QWidget, slider: QSlider, pixels: Pixels) -> float:
    option = QStyleOptionSlider()
    slider.initStyleOption(option)
    control, part = QStyle.ComplexControl.CC_Slider, QStyle.SubControl.SC_SliderHandle
    handle = place_in(window, slider, slider.style().subControlRect(control, option, part, slider))
    around = within(pixels, place_in(window, slider).adjusted(-_AROUND, -_AROUND, _AROUND, _AROUND))
    return strongest(within(pixels, handle), ground_of(around), 2 * _MARK)


def _turned_on(window: QWidget, button: QAbstractButton) -> float:
    """How much the button changes when it is on; nothing hears of it."""
    place = place_in(window, button)
    group = button.group()
    alone = group is not None and group.exclusive()
    if group is not None:
        group.setExclusive(False)
    before = pixels_of(window, place)
    blocked = button.blockSignals(True)
    button.setChecked(not button.isChecked())
    after = pixels_of(window, place)
    button.setChecked(not button.isChecked())
    button.blockSignals(blocked)
    if group is not None:
        group.setExclusive(alone)
    return strongest(after, before, _MARK)


def _focused(window: QWidget, widget: QWidget) -> float | None:
    """None where the window does not let it have the keyboard."""
    place = place_in(window, widget).adjusted(-_AROUND, -_AROUND, _AROUND, _AROUND)
    had = QApplication.focusWidget()
    if had is not None:
        had.clearFocus()
    before = pixels_of(window, place)
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    if QApplication.focusWidget() is not widget:
        return None
    _without_caret(widget)
    after = pixels_of(window, place)
    widget.clearFocus()
    return strongest(after, before, _MARK) if after.shape == before.shape else None


def _without_caret(widget: QWidget) -> None:
    """What blinks and a selection do not count as a sign that a field has the keyboard."""
    if isinstance(widget, QLineEdit):
        widget.deselect()
    elif isinstance(widget, QAbstractScrollArea):
        widget.viewport().update()
