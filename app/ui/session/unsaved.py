"""Changes that do not reach the disk: kept on this computer meanwhile, and taken up at the next opening."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.core.errors import UserError
from app.core.plural import plural
from app.ui.session.background import Background
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.opened_study import OpenedStudy
from app.ui.session.status import Offer, StatusLine
from app.ui.session.study_errors import StudyErrors

if TYPE_CHECKING:
    from app.core.study.saving import Saved
    from app.core.study.unsaved_changes import KeptChanges, TakenUp

TAKE_UP = "Save them now"


class UnsavedChanges(QObject):
    """Looks after what is not on disk of the open study."""

    def __init__(
        self,
        opened: OpenedRecording,
        study: OpenedStudy,
        status: StatusLine,
        errors: StudyErrors,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._study = study
        self._status = status
        self._errors = errors
        self._kept: tuple[object, ...] = ()
        self._keeping = Background("keeping of unsaved changes", self, patience=2.0)
        self._keeping.failed.connect(status.show_message)
        study.keep_wanted.connect(self._keep)
        study.saved.connect(self._on_saved)
        opened.recording_changed.connect(self._offer)

    def _keep(self) -> None:
        waiting = self._study.unsaved.requests
        if waiting != self._kept and not self._keeping.running:
            self._kept = waiting
            keep = self._study.of_recording.writers.keep_unsaved()
            self._keeping.start(lambda _task: keep())

    def _on_saved(self, _saved: Saved) -> None:
        if self._kept and not self._study.unsaved.requests and not self._keeping.running:
            self._kept = ()
            self._study.of_recording.writers.forget_kept()

    # at the next opening

    def _offer(self) -> None:
        kept = self._study.of_recording.writers.kept
        if kept and not self._study.read_only and self._status.offer is None:
            self._status.make_offer(Offer(self._sentence(kept), TAKE_UP, self._take_up))

    def _sentence(self, kept: tuple[KeptChanges, ...]) -> str:
        """What was kept; how much of it another person has made is not given away."""
        mine = {author for one in kept for author in one.authors} == {self._study.me.name}
        count = sum(one.count for one in kept)
        which = "Changes" if not mine else "1 change" if count == 1 else f"{count} changes"
        are = "is" if mine and count == 1 else "are"
        at = kept[-1].at.astimezone()
        return f"{which} of {at:%Y-%m-%d %H:%M} that could not be saved {are} kept on this computer."

    def _take_up(self) -> None:
        from app.core.study.unsaved_changes import take_up

        writers = self._study.of_recording.writers
        kept, writers.kept = writers.kept, ()

        def failed(error: UserError) -> None:
            writers.kept = kept
            self._errors.show(error)

        self._study.ask(lambda study: tuple(take_up(study, one) for one in kept), self._on_taken_up, failed)

    def _on_taken_up(self, outcomes: tuple[TakenUp, ...]) -> None:
        refused = [sentence for one in outcomes for sentence in one.refused]
        if refused:
            self._status.show_message(f"Not everything could be saved: {' '.join(dict.fromkeys(refused))}")
        else:
            saved = sum(one.saved for one in outcomes)
            are = "was kept on this computer is" if saved == 1 else "were kept on this computer are"
            self._status.say(f"{plural(saved, 'change')} that {are} saved")
        self._study.read_again()
