"""The study of the open recording: everybody's answers, what is kept beside them, edits and their undoing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from app.core.errors import DamagedStudyError, UserError
from app.core.reading import ReaderIdentity, Reading, RecordingIdentity, person
from app.core.settings import account_author_and_whether_sure
from app.core.study.content import Asking, Content, Loaded, load, with_reading
from app.core.study.open_writers import OpenWriters, nothing

if TYPE_CHECKING:
    from app.core.study.change_requests import Request
    from app.core.study.edits import Edit
    from app.core.study.edits_made import EditsMade
    from app.core.study.label_edits import LabelEdits
    from app.core.study.saving import Outcome
    from app.core.study.store import Study
    from app.core.study.study_opener import NoStudy, OpenStudy, StudyOpener
    from app.core.study.study_writer import StudyWriter

T = TypeVar("T")

NOBODY = RecordingIdentity("", "", 0.0)
_GONE = "The study no longer contains this recording; open it again."
_NOT_OPEN = "No recording is open."
_OPENING = "The recording is still being opened."
_READING = "The study is still being read."


class RecordingStudy:
    """The study of one recording at a time, as it is once all changes are made that are on their way.

    Nothing here waits for a disk: changes are made, and questions answered, in the thread of the writer.
    All are for one thread, which `wake` (called in the writer's) makes call `writers.deliver_outcomes`.
    """

    def __init__(self, wake: Callable[[], None] = nothing) -> None:
        self.writers = OpenWriters(wake)
        """What writes the study, opens and closes it."""
        self.read_again: Callable[[], None] = nothing
        """Called when the content was read again as a whole."""
        self.lost: Callable[[UserError], None] = lambda _error: None
        """Called when it could not be."""
        name, self.is_sure = account_author_and_whether_sure()
        self._me = person(name)
        self.somebody_asks = False
        """Whether somebody asks the person how a new study is read; until they answer it is sealed."""
        self._found: OpenStudy | NoStudy | None = None
        self._loaded: Loaded | None = None
        self._made: EditsMade | None = None
        self._recording_id = self._wanted = 0
        """The number of the recording, and of that whose content is shown as soon as it was read."""
        self._refusal = _NOT_OPEN
        self._asked_whether_changed = False
        self._unread = False  # Whether what is wanted could not be read, and must be tried again.
        self.damaged: Path | None = None
        """The folder of the open recording's study when it cannot be opened because it is damaged."""
        self._faults_reported = 0
        self.live: Reading | None = None
        """A reading that is still growing."""
        self.content = Content(Reading(NOBODY, self._me, {}))

    # opening and closing

    @property
    def _writer(self) -> StudyWriter | None:
        return self.writers.present

    def clear(self, why: str = _NOT_OPEN) -> None:
        """Close the study; nothing is shown or answered, because of `why`, until a recording is opened."""
        self._leave()
        self.damaged, self._refusal = None, why
        self._forget()

    def close(self, seconds: float) -> None:
        """Close the study after waiting so long for its disk; what is not saved then is kept here."""
        self.writers.close(seconds)
        self.clear()

    def withhold(self, why: str = _OPENING, number: int = 0) -> None:
        """Answer nothing until another recording is open, or `become` says who reads that of the `number`."""
        self._forget()
        self._refusal, self._wanted = why, number

    def _forget(self, live: Reading | None = None) -> None:
        self._made, self.live = None, live
        self._recording_id, self._wanted, self._unread = 0, 0, False
        name = None if self._loaded is None else self.content.study_name  # which is sealed from nobody
        self.content = Content(Reading(NOBODY, self._me, {}), study_name=name)

    def _leave(self) -> None:
        self.writers.leave()
        self._loaded, self._faults_reported, self._asked_whether_changed = None, 0, False

    def opener(self, path: Path) -> StudyOpener:
        """What opens the study of the recording at `path` in a background thread, for `found`."""
        self._found = None
        return self.writers.opener(path, Asking(self._me, self.somebody_asks), self._loaded)

    def found(self, study: OpenStudy | NoStudy) -> None:
        """The study of the recording that is opened next."""
        self._found = study

    def open(self, path: Path) -> None:
        """Take the study that was found for the recording at `path`.

        Raises UserError when there is none; the answers are empty then and cannot be changed.
        """
        from app.core.study.study_opener import OpenStudy

        found = self._found
        self.damaged = None
        if found is None or found.path != path:
            self._give_up(UserError(_NOT_OPEN))
        elif not isinstance(found, OpenStudy):
            self._give_up(found.fault)
        else:
            self._use(found)
            if found.loaded.asking.me.is_same(self._me):
                self._take(found.loaded)
            else:
                # Somebody else has sat down meanwhile, for whom it must be read again.
                self._read_for_me(found.loaded.number)

    def _give_up(self, error: UserError) -> None:
        self.writers.abandon()
        self.clear(str(error))
        self.damaged = error.folder if isinstance(error, DamagedStudyError) else None
        raise error

    def _use(self, found: OpenStudy) -> None:
        from app.core.study.edits_made import EditsMade

        if found.writer is not self._writer:
            self._leave()
        self._forget()
        self.writers.use(found)
        self._found, self._loaded, self._made = None, found.loaded, EditsMade()

    # who reads, and what they may see

    @property
    def me(self) -> ReaderIdentity:
        """The person who reads."""
        return self._me

    @property
    def viewer(self) -> ReaderIdentity | None:
        """From whom the study withholds what is sealed; None: everything is open here."""
        return self._me if self._loaded is None or self._loaded.may_be_sealed else None

    def become(self, name: str) -> None:
        """Somebody else reads from now on; nothing is shown to them until it was read for them."""
        self._me, self.is_sure = person(name), True
        if self._writer is None:
            self._forget()
            return
        self._writer.author = name
        number = self._recording_id or self._wanted
        if self._loaded is not None:
            self._loaded = replace(self._loaded, may_be_sealed=True)
        if number:
            self._read_for_me(number)

    def _read_for_me(self, number: int) -> None:
        from app.core.study.edits_made import EditsMade

        self._forget(self.live)
        self._refusal, self._made, self._wanted = _READING, EditsMade(), number
        self._read_wanted()

    def _read_wanted(self) -> None:
        self._unread = False
        demonstration = self._loaded is not None and self._loaded.asking.demonstration
        self._read(self._wanted, Asking(self._me, self.somebody_asks, demonstration))

    # the study itself

    @property
    def number(self) -> int:
        """The open recording's number in the study, 0 when there is none or while it is withheld."""
        return self._recording_id

    def opened(self) -> int:
        """The same. Raises UserError when there is none, or while it is withheld."""
        if self._writer is None or not self._recording_id:
            raise UserError(self._refusal)
        return self._recording_id

    @property
    def read_only(self) -> bool:
        """Whether nothing can be changed."""
        return not self._recording_id or self._loaded is None or self._loaded.read_only

    @property
    def held_elsewhere(self) -> bool:
        """Whether it is read-only because another window held the study when it was opened."""
        return self._loaded is not None and self._loaded.held_elsewhere

    @property
    def note(self) -> str:
        """One sentence on where the study is or why it cannot be changed; empty when all is as usual."""
        return self._loaded.note if self._loaded is not None else ""

    @property
    def folder(self) -> Path | None:
        """The folder of the open study."""
        return self._loaded.folder if self._loaded is not None else None

    def new_faults(self) -> str:
        """What was found wrong in the study since this was last asked, in one sentence; else ""."""
        from app.core.study.faults import summarise_faults

        faults = self._loaded.faults if self._loaded is not None else ()
        reported, self._faults_reported = self._faults_reported, len(faults)
        return summarise_faults(faults[reported:])

    def ask(
        self,
        question: Callable[[Study], T],
        answered: Callable[[T], None],
        failed: Callable[[UserError], None],
    ) -> None:
        """Ask the study, also while the recording is withheld. Raises UserError when none is open.

        Nothing is answered once another study is open.
        """
        writer = self._writer
        if writer is None:
            raise UserError(self._refusal)
        writer.ask(
            question,
            lambda answer: answered(answer) if self._writer is writer else None,
            lambda error: failed(error) if self._writer is writer else None,
        )

    # changing it

    @property
    def label_edits(self) -> LabelEdits:
        """Makes edits of the person's answers. Raises UserError when there is nothing to be edited."""
        from app.core.study.label_edits import LabelEdits

        return LabelEdits(self.opened(), self._me)

    def apply(self, edits: tuple[Edit, ...], on_outcome: Callable[[Outcome], None], *, why: str = "") -> None:
        """Make edits, all or none, and show what they lead to. Raises UserError where nothing can be."""
        from app.core.study.change_requests import ApplyEdits

        self.submit(ApplyEdits(edits, why), on_outcome)
        if self._made is not None:
            self._made.add(edits)

    def submit(self, request: Request, on_outcome: Callable[[Outcome], None]) -> None:
        """Make a change and show what it is thought to lead to; `on_outcome` is given each outcome.

        Raises UserError when nothing can be changed.
        """
        from app.core.study.expected_content import must_be_read, with_requests

        number, writer = self.opened(), self._writer
        if writer is None or self.read_only:
            raise UserError(self.note)
        again = must_be_read(self.content, request)
        writer.submit(request, lambda outcome: self._on_outcome(writer, outcome, on_outcome, again=again))
        self.content = with_requests(self.content, (request,), number)

    def _on_outcome(
        self, writer: StudyWriter, outcome: Outcome, on_outcome: Callable[[Outcome], None], *, again: bool
    ) -> None:
        from app.core.study.saving import Refused, Saved

        refused = isinstance(outcome, Refused)
        if writer is self._writer:
            if refused and self._made is not None:
                self._made.clear()
            if refused or (isinstance(outcome, Saved) and (again or not outcome.as_expected)):
                self.load()
        on_outcome(outcome)

    def undo(self) -> Request:
        """What to submit to take back the last change, or the last that were made together."""
        number = self.opened()
        assert self._made is not None
        return self._made.undo(number)

    def redo(self) -> Request:
        """What to submit to make the last change again, or the last together, that was undone."""
        number = self.opened()
        assert self._made is not None
        return self._made.redo(number)

    def keep_sha256(self, sha256: str, on_outcome: Callable[[Outcome], None]) -> None:
        """Keep the content's hash; refused when it is another file than that which was answered."""
        from app.core.study.change_requests import SetSha256

        if self._writer is not None and not self.read_only:
            self._writer.submit(SetSha256(self._recording_id, sha256), on_outcome)

    # other readers

    def show(self, reading: Reading) -> None:
        """Show a reading that is still growing; `keep` keeps it."""
        self.live = reading
        self._show_others(reading)

    def keep(self, reading: Reading, on_outcome: Callable[[Outcome], None]) -> None:
        """Keep a reader's whole reading; where nothing can be kept it is shown all the same."""
        from app.core.study.change_requests import KeepReading

        if self.live is not None and self.live.reader.is_same(reading.reader):
            self.live = None
        if self.read_only:
            self._show_others(reading)
            return
        self.submit(KeepReading(self._recording_id, reading), on_outcome)

    def _show_others(self, reading: Reading) -> None:
        # What is withheld until it is known who reads does not say yet whether others are sealed.
        withheld = self._wanted != 0 and self._recording_id == 0
        if not withheld and not self.content.my_reading.sealed:
            self.content = replace(self.content, others=with_reading(reading, self.content.others))

    # what others change

    def show_changes(self, asked: Callable[[bool], None]) -> None:
        """Read the content again if others have changed the study since, or it could not be read.

        `asked` is given whether they have; `lost` follows when the study cannot be asked.
        """
        known = self._loaded
        if self._unread:
            self._read_wanted()
        if self._writer is None or known is None or not self.number or self._asked_whether_changed:
            return
        number, asking = self._recording_id, known.asking

        def question(study: Study) -> Loaded | None:
            changes = study.others_changes()
            return None if changes in (None, known.others_changes) else load(study, number, asking)

        def answered(loaded: Loaded | None) -> None:
            self._asked_whether_changed = False
            if loaded is None or self._is_wanted(loaded):
                if loaded is not None:
                    self._take(loaded)
                asked(loaded is not None)

        self._asked_whether_changed = True
        self.ask(question, answered, self._lost_changes)

    def _lost_changes(self, error: UserError) -> None:
        self._asked_whether_changed = False
        self._on_lost(error)

    def load_anew(self) -> None:
        """Read the content again after changes of the person that were not made here."""
        if self._made is not None:
            self._made.clear()
        self.load()

    def load(self) -> None:
        """Read again what the study holds of the recording; `read_again` or `lost` follows."""
        if self._loaded is not None and self._recording_id:
            self._read(self._recording_id, self._loaded.asking)

    def _read(self, number: int, asking: Asking) -> None:
        self.ask(lambda study: load(study, number, asking), self._on_loaded, self._on_lost)

    def _on_loaded(self, loaded: Loaded) -> None:
        if self._is_wanted(loaded):
            self._take(loaded)
            self.read_again()

    def _is_wanted(self, loaded: Loaded) -> bool:
        """Whether it is what the person may see now, of the recording that is open."""
        return loaded.asking.me.is_same(self._me) and loaded.number == self._wanted

    def _take(self, loaded: Loaded) -> None:
        """Know what the study holds, and what it will hold when all is written that is on its way."""
        from app.core.study.expected_content import with_requests

        self._recording_id = self._wanted = loaded.number
        self._loaded = loaded
        pending = () if self._writer is None else self._writer.pending()
        self.content = with_requests(loaded.content, pending, loaded.number)
        if self.live is not None:
            self._show_others(self.live)

    def _on_lost(self, error: UserError) -> None:
        if str(error) == _GONE:
            self._forget()
        if not self._recording_id:
            self._refusal, self._unread = str(error), self._wanted != 0
        self.lost(error)
