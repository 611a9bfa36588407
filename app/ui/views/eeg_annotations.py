"""The annotations of the EEG: listed and filtered; a click goes there, a key makes one part of my reading."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QStackedLayout,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.core.eeg.annotation_search import (
    MOST_ROWS,
    AnnotationFilter,
    AnnotationKind,
    AnnotationList,
    ListedAnnotation,
)
from app.core.eeg.sync import SAME_CLOCK
from app.ui.session.eeg_annotations import AnnotationUse
from app.ui.session.session import Session
from app.ui.theme import small_font
from app.ui.views.eeg_annotations_model import TEXT_COLUMN, AnnotationModel
from app.ui.views.table_style import DENSE_ROW, panel_style, plain_table
from app.ui.views.tool_tip import tool_tip

ALL_ROWS = 500_000
"""As many as the reader of a file takes."""

_CALM = 250
"""Milliseconds without a change after which the list is searched again."""

_USES = (
    (AnnotationUse.ONSET, "Onset", "Shift+I", "Make it the seizure's onset"),
    (AnnotationUse.END, "End", "Shift+O", "Make it the seizure's end"),
    (AnnotationUse.PHASE, "Phase", "Shift+P", "Make it the beginning of a phase"),
    (AnnotationUse.NOTE, "Note", "Shift+N", "Add it to my note on the selected feature"),
)
_KEYS = {key: use for use, _name, key, _what in _USES}

_ANY, _RECORDING, _PAGE, _LOOP = "any time", "in the recording", "on the page", "in the loop"


class EegAnnotationsView(QWidget):
    """The panel of the annotations."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._part = session.eeg_annotations
        self._most, self._of, self._asked = MOST_ROWS, "", False
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("EEG annotations")
        self.model = AnnotationModel(self)
        self.table = QTableView()
        self.text, self.kind, self.range = QLineEdit(), QComboBox(), QComboBox()
        self.count, self.words = QLabel(), QLabel()
        self.button = QPushButton()
        self.uses: dict[AnnotationUse, QToolButton] = {}
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_CALM)
        self._later.timeout.connect(self._refresh)
        session.closing.connect(self._later.stop)
        self._arrange()
        self._connect()
        self._recolour()
        self._search()

    def sizeHint(self) -> QSize:
        return QSize(420, 400)

    def minimumSizeHint(self) -> QSize:
        return QSize(280, 120)

    @property
    def entry(self) -> QWidget:
        """The widget that takes the focus when the panel is opened."""
        return self.table if self._layers.currentIndex() == 0 else self.text

    @property
    def chosen(self) -> ListedAnnotation | None:
        """The annotation that keys and buttons refer to."""
        row = self.table.currentIndex().row()
        return self.model.rows[row] if 0 <= row < len(self.model.rows) else None

    def _connect(self) -> None:
        session, part = self._session, self._part
        part.found.connect(self._show)
        part.changed.connect(self._on_changed)
        session.attached_eeg.changed.connect(self._search)
        session.attached_eeg.progressed.connect(lambda *_now: self._show_state())
        session.attached_eeg.opened.connect(lambda _eeg: self._show_state())
        session.eeg.file_changed.connect(self._on_changed)
        session.opened.recording_changed.connect(self._search)
        session.eeg.position.moved.connect(lambda: self._on_moved(_PAGE))
        session.eeg.position.resized.connect(lambda: self._on_moved(_PAGE))
        session.loop.changed.connect(lambda: self._on_moved(_LOOP))
        session.appearance.theme_changed.connect(self._recolour)
        self.model.more_wanted.connect(self._want_all)
        self.text.textChanged.connect(self._ask)
        for box in (self.kind, self.range):
            box.activated.connect(self._ask)
        self.table.clicked.connect(self._go)
        self.table.activated.connect(self._go)
        self.table.customContextMenuRequested.connect(self._ask_menu)
        self.table.selectionModel().currentChanged.connect(lambda *_now: self._show_uses())
        self.table.installEventFilter(self)
        self.button.clicked.connect(self._press)

    # composing

    def _arrange(self) -> None:
        self._fill_fields()
        self._fill_table()
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        for widgets in ((self.text, self.kind), (self.range, self.count)):
            row = QHBoxLayout()
            row.setContentsMargins(8, 4, 8, 2)
            for widget in widgets:
                widget.setFont(small_font())
                row.addWidget(widget, 1 if widget in (self.text, self.count) else 0)
            page.addLayout(row)
        self._layers = QStackedLayout()
        self._layers.addWidget(self.table)
        self._layers.addWidget(self._empty())
        page.addLayout(self._layers, 1)
        page.addLayout(self._use_buttons())

    def _fill_fields(self) -> None:
        self.text.setPlaceholderText("Filter by text")
        self.text.setAccessibleName("Filter")
        self.text.setClearButtonEnabled(True)
        self.kind.addItem("any kind", None)
        for kind in AnnotationKind:
            self.kind.addItem(kind.value, kind)
        self.kind.setAccessibleName("Kind")
        self.range.addItems((_ANY, _RECORDING, _PAGE, _LOOP))
        self.range.setAccessibleName("Range")
        self.count.setTextFormat(Qt.TextFormat.PlainText)
        self.count.setMinimumWidth(20)

    def _fill_table(self) -> None:
        plain_table(self.table)
        self.table.setAccessibleName("Annotations of the EEG")
        self.table.setModel(self.model)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        rows = self.table.verticalHeader()
        # Of half a million rows none is measured.
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(DENSE_ROW)
        rows.setDefaultSectionSize(DENSE_ROW)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(TEXT_COLUMN, QHeaderView.ResizeMode.Stretch)
        for column, width in enumerate((88, 84, 72)):
            self.table.setColumnWidth(column, width)

    def _empty(self) -> QWidget:
        widget = QWidget()
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(widget)
        column.addStretch()
        column.addWidget(self.words)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()
        return widget

    def _use_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(8, 2, 8, 4)
        for use, name, key, what in _USES:
            made = QToolButton()
            made.setText(name)
            made.setFont(small_font())
            made.setToolTip(tool_tip(f"{what} ({key})"))
            made.setAccessibleName(what)
            made.clicked.connect(partial(self.use, use))
            self.uses[use] = made
            row.addWidget(made)
        row.addStretch(1)
        return row

    # searching

    @property
    def wanted(self) -> AnnotationFilter:
        """The present filter."""
        kind = self.kind.currentData()
        start, end = self._limits()
        kinds = frozenset() if kind is None else frozenset({AnnotationKind(kind)})
        return AnnotationFilter(self.text.text(), kinds, start, end)

    def _limits(self) -> tuple[float | None, float | None]:
        session, which = self._session, self.range.currentText()
        file, loop = session.eeg.file, session.loop.span
        if which == _RECORDING:
            return 0.0, session.opened.duration
        if which == _PAGE and file is not None:
            page = session.eeg.position
            return file.sync.to_recording(page.start), file.sync.to_recording(page.end)
        if which == _LOOP and loop is not None:
            return loop.start, loop.end
        return None, None

    def _ask(self) -> None:
        """The person has changed the filter."""
        self._most, self._asked = MOST_ROWS, True
        self._later.start()

    def _on_changed(self) -> None:
        self._show_state()
        if not self._later.isActive():
            self._later.start()

    def _on_moved(self, which: str) -> None:
        if self.range.currentText() == which:
            self._later.start()

    def _want_all(self) -> None:
        if self._most < ALL_ROWS:
            self._most = ALL_ROWS
            QTimer.singleShot(0, self, self._search)

    def _refresh(self) -> None:
        if self._part.searching and not self._asked:
            # While a file is read there is news all the time: a search that is cut off each time never ends.
            self._later.start()
            return
        self._asked = False
        self._search()

    def _search(self) -> None:
        eeg = self._session.attached_eeg.current
        of = "" if eeg is None else eeg.fingerprint
        if of != self._of:
            self._of, self._most = of, MOST_ROWS
        self._part.search(self.wanted, self._most)

    def _show(self, found: AnnotationList) -> None:
        file, eeg = self._session.eeg.file, self._session.attached_eeg.current
        kept, row = self.chosen, self.table.currentIndex().row()
        began = file.start if file is not None else None
        self.model.show(found, began, eeg.sync if eeg is not None else SAME_CLOCK)
        self._keep(kept, row)
        self._show_state()

    # what is shown

    def _keep(self, kept: ListedAnnotation | None, row: int) -> None:
        """Choose again what was chosen in this row before the list changed."""
        if kept is None or self.chosen == kept:
            return
        rows = self.model.rows
        if row < len(rows) and rows[row].text == kept.text:
            number: int | None = row  # with another sync all have moved, in their order
        else:
            same = (number for number, one in enumerate(rows) if one.text == kept.text)
            number = min(same, key=lambda one: abs(rows[one].start - kept.start), default=None)
        if number is not None:
            self.table.setCurrentIndex(self.model.index(number, 0))

    def _show_state(self) -> None:
        listed, share = len(self.model.rows), self._part.share_read
        words, offer = self._nothing() if not listed else ("", "")
        self._layers.setCurrentIndex(1 if words else 0)
        self.words.setText(words)
        self.button.setText(offer)
        self.button.setVisible(bool(offer))
        count = f"{listed:,}" if not self.model.more else f"{listed:,} of {listed + self.model.more:,}"
        reading = f" · reading … {share:.0%}" if share < 1.0 and listed else ""
        self.count.setText(f"{count}{reading}" if listed else "")
        self._show_uses()

    def _nothing(self) -> tuple[str, str]:
        """Why nothing is listed, and what can be done about it."""
        session, eeg = self._session, self._session.attached_eeg.current
        if session.opened.recording is None:
            return "The annotations of the EEG of an open recording are listed here", ""
        if eeg is None:
            return "No EEG is attached", "Attach an EEG…"
        problem = session.attached_eeg.problem_of(eeg)
        if session.attached_eeg.file_of(eeg) is None and problem:
            return problem, ""
        if self._part.share_read < 1.0:
            return f"Reading the annotations … {self._part.share_read:.0%}", ""
        if self._filtered:
            return "No annotation matches the filter", "Show all"
        return "This EEG has no annotations", ""

    @property
    def _filtered(self) -> bool:
        return self.wanted != AnnotationFilter()

    def _show_uses(self) -> None:
        usable = self.chosen is not None
        for made in self.uses.values():
            made.setEnabled(usable)

    def _press(self) -> None:
        """Do what is offered where nothing is listed."""
        if self._session.attached_eeg.current is None:
            self._session.eeg.attach_wanted.emit(None)
            return
        self.text.clear()
        self.kind.setCurrentIndex(0)
        self.range.setCurrentIndex(0)
        self._ask()

    # using one

    def _go(self, index: QModelIndex) -> None:
        """Show the picture of that moment, and the page in any case."""
        session, row = self._session, self.model.rows[index.row()]
        if 0 <= row.start <= session.opened.duration:
            session.playback.seek(row.start)
        else:
            session.status.say(
                "this annotation is outside of the recording; only the trace is shown", of_eeg=True
            )
        if session.eeg.file is not None:
            session.eeg.position.show(session.eeg.file.sync.to_eeg(row.start))

    def use(self, use: AnnotationUse) -> None:
        """Make the chosen annotation part of my reading."""
        if self.chosen is not None:
            self._part.use(self.chosen, use)

    def menu_of(self, row: ListedAnnotation) -> QMenu:
        """The menu of an annotation."""
        menu = QMenu(self)
        for use, _name, key, what in _USES:
            action = QAction(f"{what}\t{key}", menu)
            action.triggered.connect(partial(self._part.use, row, use))
            menu.addAction(action)
        menu.addSeparator()
        clock = menu.addAction("Use it to set the clocks")
        clock.triggered.connect(partial(self._mark, row))
        return menu

    def _mark(self, row: ListedAnnotation) -> None:
        """Its moment is one side of a pair of marks, whatever the clocks say now."""
        eeg, marks = self._session.attached_eeg.current, self._session.clock_marks
        if eeg is not None:
            marks.mark_trace(eeg.sync.to_eeg(row.start))
            marks.dialog_wanted.emit()

    def _ask_menu(self, place: QPoint) -> None:
        index = self.table.indexAt(place)
        row = self.model.rows[index.row()] if index.isValid() else self.chosen
        if row is not None:
            menu = self.menu_of(row)
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(self.table.viewport().mapToGlobal(place))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt calls it so
        """The keys that mark the cursor elsewhere mark the chosen annotation here."""
        if watched is not self.table or not isinstance(event, QKeyEvent):
            return False
        use = _KEYS.get(QKeySequence(event.keyCombination()).toString())
        if use is None or self.chosen is None:
            return False
        if event.type() is QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if event.type() is QEvent.Type.KeyPress:
            self.use(use)
            return True
        return False

    def _recolour(self) -> None:
        self.setStyleSheet(panel_style(self._session.appearance.theme))
