"""Who reads, what is sealed from them, and what they do with one another: lock, decide, rate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.errors import UserError
from app.core.reading import ReaderIdentity
from app.core.semiology import FEATURE, Span
from app.ui.session.answers import Answers
from app.ui.session.background import Background, Task
from app.ui.session.deciding import Deciding
from app.ui.session.my_reading import SealState
from app.ui.session.next_place import NextPlace
from app.ui.session.rating_round import RatingRound
from app.ui.session.state import Changed, Offer
from app.ui.session.work_filters import WorkFilters

if TYPE_CHECKING:
    from app.core.study.access import StudyAccess
    from app.core.study.history_search import HistoryPage
    from app.core.study.store import Study
    from app.ui.session.session import Session

Keep = Callable[[Callable[[], None], Changed], bool]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where to go in a recording that is being opened; `at` (s) before any other evidence of the feature."""

    path: Path
    feature: str
    reader: ReaderIdentity | None
    at: Span | None


class Readers:
    """Intents on readers and their readings; each is on disk when it returns, or a message says why not."""

    def __init__(self, session: Session, answers: Answers, keep: Keep) -> None:
        self._session = session
        self._answers = answers
        self._keep = keep
        self._wanted: Wanted | None = None
        self._adding = Background("adding of recordings", session)
        self._adding.progressed.connect(lambda progress: session.tell(progress.what))
        self._adding.done.connect(lambda count: session.tell(f"the study has {count} recordings"))
        self._adding.failed.connect(session.show_message)
        self._adding.ended.connect(lambda: session.changed.emit(Changed.ANSWERS | Changed.STUDY))
        session.closing.connect(self._adding.close)
        session.changed.connect(self._on_changed)
        self._round = RatingRound(session, self)
        self._filters = WorkFilters(answers, keep)
        self._consensus = Deciding(session, answers, keep)
        self._next = NextPlace(session, self)

    @property
    def me(self) -> str:
        """The name that answers are kept under."""
        return self._answers.me.name

    # who reads, and how

    def asks(self, on: bool) -> None:
        """Somebody is there to ask how a new study is read; until they do it is sealed."""
        self._answers.asks = on

    def become(self, name: str) -> bool:
        """Somebody else reads from now on; whether that name can be had."""
        from app.core.study.edits import SetPerson

        try:
            SetPerson(None, name)
        except UserError as error:
            self._session.show_message(str(error))
            return False
        self._answers.become(name)
        # Also of the other recordings they see something else.
        self._session.changed.emit(Changed.ANSWERS | Changed.STATUS | Changed.STUDY)
        return True

    def read_blind(self, on: bool) -> None:
        """Whether first readings of this study are sealed from the others'; kept in its history."""
        from app.core.study.edits import SetBlindByDefault

        def change() -> None:
            study, _number = self._answers.opened()
            self._answers.apply(SetBlindByDefault(study.settings().blind_by_default, on))

        self._keep(change, Changed.ANSWERS)

    def lock_and_reveal(self) -> bool:
        """Lock the person's reading and show them the others'; written down, not to be undone."""
        from app.core.study.edits import LockReading, SetBlindByDefault

        def change() -> None:
            study, number = self._answers.opened()
            me = self._answers.me
            if not self._session.own.sealed and study.settings().blind_by_default:
                # Nobody was ever asked and the answers were open: this reading was not blind.
                self._answers.apply(SetBlindByDefault(True, False))
            if not self._session.own.locked:
                self._answers.apply(LockReading(number, me))
            study.reveal(number, me)
            self._answers.load()

        return self._keep(change, Changed.ANSWERS)

    # faithfulness of an explanation

    def rating(self) -> int | None:
        """The person's score (1–5) of what the shown reader says now of the selected feature."""
        shown = self._session.shown
        if shown is None:
            return None
        for kept in self._session.own.ratings:
            about = kept.explained
            if about.feature == self._session.feature and about.reader.key == shown.reader.key:
                return kept.rating.score if kept.current else None
        return None

    @property
    def round(self) -> RatingRound:
        """The explanations of the whole study, rated one after the other."""
        return self._round

    def rate(self, score: int | None) -> None:
        """Rate the shown reader's explanation of the selected feature; None takes the rating back."""
        shown = self._session.shown
        if shown is not None:
            self.rate_explanation(shown.reader, self._session.feature, score)

    def rate_explanation(self, reader: ReaderIdentity, feature: str, score: int | None) -> bool:
        """Rate what a reader says of a feature of the open recording; whether it was kept."""
        from app.core.study.edits import RateExplanation
        from app.core.study.rating import Rating

        def change() -> None:
            study, number = self._answers.opened()
            me = self._answers.me
            stored = study.ratings(recording_id=number, reader=reader, rater=me)
            before = next((one.rating for one in stored if one.explained.feature == feature), None)
            after = None if score is None else Rating(score)
            if before is not None or after is not None:
                self._answers.apply(RateExplanation(number, reader, feature, me, before, after))

        return self._keep(change, Changed.ANSWERS)

    @property
    def consensus(self) -> Deciding:
        """What is decided together."""
        return self._consensus

    # the history

    def history(self, feature: str | None, before: int | None = None) -> HistoryPage | None:
        """Changes of the open recording, of one feature or all, the latest first; nothing that is sealed.

        None while no recording is open.
        """
        from app.core.study.history_listing import history_page
        from app.core.study.history_search import HistoryFilter

        access = self.look()
        if access is None or not self.recording_number:
            return None
        wanted = HistoryFilter(recording_id=self.recording_number, feature=feature)
        return history_page(self.study(), access.viewer, wanted, before=before)

    # the other recordings of the study

    def look(self) -> StudyAccess | None:
        """What a background thread needs to open the study; None without one."""
        from app.core.study.access import StudyAccess
        from app.core.study.viewer import SealedFrom

        try:
            study, number = self._answers.whole_study()
        except UserError:
            return None
        me = self._answers.me
        viewer = SealedFrom((me,), until_decided=self._answers.viewer is not None)
        return StudyAccess(study.folder, me, viewer, number)

    @property
    def recording_number(self) -> int:
        """The open recording's number in the study, 0 without one."""
        try:
            return self._answers.opened()[1]
        except UserError:
            return 0

    @property
    def next(self) -> NextPlace:
        """Where to go next in the whole study."""
        return self._next

    @property
    def filters(self) -> WorkFilters:
        """The saved filters of the worklist."""
        return self._filters

    def add_recordings(self, paths: tuple[Path, ...]) -> None:
        """Take more recordings into the study of the open one, in the background."""
        look = self.look()
        if look is None:
            self._session.show_message("Open a recording first; others can then be added to its study.")
        elif paths:
            self._adding.start(lambda task: _add(look, paths, task))

    def look_again(self) -> None:
        """Something else has changed the study: show what it holds now."""
        self._keep(self._answers.load, Changed.ANSWERS | Changed.STUDY)

    def go_to(
        self,
        recording_id: int,
        feature: str = "",
        *,
        reader: ReaderIdentity | None = None,
        at: Span | None = None,
    ) -> None:
        """Open another recording of the study, at a feature and its first evidence.

        `reader` is shown beside the person's own answers there; `at` is where to go instead. A place that the
        study names and that may not be opened by itself is offered.
        """
        from app.core.study.named_places import may_open

        try:
            study, number = self._answers.whole_study()
            if recording_id == number:
                self._show(Wanted(Path(), feature, reader, at))
                return
            path = study.recording_path(recording_id)
        except UserError as error:
            self._session.show_message(str(error))
            return
        wanted = Wanted(path, feature, reader, at)
        if may_open(path, study.folder):
            self._open(wanted, study.folder)
            return
        sentence = f"The study names {path} as this recording; open it only if you trust that place."
        self._session.make_offer(Offer(sentence, "Open", partial(self._open, wanted, study.folder)))

    def _open(self, wanted: Wanted, folder: Path) -> None:
        self._wanted = wanted
        self._answers.expect(wanted.path, folder)
        self._session.open(wanted.path)

    def _on_changed(self, changed: Changed) -> None:
        recording = self._session.recording
        if changed & Changed.RECORDING and recording is not None and self._wanted is not None:
            wanted, self._wanted = self._wanted, None
            if recording.path == wanted.path:
                self._show(wanted)

    def _show(self, wanted: Wanted) -> None:
        feature = wanted.feature
        if feature not in FEATURE:
            return
        self._session.select(feature)
        if wanted.reader is not None:
            self._session.show_reader(wanted.reader)
        readings = (self._session.mine, *self._session.others)
        spans = sorted(span for one in readings for span in one.answer(feature).evidence)
        if wanted.at is not None or spans:
            self._session.show_span(wanted.at or spans[0])

    # for programs that compare and write

    def study(self) -> Study:
        """The open study. Raises UserError without one."""
        return self._answers.whole_study()[0]

    @property
    def viewer(self) -> ReaderIdentity | None:
        """From whom the study withholds what is sealed."""
        return self._answers.viewer

    @property
    def asking(self) -> bool:
        """Whether the person must say how this study is read."""
        return self._session.own.seal is SealState.ASKING


def _add(access: StudyAccess, paths: tuple[Path, ...], task: Task) -> int:
    from app.core.study.adding import add_recordings

    with access.open() as study:
        return add_recordings(study, paths, report=task.report, cancel=task.cancel)
