"""Everybody's answers for the open recording, and the study that they are kept in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.errors import DamagedStudyError, UserError
from app.core.folders import cache_folder
from app.core.reading import ReaderIdentity, ReaderKey, ReaderKind, Reading, RecordingIdentity, person
from app.core.semiology import Answer, Presence, Span
from app.core.settings import author_of, load_settings
from app.ui.session.my_reading import NOTHING, Own, blindness_decided, own_of
from app.ui.session.undoing import Undoing

if TYPE_CHECKING:
    from app.core.picture_box import Box
    from app.core.recording.recording import Recording
    from app.core.study.change_group import ChangeGroup
    from app.core.study.edits import Edit
    from app.core.study.store import Study
    from app.ui.session.analysis import StudyPlace

NOBODY = RecordingIdentity("", "", 0.0)

_GONE = "The study no longer contains this recording; open it again."


def account_reader() -> ReaderIdentity:
    """Who sits at the screen: the name in the settings, else that of their account."""
    return person(author_of(load_settings()))


@dataclass(frozen=True, slots=True)
class Step:
    """What an undo or a redo has changed: the feature, None when it was the patient's box, and a phrase."""

    feature: str | None
    phrase: str = ""


class Answers:
    """The readings of one recording at a time. Every change is on disk when the call returns."""

    def __init__(self) -> None:
        self._me = account_reader()
        self.asks = False
        """Whether somebody is there who asks how a new study is read; until they do it is sealed."""
        self._decided = True
        self._demonstration = False
        self._read_openly = False
        self._expected: tuple[Path, Path] | None = None
        self._found: StudyPlace | None = None
        self._study: Study | None = None
        self._recording_id = 0
        self._others_changes: int | None = 0
        self._refusal = "No recording is open."
        self.damaged: Path | None = None
        """The folder of the open recording's study when it cannot be opened because it is damaged."""
        self._undoing = Undoing()
        self._faults_told = 0
        self.clear()

    def clear(self) -> None:
        """Close the study; nothing is answered any more."""
        if self._study is not None:
            self._study.close()
        self._study = self.damaged = None
        self._faults_told = 0
        self._refusal = "No recording is open."
        self._forget()

    def rest(self, why: str) -> None:
        """Close the study; until a recording is opened again nothing can be answered, because of `why`."""
        self.clear()
        self._refusal = why

    def withhold(self) -> None:
        """Answer nothing until the next recording is open; who looks at the whole study still finds it."""
        self._refusal = "The recording is still being opened."
        self._forget()

    def _forget(self) -> None:
        self._undoing.clear()
        self._recording_id = 0
        self.mine = Reading(NOBODY, self._me, {})
        self.others: tuple[Reading, ...] = ()
        self.live: Reading | None = None
        self.patient: Box | None = None
        self.own: Own = NOTHING

    @property
    def me(self) -> ReaderIdentity:
        """Who reads."""
        return self._me

    @property
    def viewer(self) -> ReaderIdentity | None:
        """From whom the study withholds what is sealed; None: everything is open here."""
        return self._me if self._may_be_sealed() else None

    def opened(self) -> tuple[Study, int]:
        """The open study and the recording's number in it. Raises UserError when there is none, or when it is
        withheld."""
        return self._open_study(), self._recording_id

    def whole_study(self) -> tuple[Study, int]:
        """The same for who looks at the whole study: the number is 0 while the recording is withheld."""
        if self._study is None:
            raise UserError(self._refusal)
        return self._study, self._recording_id

    def expect(self, path: Path, folder: Path) -> None:
        """The recording that is opened next belongs to this study, wherever it lies."""
        self._expected = (path, folder)

    def found(self, place: StudyPlace) -> None:
        """Where the study of the recording that is opened next was found."""
        self._found = place

    def become(self, name: str) -> None:
        """Somebody else reads from now on."""
        self._me = person(name)
        self.mine = replace(self.mine, reader=self._me)
        if self._study is not None:
            self._study.change_author(name)
            if self._recording_id:
                self._look_whether_read()
                self.load()

    def open(self, recording: Recording) -> None:
        """Open or make the recording's study and read what is kept.

        Raises UserError when there can be none; the answers are empty then and cannot be changed.
        """
        from app.core.study.store import Study, study_folder_for

        self.clear()
        try:
            expected, self._expected = self._expected, None
            if expected is not None and expected[0] == recording.path:
                folder = expected[1]
            elif self._found is not None and self._found.path == recording.path:
                folder, fault = self._found.folder, self._found.fault
                if fault is not None:
                    # It is opened again after it was restored; then nothing is known against it.
                    self._found = replace(self._found, fault=None)
                    raise fault
            else:
                folder = study_folder_for(recording.path, recording.fingerprint)
            self._study = Study.open(folder, author=self._me.name)
            self._recording_id = self._study.recording(recording)
            self._demonstration = cache_folder() / "demonstration" in recording.path.parents
            self._decided = blindness_decided(self._study)
            self._look_whether_read()
            self.load()
        except UserError as error:
            self.rest(str(error))
            self.damaged = error.folder if isinstance(error, DamagedStudyError) else None
            raise

    @property
    def read_only(self) -> bool:
        return not self._recording_id or self._unwritable

    @property
    def _unwritable(self) -> bool:
        return self._study is None or self._study.read_only

    @property
    def note(self) -> str:
        """One sentence on where the study lies or why it cannot be changed; empty when all is as usual."""
        return self._study.note if self._study is not None else ""

    def new_faults(self) -> str:
        """What was found wrong in the study since this was last asked, in one sentence; else ""."""
        from app.core.study.faults import in_one_sentence

        faults = self._study.faults() if self._study is not None else ()
        told, self._faults_told = self._faults_told, len(faults)
        return in_one_sentence(faults[told:])

    @property
    def folder(self) -> Path | None:
        """The folder of the open study."""
        return self._study.folder if self._study is not None else None

    def show(self, reading: Reading) -> None:
        """Show a reading that is still growing; `keep` keeps it."""
        self.live = reading
        if not self.own.sealed:
            self.others = self._with(reading)

    def _with(self, reading: Reading) -> tuple[Reading, ...]:
        return (reading, *(other for other in self.others if not other.reader.is_same(reading.reader)))

    def keep_sha256(self, sha256: str) -> None:
        """Keep the content's hash. Raises UserError when the file is not the one that was answered."""
        if self._study is not None and not self.read_only:
            with _still_there():
                self._study.set_sha256(self._recording_id, sha256)

    def set_presence(self, feature: str, presence: Presence | None) -> None:
        """Tick a feature; clearing it clears its evidence too. Raises UserError when it cannot be kept."""
        before = self.mine.answer(feature)
        after = Answer(feature) if presence is None else replace(before, presence=presence)
        self.set_answer(after)

    def add_evidence(self, feature: str, span: Span) -> None:
        """Add a span to the person's own evidence; what was unanswered becomes *yes*.

        Raises UserError when it cannot be kept.
        """
        from app.core.study.spans import drawn

        met, whole = drawn(self.mine.answer(feature), span)
        if met != (whole,):
            self.change_spans(feature, met, (whole,))

    def change_spans(self, feature: str, removed: tuple[Span, ...], added: tuple[Span, ...]) -> None:
        """Put spans of the person's own evidence in place of others; the first one says *yes*.

        Raises UserError when it cannot be kept.
        """
        from app.core.study.edits import ChangeSpans
        from app.core.study.spans import with_changed

        before = self.mine.answer(feature)
        if before.presence is None and added:
            self.set_answer(with_changed(before, removed, added))
        elif removed != added:
            self.apply(ChangeSpans(self._recording_id, self._me, feature, removed, added))

    def set_answer(self, after: Answer) -> None:
        """Let the person's own answer be this one. Raises UserError when it cannot be kept."""
        from app.core.study.edits import SetAnswer, SetVerdict
        from app.core.study.verdict import verdict_of

        before = self.mine.answer(after.feature)
        if before == after:
            return
        if before.evidence and before.evidence == after.evidence:
            says = verdict_of(before), verdict_of(after)
            self.apply(SetVerdict(self._recording_id, self._me, after.feature, *says))
        else:
            self.apply(SetAnswer(self._recording_id, self._me, before, after))

    def set_patient(self, box: Box | None) -> None:
        """Keep the box round the patient. Raises UserError when it cannot be kept."""
        from app.core.study.edits import SetPatientBox

        self.apply(SetPatientBox(self._recording_id, self.patient, box))

    def keep(self, reading: Reading) -> None:
        """Keep a reader's whole reading; where nothing can be kept it is shown all the same."""
        if self.live is not None and self.live.reader.is_same(reading.reader):
            self.live = None
        if self._study is None or self.read_only:
            if not self.own.sealed:
                self.others = self._with(reading)
            return
        with _still_there():
            self._study.keep_reading(self._recording_id, reading)
        self.load()

    def undo(self) -> Step | None:
        study, of_filter = self._open_study(), self._undoing.undo()
        if of_filter is not None:
            study.apply(of_filter.inverse(), why="undone")
            return Step(None)
        with _still_there():
            group = study.undo(self._recording_id)
        return self._stepped(group)

    def redo(self) -> Step | None:
        study, of_filter = self._open_study(), self._undoing.redo()
        if of_filter is not None:
            study.apply(of_filter, why="brought back")
            return Step(None)
        with _still_there():
            group = study.redo(self._recording_id)
        return self._stepped(group)

    def _stepped(self, group: ChangeGroup | None) -> Step | None:
        if group is None:
            return None
        self._take_in(group.changes[0].edit if group.count == 1 else None)
        here = (one.feature for one in group.changes if one.recording_id == self._recording_id)
        return Step(next((feature for feature in here if feature is not None), None), group.phrase)

    def apply(self, edit: Edit) -> None:
        """Make a change of the study and know what it says then. Raises UserError."""
        study = self._open_study()
        try:
            with _still_there():
                study.apply(edit)
        except UserError:
            # Also after a conflict: what is shown is what is on disk.
            self.load()
            raise
        self._undoing.made(edit)
        self._take_in(edit)

    def _take_in(self, edit: Edit | None) -> None:
        """Know what an edit has led to; of one's own labels without reading thousands of spans again."""
        from app.ui.session.my_edits import after

        if self.mine.answers and not self.changed_elsewhere():
            known = None if edit is None else after(edit, self.mine, self.own)
            if known is not None:
                self.mine, self.own = known
                return
        self.load()

    def apply_all(self, edits: tuple[Edit, ...], *, why: str = "") -> None:
        """Make changes of the study, all or none, and read it again. Raises UserError."""
        study = self._open_study()
        try:
            study.apply_all(edits, why=why)
            if edits:
                self._undoing.made(edits[0])
        finally:
            self.load()

    def _open_study(self) -> Study:
        if self._study is None or not self._recording_id:
            raise UserError(self._refusal)
        return self._study

    def changed_elsewhere(self) -> bool:
        """Whether another window or program has changed the study since it was read. Raises UserError."""
        if not self._recording_id:
            return False
        return self._is_news(self._open_study().others_changes())

    def question_of_changes(self) -> Callable[[], bool] | None:
        """Asks, in any thread, what `changed_elsewhere` tells; who is writing just now is not waited for.

        None while nothing is open. The question raises UserError.
        """
        study = self._study
        if study is None or not self._recording_id:
            return None
        return lambda: self._is_news(study.others_changes(wait=False))

    def _is_news(self, changes: int | None) -> bool:
        return changes is not None and changes != self._others_changes

    def load(self) -> None:
        """Read again what the study holds of the recording. Raises UserError; of one that it does not hold
        any more there is nothing to be shown or changed then."""
        try:
            self._load()
        except LookupError as error:
            if type(error) is not LookupError:
                raise
            self._refusal = _GONE
            self._forget()
            raise UserError(_GONE) from error

    def _load(self) -> None:
        study = self._open_study()
        self._others_changes = study.others_changes()
        self._decided = self._decided or blindness_decided(study)
        full = study.full_reading(self._recording_id, self._me)
        self.mine = full.reading
        asking = not self._decided
        self.own = own_of(
            study, self._recording_id, full, asking=asking, open_to_all=not self._may_be_sealed()
        )
        self._load_others(study)
        self.patient = study.patient_box(self._recording_id)

    def _may_be_sealed(self) -> bool:
        if self._demonstration or self._decided:
            return not self._demonstration
        return self.asks and not self._unwritable and not self._read_openly

    def _look_whether_read(self) -> None:
        """Who has answered before anybody asked has read openly."""
        self._read_openly = bool(self._open_study().reading(self._recording_id, self._me).answers)

    def _load_others(self, study: Study) -> None:
        others = list(study.readings(self._recording_id, viewer=self.viewer, without=self._me))
        others.sort(key=lambda other: other.reader.kind is ReaderKind.PERSON)
        # The study keeps what earlier versions of a reader said; the latest is what it says now.
        latest: dict[ReaderKey, Reading] = {}
        for reading in others:
            latest.setdefault(reading.reader.key, reading)
        self.others = tuple(latest.values())
        if self.live is not None and not self.own.sealed:
            self.others = self._with(self.live)


@contextmanager
def _still_there() -> Iterator[None]:
    """A recording that another program has taken out of the study is told, and is no bug."""
    try:
        yield
    except LookupError as error:
        if type(error) is not LookupError:
            raise
        raise UserError(_GONE) from error
