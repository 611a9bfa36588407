"""The end of a session: scores by feature, when each comes back, the weeks so far, and what to do next."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

from app.core.plain_text import plain
from app.core.semiology import FEATURE
from app.core.teaching.course_remarks import due_text
from app.core.teaching.course_results import NOT_A_JUDGEMENT
from app.core.teaching.feedback_text import confusions_text, foil_counts_text
from app.core.teaching.learner_results import WeekShare
from app.core.teaching.session_summary import FeatureOutcome, SessionSummary
from app.core.teaching.sitting_work import EndedSession
from app.ui.dialogs.form import button, sentence
from app.ui.session.practice import Practice
from app.ui.theme import Theme
from app.ui.views.table_style import panel_style, plain_table

_WEEKS = 12
"""The most weeks that are listed."""
_WIDEST = 900
_COLUMNS = (200, 240)
"""Widths of the first columns of the features."""


class PracticeEnd(QWidget):
    """Shown when a session is over."""

    other_wanted = Signal()
    """Another course is to be chosen."""
    leave_wanted = Signal()

    def __init__(self, practice: Practice) -> None:
        super().__init__()
        self._practice = practice
        self.heading, self.why, self.remarks = sentence(bold=True), sentence(), sentence(small=True)
        self.foil, self.confusions = sentence(), sentence()
        self.features = _table("Scores by feature", ("Feature", "Right", "Comes back"))
        self.weeks = _table("Scores by week", ("Week from", "Right"))
        self.again = button("Next session", self.go_on)
        self.review = button("See the answers", practice.review)
        self.other = button("Another course…", self.other_wanted.emit)
        self.leave = button("Close", self.leave_wanted.emit)
        self._arrange()
        practice.changed.connect(self.refresh)

    def _arrange(self) -> None:
        self.again.setObjectName("main")
        for number, width in enumerate(_COLUMNS):
            self.features.setColumnWidth(number, width)
        tables = QHBoxLayout()
        tables.setSpacing(24)
        tables.addWidget(self.features, 2)
        tables.addWidget(self.weeks, 1)
        row = QHBoxLayout()
        for one in (self.again, self.review, self.other, self.leave):
            row.addWidget(one)
        row.addStretch(1)
        page = QWidget()
        page.setMaximumWidth(_WIDEST)
        whole = QHBoxLayout(self)
        whole.addWidget(page)
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(10)
        for label in (self.heading, self.confusions, self.foil, self.why, self.remarks):
            column.addWidget(label)
        column.addLayout(tables, 1)
        column.addWidget(sentence(NOT_A_JUDGEMENT, small=True))
        column.addLayout(row)

    def recolour(self, theme: Theme) -> None:
        """Paint it in this theme."""
        self.setStyleSheet(panel_style(theme) + f"QLabel {{ color: {theme.text}; }}")

    def go_on(self) -> None:
        """Another session; also of what is not due when nothing is."""
        ended = self._practice.ended
        if ended is not None:
            self._practice.begin_again(beyond_due=self._asks_beyond(ended))

    def _asks_beyond(self, ended: EndedSession) -> bool:
        return bool(ended.why) and ended.summary.next_due is not None

    def refresh(self) -> None:
        """Show the session that is over."""
        ended = self._practice.ended
        self.setEnabled(not self._practice.busy)
        if ended is None:
            return
        summary = ended.summary
        self.heading.setText(_heading(summary))
        _say(self.confusions, confusions_text(summary.confusions))
        _say(self.foil, foil_counts_text(summary.foil))
        _say(self.why, ended.why)
        _say(self.remarks, plain(" ".join(self._practice.remarks), 1000))
        self.review.setVisible(bool(ended.to_review))
        practised = self._practice.shows_keys
        self.again.setVisible(practised)
        self.again.setText(
            "Practise what is not due  (Enter)" if self._asks_beyond(ended) else "Next session  (Enter)"
        )
        now = datetime.now(UTC)
        _fill(self.features, [_feature_row(one, now) for one in summary.outcomes])
        _fill(self.weeks, [_week_row(one) for one in summary.weeks[-_WEEKS:]])


def _say(label: QLabel, text: str) -> None:
    label.setText(text)
    label.setVisible(bool(text))


def _heading(summary: SessionSummary) -> str:
    cards = f"{summary.answered} card{'s' if summary.answered != 1 else ''} answered"
    if not summary.outcomes:
        return f"{cards}." if summary.answered else "No card was asked."
    text = f"{summary.right} of {summary.n} right" if summary.n else cards
    hinted = summary.hinted
    return f"{text}, with the definition {hinted.right} of {hinted.n}" if hinted.n else text


def _feature_row(outcome: FeatureOutcome, now: datetime) -> tuple[str, ...]:
    right = f"{outcome.right} of {outcome.n}" if outcome.n else "–"
    if outcome.hinted.n:
        right += f", with the definition {outcome.hinted.right} of {outcome.hinted.n}"
    return FEATURE[outcome.feature].name, right, due_text(outcome.due, now) if outcome.due else ""


def _week_row(week: WeekShare) -> tuple[str, ...]:
    return f"{week.week:%d %b %Y}", f"{week.right} of {week.n}"


def _table(name: str, heads: tuple[str, ...]) -> QTableWidget:
    table = QTableWidget(0, len(heads))
    plain_table(table)
    table.setAccessibleName(name)
    table.setHorizontalHeaderLabels(heads)
    table.horizontalHeader().setStretchLastSection(True)
    table.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return table


def _fill(table: QTableWidget, rows: list[tuple[str, ...]]) -> None:
    table.setVisible(bool(rows))
    table.setRowCount(len(rows))
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            table.setItem(number, column, QTableWidgetItem(text))
