"""The study of the open recording: everybody's answers, what is kept beside them, edits and their undoing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.errors import DamagedStudyError, UserError
from app.core.folders import cache_folder
from app.core.reading import ReaderIdentity, ReaderKey, ReaderKind, Reading, RecordingIdentity, person
from app.core.settings import author_of, load_settings
from app.core.study.my_reading import NO_READING, MyReading, blindness_decided, my_reading_of
from app.core.study.undo_order import UndoOrder

if TYPE_CHECKING:
    from app.core.picture_box import Box
    from app.core.recording.recording import Recording
    from app.core.study.change_group import ChangeGroup
    from app.core.study.edits import Edit
    from app.core.study.found_study import FoundStudy
    from app.core.study.label_edits import LabelEdits
    from app.core.study.store import Study

NOBODY = RecordingIdentity("", "", 0.0)

_GONE = "The study no longer contains this recording; open it again."
_NOT_OPEN = "No recording is open."


def account_reader() -> ReaderIdentity:
    """The person at the screen: the name in the settings, else that of their account."""
    return person(author_of(load_settings()))


@dataclass(frozen=True, slots=True)
class Content:
    """What a study holds of a recording for one person: their reading with what is beside it, the others'
    readings in full, the latest change first, and the box drawn round the patient."""

    mine: Reading
    my_reading: MyReading = NO_READING
    others: tuple[Reading, ...] = ()
    patient: Box | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What an undo or a redo did: the edits that were made for it, the feature of the open recording that
    was changed, None when it was something else, and what to say of it."""

    edits: tuple[Edit, ...]
    feature: str | None = None
    phrase: str = ""


class RecordingStudy:
    """The study of one recording at a time. Every change is on disk when the call returns."""

    def __init__(self) -> None:
        self._me = account_reader()
        self.somebody_asks = False
        """Whether somebody asks the person how a new study is read; until they answer it is sealed."""
        self._decided = True
        self._demonstration = False
        self._read_openly = False
        self._expected: tuple[Path, Path] | None = None
        self._found: FoundStudy | None = None
        self._study: Study | None = None
        self._recording_id = 0
        self._others_changes: int | None = 0
        self._refusal = _NOT_OPEN
        self.damaged: Path | None = None
        """The folder of the open recording's study when it cannot be opened because it is damaged."""
        self._undo_order = UndoOrder()
        self._faults_reported = 0
        self.live: Reading | None = None
        """A reading that is still growing."""
        self.clear()

    # opening and closing

    def clear(self) -> None:
        """Close the study; nothing is answered from then on."""
        if self._study is not None:
            self._study.close()
        self._study = self.damaged = None
        self._faults_reported = 0
        self._refusal = _NOT_OPEN
        self._forget()

    def rest(self, why: str) -> None:
        """Close the study; until a recording is opened again nothing can be answered, because of `why`."""
        self.clear()
        self._refusal = why

    def withhold(self) -> None:
        """Answer nothing until the next recording is open; the study as a whole stays open."""
        self._refusal = "The recording is still being opened."
        self._forget()

    def _forget(self) -> None:
        self._undo_order.clear()
        self._recording_id = 0
        self.live = None
        self.content = Content(Reading(NOBODY, self._me, {}))

    def expect(self, path: Path, folder: Path) -> None:
        """The recording that is opened next belongs to this study, in whatever folder it is."""
        self._expected = (path, folder)

    def found(self, study: FoundStudy) -> None:
        """Where the study of the recording that is opened next was found."""
        self._found = study

    def open(self, recording: Recording) -> None:
        """Open or make the recording's study and read what is kept.

        Raises UserError when there can be none; the answers are empty then and cannot be changed.
        """
        from app.core.study.store import Study

        self.clear()
        try:
            folder = self._folder_for(recording)
            self._study = Study.open(folder, author=self._me.name)
            self._recording_id = self._study.recording(recording)
            self._demonstration = cache_folder() / "demonstration" in recording.path.parents
            self._decided = blindness_decided(self._study)
            self._note_whether_read()
            self.load()
        except UserError as error:
            self.rest(str(error))
            self.damaged = error.folder if isinstance(error, DamagedStudyError) else None
            raise

    def _folder_for(self, recording: Recording) -> Path:
        from app.core.study.place import study_folder_for

        expected, self._expected = self._expected, None
        if expected is not None and expected[0] == recording.path:
            return expected[1]
        if self._found is None or self._found.path != recording.path:
            return study_folder_for(recording.path, recording.fingerprint)
        fault = self._found.fault
        if fault is not None:
            # It is opened again after it was restored; then nothing is known against it.
            self._found = replace(self._found, fault=None)
            raise fault
        return self._found.folder

    # who reads, and what they may see

    @property
    def me(self) -> ReaderIdentity:
        """The person who reads."""
        return self._me

    @property
    def viewer(self) -> ReaderIdentity | None:
        """From whom the study withholds what is sealed; None: everything is open here."""
        return self._me if self._may_be_sealed() else None

    def become(self, name: str) -> None:
        """Somebody else reads from now on."""
        self._me = person(name)
        self.content = replace(self.content, mine=replace(self.content.mine, reader=self._me))
        if self._study is not None:
            self._study.change_author(name)
            if self._recording_id:
                self._note_whether_read()
                self.load()

    def _may_be_sealed(self) -> bool:
        if self._demonstration or self._decided:
            return not self._demonstration
        return self.somebody_asks and not self._unwritable and not self._read_openly

    def _note_whether_read(self) -> None:
        """Who has answered before anybody asked has read openly."""
        self._read_openly = bool(self.opened()[0].reading(self._recording_id, self._me).answers)

    # the study itself

    def opened(self) -> tuple[Study, int]:
        """The open study and the recording's number in it.

        Raises UserError when there is none, or when it is withheld.
        """
        if self._study is None or not self._recording_id:
            raise UserError(self._refusal)
        return self._study, self._recording_id

    def whole_study(self) -> tuple[Study, int]:
        """The same for what concerns the whole study: the number is 0 while the recording is withheld."""
        if self._study is None:
            raise UserError(self._refusal)
        return self._study, self._recording_id

    @property
    def read_only(self) -> bool:
        """Whether nothing can be changed."""
        return not self._recording_id or self._unwritable

    @property
    def _unwritable(self) -> bool:
        return self._study is None or self._study.read_only

    @property
    def note(self) -> str:
        """One sentence on where the study is or why it cannot be changed; empty when all is as usual."""
        return self._study.note if self._study is not None else ""

    @property
    def folder(self) -> Path | None:
        """The folder of the open study."""
        return self._study.folder if self._study is not None else None

    def new_faults(self) -> str:
        """What was found wrong in the study since this was last asked, in one sentence; else ""."""
        from app.core.study.faults import in_one_sentence

        faults = self._study.faults() if self._study is not None else ()
        reported, self._faults_reported = self._faults_reported, len(faults)
        return in_one_sentence(faults[reported:])

    # changing it

    @property
    def label_edits(self) -> LabelEdits:
        """Makes edits of the person's answers. Raises UserError when there is nothing to be edited."""
        from app.core.study.label_edits import LabelEdits

        return LabelEdits(self.opened()[1], self._me)

    def apply(self, edit: Edit) -> None:
        """Make a change of the study and know what it says then. Raises UserError."""
        study = self.opened()[0]
        try:
            with _still_there():
                study.apply(edit)
        except UserError:
            # Also after a conflict: what is shown is what is on disk.
            self.load()
            raise
        self._undo_order.made(edit)
        self._take_in(edit)

    def apply_all(self, edits: tuple[Edit, ...], *, why: str = "") -> None:
        """Make changes of the study, all or none, and read it again. Raises UserError."""
        study = self.opened()[0]
        try:
            study.apply_all(edits, why=why)
            if edits:
                self._undo_order.made(edits[0])
        finally:
            self.load()

    def undo(self) -> Step | None:
        """Take back the last change, or all that was changed in one step with it; None without one."""
        study, of_filter = self.opened()[0], self._undo_order.undo()
        if of_filter is not None:
            inverse = of_filter.inverse()
            study.apply(inverse, why="undone")
            return Step((inverse,), phrase=inverse.label)
        with _still_there():
            group = study.undo(self._recording_id)
        return self._stepped(group)

    def redo(self) -> Step | None:
        """Make what was undone last again; None without it."""
        study, of_filter = self.opened()[0], self._undo_order.redo()
        if of_filter is not None:
            study.apply(of_filter, why="brought back")
            return Step((of_filter,), phrase=of_filter.label)
        with _still_there():
            group = study.redo(self._recording_id)
        return self._stepped(group)

    def _stepped(self, group: ChangeGroup | None) -> Step | None:
        if group is None:
            return None
        self._take_in(group.changes[0].edit if group.count == 1 else None)
        edits = tuple(one.edit for one in group.changes if one.edit is not None)
        here = (one.feature for one in group.changes if one.recording_id == self._recording_id)
        return Step(edits, next((feature for feature in here if feature is not None), None), group.phrase)

    def _take_in(self, edit: Edit | None) -> None:
        """Know what an edit has led to; of one's labels without reading thousands of spans again."""
        from app.core.study.my_edits import after

        now = self.content
        if edit is not None and now.mine.answers and not self.changed_elsewhere():
            known = after(edit, now.mine, now.my_reading)
            if known is not None:
                self.content = replace(now, mine=known[0], my_reading=known[1])
                return
        self.load()

    def keep_sha256(self, sha256: str) -> None:
        """Keep the content's hash. Raises UserError when the file is not the file that was answered."""
        if self._study is not None and not self.read_only:
            with _still_there():
                self._study.set_sha256(self._recording_id, sha256)

    # other readers

    def show(self, reading: Reading) -> None:
        """Show a reading that is still growing; `keep` keeps it."""
        self.live = reading
        self._show_others(reading)

    def keep(self, reading: Reading) -> None:
        """Keep a reader's whole reading; where nothing can be kept it is shown all the same."""
        if self.live is not None and self.live.reader.is_same(reading.reader):
            self.live = None
        if self._study is None or self.read_only:
            self._show_others(reading)
            return
        with _still_there():
            self._study.keep_reading(self._recording_id, reading)
        self.load()

    def _show_others(self, reading: Reading) -> None:
        if not self.content.my_reading.sealed:
            self.content = replace(self.content, others=_with(reading, self.content.others))

    # what others change

    def changed_elsewhere(self) -> bool:
        """Whether another window or program has changed the study since it was read. Raises UserError."""
        if not self._recording_id:
            return False
        return self._is_news(self.opened()[0].others_changes())

    def question_of_changes(self) -> Callable[[], bool] | None:
        """Asks, in any thread, what `changed_elsewhere` gives, without waiting for a writer.

        None while nothing is open. The question raises UserError.
        """
        study = self._study
        if study is None or not self._recording_id:
            return None
        return lambda: self._is_news(study.others_changes(wait=False))

    def _is_news(self, changes: int | None) -> bool:
        return changes is not None and changes != self._others_changes

    def load(self) -> None:
        """Read again what the study holds of the recording.

        Raises UserError; of a recording that it no longer holds nothing can be shown or changed then.
        """
        try:
            self._load()
        except LookupError as error:
            if type(error) is not LookupError:
                raise
            self._refusal = _GONE
            self._forget()
            raise UserError(_GONE) from error

    def _load(self) -> None:
        study, number = self.opened()
        self._others_changes = study.others_changes()
        self._decided = self._decided or blindness_decided(study)
        full = study.full_reading(number, self._me)
        beside = my_reading_of(
            study, number, full, asking=not self._decided, open_to_all=not self._may_be_sealed()
        )
        others = self._others(study)
        if self.live is not None and not beside.sealed:
            others = _with(self.live, others)
        self.content = Content(full.reading, beside, others, study.patient_box(number))

    def _others(self, study: Study) -> tuple[Reading, ...]:
        others = list(study.readings(self._recording_id, viewer=self.viewer, without=self._me))
        others.sort(key=lambda other: other.reader.kind is ReaderKind.PERSON)
        # The study keeps what earlier versions of a reader said; the latest is what it says now.
        latest: dict[ReaderKey, Reading] = {}
        for reading in others:
            latest.setdefault(reading.reader.key, reading)
        return tuple(latest.values())


def _with(reading: Reading, others: tuple[Reading, ...]) -> tuple[Reading, ...]:
    return (reading, *(other for other in others if not other.reader.is_same(reading.reader)))


@contextmanager
def _still_there() -> Iterator[None]:
    """That another program has taken the recording out of the study is said to the person, and is no bug."""
    try:
        yield
    except LookupError as error:
        if type(error) is not LookupError:
            raise
        raise UserError(_GONE) from error
