"""The queries of a study. Nothing is given that is sealed to the `viewer`, whom every query of answers names.

None gives everything: of a person who reads openly, and, as `SEES_ALL` (`viewer.py`), of programs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.core.picture_box import Box
from app.core.plural import plural
from app.core.reading import ReaderIdentity, ReaderKind, Reading
from app.core.study import (
    damage,
    disagreement,
    eeg_table,
    history,
    history_search,
    ratings,
    reader_table,
    reading_table,
    recording_table,
    replay,
    rows,
    sealing,
    setting_table,
    worklist,
)
from app.core.study.cameras import Cameras
from app.core.study.changed_since import SaidThen, said_when_decided
from app.core.study.connection import is_whole
from app.core.study.consensus import is_consensus
from app.core.study.database import Database
from app.core.study.disagreement import FeatureAnswers
from app.core.study.full_reading import FullReading
from app.core.study.hidden_places import HiddenPlaces, hidden_places, places_to_cover
from app.core.study.history import Broken, HistoryEntry
from app.core.study.history_search import PAGE, HistoryFilter, HistoryPage
from app.core.study.joined_labels import joined_labels
from app.core.study.patient_data import PatientData
from app.core.study.ratings import Explained, StoredRating
from app.core.study.recording_table import RecordingRow
from app.core.study.stored_eeg import StoredEegs
from app.core.study.stored_reading import identity_of, stored_reading
from app.core.study.study_settings import StudySettings, study_settings
from app.core.study.unreadable_rows import WRONG, quote, report_unreadable
from app.core.study.without_video import video_path
from app.core.study.worklist import FeaturePlace, WorkItem

PAGES_CHECKED_AT_ONCE = 4096
"""The largest study (16 MiB) whose every page a command checks before it begins."""


@dataclass(frozen=True, slots=True)
class ReaderStatus:
    """The state of a reader's reading of a recording. Moments are UTC (ISO 8601), None when it has not been.

    `blind`: whether it was sealed until it was locked, None while it is not locked. `withheld`: the
    viewer may not see its answers yet; `answered` (of 20) is None then.
    """

    reader: ReaderIdentity
    begun: str
    changed: str
    locked: str | None
    revealed: str | None
    blind: bool | None
    withheld: bool
    answered: int | None


class StudyQueries:
    """Every query of an open study; `Study` adds the changes."""

    def __init__(self, folder: Path, database: Database) -> None:
        self._folder = folder
        self._database = database

    def others_changes(self, *, wait: bool = True) -> int | None:
        """A number that changes when another window or program has changed the study.

        None when one is writing just now and is not to be waited for, or when the study is closed. May be
        asked by any thread.
        """
        return self._database.others_changes(wait=wait)

    def faults(self) -> tuple[str, ...]:
        """A sentence for each value that was wrong in what was asked until now, and was left out."""
        return self._database.faults()

    # recordings

    def recordings(self) -> tuple[RecordingRow, ...]:
        """All recordings of the study, in the order in which they were added."""
        with self._database.reading() as connection:
            return tuple(recording_table.recordings(connection))

    def joined_labels(self) -> Mapping[str, int]:
        """The recordings (numbers) by the names of the labels alone that were joined with them; reads the
        whole history."""
        with self._database.reading() as connection:
            return joined_labels(connection)

    def recording_path(self, recording_id: int) -> Path:
        """Where the recording was last seen, or NoVideoError is raised; it may have been moved since."""
        with self._database.reading() as connection:
            return video_path(recording_table.recording(connection, recording_id), self._folder)

    def patient_data(self, recording_id: int, *, viewers: Iterable[ReaderIdentity]) -> PatientData:
        """What is known of the patient and the event, without what could lead a blind reader among them."""
        with self._database.reading() as connection:
            data = recording_table.patient_data(connection, recording_id)
            blind = any(sealing.is_recording_sealed(connection, recording_id, one) for one in viewers)
            return data.known_to_blind_readers if blind else data

    def patient_box(self, recording_id: int) -> Box | None:
        """The box that says who the patient is, None when none was drawn."""
        with self._database.reading() as connection:
            return rows.box_from_json(recording_table.recording(connection, recording_id).patient_box)

    def hidden_places(self, recording_id: int) -> HiddenPlaces:
        """The places of the recording that are covered in clips, by the picture."""
        with self._database.reading() as connection:
            return hidden_places(connection, recording_table.fingerprint_of(connection, recording_id))

    def places_to_cover(self, recording_id: int) -> HiddenPlaces:
        """As `hidden_places`, for a clip that is made. Raises UserError where they cannot be read."""
        with self._database.reading() as connection:
            return places_to_cover(connection, recording_table.fingerprint_of(connection, recording_id))

    def places_of_content(self, fingerprint: str) -> HiddenPlaces:
        """As `places_to_cover`, of the recording with that fingerprint; none where it is not in the study."""
        with self._database.reading() as connection:
            return places_to_cover(connection, fingerprint)

    def cameras(self, recording_id: int) -> Cameras:
        """The further cameras that are shown beside the recording."""
        with self._database.reading() as connection:
            return recording_table.cameras(connection, recording_id)

    def eegs(self, recording_id: int) -> StoredEegs:
        """The EEG files that are attached to the recording, in the order in which they begin."""
        with self._database.reading() as connection:
            return eeg_table.eegs(connection, recording_id)

    # readings

    def reading(self, recording_id: int, reader: ReaderIdentity, *, viewer: ReaderIdentity | None) -> Reading:
        """What this reader has answered; features without an answer are unanswered.

        A person is known by name alone, any other reader by name, version and details. Raises Sealed
        (a UserError) when it is withheld from the viewer.
        """
        return self.full_reading(recording_id, reader, viewer=viewer).reading

    def full_reading(
        self, recording_id: int, reader: ReaderIdentity, *, viewer: ReaderIdentity | None
    ) -> FullReading:
        """The same with the reader's notes and marks."""
        with self._database.reading() as connection:
            row = recording_table.recording(connection, recording_id)
            sealing.check_not_withheld(connection, recording_id, reader, viewer)
            return stored_reading(connection, row, reader)

    def readings(self, recording_id: int, *, viewer: ReaderIdentity | None) -> tuple[Reading, ...]:
        """The readings of a recording: persons first, then by their last change, the latest first.

        Those that are withheld from the viewer are left out; `readers` says that they exist.
        """
        found = self.full_readings(recording_id, viewer=viewer)
        return tuple(full.reading for full in found)

    def full_readings(
        self,
        recording_id: int,
        *,
        viewer: ReaderIdentity | None,
        without: ReaderIdentity | None = None,
    ) -> tuple[FullReading, ...]:
        """The same with notes and marks."""
        with self._database.reading() as connection:
            row = recording_table.recording(connection, recording_id)
            readers = reader_table.readers_of(connection, recording_id)
            readers.sort(key=lambda reader: reader.kind is not ReaderKind.PERSON)
            return tuple(
                stored_reading(connection, row, reader)
                for reader in readers
                if without is None or not reader.is_same(without)
                if not sealing.is_reading_withheld(connection, recording_id, reader, viewer)
            )

    def readers(self, recording_id: int, *, viewer: ReaderIdentity | None) -> tuple[ReaderStatus, ...]:
        """Who has a reading of the recording, in the order of `readings`, also those that are withheld."""
        with self._database.reading() as connection:
            found = []
            for state in reading_table.states_of(connection, recording_id):
                hidden = sealing.is_reading_withheld(connection, recording_id, state.reader, viewer)
                found.append(
                    ReaderStatus(
                        state.reader,
                        state.begun,
                        state.changed,
                        state.locked,
                        state.revealed,
                        state.blind,
                        hidden,
                        None if hidden else state.answered,
                    )
                )
            return tuple(sorted(found, key=lambda one: one.reader.kind is not ReaderKind.PERSON))

    def is_sealed(self, recording_id: int, viewer: ReaderIdentity) -> bool:
        """Whether the others' answers to this recording are withheld from the viewer."""
        with self._database.reading() as connection:
            return sealing.is_recording_sealed(connection, recording_id, viewer)

    def blindness_decided(self) -> bool:
        """Whether somebody has said if first readings of this study are blind; until then they are."""
        with self._database.reading() as connection:
            return setting_table.setting(connection, sealing.BLIND_BY_DEFAULT) is not None

    def sealed_readers(self, recording_id: int, viewers: Iterable[ReaderIdentity]) -> frozenset[str]:
        """The keys (`exact_key`) of the readers whose answers are withheld from any of the viewers."""
        return frozenset(
            state.reader.exact_key
            for viewer in viewers
            for state in self.readers(recording_id, viewer=viewer)
            if state.withheld
        )

    def answers_at_lock(
        self, recording_id: int, reader: ReaderIdentity, *, viewer: ReaderIdentity | None
    ) -> FullReading | None:
        """What the reading said when it was locked, None while it is not.

        `differences` of `app.core.study.full_reading` says what was changed since.
        """
        with self._database.reading() as connection:
            row = recording_table.recording(connection, recording_id)
            sealing.check_not_withheld(connection, recording_id, reader, viewer)
            text = reading_table.locked_state(connection, recording_id, reader)
            try:
                return None if text is None else rows.full_from_json(text, identity_of(row), reader)
            except WRONG:
                report_unreadable(connection, f"what {quote(reader.name)} said when the reading was locked")
                return None

    def disagreements(
        self, recording_id: int, *, viewer: ReaderIdentity | None
    ) -> tuple[FeatureAnswers, ...]:
        """Where the readings that the viewer may see differ; the consensus is none of them."""
        readings = self.readings(recording_id, viewer=viewer)
        return disagreement.disagreements([one for one in readings if not is_consensus(one.reader)])

    def said_when_decided(self, recording_id: int) -> SaidThen:
        """What each reader said of the features that have a consensus when that was decided."""
        with self._database.reading() as connection:
            return said_when_decided(connection, recording_id)

    # the study

    def people(self) -> tuple[ReaderIdentity, ...]:
        """The human readers of the study by name, without the consensus."""
        with self._database.reading() as connection:
            return tuple(one for one in reader_table.people(connection) if not is_consensus(one))

    def settings(self) -> StudySettings:
        """The settings of the whole study."""
        with self._database.reading() as connection:
            return study_settings(connection)

    def worklist(self, reader: ReaderIdentity, *, viewer: ReaderIdentity | None) -> tuple[WorkItem, ...]:
        """Every recording with the reader's progress, in the order in which they were added."""
        with self._database.reading() as connection:
            return worklist.worklist(connection, reader, viewer=viewer)

    def next_unanswered(
        self, reader: ReaderIdentity, after: FeaturePlace | None = None, *, only: int | None = None
    ) -> FeaturePlace | None:
        """The next feature that the reader has not answered, round to the first; None when there is none.

        `only` stays in that recording.
        """
        with self._database.reading() as connection:
            return worklist.next_unanswered(connection, reader, after, only)

    def next_disagreement(
        self,
        after: FeaturePlace | None = None,
        *,
        viewer: ReaderIdentity | None,
        undecided: bool = False,
        only: int | None = None,
    ) -> FeaturePlace | None:
        """The next feature on which readings differ, round to the first; None when there is none.

        Recordings that are sealed to the viewer are passed over, with `undecided` also what has a
        consensus; `only` stays in that recording.
        """
        with self._database.reading() as connection:
            return worklist.next_disagreement(
                connection, after, viewer=viewer, undecided=undecided, only=only
            )

    def next_to_decide(
        self, after: FeaturePlace | None = None, *, viewer: ReaderIdentity | None
    ) -> FeaturePlace | None:
        """The next feature on which those who decide together differ without a decision, or that one of them
        has changed since, round to the first; nothing that is sealed to the viewer."""
        with self._database.reading() as connection:
            return worklist.next_to_decide(connection, after, viewer=viewer)

    # ratings of explanations

    def ratings(
        self,
        *,
        recording_id: int | None = None,
        reader: ReaderIdentity | None = None,
        rater: ReaderIdentity | None = None,
        viewer: ReaderIdentity | None,
    ) -> tuple[StoredRating, ...]:
        """The ratings of explanations, of a recording, a reader or a rater, or all of them."""
        with self._database.reading() as connection:
            return ratings.ratings(connection, recording_id, reader, rater, viewer)

    def unrated(self, queue: Iterable[Explained], rater: ReaderIdentity) -> tuple[Explained, ...]:
        """The explanations of a queue that the rater has not rated in their present text."""
        rated = self.ratings(rater=rater, viewer=None)
        done = {ratings.known_by(one.explained) for one in rated if one.current}
        return tuple(one for one in queue if ratings.known_by(one) not in done)

    # history

    def history(
        self, recording_id: int | None = None, *, viewer: ReaderIdentity | None
    ) -> tuple[HistoryEntry, ...]:
        """Every change of a recording, or of the whole study, in order; without what is sealed."""
        with self._database.reading() as connection:
            fingerprint = (
                None if recording_id is None else recording_table.fingerprint_of(connection, recording_id)
            )
            found = history.entries(
                connection,
                fingerprint,
                conditions=history_search.seen_by(connection, () if viewer is None else (viewer,)),
            )
            return tuple(history_search.readable(connection, found))

    def history_page(
        self,
        wanted: HistoryFilter | None = None,
        *,
        limit: int = PAGE,
        before: int | None = None,
        viewers: Sequence[ReaderIdentity],
    ) -> HistoryPage:
        """The latest changes that fit the filter and that all viewers may see; `page.next` continues them."""
        with self._database.reading() as connection:
            return history_search.page(
                connection, wanted or HistoryFilter(), limit=limit, before=before, viewers=viewers
            )

    def check_pages(self, *, up_to: int | None = PAGES_CHECKED_AT_ONCE) -> None:
        """DamagedStudyError when SQLite finds a page of the file out of order.

        A study of more than `up_to` pages is not checked, since that takes its time; None: any study is.
        """
        with self._database.reading() as connection:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            whole = (up_to is not None and pages > up_to) or is_whole(connection)
        if not whole:
            raise damage.damage_error(
                "The study cannot be used because its study.sqlite is damaged", self._folder
            )

    def check(self) -> None:
        """DamagedStudyError when a page of the file is out of order, or the history is not whole."""
        self.check_pages(up_to=None)
        broken = self.verify_history()
        if broken:
            what = f"broken in {plural(len(broken), 'place')}, first: {broken[0].what}"
            raise damage.damage_error(f"The history of this study is {what}", self._folder)

    def verify_history(self) -> tuple[Broken, ...]:
        """Every row of the history that was changed, dropped or slipped in, and all that bypassed it."""
        with self._database.reading() as connection:
            return replay.verify(connection)
