"""The panel for deciding together: one disagreement after the other, with the video at the evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.core.plain_text import plain
from app.core.presence_text import PRESENCE_GLYPHS, PRESENCE_NAMES
from app.core.semiology import FEATURE, Presence
from app.core.timeline.clock_text import span_text
from app.ui.session.session import Session
from app.ui.theme import small_font
from app.ui.views.checklist_model import answer_words
from app.ui.views.table_style import panel_style, plain_table

if TYPE_CHECKING:
    from app.core.study.decisions import Dispute

COLUMNS = ("Feature", "Answers", "Decided")
_SHORT = {Presence.YES: "yes", Presence.NO: "no", Presence.NOT_ASSESSABLE: "n/a"}
_OF_KEY = {
    Qt.Key.Key_Y: Presence.YES,
    Qt.Key.Key_N: Presence.NO,
    Qt.Key.Key_U: Presence.NOT_ASSESSABLE,
}
_KEYS = {Presence.YES: "Y", Presence.NO: "N", Presence.NOT_ASSESSABLE: "U"}


class ConsensusView(QWidget):
    """The features on which readers differ; decisions are stored as the reading *Consensus*."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._disputes: tuple[Dispute, ...] = ()
        self._span = 0
        self._noted: tuple[str, str] | None = None
        """Of which recording and feature the note is that is shown."""
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Consensus")
        self.head, self.said = QLabel(), QLabel()
        self.table = QTableWidget(0, len(COLUMNS))
        self.table.setAccessibleName("Features on which readers differ")
        self.evidence = QToolButton()
        self.buttons = {presence: self._button(presence) for presence in Presence}
        self.open, self.agreed, self.persons = QToolButton(), QToolButton(), QToolButton()
        self.note = QLineEdit()
        self._arrange()
        session.answers.mine_changed.connect(self._read)
        session.answers.readings_changed.connect(self._read)
        session.answers.seal_changed.connect(self._read)
        session.answers.consensus_changed.connect(self._read)
        session.study.not_kept.connect(self._read)
        session.study.reread.connect(self._read)
        session.opened.recording_changed.connect(self._read)
        session.appearance.theme_changed.connect(self._recolour)
        self._recolour()

    def _button(self, presence: Presence) -> QToolButton:
        button = QToolButton()
        button.setText(f"{PRESENCE_GLYPHS[presence]} {_SHORT[presence]}")
        button.setToolTip(f"Decide {PRESENCE_NAMES[presence]} ({_KEYS[presence]} in the list)")
        button.setAccessibleName(f"Decide {PRESENCE_NAMES[presence]}")
        button.setCheckable(True)
        button.clicked.connect(lambda _on=False: self.decide(presence))
        return button

    @property
    def entry(self) -> QWidget:
        """The widget that takes the focus when the panel is opened."""
        return self.table

    def _arrange(self) -> None:
        plain_table(self.table)
        self.table.setHorizontalHeaderLabels(COLUMNS)
        self.table.setColumnWidth(0, 128)
        self.table.setColumnWidth(2, 64)
        self.table.installEventFilter(self)
        self.table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.table.currentCellChanged.connect(lambda row, *_rest: self._chosen(row))
        self.table.activated.connect(lambda _index: self._next_evidence())
        self.persons.setText("People only")
        self.persons.setCheckable(True)
        self.persons.setToolTip("Leave out disagreements with programs and models only")
        self.persons.toggled.connect(lambda _on: self._read())
        self.agreed.clicked.connect(lambda _on=False: self._keep_agreed())
        self.agreed.setToolTip("Then the consensus has every feature and can be the reference")
        self.open.setText("leave open")
        self.open.clicked.connect(lambda _on=False: self.decide(None))
        self.evidence.clicked.connect(lambda _on=False: self._next_evidence())
        self.note.setPlaceholderText("Reason (saved with the decision)")
        self.note.setMaxLength(4000)
        self.note.setAccessibleName("Reason for the decision")
        self.note.returnPressed.connect(self._keep_note)
        self.head.setTextFormat(Qt.TextFormat.PlainText)
        self.head.setWordWrap(True)
        for widget in (
            self.head,
            self.said,
            self.evidence,
            self.open,
            self.agreed,
            self.persons,
            self.note,
            *self.buttons.values(),
        ):
            widget.setFont(small_font())
        decide = QHBoxLayout()
        decide.setContentsMargins(10, 4, 10, 2)
        for button in (*self.buttons.values(), self.open):
            decide.addWidget(button)
        decide.addStretch(1)
        decide.addWidget(self.agreed)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setWordWrap(True)
        self.said.setContentsMargins(10, 4, 10, 0)
        why = QHBoxLayout()
        why.setContentsMargins(10, 2, 10, 6)
        why.addWidget(self.note, 1)
        why.addWidget(self.evidence)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        top = QHBoxLayout()
        top.setContentsMargins(10, 6, 6, 4)
        top.addWidget(self.head, 1)
        top.addWidget(self.persons, 0, Qt.AlignmentFlag.AlignTop)
        page.addLayout(top)
        page.addWidget(self.table, 1)
        page.addWidget(self.said)
        page.addLayout(decide)
        page.addLayout(why)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt calls it so
        """Decide with the keys that give answers elsewhere, in the list."""
        kind = event.type()
        if kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress) and isinstance(event, QKeyEvent):
            presence = _OF_KEY.get(Qt.Key(event.key()))
            bare = event.modifiers() == Qt.KeyboardModifier.NoModifier
            can_decide = self.current is not None and not self._session.study.read_only
            if presence is not None and bare and can_decide:
                event.accept()
                if kind is QEvent.Type.KeyPress and not event.isAutoRepeat():
                    self.decide(presence)
                return True
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._read()

    @property
    def current(self) -> Dispute | None:
        """The disagreement that is being decided."""
        row = self.table.currentRow()
        return self._disputes[row] if 0 <= row < len(self._disputes) else None

    def decide(self, presence: Presence | None) -> None:
        """Store the decision with the note, and go to the next open disagreement."""
        dispute = self.current
        if dispute is None:
            return
        note = self.note.text().strip() if presence is not None else ""
        if self._session.consensus.decide(dispute.feature, presence, note) and presence is not None:
            self._go_on()

    def _go_on(self) -> None:
        here = self.table.currentRow()
        order = [*range(here + 1, len(self._disputes)), *range(here)]
        left = next((row for row in order if self._disputes[row].decided is None), None)
        if left is not None:
            self.table.setCurrentCell(left, 0)

    def _keep_note(self) -> None:
        dispute = self.current
        if dispute is not None and dispute.decided is not None:
            self._session.consensus.decide(dispute.feature, dispute.decided, self.note.text().strip())
        self.note.clearFocus()

    def _keep_agreed(self) -> None:
        self._session.consensus.decide_undisputed()

    # what is shown

    def _read(self) -> None:
        if not self.isVisible():
            return
        kept = self.current.feature if self.current is not None else ""
        self._disputes = self._session.consensus.disputes(persons_only=self.persons.isChecked())
        self.table.blockSignals(True)
        self.table.setRowCount(len(self._disputes))
        for row, dispute in enumerate(self._disputes):
            decided = (
                "open"
                if dispute.decided is None
                else f"{PRESENCE_GLYPHS[dispute.decided]} {_SHORT[dispute.decided]}"
            )
            for column, words in enumerate((FEATURE[dispute.feature].name, _said(dispute), decided)):
                self.table.setItem(row, column, QTableWidgetItem(words))
        rows = [row for row, one in enumerate(self._disputes) if one.feature == kept]
        if rows:
            self.table.setCurrentCell(rows[0], 0)
        self.table.blockSignals(False)
        self._show_head()
        self._show_current()

    def _show_head(self) -> None:
        if self._session.answers.my_reading.sealed:
            words = "The readers' answers stay sealed until you lock yours; then you can decide together."
        elif not self._disputes:
            words = "The readers of this recording do not differ, or only one has answered."
        else:
            left = sum(one.decided is None for one in self._disputes)
            words = (
                f"{len(self._disputes)} features on which readers differ, {left} open. Choose one to see it."
            )
        self.head.setText(words)
        agreed = len(self._session.consensus.undisputed())
        self.agreed.setText(f"Keep {agreed} agreed")
        self.agreed.setVisible(agreed > 0 and not self._session.study.read_only)

    def _chosen(self, _row: int) -> None:
        self._span = 0
        dispute = self.current
        if dispute is not None:
            self._session.selection.select(dispute.feature)
            if dispute.spans:
                self._session.loop.show_span(dispute.spans[0], repeat=False)
        self._show_current()

    def _show_current(self) -> None:
        dispute = self.current
        for presence, button in self.buttons.items():
            button.setEnabled(dispute is not None and not self._session.study.read_only)
            button.setChecked(dispute is not None and dispute.decided is presence)
        self.open.setEnabled(dispute is not None and dispute.decided is not None)
        self.note.setEnabled(dispute is not None)
        recording = self._session.opened.recording
        about = (recording.fingerprint, dispute.feature) if recording is not None and dispute else None
        if not self.note.hasFocus() or about != self._noted:
            self.note.setText(dispute.note if dispute is not None else "")
        self._noted = about
        self.said.setVisible(dispute is not None)
        self.said.setText("" if dispute is None else _told(dispute))
        spans = dispute.spans if dispute is not None else ()
        self.evidence.setVisible(bool(spans))
        if spans:
            number = self._span % len(spans)
            self.evidence.setText(f"{span_text(spans[number])}  {number + 1} of {len(spans)} ▸")
            self.evidence.setToolTip("Play the evidence; again for the next one")

    def _next_evidence(self) -> None:
        dispute = self.current
        if dispute is not None and dispute.spans:
            self._session.loop.show_span(dispute.spans[self._span % len(dispute.spans)], repeat=True)
            self._span += 1
            self._show_current()

    def _recolour(self) -> None:
        theme = self._session.appearance.theme
        self.setStyleSheet(
            panel_style(theme) + f"QToolButton:checked {{ background: {theme.mine}; color: {theme.panel}; }}"
        )


def _said(dispute: Dispute) -> str:
    """The answers of the readers as text and glyphs, grouped by answer."""
    named: dict[Presence, list[str]] = {}
    for one in dispute.statements:
        if one.answer.presence is not None:
            side = "" if one.answer.laterality is None else f" {one.answer.laterality.value}"
            beside = side if dispute.of_side else ""
            named.setdefault(one.answer.presence, []).append(plain(one.name, 20) + beside)
    return " · ".join(
        f"{PRESENCE_GLYPHS[presence]} {_SHORT[presence]}: {', '.join(named[presence])}"
        for presence in Presence
        if presence in named
    )


def _told(dispute: Dispute) -> str:
    """The answers of the readers in full."""
    return " · ".join(f"{plain(one.name, 30)}: {answer_words(one.answer)}" for one in dispute.statements)
