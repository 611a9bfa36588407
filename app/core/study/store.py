"""A study: recordings, readings and the history of every change, in one folder with one SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from app.core.bounded_json import canonical
from app.core.closing import Closing
from app.core.containment import keep_to_owner
from app.core.errors import UserError
from app.core.folders import studies_folder
from app.core.reading import ReaderIdentity, Reading
from app.core.study import (
    backup,
    changes,
    copy_schedule,
    copy_thinning,
    damage,
    history,
    recording_table,
    rows,
    schema,
)
from app.core.study.backup import Backup
from app.core.study.change_group import Change, ChangeGroup
from app.core.study.copies import CopySummary, summary_in
from app.core.study.database import (
    FILE_NAME,
    Database,
    forbids_writing,
    open_for_viewing,
    open_for_writing,
    user_errors,
    writable,
)
from app.core.study.durable import make_file, make_folder
from app.core.study.edits import Edit, SetPerson
from app.core.study.history import Operation
from app.core.study.place import relative_path, study_folder_for
from app.core.study.queries import StudyQueries
from app.core.study.restoring import Restored, restore
from app.core.study.study_files import check_study
from app.core.study.without_video import fingerprint_without_video
from app.core.study.work_limit import within_limits
from app.core.study.writer_lock import WriterLock

__all__ = ["RecordingFile", "Study", "study_folder_for"]

_WINDOW_BUSY_SECONDS = 2.0
_SHARED_BUSY_SECONDS = 60.0

_ELSEWHERE = "The study is open in another window, so it can be looked at here but not changed."
_OPENED_FOR_VIEWING = "The study was opened to be looked at, not to be changed."
_UNWRITABLE = "The study's folder cannot be written, so the study can be looked at but not changed."
_TOO_LONG = {
    Operation.UNDO: "This cannot be undone because it takes too long; nothing was changed.",
    Operation.REDO: "This cannot be redone because it takes too long; nothing was changed.",
}
_APART = "The recording's folder cannot be written, so its study is kept in this program's own folder."


class RecordingFile(Protocol):
    """The data of a recording that a study needs; `app.core.recording.recording.Recording` has it."""

    @property
    def path(self) -> Path: ...
    @property
    def name(self) -> str: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def duration(self) -> float: ...


class Study(StudyQueries, Closing):
    """An open study; every method may be called from any thread and raises UserError in one sentence.

    Nothing is kept in memory: what a method gives is what is on disk, and what it changed is on disk
    when it returns. A change that could not be written is not there at all, and the study can be used
    on once the cause (a full disk, a vanished share) is gone.
    """

    def __init__(
        self, folder: Path, author: str, database: Database, lock: WriterLock | None, note: str
    ) -> None:
        super().__init__(folder, database)
        self._author = author
        self._lock = lock
        self._note = note

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        author: str,
        create: bool = True,
        shared: bool = False,
        steps: Sequence[schema.Step] = schema.STEPS,
    ) -> Study:
        """The study in `folder`, made there when there is none and `create` is set.

        `author` is the name that the history gives as who. The first window holds the study until it
        is closed or killed; a later one gets it read-only, with the reason in `note`. `shared` does
        not ask for that hold: programs without a window write beside each other, one change at a
        time. `steps` are the schema's migrations. Raises UserError: no study there, of a newer version, in
        a folder that cannot be written (when it would have to be made or migrated); DamagedStudyError when
        its files are not what was written to them, and then they stay as they are.
        """
        path = folder / FILE_NAME
        with user_errors(f"The study “{folder.name}” cannot be opened", folder):
            check_study(folder)
            _prepare(path, create=create)
            if not writable(path):
                return cls._open_for_viewing(path, author, _UNWRITABLE, steps)
            try:
                return cls._writing(path, author, shared=shared, steps=steps)
            except (sqlite3.OperationalError, OSError) as error:
                if not forbids_writing(error) or path.stat().st_size == 0:
                    raise
                return cls._open_for_viewing(path, author, _UNWRITABLE, steps)

    @classmethod
    def open_for_viewing(cls, folder: Path, *, steps: Sequence[schema.Step] = schema.STEPS) -> Study:
        """The study in `folder`, only to be read: its file keeps its version and its kind of journal.

        Only what a killed program of ours left in a journal is finished, where the folder can be written.
        Raises UserError, DamagedStudyError as `open` does.
        """
        path = folder / FILE_NAME
        with user_errors(f"The study “{folder.name}” cannot be opened", folder):
            check_study(folder)
            _prepare(path, create=False)
            return cls._open_for_viewing(path, "", _OPENED_FOR_VIEWING, steps)

    @classmethod
    def _writing(cls, path: Path, author: str, *, shared: bool, steps: Sequence[schema.Step]) -> Study:
        lock = None if shared else WriterLock.acquire(path.parent)
        if lock is None and not shared:
            return cls._open_for_viewing(path, author, _ELSEWHERE, steps)
        try:
            seconds = _SHARED_BUSY_SECONDS if shared else _WINDOW_BUSY_SECONDS
            database = open_for_writing(path, busy_seconds=seconds, steps=steps)
        except BaseException:
            if lock is not None:
                lock.release()
            raise
        keep_to_owner((path,))
        apart = path.parent.absolute().parent == studies_folder().absolute()
        return cls(path.parent, author, database, lock, _APART if apart else "")

    @classmethod
    def _open_for_viewing(cls, path: Path, author: str, note: str, steps: Sequence[schema.Step]) -> Study:
        database = open_for_viewing(path, busy_seconds=_WINDOW_BUSY_SECONDS, steps=steps)
        return cls(path.parent, author, database, None, note)

    @property
    def folder(self) -> Path:
        return self._folder

    @property
    def author(self) -> str:
        return self._author

    @property
    def read_only(self) -> bool:
        return self._note in {_ELSEWHERE, _UNWRITABLE, _OPENED_FOR_VIEWING}

    @property
    def held_elsewhere(self) -> bool:
        """Whether it is read-only because another window held it."""
        return self._note == _ELSEWHERE

    @property
    def note(self) -> str:
        """One sentence for the status line: why it is read-only, or where it is kept; else ""."""
        return self._note

    # recordings

    def recording(self, recording: RecordingFile) -> int:
        """The recording's number in this study; it is added when it is new.

        It is known again by its content; a new name or place is written down.
        """
        path = relative_path(recording.path, self._folder)
        name = rows.text_of(recording.name)
        with self._database.reading() as connection:
            known = recording_table.find_recording(connection, recording.fingerprint)
        if known is not None and ((known.name, known.path) == (name, path) or self.read_only):
            return known.id
        with self._changing() as connection:
            return recording_table.put_recording(
                connection, recording.fingerprint, name, path, recording.duration
            )

    def recording_without_video(self, name: str) -> int:
        """The number of the recording that is kept by its labels alone under this name; added when it is new.

        Raises UserError when it cannot be written.
        """
        kept = rows.text_of(name)
        fingerprint = fingerprint_without_video(kept)
        with self._database.reading() as connection:
            known = recording_table.find_recording(connection, fingerprint)
        if known is not None:
            return known.id
        with self._changing() as connection:
            return recording_table.put_recording(connection, fingerprint, kept, "", 0.0)

    def set_sha256(self, recording_id: int, sha256: str) -> None:
        """Keep the SHA-256 of the recording's bytes (hex), computed after it was added.

        Raises UserError when another one is already kept: the file was changed in a place that its
        fingerprint does not cover.
        """
        with self._database.reading() as connection:
            known = recording_table.recording(connection, recording_id).sha256
        if known == sha256:
            return
        if known is not None:
            raise UserError(
                "This recording's content has changed since it was added to the study; "
                "its answers may no longer fit."
            )
        with self._changing() as connection:
            connection.execute("UPDATE recordings SET sha256 = ? WHERE id = ?", (sha256, recording_id))

    # changes

    def apply(self, edit: Edit, *, why: str = "") -> Change:
        """Make one change; it is on disk, with its row of the history, when this returns.

        `why` stands in the history. Raises Conflict (a UserError) when the state on disk is not
        `edit.before`: another program has changed it meanwhile, and what it wrote is kept. Read again
        and repeat. Raises UserError when the change is not allowed (a locked reading, a taken name).
        """
        return self.apply_all((edit,), why=why).changes[0]

    def apply_all(self, edits: Iterable[Edit], *, why: str = "") -> ChangeGroup:
        """Make all of the changes or none, in this order, each with its own row of the history.

        They are one group, of however many recordings: one undo takes all of them back.
        """
        with self._changing() as connection:
            group = changes.make_together(connection, edits, self._author, why)
        self._follow(group)
        return group

    def made_since(self, seq: int, who: str) -> tuple[Change, ...]:
        """The changes of that author after a row of the history, in order."""
        with self._database.reading() as connection:
            return tuple(changes.made_since(connection, seq, who))

    def undo(self, recording_id: int | None) -> ChangeGroup | None:
        """Take back the author's own latest edit of this recording, also one of an earlier day.

        With it everything is taken back that was made together with it, in this recording and others. What
        somebody else has changed meanwhile stays and is named in `left`; an edit of which nothing can be
        taken back is passed over, and so is a lock once the others' answers were revealed. `recording_id`
        None is the study itself: its persons and settings. None when nothing is left to undo.
        """
        return self._again(recording_id, Operation.UNDO)

    def redo(self, recording_id: int | None) -> ChangeGroup | None:
        """Bring back what the author's own last undo took back; None after a new edit."""
        return self._again(recording_id, Operation.REDO)

    def keep_reading(self, recording_id: int, reading: Reading, *, why: str = "") -> Change | None:
        """Keep a reader's whole reading in place of its former one, in one transaction.

        None when the study holds exactly this already. Notes and marks stay. Raises UserError for a
        person's locked reading that was not revealed.
        """
        with self._changing() as connection:
            return changes.keep(connection, recording_id, reading, self._author, why)

    def reveal(self, recording_id: int, viewer: ReaderIdentity) -> Change | None:
        """Show the others' answers to a viewer whose own reading is locked; from now on for good.

        It is written down and cannot be undone; None when it was done before. What the viewer
        changes afterwards differs from `answers_at_lock`. Raises UserError while it is not locked.
        """
        with self._changing() as connection:
            return changes.reveal(connection, recording_id, viewer, self._author)

    def note_unsealed(self, purpose: str, readings: int) -> None:
        """Write down that so many sealed readings are about to be given away for that purpose."""
        with self._changing() as connection:
            history.append(
                connection,
                history.Subject(history.UNSEALED, ""),
                who=self._author,
                operation=Operation.UNSEALED,
                old=canonical(None),
                new=canonical({"for": rows.text_of(purpose), "readings": readings}),
            )

    def change_author(self, author: str) -> None:
        """Attribute all further changes to this person."""
        self._author = author

    # copies

    def back_up_if_due(self, at: datetime | None = None) -> Path | None:
        """The daily copy, made unless there is one of this day (UTC) already; None then, and read-only.

        It may take seconds in a large study: call it in a background thread. Others write on
        meanwhile. Raises UserError when it cannot be made; older copies stay then.
        """
        moment = at or datetime.now(UTC)
        if self.read_only or not copy_schedule.due(self._folder, self._held(), moment):
            return None
        return self._back_up("Today's copy of the study was not made", copy_thinning.DAILY, moment)

    def back_up_if_changed(self, what: str, at: datetime | None = None) -> Path | None:
        """A copy made for `what` (hourly, or on closing), unless some copy ends with the study's last change.

        None then, and read-only. Otherwise as `back_up_if_due`.
        """
        if self.read_only or not copy_schedule.changed_since(self._folder, self._held()):
            return None
        return self._back_up("A copy of the study was not made", what, at or datetime.now(UTC))

    def back_up_now(self, at: datetime | None = None) -> Path:
        """A copy that was asked for, whatever copies there are. Raises UserError."""
        if self.read_only:
            raise UserError(self._note)
        return self._back_up("The study was not copied", copy_schedule.BY_HAND, at or datetime.now(UTC))

    def _back_up(self, failed: str, what: str, at: datetime) -> Path:
        with user_errors(failed, self._folder):
            return copy_schedule.back_up_and_thin_out(self._folder / FILE_NAME, what, at)

    def _held(self) -> CopySummary | None:
        with self._database.reading() as connection:
            return summary_in(connection)

    def backups(self) -> tuple[Backup, ...]:
        """The copies in the study's folder, the latest first."""
        check_study(self._folder)
        return backup.backups(self._folder)

    def restore(self, copy: Backup) -> Restored:
        """Restore the study from one of its copies; its present state is kept as a copy first, for good.

        It may take seconds in a large study: call it in a background thread. Recordings that the
        copy does not have are no longer in the study. Raises UserError; the study is as it was then.
        """
        if self.read_only:
            raise UserError(self._note)
        check_study(self._folder)
        with user_errors("The study was not restored", self._folder):
            return restore(self._database, self._folder / FILE_NAME, copy, self._author)

    # life

    def close(self) -> None:
        """Close the study; harmless when done twice."""
        self._database.close()
        if self._lock is not None:
            self._lock.release()

    def _changing(self) -> AbstractContextManager[sqlite3.Connection]:
        if self.read_only:
            raise UserError(self._note)
        return self._database.writing()

    def _again(self, recording_id: int | None, operation: Operation) -> ChangeGroup | None:
        with self._changing() as connection:
            place = "" if recording_id is None else recording_table.fingerprint_of(connection, recording_id)
            with within_limits(connection, _TOO_LONG[operation]):
                group = changes.undo_or_redo(connection, place, self._author, operation)
        if group is not None:
            self._follow(group)
        return group

    def _follow(self, group: ChangeGroup) -> None:
        """Continue under the new name of an author who was renamed."""
        for edit in (change.edit for change in group.changes):
            if isinstance(edit, SetPerson) and edit.before == self._author and edit.after is not None:
                self._author = edit.after


def _prepare(path: Path, *, create: bool) -> None:
    damage.check_before_opening(path)
    if not create and not path.exists():
        raise UserError(f"There is no study in the folder “{path.parent.name}”.")
    if not create and path.stat().st_size == 0:
        raise UserError(f"The study in the folder “{path.parent.name}” is empty.")
    if not path.exists():
        make_folder(path.parent)
        make_file(path)
