"""The state of the person's reading besides its answers, and what is withheld from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

from app.core.reading import ReaderIdentity
from app.core.semiology import Answer
from app.core.study.consensus import CONSENSUS

if TYPE_CHECKING:
    from app.core.reading import Reading
    from app.core.study.full_reading import FullReading
    from app.core.study.marks import Mark
    from app.core.study.ratings import StoredRating
    from app.core.study.store import Study


class SealState(Enum):
    """What the person may see of the others' answers."""

    OPEN = auto()
    SEALED = auto()
    ASKING = auto()
    """Sealed until the person has said how this study is read."""


@dataclass(frozen=True, slots=True)
class MyReading:
    """The state of the person's reading of the open recording.

    `withheld` names the readers whose answers exist and are sealed; `at_lock` is what the reading said
    when it was locked, and `blind` whether it was sealed until then; `people` are the names of the study's
    human readers; `consensus` is what was decided together, with the note by feature.
    """

    seal: SealState = SealState.OPEN
    notes: Mapping[str, str] = field(default_factory=dict)
    marks: tuple[Mark, ...] = ()
    locked: bool = False
    revealed: bool = False
    withheld: tuple[str, ...] = ()
    known: tuple[ReaderIdentity, ...] = ()
    at_lock: Reading | None = None
    blind: bool = False
    people: tuple[str, ...] = ()
    blind_study: bool = False
    consensus_notes: Mapping[str, str] = field(default_factory=dict)
    ratings: tuple[StoredRating, ...] = ()

    @property
    def sealed(self) -> bool:
        return self.seal is not SealState.OPEN

    @property
    def standing(self) -> tuple[object, ...]:
        """Everything but notes, marks, ratings and what was decided together."""
        return (
            self.seal,
            self.locked,
            self.revealed,
            self.withheld,
            self.known,
            self.at_lock,
            self.blind,
            self.people,
            self.blind_study,
        )

    def note(self, feature: str) -> str:
        return self.notes.get(feature, "")

    def moment(self, kind: str) -> float | None:
        """Seconds of the seizure's `onset` or `end`, None when it is not marked."""
        return next((mark.seconds for mark in self.marks if mark.kind == kind), None)

    @property
    def unblinded(self) -> bool:
        """Whether it was locked blind and the others' answers were revealed since."""
        return self.blind and self.revealed

    def before_reveal(self, feature: str) -> Answer | None:
        """The answer at the lock, None while nothing was revealed."""
        return self.at_lock.answer(feature) if self.at_lock is not None and self.revealed else None


NO_READING = MyReading()


def my_reading_of(
    study: Study, recording_id: int, full: FullReading, *, asking: bool, open_to_all: bool
) -> MyReading:
    """The person's state besides what `full` says, which is their reading of the recording.

    With `open_to_all` nothing is sealed, with `asking` everything is.
    """
    me = full.reading.reader
    viewer = None if open_to_all else me
    states = study.readers(recording_id, viewer=viewer)
    mine = next((state for state in states if state.reader.is_same(me)), None)
    sealed = not open_to_all and study.is_sealed(recording_id, me)
    locked = mine is not None and mine.locked
    at_lock = study.answers_at_lock(recording_id, me, viewer=me) if locked else None
    decided = {} if sealed else study.full_reading(recording_id, CONSENSUS, viewer=viewer).notes
    return MyReading(
        seal=SealState.ASKING if sealed and asking else SealState.SEALED if sealed else SealState.OPEN,
        notes=full.notes,
        marks=full.marks,
        locked=mine is not None and mine.locked is not None,
        revealed=mine is not None and mine.revealed is not None,
        withheld=tuple(state.reader.name for state in states if state.withheld),
        known=tuple(state.reader for state in states),
        at_lock=at_lock.reading if at_lock is not None else None,
        blind=mine is not None and mine.blind is True,
        people=tuple(one.name for one in study.people()),
        blind_study=not open_to_all and study.settings().blind_by_default,
        consensus_notes=decided,
        ratings=() if sealed else study.ratings(recording_id=recording_id, rater=me, viewer=viewer),
    )


def blindness_decided(study: Study) -> bool:
    """Whether somebody has said how this study is read."""
    from app.core.study.history_search import HistoryFilter
    from app.core.study.sealing import BLIND_BY_DEFAULT

    wanted = HistoryFilter(subject="setting", feature=BLIND_BY_DEFAULT)
    return bool(study.history_page(wanted, limit=1, viewers=()).rows)
