"""The study of the open recording: changing it, undoing, and what other parts of the session ask of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.errors import UserError
from app.core.reading import ReaderIdentity, Reading
from app.core.study.recording_study import Content, RecordingStudy, Step
from app.ui.session.status import StatusLine
from app.ui.session.study_errors import StudyErrors

if TYPE_CHECKING:
    from app.core.picture_box import Box
    from app.core.study.access import StudyAccess
    from app.core.study.edits import Edit
    from app.core.study.history_search import HistoryPage
    from app.core.study.store import Study


class OpenedStudy(QObject):
    """Every change is on disk when the call returns, or a message says why not.

    With another recording everything is another one: `OpenedRecording.recording_changed` says so.
    """

    content_changed = Signal(object, object)
    """The former and the present `Content`; they may hold the same."""
    edited = Signal(object)
    """This Edit was kept, undone or made again."""
    reread = Signal()
    """The study was read again as a whole: after several edits, for another reader, after it was restored."""
    not_kept = Signal()
    """A change was refused: what somebody has typed or drawn is not what the study holds."""
    recordings_changed = Signal()
    """Something else than the open recording's answers: other recordings, other people, settings."""

    def __init__(self, status: StatusLine, errors: StudyErrors, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.of_recording = RecordingStudy()
        """The study itself, for those who open, close and compare it."""
        self._status = status
        self._errors = errors
        self._shown = self.of_recording.content

    # what it holds

    @property
    def content(self) -> Content:
        """What the study holds of the open recording for the person."""
        return self.of_recording.content

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
        try:
            return self.of_recording.opened()[1]
        except UserError:
            return 0

    def opened(self) -> tuple[Study, int]:
        """The study and the open recording's number in it. Raises UserError without one."""
        return self.of_recording.opened()

    def access(self) -> StudyAccess | None:
        """What a background thread needs to open the study; None without one."""
        from app.core.study.access import StudyAccess
        from app.core.study.viewer import SealedFrom

        try:
            study, number = self.of_recording.whole_study()
        except UserError:
            return None
        viewer = SealedFrom((self.me,), until_decided=self.viewer is not None)
        return StudyAccess(study.folder, self.me, viewer, number)

    def history(self, feature: str | None, before: int | None = None) -> HistoryPage | None:
        """Changes of the open recording, of one feature or all, the latest first; nothing that is sealed.

        None while no recording is open.
        """
        from app.core.study.history_listing import history_page
        from app.core.study.history_search import HistoryFilter

        access = self.access()
        if access is None or not self.recording_number:
            return None
        wanted = HistoryFilter(recording_id=self.recording_number, feature=feature)
        return history_page(self.opened()[0], access.viewer, wanted, before=before)

    # changing it

    def apply(self, make: Callable[[], Edit | None]) -> bool:
        """Keep the edit that `make` gives, nothing when it is None; True when it is on disk."""
        made: list[Edit] = []

        def change() -> None:
            edit = make()
            if edit is not None:
                self.of_recording.apply(edit)
                made.append(edit)

        if not self._is_kept(change):
            return False
        self._emit_content()
        for edit in made:
            self.edited.emit(edit)
        return True

    def keep(self, change: Callable[[], None]) -> bool:
        """Make a change of the study that is not a single edit; True when it is on disk."""
        if not self._is_kept(change):
            return False
        self._emit_content()
        self.reread.emit()
        return True

    def _is_kept(self, change: Callable[[], None]) -> bool:
        """Make a change; when it is refused the reason shows as a message."""
        try:
            change()
        except UserError as error:
            self._status.say("not saved")
            self._errors.show(error)
            self._emit_content()
            self.not_kept.emit()
            return False
        self._status.say(f"saved {datetime.now().astimezone():%H:%M:%S}")
        return True

    def undo(self) -> Step | None:
        """Take back the last change, or all that was changed in one step with it; None without one."""
        return self._step(self.of_recording.undo, "nothing to undo", "undone")

    def redo(self) -> Step | None:
        """Make what was undone last again; None without it."""
        return self._step(self.of_recording.redo, "nothing to redo", "redone")

    def _step(self, go: Callable[[], Step | None], nothing: str, done: str) -> Step | None:
        try:
            step = go()
        except UserError as error:
            self._status.show_message(str(error))
            return None
        if step is None:
            self._status.say(nothing)
            return None
        self._status.say(f"{done}: {step.phrase}" if step.phrase else done)
        self._emit_content()
        if len(step.edits) == 1:
            self.edited.emit(step.edits[0])
        else:
            self.reread.emit()
        return step

    # readings of programs

    def show_reading(self, reading: Reading) -> None:
        """Show a reading that is still growing."""
        self.of_recording.show(reading)
        self._emit_content()

    def keep_reading(self, reading: Reading) -> None:
        """Keep a program's whole reading; the status line goes on to speak of what the person has done."""
        line = self._status.line
        if self.keep(lambda: self.of_recording.keep(reading)):
            self._status.say(line)

    def keep_sha256(self, sha256: str) -> None:
        """Keep the hash of the recording's content."""
        try:
            self.of_recording.keep_sha256(sha256)
        except UserError as error:
            self._status.show_message(str(error))

    # reading it again

    def read_again(self) -> None:
        """Something else has changed the study: show what it holds now."""
        self.keep(self.of_recording.load)
        self.recordings_changed.emit()

    def show_again(self) -> None:
        """Show what is known of the study after it was read again, closed or given to another reader."""
        self._emit_content()
        self.reread.emit()
        self.recordings_changed.emit()

    def begin(self) -> None:
        """Another recording is open, or none: nothing is compared with what was known of the former one."""
        self._shown = self.content

    def _emit_content(self) -> None:
        former, self._shown = self._shown, self.content
        if former is not self._shown:
            self.content_changed.emit(former, self._shown)
