"""Ask a model overnight at half the price: recordings ticked, the cost, the gate, and only then the jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.core.jobs import Task
from app.core.plain_text import plain
from app.core.privacy.destination import Destination
from app.core.settings import account_author
from app.ui.dialogs.exchange import WorkDialog
from app.ui.dialogs.form import form, sentence
from app.ui.dialogs.gate import GateDialog
from app.ui.dialogs.ticked_recordings import TickedRecordings
from app.ui.session.session import Session

if TYPE_CHECKING:
    from app.core.batch.overnight import LeftOut, OvernightSent, OvernightSums
    from app.core.batch.overnight_of_study import OvernightAccount, ToBeSent
    from app.core.batch.request_files import FileQuestion
    from app.core.readers.models.model_choice import ModelChoice
    from app.core.study.access import StudyAccess

_ABOUT = (
    "The chosen model answers the ticked recordings within a day, at half the price. You can close the "
    "program meanwhile; the answers are collected when this study is open. What has an answer already, or "
    "waits in a job, is not asked again."
)
_PLAN, _SEND = "See the cost", "Send overnight…"


class OvernightDialog(WorkDialog):
    """First the cost of what is ticked, then the permission where there is none, then the jobs."""

    cancelled = "Cancelled; what was not sent by then was not sent."

    def __init__(self, session: Session, ticked: frozenset[int], parent: QWidget | None = None) -> None:
        super().__init__(session, "Ask overnight at half price", _PLAN, parent)
        self._planned: frozenset[int] | None = None
        """The recordings whose cost is shown."""
        self._place: Destination | None = None
        self.recordings = TickedRecordings("Recordings to ask about", ticked)
        self.model = sentence()
        self.cost = sentence()
        self.choices.addWidget(sentence(_ABOUT))
        self.choices.addWidget(self.recordings)
        rows: tuple[tuple[str, QWidget], ...] = (("Model", self.model), ("Cost", self.cost))
        self.choices.addLayout(form(rows))
        self.recordings.changed.connect(self._forget_plan)
        self.work.posted.connect(self._on_posted)
        self._forget_plan()
        access = session.study.access()
        if access is None:
            self.say("Open a recording of the study first.")
        else:
            self.start(lambda task: _list(access, task))

    def choose(self) -> None:
        """See the cost; then send, once that is allowed."""
        access, ticked = self.session.study.access(), self.recordings.numbers
        if access is None or not ticked:
            self.say("Tick the recordings that the model is to answer.")
            return
        choice = self.session.models.chosen.choice
        if self._planned != ticked or self._place is None:
            self.start(lambda task: _plan(access, _question(choice), ticked, task))
        elif _is_allowed(access, self._place):
            self._send(access, ticked)
        else:
            self.start(lambda task: _prepare(access, _question(choice), ticked, task))

    def _send(self, access: StudyAccess, ticked: frozenset[int]) -> None:
        choice, account = self.session.models.chosen.choice, self.session.models.overnight.account
        self._planned = None
        self.start(lambda task: _send(access, account, _question(choice), ticked, task))

    def _on_posted(self, what: object) -> None:
        from app.core.batch.overnight import OvernightSent, OvernightSums
        from app.core.batch.overnight_of_study import ToBeSent

        if isinstance(what, Destination):
            self._place = what
        elif isinstance(what, OvernightSums):
            self._show_plan(what)
        elif isinstance(what, OvernightSent):
            self._show_sent(what)
        elif isinstance(what, tuple) and what and isinstance(what[0], ToBeSent):
            self._ask(what)
        elif isinstance(what, tuple):
            self.recordings.show_recordings(what)

    def _show_plan(self, sums: OvernightSums) -> None:
        self._planned = self.recordings.numbers
        self.cost.setText(plain(f"{sums.words}.", 300))
        self.begin.setText(_SEND if sums.requests else _PLAN)

    def _ask(self, prepared: tuple[ToBeSent, ...]) -> None:
        """The gate: what would be sent of all of them, under the plan whose cost is shown."""
        gate = GateDialog(
            self.session,
            prepared[0].planned,
            prepared[0].preview,
            self,
            all_of=prepared,
            what=self.cost.text(),
        )
        gate.accepted.connect(self._allowed)
        gate.finished.connect(gate.deleteLater)
        gate.show()

    def _allowed(self) -> None:
        from app.core.privacy.gate import allow

        access = self.session.study.access()
        if access is not None and self._place is not None:
            allow(access.folder, self._place, account_author())
            self._send(access, self.recordings.numbers)

    def _show_sent(self, sent: OvernightSent) -> None:
        self.cost.setText(plain(f"Sent: {sent.sums.words}." if sent.jobs else "Nothing was sent.", 300))
        self.session.models.overnight.look()
        self.session.requests.overnight_jobs.emit()

    def _forget_plan(self) -> None:
        self._planned = None
        models = self.session.models
        self.model.setText(plain(f"{models.chosen.choice.model or 'Gemini'}: {models.chosen.where}", 200))
        self.cost.setText("Not known yet.")
        self.begin.setText(_PLAN)

    def _running(self, on: bool) -> None:
        super()._running(on)
        self.recordings.setEnabled(not on)
        self.begin.setEnabled(not on and not self.session.study.read_only)


def _question(choice: ModelChoice) -> FileQuestion:
    from app.core.batch.request_files import FileQuestion
    from app.core.readers.models.model_choice import for_any_recording
    from app.core.readers.models.prompt_files import prompt_sets

    return FileQuestion(for_any_recording(choice), prompt_sets())


def _is_allowed(access: StudyAccess, place: Destination) -> bool:
    from app.core.privacy.gate import find_permission

    return find_permission(access.folder, place, account_author()) is not None


def _list(access: StudyAccess, task: Task) -> tuple[str, ...]:
    task.post(access.worklist())
    return ("",)


def _plan(
    access: StudyAccess, question: FileQuestion, numbers: frozenset[int], task: Task
) -> tuple[str, ...]:
    from app.core.batch.overnight import overnight_choice, plan_overnight
    from app.core.batch.recording_list import recordings_of_study
    from app.core.readers.models.providers import provider_of

    choice = overnight_choice(question.choice)
    task.post(provider_of(choice).destination(choice))
    with access.open() as study:
        listed = recordings_of_study(study, only=numbers)
    sums, left_out = plan_overnight(access.folder, listed, question, report=task.report, cancel=task.cancel)
    task.post(sums)
    nothing = () if sums.requests else ("There is nothing left to ask.",)
    return (*nothing, *_left_out(left_out)) or ("Nothing was sent yet.",)


def _prepare(
    access: StudyAccess, question: FileQuestion, numbers: frozenset[int], task: Task
) -> tuple[str, ...]:
    from app.core.batch.overnight_of_study import prepare_overnight
    from app.core.batch.recording_list import recordings_of_study

    with access.open() as study:
        listed = recordings_of_study(study, only=numbers)
    made, left_out = prepare_overnight(
        access.folder, listed, question, report=task.report, cancel=task.cancel
    )
    if made:
        task.post(made)
    return ("Nothing is sent before you have seen what, where to, and allowed it.", *_left_out(left_out))


def _send(
    access: StudyAccess,
    account: OvernightAccount,
    question: FileQuestion,
    numbers: frozenset[int],
    task: Task,
) -> tuple[str, ...]:
    from app.core.batch.overnight import send_overnight
    from app.core.batch.recording_list import recordings_of_study
    from app.core.readers.models.providers import provider_of

    place = provider_of(question.choice).destination(question.choice)
    with access.open() as study:
        sent = send_overnight(
            study,
            recordings_of_study(study, only=numbers),
            question,
            lambda where: account.permit(access.folder, where),
            account.key(place),
            report=task.report,
            cancel=task.cancel,
        )
    task.post(sent)
    jobs = "1 job" if sent.jobs == 1 else f"{sent.jobs} jobs"
    first = f"{jobs} sent. The answers are there within a day." if sent.jobs else "Nothing was sent."
    return (first, *dict.fromkeys(sent.refused), *_left_out(sent.left_out))


def _left_out(rows: LeftOut) -> tuple[str, ...]:
    return tuple(f"{name}: {reason}" for name, reason in rows)
