"""The other recordings of the study: adding them, going to them, and the saved filters of their list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.exchange.table_files import is_table
from app.core.jobs import Progress, Task
from app.core.plain_text import plain
from app.core.reading import ReaderIdentity
from app.core.semiology import FEATURE, FEATURES, Span
from app.core.study.evidence_events import first_evidence
from app.core.study.named_places import may_open
from app.core.study.saved_filters import parse_filters
from app.ui.session.answers import Answers
from app.ui.session.background import Background
from app.ui.session.loop import Loop
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.opened_study import OpenedStudy
from app.ui.session.readers import why_nothing
from app.ui.session.selection import Selection
from app.ui.session.status import Offer, StatusLine
from app.ui.session.study_naming import StudyNaming

if TYPE_CHECKING:
    from app.core.study.access import StudyAccess
    from app.core.study.add_recordings import AddedRecordings
    from app.core.study.edits import Edit
    from app.core.study.store import Study
    from app.core.study.study_entry import StudyEntry
    from app.core.study.worklist import FeaturePlace, WorkFilter, WorkItem


@dataclass(frozen=True, slots=True)
class PlaceToOpen:
    """Where to go in a recording that is being opened; `at` (s) before any other evidence of the feature."""

    path: Path
    feature: str
    reader: ReaderIdentity | None
    at: Span | None


class Worklist(QObject):
    """Goes from recording to recording; a line says when there is nothing left."""

    open_wanted = Signal(object)
    """The path of the recording that is to be opened."""

    def __init__(
        self,
        *,
        opened: OpenedRecording,
        study: OpenedStudy,
        answers: Answers,
        selection: Selection,
        loop: Loop,
        status: StatusLine,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._opened = opened
        self._study = study
        self._answers = answers
        self._selection = selection
        self._loop = loop
        self._status = status
        self._destination: PlaceToOpen | None = None
        self._none = ""
        self._of: tuple[Path, str, bool] | None = None
        self._adding = Background("adding of recordings", self)
        self._added = ""
        self._adding.progressed.connect(self._on_adding)
        self._adding.done.connect(lambda added: status.say(added.phrase))
        self._adding.failed.connect(status.show_message)
        self._adding.ended.connect(self._on_added)
        self._search = Background("search through the study", self, one_at_a_time=True)
        self._search.done.connect(self._go_to_found)
        self._search.failed.connect(status.show_message)
        self._entering = Background("opening of the study", self, one_at_a_time=True)
        self._entering.done.connect(self._on_entry)
        self._entering.failed.connect(status.show_message)
        self.naming = StudyNaming(opened, study, status, self)
        """What the study is called."""
        self.came_for_feature = False
        """Whether the open recording was opened to go to a feature in it."""
        opened.recording_changed.connect(self._on_recording)
        study.reader_known.connect(self._select_first_unanswered)

    def add_recordings(self, paths: tuple[Path, ...]) -> None:
        """Take more recordings into the study of the open one, in a background thread."""
        access = self._study.access()
        if access is None:
            otherwise = "Open a recording first; others can then be added to its study."
            self._status.show_message(why_nothing(self._study, otherwise))
        elif paths:
            self._adding.start(lambda task: _add(access, paths, task))

    def _on_adding(self, progress: Progress) -> None:
        self._added = progress.what
        self._status.say(self._added)

    def _on_added(self) -> None:
        if self._status.line == self._added:  # refused or stopped
            self._status.say("")
        self._study.recordings_changed.emit()

    def take_in(self, path: Path, folder: Path) -> None:
        """Open a file as a recording of the study in `folder`, which it is added to when it is new."""
        self._open(PlaceToOpen(path, "", None, None), folder)

    def enter(self, chosen: Path, left_at: Path | None = None) -> None:
        """Open a study, chosen by its folder or file, at the recording that was open last (`left_at`)."""
        me = self._study.me
        self._entering.start(lambda _task: _entry(chosen, me, left_at))

    def _on_entry(self, entry: StudyEntry) -> None:
        destination = PlaceToOpen(entry.path, "", None, None)
        self._open_or_offer((destination, entry.folder, not entry.offered))

    # going to a recording

    def go_to(
        self,
        recording_id: int,
        feature: str = "",
        *,
        reader: ReaderIdentity | None = None,
        at: Span | None = None,
    ) -> None:
        """Open another recording of the study, at a feature and its first evidence.

        `reader` is shown with the person's answers there; `at` is where to go instead. A place that the
        study names and that may not be opened by itself is offered.
        """
        if recording_id and recording_id == self._study.recording_number:
            self._show(PlaceToOpen(Path(), feature, reader, at))
            return

        def place(study: Study) -> tuple[PlaceToOpen, Path, bool]:
            path = study.recording_path(recording_id)
            return PlaceToOpen(path, feature, reader, at), study.folder, may_open(path, study.folder)

        self._study.ask(place, self._open_or_offer)

    def _open_or_offer(self, place: tuple[PlaceToOpen, Path, bool]) -> None:
        destination, folder, trusted = place
        if trusted:
            self._open(destination, folder)
            return
        sentence = (
            f"The study names {destination.path} as this recording; open it only if you trust that place."
        )
        self._status.make_offer(Offer(sentence, "Open", partial(self._open, destination, folder)))

    def _open(self, destination: PlaceToOpen, folder: Path) -> None:
        self._destination = destination
        self._study.of_recording.writers.expect(destination.path, folder)
        self.open_wanted.emit(destination.path)

    def _on_recording(self) -> None:
        recording = self._opened.recording
        if recording is None:
            return
        self.came_for_feature = False
        self._select_first_unanswered()
        if self._destination is not None:
            destination, self._destination = self._destination, None
            if recording.path == destination.path:
                self.came_for_feature = destination.feature in FEATURE
                self._show(destination)

    def _select_first_unanswered(self) -> None:
        """Begin where there is something to do; at the first feature when all is answered."""
        mine = self._answers.mine
        left = (one.id for one in FEATURES if mine.answer(one.id).presence is None)
        self._selection.select(next(left, FEATURES[0].id))

    def _show(self, destination: PlaceToOpen) -> None:
        feature = destination.feature
        if feature not in FEATURE:
            return
        self._selection.select(feature)
        if destination.reader is not None:
            self._answers.show_reader(destination.reader)
        readings = (self._answers.mine, *self._answers.others)
        span = destination.at or first_evidence(readings, feature)
        if span is not None:
            self._loop.show_span(span)

    # the next recording

    def step(self, direction: int) -> None:
        """Open the next recording of the study (`direction` 1), or the one before (-1)."""
        from app.core.study.next_recording import beside

        end = "this is the last recording" if direction > 0 else "this is the first recording"
        self._look_for(
            lambda access, here: _place(beside(access.worklist(), here.recording_id, direction)), end
        )

    def to_next_to_read(self) -> None:
        """Open the next recording whose reading is not locked, round to the first."""
        from app.core.study.next_recording import next_to_read

        self._look_for(
            lambda access, here: _place(next_to_read(access.worklist(), here.recording_id)),
            "your readings of all recordings are locked",
        )

    # the next place in the whole study

    def to_unanswered(self) -> None:
        """To the next feature that the person has not answered, round to the first."""
        self._look_for(
            lambda access, here: access.next_unanswered(here),
            "all features of all recordings are answered",
        )

    def to_disagreement(self) -> None:
        """To the next feature on which readers differ and that is not decided, round to the first."""
        self._look_for(
            lambda access, here: access.next_disagreement(here),
            "no open disagreement is left in the study, or what is left is sealed",
        )

    def to_next_to_decide(self) -> None:
        """Open the next recording of which something is to be decided, or again, round to the first."""
        from app.core.study.worklist import FeaturePlace

        def elsewhere(access: StudyAccess, here: FeaturePlace) -> FeaturePlace | None:
            # What was decided here just now may not be on the disk yet.
            found = access.next_to_decide(FeaturePlace(here.recording_id, FEATURES[-1].id))
            return None if found is None or found.recording_id == here.recording_id else found

        self._look_for(elsewhere, "no other recording has an open difference that you may see")

    def _look_for(self, ask: Callable[[StudyAccess, FeaturePlace], FeaturePlace | None], none: str) -> None:
        from app.core.study.worklist import FeaturePlace

        access, feature = self._study.access(), self._selection.feature
        if access is None:
            return
        self._none, self._of = none, access.whose
        self._search.start(lambda _task: ask(access, FeaturePlace(access.number, feature)))

    def _go_to_found(self, place: FeaturePlace | None) -> None:
        access = self._study.access()
        if access is None or access.whose != self._of:
            return  # its numbers are those of another study
        if place is None:
            self._status.say(self._none)
        else:
            self.go_to(place.recording_id, place.feature)

    # saved filters

    def saved_filters(self) -> dict[str, WorkFilter]:
        """The filters that the study keeps, by name."""
        return parse_filters(self._filter_texts())

    def save_filter(self, name: str, wanted: WorkFilter) -> bool:
        """Keep a filter under a name, in place of a filter of that name; whether that is on its way."""
        return self._set_filter(name, wanted.to_text(), f"filter “{plain(name, 60)}” is saved in this study")

    def delete_filter(self, name: str) -> bool:
        """Forget a saved filter; whether that is on its way."""
        return self._set_filter(name, None, f"filter “{plain(name, 60)}” is deleted; undo brings it back")

    def _filter_texts(self) -> dict[str, str]:
        return dict(self._study.content.filters)

    def _set_filter(self, name: str, after: str | None, done: str) -> bool:
        from app.core.study.edits import SetSavedFilter

        def edit() -> Edit | None:
            before = self._filter_texts().get(name)
            return None if before == after else SetSavedFilter(name, before, after)

        return self._study.apply(edit, done=done)


def _place(item: WorkItem | None) -> FeaturePlace | None:
    """A recording as a place to go to, without a feature."""
    from app.core.study.worklist import FeaturePlace

    return None if item is None else FeaturePlace(item.recording_id, "")


def _entry(chosen: Path, me: ReaderIdentity, left_at: Path | None) -> StudyEntry:
    from app.core.study.study_entry import study_entry, study_folder_of

    return study_entry(study_folder_of(chosen), me, left_at)


def _add(access: StudyAccess, paths: tuple[Path, ...], task: Task) -> AddedRecordings:
    from app.core.study.add_recordings import add_recordings

    if any(path.is_dir() or is_table(path) for path in paths):
        # What reads tables takes a while to load.
        from app.core.batch.begin_study import chosen_recordings

        paths = chosen_recordings(paths, cancel=task.cancel)
    with access.open() as study:
        return add_recordings(study, paths, report=task.report, cancel=task.cancel)
