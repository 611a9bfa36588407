"""The panel for deciding together: one disagreement after the other, with the video at the evidence."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.core.answer_words import why_no_side
from app.core.plain_text import plain
from app.core.plural import plural
from app.core.presence_text import PRESENCE_GLYPHS, PRESENCE_NAMES
from app.core.semiology import Answer, Laterality, Presence
from app.core.study.consensus_words import (
    SHORT,
    again_words,
    dispute_cells,
    full_answers,
    in_full,
    onset_cells,
)
from app.core.timeline.clock_text import clock, span_text
from app.ui.commands.key_modes import TAKING
from app.ui.session.session import Session
from app.ui.theme import small_font
from app.ui.views.flow import FlowLayout
from app.ui.views.reason_field import ReasonField
from app.ui.views.table_style import chosen_button, panel_style, plain_table
from app.ui.views.tool_tip import tool_tip

if TYPE_CHECKING:
    from app.core.study.decisions import Dispute, OnsetDispute

COLUMNS = ("Feature", "Answers", "Decided")
_KEYS = {Presence.YES: "Y", Presence.NO: "N", Presence.NOT_ASSESSABLE: "U"}


class ConsensusView(QWidget):
    """The features on which readers differ, or have changed what was decided on; decisions are stored as the
    reading *Consensus*."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._disputes: tuple[Dispute, ...] = ()
        self._onset: OnsetDispute | None = None
        """Shown in the last row, where onsets differ."""
        self._span = 0
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Consensus")
        self.head, self.said = QLabel(), QLabel()
        self.table = QTableWidget(0, len(COLUMNS))
        self.table.setAccessibleName("Features on which readers differ")
        self.evidence = QToolButton()
        self.buttons = {presence: self._button(presence) for presence in Presence}
        self.takes: list[QToolButton] = []
        """One for each reader's answer to what is being decided, or for their onset."""
        self._readers = QWidget()
        self._flow = FlowLayout(self._readers)
        self.open, self.agreed, self.persons = QToolButton(), QToolButton(), QToolButton()
        self.note = ReasonField(session)
        self._arrange()
        session.answers.mine_changed.connect(self._read)
        session.answers.marks_changed.connect(self._read)
        session.selection.selected.connect(self._follow)
        session.answers.readings_changed.connect(self._read)
        session.answers.seal_changed.connect(self._read)
        session.answers.consensus_changed.connect(self._read)
        session.consensus.compared.changed.connect(self._read)
        session.study.not_kept.connect(self._read)
        session.study.reread.connect(self._read)
        session.opened.recording_changed.connect(self._read)
        session.appearance.theme_changed.connect(self._recolour)
        self._recolour()

    def _button(self, presence: Presence) -> QToolButton:
        button = QToolButton()
        button.setText(f"{PRESENCE_GLYPHS[presence]} {SHORT[presence]}")
        button.setToolTip(tool_tip(f"Decide {PRESENCE_NAMES[presence]} ({_KEYS[presence]} in the list)"))
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
        self.table.setColumnWidth(0, 172)
        self.table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        self.table.currentCellChanged.connect(lambda row, *_rest: self._chosen(row))
        self.table.activated.connect(lambda _index: self._next_evidence())
        self.persons.setText("People only")
        self.persons.setCheckable(True)
        self.persons.setToolTip(
            "Only people decide: no answer, side or span of a program or model enters the consensus, so that "
            "these can be evaluated against it. The study remembers the choice."
        )
        self.persons.clicked.connect(self._session.consensus.set_people_only)
        self.agreed.clicked.connect(lambda _on=False: self._session.consensus.decide_undisputed())
        self.agreed.setToolTip("Then the consensus has every feature and can be the reference")
        self.open.setText("leave open")
        self.open.clicked.connect(lambda _on=False: self.decide(None))
        self.evidence.clicked.connect(lambda _on=False: self._next_evidence())
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
        self._readers.setContentsMargins(10, 4, 10, 0)
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
        page.addWidget(self._readers)
        page.addLayout(decide)
        page.addLayout(why)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._read()
        if self.current is None:
            self._select_open()

    @property
    def current(self) -> Dispute | None:
        """The disagreement that is being decided."""
        row = self.table.currentRow()
        return self._disputes[row] if 0 <= row < len(self._disputes) else None

    def decide(self, presence: Presence | None, side: Laterality | None = None) -> None:
        """Store the decision with the note, and go to the next open disagreement.

        Without `side` it is the one on which those who say so agree.
        """
        dispute = self.current
        if presence is None and self._on_onset:
            self._session.consensus.decide_onset(None)
            return
        if dispute is None or self._session.study.read_only:
            self._session.status.say("no difference is chosen, so that nothing is decided")
            return
        if side is not None and not dispute.asks_side:
            self._session.status.say(f"{why_no_side(dispute.feature)}; nothing is decided")
            return
        if self._session.consensus.decide(dispute.feature, presence, self.note.reason, side):
            self._decided(goes_on=presence is not None)

    def take(self, place: int) -> None:
        """Decide as the reader of this place says: presence, side and spans, or the onset; and go on."""
        button = next((one for one in self.takes if one.property("place") == place), None)
        if button is None or not button.isEnabled():
            self._session.status.say("no answer of that reader is chosen, so that nothing is decided")
        else:
            button.click()

    def _take_answer(self, said: Answer) -> None:
        if self._session.consensus.take(said, self.note.reason):
            self._decided(goes_on=True)

    def _decided(self, *, goes_on: bool) -> None:
        self.note.setModified(False)  # it is kept with the decision
        if goes_on:
            self._go_on()

    def _take_onset(self, seconds: float) -> None:
        if self._session.consensus.decide_onset(seconds):
            self._go_on()

    def _go_on(self) -> None:
        """To what is open in this recording, else to the next recording with something open."""
        if not self._select_open():
            self._session.worklist.to_next_to_decide()

    def _select_open(self) -> bool:
        """Choose the next row that is to be decided, or again, round to the first; whether there is one."""
        here, rows = self.table.currentRow(), self.table.rowCount()
        order = [*range(here + 1, rows), *range(here)]
        left = next((row for row in order if self._is_open(row) or self._is_older(row)), None)
        if left is not None:
            self.table.setCurrentCell(left, 0)
        return left is not None

    def _is_open(self, row: int) -> bool:
        if row < len(self._disputes):
            return self._disputes[row].decided is None
        return self._onset is not None and self._onset.decided is None

    def _is_older(self, row: int) -> bool:
        """Whether it is to be decided again."""
        dispute = self._disputes[row] if row < len(self._disputes) else None
        return dispute is not None and (dispute.changed or dispute.beyond_people)

    @property
    def _on_onset(self) -> bool:
        return self._onset is not None and self.table.currentRow() == len(self._disputes)

    # what is shown

    def _read(self) -> None:
        if not self.isVisible():
            return
        kept = self.current.feature if self.current is not None else ""
        on_onset, consensus = self._on_onset, self._session.consensus
        self._disputes, self._onset = consensus.disputes(), consensus.onset()
        cells = [
            *map(dispute_cells, self._disputes),
            *([] if self._onset is None else [onset_cells(self._onset)]),
        ]
        self.table.blockSignals(True)
        self.table.setRowCount(len(cells))
        for number, texts in enumerate(cells):
            for column, words in enumerate(texts):
                self.table.setItem(number, column, item := QTableWidgetItem(words))
                item.setToolTip(tool_tip(words))
        places = {one.feature: row for row, one in enumerate(self._disputes)}
        seen = on_onset and self._onset is not None
        row = len(self._disputes) if seen else places.get(kept, places.get(self._session.selection.feature))
        if row is not None:
            self.table.setCurrentCell(row, 0)
        self.table.blockSignals(False)
        self._show_head()
        self._show_current()

    def _follow(self, feature: str) -> None:
        """What is selected elsewhere is decided here, where readers differ on it."""
        places = {one.feature: row for row, one in enumerate(self._disputes)}
        if self.isVisible() and feature in places and places[feature] != self.table.currentRow():
            with QSignalBlocker(self.table):
                self.table.setCurrentCell(places[feature], 0)
            self._span = 0
            self._show_current()

    def _show_head(self) -> None:
        consensus = self._session.consensus
        who = "people" if consensus.people_only else "readers"
        if self._session.answers.my_reading.sealed:
            words = "The readers' answers stay sealed until you lock yours; then you can decide together."
        elif self.table.rowCount() == 0:
            words = f"The {who} who read this recording do not differ, or only one has answered."
            if consensus.people_only:
                words += " Switch “People only” off to let programs and models take part."
            words = self._session.readers.why_nothing(words)
        else:
            differ, rows = sum(one.differs for one in self._disputes), range(self.table.rowCount())
            onset = "" if self._onset is None else " and the onset"
            again = again_words(self._disputes)
            words = (
                f"{plural(differ, 'feature')}{onset} on which {who} differ, {sum(map(self._is_open, rows))} "
                f"open.{again} Y, N and U decide; 2, 3, 4 decide yes with its side; {TAKING[0]}–{TAKING[-1]} "
                "decide as a reader says."
            )
        if consensus.hides_voters:
            words += " Readers that are not ticked in the checklist are not shown here; their answers count."
        self.head.setText(words)
        with QSignalBlocker(self.persons):
            self.persons.setChecked(consensus.people_only)
        self.persons.setEnabled(not self._session.study.read_only)
        agreed = len(consensus.undisputed())
        self.agreed.setText(f"Keep {agreed} agreed")
        self.agreed.setVisible(agreed > 0 and not self._session.study.read_only)

    def _chosen(self, _row: int) -> None:
        self._span = 0
        dispute = self.current
        if dispute is not None:
            self._session.selection.select(dispute.feature)
            if dispute.spans:
                self._session.loop.show_span(dispute.spans[0], repeat=False)
        elif self._onset is not None and self._on_onset:
            self._session.playback.seek(self._onset.statements[0].seconds)
        self._show_current()

    def _show_current(self) -> None:
        dispute = self.current
        for presence, button in self.buttons.items():
            button.setEnabled(dispute is not None and not self._session.study.read_only)
            button.setChecked(dispute is not None and dispute.decided is presence)
        onset = self._onset if self._on_onset else None
        self._show_takes(dispute, onset)
        decided = dispute.decided if dispute is not None else onset.decided if onset is not None else None
        self.open.setEnabled(decided is not None and not self._session.study.read_only)
        self.note.setEnabled(dispute is not None and not self._session.study.read_only)
        recording = self._session.opened.recording
        about = (recording.fingerprint, dispute.feature) if recording is not None and dispute else None
        self.note.show_reason(about, dispute.note if dispute is not None else "")
        self.said.setVisible(dispute is not None)
        self.said.setText("" if dispute is None else full_answers(dispute))
        spans = dispute.spans if dispute is not None else ()
        self.evidence.setVisible(bool(spans))
        if spans:
            number = self._span % len(spans)
            self.evidence.setText(f"{span_text(spans[number])}  {number + 1} of {len(spans)} ▸")
            self.evidence.setToolTip("Play the evidence; again for the next one")

    def _show_takes(self, dispute: Dispute | None, onset: OnsetDispute | None) -> None:
        """A button for each reader's answer, with its key."""
        while (item := self._flow.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self.takes = []
        given = (one for one in dispute.statements if one.answer.presence) if dispute is not None else ()
        for said in given:
            take = partial(self._take_answer, said.answer)
            self._add_take(said.name, said.place, in_full(said.answer), take)
        for mark in onset.statements if onset is not None else ():
            self._add_take(
                mark.name, mark.place, clock(mark.seconds, 2), partial(self._take_onset, mark.seconds)
            )
        self._flow.invalidate()
        self._readers.setVisible(bool(self.takes))
        self._readers.updateGeometry()

    def _add_take(self, name: str, place: int, words: str, take: Callable[[], None]) -> None:
        button = QToolButton()
        key = f"{TAKING[place]}  " if place < len(TAKING) else ""
        button.setText(f"{key}as {plain(name, 20)}".replace("&", "&&"))
        button.setToolTip(tool_tip(f"Decide {words}"))
        button.setAccessibleName(f"Decide as {plain(name, 40)} says: {words}")
        button.setProperty("place", place)
        button.setFont(small_font())
        button.setEnabled(not self._session.study.read_only)
        button.clicked.connect(lambda _on=False: take())
        self.takes.append(button)
        self._flow.addWidget(button)

    def _next_evidence(self) -> None:
        dispute = self.current
        if dispute is not None and dispute.spans:
            self._session.loop.show_span(dispute.spans[self._span % len(dispute.spans)], repeat=True)
            self._span += 1
            self._show_current()

    def _recolour(self) -> None:
        theme = self._session.appearance.theme
        self.setStyleSheet(panel_style(theme) + chosen_button(theme))
