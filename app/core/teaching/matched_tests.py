"""The tests before and after: disjoint recordings, the same features, as many of them shown in both."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from itertools import cycle, islice
from types import MappingProxyType

from app.core.errors import UserError
from app.core.semiology import Presence
from app.core.teaching.case_key import CaseKey
from app.core.teaching.course import Sitting, TeachingCard

_ATTEMPTS = 400


def matched_tests(
    keys: Mapping[str, CaseKey],
    features: Sequence[str],
    size: int,
    seed: int,
    patients: Mapping[str, str] = MappingProxyType({}),
) -> dict[Sitting, tuple[TeachingCard, ...]]:
    """Two tests of `size` cards from the recordings of `keys` (by case), each recording in one card, and the
    recordings of one of the `patients` (by case) in one test.

    Both ask every feature equally often, and the numbers of cards whose key says yes differ by at most one
    wherever the recordings allow it. Within a feature they are left to chance: from the key of one test
    nothing follows about the same feature in the other. Raises UserError without enough recordings.
    """
    if 2 * size > len(keys):
        raise UserError(f"Two tests of {size} cards need {2 * size} recordings; there are {len(keys)}.")
    source = random.Random(seed)
    best: tuple[int, tuple[list[TeachingCard], list[TeachingCard]]] | None = None
    for _ in range(_ATTEMPTS):
        drawn = _drawn(keys, features, size, source, patients)
        if drawn is None:
            continue
        gap = abs(_shown(drawn[0], keys) - _shown(drawn[1], keys))
        if best is None or gap < best[0]:
            best = gap, drawn
        if gap <= 1:
            break
    if best is None:
        raise UserError(
            "The recordings are of too few patients, or their keys leave too much open, for two tests of the "
            "same features; make the tests shorter."
        )
    before, after = best[1]
    return {Sitting.BEFORE: tuple(before), Sitting.AFTER: tuple(after)}


def _drawn(
    keys: Mapping[str, CaseKey],
    features: Sequence[str],
    size: int,
    source: random.Random,
    patients: Mapping[str, str],
) -> tuple[list[TeachingCard], list[TeachingCard]] | None:
    """Two tests at random; None when a feature found no recording whose key answers it."""
    order = [name for name in features if sum(name in key.asked for key in keys.values()) > 1]
    source.shuffle(order)
    free = list(keys)
    source.shuffle(free)
    tests: tuple[list[TeachingCard], list[TeachingCard]] = ([], [])
    place: dict[str, int] = {}
    for feature in islice(cycle(order), size):
        for number, test in enumerate(tests):
            fitting = (name for name in free if feature in keys[name].asked)
            case = next(
                (name for name in fitting if place.get(patients.get(name, name), number) == number), None
            )
            if case is None:
                return None
            free.remove(case)
            place[patients.get(case, case)] = number
            test.append(TeachingCard(case, feature))
    return tests


def _shown(cards: Sequence[TeachingCard], keys: Mapping[str, CaseKey]) -> int:
    return sum(keys[card.case].answers[card.feature].answer.presence is Presence.YES for card in cards)
