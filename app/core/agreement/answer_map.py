"""What every reader says of every feature in every recording, as numbers that are drawn as cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from app.core.agreement.comparison import names_by_key
from app.core.agreement.study_readings import RecordingReadings
from app.core.presence_text import PRESENCE_NAMES
from app.core.reading import Reading
from app.core.semiology import FEATURES, Presence


class SaidState(IntEnum):
    """What a reader says of a feature; `SEALED`: nothing is known, because it may be withheld."""

    UNANSWERED = 0
    NO = 1
    YES = 2
    NOT_ASSESSABLE = 3
    SEALED = 4


_STATES: Mapping[Presence | None, SaidState] = {
    None: SaidState.UNANSWERED,
    Presence.NO: SaidState.NO,
    Presence.YES: SaidState.YES,
    Presence.NOT_ASSESSABLE: SaidState.NOT_ASSESSABLE,
}
STATE_PRESENCES: Mapping[SaidState, Presence | None] = {
    state: presence for presence, state in _STATES.items() if presence is not None
}
STATE_WORDS: Mapping[SaidState, str] = {
    **{state: PRESENCE_NAMES[presence] for presence, state in _STATES.items()},
    SaidState.SEALED: "sealed",
}


@dataclass(frozen=True, slots=True, eq=False)
class AnswerMap:
    """Readers by name, recordings by number and name, and `states` (recordings, features, readers): numbers
    of `SaidState`, features in the order of the checklist."""

    readers: tuple[str, ...]
    numbers: tuple[int, ...]
    names: tuple[str, ...]
    states: npt.NDArray[np.uint8]

    def differs(self) -> npt.NDArray[np.bool_]:
        """(recordings, features) where one says yes and another no."""
        yes, no = (np.asarray(self.states == state).any(axis=2) for state in (SaidState.YES, SaidState.NO))
        return np.asarray(yes & no)

    def words(self, row: int, feature: int) -> str:
        """What is said of a feature (its place) in a recording (its row), by everybody."""
        said = (
            f"{name}: {STATE_WORDS[SaidState(int(state))]}"
            for name, state in zip(self.readers, self.states[row, feature], strict=True)
        )
        return f"{self.names[row]}, {FEATURES[feature].name}. {', '.join(said)}."


def answer_map(found: Sequence[RecordingReadings], readers: Mapping[str, Sequence[Reading]]) -> AnswerMap:
    """The map of the readings that may be seen, of these readers by name."""
    places = {name: place for place, name in enumerate(readers)}
    columns = {key: places[name] for key, name in names_by_key(readers).items()}
    states = np.zeros((len(found), len(FEATURES), len(places)), np.uint8)
    for row, recording in enumerate(found):
        if recording.sealed:
            states[row] = SaidState.SEALED
        for reading in recording.readings:
            place = columns.get(reading.reader.exact_key)
            if place is not None:
                states[row, :, place] = [_STATES[reading.answer(one.id).presence] for one in FEATURES]
    return AnswerMap(
        tuple(readers),
        tuple(recording.number for recording in found),
        tuple(recording.name for recording in found),
        states,
    )
