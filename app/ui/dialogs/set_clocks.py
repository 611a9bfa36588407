"""Setting the clocks of EEG and recording: pairs of marks, what they give, a preview, and nothing unasked."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from app.core.eeg.displayed_file import annotations_between
from app.core.eeg.row_layout import day_text, signed_clock
from app.core.eeg.sync import SyncFit
from app.core.plain_text import plain
from app.core.times import clock
from app.ui.dialogs.check_box import CheckBox
from app.ui.dialogs.form import (
    Problem,
    StandingQuestion,
    button,
    lay_out,
    question,
    sentence,
    side_by_side,
    stacked,
    title,
)
from app.ui.session.session import Session
from app.ui.theme import small_font
from app.ui.views.table_style import DENSE_ROW, panel_style, plain_table

_COLUMNS = ("Picture", "Trace", "Trace − picture", "Residual")
_SHOWN_ROWS = 4
_MOST_OFFERED = 20
"""Annotations in the menu; the panel of annotations offers all."""

_HINT = (
    "Mark one event in the picture and in the trace, such as a clap, a light or an event button. "
    "A second event, hours away, gives the drift."
)


class SetClocksDialog(QDialog):
    """Picture and trace stay usable beside it; *Apply* makes one edit."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Tool)
        title(self, "Set the clocks")
        self._session = session
        self._marks = session.clock_marks
        self.asked = StandingQuestion()
        self.mark_picture = button("Mark the picture's moment", self._marks.mark_picture, tip="Alt+1")
        self.mark_trace = button("Mark the trace's moment", self._marks.mark_trace, tip="Alt+2")
        self.from_annotation = button("From an annotation")
        self.annotations = QMenu(self)
        self.picture_words, self.trace_words = sentence(small=True), sentence(small=True)
        self.hold = CheckBox(session, "Hold the picture: a click in the trace does not move it")
        self.table = QTableWidget(0, len(_COLUMNS))
        self.outcome, self.accuracy = sentence(bold=True), sentence(small=True)
        self.problem = Problem(session.appearance.theme)
        self.preview = CheckBox(session, "Preview: show picture and trace with these clocks")
        self.apply = button("Apply", self._apply)
        self.cancel = button("Close", self.close)
        self._of_pair: list[QPushButton] = []
        self._compose()
        self._connect()
        self._marks.hold(True)
        self._show()

    def _compose(self) -> None:
        self._fill_table()
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self.mark_picture, 0, 0)
        grid.addWidget(self.picture_words, 0, 1)
        grid.addWidget(self.mark_trace, 1, 0)
        grid.addWidget(self.trace_words, 1, 1)
        grid.addWidget(self.from_annotation, 2, 0)
        grid.addWidget(sentence("an annotation on the page is the trace's moment", small=True), 2, 1)
        lay_out(
            self,
            sentence(_HINT, small=True),
            grid,
            self.hold,
            self.table,
            self._pair_buttons(),
            self._moving_buttons(),
            self.outcome,
            self.accuracy,
            self.problem,
            self.preview,
            self._ending(),
            growing=self.table,
        )
        self.setMinimumWidth(440)

    def _fill_table(self) -> None:
        plain_table(self.table)
        self.table.setAccessibleName("Pairs of marks")
        self.table.setHorizontalHeaderLabels(_COLUMNS)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.verticalHeader().setDefaultSectionSize(DENSE_ROW)
        self.table.setMinimumHeight((_SHOWN_ROWS + 1) * DENSE_ROW + 8)

    def _pair_buttons(self) -> QWidget:
        """What is done with the chosen pair."""
        marks = self._marks
        rows: tuple[tuple[str, str, Callable[[int], None]], ...] = (
            ("◂ frame", "Picture's mark one frame earlier", partial(_second, marks.nudge_picture, -1)),
            ("frame ▸", "Picture's mark one frame later", partial(_second, marks.nudge_picture, 1)),
            ("◂ sample", "Trace's mark one sample earlier", partial(_second, marks.nudge_trace, -1)),
            ("sample ▸", "Trace's mark one sample later", partial(_second, marks.nudge_trace, 1)),
            ("Go there", "Show the picture and the page of this pair", self._go),
            ("Remove", "Remove this pair", marks.remove),
        )
        for words, what, do in rows:
            self._of_pair.append(_named(button(words, partial(self._with_pair, do), tip=what), what))
        *nudges, go, remove = self._of_pair
        return stacked(
            side_by_side(_label("Pair"), *nudges),
            side_by_side(_label(""), go, remove),
        )

    def _moving_buttons(self) -> QWidget:
        """What moves the whole EEG against the picture."""
        marks = self._marks
        made = [
            _named(button(words, do, tip=what), what)
            for words, what, do in (
                ("◂ 1 s", "All of the EEG one second earlier", lambda: marks.move(-1.0)),
                ("◂ frame", "All of the EEG one frame earlier", lambda: marks.move(-marks.frame_seconds)),
                ("frame ▸", "All of the EEG one frame later", lambda: marks.move(marks.frame_seconds)),
                ("1 s ▸", "All of the EEG one second later", lambda: marks.move(1.0)),
            )
        ]
        return side_by_side(_label("All of the EEG"), *made)

    def _ending(self) -> QWidget:
        self.discard = button("Discard the changes", self._marks.discard)
        return side_by_side(self.apply, self.discard, self.cancel)

    def _connect(self) -> None:
        session, marks = self._session, self._marks
        marks.changed.connect(self._show)
        session.eeg.position.held.changed.connect(self._show)
        session.eeg_selection.changed.connect(self._show_moments)
        session.eeg.file_changed.connect(self._show)
        session.playback.moved.connect(lambda _seconds: self._show_moments())
        session.appearance.theme_changed.connect(self._recolour)
        self.hold.toggled.connect(marks.hold)
        self.preview.toggled.connect(marks.preview)
        self.table.itemSelectionChanged.connect(self._show_pair)
        self.annotations.aboutToShow.connect(self.fill_annotations)
        self.from_annotation.setMenu(self.annotations)
        self._recolour()

    # what it shows

    def _show(self) -> None:
        marks = self._marks
        for box, on in ((self.hold, self._session.eeg.position.held.on), (self.preview, marks.previewing)):
            box.blockSignals(True)
            box.setChecked(on)
            box.blockSignals(False)
        self._show_pairs()
        self._show_moments()
        self._show_result()

    def _show_moments(self) -> None:
        draft, file = self._marks.draft, self._session.eeg.file
        here = self._marks.picture_moment
        self.picture_words.setText(
            f"now {signed_clock(here, decimals=3)}"
            if draft.picture is None
            else f"marked at {signed_clock(draft.picture, decimals=3)}; now mark the trace's"
        )
        moment = self._marks.trace_moment
        if draft.trace is not None:
            words = f"marked at {self._trace_text(draft.trace)}; now mark the picture's"
        else:
            words = "click in the trace first" if moment is None else f"now {self._trace_text(moment)}"
        self.trace_words.setText(words)
        self.mark_trace.setEnabled(moment is not None)
        for way in (self.mark_picture, self.from_annotation):
            way.setEnabled(file is not None)
        self._show_accuracy()

    def _trace_text(self, seconds: float) -> str:
        """The time of day of a moment of the trace, without one the seconds of the EEG."""
        file = self._session.eeg.file
        if file is None or file.start is None:
            return signed_clock(seconds, decimals=3)
        return day_text(file.start, seconds, decimals=3)

    def _show_pairs(self) -> None:
        pairs, fit = self._marks.draft.pairs, self._marks.fit
        row = self.table.currentRow()
        self.table.setRowCount(len(pairs))
        for number, pair in enumerate(pairs):
            residual = "" if fit is None else _milliseconds(fit.residuals[number])
            cells = (
                signed_clock(pair.recording, decimals=3),
                self._trace_text(pair.eeg),
                f"{pair.eeg - pair.recording:+.3f} s",
                residual,
            )
            for column, words in enumerate(cells):
                self.table.setItem(number, column, QTableWidgetItem(words))
        if pairs:
            self.table.selectRow(min(max(row, 0), len(pairs) - 1))
        self._show_pair()

    def _show_pair(self) -> None:
        chosen = 0 <= self.table.currentRow() < len(self._marks.draft.pairs)
        for one in self._of_pair:
            one.setEnabled(chosen)

    def _show_result(self) -> None:
        marks, fit = self._marks, self._marks.fit
        self.outcome.setText("" if fit is None else _fit_text(fit))
        warnings = fit.warnings if fit is not None else ()
        self.problem.tell(marks.problem or " ".join(warnings))
        half = marks.draft.trace is not None or marks.draft.picture is not None
        self.apply.setEnabled(fit is not None and marks.is_unapplied and not half)
        self.apply.setToolTip("Mark the other side of the pair first." if half else "")
        self.preview.setEnabled(fit is not None)
        self.discard.setEnabled(marks.is_unapplied)

    def _show_accuracy(self) -> None:
        uncertainty = self._marks.uncertainty()
        words = "" if uncertainty is None else f"± {1000 * uncertainty:.0f} ms at the cursor"
        if not self._marks.draft.pairs and self._marks.eeg is not None:
            origin = self._marks.eeg.origin
            words = f"Agreed: {plain(origin, 200)}" if origin else ""
        self.accuracy.setText(words)

    def fill_annotations(self) -> None:
        """The annotations on the page of the trace; each can be the trace's moment."""
        self.annotations.clear()
        file, page = self._session.eeg.file, self._session.eeg.position
        near = annotations_between(file.annotations, page.start, page.end) if file is not None else ()
        for one in near[:_MOST_OFFERED]:
            words = f"{self._trace_text(one.onset)}  {plain(one.text, 60)}".replace("\n", " ")
            action = self.annotations.addAction(words.replace("&", "&&"))
            action.triggered.connect(partial(self._marks.mark_trace, one.onset))
        if not near:
            self.annotations.addAction("No annotation on the page of the trace").setEnabled(False)

    # what it does

    def _with_pair(self, do: Callable[[int], None]) -> None:
        row = self.table.currentRow()
        if 0 <= row < len(self._marks.draft.pairs):
            do(row)

    def _go(self, number: int) -> None:
        pair = self._marks.draft.pairs[number]
        self._marks.hold(True)
        self._session.playback.seek(pair.recording)
        self._session.eeg.position.show(pair.eeg)
        self._session.eeg.seek(pair.eeg)

    def _apply(self) -> None:
        if self._marks.apply():
            self._session.status.say("the clocks are set; Undo takes it back")

    def _recolour(self) -> None:
        self.table.setStyleSheet(panel_style(self._session.appearance.theme))
        self.table.setFont(small_font())

    # closing it

    def reject(self) -> None:
        """Close, which Qt's own closing of a dialog calls too; ask first when a mark is not applied."""
        if self._marks.is_unapplied:
            self.ask()
            return
        self._marks.end()
        super().reject()

    def ask(self, then: Callable[[], object] | None = None) -> None:
        """Ask whether what is not applied may be lost; if so, close, and call `then`."""
        text = "The marks are not applied."
        about = "If you close now, they are discarded and the clocks stay as they were."
        do = partial(self._discard_and_close, then)
        self.asked.put(
            lambda: question(self, "Set the clocks", text, about, yes="Discard them", do=do, no="Keep open")
        )

    def _discard_and_close(self, then: Callable[[], object] | None) -> None:
        self._marks.discard()
        self.close()
        if then is not None:
            then()


def _label(words: str) -> QLabel:
    """What a row of buttons is about, as wide in each row."""
    label = sentence(words, small=True)
    label.setFixedWidth(label.fontMetrics().horizontalAdvance("All of the EEG") + 8)
    return label


def _named(made: QPushButton, what: str) -> QPushButton:
    made.setAccessibleName(what)
    return made


def _second(do: Callable[[int, int], None], by: int, number: int) -> None:
    do(number, by)


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:+.0f} ms"


def _fit_text(fit: SyncFit) -> str:
    sync = fit.sync
    when = "before" if sync.offset < 0 else "after"
    drift = f"drift {1e6 * sync.drift:+.1f} µs/s" if sync.drift else "no drift"
    return (
        f"The EEG begins {clock(abs(sync.offset))} ({abs(sync.offset):.3f} s) {when} the recording, {drift}"
    )
