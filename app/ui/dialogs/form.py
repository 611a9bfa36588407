"""The parts of dialogs: sentences, buttons, rows of a label and a field, a line for errors."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.core.plain_text import plain
from app.ui.theme import Theme, body_font, small_font
from app.ui.views.tool_tip import tool_tip

OK, SAVE = QDialogButtonBox.StandardButton.Ok, QDialogButtonBox.StandardButton.Save
CANCEL, CLOSE = QDialogButtonBox.StandardButton.Cancel, QDialogButtonBox.StandardButton.Close

QUIT = "Ctrl+Q"
"""The keys that close the program, as in its menu."""

Part = QWidget | QLayout

_INDENT = 5
"""Pixels between the frame of a field and its text, beside the margin of Qt."""

_FRAME = 48
"""Pixels of a screen that are left for the frame of a window."""


def lay_out(dialog: QWidget, *parts: Part, growing: Part | None = None) -> QVBoxLayout:
    """Put the parts below one another; `growing` gets the height that is left over."""
    column = QVBoxLayout(dialog)
    column.setContentsMargins(16, 14, 16, 12)
    column.setSpacing(8)
    for part in parts:
        _add(column, part, 1 if part is growing else 0)
    _indent_numbers(dialog)
    return column


def open_at(dialog: QDialog, size: QSize) -> None:
    """Open a dialog in this size, or in as much of it as the screen has.

    By itself one whose texts are wrapped is as low as can be, and none takes more than two thirds of a
    screen's height, which at twice the scale leaves half of a form.
    """
    room = dialog.screen().availableSize()
    dialog.resize(size.boundedTo(QSize(room.width() - _FRAME, room.height() - _FRAME)))


def title(dialog: QDialog, text: str) -> None:
    """Name a dialog that is forgotten when it is closed."""
    dialog.setWindowTitle(text)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)


def form(rows: Iterable[tuple[str, QWidget]], *, spacing: int = 8) -> QFormLayout:
    """Rows of a label and its field; `&` in a label makes a key that goes to the field."""
    layout = QFormLayout()
    layout.setHorizontalSpacing(14)
    layout.setVerticalSpacing(spacing)
    layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    for name, field in rows:
        add_row(layout, name, field)
    return layout


def add_row(layout: QFormLayout, name: str, field: QWidget) -> int:
    """Add a row and return its number. A field without an accessible name gets that of its label."""
    taker = field
    while (proxy := taker.focusProxy()) is not None:
        taker = proxy
    label = QLabel(name)
    label.setBuddy(taker)
    layout.addRow(label if name else "", field)
    _indent_numbers(field)
    if name and not taker.accessibleName() and not isinstance(taker, QAbstractButton):
        taker.setAccessibleName(name.replace("&", ""))
    return layout.rowCount() - 1


def _indent_numbers(part: QWidget) -> None:
    """Let numbers begin where the texts of other fields do: Qt takes no padding of a style sheet there."""
    for inner in part.findChildren(QLineEdit):
        if isinstance(inner.parent(), QAbstractSpinBox):
            inner.setTextMargins(_INDENT, 0, 0, 0)


def side_by_side(*widgets: QWidget, growing: QWidget | None = None) -> QWidget:
    """Widgets in a row without a frame, the keyboard goes to the first; without `growing` at its left."""
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        row.addWidget(widget, 1 if widget is growing else 0)
    if growing is None:
        row.addStretch(1)
    box.setFocusProxy(widgets[0])
    return box


def stacked(*widgets: QWidget) -> QWidget:
    """A field and what is said of it below, the keyboard goes to the first."""
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(3)
    for widget in widgets:
        column.addWidget(widget)
    box.setFocusProxy(widgets[0])
    return box


def page(area: QScrollArea, *parts: Part) -> None:
    """Fill a page that scrolls when it has no room."""
    content = QWidget()
    column = QVBoxLayout(content)
    column.setContentsMargins(10, 12, 10, 8)
    column.setSpacing(10)
    for part in parts:
        _add(column, part, 0)
    column.addStretch(1)
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setWidget(content)


def sentence(text: str = "", *, small: bool = False, bold: bool = False) -> QLabel:
    """Plain text that is wrapped."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    font = small_font() if small else body_font()
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    label.setFont(font)
    return label


def selectable(label: QLabel) -> QLabel:
    """Let the text be copied."""
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def rows_of(facts: Iterable[tuple[str, str]]) -> QGridLayout:
    """Facts below one another: what each is about, and a sentence that is wrapped."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(3)
    grid.setColumnStretch(1, 1)
    for number, (name, text) in enumerate(facts):
        grid.addWidget(sentence(name, small=True), number, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(sentence(text), number, 1)
    return grid


def button(text: str, slot: Callable[[], object] | None = None, *, tip: str = "") -> QPushButton:
    """A button that Return in a field does not press."""
    made = QPushButton(text)
    made.setAutoDefault(False)
    made.setToolTip(tool_tip(tip))
    if slot is not None:
        made.clicked.connect(lambda _checked=False: slot())
    return made


def buttons(dialog: QDialog, *which: QDialogButtonBox.StandardButton) -> QDialogButtonBox:
    """The buttons that end a dialog."""
    box = QDialogButtonBox()
    for one in which:
        box.addButton(one)
    box.accepted.connect(dialog.accept)
    box.rejected.connect(dialog.reject)
    return box


def question(
    parent: QWidget,
    name: str,
    text: str,
    about: str,
    *,
    yes: str,
    do: Callable[[], object],
    no: str = "Cancel",
) -> QMessageBox:
    """Ask before something that cannot simply be taken back: only pressing `yes` does it, Return does not."""
    box = QMessageBox(parent)
    box.setWindowTitle(name)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(text)
    box.setInformativeText(about)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.addButton(yes, QMessageBox.ButtonRole.AcceptRole).setAutoDefault(False)
    refuse = box.addButton(no, QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(refuse)
    box.setEscapeButton(refuse)
    box.accepted.connect(do)
    box.open()
    return box


class StandingQuestion:
    """A question that waits for its answer: a later one, as about another end, replaces it.

    The keys that close the program, pressed once more, bring it to the front and answer nothing.
    """

    def __init__(self) -> None:
        self.box: QMessageBox | None = None

    def put(self, ask: Callable[[], QMessageBox]) -> None:
        """Ask what opens a box, instead of the question that waits."""
        self.withdraw()
        box = self.box = ask()
        box.finished.connect(self._answered)
        QShortcut(QUIT, box, partial(_bring_to_front, box))

    def withdraw(self) -> None:
        """Answer what waits with no, if anything does."""
        if self.box is not None:
            self.box.reject()

    def _answered(self) -> None:
        self.box = None


def _bring_to_front(box: QMessageBox) -> None:
    """Show the question again, with the keyboard on the button that changes nothing."""
    box.raise_()
    box.activateWindow()
    box.defaultButton().setFocus(Qt.FocusReason.ShortcutFocusReason)


def choice(
    parent: QWidget,
    name: str,
    text: str,
    ways: Iterable[tuple[str, Callable[[], object]]],
    about: str = "",
) -> QMessageBox:
    """Ask which of several things is meant; closing the question changes nothing.

    A letter after `&` in a way's label is its key.
    """
    box = QMessageBox(parent)
    box.setWindowTitle(name)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(text)
    box.setInformativeText(about)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    made = {box.addButton(label, QMessageBox.ButtonRole.ActionRole): do for label, do in ways}
    for one in made:
        one.setAutoDefault(False)
    refuse = box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(refuse)
    box.setEscapeButton(refuse)

    def chosen(pressed: QAbstractButton) -> None:
        do = next((do for one, do in made.items() if one is pressed), None)
        if do is not None:
            do()

    box.buttonClicked.connect(chosen)
    box.open()
    return box


class Problem(QLabel):
    """The line for errors; it takes no space without one."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setFont(body_font())
        self.setStyleSheet(f"color: {theme.caution};")
        self.hide()

    def tell(self, text: str) -> None:
        """Show an error; "" hides the line."""
        self.setText(plain(text, 300))
        self.setVisible(bool(text))


def _add(column: QVBoxLayout, part: Part, stretch: int) -> None:
    if isinstance(part, QLayout):
        column.addLayout(part, stretch)
    else:
        column.addWidget(part, stretch)
