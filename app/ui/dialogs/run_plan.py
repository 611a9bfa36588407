"""Ask the model: what it takes, the clips made and looked at, and only then the gate and the run."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.core.plain_text import plain
from app.core.readers.models.model_choice import needs_marks
from app.core.readers.models.reading_stage import ReadingStage
from app.core.readers.models.reading_state import Planned, Prepared
from app.core.readers.models.run_phrases import HEADINGS, plan_rows
from app.core.times import remaining_words
from app.ui.dialogs.form import open_at, sentence
from app.ui.dialogs.gate import GateDialog
from app.ui.dialogs.preview import PreviewDialog
from app.ui.dialogs.reading_part import PartFields
from app.ui.session.session import Session


class RunPlanDialog(QDialog):
    """Prepares at once, sends only after the gate. Closing it forgets the plan; made clips stay."""

    def __init__(
        self,
        session: Session,
        parent: QWidget | None = None,
        *,
        refused_too: bool = False,
        blind: bool = False,
    ) -> None:
        """`refused_too` asks again where an answer was refused; `blind` shows the model nothing."""
        super().__init__(parent)
        self._session = session
        self._refused_too, self._blind = refused_too, blind
        self._preview: PreviewDialog | None = None
        self._gate: GateDialog | None = None
        self._gate_of: Prepared | None = None
        """What the gate shows, while it is open."""
        self._notice = ""
        self._asked_for: tuple[object, ...] = ()
        usual = "Ask with nothing shown" if blind else "Ask the model"
        self.setWindowTitle("Retry what was refused" if refused_too and not blind else usual)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.title = sentence(bold=True)
        self.where = sentence()
        self._values = [sentence() for _ in HEADINGS]
        self._form = QFormLayout()
        self.part = PartFields(session)
        self._shown_instead = sentence(_NOTHING)
        (self.part if blind else self._shown_instead).setParent(self)
        (self.part if blind else self._shown_instead).hide()
        self.work = sentence(small=True)
        self.bar = QProgressBar()
        self.preview_button = QPushButton("What the model would see…")
        self.ask = QPushButton("Ask…")
        self.close_button = QPushButton("Cancel")
        self._arrange()
        self._connections = (
            session.opened.recording_changed.connect(self.reject),
            session.models.run_changed.connect(self._refresh),
            session.models.chosen.changed.connect(self._on_choice),
            session.patient.changed.connect(self._on_choice),
            session.models.part.changed.connect(self._on_choice),
            session.answers.marks_changed.connect(self._on_choice),
            session.study.content_changed.connect(self._on_choice),
            session.study.reader_known.connect(self._prepare),
            session.analysis.work_changed.connect(self._refresh),
        )
        self._prepare()
        open_at(self, QSize(560, 400))

    @property
    def wanted(self) -> tuple[bool, bool]:
        """What the plan is of: whether refused answers too, and whether with nothing shown."""
        return self._refused_too, self._blind

    def done(self, result: int) -> None:
        for connection in self._connections:
            QObject.disconnect(connection)
        if not self._session.models.stage.asking:
            self._session.models.forget_plan()
        if self._preview is not None:
            self._preview.close()
        super().done(result)

    def _arrange(self) -> None:
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(4)
        self._form.setHorizontalSpacing(16)
        self._form.setVerticalSpacing(7)
        self._form.addRow(sentence("Part", small=True), self._shown_instead if self._blind else self.part)
        for heading, value in zip(HEADINGS, self._values, strict=True):
            self._form.addRow(sentence(heading, small=True), value)
        self.preview_button.clicked.connect(self._look)
        self.ask.clicked.connect(self._ask)
        self.close_button.clicked.connect(self.reject)
        self.ask.setAutoDefault(False)
        self.preview_button.setAutoDefault(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(8)
        column.addWidget(self.title)
        column.addWidget(self.where)
        column.addSpacing(4)
        column.addLayout(self._form)
        column.addStretch(1)
        column.addWidget(self.work)
        column.addWidget(self.bar)
        row = QHBoxLayout()
        row.addWidget(self.preview_button)
        row.addStretch(1)
        buttons = QDialogButtonBox()
        buttons.addButton(self.ask, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self.close_button, QDialogButtonBox.ButtonRole.ActionRole)
        row.addWidget(buttons)
        column.addLayout(row)

    def _on_choice(self) -> None:
        if self._asked_for != self._asks_for():
            self._prepare()
        else:
            self._refresh()

    def _asks_for(self) -> tuple[object, ...]:
        """What the plan depends on beside the recording."""
        models = self._session.models
        marks = models.part.marked if needs_marks(models.part.of(models.chosen.choice)) else None
        return (
            models.chosen.choice,
            self._session.patient.box,
            models.part.span,
            models.part.orientation,
            marks,
            self._session.study.content.hidden_places if models.chosen.choice.cover_text else None,
        )

    def _prepare(self) -> None:
        self._asked_for = self._asks_for()
        self._session.models.forget_plan()
        self._session.models.prepare(refused_too=self._refused_too, blind=self._blind)
        self._refresh()

    def _prepare_long(self) -> None:
        """The cost was accepted."""
        self._session.models.prepare(refused_too=self._refused_too, long_too=True, blind=self._blind)
        self._refresh()

    def _refresh(self) -> None:
        models = self._session.models
        if self._gate is not None and models.prepared is not self._gate_of:
            self._notice = _CHANGED
            self._gate.reject()
        planned = models.planned
        name = models.chosen.choice.model or (planned.plan.destination.model if planned else "")
        self.title.setText(plain(name, 80) or "The model")
        self.where.setText(_where_words(planned) if planned else models.chosen.where)
        rows = plan_rows(planned) if planned else ("–",) * len(HEADINGS)
        for label, words in zip(self._values, rows, strict=True):
            label.setText(words)
        busy = models.stage in {ReadingStage.WAITING, ReadingStage.PREPARING}
        self.bar.setVisible(busy)
        self.bar.setValue(round(1000 * models.progress.done) if models.progress else 0)
        self.work.setText(self._work_words(planned))
        ready = models.stage is ReadingStage.READY
        self.preview_button.setEnabled(ready)
        long = models.cost_unaccepted
        self.ask.setEnabled(long or (ready and planned is not None and bool(planned.left)))
        self.ask.setText(_ask_words(planned, long=long))
        self.close_button.setText("Cancel" if busy or self.ask.isEnabled() else "Close")

    def _work_words(self, planned: Planned | None) -> str:
        models = self._session.models
        if models.problem:
            return plain(models.problem, 300)
        if models.stage is ReadingStage.WAITING:
            return "Waits until the signal reader is done: the pose it finds is needed for the clips."
        if models.stage is ReadingStage.PREPARING:
            what = models.progress.what if models.progress is not None else "Making the clips for the model"
            left = remaining_words(models.progress.remaining) if models.progress is not None else ""
            return plain(" · ".join(word for word in (what, left) if word), 120)
        if models.cost_unaccepted:
            return _LONG
        ready = _ready_words(planned) if planned is not None and models.stage is ReadingStage.READY else ""
        return " ".join(words for words in (self._notice, ready) if words)

    def _look(self) -> None:
        prepared = self._session.models.prepared
        if prepared is not None:
            self._preview = PreviewDialog(self._session, prepared.preview, self)
            self._preview.destroyed.connect(self._preview_gone)
            self._preview.show()

    def _preview_gone(self) -> None:
        self._preview = None

    def _ask(self) -> None:
        models = self._session.models
        if models.cost_unaccepted:
            self._prepare_long()
            return
        if models.prepared is None or models.planned is None:
            return
        self._notice = ""
        if models.planned.permission is None:
            gate = GateDialog(self._session, models.planned, models.prepared.preview, self)
            gate.accepted.connect(lambda: self._start(allowed=True))
            gate.finished.connect(gate.deleteLater)
            gate.finished.connect(self._forget_gate)
            self._gate, self._gate_of = gate, models.prepared
            gate.show()
        else:
            self._start()

    def _forget_gate(self) -> None:
        self._gate = self._gate_of = None

    def _start(self, *, allowed: bool = False) -> None:
        self._session.models.start(allowed=allowed)
        if self._session.models.stage.asking:
            self.accept()


_NOTHING = "Black frames and silence, as long as the recording: what the model says of them is expectation."

_CHANGED = "Nothing was sent: what you were shown is not what would be sent now. Look at it again."

_LONG = (
    "This is a long reading. Nothing has been made or sent: read less of the recording, or make the clips "
    "for what is listed above."
)


def _ask_words(planned: Planned | None, *, long: bool) -> str:
    if long:
        return "Make the clips"
    return "Ask" if planned is not None and planned.permission is not None else "Ask…"


def _ready_words(planned: Planned) -> str:
    given = planned.permission
    if not planned.left:
        return "Everything has been answered; there is nothing left to ask."
    if given is None:
        return "The clips are ready. Nothing is sent before you have seen what, where to, and allowed it."
    who, when = plain(given.user, 60), given.time[:10]
    return f"The clips are ready. {who} allowed sending this study there on {when}."


def _where_words(planned: Planned) -> str:
    destination = planned.plan.destination
    return f"{plain(destination.shown, 80)} · {destination.terms.title}"
