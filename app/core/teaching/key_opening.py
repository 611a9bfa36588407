"""The one way to a key: in practice only what the learner has answered, in a test only by the passphrase."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from app.core.containment import open_inside, read_inside
from app.core.errors import UserError
from app.core.semiology import Answer
from app.core.teaching.case_key import CaseKey, ChosenLookalike, KeyAnswer, key_from_bytes
from app.core.teaching.course import CourseCase, Sealing, TeachingCard, cards_of, practice_cases
from app.core.teaching.course_file import CourseFolder
from app.core.teaching.key_sealing import (
    SEALED_SIZE,
    CourseSecret,
    passphrase_secret,
    practice_secret,
    unseal_key,
)

NOT_ANSWERED = "The key is shown after you have answered."
SEALED_TEST = "This course is a test: its teacher opens the keys with a passphrase."


@dataclass(frozen=True, slots=True)
class OpenedKey:
    """What may be seen of the key of one card. `note` is the teacher's about the whole case, "" until every
    card of the case is answered; `lookalike` what they chose, None while it would give away another key."""

    expert: str
    key: KeyAnswer
    note: str
    lookalike: ChosenLookalike | None = None


@dataclass(frozen=True, slots=True)
class FoilAnswer:
    """What a model or program answered to a card, shown after the learner's own answer."""

    reader: str
    answer: Answer


def open_key(folder: CourseFolder, card: TeachingCard, answered: Collection[TeachingCard]) -> OpenedKey:
    """The key of a card that is among the `answered` ones of the learner.

    Raises UserError when it is not, when the course is a test, and when the key is missing or was changed.
    """
    key = _opened_after_answer(folder, card, answered)
    case = folder.course.case(card.case)
    everything = all(one in answered for one in cards_of((case,)))
    note = key.note if everything else ""
    lookalike = _shown_lookalike(folder, key, card, answered)
    return OpenedKey(key.expert, _of_feature(key, card), note, lookalike)


def _shown_lookalike(
    folder: CourseFolder, key: CaseKey, card: TeachingCard, answered: Collection[TeachingCard]
) -> ChosenLookalike | None:
    """What the teacher chose for a feature, of a case that is practised. That it only looks like the feature
    is the key there, so it is None until the feature is answered there too, if it is asked."""
    chosen = (key.lookalikes or {}).get(card.feature)
    if chosen is None or all(case.id != chosen.case for case in practice_cases(folder.course)):
        return None
    there = TeachingCard(chosen.case, card.feature)
    return chosen if there in answered or not folder.course.asks(there) else None


def open_foil(
    folder: CourseFolder, card: TeachingCard, answered: Collection[TeachingCard]
) -> FoilAnswer | None:
    """What a model said to a card that is among the `answered` ones; None when the course has no such answer.

    Raises UserError as `open_key` does.
    """
    key = _opened_after_answer(folder, card, answered)
    found = (key.foil or {}).get(card.feature)
    return None if found is None or found.presence is None else FoilAnswer(key.foil_reader, found)


def _opened_after_answer(
    folder: CourseFolder, card: TeachingCard, answered: Collection[TeachingCard]
) -> CaseKey:
    if card not in answered:
        raise UserError(NOT_ANSWERED)
    if folder.course.sealing is Sealing.TEST:
        raise UserError(SEALED_TEST)
    if not folder.course.asks(card):
        raise UserError("This course does not ask that.")
    return _opened(folder, folder.course.case(card.case), practice_secret(folder.course.salt))


def opened_keys(
    folder: CourseFolder, answered: Collection[TeachingCard], passphrase: str | None
) -> Mapping[TeachingCard, KeyAnswer]:
    """The keys of `answered` cards, for scores; a test's by its `passphrase`.

    A key that is missing or damaged costs its own cards. Raises UserError when no key can be opened.
    """
    course = folder.course
    if course.sealing is Sealing.TEST and passphrase is None:
        raise UserError(SEALED_TEST)
    secret = (
        passphrase_secret(passphrase, course.salt)
        if course.sealing is Sealing.TEST and passphrase is not None
        else practice_secret(course.salt)
    )
    found: dict[TeachingCard, KeyAnswer] = {}
    refusal: UserError | None = None
    for case in course.cases:
        cards = [card for card in cards_of((case,)) if card in answered]
        try:
            key = _opened(folder, case, secret) if cards else None
            found.update({card: _of_feature(key, card) for card in cards if key is not None})
        except UserError as error:
            refusal = refusal or error
    if refusal is not None and not found:
        raise refusal
    return found


def usable_cases(folder: CourseFolder) -> tuple[CourseCase, ...]:
    """The cases for practice whose clip is there and whose key can be opened; of a test all with a clip."""
    secret = practice_secret(folder.course.salt)
    there = (case for case in practice_cases(folder.course) if folder.clip(case).is_file())
    if folder.course.sealing is Sealing.TEST:
        return tuple(there)
    return tuple(case for case in there if _opens(folder, case, secret))


def _opens(folder: CourseFolder, case: CourseCase, secret: CourseSecret) -> bool:
    try:
        return set(case.asked) <= set(_opened(folder, case, secret).asked)
    except UserError:
        return False


def _of_feature(key: CaseKey, card: TeachingCard) -> KeyAnswer:
    if card.feature not in key.answers:
        raise UserError("The key of a case leaves open what the course asks; ask its teacher.")
    return key.answers[card.feature]


def _opened(folder: CourseFolder, case: CourseCase, secret: CourseSecret) -> CaseKey:
    try:
        sealed = read_inside(folder.key(case), folder.path, largest=SEALED_SIZE)
    except FileNotFoundError as error:
        raise UserError("This course has no key for this case, so it cannot be scored.") from error
    except (OSError, ValueError) as error:
        raise UserError("The key of a case cannot be read.") from error
    return key_from_bytes(unseal_key(sealed, secret, folder.course.id, case))


def check_clip(folder: CourseFolder, case: CourseCase) -> None:
    """Check that the clip is there, with the bytes that the course was made with. Raises UserError."""
    path = folder.clip(case)
    try:
        handle = open_inside(path, folder.path, os.O_RDONLY)
    except OSError as error:
        raise UserError(
            f"The recording “{case.clip}” of this course is missing; the other cases can be practised."
        ) from error
    with os.fdopen(handle, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != case.sha256:
        raise UserError(f"The recording “{case.clip}” was changed since this course was made.")
