"""The overnight jobs of the open study in the window: looked at, collected and stopped in the background."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.jobs import Progress, Task
from app.core.plural import plural
from app.core.settings import account_author
from app.ui.session.background import Background
from app.ui.session.chosen_model import ChosenModel
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.opened_study import OpenedStudy
from app.ui.session.sending_permissions import SendingPermissions
from app.ui.session.status import Offer, StatusLine

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core.batch.overnight_of_study import OvernightAccount, ShownJob
    from app.core.privacy.destination import Destination
    from app.core.study.access import StudyAccess

    _JobWork = Callable[[StudyAccess, OvernightAccount, Task], object]


STOPPED = "The permission to send there was revoked, so the service is asked for nothing more."


class OvernightJobs(QObject):
    """The jobs of the study with their states; every signal comes in the GUI thread."""

    changed = Signal()
    """Another state of a job, or another work."""

    def __init__(
        self,
        *,
        opened: OpenedRecording,
        study: OpenedStudy,
        chosen: ChosenModel,
        sending: SendingPermissions,
        status: StatusLine,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._study, self._chosen, self._status = study, chosen, status
        self._sending = sending
        self.jobs: tuple[ShownJob, ...] = ()
        self.said: tuple[str, ...] = ()
        """What came of the last work, in sentences."""
        self.progress: Progress | None = None
        self._folder: Path | None = None
        self._asks: dict[Path, frozenset[Destination]] = {}
        """The services that the work on a study's jobs asks, noted by it before it begins to."""
        self._work = Background("overnight jobs", self)
        self._work.progressed.connect(self._on_progress)
        self._work.posted.connect(self._on_jobs)
        self._work.done.connect(self._on_done)
        self._work.failed.connect(self._on_failed)
        self._work.ended.connect(self._on_ended)
        opened.recording_changed.connect(self._on_recording)
        sending.revoked.connect(self._on_revoked)

    @property
    def running(self) -> bool:
        """Whether something is being done with the jobs."""
        return self._work.running

    def look(self) -> None:
        """Ask the service how far the jobs are."""
        self._begin(_look)

    def collect(self) -> None:
        """Keep what the jobs have brought."""
        self._begin(_collect)

    def stop(self, ids: frozenset[str]) -> None:
        """Ask the service to stop these jobs."""
        self._begin(lambda access, account, task: _stop(access, account, ids, task))

    def cancel(self) -> None:
        """End the work at its next step."""
        self._work.cancel()

    def account(self) -> OvernightAccount:
        """Whose jobs they are; not for the GUI thread, as its first import takes long."""
        from app.core.batch.overnight_of_study import OvernightAccount

        return OvernightAccount(account_author(), self._chosen.keys.key, self._sending.is_revoked)

    def _account_for(self, access: StudyAccess) -> OvernightAccount:
        """The account, once it is noted which services are asked; not for the GUI thread.

        What is revoked before that is noted is not asked at all, see `SendingPermissions.is_revoked`.
        """
        from app.core.privacy.overnight_jobs import jobs_of_study

        self._asks[access.folder] = frozenset(job.destination for job in jobs_of_study(access.folder))
        return self.account()

    def _begin(self, work: _JobWork) -> None:
        access = self._study.access()
        if access is None or self._work.running:
            return
        self.said, self.progress = (), None
        self._work.start(lambda task: work(access, self._account_for(access), task))
        self.changed.emit()

    def _on_revoked(self, place: Destination) -> None:
        """A permission was taken back: what asks that service ends."""
        folder = self._folder
        if self._work.running and folder is not None and place in self._asks.get(folder, ()):
            self._work.cancel()
            self.said = (STOPPED,)

    def _on_recording(self) -> None:
        """Look once for each study that is opened."""
        folder = self._study.folder
        if folder == self._folder:
            return
        self._folder, self.jobs, self.said, self.progress = folder, (), (), None
        self._work.drop()  # what it finds is of the other study
        access = self._study.access()
        if access is not None and not self._study.read_only:
            self._work.start(lambda task: _look_if_any(access, lambda: self._account_for(access), task))
        self.changed.emit()

    def _on_progress(self, progress: Progress) -> None:
        self.progress = progress
        self.changed.emit()

    def _on_jobs(self, jobs: tuple[ShownJob, ...]) -> None:
        self.jobs = jobs
        self.changed.emit()

    def _on_done(self, said: tuple[str, ...] | None) -> None:
        if said is not None:
            self.said = said
        elif self.jobs:
            self._offer_to_collect()

    def _offer_to_collect(self) -> None:
        from app.core.batch.overnight_of_study import TO_COLLECT

        ready = sum(one.state in TO_COLLECT for one in self.jobs)
        if ready:
            words = "An overnight job is over." if ready == 1 else f"{ready} overnight jobs are over."
            self._status.make_offer(Offer(words, "Collect the answers", self._collect_and_say))

    def _collect_and_say(self) -> None:
        self.collect()
        self._status.say("Collecting the answers of the overnight jobs")

    def _on_failed(self, sentence: str) -> None:
        self.said = (sentence,)

    def _on_ended(self) -> None:
        self.progress = None
        if self.said:
            self._status.say(self.said[0])
        self.changed.emit()


def _look_if_any(access: StudyAccess, account: Callable[[], OvernightAccount], task: Task) -> None:
    from app.core.privacy.overnight_jobs import jobs_of_study

    if jobs_of_study(access.folder):
        from app.core.batch.overnight_of_study import shown_jobs

        with access.open() as study:
            task.post(shown_jobs(study))
        _post_looked(access, account(), task)


def _look(access: StudyAccess, account: OvernightAccount, task: Task) -> tuple[str, ...]:
    _post_looked(access, account, task)
    return ()


def _collect(access: StudyAccess, account: OvernightAccount, task: Task) -> tuple[str, ...]:
    with access.open() as study:
        said = account.collect(study, report=task.report, cancel=task.cancel)
    _post_looked(access, account, task)
    return said


def _stop(access: StudyAccess, account: OvernightAccount, ids: frozenset[str], task: Task) -> tuple[str, ...]:
    with access.open() as study:
        failures = [one.failure for one in account.stop(study, ids, task.cancel)]
    _post_looked(access, account, task)
    stopped = failures.count("")
    asked = f"The service was asked to stop {plural(stopped, 'job')}; collect what is over."
    if not failures:
        return ("Nothing was stopped: what was chosen is over.",)
    return (*filter(None, failures), *((asked,) if stopped else ()))


def _post_looked(access: StudyAccess, account: OvernightAccount, task: Task) -> None:
    with access.open() as study:
        task.post(account.look(study, task.cancel))
