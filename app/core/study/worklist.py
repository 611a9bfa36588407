"""The recordings of a study as a list of work: how far a reader is, who agrees, where to go next."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby

from app.core.plural import plural
from app.core.reading import ReaderIdentity
from app.core.semiology import FEATURES
from app.core.study import reader_table, recording_table, rows, sealing
from app.core.study import values as checks
from app.core.study.changed_since import changed_features
from app.core.study.consensus import CONSENSUS
from app.core.study.patient_data import NO_PATIENT_DATA, PatientData
from app.core.study.unreadable_rows import good_rows, quote, report_unreadable
from app.core.study.voters import Voters, voters

_IDS = tuple(feature.id for feature in FEATURES)
_ORDER = {feature: number for number, feature in enumerate(_IDS)}


class WorkStatus(StrEnum):
    """A reader's progress with a recording: done is all 20 answered, locked is closed with any number."""

    UNANSWERED = "unanswered"
    STARTED = "started"
    DONE = "done"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One recording in the worklist of one reader.

    `answered` features of 20; `readers` are the names of all who have a reading of it; `agreement` is
    the share of pairs of readers' answers (without the consensus) with the same presence, over the
    features that both answered: None when there is no such pair, or it is sealed to the viewer;
    `changed` is the last change of any reading (UTC), None without one; `has_video` is False where the
    study has labels alone; of `patient_data` a sealed recording shows what a blind reader may know.
    `changed_since`: on how many features the consensus is older than what one of its voters says.
    """

    recording_id: int
    name: str
    duration: float
    status: WorkStatus
    answered: int
    readers: tuple[str, ...]
    agreement: float | None
    changed: str | None
    has_video: bool = True
    patient_data: PatientData = NO_PATIENT_DATA
    changed_since: int = 0


@dataclass(frozen=True, slots=True)
class FeaturePlace:
    """One feature of one recording."""

    recording_id: int
    feature: str


_WORKLIST = """
WITH given AS (
    SELECT recording_id,
        count(presence) AS n,
        sum(presence = 'yes') AS yes,
        sum(presence = 'no') AS no
    FROM answers WHERE reader_id IS NOT :consensus AND {answered} GROUP BY recording_id, feature
), agreed AS (
    SELECT recording_id,
        sum(n * (n - 1)) AS pairs,
        sum(yes * (yes - 1) + no * (no - 1) + (n - yes - no) * (n - yes - no - 1)) AS same
    FROM given GROUP BY recording_id
), mine AS (
    SELECT recording_id, count(presence) AS answered
    FROM answers WHERE reader_id = :reader AND {answered} GROUP BY recording_id
)
SELECT recordings.id, recordings.name, duration, coalesce(answered, 0),
    CAST(same AS REAL) / nullif(pairs, 0)
FROM recordings
LEFT JOIN mine ON mine.recording_id = recordings.id
LEFT JOIN agreed ON agreed.recording_id = recordings.id
ORDER BY recordings.id
""".replace("{answered}", rows.ANSWERED)

_READ = """
SELECT recording_id, name, changed, iif(reader_id = :reader, locked, NULL)
FROM readings JOIN readers ON readers.id = reader_id
"""

_WRONG = f"SELECT count(*) FROM answers WHERE presence IS NOT NULL AND NOT ({rows.ANSWERED})"


@dataclass(slots=True)
class _Read:
    """The readers of a recording, the last change, and whether the worklist's reader has locked theirs."""

    names: set[str] = field(default_factory=set)
    changed: str | None = None
    locked: bool = False


def worklist(
    connection: sqlite3.Connection, reader: ReaderIdentity, *, viewer: ReaderIdentity | None
) -> tuple[WorkItem, ...]:
    """Every recording in the order in which they were added, with the reader's progress."""
    opened = sealing.open_recordings(connection, viewer)
    values = {
        "reader": reader_table.reader_id(connection, reader),
        "consensus": reader_table.reader_id(connection, CONSENSUS),
    }
    read = _read_by(connection, values)
    found = connection.execute(_WORKLIST, values).fetchall()
    (wrong,) = connection.execute(_WRONG).fetchone()
    if wrong:
        report_unreadable(connection, f"what is said in {plural(wrong, 'answer')}")

    known = recording_table.all_patient_data(connection)
    without_video = recording_table.without_video(connection)
    changed = changed_features(connection)

    def item(number: int, name: object, duration: object, answered: int, agreement: float | None) -> WorkItem:
        by, data = read.get(number, _Read()), known.get(number, NO_PATIENT_DATA)
        is_open = opened is None or number in opened
        return WorkItem(
            number,
            checks.name(name),
            checks.seconds(duration),
            _status(answered, locked=by.locked),
            answered,
            tuple(sorted(by.names)),
            agreement if is_open else None,
            by.changed,
            number not in without_video,
            data if is_open else data.known_to_blind_readers,
            len(changed.get(number, ())) if is_open else 0,
        )

    return tuple(
        good_rows(connection, found, item, lambda _number, name, *_row: f"the recording {quote(name)}")
    )


def _read_by(connection: sqlite3.Connection, values: dict[str, int | None]) -> dict[int, _Read]:
    """By recording; rows that cannot be read are left out."""
    found = connection.execute(_READ, values).fetchall()
    kept = good_rows(connection, found, _reading, lambda _number, name, *_row: f"how far {quote(name)} is")
    read: dict[int, _Read] = {}
    for number, name, changed, locked in kept:
        one = read.setdefault(number, _Read())
        one.names.add(name)
        one.changed = max(one.changed or changed, changed)
        one.locked = one.locked or locked is not None
    return read


def _reading(number: int, name: object, changed: object, locked: object) -> tuple[int, str, str, str | None]:
    return number, checks.name(name), checks.moment(changed), checks.maybe(checks.moment, locked)


def _status(answered: int, *, locked: bool) -> WorkStatus:
    if locked:
        return WorkStatus.LOCKED
    if answered == 0:
        return WorkStatus.UNANSWERED
    return WorkStatus.DONE if answered == len(_IDS) else WorkStatus.STARTED


@dataclass(frozen=True, slots=True)
class WorkFilter:
    """Which recordings are shown; empty conditions let all through.

    `text` stands in the name of the recording or of a reader, or in the patient data, whatever its case;
    `agreement_below` (0–1) shows those where readers agree less than that.
    """

    text: str = ""
    statuses: frozenset[WorkStatus] = frozenset()
    reader: str = ""
    agreement_below: float | None = None

    def to_text(self) -> str:
        """The text that `SetSavedFilter` stores."""
        return json.dumps(
            {
                "text": self.text,
                "statuses": sorted(self.statuses),
                "reader": self.reader,
                "agreement_below": self.agreement_below,
            }
        )

    @classmethod
    def from_text(cls, text: str) -> WorkFilter:
        """The inverse. Raises ValueError, KeyError or TypeError for any other text."""
        row = checks.fields(checks.json_of(text))
        statuses = frozenset(WorkStatus(checks.name(status)) for status in checks.items(row["statuses"]))
        below = checks.maybe(checks.finite, row["agreement_below"])
        return cls(checks.name(row["text"]), statuses, checks.name(row["reader"]), below)

    def shows(self, item: WorkItem) -> bool:
        wanted = self.text.casefold()
        return (
            any(wanted in text.casefold() for text in _searched(item))
            and (not self.statuses or item.status in self.statuses)
            and (not self.reader or self.reader in item.readers)
            and (
                self.agreement_below is None
                or (item.agreement is not None and item.agreement < self.agreement_below)
            )
        )


def _searched(item: WorkItem) -> tuple[str, ...]:
    return (item.name, *item.readers, *item.patient_data.texts.values())


_UNANSWERED = """
SELECT recordings.id, feature.value FROM recordings
CROSS JOIN json_each(:features) AS feature
LEFT JOIN answers ON answers.recording_id = recordings.id AND answers.reader_id = :reader
    AND answers.feature = feature.value
WHERE coalesce(answers.presence, '') NOT IN ({presences})
    AND (recordings.id, feature.key) > (:recording, :number)
    AND recordings.id = coalesce(:only, recordings.id)
ORDER BY recordings.id, feature.key LIMIT 1
""".replace("{presences}", rows.PRESENCES)


def next_unanswered(
    connection: sqlite3.Connection,
    reader: ReaderIdentity,
    after: FeaturePlace | None,
    only: int | None = None,
) -> FeaturePlace | None:
    """The next feature that the reader has not answered, round to the first; None when there is none."""
    values = {
        "reader": reader_table.reader_id(connection, reader),
        "features": json.dumps(_IDS),
        "only": only,
    }
    for start in (after, None) if after is not None else (None,):
        begin = (0, -1) if start is None else (start.recording_id, _ORDER[start.feature])
        row = connection.execute(_UNANSWERED, values | dict(zip(("recording", "number"), begin, strict=True)))
        found = row.fetchone()
        if found is not None:
            return FeaturePlace(*found)
    return None


# In the order of the index, so that SQLite need not look further than the first that is taken.
_DIFFERING = """
SELECT recording_id, feature FROM answers INDEXED BY answers_of_feature
WHERE {answered} AND reader_id IS NOT :consensus AND recording_id >= :recording
    AND (:among IS NULL OR (recording_id, reader_id) IN (
        SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(:among)))
    AND (:only IS NULL OR recording_id = :only)
GROUP BY recording_id, feature
HAVING (min(presence) <> max(presence)
    OR min(laterality) FILTER (WHERE laterality IN ({sides}))
        <> max(laterality) FILTER (WHERE laterality IN ({sides})))
    AND NOT (:undecided AND EXISTS (
        SELECT 1 FROM answers AS decided WHERE decided.recording_id = answers.recording_id
        AND decided.reader_id = :consensus AND decided.feature = answers.feature
        AND decided.presence IS NOT NULL))
ORDER BY recording_id, feature
""".replace("{answered}", rows.ANSWERED).replace("{sides}", rows.SIDES)


def next_disagreement(
    connection: sqlite3.Connection,
    after: FeaturePlace | None,
    *,
    viewer: ReaderIdentity | None,
    undecided: bool = False,
    among: Voters | None = None,
    only: int | None = None,
) -> FeaturePlace | None:
    """The next feature on which readings differ, round to the first; None when there is none.

    Recordings that are sealed to the viewer are passed over; `undecided` passes over what has a
    consensus; `among` takes these readings alone; `only` stays in that recording.
    Differing is what `disagreements` calls so.
    """
    opened = sealing.open_recordings(connection, viewer)
    values = {
        "consensus": reader_table.reader_id(connection, CONSENSUS),
        "undecided": undecided,
        "among": None if among is None else _pairs(among),
        "only": only,
    }
    for start in (after, None) if after is not None else (None,):
        begin = 0 if start is None else start.recording_id
        found = connection.execute(_DIFFERING, values | {"recording": begin})
        for number, features in groupby(found, key=lambda row: row[0]):
            if not isinstance(number, int) or (opened is not None and number not in opened):
                continue
            passed = _ORDER[start.feature] if start is not None and number == start.recording_id else -1
            places = [_ORDER[feature] for _number, feature in features if _ORDER[feature] > passed]
            if places:
                return FeaturePlace(number, _IDS[min(places)])
    return None


def _pairs(among: Voters) -> str:
    return json.dumps([(recording, reader) for recording, whose in among.items() for reader in whose])


def next_to_decide(
    connection: sqlite3.Connection, after: FeaturePlace | None, *, viewer: ReaderIdentity | None
) -> FeaturePlace | None:
    """The next feature of which the consensus is open or older than what a voter says, round to the first."""
    opened = sealing.open_recordings(connection, viewer)
    found = [
        FeaturePlace(number, feature)
        for number, features in changed_features(connection).items()
        if opened is None or number in opened
        for feature in features
    ]
    differs = next_disagreement(connection, after, viewer=viewer, undecided=True, among=voters(connection))
    begin = (0, -1) if after is None else (after.recording_id, _ORDER[after.feature])

    def way(place: FeaturePlace) -> tuple[bool, int, int]:
        here = place.recording_id, _ORDER[place.feature]
        return here <= begin, *here

    return min(filter(None, (differs, *found)), key=way, default=None)
