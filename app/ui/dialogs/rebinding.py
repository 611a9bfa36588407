"""Choosing keys: a set to begin with, and any command on any key."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from app.ui.commands.actions import Actions
from app.ui.commands.command import Command, key_words
from app.ui.commands.keymap import PRESETS, Keymap
from app.ui.dialogs.form import CLOSE, button, buttons, lay_out, sentence, title
from app.ui.dialogs.palette import rank
from app.ui.theme import ROW_HEIGHT, body_font

_COMMAND = Qt.ItemDataRole.UserRole
_MODIFIERS = (
    Qt.Key.Key_Shift,
    Qt.Key.Key_Control,
    Qt.Key.Key_Alt,
    Qt.Key.Key_Meta,
    Qt.Key.Key_AltGr,
    Qt.Key.Key_CapsLock,
    Qt.Key.Key_unknown,
)
_CHOOSE = "Choose a command, then press “New key”."
_TAKEN_BY_QT = (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)


class KeyField(QPushButton):
    """A button that, once pressed, waits for the next key. Tab stays what moves the focus."""

    pressed_key = Signal(str)
    """The key in Qt's portable spelling."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("New key", parent)
        self.setCheckable(True)
        self.toggled.connect(lambda on: self.setText("Press a key…" if on else "New key"))

    def event(self, event: QEvent) -> bool:
        if self.isChecked() and isinstance(event, QKeyEvent) and event.key() not in _TAKEN_BY_QT:
            if event.type() is QEvent.Type.ShortcutOverride:
                event.accept()  # the key is for us and no action's
                return True
            if event.type() is QEvent.Type.KeyPress:
                self._take(event)
                return True
        if event.type() is QEvent.Type.FocusOut:
            self.setChecked(False)
        return super().event(event)

    def _take(self, event: QKeyEvent) -> None:
        if event.key() in _MODIFIERS or event.isAutoRepeat():
            return
        self.setChecked(False)
        self.pressed_key.emit(
            QKeySequence(event.keyCombination()).toString(QKeySequence.SequenceFormat.PortableText)
        )


class RebindingDialog(QDialog):
    """All commands with their keys. Changes apply at once; `changed` carries the new keymap."""

    changed = Signal(object)

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title(self, "Customise keys")
        self._actions = actions
        self._asked = ""
        self.preset = QComboBox()
        self.preset.addItems(list(PRESETS))
        self.preset.setAccessibleName("Key set")
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search for a command or a key")
        self.search.setAccessibleName("Search")
        self.search.setClearButtonEnabled(True)
        self.list = _list()
        self.words = sentence(_CHOOSE)
        self.new_key = KeyField()
        self.take = button("Reassign")
        self.remove = button("Remove key")
        self.reset = button("Reset key")
        self.reset_all = button("Reset all")
        self._lay_out()
        self._connect()
        self._fill()
        self.resize(620, 620)

    def _lay_out(self) -> None:
        above = QHBoxLayout()
        label = QLabel("Key &set")
        label.setBuddy(self.preset)
        above.addWidget(label)
        above.addWidget(self.preset)
        above.addSpacing(12)
        above.addWidget(self.search, 1)
        below = QHBoxLayout()
        self.new_key.setAutoDefault(False)
        for one in (self.new_key, self.take, self.remove, self.reset):
            below.addWidget(one)
        below.addStretch()
        below.addWidget(self.reset_all)
        lay_out(self, above, self.list, self.words, below, buttons(self, CLOSE), growing=self.list)

    def _connect(self) -> None:
        self.preset.textActivated.connect(lambda name: self._change(Keymap(name, self._keymap.own)))
        self.search.textChanged.connect(self._fill)
        self.list.currentItemChanged.connect(lambda _now, _before: self._tell())
        self.list.itemActivated.connect(lambda _item, _column: self.new_key.click())
        self.new_key.toggled.connect(self._begin)
        self.new_key.pressed_key.connect(self._offer)
        self.take.clicked.connect(lambda: self._give((self._asked,)))
        self.remove.clicked.connect(lambda: self._give(()))
        self.reset.clicked.connect(self._reset)
        self.reset_all.clicked.connect(lambda: self._change(Keymap(self._keymap.preset)))

    @property
    def _keymap(self) -> Keymap:
        return self._actions.keymap

    @property
    def command(self) -> Command | None:
        """The chosen command."""
        item = self.list.currentItem()
        chosen = None if item is None else item.data(0, _COMMAND)
        return next((one for one in self._actions.commands if one.id == chosen), None)

    def choose(self, id_: str) -> None:
        """Choose a command of the list."""
        for place in range(self.list.topLevelItemCount()):
            item = self.list.topLevelItem(place)
            if item is not None and item.data(0, _COMMAND) == id_:
                self.list.setCurrentItem(item)

    def _fill(self) -> None:
        chosen = self.command
        self.preset.setCurrentText(self._keymap.preset)
        self.list.clear()
        typed = self.search.text()
        for command in self._actions.commands:
            keys = key_words(self._actions.keys_of(command))
            if rank(command, typed) is None and typed.casefold() not in keys.casefold().split():
                continue
            own = "changed" if self._is_own(command) else ""
            item = QTreeWidgetItem([command.plain_name, keys, own])
            item.setData(0, _COMMAND, command.id)
            item.setToolTip(0, command.help)
            self.list.addTopLevelItem(item)
        if chosen is not None:
            self.choose(chosen.id)
        self._tell()

    def _is_own(self, command: Command) -> bool:
        return self._keymap.keys_of(command) != self._keymap.preset_keys(command)

    def _tell(self, words: str = "") -> None:
        command = self.command
        self._asked = ""
        self.take.setVisible(False)
        for one in (self.new_key, self.remove):
            one.setEnabled(command is not None)
        self.reset.setEnabled(command is not None and self._is_own(command))
        self.words.setText(words or (_CHOOSE if command is None else command.help))

    def _begin(self, on: bool) -> None:
        if on:
            self.take.setVisible(False)
            self.words.setText("Press the key, with Ctrl, Alt or Shift where wanted.")

    def _offer(self, key: str) -> None:
        """Give a free key at once; ask about one that another command has."""
        command = self.command
        if command is None or not key:
            return
        holder = self._keymap.holder(key, self._actions.commands)
        if holder is None or holder.id == command.id:
            self._asked = key
            self._give((key,))
            return
        self._tell(f"{key_words([key])} is “{holder.plain_name}”, which would lose it.")
        self._asked = key
        self.take.setVisible(True)
        self.take.setFocus(Qt.FocusReason.OtherFocusReason)

    def _give(self, keys: tuple[str, ...]) -> None:
        command = self.command
        if command is not None:
            self._change(self._keymap.with_keys(command, keys, self._actions.commands))

    def _reset(self) -> None:
        """As in the set; a key that another command has taken since comes back from there."""
        command = self.command
        if command is None:
            return
        keymap = self._keymap.without_own(command)
        self._change(
            keymap.with_keys(command, keymap.keys_of(command), self._actions.commands).without_own(command)
        )

    def _change(self, keymap: Keymap) -> None:
        self._actions.set_keymap(keymap)
        self.changed.emit(keymap)
        self._fill()


def _list() -> QTreeWidget:
    view = QTreeWidget()
    view.setColumnCount(3)
    view.setHeaderLabels(["Command", "Keys", ""])
    view.setRootIsDecorated(False)
    view.setUniformRowHeights(True)
    view.setAllColumnsShowFocus(True)
    view.setFont(body_font())
    view.setStyleSheet(f"QTreeView::item {{ height: {ROW_HEIGHT - 4}px; padding-left: 6px; }}")
    view.setAccessibleName("Commands and their keys")
    header = view.header()
    header.setStretchLastSection(False)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
    return view
