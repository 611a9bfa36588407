"""Every command by a few letters of its name: type, choose, Enter."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.core.command_words import command_words
from app.ui.commands.actions import Actions
from app.ui.commands.command import Command, key_words
from app.ui.theme import ROW_HEIGHT, body_font, small_font

_WIDTH, _ROWS = 560, 12
_WORD = 3
"""The fewest letters that count as a whole word."""
_COMMAND = Qt.ItemDataRole.UserRole
_KEYS = Qt.ItemDataRole.UserRole + 1
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -_ROWS, Qt.Key.Key_PageDown: _ROWS}


def rank(command: Command, typed: str) -> int | None:
    """How well a command fits what was typed, the smaller the better; None when it does not.

    Its name comes before what else it is called, whole words before beginnings of words, and a name that
    begins as typed before one in which that comes later. One or two letters are the beginning of a word, not
    a word such as “a”.
    """
    wanted = typed.casefold().split()
    name = command.plain_name.casefold()
    if not wanted or " ".join(wanted) == name:
        return 0
    called = command_words(command.id, command.plain_name)
    known = ((_bare(name.split()), (1, 2, 3, 4)), (called, (5, 5, 6, 6)))
    for words, (whole_first, whole, begun_first, begun) in known:
        if _has_whole(words, wanted):
            return whole_first if words[0] == wanted[0] else whole
        if all(any(word.startswith(part) for word in words) for part in wanted):
            return begun_first if words[0].startswith(wanted[0]) else begun
    everything = f"{name} {command.help.casefold()} {command.menu.value.replace('&', '').casefold()}"
    if all(part in everything for part in wanted):
        return 7
    return 8 if _in_order("".join(wanted), name) else None


def _has_whole(words: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether what was typed are whole words of these, those of one or two letters at least beginnings."""
    long = [part for part in wanted if len(part) >= _WORD]
    short = [part for part in wanted if len(part) < _WORD]
    begun = all(any(word.startswith(part) for word in words) for part in short)
    return bool(long) and begun and all(part in words for part in long)


def _bare(words: Sequence[str]) -> tuple[str, ...]:
    """Words without the signs around them."""
    return tuple(word.strip(".,:;()“”…") or word for word in words)


def _in_order(letters: str, name: str) -> bool:
    """Whether the letters come in `name` in this order."""
    place = -1
    for letter in letters:
        place = name.find(letter, place + 1)
        if place < 0:
            return False
    return True


def found(commands: Sequence[Command], typed: str) -> list[Command]:
    """The commands that fit, the best first, else in the order of the menus."""
    ranked = [(rank(command, typed), place) for place, command in enumerate(commands)]
    return [
        commands[place] for fit, place in sorted((fit, place) for fit, place in ranked if fit is not None)
    ]


class Palette(QDialog):
    """The palette over the window; closes itself before it runs what was chosen."""

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Commands")
        self._actions = actions
        self._field = QLineEdit()
        self._field.setPlaceholderText("What do you want to do?")
        self._field.setAccessibleName("Search the commands")
        self._field.setFont(body_font())
        self._field.setMinimumHeight(32)
        self._list = QListWidget()
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setUniformItemSizes(True)
        self._list.setItemDelegate(_Line(self._list))
        self._list.setFrameShape(QListWidget.Shape.NoFrame)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self._field)
        column.addWidget(self._list)
        self._field.textChanged.connect(self._search)
        self._field.returnPressed.connect(self._choose)
        self._field.installEventFilter(self)
        self._list.itemClicked.connect(lambda _item: self._choose())
        self._search("")

    def show_over(self, window: QWidget) -> None:
        """Show the palette in the upper middle of the window."""
        width = min(_WIDTH, window.width() - 40)
        self.resize(width, 60 + _ROWS * ROW_HEIGHT)
        place = window.mapToGlobal(window.rect().topLeft())
        self.move(place.x() + (window.width() - width) // 2, place.y() + 70)
        self.show()
        self.activateWindow()
        self._field.setFocus(Qt.FocusReason.OtherFocusReason)

    def names(self) -> list[str]:
        """What is listed now, from the top."""
        return [self._list.item(row).text() for row in range(self._list.count())]

    def _search(self, typed: str) -> None:
        self._list.clear()
        for command in found(self._actions.commands, typed):
            item = QListWidgetItem(command.plain_name)
            item.setData(_COMMAND, command.id)
            item.setData(_KEYS, key_words(self._actions.keys_of(command)[:2]))
            item.setToolTip(command.help)
            if not self._actions[command.id].isEnabled():
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEnabled)
            self._list.addItem(item)
        first = (row for row in range(self._list.count()) if _enabled(self._list.item(row)))
        self._list.setCurrentRow(next(first, -1))

    def _choose(self) -> None:
        item = self._list.currentItem()
        if item is None or not _enabled(item):
            return
        chosen = next(one for one in self._actions.commands if one.id == item.data(_COMMAND))
        self.close()
        self._actions.run(chosen)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.ActivationChange and self.isVisible() and not self.isActiveWindow():
            self.close()  # somebody has clicked elsewhere

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt calls it so
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            steps = _STEPS.get(Qt.Key(event.key()))
            if steps is not None:
                self._move(steps)
                return True
        return False

    def _move(self, steps: int) -> None:
        """Choose the command so many lines below (or above) among those that make sense now."""
        rows = [row for row in range(self._list.count()) if _enabled(self._list.item(row))]
        if rows:
            place = rows.index(self._list.currentRow()) + steps
            self._list.setCurrentRow(rows[min(max(place, 0), len(rows) - 1)])


def _enabled(item: QListWidgetItem) -> bool:
    return bool(item.flags() & Qt.ItemFlag.ItemIsEnabled)


class _Line(QStyledItemDelegate):
    """A name on the left, its keys on the right."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, ROW_HEIGHT)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        palette: QPalette = option.palette
        state = option.state
        area: QRect = option.rect
        enabled = bool(state & QStyle.StateFlag.State_Enabled)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, palette.color(QPalette.ColorRole.Highlight))
        group = QPalette.ColorGroup.Active if enabled else QPalette.ColorGroup.Disabled
        painter.setPen(palette.color(group, QPalette.ColorRole.Text))
        painter.setFont(body_font())
        words = area.adjusted(10, 0, -10, 0)
        left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        keys = str(index.data(_KEYS))
        room = words.width() - QFontMetrics(small_font()).horizontalAdvance(keys) - 16
        name = painter.fontMetrics().elidedText(str(index.data()), Qt.TextElideMode.ElideRight, room)
        painter.drawText(words, left, name)
        painter.setFont(small_font())
        painter.setPen(palette.color(group, QPalette.ColorRole.PlaceholderText))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, keys)
