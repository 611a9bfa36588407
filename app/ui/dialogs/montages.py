"""The montages: their texts, checked while they are written, and the rows that they give of the EEG."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor, QFontDatabase, QTextCursor, QTextFormat
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from app.core.eeg.derivation import Derivation, DerivedRow, derive
from app.core.eeg.montage_folder import (
    MontageFile,
    delete_personal_montage,
    duplicate_of,
    known_montages,
    save_personal_montage,
)
from app.core.eeg.montages import Montage, MontageLineError, parse_montage
from app.core.errors import UserError
from app.core.plain_text import plain
from app.ui.dialogs.form import Problem, button, lay_out, question, sentence, side_by_side, title
from app.ui.session.session import Session

_PAUSE = 150
"""Milliseconds without a key after which the text is checked."""

_NO_FILE = "Attach an EEG to see which rows it gives."
_NEW = "(not saved)"


class MontagesDialog(QDialog):
    """Text at the left, rows at the right. Montages of the program can only be read and duplicated."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title(self, "Montages")
        self._session = session
        self._files: tuple[MontageFile, ...] = ()
        self._kept = ""
        self._row = 0
        self.montages = QComboBox()
        self.name = QLineEdit()
        self.text = QPlainTextEdit()
        self.rows = QListWidget()
        self.counted = sentence(small=True)
        self.problem = Problem(session.appearance.theme)
        self.copy = button(
            "Duplicate", self.duplicate, tip="Write one of your own that begins with this text"
        )
        self.delete = button("Delete…", self.ask_to_delete)
        self.save_button = button("Save", self.save, tip="Save in the settings folder, and show it")
        self._check_soon = QTimer(self)
        self._check_soon.setSingleShot(True)
        self._check_soon.setInterval(_PAUSE)
        self._check_soon.timeout.connect(self.check)
        self._arrange()
        shown = next((one.name for one in known_montages() if one.montage == session.eeg.montage), "")
        self._fill(shown)
        self.resize(880, 560)

    def _arrange(self) -> None:
        self.montages.setAccessibleName("Montage")
        self.montages.activated.connect(self._choose)
        self.name.setAccessibleName("Name of the file")
        self.name.setMaxLength(60)
        self.name.setMinimumWidth(230)
        self.text.setAccessibleName("Text of the montage")
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setTabChangesFocus(True)
        self.text.textChanged.connect(self._check_soon.start)
        self.name.textChanged.connect(lambda _text: self._show_whether())
        self.rows.setAccessibleName("Rows of the current EEG")
        self.rows.setWordWrap(True)
        self.rows.setSpacing(1)
        halves = QHBoxLayout()
        halves.addWidget(self.text, 3)
        halves.addWidget(self.rows, 2)
        about = sentence(
            "A row on each line, as in “Fp1 - F7”, “C3 - average”, “each ECG”; an empty line is a space.",
            small=True,
        )
        top = side_by_side(self.montages, self.name, self.copy, self.delete, growing=self.montages)
        close = button("Close", self.reject)
        ends = side_by_side(self.counted, self.save_button, close, growing=self.counted)
        lay_out(self, top, about, halves, self.problem, ends, growing=halves)

    # which one

    @property
    def _file(self) -> MontageFile | None:
        """The file that is shown; None for one that was never saved."""
        return self._files[self._row] if self._row < len(self._files) else None

    @property
    def changed(self) -> bool:
        """Whether there is something that is not saved."""
        return not self.text.isReadOnly() and self.text.toPlainText() != self._kept

    def _fill(self, name: str) -> None:
        """List the montages as their files are now, and show one."""
        self._files = known_montages()
        self.montages.clear()
        for one in self._files:
            shown = plain(one.montage.title if one.montage else f"{one.name} (cannot be read)", 60)
            self.montages.addItem(f"{shown} – mine" if one.is_personal else shown)
        names = [one.name for one in self._files]
        self._show_file(names.index(name) if name in names else 0)

    def _choose(self, row: int) -> None:
        if row == self._row:
            return
        if self.changed:
            self.montages.setCurrentIndex(self._row)
            self._ask_to_discard(lambda: self._leave_for(row))
        else:
            self._leave_for(row)

    def _leave_for(self, row: int) -> None:
        name = self._files[row].name
        self._fill(name)

    def _show_file(self, row: int) -> None:
        self._row = row
        self.montages.setCurrentIndex(row)
        file = self._files[row]
        self._show_text(file.name, file.text, kept=file.text, editable=file.is_personal)

    def _show_text(self, name: str, text: str, *, kept: str, editable: bool) -> None:
        self.name.setText(name)
        self.name.setReadOnly(not editable)
        self.text.setReadOnly(not editable)
        self._kept = kept
        self.text.setPlainText(text)
        self.check()

    # what is done with it

    def duplicate(self) -> None:
        """Begin a personal montage with the text of this one."""
        file = self._file
        if file is None:
            return
        if self.changed:
            self._ask_to_discard(lambda: self._duplicate(file))
        else:
            self._duplicate(file)

    def _duplicate(self, file: MontageFile) -> None:
        name, text = duplicate_of(file)
        self._row = len(self._files)
        self.montages.addItem(_NEW)
        self.montages.setCurrentIndex(self._row)
        self._show_text(name, text, kept="", editable=True)
        self.text.setFocus()

    def save(self) -> None:
        """Save the text and show it as the montage of the panel; what is wrong is shown in the dialog."""
        name, file = self.name.text().strip(), self._file
        others = {one.name.lower() for one in self._files if file is None or one.name != file.name}
        if name.lower() in others:
            self.problem.tell(f"There is a montage “{name}” already; choose another name.")
            return
        try:
            save_personal_montage(name, self.text.toPlainText(), former=file.name if file else None)
        except UserError as error:
            self.problem.tell(str(error))
            return
        self._fill(name)
        if self._session.eeg.file is not None:
            self._session.eeg.choose_montage(name)

    def ask_to_delete(self) -> None:
        """Delete a personal montage when that is confirmed."""
        file = self._file
        if file is not None and file.is_personal:
            about = "Its file is deleted; EEGs shown in it go back to their usual montage."
            name = f"Delete the montage “{plain(file.name, 60)}”?"
            question(self, "Montages", name, about, yes="Delete", do=lambda: self._delete(file.name))

    def _delete(self, name: str) -> None:
        try:
            delete_personal_montage(name)
        except UserError as error:
            self.problem.tell(str(error))
            return
        chosen = self._session.eeg.of_file.montage
        self._session.eeg.choose_montage("" if chosen == name else chosen)
        self._fill("")

    def reject(self) -> None:
        if self.changed:
            self._ask_to_discard(self._close_unsaved)
        else:
            super().reject()

    def _close_unsaved(self) -> None:
        self._kept = self.text.toPlainText()
        self.reject()

    def _ask_to_discard(self, do: object) -> None:
        assert callable(do)
        about = "What you have written in this montage is not saved."
        question(self, "Montages", "Discard the changes?", about, yes="Discard", do=do, no="Keep writing")

    # checking it

    def check(self) -> None:
        """Check the text, and show the rows that it gives of the current EEG."""
        self._check_soon.stop()
        self._show_whether()
        try:
            montage = parse_montage(self.text.toPlainText(), self.name.text() or "montage")
        except MontageLineError as error:
            self._mark_line(error.line)
            self.problem.tell(f"Line {error.line}: {error.why}.")
            self._refuse()
        except UserError as error:
            self._mark_line(0)
            self.problem.tell(str(error))
            self._refuse()
        else:
            self._mark_line(0)
            self.problem.tell("")
            self._show_rows(montage)

    def _refuse(self) -> None:
        self.save_button.setEnabled(False)
        self.rows.clear()
        self.counted.setText("")

    def _show_whether(self) -> None:
        """Enable what can be done."""
        file = self._file
        self.copy.setEnabled(file is not None)
        self.delete.setEnabled(file is not None and file.is_personal)
        renamed = file is not None and self.name.text().strip() != file.name
        self.save_button.setEnabled(not self.text.isReadOnly() and (self.changed or renamed))

    def _mark_line(self, line: int) -> None:
        """Shade a line, counted from 1; 0 shades none."""
        marks = []
        if line:
            mark = QTextEdit.ExtraSelection()
            ground = QColor(self._session.appearance.theme.caution_ground)
            cursor = QTextCursor(self.text.document().findBlockByNumber(line - 1))
            mark.cursor = cursor
            mark.format.setBackground(ground)
            mark.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
            marks.append(mark)
        self.text.setExtraSelections(marks)

    def _show_rows(self, montage: Montage) -> None:
        self.rows.clear()
        file = self._session.eeg.file
        if file is None:
            self.counted.setText(_NO_FILE)
            return
        derived = derive(montage, file.channels(), file.bad_numbers())
        for row in derived.rows:
            self._add(_row_words(row))
        for missing in derived.missing:
            self._add(f"{missing.name}: {missing.why}", QColor(self._session.appearance.theme.caution))
        self.counted.setText(_counted(derived))

    def _add(self, words: str, colour: QColor | None = None) -> None:
        item = QListWidgetItem(plain(words, 200))
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        if colour is not None:
            item.setForeground(colour)
        self.rows.addItem(item)


def _row_words(row: DerivedRow) -> str:
    parts = [f"{row.name}  ({row.kind.value}, {float(row.rate):g} Hz)"]
    if row.has_bad:
        parts.append("bad channel")
    if row.note:
        parts.append(row.note)
    return " · ".join(parts)


def _counted(derived: Derivation) -> str:
    shown = f"{len(derived.rows)} row{'' if len(derived.rows) == 1 else 's'} of the current EEG"
    return f"{shown}, {len(derived.missing)} cannot be shown" if derived.missing else shown
