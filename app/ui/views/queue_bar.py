"""The queue of analyses below the worklist: how far it is, pause and go on, and the way to its list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.core.batch.queue_words import queue_count, queue_words
from app.ui.session.session import Session
from app.ui.theme import small_font
from app.ui.views.elided_label import ElidedLabel
from app.ui.views.tool_tip import tool_tip


class QueueBar(QWidget):
    """A line and a thin bar, as long as the queue has orders."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.words = ElidedLabel()
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setFont(small_font())
        self.words.setAccessibleName("Queue of analyses")
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.pause = QToolButton()
        self.pause.setFont(small_font())
        self.pause.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.pause.clicked.connect(self._turn)
        self.list = QToolButton()
        self.list.setText("Queue…")
        self.list.setFont(small_font())
        self.list.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.list.setToolTip("All analyses that are queued: order, cancel, try again")
        self.list.clicked.connect(session.requests.queue)
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(3)
        self.bar.setAccessibleName("Progress of the queue")
        row = QHBoxLayout()
        row.setContentsMargins(8, 2, 4, 2)
        row.addWidget(self.words, 1)
        row.addWidget(self.pause)
        row.addWidget(self.list)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addLayout(row)
        session.analysis.queue.changed.connect(self._show)
        self._show()

    def _turn(self) -> None:
        view = self._session.analysis.queue.view
        if view is not None:
            self._session.analysis.queue.pause(not view.orders.paused)

    def _show(self) -> None:
        view = self._session.analysis.queue.view
        words = "" if view is None else queue_words(view)
        self.setVisible(bool(words))
        if view is None or not words:
            return
        rows, paused = view.orders.rows, view.orders.paused
        done = len(rows) - len(view.orders.left) + sum(view.shares.values())
        self.words.set_texts(words, queue_count(view))
        self.words.setToolTip(tool_tip(words))
        self.bar.setValue(round(1000 * done / len(rows)))
        self.pause.setVisible(bool(view.orders.left))
        self.pause.setText("Go on" if paused else "Pause")
        tip = "Begin the next analysis" if paused else "Begin nothing new; what runs is finished"
        self.pause.setToolTip(tool_tip(tip))


def further_ways(session: Session, numbers: frozenset[int]) -> Iterator[tuple[str, Callable[[], None]]]:
    """How else these recordings can be analysed, and what can be done with their queued analyses: in words,
    and doing it."""
    if session.models.chosen.choice.provider == "gemini":
        yield "Ask overnight at half price…", partial(session.requests.overnight.emit, numbers)
    queue, folder = session.analysis.queue, session.study.folder
    orders = [order for number in numbers if (order := queue.order_of(folder, number)) is not None]
    left = frozenset(order.id for order in orders if order.is_left)
    waiting = frozenset(order.id for order in orders if order.state.value == "waiting")
    failed = frozenset(order.id for order in orders if order.state.value == "failed")
    if waiting and queue.view is not None:
        yield "Analyse next", partial(queue.move, waiting, -len(queue.view.orders.rows))
    if left:
        yield "Take out of the queue", partial(queue.remove, left)
    if failed:
        yield "Try again", partial(queue.try_again, failed)
