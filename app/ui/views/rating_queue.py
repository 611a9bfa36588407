"""A study's explanations rated one after the other, and what the ratings say."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtGui import QFont, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.core.agreement.anchors import ANCHORS
from app.core.agreement.rating_items import COLUMNS, RatingItem
from app.core.plain_text import breakable, plain
from app.core.presence_text import PRESENCE_GLYPHS, PRESENCE_NAMES
from app.core.semiology import FEATURE
from app.core.timeline.clock_text import span_text
from app.ui.session.rating_round import RatingRound
from app.ui.session.session import Session
from app.ui.theme import body_font, small_font
from app.ui.views.combo_box import ComboBox
from app.ui.views.table_style import chosen_button, panel_style, plain_table, with_row_heads
from app.ui.views.tool_tip import tool_tip

_NOTHING = (
    "Explanations can be rated once a model or the signal reader has given reasons, and a person has said "
    "who is right. What is sealed from you is not in the queue."
)
_ABOUT = (
    "All explanations of answers that were rightly yes, and as many that were rightly no, drawn at random. "
    "How much of what each says is there to be seen or heard?"
)


class RatingQueueView(QWidget):
    """The choice of reader, then the queue or its results."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._round: RatingRound = session.rating_round
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Ratings of explanations")
        self.reader, self.reference = ComboBox(), ComboBox()
        self.progress, self.bar = _label(), QProgressBar()
        self.begin = QPushButton()
        self.pages = QStackedWidget()
        self.card = RatingCard(session)
        self.results = RatingResults(session)
        self._arrange()
        self._round.changed.connect(self._refresh_if_seen)
        session.study.recordings_changed.connect(self._read_if_seen)
        session.opened.recording_changed.connect(self._read_if_seen)
        session.appearance.theme_changed.connect(self._recolour)
        self._refresh()
        self._recolour()

    def sizeHint(self) -> QSize:
        return QSize(440, 400)

    def minimumSizeHint(self) -> QSize:
        return QSize(300, 160)

    @property
    def entry(self) -> QWidget:
        """The widget that takes the focus when the panel is opened."""
        return self.begin

    def _arrange(self) -> None:
        self.reader.setAccessibleName("Reader whose explanations are rated")
        self.reference.setAccessibleName("Reader that they are rated against")
        self.reader.activated.connect(lambda _index: self._round.read(reader=self.reader.currentText()))
        self.reference.activated.connect(
            lambda _index: self._round.read(reference=self.reference.currentText())
        )
        self.begin.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.begin.clicked.connect(lambda _on=False: self._press())
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(4)
        self.bar.setAccessibleName("How much of the queue is rated")
        whom = QHBoxLayout()
        whom.setSpacing(8)
        for words, box in (("Rate", self.reader), ("against", self.reference)):
            label = _label(words)
            whom.addWidget(label)
            box.setFont(small_font())
            box.setSizePolicy(box.sizePolicy().Policy.Ignored, box.sizePolicy().verticalPolicy())
            whom.addWidget(box, 1)
        head = QHBoxLayout()
        head.addWidget(self.progress, 1)
        head.addWidget(self.begin)
        for page in (self.card, self.results):
            self.pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 4, 8)
        column.setSpacing(6)
        column.addLayout(whom)
        column.addLayout(head)
        column.addWidget(self.bar)
        column.addWidget(self.pages, 1)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._round.has_keys:
            self._round.read()
        self._refresh()

    def _press(self) -> None:
        if self._round.has_keys:
            self._round.end()
        else:
            self._round.begin()

    def _read_if_seen(self) -> None:
        if self.isVisible() and not self._round.has_keys:
            self._round.read()

    def _refresh_if_seen(self) -> None:
        if self.isVisible():
            self._refresh()

    def _refresh(self) -> None:
        work, running = self._round.work, self._round.running
        for box, names, place in ((self.reader, work.readers, 0), (self.reference, work.references, 1)):
            with QSignalBlocker(box):
                box.clear()
                box.addItems(list(names))
                if work.chosen is not None:
                    box.setCurrentText(work.chosen[place])
        count, rated = len(work.items), self._round.rated
        self.bar.setRange(0, max(1, count))
        self.bar.setValue(rated)
        self.bar.setVisible(count > 0)
        self.progress.setText(self._progress_text())
        self.begin.setText(self._begin_text())
        # It can be pressed before the queue has been read, and the round begins as soon as it has.
        may_begin = count > 0 or self._round.reading
        self.begin.setVisible(may_begin and not self._session.study.read_only)
        self.pages.setCurrentWidget(self.card if running else self.results)
        self.card.refresh()
        self.results.refresh()

    def _progress_text(self) -> str:
        count = len(self._round.work.items)
        if count:
            return f"{self._round.rated} of {count} rated"
        return "Reading the explanations…" if self._round.reading else "Nothing to rate"

    def _begin_text(self) -> str:
        rated = self._round.rated
        if self._round.has_keys:
            return "Stop"
        if rated == 0:
            return "Begin"
        return "Continue" if rated < len(self._round.work.items) else "Again"

    def _recolour(self) -> None:
        theme = self._session.appearance.theme
        self.setStyleSheet(
            panel_style(theme)
            + f"QProgressBar {{ background: {theme.line}; border: none; }}"
            + f"QProgressBar::chunk {{ background: {theme.mine}; }}"
            + f"QScrollArea, QWidget#page {{ background: {theme.panel}; }}"
            + f"QLabel#words {{ color: {theme.text}; }}"
        )
        self.card.recolour()


class RatingCard(QWidget):
    """One explanation with the study's anchors."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._round: RatingRound = session.rating_round
        self._span = 0
        self._about: RatingItem | None = None
        self.title, self.said, self.words = _label(), _label(), _label()
        self.evidence, self.back, self.skip = QToolButton(), QToolButton(), QToolButton()
        self.anchors = {anchor.score: self._anchor(anchor.score, anchor.name) for anchor in ANCHORS}
        self._arrange()

    def _anchor(self, score: int, name: str) -> QToolButton:
        button = QToolButton()
        button.setText(f"{score}  {name}")
        button.setCheckable(True)
        button.setFont(small_font())
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        button.setSizePolicy(button.sizePolicy().Policy.Minimum, button.sizePolicy().Policy.Minimum)
        button.clicked.connect(lambda _on=False: self._round.rate(score))
        return button

    def _arrange(self) -> None:
        bold = body_font()
        bold.setWeight(QFont.Weight.DemiBold)
        self.title.setFont(bold)
        self.title.setObjectName("words")
        for label in (self.title, self.said):
            label.setWordWrap(True)
        self.evidence.setFont(small_font())
        self.evidence.clicked.connect(lambda _on=False: self._play())
        line = QHBoxLayout()
        line.addWidget(self.said, 1)
        line.addWidget(self.evidence)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.title)
        column.addLayout(line)
        column.addWidget(self._text(), 1)
        column.addLayout(self._grid())
        column.addLayout(self._foot())

    def _text(self) -> QScrollArea:
        self.words.setFont(body_font())
        self.words.setObjectName("words")
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.words.setAccessibleName("The explanation")
        page = QWidget()
        page.setObjectName("page")
        text = QVBoxLayout(page)
        text.setContentsMargins(0, 4, 0, 4)
        text.addWidget(self.words)
        text.addStretch(1)
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setWidget(page)
        return scroll

    def _grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        for row, anchor in enumerate(ANCHORS):
            button, meaning = self.anchors[anchor.score], _label(anchor.meaning)
            meaning.setWordWrap(True)
            button.setAccessibleName(f"Rate {anchor.score}: {anchor.name}")
            button.setAccessibleDescription(anchor.meaning)
            grid.addWidget(button, row, 0)
            grid.addWidget(meaning, row, 1)
        return grid

    def _foot(self) -> QHBoxLayout:
        self.back.setText("Back")
        self.back.setToolTip("Previous explanation (Backspace)")
        self.back.clicked.connect(lambda _on=False: self._round.back())
        self.skip.setText("Skip")
        self.skip.setToolTip("Leave it for later (N)")
        self.skip.clicked.connect(lambda _on=False: self._round.skip())
        foot = QHBoxLayout()
        for button in (self.back, self.skip):
            button.setFont(small_font())
            foot.addWidget(button)
        foot.addStretch(1)
        foot.addWidget(_label("keys 1–5 · Backspace · N · R plays the evidence"))
        return foot

    def refresh(self) -> None:
        """Show the explanation that is rated now."""
        item = self._round.current
        if item is None:
            return
        if self._about is None or (item.number, item.feature) != (self._about.number, self._about.feature):
            self._span = 0
        self._about = item
        self.title.setText(f"{FEATURE[item.feature].name} · {plain(item.recording, 80)}")
        opening = "" if self._round.ready else " · opening the recording …"
        self.said.setText(
            f"It says {PRESENCE_GLYPHS[item.presence]} {PRESENCE_NAMES[item.presence]}{opening}"
        )
        self.words.setText(breakable(plain(item.explanation)))
        for score, button in self.anchors.items():
            button.setChecked(score == item.score)
            button.setEnabled(self._round.ready)
        self.back.setEnabled(self._round.can_go_back)
        self.evidence.setVisible(bool(item.evidence))
        if item.evidence:
            number = self._span % len(item.evidence)
            self.evidence.setText(
                f"{span_text(item.evidence[number])}  {number + 1} of {len(item.evidence)} ▸"
            )
            self.evidence.setToolTip("Play the evidence; again for the next one")

    def _play(self) -> None:
        item = self._round.current
        if item is not None and item.evidence and self._round.ready:
            self._session.loop.show_span(item.evidence[self._span % len(item.evidence)], repeat=True)
            self._span += 1
            self.refresh()

    def recolour(self) -> None:
        theme = self._session.appearance.theme
        self.setStyleSheet(
            f"QToolButton {{ text-align: left; padding: 3px 8px; color: {theme.text}; }}"
            f"QToolButton:disabled {{ color: {theme.muted}; }}"
            f"{chosen_button(theme)}"
        )


class RatingResults(QWidget):
    """The distribution per feature, and the share that is faithful, each with its sentence."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._round: RatingRound = session.rating_round
        self.about, self.sentence = _label(_ABOUT), _label()
        self.everybody = QToolButton()
        self.table = QTableWidget(0, len(COLUMNS))
        self._arrange()

    def _arrange(self) -> None:
        plain_table(self.table)
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectItems)
        self.table.setAccessibleName("Ratings by feature")
        self.table.setHorizontalHeaderLabels(COLUMNS)
        with_row_heads(self.table, 106)
        self.table.setStyleSheet("QTableView::item { padding: 0 3px; }")
        self.table.horizontalHeader().setMinimumSectionSize(20)
        self.table.horizontalHeader().setStretchLastSection(True)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for place in range(len(COLUMNS)):
            heading = self.table.horizontalHeaderItem(place)
            if heading is not None:
                heading.setTextAlignment(right)
        self.table.currentCellChanged.connect(lambda row, column, *_rest: self._explain(row, column))
        self.everybody.setText("Ratings of all raters")
        self.everybody.setCheckable(True)
        self.everybody.setFont(small_font())
        self.everybody.clicked.connect(lambda on=False: self._round.show_everybody(on))
        self.about.setWordWrap(True)
        self.sentence.setWordWrap(True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.sentence.setMinimumHeight(3 * self.sentence.fontMetrics().height())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.about)
        column.addWidget(self.everybody, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.table, 1)
        column.addWidget(self.sentence)

    def refresh(self) -> None:
        """Show what the ratings say now."""
        work = self._round.work
        some = work.chosen is not None
        self.about.setText(_ABOUT if some else _NOTHING)
        for widget in (self.table, self.everybody, self.sentence):
            widget.setVisible(some)
        self.everybody.setChecked(self._round.everybody)
        self.table.setRowCount(len(work.rows))
        self.table.setVerticalHeaderLabels([name for name, _cells in work.rows])
        for row, (_name, cells) in enumerate(work.rows):
            for column, cell in enumerate(cells):
                item = QTableWidgetItem(cell.text)
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                item.setToolTip(tool_tip(cell.sentence))
                item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{cell.text}. {cell.sentence}")
                self.table.setItem(row, column, item)
        self.table.resizeColumnsToContents()
        self.sentence.setText(work.remark or "Choose a figure to read what it means. * few ratings")

    def _explain(self, row: int, column: int) -> None:
        rows = self._round.work.rows
        if 0 <= row < len(rows) and column >= 0:
            name, cells = rows[row]
            self.sentence.setText(f"{name}, {COLUMNS[column]}: {cells[column].sentence}")


def _label(words: str = "") -> QLabel:
    label = QLabel(words)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setFont(small_font())
    return label
