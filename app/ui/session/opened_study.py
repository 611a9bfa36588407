"""The study of the open recording: changing it, undoing, and what other parts of the session ask of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from app.core.errors import UserError
from app.core.reading import ReaderIdentity, Reading
from app.core.study.asked_reader import AskedReader
from app.core.study.content import Content
from app.core.study.recording_study import RecordingStudy
from app.ui.session.saving_status import SavingStatus
from app.ui.session.status import StatusLine
from app.ui.session.study_errors import StudyErrors

if TYPE_CHECKING:
    from app.core.picture_box import Box
    from app.core.study.access import StudyAccess
    from app.core.study.change_requests import Request
    from app.core.study.edits import Edit
    from app.core.study.history_search import HistoryPage
    from app.core.study.saving import Outcome, Saved, Unsaved
    from app.core.study.store import Study

T = TypeVar("T")

_WHO_READS = "Say first who reads: answers are kept under a name."
CLOSING_SECONDS = 2.0
"""How long closing waits for the study's disk."""


class OpenedStudy(QObject):
    """Every change shows at once and is on its way to the disk when the call returns.

    The status line says when it is saved, or a message why it is not.

    With another recording everything is another one: `OpenedRecording.recording_changed` says so.
    """

    content_changed = Signal(object, object)
    """The former and the present `Content`; they may hold the same."""
    edited = Signal(object)
    """This Edit was made, undone or made again."""
    reread = Signal()
    """The study was read again as a whole: after several edits, for another reader, after it was restored."""
    not_kept = Signal()
    """A change was refused: what somebody has typed or drawn is not what the study holds."""
    recordings_changed = Signal()
    """Something else than the open recording's answers: other recordings, other people, settings."""
    saved = Signal(object)
    """These changes (a `Saved`) are on disk."""
    keep_wanted = Signal()
    """Changes have been waiting for the disk for a while."""
    reader_known = Signal()
    """What the study holds is shown to the person who said that they read."""
    lost = Signal(object)
    """The study could not be read again, because of this UserError."""
    _woken = Signal()

    def __init__(self, status: StatusLine, errors: StudyErrors, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.of_recording = RecordingStudy(self._woken.emit)
        """The study itself, for those who open, close and compare it."""
        self._status = status
        self._errors = errors
        writers = self.of_recording.writers
        self._saving = SavingStatus(status, writers.unsaved, writers.retry, self.keep_wanted.emit, self)
        self._shown = self.of_recording.content
        self.asked_reader = AskedReader(self.of_recording)
        """Whether it must be said who reads."""
        self._goes_on = False
        self._has_waited = False
        self._woken.connect(self.of_recording.writers.deliver_outcomes, Qt.ConnectionType.QueuedConnection)
        self.of_recording.read_again = self._on_read_again
        self.of_recording.lost = self.lost.emit
        self.of_recording.writers.show_note = status.add_message

    # what it holds

    @property
    def content(self) -> Content:
        """What the study holds of the open recording for the person."""
        return self.of_recording.content

    @property
    def shown(self) -> Content:
        """What of it was last shown."""
        return self._shown

    @property
    def patient(self) -> Box | None:
        """The box drawn round the patient, in shares of the picture."""
        return self.content.patient

    @property
    def folder(self) -> Path | None:
        """The folder of the open recording's study; None without one."""
        return self.of_recording.folder

    @property
    def read_only(self) -> bool:
        """Whether nothing can be kept."""
        return self.of_recording.read_only

    @property
    def me(self) -> ReaderIdentity:
        """The person under whose name answers are kept."""
        return self.of_recording.me

    @property
    def viewer(self) -> ReaderIdentity | None:
        """From whom the study withholds what is sealed; None: nothing is."""
        return self.of_recording.viewer

    @property
    def recording_number(self) -> int:
        """The open recording's number in the study, 0 without one."""
        return self.of_recording.number

    @property
    def candidates(self) -> tuple[str, ...]:
        """The persons between whom is to be chosen who reads, before anything is shown or answered."""
        return self.asked_reader.candidates

    def opened(self) -> int:
        """The open recording's number in the study. Raises UserError without one."""
        return self.of_recording.opened()

    def ask(
        self,
        question: Callable[[Study], T],
        answered: Callable[[T], None],
        failed: Callable[[UserError], None] | None = None,
    ) -> None:
        """Ask the study in its thread; what fails shows as a message unless `failed` is given."""
        failed = failed or self._errors.show
        try:
            self.of_recording.ask(question, answered, failed)
        except UserError as error:
            failed(error)

    def access(self) -> StudyAccess | None:
        """What a background thread needs to open the study by itself; None without one."""
        if self.folder is None or self.candidates:
            return None
        from app.core.study.access import StudyAccess
        from app.core.study.viewer import viewer_of_person

        viewer = viewer_of_person(self.me, openly=self.viewer is None)
        return StudyAccess(
            self.folder, self.me, viewer, self.recording_number, self.of_recording.writers.wait_for_disk()
        )

    def history(
        self, feature: str | None, before: int | None, show: Callable[[HistoryPage | None], None]
    ) -> None:
        """Ask for changes of the open recording, of one feature or all, the latest first; nothing sealed.

        `show` is given those before the row `before` of the history, None while no recording is open.
        """
        from app.core.study.history_listing import history_page
        from app.core.study.history_search import HistoryFilter

        access = self.access()
        if access is None or not access.number:
            show(None)
            return
        wanted, viewer = HistoryFilter(recording_id=access.number, feature=feature), access.viewer
        self.ask(lambda study: history_page(study, viewer, wanted, before=before), show)

    # changing it

    def apply(self, make: Callable[[], Edit | None], *, done: str = "") -> bool:
        """Make the edit that `make` gives, if it gives one; whether it is on its way.

        `done` is what the status line says once it is on disk, in place of *saved*.
        """

        def change() -> tuple[Edit, ...]:
            edit = make()
            return () if edit is None else (edit,)

        made = self._begin(change, done=done)
        if made is None:
            return False
        for edit in made:
            self.edited.emit(edit)
        return True

    def apply_all(self, make: Callable[[], tuple[Edit, ...]], *, why: str = "", done: str = "") -> bool:
        """Make the edits that `make` gives together; whether they are on their way. `done` as in `apply`."""
        if self._begin(make, why=why, done=done) is None:
            return False
        self.reread.emit()
        return True

    def _begin(
        self, make: Callable[[], tuple[Edit, ...]], *, why: str = "", done: str = ""
    ) -> tuple[Edit, ...] | None:
        """Ask for edits and show them; None when that cannot be, and the reason shows as a message."""

        def say(saved: Saved) -> None:
            self._saving.say(done or _saved_at(saved))

        try:
            edits = make()
            if edits:
                self.of_recording.apply(edits, lambda outcome: self._on_outcome(outcome, say), why=why)
        except UserError as error:
            self._on_refused(error)
            return None
        if edits:
            self._show_saving()
            self._emit_content()
        return edits

    def submit(self, request: Request) -> bool:
        """Make a change of the study other than an edit; whether it is on its way."""
        try:
            self.of_recording.submit(
                request,
                lambda outcome: self._on_outcome(outcome, lambda saved: self._saving.say(_saved_at(saved))),
            )
        except UserError as error:
            self._on_refused(error)
            return False
        self._show_saving()
        self._emit_content()
        return True

    def _show_saving(self) -> None:
        self._has_waited = False
        self._saving.begin()

    def _on_outcome(self, outcome: Outcome, say: Callable[[Saved], None]) -> None:
        """Say what became of a change of the person's."""
        from app.core.study.saving import Refused, Saved

        if isinstance(outcome, Saved):
            say(outcome)
            self.saved.emit(outcome)
        elif isinstance(outcome, Refused):
            if not outcome.with_another:
                self._on_refused(outcome.error)
        else:
            self._saving.show_unsaved()

    def _on_refused(self, error: UserError) -> None:
        self._status.say("not saved: read-only" if self.read_only else "not saved")
        self._errors.show(error)
        self._emit_content()
        self.not_kept.emit()

    def undo(self, go_to_feature: Callable[[str | None], None]) -> None:
        """Take back the last change, or the last that were made together.

        `go_to_feature` is given the feature of the open recording that this changes, as soon as it is known.
        """
        self._step(self.of_recording.undo, "nothing to undo", "undone", go_to_feature)

    def redo(self, go_to_feature: Callable[[str | None], None]) -> None:
        """Make the last change again, or the last together, that was undone; `go_to_feature` as in `undo`."""
        self._step(self.of_recording.redo, "nothing to redo", "redone", go_to_feature)

    def _step(
        self,
        find: Callable[[], Request],
        nothing: str,
        done: str,
        go_to_feature: Callable[[str | None], None],
    ) -> None:
        from app.core.study.expected_content import edits_of

        def say(saved: Saved) -> None:
            self._saving.say(f"{done}: {saved.group.phrase}" if saved.changes else nothing)
            made = tuple(change.edit for change in saved.changes if change.edit is not None)
            if not expected or not saved.as_expected:
                self._show_step(made, go_to_feature)

        try:
            request = find()
            expected = edits_of(request)
            self.of_recording.submit(request, lambda outcome: self._on_outcome(outcome, say))
        except UserError as error:
            self._status.show_message(str(error))
            return
        self._show_saving()
        if expected:
            self._show_step(expected, go_to_feature)

    def _show_step(self, edits: tuple[Edit, ...], go_to_feature: Callable[[str | None], None]) -> None:
        self._emit_content()
        if len(edits) == 1:
            self.edited.emit(edits[0])
        elif edits:
            self.reread.emit()
        number = self.recording_number
        here = (edit for edit in edits if getattr(edit, "recording_id", 0) == number)
        go_to_feature(next(filter(None, (getattr(edit, "feature", None) for edit in here)), None))

    # readings of programs

    def show_reading(self, reading: Reading) -> None:
        """Show a reading that is still growing."""
        self.of_recording.show(reading)
        self._emit_content()

    def keep_reading(self, reading: Reading) -> None:
        """Keep a program's whole reading; the status line goes on to speak of what the person has done."""
        try:
            self.of_recording.keep(reading, self._on_program)
        except UserError as error:
            self._errors.show(error)
        self._emit_content()
        self.reread.emit()

    def keep_sha256(self, sha256: str) -> None:
        """Keep the hash of the recording's content."""
        self.of_recording.keep_sha256(sha256, self._on_program)

    def _on_program(self, outcome: Outcome) -> None:
        """Say of a change that no person has made only what keeps it from the disk."""
        from app.core.study.saving import Refused, Saved

        if isinstance(outcome, Saved):
            self._saving.settle()
            self.saved.emit(outcome)
        elif isinstance(outcome, Refused):
            self._errors.show(outcome.error)
            self._emit_content()
        else:
            self._saving.show_unsaved()

    # what is not on disk

    def settle(self) -> Unsaved:
        """What is not on disk after trying again and waiting a moment for it, once until the next change."""
        waited, self._has_waited = self._has_waited, True
        return self.of_recording.writers.settle(0.0 if waited else CLOSING_SECONDS)

    def close(self) -> None:
        """Close the study; waits a moment for its disk, and keeps on this computer what is not saved then."""
        self._saving.stop()
        self.of_recording.close(0.0 if self.settle().requests else CLOSING_SECONDS)

    @property
    def unsaved(self) -> Unsaved:
        """The changes that are not known to be on disk."""
        return self.of_recording.writers.unsaved()

    # reading it again

    def read_again(self) -> None:
        """Something else has changed the study: show what it holds now."""
        self.of_recording.load_anew()
        self.recordings_changed.emit()

    def _on_read_again(self) -> None:
        self._emit_content()
        self.reread.emit()
        if self._goes_on and self.recording_number:
            self._goes_on = False
            self.reader_known.emit()

    def show_again(self) -> None:
        """Show what is known of the study after it was read again, closed or given to another reader."""
        self._emit_content()
        self.reread.emit()
        self.recordings_changed.emit()

    def begin(self) -> None:
        """Another recording is open, or none: nothing is compared with what was known of the former one."""
        self._goes_on = False
        if self.asked_reader.begin():
            self.of_recording.withhold(_WHO_READS, self.recording_number)
        self._shown = self.content

    def become(self, name: str) -> None:
        """Somebody reads from now on; what they may see is shown as soon as it was read for them."""
        self._goes_on = self.asked_reader.end()
        self.of_recording.become(name)
        # Also of the other recordings they see something else.
        self.show_again()

    def _emit_content(self) -> None:
        former, self._shown = self._shown, self.content
        if former is not self._shown:
            self.content_changed.emit(former, self._shown)


def _saved_at(saved: Saved) -> str:
    return f"saved {saved.at.astimezone():%H:%M:%S}"
