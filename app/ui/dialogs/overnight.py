"""Ask a model overnight at half the price: recordings ticked, the cost, the gate, and only then the jobs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.core.jobs import Task
from app.core.plain_text import plain
from app.core.plural import plural
from app.core.privacy.destination import Destination
from app.core.settings import account_author
from app.ui.dialogs.exchange import WorkDialog
from app.ui.dialogs.form import form, sentence
from app.ui.dialogs.gate import GateDialog
from app.ui.dialogs.ticked_recordings import TickedRecordings
from app.ui.session.sending_permissions import REVOKED
from app.ui.session.session import Session

if TYPE_CHECKING:
    from app.core.batch.overnight import LeftOut, OvernightSent, OvernightSums
    from app.core.batch.overnight_of_study import OvernightAccount, ToBeSent
    from app.core.batch.recording_list import ListedRecording
    from app.core.batch.request_files import FileQuestion
    from app.core.readers.models.key_to_ask import KeyFor
    from app.core.readers.models.model_choice import ModelChoice
    from app.core.study.access import StudyAccess

_ABOUT = (
    "The chosen model answers the ticked recordings within a day, at half the price. You can close the "
    "program meanwhile; the answers are collected when this study is open. What has an answer already, or "
    "waits in a job, is not asked again."
)
_PLAN, _SEND = "See the cost", "Send overnight…"
_STOPPED = (
    "The permission to send there was revoked, so sending stopped. What was sent by then stands in the list "
    "of overnight jobs; it can be cancelled and deleted at the service once sending there is allowed again. "
    "Asking there again asks for that before anything is sent; the command semioscope overnight collect with "
    "--i-have-authority collects and deletes what is over, and sends nothing."
)
_ALLOWED = "allowed"
"""Posted when the permission is written down, before anything is sent."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked: the recordings of a study by their numbers, and the model."""

    access: StudyAccess
    numbers: frozenset[int]
    choice: ModelChoice


@dataclass(frozen=True, slots=True)
class _Costs:
    """What `asked` would take, the place that it would be sent to, and whether that was allowed by then."""

    asked: _Asked
    place: Destination
    sums: OvernightSums
    allowed: bool


@dataclass(frozen=True, slots=True)
class _Made:
    """What would be sent, with its clips."""

    costs: _Costs
    all_of: tuple[ToBeSent, ...]

    @property
    def looked_at(self) -> _Costs:
        """The same for those recordings alone of which a person could look at what would be sent."""
        numbers = frozenset(one.number for one in self.all_of)
        return replace(self.costs, asked=replace(self.costs.asked, numbers=numbers))


class OvernightDialog(WorkDialog):
    """First the cost of what is ticked, then the permission where there is none, then the jobs.

    All of it is about the study that was open at first and the model that the cost was seen of. The dialog
    closes when another study is opened, unless it is sending.
    """

    cancelled = "Cancelled; what was not sent by then was not sent."

    def __init__(self, session: Session, ticked: frozenset[int], parent: QWidget | None = None) -> None:
        super().__init__(session, "Ask overnight at half price", _PLAN, self.choose, parent)
        self._study = session.study.access()
        self._costs: _Costs | None = None
        """What is shown as the cost, while that is what would be sent."""
        self._gate: GateDialog | None = None
        self._unwritten: _Costs | None = None
        """What was just allowed, until that is written down."""
        self._sending: _Costs | None = None
        """What is being sent."""
        self._stopped = False
        """Whether that ends because its permission was revoked."""
        self._failure = ""
        """Why the last work failed."""
        self.recordings = TickedRecordings("Recordings to ask about", ticked)
        self.model = sentence()
        self.cost = sentence()
        self.choices.addWidget(sentence(_ABOUT))
        self.choices.addWidget(self.recordings)
        rows: tuple[tuple[str, QWidget], ...] = (("Model", self.model), ("Cost", self.cost))
        self.choices.addLayout(form(rows))
        self.recordings.changed.connect(self._forget_costs)
        self.work.posted.connect(self._on_posted)
        self.work.ended.connect(session.models.sending.look)
        self.work.failed.connect(self._on_failed)
        self._connections = (
            session.models.chosen.changed.connect(self._on_model),
            session.opened.recording_changed.connect(self._on_recording),
            session.models.sending.revoked.connect(self._on_revoked),
        )
        self._forget_costs()
        access = self._study
        if access is None:
            self.say(self.session.readers.why_nothing("Open a recording of the study first."))
        else:
            self.start(lambda task: _list(access, task))

    def choose(self) -> None:
        """See the cost; then send, once that is allowed."""
        access, ticked, costs = self._study, self.recordings.numbers, self._costs
        key_for = self.session.models.chosen.keys.key
        if access is None or not ticked:
            self.say("Tick the recordings that the model is to answer.")
        elif costs is None:
            asked = _Asked(access, ticked, self.session.models.chosen.choice)
            self.start(lambda task: _plan(asked, key_for, task))
        elif self._is_revoked(costs):
            return
        elif costs.allowed:
            self._send(costs)
        else:
            self.start(lambda task: _prepare(costs, task))

    def done(self, result: int) -> None:
        for connection in self._connections:
            QObject.disconnect(connection)
        self._close_gate()
        super().done(result)

    def _is_revoked(self, costs: _Costs) -> bool:
        """Whether the permission is being removed, which is then said."""
        revoked = self._holds_no_more(costs)
        if revoked:
            self.say(REVOKED)
        return revoked

    def _send(self, costs: _Costs) -> None:
        if self._is_revoked(costs):
            return
        account = self.session.models.overnight.account
        self._costs, self._sending = None, costs
        self.start(lambda task: _send(costs, account(), task))

    def _allowed(self, costs: _Costs) -> None:
        """Write down that it is allowed, and send."""
        if self._is_revoked(costs):
            return
        account = self.session.models.overnight.account
        # As it was shown: once more only after looking at the gate.
        self._unwritten, self._costs, self._sending = self._costs, None, costs
        self.start(lambda task: _allow_and_send(costs, account(), task))

    def _on_revoked(self, place: Destination) -> None:
        """A permission was taken back: what is being sent under it ends, and a plan asks for it anew."""
        if self._sending is not None and self._holds_no_more(self._sending):
            self._stopped, self._unwritten = True, None
            self.work.cancel()
        elif self._costs is not None and self._holds_no_more(self._costs):
            self._costs = replace(self._costs, allowed=False)

    def _holds_no_more(self, costs: _Costs) -> bool:
        return self.session.models.sending.is_revoked(costs.asked.access.folder, costs.place)

    def _on_posted(self, what: object) -> None:
        from app.core.batch.overnight import OvernightSent

        if what == _ALLOWED:
            self._unwritten = None
            self.session.models.sending.look()
        elif isinstance(what, _Costs):
            self._show_costs(what)
        elif isinstance(what, OvernightSent):
            self._show_sent(what)
        elif isinstance(what, _Made):
            self._ask(what)
        elif isinstance(what, tuple):
            self.recordings.show_recordings(what)

    def _show_costs(self, costs: _Costs) -> None:
        if costs.asked.choice != self.session.models.chosen.choice:
            return
        self._costs = costs
        self.cost.setText(plain(f"{costs.sums.words}.", 300))
        self.begin.setText(_SEND if costs.sums.requests else _PLAN)

    def _ask(self, made: _Made) -> None:
        """The gate: what would be sent of all of them, under the plan whose cost is shown."""
        if made.costs is not self._costs:
            return
        first = made.all_of[0]
        gate = GateDialog(
            self.session, first.planned, first.preview, self, all_of=made.all_of, what=self.cost.text()
        )
        gate.accepted.connect(lambda: self._allowed(made.looked_at))
        gate.finished.connect(gate.deleteLater)
        gate.finished.connect(self._forget_gate)
        self._gate = gate
        gate.show()

    def _show_sent(self, sent: OvernightSent) -> None:
        self._stopped = False  # it came too late
        self.cost.setText(plain(f"Sent: {sent.sums.words}." if sent.jobs else "Nothing was sent.", 300))
        if self._is_of_open_study():
            self.session.models.overnight.look()
            self.session.requests.overnight_jobs.emit()

    def _on_model(self) -> None:
        """Show the model; the cost of another one is not its cost."""
        if self._costs is None or self._costs.asked.choice == self.session.models.chosen.choice:
            self._show_model()
        else:
            self._close_gate()
            self._forget_costs()

    def _on_recording(self) -> None:
        if not self._is_of_open_study() and self._sending is None:
            self.reject()

    def _is_of_open_study(self) -> bool:
        return self._study is not None and self.session.study.folder == self._study.folder

    def _forget_costs(self) -> None:
        self._costs = None
        self._show_model()
        self.cost.setText("Not known yet.")
        self.begin.setText(_PLAN)

    def _show_model(self) -> None:
        models = self.session.models
        self.model.setText(plain(f"{models.chosen.choice.model or 'Gemini'} · {models.chosen.where}", 200))

    def _on_failed(self, failure: str) -> None:
        self._failure = failure

    def _on_end(self) -> None:
        unwritten, stopped, failure = self._unwritten, self._stopped, self._failure
        self._unwritten, self._sending, self._stopped, self._failure = None, None, False, ""
        if unwritten is not None:
            self._show_costs(unwritten)
        elif stopped:
            self._forget_costs()
            self.say(f"{failure}\n{_STOPPED}" if failure else _STOPPED)

    def _close_gate(self) -> None:
        if self._gate is not None:
            self._gate.reject()

    def _forget_gate(self) -> None:
        self._gate = None

    def _running(self, on: bool) -> None:
        super()._running(on)
        if not on:
            self._on_end()
        self.recordings.setEnabled(not on)
        self.begin.setEnabled(not on and not self.session.study.read_only)


def _list(access: StudyAccess, task: Task) -> tuple[str, ...]:
    task.post(access.worklist())
    return ("",)


def _plan(asked: _Asked, key_for: KeyFor, task: Task) -> tuple[str, ...]:
    from app.core.batch.overnight import overnight_choice, plan_overnight
    from app.core.privacy.gate import find_permission
    from app.core.readers.models.key_to_ask import key_to_ask
    from app.core.readers.models.providers import provider_of

    question = _question(asked)
    choice = overnight_choice(question.choice)
    key_to_ask(choice, key_for)
    place = provider_of(choice).destination(choice)
    sums, left_out = plan_overnight(
        asked.access.folder, _listed(asked), question, report=task.report, cancel=task.cancel
    )
    allowed = find_permission(asked.access.folder, place, account_author()) is not None
    task.post(_Costs(asked, place, sums, allowed))
    nothing = () if sums.requests else ("There is nothing left to ask.",)
    return (*nothing, *_left_out(left_out)) or ("Nothing was sent yet.",)


def _prepare(costs: _Costs, task: Task) -> tuple[str, ...]:
    from app.core.batch.overnight_of_study import prepare_overnight

    asked = costs.asked
    made, left_out = prepare_overnight(
        asked.access.folder, _listed(asked), _question(asked), report=task.report, cancel=task.cancel
    )
    if made:
        task.post(_Made(costs, made))
    return ("Nothing is sent before you have seen what, where to, and allowed it.", *_left_out(left_out))


def _allow_and_send(costs: _Costs, account: OvernightAccount, task: Task) -> tuple[str, ...]:
    from app.core.privacy.gate import allow_unless_cancelled

    allow_unless_cancelled(costs.asked.access.folder, costs.place, account_author(), task.cancel)
    task.post(_ALLOWED)
    return _send(costs, account, task)


def _send(costs: _Costs, account: OvernightAccount, task: Task) -> tuple[str, ...]:
    from app.core.batch.overnight import send_overnight

    asked = costs.asked
    listed = _listed(asked)
    with asked.access.open() as study:
        sent = send_overnight(
            study,
            listed,
            _question(asked),
            lambda where: account.permit(asked.access.folder, where),
            account.key(asked.choice),
            report=task.report,
            cancel=task.cancel,
            is_revoked=account.is_revoked,
        )
    task.post(sent)
    first = (
        f"{plural(sent.jobs, 'job')} sent. The answers are there within a day."
        if sent.jobs
        else "Nothing was sent."
    )
    return (first, *dict.fromkeys(sent.refused), *_left_out(sent.left_out))


def _question(asked: _Asked) -> FileQuestion:
    from app.core.batch.request_files import FileQuestion
    from app.core.readers.models.model_choice import for_any_recording
    from app.core.readers.models.prompt_files import prompt_sets

    return FileQuestion(for_any_recording(asked.choice), prompt_sets())


def _listed(asked: _Asked) -> tuple[ListedRecording, ...]:
    from app.core.batch.recording_list import recordings_of_study

    with asked.access.open() as study:
        return recordings_of_study(study, only=asked.numbers)


def _left_out(rows: LeftOut) -> tuple[str, ...]:
    return tuple(f"{name}: {reason}" for name, reason in rows)
