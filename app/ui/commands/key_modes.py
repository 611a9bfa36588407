"""Keys that mean something else for a while, in the whole window: in a round of ratings, in the consensus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from app.core.semiology import Laterality, Presence
from app.ui.session.rating_round import RatingRound


@dataclass(frozen=True, slots=True)
class KeyMode:
    """What keys (in Qt's portable spelling) do instead of their commands while the mode is `active`."""

    active: Callable[[], bool]
    slots: Mapping[str, Callable[[], None]]


def slot_in(modes: Iterable[KeyMode], keys: str) -> Callable[[], None] | None:
    """What the keys do in the first mode that is active and has them; None leaves them to the commands."""
    return next((mode.slots[keys] for mode in modes if keys in mode.slots and mode.active()), None)


def rating_mode(ratings: RatingRound) -> KeyMode:
    """1–5, Backspace (back) and N (skip) from the moment at which a round of ratings is begun."""
    scores = {str(score): partial(ratings.rate, score) for score in range(1, 6)}
    return KeyMode(lambda: ratings.has_keys, {**scores, "Backspace": ratings.back, "N": ratings.skip})


PRESENCE_OF = {"Y": Presence.YES, "N": Presence.NO, "U": Presence.NOT_ASSESSABLE}
"""The keys that answer, and that decide in the consensus."""

SIDE_OF = {"2": Laterality.LEFT, "Q": Laterality.LEFT, "3": Laterality.RIGHT, "4": Laterality.BOTH}
"""The keys of the patient's sides; what decides them is *yes*."""


TAKING = "56789"
"""In the consensus each takes the answer of a reader as it is, or their onset: of the first reader, …"""


def deciding_mode(
    active: Callable[[], bool],
    decide: Callable[[Presence, Laterality | None], None],
    take: Callable[[int], None],
) -> KeyMode:
    """The answering keys decide, while the consensus has the keyboard; further ones take an answer."""
    presences = {key: partial(decide, presence, None) for key, presence in PRESENCE_OF.items()}
    sides = {key: partial(decide, Presence.YES, side) for key, side in SIDE_OF.items()}
    readers = {key: partial(take, place) for place, key in enumerate(TAKING)}
    return KeyMode(active, {**presences, **sides, **readers})
