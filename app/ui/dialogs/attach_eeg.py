"""Attaching an EEG to the open recording: which file, how the clocks are brought together, what to check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFileDialog,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.core.eeg.sync import Sync
from app.core.plain_text import breakable, plain
from app.core.times import clock
from app.ui.dialogs.check_box import CheckBox, RadioButton
from app.ui.dialogs.form import CANCEL, OK, Problem, button, buttons, lay_out, sentence, side_by_side, title
from app.ui.session.eeg_proposals import ExaminedEeg
from app.ui.session.session import Session
from app.ui.theme import body_font
from app.ui.views.tool_tip import tool_tip

if TYPE_CHECKING:
    from app.core.eeg.eeg_beside import NearbyEeg
    from app.core.eeg.sync_options import SyncOption
    from app.core.jobs import Progress
    from app.core.study.stored_eeg import AgreedSync

PATTERNS = "*.edf *.bdf *.EDF *.BDF *.rec *.REC *.vhdr *.VHDR *.lay *.LAY *.eeg *.EEG *.trc *.TRC"
FARTHEST = 31 * 86_400.0
"""Seconds of the largest offset by hand."""

_SHOWN_ROWS, _SHOWN_WAYS = (4, 8), 11
"""The rows of files, at least and at most, and the lines that are seen without scrolling."""
_INDENT = 26
_BY_HAND = "entered by hand"
_NO_WAY = (
    "Nothing here says when the EEG began: choose By hand, and say where on the recording's clock it begins."
)
_ATTACHED = "attached already"
_CHECKED = "I have checked that this is the EEG of this patient and event"
_NAMES = {
    "start times": "Start times of both files",
    "file name": "Time in the recording's file name",
    "annotation": "Annotation of the EEG",
    "sound": "Sound of both",
}


class AttachEegDialog(QDialog):
    """Proposes and warns; nothing is attached before the person presses *Attach*."""

    folder_chosen = Signal(str)
    """The folder of a file that was chosen in the system's dialog."""
    further_chosen = Signal(list)
    """The other files of several that were chosen there."""

    def __init__(
        self, session: Session, folder: str, path: Path | None = None, parent: QWidget | None = None
    ) -> None:
        """`path` is a file that was chosen already; `folder` is where the system's dialog begins."""
        super().__init__(parent)
        title(self, "Attach an EEG")
        self._session = session
        self._proposals = session.eeg_proposals
        self._folder = folder
        self.examined: ExaminedEeg | None = None
        self._options: dict[RadioButton, SyncOption] = {}
        self._path: Path | None = None
        self._touched = False
        self.files = QListWidget()
        self.files.setAccessibleName("EEG files beside the recording, the likeliest first")
        self.files.setFont(body_font())
        self.files.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.files.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # The list makes its first row the current one when it gets the keyboard, which chooses nothing.
        self.files.itemSelectionChanged.connect(self._on_file)
        self.other = button("Another file…", self.choose)
        self.file_text = sentence(small=True)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(4)
        self.ways = QScrollArea()
        self.ways.setWidgetResizable(True)
        self.ways.setFrameShape(QScrollArea.Shape.NoFrame)
        self.ways.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._group = QButtonGroup(self)
        self._group.buttonToggled.connect(lambda _button, on: self._show_warnings() if on else None)
        self._group.buttonClicked.connect(self._on_touched)
        self.by_hand = RadioButton(session, "By hand: the EEG begins at")
        self.by_hand.setFont(body_font())
        self._group.addButton(self.by_hand)
        self.seconds = self._spin()
        self.checked = CheckBox(session, _CHECKED)
        self.checked.toggled.connect(lambda _on: self._show_whether())
        self.problem = Problem(session.appearance.theme)
        self.buttons = buttons(self, OK, CANCEL)
        self.attach_button = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        self.attach_button.setText("Attach")
        self._compose()
        self._proposals.found.connect(self._on_found)
        self._proposals.examined.connect(self._on_examined)
        self._proposals.progressed.connect(self._on_progress)
        self._proposals.failed.connect(self._on_failed)
        self._proposals.ended.connect(self._on_ended)
        session.opened.recording_changed.connect(self.reject)
        self._show_ways()
        self._proposals.search()
        if path is not None:
            self.examine(path)

    def _spin(self) -> QDoubleSpinBox:
        spin = QDoubleSpinBox()
        spin.setRange(-FARTHEST, FARTHEST)
        spin.setDecimals(3)
        spin.setSuffix(" s")
        spin.setFont(body_font())
        spin.setAccessibleName("Seconds on the recording's clock at which the EEG begins")
        spin.setToolTip("Negative: the EEG began before the recording.")
        spin.valueChanged.connect(self._on_seconds)
        return spin

    def _compose(self) -> None:
        line = self.files.fontMetrics().lineSpacing()
        self._fit_rows()
        self.ways.setMinimumHeight(_SHOWN_WAYS * line)
        of_clock = sentence("on the recording's clock")
        of_clock.setWordWrap(False)
        by_hand = side_by_side(self.by_hand, self.seconds, of_clock)
        lay_out(
            self,
            sentence("EEG file", bold=True),
            self.files,
            side_by_side(self.file_text, self.other, growing=self.file_text),
            self.progress,
            sentence("Synchronisation", bold=True),
            self.ways,
            by_hand,
            self.problem,
            self.checked,
            self.buttons,
            growing=self.ways,
        )
        self.setMinimumWidth(640)

    def _fit_rows(self) -> None:
        """Let the list of files be as high as whole rows are."""
        least, most = _SHOWN_ROWS
        line = self.files.sizeHintForRow(0) if self.files.count() else self.files.fontMetrics().lineSpacing()
        rows = min(max(self.files.count(), least), most)
        self.files.setFixedHeight(rows * line + 2 * self.files.frameWidth())

    # which file

    def choose(self) -> None:
        """Ask for one file or several with the system's dialog."""
        names, _ = QFileDialog.getOpenFileNames(
            self, "Attach an EEG", self._folder, f"EEG files ({PATTERNS});;All files (*)"
        )
        if names:
            self._folder = str(Path(names[0]).parent)
            self.folder_chosen.emit(self._folder)
            self.examine(Path(names[0]))
            self.further_chosen.emit([Path(name) for name in names[1:]])

    def show_further(self, count: int) -> None:
        """Say how many files are asked about after this one."""
        self.attach_button.setText("Attach and go on" if count else "Attach")
        title(self, f"Attach an EEG ({count} more after this)" if count else "Attach an EEG")

    def examine(self, path: Path) -> None:
        """Show the ways for this file as they are found."""
        self.examined, self._touched, self._path = None, False, path
        self.checked.setChecked(False)
        self.problem.tell("")
        self.file_text.setText(breakable(plain(f"Reading {path.name} …", 200)))
        self._select(path)
        self._show_ways()
        self._proposals.examine(path)

    def _on_found(self, found: tuple[NearbyEeg, ...]) -> None:
        self.files.blockSignals(True)
        self.files.clear()
        attached = {eeg.path for eeg in self._session.attached_eeg.files}
        for one in found:
            is_attached = one.path.absolute() in attached
            words = _ATTACHED if is_attached else f"{_start_text(one)}{one.words}"
            item = QListWidgetItem(plain(f"{one.path.name} · {words}", 200))
            item.setData(Qt.ItemDataRole.UserRole, one.path)
            item.setToolTip(tool_tip(plain(str(one.path), 500)))
            self.files.addItem(item)
        self.files.setEnabled(bool(found))
        if not found:
            self.files.addItem("There is no EEG file next to the recording.")
        self.files.blockSignals(False)
        self._fit_rows()
        if self._path is not None:  # also one that could not be read: nobody takes another for it
            self._select(self._path)
        else:
            free = (row for row, one in enumerate(found) if one.path.absolute() not in attached)
            self.files.setCurrentRow(next(free, -1))

    def _on_file(self) -> None:
        paths = [item.data(Qt.ItemDataRole.UserRole) for item in self.files.selectedItems()]
        path = paths[0] if paths else None
        if isinstance(path, Path) and path != self._path:
            self.examine(path)

    def _select(self, path: Path) -> None:
        """Show which row of the list the file is, if it is one."""
        self.files.blockSignals(True)
        rows = (row for row in range(self.files.count()) if self._path_in(row) == path)
        self.files.setCurrentRow(next(rows, -1))
        self.files.blockSignals(False)

    def _path_in(self, row: int) -> object:
        item = self.files.item(row)
        return None if item is None else item.data(Qt.ItemDataRole.UserRole)

    # how the clocks are brought together

    @property
    def sync(self) -> Sync | None:
        """The sync that is chosen, None without one."""
        if self._group.checkedButton() is self.by_hand:
            return Sync(self.seconds.value())
        return None if self._option is None else self._option.proposal.sync

    @property
    def _option(self) -> SyncOption | None:
        """The proposal that is chosen, None without one and by hand."""
        chosen = self._group.checkedButton()
        return self._options.get(chosen) if isinstance(chosen, RadioButton) else None

    @property
    def agreed(self) -> AgreedSync | None:
        """What is stored if the person attaches the file now."""
        from app.core.study.stored_eeg import AgreedSync

        sync, option = self.sync, self._option
        return None if sync is None else AgreedSync(sync, _BY_HAND if option is None else option.origin)

    def accept(self) -> None:
        """Attach the file."""
        agreed = self.agreed
        if self.examined is not None and agreed is not None and self.attach_button.isEnabled():
            self._session.attached_eeg.attach(self.examined.path, agreed)
            super().accept()

    def done(self, result: int) -> None:
        self._proposals.cancel()
        super().done(result)

    def _on_examined(self, examined: ExaminedEeg) -> None:
        kept = self._option
        self.examined = examined
        self.file_text.setText(breakable(plain(_file_text(examined), 300)))
        self._select(examined.path)
        self._show_ways(kept.origin if kept is not None and self._touched else "")

    def _show_ways(self, chosen: str = "") -> None:
        """Show each way with its reason, that of origin `chosen` selected, else the first that proposes."""
        for radio in tuple(self._options):
            self._group.removeButton(radio)
        self._options.clear()
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        for option in self.examined.options if self.examined is not None else ():
            self._add_way(option, column)
        column.addStretch(1)
        self.ways.setWidget(content)
        if not (self._touched and self.by_hand.isChecked()):
            self._choose_way(chosen)
        for part in (self.by_hand, self.seconds):
            part.setEnabled(self.examined is not None)
        self._show_warnings()

    def _add_way(self, option: SyncOption, column: QVBoxLayout) -> None:
        radio = RadioButton(self._session, _way_text(option))
        radio.setFont(body_font())
        radio.setEnabled(option.proposal.sync is not None)
        reason = sentence(breakable(plain(_reason(option), 600)), small=True)
        reason.setContentsMargins(_INDENT, 0, 0, 6)
        radio.setAccessibleDescription(reason.text())
        self._options[radio] = option
        self._group.addButton(radio)
        column.addWidget(radio)
        column.addWidget(reason)

    def _choose_way(self, origin: str) -> None:
        usable = [radio for radio, option in self._options.items() if option.proposal.sync is not None]
        same = (radio for radio in usable if self._options[radio].origin == origin)
        radio = next(same, next(iter(usable), None))
        if radio is not None:
            radio.setChecked(True)
            return
        self._group.setExclusive(False)
        self.by_hand.setChecked(False)
        self._group.setExclusive(True)

    def _on_touched(self) -> None:
        self._touched = True

    def _on_seconds(self) -> None:
        self._touched = True
        self.by_hand.setChecked(True)
        self._show_warnings()

    # what to check

    def _show_warnings(self) -> None:
        examined, sync = self.examined, self.sync
        warnings = self._warnings(examined, sync) if examined is not None else ()
        told = " ".join(warnings)
        if examined is not None and self._is_attached:
            told = f"“{examined.path.name}” is {_ATTACHED}."
        elif examined is not None and examined.complete and sync is None:
            told = _NO_WAY
        self.problem.tell(told)
        self.checked.setVisible(bool(warnings) and not self._is_attached)
        self._show_whether()

    @property
    def _is_attached(self) -> bool:
        """Whether this content is attached to the recording already, whatever its file is called."""
        examined, attached = self.examined, self._session.attached_eeg
        return examined is not None and attached.find(examined.fingerprint) is not None

    def _warnings(self, examined: ExaminedEeg, sync: Sync | None) -> tuple[str, ...]:
        if sync is None:
            return ()
        of_option = () if self._option is None else self._option.proposal.warnings
        return tuple(dict.fromkeys((*of_option, *self._proposals.warnings(examined, sync))))

    def _show_whether(self) -> None:
        agreed = self.sync is not None and self.examined is not None and not self._is_attached
        self.attach_button.setEnabled(agreed and (self.checked.isHidden() or self.checked.isChecked()))

    def _on_failed(self, why: str) -> None:
        self.examined = None
        self.file_text.setText("")
        self._show_ways()
        self.problem.tell(why)

    def _on_progress(self, progress: Progress) -> None:
        self.progress.setRange(0, 1000)
        self.progress.setValue(round(1000 * progress.done))

    def _on_ended(self) -> None:
        self.progress.setRange(0, 1000)
        self.progress.setValue(0)


def _start_text(one: NearbyEeg) -> str:
    return "" if one.extent.began is None else f"{one.extent.began:%Y-%m-%d %H:%M:%S} · "


def _file_text(examined: ExaminedEeg) -> str:
    extent = examined.extent
    began = "no start stated" if extent.began is None else f"begins {extent.began:%Y-%m-%d %H:%M:%S}"
    more = "" if examined.complete else " – still looking for other ways …"
    return f"{examined.path.name}: {began}, {_length_text(extent.duration)}{more}"


def _length_text(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"


def _way_text(option: SyncOption) -> str:
    name, sync = _NAMES[option.basis.value], option.proposal.sync
    if sync is None:
        return name
    drift = f", drift {1e6 * sync.drift:+.1f} µs/s" if sync.drift else ""
    begins = f"{clock(abs(sync.offset))} {'before' if sync.offset < 0 else 'after'} the recording"
    return f"{name}: the EEG begins {begins}, ± {_uncertainty(option.proposal.uncertainty)}{drift}"


def _uncertainty(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds >= 1 else f"{seconds:.2f} s"


def _reason(option: SyncOption) -> str:
    warnings = option.proposal.warnings if option.proposal.sync is None else ()
    return " ".join((option.proposal.reason, *warnings))
