"""The study of the open recording: everybody's answers, what is kept beside them, edits and their undoing."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from app.core.errors import DamagedStudyError, UserError
from app.core.reading import ReaderIdentity, Reading, RecordingIdentity, person
from app.core.settings import author_of, load_settings
from app.core.study.content import Asking, Content, Loaded, load, with_reading

if TYPE_CHECKING:
    from app.core.study.change_requests import Request
    from app.core.study.edits import Edit
    from app.core.study.edits_made import EditsMade
    from app.core.study.label_edits import LabelEdits
    from app.core.study.leaving_study import EmergencyFile
    from app.core.study.saving import Outcome, Unsaved
    from app.core.study.store import Study
    from app.core.study.study_opener import NoStudy, OpenStudy, StudyOpener
    from app.core.study.study_writer import StudyWriter
    from app.core.study.unsaved_changes import KeptChanges, TakenUp

T = TypeVar("T")

NOBODY = RecordingIdentity("", "", 0.0)

_SETTLING_SECONDS = 10.0
"""How long a background thread waits for changes that are on their way."""

_GONE = "The study no longer contains this recording; open it again."
_NOT_OPEN = "No recording is open."
_OPENING = "The recording is still being opened."
_READING = "The study is still being read."


def account_reader() -> ReaderIdentity:
    """The person at the screen: the name in the settings, else that of their account."""
    return person(author_of(load_settings()))


def _nobody() -> None:
    """Nobody wants to know."""


class RecordingStudy:
    """The study of one recording at a time, as it is once all changes are made that are on their way.

    Nothing here waits for a disk: changes are made, and questions answered, in the thread of the writer.
    All methods are for one thread, which `wake` (called in the writer's) makes call `hand_over`.
    """

    def __init__(self, wake: Callable[[], None] = _nobody) -> None:
        self._wake = wake
        self.read_again: Callable[[], None] = _nobody
        """Called when the content was read again as a whole."""
        self.lost: Callable[[UserError], None] = lambda _error: None
        """Called when it could not be."""
        self.put_by: Callable[[str], None] = lambda _sentence: None
        """Called when changes of a former study were kept on this computer, with a sentence on them."""
        self._me = account_reader()
        self.somebody_asks = False
        """Whether somebody asks the person how a new study is read; until they answer it is sealed."""
        self._expected: tuple[Path, Path] | None = None
        self._opener: StudyOpener | None = None
        self._found: OpenStudy | NoStudy | None = None
        self._writer: StudyWriter | None = None
        self._former: list[StudyWriter] = []
        self._loaded: Loaded | None = None
        self._made: EditsMade | None = None
        self._emergency: EmergencyFile | None = None
        self.kept: tuple[KeptChanges, ...] = ()
        """What of the study's changes was kept on this computer before it was opened."""
        self._recording_id = 0
        self._wanted = 0
        """The number of the recording whose content is shown as soon as it was read."""
        self._fingerprints: dict[int, str] = {}
        self._refusal = _NOT_OPEN
        self._asked_whether_changed = False
        self._notes: list[str] = []
        self.damaged: Path | None = None
        """The folder of the open recording's study when it cannot be opened because it is damaged."""
        self._faults_reported = 0
        self.live: Reading | None = None
        """A reading that is still growing."""
        self.content = Content(Reading(NOBODY, self._me, {}))

    # opening and closing

    def clear(self) -> None:
        """Close the study; nothing is answered any more."""
        self._leave()
        self.damaged = None
        self._refusal = _NOT_OPEN
        self._forget()

    def close(self, seconds: float) -> None:
        """Close all studies, waiting so long for their disks, and keep here what is not saved then."""
        self._abandon()
        deadline = time.monotonic() + seconds
        writer, self._writer, self._loaded = self._writer, None, None
        if writer is not None and self._emergency is not None:
            from app.core.study.leaving_study import close

            close(writer, self._emergency, self._fingerprints, seconds)
        for one in self._former:
            one.has_ended(max(0.0, deadline - time.monotonic()))
        self.clear()

    def rest(self, why: str) -> None:
        """Close the study; until a recording is opened again nothing can be answered, because of `why`."""
        self.clear()
        self._refusal = why

    def withhold(self) -> None:
        """Answer nothing until the next recording is open; the study as a whole stays open."""
        self._refusal = _OPENING
        self._forget()

    def _forget(self) -> None:
        self._made = None
        self._recording_id = self._wanted = 0
        self.live = None
        self.content = Content(Reading(NOBODY, self._me, {}))

    def _leave(self) -> None:
        """Close the writer, which goes on in its thread until everything is on disk."""
        writer, self._writer, self._loaded, self._faults_reported = self._writer, None, None, 0
        self._asked_whether_changed = False
        if writer is not None and self._emergency is not None:
            from app.core.study.leaving_study import leave

            leave(writer, self._emergency, dict(self._fingerprints), self._keep_note)
            self._former.append(writer)
        self._fingerprints.clear()

    def _keep_note(self, sentence: str) -> None:
        """Say what was kept of a former study; called in a thread of its own."""
        self._notes.append(sentence)
        self._wake()

    def expect(self, path: Path, folder: Path) -> None:
        """The recording that is opened next belongs to this study, in whatever folder it is."""
        self._expected = (path, folder)

    def opener(self, path: Path) -> StudyOpener:
        """What opens the study of the recording at `path` in a background thread, for `found`."""
        from app.core.study.study_opener import FormerWriters, StudyOpener

        self._abandon()
        expected, self._expected = self._expected, None
        folder = expected[1] if expected is not None and expected[0] == path else None
        self._former = [one for one in self._former if not one.has_ended()]
        present = self._loaded
        if present is None or present.read_only:
            former = FormerWriters(None, None, tuple(self._former))
        else:
            former = FormerWriters(self._writer, present.folder, tuple(self._former))
        self._opener = StudyOpener(
            Asking(self._me, self.somebody_asks), self._wake, folder=folder, former=former
        )
        return self._opener

    def _abandon(self) -> None:
        """Close what was opened for a recording that is not opened after all."""
        opener, self._opener, self._found = self._opener, None, None
        opened_in_vain = None if opener is None else opener.abandon()
        if opened_in_vain is not None:
            self._former.append(opened_in_vain)

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
        self._abandon()
        self.rest(str(error))
        self.damaged = error.folder if isinstance(error, DamagedStudyError) else None
        raise error

    def _use(self, found: OpenStudy) -> None:
        from app.core.study.edits_made import EditsMade
        from app.core.study.leaving_study import EmergencyFile

        if self._opener is not None:
            self._opener.keep()
        self._opener, self._found = None, None
        if found.writer is not self._writer:
            self._leave()
            self._emergency = EmergencyFile(found.writer)
            self.kept = found.kept
        self._forget()
        self._writer, self._loaded = found.writer, found.loaded
        self._made = EditsMade()
        self._fingerprints[found.loaded.number] = found.fingerprint

    def hand_over(self) -> None:
        """Tell what has happened since; called when woken."""
        for writer in (*self._former, *filter(None, [self._writer])):
            writer.hand_over()
        while self._notes:
            self.put_by(self._notes.pop(0))

    def has_ended(self, seconds: float) -> bool:
        """Whether the studies that were closed are closed, after waiting so long; for any thread."""
        return all(one.has_ended(seconds) for one in self._former)

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
        self._me = person(name)
        if self._writer is None:
            self._forget()
            return
        self._writer.author = name
        number = self._recording_id
        if self._loaded is not None:
            self._loaded = replace(self._loaded, may_be_sealed=True)
        if number:
            self._read_for_me(number)

    def _read_for_me(self, number: int) -> None:
        from app.core.study.edits_made import EditsMade

        live = self.live
        self._forget()
        self._refusal, self._made, self._wanted = _READING, EditsMade(), number
        former = self._loaded
        demonstration = former is not None and former.asking.demonstration
        self._read(number, Asking(self._me, self.somebody_asks, demonstration))
        self.live = live

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
    def note(self) -> str:
        """One sentence on where the study is or why it cannot be changed; empty when all is as usual."""
        return self._loaded.note if self._loaded is not None else ""

    @property
    def folder(self) -> Path | None:
        """The folder of the open study."""
        return self._loaded.folder if self._loaded is not None else None

    def new_faults(self) -> str:
        """What was found wrong in the study since this was last asked, in one sentence; else ""."""
        from app.core.study.faults import in_one_sentence

        faults = self._loaded.faults if self._loaded is not None else ()
        reported, self._faults_reported = self._faults_reported, len(faults)
        return in_one_sentence(faults[reported:])

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

    def apply(self, edits: tuple[Edit, ...], told: Callable[[Outcome], None], *, why: str = "") -> None:
        """Make edits, all or none, and show what they lead to. Raises UserError where nothing can be."""
        from app.core.study.change_requests import ApplyEdits

        self.submit(ApplyEdits(edits, why), told)
        if self._made is not None:
            self._made.add(edits)

    def submit(self, request: Request, told: Callable[[Outcome], None]) -> None:
        """Make a change and show what it is thought to lead to; `told` is given each outcome.

        Raises UserError when nothing can be changed.
        """
        from app.core.study.expected_content import must_be_read, with_requests

        number, writer = self.opened(), self._writer
        if writer is None or self.read_only:
            raise UserError(self.note)
        again = must_be_read(self.content, request)
        writer.submit(request, lambda outcome: self._on_outcome(writer, outcome, told, again=again))
        self.content = with_requests(self.content, (request,), number)

    def _on_outcome(
        self, writer: StudyWriter, outcome: Outcome, told: Callable[[Outcome], None], *, again: bool
    ) -> None:
        from app.core.study.saving import Refused, Saved

        refused = isinstance(outcome, Refused)
        if writer is self._writer:
            if refused and self._made is not None:
                self._made.clear()
            if refused or (isinstance(outcome, Saved) and (again or not outcome.as_expected)):
                self.load()
        told(outcome)

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

    def keep_sha256(self, sha256: str, told: Callable[[Outcome], None]) -> None:
        """Keep the content's hash. It is refused when the file is not the one that was answered."""
        from app.core.study.change_requests import SetSha256

        if self._writer is not None and not self.read_only:
            self._writer.submit(SetSha256(self._recording_id, sha256), told)

    def unsaved(self) -> Unsaved:
        """The changes that are not known to be on disk."""
        from app.core.study.saving import Unsaved

        return Unsaved() if self._writer is None else self._writer.unsaved()

    def retry(self) -> None:
        """Try again to save what waits."""
        if self._writer is not None:
            self._writer.retry()

    def settle(self, seconds: float) -> Unsaved:
        """What is not on disk after trying again and waiting so many seconds at most."""
        from app.core.study.saving import Unsaved

        if self._writer is None:
            return Unsaved()
        self._writer.retry()
        return self._writer.settle(seconds)

    def keep_unsaved(self) -> Callable[[], object]:
        """What a background thread calls to keep on this computer what is not on disk. Raises UserError."""
        file, fingerprints = self._emergency, dict(self._fingerprints)
        return _nobody if file is None else lambda: file.write(fingerprints)

    def forget_kept(self) -> None:
        """Everything is on disk: remove what was kept of this window's changes on this computer."""
        if self._emergency is not None:
            self._emergency.remove()

    def take_up(
        self, taken_up: Callable[[tuple[TakenUp, ...]], None], failed: Callable[[UserError], None]
    ) -> None:
        """Make the changes in the study that were kept on this computer before it was opened."""
        from app.core.study.unsaved_changes import take_up

        kept, self.kept = self.kept, ()

        def taken(outcomes: tuple[TakenUp, ...]) -> None:
            self.load_anew()
            taken_up(outcomes)

        def not_taken(error: UserError) -> None:
            self.kept = kept
            failed(error)

        self.ask(lambda study: tuple(take_up(study, one) for one in kept), taken, not_taken)

    def wait_for_disk(self) -> Callable[[], object]:
        """What a background thread calls before it opens the study, so that it finds all changes."""
        writer = self._writer
        return _nobody if writer is None else lambda: writer.settle(_SETTLING_SECONDS)

    # other readers

    def show(self, reading: Reading) -> None:
        """Show a reading that is still growing; `keep` keeps it."""
        self.live = reading
        self._show_others(reading)

    def keep(self, reading: Reading, told: Callable[[Outcome], None]) -> None:
        """Keep a reader's whole reading; where nothing can be kept it is shown all the same."""
        from app.core.study.change_requests import KeepReading

        if self.live is not None and self.live.reader.is_same(reading.reader):
            self.live = None
        if self.read_only:
            self._show_others(reading)
            return
        self.submit(KeepReading(self._recording_id, reading), told)

    def _show_others(self, reading: Reading) -> None:
        if not self.content.my_reading.sealed:
            self.content = replace(self.content, others=with_reading(reading, self.content.others))

    # what others change

    def show_changes(self, asked: Callable[[bool], None]) -> None:
        """Read the content again if another window or program has changed the study since it was read.

        `asked` is told whether it has; `lost` follows when the study cannot be asked.
        """
        known = self._loaded
        if self._writer is None or known is None or not self._recording_id or self._asked_whether_changed:
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
        """Read the content again after the person's own changes that were not made here."""
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
            self._refusal = _GONE
            self._forget()
        self.lost(error)
